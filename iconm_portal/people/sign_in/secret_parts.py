"""Parts of addresses that open something by themselves: a calendar, a choice of a new password. No log holds them.

It knows no model: the log is set up before there are any.
"""

import logging
from typing import Final

from django.http import HttpRequest

SECRET_PARTS: Final = ("secret", "token")
"""As the addresses name them (urls.py)."""


def path_of(request: HttpRequest) -> str:
    """The path as it may be written down."""
    path, match = request.path, request.resolver_match
    for name in SECRET_PARTS:
        if match and name in match.kwargs:
            path = path.replace(str(match.kwargs[name]), "…")
    return path


class WithoutSecrets(logging.Filter):
    """Django writes down the path of every answer from 400 on; here without its secret part."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and isinstance(record.args, tuple):
            record.args = tuple(path_of(request) if part == request.path else part for part in record.args)
        return True
