"""What is no fault of the portal's: its database is away or held by somebody else, or the disk is full.

Said as such (503, to be tried again) in place of "something went wrong", with a way to send again what was typed. Written
into the log by one line in a while and not by a traceback for every request: a database that was away for twelve seconds
once wrote 209,000 lines.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from iconm_portal.forms import unsent_input
from iconm_portal.values.faults import Fault, fault_of

RETRY_SECONDS: Final = 30


def answer(request: HttpRequest) -> HttpResponse:
    """Django's handler500: what an uncaught error is answered with."""
    fault = fault_of(sys.exc_info()[1])
    return server_error(request) if fault is None else page(request, fault)


def page(request: HttpRequest, fault: Fault) -> HttpResponse:
    """503, with what was sent in a form that can be sent again. Nothing is asked of the database."""
    sent = _sent(request) if request.method == "POST" else None
    context = {
        "said": fault.said,
        "path": request.get_full_path(),
        "was_sent": request.method == "POST",
        "sent": sent,
        "is_done_once": bool(sent) and any(name == unsent_input.FORM_KEY for name, _text in sent or ()),
        "files_again": bool(sent) and bool(request.FILES),
    }
    # Without the request: who is signed in stands in the database.
    text = render_to_string("503.html", context)
    return HttpResponse(
        text, status=503, headers={"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"}
    )


def _sent(request: HttpRequest) -> list[tuple[str, str]] | None:
    """The fields that can be sent again as they are; None where a password is among them, or more than is kept elsewhere."""
    fields = [(name, text) for name, texts in request.POST.lists() for text in texts]
    is_secret = any("password" in name for name, _text in fields)
    size = sum(len(name) + len(text) for name, text in fields)
    return None if is_secret or not fields or size > unsent_input.MAX_CHARACTERS else fields


class WritersWaitOutside:
    """SQLite has one writer. Those who wait for it shall not take every thread: reading goes on, and `health` answers.

    At most WRITERS_AT_ONCE requests that may write are let in at a time, in each process; the server has more threads.
    More of them wait as long as those before them get done, and no longer.
    """

    STUCK_SECONDS: Final = 1.0
    LOOKS_EVERY_SECONDS: Final = 0.1

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._room = threading.BoundedSemaphore(settings.WRITERS_AT_ONCE)
        self._last_done = time.monotonic()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        if not self._is_let_in():
            return page(request, Fault.BUSY)
        try:
            return self.get_response(request)
        finally:
            self._last_done = time.monotonic()
            self._room.release()

    def _is_let_in(self) -> bool:
        came = time.monotonic()
        while not self._room.acquire(timeout=self.LOOKS_EVERY_SECONDS):
            if time.monotonic() - max(came, self._last_done) > self.STUCK_SECONDS:
                return False
        return True


@dataclass(slots=True)
class _Seen:
    until: float
    left_out: int = 0


class OnceInAWhile(logging.Filter):
    """Lets an error through once in ten seconds, and with the next one says how many like it were left out.

    Errors are alike where they have the same type and were raised at the same place; faults where they are the same, and
    these come without their traceback: it would tell of the driver, and nothing of the reason.
    """

    SECONDS: Final = 10.0

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._seen: dict[Any, _Seen] = {}
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        fault = fault_of(error)
        left_out = self._left_out(fault or _place(error))
        if left_out is None:
            return False
        if fault is not None:
            first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
            record.msg = f"{fault.name} at {record.getMessage()}: {first_line}"
            record.args = ()
            record.exc_info = record.exc_text = None
        if left_out:
            record.msg = f"{record.getMessage()} (and {left_out} more like it before)"
            record.args = ()
        return True

    def _left_out(self, alike: Any) -> int | None:
        """How many were left out since the last one that was let through; None where this one is left out too."""
        now = self._now()
        with self._lock:
            seen = self._seen.get(alike)
            if seen is not None and now < seen.until:
                seen.left_out += 1
                return None
            # Those that are over are forgotten, so that what is kept here does not grow.
            self._seen = {key: one for key, one in self._seen.items() if now < one.until or one.left_out}
            self._seen[alike] = _Seen(now + self.SECONDS)
        return 0 if seen is None else seen.left_out


def _place(error: BaseException) -> tuple[type[BaseException], str, int]:
    step = error.__traceback__
    while step is not None and step.tb_next is not None:
        step = step.tb_next
    if step is None:
        return type(error), "", 0
    return type(error), step.tb_frame.f_code.co_filename, step.tb_lineno
