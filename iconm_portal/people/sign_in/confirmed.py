"""Before somebody changes what opens their account, they say their password again: a page left open is not enough.

Good for a quarter of an hour, and for that long after the login itself.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from iconm_portal.forms import unsent_input
from iconm_portal.values import clock

_KEY: Final = "confirmed_at"
LASTS_SECONDS: Final = 15 * 60

View = Callable[..., HttpResponse]


def confirm(request: HttpRequest) -> None:
    request.session[_KEY] = clock.real_seconds()


def confirm_since(request: HttpRequest, at: int) -> None:
    """As if it had been said then; a clock that is ahead of ours gains nothing by it."""
    request.session[_KEY] = min(at, clock.real_seconds())


def is_confirmed(request: HttpRequest) -> bool:
    """A clock that was put back confirms nothing for ever."""
    return 0 <= clock.real_seconds() - request.session.get(_KEY, 0) < LASTS_SECONDS


def confirmed_lately(view: View) -> View:
    """Ask for the password first where that is long ago. What was sent is not done then: one comes back to its page."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return view(request, **kwargs) if is_confirmed(request) else _ask(request)

    return checked


def confirmed_to_post(view: View) -> View:
    """The same of a page that everybody may look at meanwhile: what was typed stands in it again."""

    @wraps(view)
    def checked(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or is_confirmed(request):
            return view(request, **kwargs)
        unsent_input.keep(request, as_another=True)
        return _ask(request)

    return checked


def _ask(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('confirm')}?{urlencode({'next': request.path})}")
