"""The city's own virus scanner, a command that says of a file whether it is clean.

`VIRUS_SCAN` is the command: "{path}" in it is the path of the file, otherwise the file comes on its standard input. It ends
with 0 for a clean file and with 1 for an infected one. Whatever else it does (another status, no answer within
`VIRUS_SCAN_SECONDS`, no such program) is no answer, and what was not scanned is not taken.
"""

import logging
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.conf import settings

from iconm_portal.forms.inspection.refusals import Refusal, UploadRefused

log = logging.getLogger(__name__)

CLEAN: Final = 0
INFECTED: Final = 1
PATH: Final = "{path}"

Note = Callable[[Refusal], None]
_note: ContextVar[Note | None] = ContextVar("note", default=None)


@contextmanager
def noted_by(note: Note) -> Iterator[None]:
    """While a request is answered: who writes down that a file was found infected, or that the scanner gave no answer."""
    token = _note.set(note)
    try:
        yield
    finally:
        _note.reset(token)


def check_virus(data: bytes) -> None:
    """UploadRefused unless the scanner, where the city has set one up, says that the file is clean."""
    if not settings.VIRUS_SCAN:
        return
    status = _status(data)
    if status == CLEAN:
        return
    refusal = Refusal.INFECTED if status == INFECTED else Refusal.NOT_SCANNED
    note = _note.get()
    if note is not None:
        note(refusal)
    raise UploadRefused(refusal)


def _status(data: bytes) -> int | None:
    """What the command ended with; None where it did not end, or never began."""
    command = shlex.split(settings.VIRUS_SCAN)
    try:
        if not any(PATH in word for word in command):
            return _run(command, data)
        with TemporaryDirectory() as folder:  # which is private
            file = Path(folder) / "file"
            file.write_bytes(data)
            return _run([word.replace(PATH, str(file)) for word in command], b"")
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("The virus scanner gave no answer: %s", error)
        return None


def _run(command: list[str], data: bytes) -> int:
    done = subprocess.run(  # noqa: S603 - the command is the city's own, from the environment; no shell reads it
        command,
        input=data,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=settings.VIRUS_SCAN_SECONDS,
        check=False,
    )
    match done.returncode:
        case 0:
            pass
        case 1:
            log.warning("The virus scanner found a file infected")
        case status:
            log.error("The virus scanner ended with status %s", status)
    return done.returncode
