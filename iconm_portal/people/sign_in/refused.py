"""Who asked for what they have no right to: a line of the log that says who, from where and for what.

A line and no event of the record of use: a curious person would fill that with them.
"""

import json
import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from iconm_portal.models import User
from iconm_portal.people.auth import client_address
from iconm_portal.people.sign_in import secret_parts

# Beside the lines of the record of use, so that the city's syslog has both.
log = logging.getLogger("iconm_portal.audit")
MOST_CHARACTERS = 200


class RefusalsAreLogged:
    """Every 403, also of a form that comes from another site; and every center that is not the person's (404)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 403 or getattr(request, "refused_center", False):
            log.warning(json.dumps(_line(request, response.status_code), ensure_ascii=False))
        return response


def _line(request: HttpRequest, status: int) -> dict[str, object]:
    """In the form of the record's own lines (`audit.as_json`); what is asked for is cut short."""
    user = request.user
    person = user if isinstance(user, User) else None
    return {
        "at": timezone.now().isoformat(),
        "event": "refused",
        "username": person.username if person else "",
        "name": person.name if person else "",
        "organisation": person.organisation.code if person else "",
        "address": client_address(request),
        "browser": request.META.get("HTTP_USER_AGENT", "")[:MOST_CHARACTERS],
        "what": f"{status} {request.method} {secret_parts.path_of(request)[:MOST_CHARACTERS]}",
    }
