"""Where the environment names no provider, nothing of single sign-on is there; where it does, it needs its packages."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import Client
from django.urls import NoReverseMatch, reverse

from iconm_portal.models import User
from iconm_portal.people.sign_on import offered
from tests.builders.identity_provider import IdentityProvider, as_settings
from tests.people import client_of
from tests.repository.test_repository import ROOT

NAMED = {
    "SIGN_ON": "city",
    "SIGN_ON_CITY_ISSUER": "https://login.example.jp/realms/city",
    "SIGN_ON_CITY_CLIENT_ID": "portal",
    "SIGN_ON_CITY_CLIENT_SECRET": "secret",
}
# A portal whose Python has, or has not, the packages of the extra; it says what was imported of them, and its addresses.
LOOK = """
import sys
from importlib import abc, machinery

class Missing(abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ModuleNotFoundError(name=name)

if {missing!r}:
    import importlib.util
    real = importlib.util.find_spec
    importlib.util.find_spec = lambda name, package=None: None if name in {missing!r} else real(name, package)
    sys.meta_path.insert(0, Missing())
import django
django.setup()
from django.core.checks import run_checks
from django.urls import get_resolver
print([message.id for message in run_checks() if message.id.startswith("portal.E")])
print("sign_on" in get_resolver().reverse_dict, any(name in sys.modules for name in ("authlib", "joserfc", "requests")))
"""


def look(environment: dict[str, str], *missing: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", LOOK.format(missing=missing)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "iconm_portal.settings", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_nothing_is_imported_and_no_address_is_there() -> None:
    assert look({}, "authlib", "requests") == ["[]", "False False"]
    assert look({}) == ["[]", "False False"]


def test_where_it_is_named_it_is_there() -> None:
    assert look(NAMED) == ["[]", "True True"]


def test_a_check_says_where_the_extra_is_missing() -> None:
    assert look(NAMED, "authlib", "requests") == ["['portal.E004']", "False False"]


def test_a_half_named_provider_is_said() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        look({"SIGN_ON": "city"})
    assert "SIGN_ON_CITY_" in refused.value.stderr


@pytest.mark.django_db
def test_no_page_speaks_of_it(client: Client, administrator: User, city_staff: User) -> None:
    login = client.get(reverse("login"))
    person = client_of(administrator).get(reverse("person", kwargs={"person": city_staff.pk}))
    for page in (login, person):
        assert "シングルサインオン" not in page.content.decode()
        assert "form-action 'self';" in page.headers["Content-Security-Policy"] + ";"
    with pytest.raises(NoReverseMatch):
        reverse("sign_on", kwargs={"provider": "city"})
    assert client.post("/login/sign-on/city/").status_code == 404


@pytest.mark.django_db
def test_the_login_page_alone_may_lead_to_the_providers(
    client: Client, provider: IdentityProvider, settings: Any
) -> None:
    settings.SIGN_ON = {"city": as_settings(provider, form_origins=("https://further.example",))}

    def form_action(address: str) -> str:
        policy = client.get(address).headers["Content-Security-Policy"]
        (found,) = [part.strip() for part in policy.split(";") if part.strip().startswith("form-action")]
        return found

    assert form_action(reverse("login")) == f"form-action 'self' {provider.issuer} https://further.example"
    assert form_action(reverse("password_reset")) == "form-action 'self'"


@pytest.mark.parametrize(
    ("issuer", "is_right"),
    [
        ("https://login.example.jp", True),
        ("http://127.0.0.1:8080/realms/x", True),
        ("http://login.example.jp", False),
        ("login.example.jp", False),
    ],
)
def test_a_provider_is_asked_over_tls(
    provider: IdentityProvider, settings: Any, issuer: str, *, is_right: bool
) -> None:
    settings.SIGN_ON = {"city": as_settings(provider, issuer=issuer)}
    found = [message.id for message in run_checks() if message.id == "portal.E005"]
    assert found == ([] if is_right else ["portal.E005"])


def test_a_provider_that_is_no_longer_named_has_its_address() -> None:
    assert offered.name_of("https://gone.example") == "https://gone.example"
