"""What a provider, or somebody in its place, must not get away with; and what is said where it does not answer."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from joserfc import jwk

from iconm_portal.models import AuditEvent, AuditKind, User
from iconm_portal.people.sign_on import provider_client
from tests.builders.identity_provider import CLIENT, SECRET, IdentityProvider, as_settings
from tests.builders.second_factor import is_in
from tests.iconm_portal.people.sign_on.conftest import begin, sign_on

pytestmark = pytest.mark.django_db
CONFIGURATION = "/.well-known/openid-configuration"
BACK = "/login/sign-on/city/back/"


def claims(**changed: Any) -> Callable[[IdentityProvider], None]:
    return lambda provider: provider.claims.update(changed)


def of_another_key(provider: IdentityProvider) -> None:
    provider.signs_with = jwk.RSAKey.generate_key(2048, {"kid": "1"})


def unsigned(provider: IdentityProvider) -> None:
    provider.header = {"alg": "none"}


def signed_with_the_portals_secret(provider: IdentityProvider) -> None:
    provider.header = {"alg": "HS256"}
    provider.signs_with = jwk.OctKey.import_key(SECRET)
    provider.published = [provider.signs_with]


def signed_with_the_public_key_as_a_secret(provider: IdentityProvider) -> None:
    """RFC 8725, 2.1: what everybody knows as the key of an HMAC."""
    provider.header = {"alg": "HS256", "kid": "1"}
    provider.signs_with = provider.key.as_pem(private=False)


def without_a_token(provider: IdentityProvider) -> None:
    provider.without_token = True


BAD_TOKENS = {
    "nonce of another": claims(nonce="another"),
    "no nonce": claims(nonce=None),
    "another issuer": claims(iss="https://elsewhere.example"),
    "no issuer": claims(iss=None),
    "for another client": claims(aud="another"),
    "for us and another": claims(aud=[CLIENT, "another"]),
    "given to another": claims(azp="another"),
    "for nobody": claims(aud=None),
    "expired": claims(exp=int(time.time()) - 3600),
    "without an end": claims(exp=None),
    "not yet good": claims(nbf=int(time.time()) + 3600),
    "made later": claims(iat=int(time.time()) + 3600),
    "of nobody": claims(sub=None),
    "of an empty name": claims(sub=" "),
    "of a number": claims(sub=7),
    "of a name with a NUL": claims(sub="f3b1c9\0"),
    "signed by another key": of_another_key,
    "unsigned": unsigned,
    "signed with our secret": signed_with_the_portals_secret,
    "signed with a public key": signed_with_the_public_key_as_a_secret,
    "none at all": without_a_token,
}


@pytest.mark.parametrize("spoil", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_bad_token_is_refused(
    client: Client, provider: IdentityProvider, person: User, spoil: Callable[[IdentityProvider], None]
) -> None:
    spoil(provider)
    answer = sign_on(client, provider)
    assert answer.status_code == 400
    assert not is_in(client)
    assert "ログイン画面からやり直してください" in answer.content.decode()
    event = AuditEvent.objects.get()
    assert (event.kind, event.username, event.what) == (AuditKind.SIGN_ON_REFUSED, "", provider.issuer)


def test_a_key_that_is_new_is_found(client: Client, provider: IdentityProvider, person: User) -> None:
    provider.key = jwk.RSAKey.generate_key(2048, {"kid": "2"})
    provider.published.append(provider.key)
    provider.signs_with, provider.header = provider.key, {"alg": "RS256", "kid": "2"}
    assert sign_on(client, provider).status_code == 302
    assert is_in(client)


def test_the_control_is_let_in(client: Client, provider: IdentityProvider, person: User) -> None:
    provider.header = {"alg": "ES256", "kid": "3"}
    provider.signs_with = jwk.ECKey.generate_key("P-256", {"kid": "3"})
    provider.published = [provider.signs_with]
    sign_on(client, provider)
    assert is_in(client)


# The way back


@pytest.mark.parametrize("query", ["", "?state=x&code=y", "?error=access_denied", "?state=&code="])
def test_what_this_browser_has_not_begun_is_refused_and_asks_nobody(
    client: Client, provider: IdentityProvider, person: User, query: str
) -> None:
    assert client.get(f"{BACK}{query}").status_code == 400
    assert provider.asked == []
    assert not AuditEvent.objects.exists()


def test_another_browsers_answer_is_refused(client: Client, provider: IdentityProvider, person: User) -> None:
    """Nobody is led into another person's account (RFC 6749, 10.12)."""
    back = provider.sign_in(begin(client).headers["Location"])
    stranger = Client()
    begin(stranger)
    assert stranger.get(back).status_code == 400
    assert not is_in(stranger)
    assert client.get(back).status_code == 302


