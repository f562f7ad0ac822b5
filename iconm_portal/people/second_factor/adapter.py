"""What allauth asks of the portal about second factors: how secrets are kept, and what they are called on a telephone."""

import base64
from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

ISSUER = "iCONM portal"
_SALT = "iconm_portal.people.second_factor"


class SecondFactorAdapter(DefaultMFAAdapter):
    """Secrets are encrypted with SECRET_KEY: a copy of the database alone gives nobody's second factor away."""

    def encrypt(self, text: str) -> str:
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """cryptography's InvalidToken where it was encrypted with a key that is gone (SECRET_KEY_FALLBACKS)."""
        return _keys().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return ISSUER

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """For which host a passkey holds."""
        return {"id": host_of(context.request), "name": ISSUER}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        name = user.get_username()
        return {"id": f"portal-{user.pk}".encode(), "display_name": name, "name": name}

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """None: changes stand in the history and the record of use."""


def _keys() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key))) for key in keys])


def _derived(key: str) -> bytes:
    return salted_hmac(_SALT, "", secret=key, algorithm="sha256").digest()


def host_of(request: HttpRequest) -> str:
    """The portal's host without a port, as the settings have it or as it was asked for."""
    return (urlsplit(settings.PORTAL_URL or f"//{request.get_host()}").hostname or "").lower()
