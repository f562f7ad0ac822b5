"""OpenID Connect with one provider, by authlib: the code flow with PKCE, state and nonce, and what its token must be.

Imported only where the settings name a provider. What is asked of a token: signed by one of the provider's published keys, by
an asymmetric algorithm; of this issuer, for this portal, with the nonce of this browser's session, and not expired (OpenID
Connect Core 1.0, 3.1.3.7). Nothing else of it is used than who it is, and when they last showed it.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from joserfc.errors import JoseError
from requests import ConnectionError as NoConnection
from requests import RequestException, Timeout

from iconm_portal.people.sign_on.offered import Provider

LASTS_SECONDS: Final = 10 * 60
ANSWERS_WITHIN_SECONDS: Final = 5
LEEWAY_SECONDS: Final = 60
# No "none", and none by which whoever knows the portal's own secret could sign.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# Of each process: a provider that hangs shall not take every thread.
_AT_ONCE: Final = threading.BoundedSemaphore(4)
_KEPT: Final = "_state_"  # as authlib begins its keys in the session


class Away(Exception):
    """The provider does not answer, or is asked by too many at once."""


class Astray(Exception):
    """The provider answers what it should not."""


class NotProven(Exception):
    """What came back does not prove who it is. `is_ours`: this browser had begun it. `code`: why, as the standards call it."""

    def __init__(self, *, is_ours: bool, code: str = "") -> None:
        super().__init__()
        self.is_ours = is_ours
        # Some of these codes stand in the address that a browser comes back by, so that anybody may write one.
        self.code = code if re.fullmatch("[a-z_]{1,40}", code) else "unknown"


@dataclass(frozen=True)
class Proven:
    """Whom the provider vouches for; when they last showed it there, in seconds since 1970, if it says so."""

    subject: str
    shown_at: int | None
    next_url: str


class _Session(DjangoIntegration):
    """State and nonce in the portal's session, for ten minutes; authlib itself forgets them only after they were used."""

    expires_in = LASTS_SECONDS

    def get_state_data(self, session: Any, state: str | None) -> Any:
        self._clear_session_state(session)
        return super().get_state_data(session, state)

    def set_state_data(self, session: Any, state: str, data: Any) -> None:
        for key in [key for key in dict(session.items()) if key.startswith(_KEPT)]:
            del session[key]  # the last one begun alone is kept
        super().set_state_data(session, state, data)


class _Client(DjangoOAuth2App):
    def __init__(self, provider: Provider) -> None:
        super().__init__(
            _Session(provider.code),
            name=provider.code,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid",
                "code_challenge_method": "S256",
                "default_timeout": ANSWERS_WITHIN_SECONDS,
            },
        )
        self.provider = provider

    def load_server_metadata(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 1.0, 4.3): of this very issuer, and signed as we take it."""
        said: dict[str, Any] = super().load_server_metadata()
        if said.get("issuer") != self.provider.issuer:
            raise Astray
        offered = said.get("id_token_signing_alg_values_supported") or ["RS256"]
        said["id_token_signing_alg_values_supported"] = [one for one in offered if one in ALGORITHMS]
        return said


def begin(request: HttpRequest, provider: Provider, *, next_url: str) -> HttpResponse:
    """To the provider. Away and Astray where that does not go."""
    client = _Client(provider)
    back = reverse("sign_on_back", kwargs={"provider": provider.code})
    address = f"{settings.PORTAL_URL}{back}" if settings.PORTAL_URL else request.build_absolute_uri(back)
    with _asking():
        made = client.create_authorization_url(address, ui_locales=get_language())
    client.save_authorize_data(request, redirect_uri=address, next=next_url, **made)
    return HttpResponse(status=302, headers={"Location": made["url"]})


def complete(request: HttpRequest, provider: Provider) -> Proven:
    """Whom the provider has sent back. NotProven, Away and Astray; each beginning is good for one answer."""
    client = _Client(provider)
    kept = client.framework.get_state_data(request.session, request.GET.get("state"))
    if kept is None:
        raise NotProven(is_ours=False)
    must = {
        "iss": {"essential": True, "value": provider.issuer},
        "aud": {"essential": True, "value": provider.client_id},
        "sub": {"essential": True},
        "exp": {"essential": True},
    }
    try:
        with _asking():
            token = client.authorize_access_token(request, claims_options=must, leeway=LEEWAY_SECONDS)
    finally:
        client.framework.clear_state_data(request.session, request.GET.get("state"))
    claims = token.get("userinfo") or {}
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject.strip() or "\0" in subject:
        raise NotProven(is_ours=True, code="no_subject")
    shown_at = claims.get("auth_time")
    return Proven(subject, int(shown_at) if shown_at else None, kept["next"])


@contextmanager
def _asking() -> Iterator[None]:
    """What the packages raise, as one of our three."""
    if not _AT_ONCE.acquire(blocking=False):
        raise Away
    try:
        yield
    except (NoConnection, Timeout) as error:
        raise Away from error
    except (AuthlibBaseError, JoseError) as error:
        raise NotProven(is_ours=True, code=str(error.error)) from error
    except (RequestException, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise Astray from error
    finally:
        _AT_ONCE.release()