def test_another_providers_answer_is_refused(
    client: Client, provider: IdentityProvider, person: User, settings: Any
) -> None:
    """A provider that is lead astray leads nobody into another one's account (RFC 9207)."""
    settings.SIGN_ON |= {"foundation": as_settings(provider, client_id="another")}
    back = provider.sign_in(begin(client).headers["Location"])
    provider.asked.clear()
    assert client.get(back.replace("/city/", "/foundation/")).status_code == 400
    assert provider.asked == []


def test_an_answer_is_good_once(client: Client, provider: IdentityProvider, person: User) -> None:
    back = provider.sign_in(begin(client).headers["Location"])
    client.get(back)
    client.post(reverse("logout"))
    assert client.get(back).status_code == 400
    assert not is_in(client)


def test_an_answer_with_the_code_of_another_sign_on_is_refused(
    client: Client, provider: IdentityProvider, person: User
) -> None:
    """PKCE: a code that was stolen is of no use in another session."""
    stolen = provider.sign_in(begin(client).headers["Location"])
    code = stolen.partition("code=")[2].partition("&")[0]
    thief = Client()
    own = provider.sign_in(begin(thief).headers["Location"])
    mixed = own.replace(own.partition("code=")[2].partition("&")[0], code)
    assert thief.get(mixed).status_code == 400
    assert not is_in(thief)


def test_what_was_begun_long_ago_is_refused(client: Client, provider: IdentityProvider, person: User) -> None:
    back = provider.sign_in(begin(client).headers["Location"])
    with time_machine.travel(time.time() + provider_client.LASTS_SECONDS + 1):
        assert client.get(back).status_code == 400


def test_only_the_last_one_begun_is_kept(client: Client, provider: IdentityProvider, person: User) -> None:
    first = provider.sign_in(begin(client).headers["Location"])
    last = provider.sign_in(begin(client).headers["Location"])
    assert client.get(first).status_code == 400
    assert client.get(last).status_code == 302


def test_who_says_no_at_the_provider_is_not_in(
    client: Client, provider: IdentityProvider, person: User
) -> None:
    back = provider.sign_in(begin(client).headers["Location"])
    state = back.partition("state=")[2]
    answer = client.get(f"{BACK}?error=access_denied&error_description=<b>no</b>&state={state}")
    assert answer.status_code == 400
    assert "<b>no</b>" not in answer.content.decode()
    assert AuditEvent.objects.get().kind is AuditKind.SIGN_ON_REFUSED


@pytest.mark.parametrize("name", ["sign_on", "sign_on_back"])
def test_a_provider_that_nobody_named_is_not_there(
    client: Client, provider: IdentityProvider, name: str
) -> None:
    address = reverse(name, kwargs={"provider": "unknown"})
    assert (client.post if name == "sign_on" else client.get)(address).status_code == 404


def test_only_a_form_of_ours_begins_it(provider: IdentityProvider, person: User) -> None:
    client = Client(enforce_csrf_checks=True)
    assert begin(client).status_code == 403
    assert client.get(reverse("sign_on", kwargs={"provider": "city"})).headers["Location"] == "/"
    assert provider.asked == []


# The provider is away


def test_where_it_does_not_listen(client: Client, provider: IdentityProvider, settings: Any) -> None:
    settings.SIGN_ON = {"city": as_settings(provider, issuer="http://127.0.0.1:9")}
    answer = begin(client)
    assert answer.status_code == 503
    assert "現在応答していません" in answer.content.decode()


def test_where_it_takes_too_long(
    client: Client, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_client, "ANSWERS_WITHIN_SECONDS", 0.05)
    provider.may_answer.clear()
    assert begin(client).status_code == 503
    provider.may_answer.set()


def test_where_too_many_wait_for_it_already(client: Client, provider: IdentityProvider) -> None:
    """So that a provider that hangs does not take every thread."""
    room = provider_client._AT_ONCE
    taken = [room.acquire(blocking=False) for _try in range(4)]
    try:
        assert all(taken)
        assert begin(client).status_code == 503
        assert provider.asked == []
    finally:
        for _one in taken:
            room.release()
    assert begin(client).status_code == 302


@pytest.mark.parametrize("path", [CONFIGURATION, "/token", "/keys"])
@pytest.mark.parametrize(
    "answer",
    [(500, b"{}"), (404, b""), (200, b"<html>"), (200, b"[]"), (200, b"null"), (200, b'"x"'), (200, b"{}")],
)
def test_where_it_answers_what_it_should_not(
    client: Client, provider: IdentityProvider, person: User, path: str, answer: tuple[int, bytes]
) -> None:
    location = begin(client).headers["Location"]
    provider.answers[path] = answer
    said = client.get(provider.sign_in(location))
    assert said.status_code in (400, 502)
    assert not is_in(client)
    if answer[0] == 500:
        assert said.status_code == 502
        assert "運用担当者" in said.content.decode()


def test_where_it_says_it_is_another(client: Client, provider: IdentityProvider) -> None:
    provider.metadata = {"issuer": "https://elsewhere.example"}
    assert begin(client).status_code == 502
