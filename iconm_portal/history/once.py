"""A form that is sent twice does once what it says: the second answer is the first one's.

Every page's forms carry a value that no other page has: the masked token against forged requests, drawn anew for each page.
With the address and everything that was sent, it makes the key of a sending. Whoever writes first claims the key in the
transaction of the write itself, since every write leaves its row in the history; whoever comes second meets the claim and
writes nothing. The same form sent again with something else in it is another sending.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from iconm_portal.models import Sending

_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field


class SentTwice(Exception):
    """What was sent was done already, by the first sending of the same."""


class _Open:
    """A sending while it is answered."""

    def __init__(self, key: str) -> None:
        self.key, self.is_claimed = key, False


_now: ContextVar["_Open | None"] = ContextVar("sending", default=None)


def key_of(request: HttpRequest) -> str:
    """The key of what was sent; empty where it carries no token, as from a script."""
    token = request.POST.get(_TOKEN, "") if request.method == "POST" else ""
    if not token:
        return ""
    digest = hashlib.sha256(f"{request.user.pk}\n{request.get_full_path()}\n".encode())
    for name, values in sorted(request.POST.lists()):
        digest.update(repr((name, values)).encode())
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.size)).encode())
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.hexdigest()


@contextmanager
def sending(key: str) -> Iterator[Any]:
    """While it is answered, the first write claims the key."""
    opened = _Open(key)
    token = _now.set(opened)
    try:
        yield opened
    finally:
        _now.reset(token)


def claim() -> None:
    """In the transaction of a write: claim what is being answered, if anything is. SentTwice where another has it.

    On PostgreSQL whoever comes second waits here until the first has committed; on SQLite there is one writer anyway.
    """
    opened = _now.get()
    if opened is None or opened.is_claimed:
        return
    try:
        with transaction.atomic():
            Sending.objects.create(key=opened.key)
    except IntegrityError:
        raise SentTwice from None
    opened.is_claimed = True
