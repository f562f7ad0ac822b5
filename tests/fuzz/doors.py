"""Where something can be typed: every form, query and address, as each person has it before them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from tests.builders.sent_forms import posted_forms
from tests.repository.test_access import COLUMNS, PAGES, World

GET_FORM = re.compile(r"<form\b(?![^>]*method=\"post\").*?</form>", re.DOTALL)
NAME = re.compile(r"\bname=\"([^\"]+)\"")
IN_A_LINK = re.compile(r"href=\"[^\"?]*\?([^\"#]+)")
WRONG = re.compile(r"errorlist|message--error|aria-invalid")


@dataclass(frozen=True)
class Door:
    """One place where a person can type. `known` says which, alike on every database and in every run."""

    known: str
    column: str
    method: str
    address: str
    fields: dict[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What can be typed into."""
        return (*sorted(self.fields), *self.files, *self.segments)


@dataclass(frozen=True)
class Verdict:
    """How the portal took it."""

    status: int
    wrongs: int


def _client(world: World, column: str) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[column]
    return client


Place = tuple[str, int, str]
"""A page of PAGES, and who opens it."""
PLACES: list[Place] = [
    (name, number, column)
    for name, pages in PAGES.items()
    for number in range(len(pages))
    for column in COLUMNS
]


class Doors:
    """The doors of each place, looked for when somebody comes there first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._found: dict[Place, list[Door]] = {}

    def at(self, place: Place) -> list[Door]:
        """Empty where the place is closed to the person, or has nothing to type into."""
        if place not in self._found:
            name, number, column = place
            parts = PAGES[name][number].arguments(self.world)
            address = reverse(name, kwargs=parts)
            self._found[place] = list(_doors_at(self.world, column, f"{name}-{number}", address, parts))
        return self._found[place]


def _doors_at(world: World, column: str, name: str, address: str, parts: dict[str, Any]) -> Iterator[Door]:
    with transaction.atomic():
        page: Any = _client(world, column).get(address)
        text = _read(page)
        transaction.set_rollback(True)
    segments = tuple(str(part) for part in parts.values())
    if segments and page.status_code in (200, 302):
        yield Door(f"address {name} {column}", column, "GET", address, segments=segments)
    if page.status_code != 200 or not page.headers["Content-Type"].startswith("text/html"):
        return
    queries = {name for form in GET_FORM.findall(text) for name in NAME.findall(form)}
    queries |= {
        pair.partition("=")[0] for query in IN_A_LINK.findall(text) for pair in re.split("&amp;|&", query)
    }
    if queries:
        yield Door(f"query {name} {column}", column, "GET", address, dict.fromkeys(queries, ""))
    for number, form in enumerate(posted_forms(page)):
        if form.action in (reverse("logout"), reverse("set_language")):
            continue
        files = tuple(sorted(name for name, kind in form.kinds.items() if kind == "file"))
        yield Door(
            f"form {name} {column} {number}", column, "POST", form.action,
            {name: text for name, text in form.filled().items() if name not in files}, files,
        )  # fmt: skip


def knock(world: World, door: Door, typed: dict[str, Any]) -> Verdict:
    """Send it with something else in some of its places; what it did is undone. Raises what a view raises."""
    client = _client(world, door.column)
    with transaction.atomic():
        page = _send(client, door, typed)
        text = _read(page)
        transaction.set_rollback(True)
    return Verdict(page.status_code, len(WRONG.findall(text)))


def _send(client: Client, door: Door, typed: dict[str, Any]) -> Any:
    data = {**door.fields, **typed}
    if door.segments:
        address = "/".join(
            quote(str(typed[part]).encode("utf-8", "surrogatepass"), safe="") if part in typed else part
            for part in door.address.split("/")
        )
        return client.generic("GET", address)
    if door.files:
        text = {
            name: value
            if isinstance(value, bytes) or hasattr(value, "read")
            else str(value).encode(errors="replace")
            for name, value in data.items()
        }
        return client.generic(
            "POST", door.address, encode_multipart(BOUNDARY, text), content_type=MULTIPART_CONTENT
        )
    sent = urlencode({name: str(value).encode("utf-8", "surrogatepass") for name, value in data.items()})
    if door.method == "GET":
        return client.generic("GET", door.address, QUERY_STRING=sent)
    return client.generic("POST", door.address, sent, content_type="application/x-www-form-urlencoded")


def _read(page: Any) -> str:
    sent: bytes = b"".join(page.streaming_content) if page.streaming else page.content
    return sent.decode(errors="replace")
