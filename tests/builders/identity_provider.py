"""A provider of OpenID Connect on this machine: real requests, real keys, and whatever it should not answer."""

import base64
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwk, jwt

CLIENT = "portal"
SECRET = "a secret of the portal's at the provider"
SUBJECT = "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ"  # as long as Entra ID makes it
ALGORITHMS = ["RS256", "ES256", "HS256", "none"]


class IdentityProvider:
    """What it answers is changed by its attributes. `issuer`: its address. `asked`: the paths, in order."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.published = [self.key]
        self.subject = SUBJECT
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "1"}
        self.signs_with: Any = self.key
        self.metadata: dict[str, Any] = {}
        self.answers: dict[str, tuple[int, bytes]] = {}
        self.without_token = False
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.asked: list[str] = []
        self.tokens_asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def answer(
        self, path: str, query: str, body: str, authorization: str
    ) -> tuple[int, dict[str, str], bytes]:
        self.asked.append(path)
        self.may_answer.wait(timeout=10)
        if path in self.answers:
            status, content = self.answers[path]
            return status, {"Content-Type": "application/json"}, content
        match path:
            case "/.well-known/openid-configuration":
                return self._json(self._metadata())
            case "/keys":
                return self._json({"keys": [key.as_dict(private=False) for key in self.published]})
            case "/authorize":
                return 302, {"Location": self.sign_in(f"?{query}")}, b""
            case "/token":
                return self._token(dict(parse_qsl(body)), authorization)
            case _:
                return 404, {}, b""

    def sign_in(self, address: str) -> str:
        """What the address that a browser was sent to sends it back to, once its person has signed in there."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = secrets.token_urlsafe(8)
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ALGORITHMS,
        } | self.metadata

    def _token(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, str], bytes]:
        """RFC 6749, 4.1.3; RFC 7636, 4.6: a code is good once, for the client and the verifier that it was made for."""
        self.tokens_asked.append(sent)
        asked = self._codes.pop(sent.get("code", ""), None)
        verifier = _base64(sha256(sent.get("code_verifier", "").encode()).digest())
        client = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if (
            asked is None
            or verifier != asked["code_challenge"]
            or sent["redirect_uri"] != asked["redirect_uri"]
            or authorization != f"Basic {client}"
        ):
            return self._json({"error": "invalid_grant"}, status=400)
        token = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 60}
        if not self.without_token:
            token["id_token"] = self._id_token(asked["nonce"])
        return self._json(token)

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.subject, "aud": CLIENT, "nonce": nonce}
        claims |= {"iat": now, "exp": now + 300} | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        if self.header["alg"] == "none":
            return f"{_signing_input(self.header, claims)}."
        if isinstance(self.signs_with, bytes):  # what no library takes for the key of an HMAC
            text = _signing_input(self.header, claims)
            return f"{text}.{_base64(hmac.digest(self.signs_with, text.encode(), 'sha256'))}"
        return jwt.encode(self.header, claims, self.signs_with, algorithms=[self.header["alg"]])

    def _json(self, said: Any, status: int = 200) -> tuple[int, dict[str, str], bytes]:
        return status, {"Content-Type": "application/json"}, json.dumps(said).encode()


def _signing_input(*parts: dict[str, Any]) -> str:
    return ".".join(_base64(json.dumps(part).encode()) for part in parts)


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def identity_provider() -> Iterator[IdentityProvider]:
    """One that serves on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode()
            address = urlsplit(self.path)
            status, headers, content = provider.answer(
                address.path, address.query, body, self.headers.get("Authorization", "")
            )
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError):  # who would not wait any longer
                self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - as the server calls it

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()


def as_settings(provider: IdentityProvider, **more: Any) -> dict[str, Any]:
    """The provider as the environment names it."""
    return {
        "name": "市の職員認証",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "form_origins": (),
    } | more
