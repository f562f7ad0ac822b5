"""Nothing typed is lost when a session ends: a form sent too late is kept until its sender has logged in again."""

from typing import Any

from django.http import HttpRequest, QueryDict

_KEY = "typed_input"
MAX_CHARACTERS = 300_000


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
        request.session[_KEY] = {"path": request.path, "fields": fields}


def kept_for(request: HttpRequest, *paths: str) -> QueryDict | None:
    """What was sent to one of the paths (this page's own where none is named) after the session's end, if anything."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or kept["path"] not in (paths or (request.path,)):
        return None
    data = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        data.setlist(name, values)
    return data


def forget(request: HttpRequest) -> None:
    """The input has been saved, or given up."""
    request.session.pop(_KEY, None)
