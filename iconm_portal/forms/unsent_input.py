"""Nothing typed is lost when a session ends: a form sent too late is kept until its sender has logged in again.

Within bounds: for an hour, MAX_CHARACTERS of it, one form, and only in a browser where somebody has signed in before."""

from typing import Any, Final

from django.http import HttpRequest, QueryDict

from iconm_portal.values import clock

_KEY = "typed_input"
_SHOWN = "kept_form_key"
MAX_CHARACTERS = 300_000
KEPT_SECONDS = 60 * 60
TOKEN: Final = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field
FORM_KEY: Final = "form_key"
"""The field by which a form is known when it is sent twice (`form_tags`)."""


def keep(request: HttpRequest, *, as_another: bool = False) -> None:
    """Put the sent fields (neither files nor passwords) into the session that the login form will carry on.

    What a script sends while someone types is not kept: it would take the place of what they send themselves.
    `as_another`: without the key of the form, so that it is shown as one that was never sent.
    """
    if request.headers.get("X-While-Typing"):
        return
    left_out = (TOKEN, FORM_KEY) if as_another else (TOKEN,)
    fields = {
        name: values
        for name, values in request.POST.lists()
        if name not in left_out and "password" not in name
    }
    if _put(request, fields, is_another=as_another) and not as_another:  # whoever is signed in stays so
        request.session.set_expiry(KEPT_SECONDS)


def keep_rest(request: HttpRequest, data: QueryDict) -> None:
    """Keep what a page shows again because it could not be saved, in the place of what was sent."""
    fields = {name: [str(text) for text in texts] for name, texts in data.lists()}
    _put(request, fields, is_another=True, is_rest=True)


def _put(request: HttpRequest, fields: dict[str, Any], *, is_another: bool, is_rest: bool = False) -> bool:
    """Into the session, in the place of what was kept before; False for more than is kept of anybody."""
    if sum(len(name) + sum(map(len, values)) for name, values in fields.items()) > MAX_CHARACTERS:
        return False
    request.session[_KEY] = {
        "path": request.path,
        "fields": fields,
        "until": clock.real_seconds() + KEPT_SECONDS,
        "is_another": is_another,
        "is_rest": is_rest,
    }
    return True


def kept_for(request: HttpRequest, *paths: str) -> QueryDict | None:
    """What was sent to one of the paths (this page's own where none is named) and was not done, if anything.

    For the page's template `request.kept_is_another` says that it was no session's end that kept it, and
    `request.kept_is_rest` that everything else was saved.
    """
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or kept["until"] < clock.real_seconds() or kept["path"] not in (paths or (request.path,)):
        return None
    data = QueryDict(mutable=True)
    for name, values in kept["fields"].items():
        data.setlist(name, values)
    request.META[_SHOWN] = data.get(FORM_KEY, "")
    request.kept_is_another = kept.get("is_another", False)  # type: ignore[attr-defined]
    request.kept_is_rest = kept.get("is_rest", False)  # type: ignore[attr-defined]
    return data


def is_rest(request: HttpRequest) -> bool:
    """Whether this page shows again what could not be read while everything else was saved."""
    return bool(getattr(request, "kept_is_rest", False))


def key_of_kept(request: HttpRequest) -> str:
    """The key of the form that was kept, where this page shows what stood in it; otherwise empty.

    It may have been done already when its answer was lost with the session: then it is not done again.
    """
    return str(request.META.get(_SHOWN, ""))


def forget(request: HttpRequest) -> None:
    """The input has been saved, or given up."""
    request.session.pop(_KEY, None)


def forget_sent(request: HttpRequest) -> None:
    """The form that was sent is known to be done: what was kept of it goes, but for the rest that it left over."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is not None and kept["path"] == request.path and not kept.get("is_rest"):
        forget(request)


def carry_over(sender: object, request: HttpRequest, **kwargs: Any) -> None:
    """A login (Django's signal `user_logged_in`) takes the kept input along, and the session lives as long as any."""
    request.session.set_expiry(None)
