"""Nothing typed is lost when a session ends: a form sent too late is kept until its sender has logged in again.

Within bounds: for an hour, MAX_CHARACTERS of it, one form, and only in a browser where somebody has signed in before."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone

_KEY = "typed_input"
MAX_CHARACTERS = 300_000
KEPT_SECONDS = 60 * 60


def keep(request: HttpRequest) -> None:
    """Put the sent fields (neither files nor passwords) into the session that the login form will carry on.

    What a script sends while someone types is not kept: it would take the place of what they send themselves.
    """
    if request.headers.get("X-While-Typing"):
        return
    fields = {
        name: values
        for name, values in request.POST.lists()
        if name != "csrfmiddlewaretoken" and "password" not in name
    }
    if sum(len(name) + sum(map(len, values)) for name, values in fields.items()) <= MAX_CHARACTERS:
        request.session[_KEY] = {"path": request.path, "fields": fields, "until": _now() + KEPT_SECONDS}
        request.session.set_expiry(KEPT_SECONDS)


def kept_for(request: HttpRequest, *paths: str) -> QueryDict | None:
    """What was sent to one of the paths (this page's own where none is named) after the session's end, if anything."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or kept["until"] < _now() or kept["path"] not in (paths or (request.path,)):
        return None
    data = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        data.setlist(name, values)
    return data


def forget(request: HttpRequest) -> None:
    """The input has been saved, or given up."""
    request.session.pop(_KEY, None)


def carry_over(sender: object, request: HttpRequest, **kwargs: Any) -> None:
    """A login (Django's signal `user_logged_in`) takes the kept input along, and the session lives as long as any."""
    request.session.set_expiry(None)


def _now() -> int:
    return int(timezone.now().timestamp())
