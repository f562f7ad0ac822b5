"""An authenticator app as a person has it on their telephone."""

import html
import json
import re
import secrets
from hashlib import sha256
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from iconm_portal.models import User
from tests.people import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_now(secret: str = SECRET, *, half_minutes: int = 0) -> str:
    """What the app shows; of a half minute before or after, for a telephone whose clock is wrong."""
    now = list(yield_hotp_counters_from_time())[1]
    return format_hotp_value(hotp_value(secret, now + half_minutes))


def wrong_code() -> str:
    """Right at no time around now."""
    right = {code_now(half_minutes=shift) for shift in range(-5, 6)}
    return next(code for code in ("000000", "111111", "222222") if code not in right)


def with_app(person: User) -> User:
    """The person has an authenticator app with SECRET, and recovery codes."""
    TOTP.activate(person, SECRET)
    RecoveryCodes.activate(person)
    return person


def password_step(client: Client, person: User, **query: str) -> HttpResponse:
    return client.post(reverse("login", query=query), {"username": person.username, "password": PASSWORD})


def code_step(client: Client, code: str) -> HttpResponse:
    return client.post(reverse("second_step"), {"code": code})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def offered_secret(page: HttpResponse) -> str:
    """The key that a page offers to an app."""
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.content.decode())
    assert found
    return found[1].replace(" ", "")


class Device:
    """A device that keeps passkeys, as a browser speaks for it (WebAuthn, attestation "none")."""

    def __init__(self, origin: str = "https://testserver") -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.number = secrets.token_bytes(16)

    def make(self, asked: dict[str, Any]) -> str:
        """The answer to a page that wants a passkey made."""
        options = asked["publicKey"]
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AuthenticatorData.create(
            sha256(options["rp"]["id"].encode()).digest(),
            AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT,
            0,
            AttestedCredentialData.create(Aaguid.NONE, self.number, public),
        )
        attestation = AttestationObject.create("none", data, {})
        return self._answer("webauthn.create", options, {"attestationObject": bytes(attestation)})

    def use(self, asked: dict[str, Any]) -> str:
        """The answer to a page that wants it used."""
        options = asked["publicKey"]
        data = AuthenticatorData.create(
            sha256(options["rpId"].encode()).digest(), AuthenticatorData.FLAG.UP, 1
        )
        client = self._client("webauthn.get", options)
        signature = self.key.sign(bytes(data) + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            "webauthn.get", options, {"authenticatorData": bytes(data), "signature": signature}
        )

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, kind: str, options: dict[str, Any], response: dict[str, bytes]) -> str:
        said = response | {"clientDataJSON": self._client(kind, options)}
        return json.dumps(
            {
                "id": websafe_encode(self.number),
                "rawId": websafe_encode(self.number),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": {name: websafe_encode(text) for name, text in said.items()},
            }
        )


def asked_by(page: HttpResponse) -> dict[str, Any]:
    """What a page asks the browser about a passkey."""
    found = re.search(r'data-passkey="([^"]+)"', page.content.decode())
    assert found
    asked: dict[str, Any] = json.loads(html.unescape(found[1]))
    return asked
