"""Which providers of single sign-on the settings name, and whether what they need is installed. It imports nothing of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

NEEDED = ("authlib", "requests")


@dataclass(frozen=True)
class Provider:
    """As the settings name it (README, Single sign-on)."""

    code: str
    name: str
    issuer: str
    client_id: str
    client_secret: str
    form_origins: tuple[str, ...]

    @property
    def origins(self) -> list[str]:
        """To which a form of the login page may lead."""
        issuer = urlsplit(self.issuer)
        return [f"{issuer.scheme}://{issuer.netloc}", *self.form_origins]


def is_installed() -> bool:
    return all(find_spec(name) for name in NEEDED)


def is_offered() -> bool:
    return bool(settings.SIGN_ON) and is_installed()


def providers() -> dict[str, Provider]:
    """By their codes; none where the extra is missing, which a check says."""
    if not is_offered():
        return {}
    named: Mapping[str, Mapping[str, Any]] = settings.SIGN_ON
    return {code: Provider(code=code, **fields) for code, fields in named.items()}


def name_of(issuer: str) -> str:
    """What people call the provider; its address where the settings no longer name it."""
    return next((one.name for one in providers().values() if one.issuer == issuer), issuer)


def let_forms_lead_there(response: HttpResponse) -> None:
    """Browsers hold a form's redirects to the policy too: the login page's alone may lead to the providers."""
    origins = [origin for one in providers().values() for origin in one.origins]
    if origins:
        response._csp_update = {"form-action": origins}  # type: ignore[attr-defined]  # as django-csp's decorator does
