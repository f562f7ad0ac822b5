"""Whether a session began with a single sign-on, and by which provider. It knows of no package that only sign-ons need."""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

_KEY: Final = "signed_on"


def note(request: HttpRequest, provider: str) -> None:
    """Before the login itself, so that whoever hears of it knows."""
    request.signed_on = provider  # type: ignore[attr-defined]  # the session may be another one after the login


def keep(sender: object, request: HttpRequest, **kwargs: Any) -> None:
    """In the session that the login made (Django's signal `user_logged_in`; the first to hear it)."""
    request.session[_KEY] = getattr(request, "signed_on", "")


def provider_of(request: HttpRequest) -> str:
    """The provider's code in the settings; empty for a login by password."""
    found: str = request.session.get(_KEY, "")
    return found


def said(request: HttpRequest) -> str:
    """For the record of use."""
    provider = provider_of(request)
    return f"sign-on {provider}" if provider else ""


def needs_no_second_factor(request: HttpRequest) -> bool:
    """Whether the settings leave second factors to the provider by which somebody signed in."""
    return not settings.SIGN_ON_SECOND_FACTOR and bool(provider_of(request))
