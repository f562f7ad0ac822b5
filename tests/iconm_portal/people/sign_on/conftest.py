"""A portal that knows a provider of single sign-on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from iconm_portal.models import SignOn, User
from tests.builders.identity_provider import SUBJECT, IdentityProvider, as_settings, identity_provider
from tests.iconm_portal.people.sign_on import addresses


@pytest.fixture
def provider(settings: Any) -> Iterator[IdentityProvider]:
    with identity_provider() as provider:
        settings.SIGN_ON = {"city": as_settings(provider)}
        settings.ROOT_URLCONF = addresses.__name__
        yield provider


@pytest.fixture
def person(provider: IdentityProvider, city_staff: User, administrator: User) -> User:
    """Linked with the provider's SUBJECT."""
    SignOn.objects.create(person=city_staff, issuer=provider.issuer, subject=SUBJECT, linked_by=administrator)
    return city_staff


def begin(client: Client, **sent: str) -> Any:
    """The button of the login page."""
    return client.post(reverse("sign_on", kwargs={"provider": "city"}), sent)


def sign_on(client: Client, provider: IdentityProvider, **sent: str) -> Any:
    """The button, the provider, and the way back."""
    return client.get(provider.sign_in(begin(client, **sent).headers["Location"]))
