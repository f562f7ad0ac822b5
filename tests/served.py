"""The portal as `make run` serves it: the command of the Makefile itself, on the database of the test, over real HTTP."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings

from iconm_portal.models import User
from tests.iconm_portal.work.workers import surroundings, until
from tests.people import client_of

_COMMAND = re.compile(r"exec \$\(PY\) (-m iconm_portal\.work\.watched .*?[^\\])\n", re.DOTALL)


def command(port: int) -> list[str]:
    """What `make run` becomes when all is set up."""
    [words] = _COMMAND.findall((Path(settings.BASE_DIR) / "Makefile").read_text())
    programs = Path(sys.executable).parent
    told = words.replace("\\\n", " ").replace("$(PORT)", str(port)).replace(".venv/bin", str(programs))
    return [sys.executable, *told.split()]


@dataclass(frozen=True)
class Answer:
    """What came back, read to its end."""

    status: int
    location: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Visitor:
    """A browser of one person, or of nobody; http.client's own errors where the server's side breaks off."""

    def __init__(self, port: int, person: User | None) -> None:
        self._port = port
        self._cookies = {name: one.value for name, one in client_of(person).cookies.items()}

    def begin(self, method: str, address: str, body: str | None = None) -> http.client.HTTPConnection:
        """Send a request, whose answer is not read yet."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=120)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, address, body, headers)
        return connection

    def get(self, address: str) -> Answer:
        return self._answer("GET", address, None)

    def post(self, address: str, fields: dict[str, str]) -> Answer:
        """As a form of a page that was fetched before, whose token is among its fields."""
        return self._answer("POST", address, urlencode(fields))

    def _answer(self, method: str, address: str, body: str | None) -> Answer:
        with closing(self.begin(method, address, body)) as connection:
            response = connection.getresponse()
            for given in response.headers.get_all("Set-Cookie", []):
                name, _equals, value = given.partition(";")[0].partition("=")
                self._cookies[name] = value
            return Answer(response.status, response.headers.get("Location", ""), response.read())


@dataclass(frozen=True)
class Server:
    """The running programs: gunicorn with its workers, the watcher, and the worker for jobs."""

    port: int
    process: subprocess.Popen[bytes]

    def visitor(self, person: User | None) -> Visitor:
        return Visitor(self.port, person)

    def processes(self) -> dict[int, str]:
        """All of them, by number: `server`, `web` (its workers), `watcher` or `worker` (for jobs)."""
        children = _children(self.process.pid)
        found = {self.process.pid: "server"}
        for child in children:
            grandchildren = _children(child)
            if b"work.watched" in _command_of(child):
                found |= {child: "watcher", **dict.fromkeys(grandchildren, "worker")}
            else:
                found[child] = "web"
        return found

    def named(self, name: str) -> list[int]:
        return [process for process, its_name in self.processes().items() if its_name == name]

    def serving(self, connection: http.client.HTTPConnection) -> int:
        """The web process that holds the other end of a connection; ValueError unless it has taken it."""
        ours = connection.sock.getsockname()[1]
        [inode] = _sockets(local=self.port, remote=ours)
        [process] = [one for one in self.named("web") if f"socket:[{inode}]" in _open_files(one)]
        return process


def _sockets(local: int, remote: int) -> Iterator[str]:
    """The inodes of the sockets between two ports of this machine, the first one's side."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _number, here, there, _state, _queues, _timer, _resent, _uid, _timeout, inode = line.split()[:10]
        if [int(side.rpartition(":")[2], 16) for side in (here, there)] == [local, remote]:
            yield inode


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _command_of(process: int) -> bytes:
    return Path(f"/proc/{process}/cmdline").read_bytes()


def _open_files(process: int) -> set[str]:
    return {os.readlink(file) for file in Path(f"/proc/{process}/fd").iterdir()}


@contextmanager
def served(environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Until the end of the block; then it is ended as by Ctrl-C. Without an `environment` it works on the test's database."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        command(port), cwd=settings.BASE_DIR, env=environment or surroundings(), start_new_session=True
    )
    server = Server(port, process)
    try:
        until(lambda: _answers(port))
        until(lambda: server.named("worker"))
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def _answers(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
