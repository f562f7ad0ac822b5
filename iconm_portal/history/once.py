"""A form that is sent twice does once what it says: who writes first claims the key of the form, whoever comes second meets it.

Every form that a page shows carries a key of its own (`iconm_portal/forms/form_tags.py`), and `iconm_portal/site/sent_once.py`
opens a sending for each that comes with one. The claim is made in the transaction of the write itself, since every write
leaves its row in the history: so it is there exactly if something was done. What was refused has claimed nothing and is
tried anew. Decision record 23.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, connection, transaction

from iconm_portal.models import Sending

LONGEST_LOCATION: Final = 2000


class SentTwice(Exception):
    """What this form says was done already, by an earlier sending of it. Nothing may be done with this one."""


@dataclass
class Opened:
    """A sending while it is answered: the key of its form, and a digest of what was sent."""

    key: str
    contents: str
    is_done: bool = False

    @property
    def is_claimed(self) -> bool:
        """Whether the claim stands: committed, or in a transaction that is still open. One that was undone does not."""
        return self.is_done or any(hook[1] == self._done for hook in connection.run_on_commit)

    def _done(self) -> None:
        self.is_done = True

    def claim(self) -> None:
        """Take the key. SentTwice where another sending of the form has it.

        On PostgreSQL whoever comes second waits here until the first has ended; on SQLite there is one writer anyway.
        """
        try:
            with transaction.atomic():
                Sending.objects.create(key=self.key, contents=self.contents)
        except IntegrityError:
            raise SentTwice from None
        transaction.on_commit(self._done)

    def answered(self, status: int, location: str) -> None:
        """Keep where its answer led, for whoever sends it again."""
        location = location if len(location) <= LONGEST_LOCATION else ""
        # In a transaction one takes turns with others who write (iconm_portal/site/sqlite3).
        with transaction.atomic(savepoint=False):
            Sending.objects.filter(key=self.key).update(status=status, location=location)


_now: ContextVar[Opened | None] = ContextVar("sending", default=None)


@contextmanager
def sending(key: str, contents: str) -> Iterator[Opened]:
    """While it is answered, the first write claims the key."""
    opened = Opened(key, contents)
    token = _now.set(opened)
    try:
        yield opened
    finally:
        _now.reset(token)


def claim() -> None:
    """In the transaction of a write: claim what is being answered, if anything is. SentTwice where it was done before.

    `history.record` asks it; what leaves no row in the history (a job, a file that is only read) asks it itself.
    """
    opened = _now.get()
    if opened is not None and not opened.is_claimed:
        opened.claim()


def first_of(key: str) -> Sending | None:
    """The sending that did what the form says, if there is one."""
    return Sending.objects.filter(key=key).first()
