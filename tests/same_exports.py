"""Every file that the portal gives out, made on SQLite and on PostgreSQL, byte for byte: `python -m tests.same_exports`.

Both databases hold the report's facts and the demonstration, loaded at the same moment. PostgreSQL sorts texts as a Japanese
dictionary does, since whoever installs the portal may choose that. Pages are walked from link to link; what is not a page is a
file, and its bytes are compared.

Where KEEP_EXPORTS names a folder, the files themselves are put there. It takes some minutes and belongs to `make verify`. `tests/orderings.py` names the usual reason, at once and in every test.
"""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin, urlsplit
from zoneinfo import ZoneInfo

from tests.with_postgres import find_bin, postgres

AT = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
PEOPLE = ("umikaze-foundation-staff", "foundation-staff", "umikaze-auditor")
"""Staff who see drafts too, of the demonstration and of iCONM; and who has the whole history."""
OF_A_KIND = 2
"""So many pages of each address are walked through; every file that they lead to is fetched."""
AT_LEAST = 80
"""So many exports there are at least; fewer were not all found."""
DICTIONARY = "CREATE DATABASE dictionary TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'ja-JP'"


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a" and (href := dict(attrs).get("href")):
            self.found.append(href)


class SentFile(NamedTuple):
    """What an address answered with, unless it was a page."""

    address: str
    content_type: str
    body: bytes


def sent_file(response: Any) -> SentFile | None:
    """The file that a client was answered with; None for a page, and for what was not found."""
    content_type = response.headers.get("Content-Type", "").partition(";")[0]
    if response.status_code != 200 or content_type == "text/html":
        return None
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return SentFile(response.request["PATH_INFO"], content_type, body)


def files_of(username: str, start: str = "/") -> Iterator[SentFile]:
    """Every file that the person is offered, from link to link."""
    from django.test import Client  # noqa: PLC0415 - once the settings are there
    from django.urls import resolve  # noqa: PLC0415

    from iconm_portal.models import User  # noqa: PLC0415

    client = Client()
    client.force_login(User.objects.get(username=username))
    seen, waiting, walked = {start}, [start], Counter[str]()
    while waiting:
        address = waiting.pop(0)
        kind = resolve(urlsplit(address).path).view_name
        if not is_file(address):
            walked[kind] += 1
            if walked[kind] > OF_A_KIND:
                continue
        response = client.get(address, follow=True)
        if response.status_code != 200:
            continue
        if file := sent_file(response):
            yield file._replace(address=address)
            continue
        links = _Links()
        links.feed(response.content.decode())
        here = response.request["PATH_INFO"]
        for link in links.found:
            target = urldefrag(urljoin(f"http://testserver{here}", link)).url.removeprefix(
                "http://testserver"
            )
            # Filters lead from page to page without end; what they give out is given out without them as well.
            if target.startswith("/") and target not in seen and (is_file(target) or "?" not in target):
                seen.add(target)
                waiting.append(target)


def is_file(address: str) -> bool:
    """Whether an address looks like that of a file."""
    return "." in urlsplit(address).path.rsplit("/", 1)[-1] or "/template" in address


def write_digests(path: Path) -> None:
    """In the database that the environment names: load, walk, and write a digest for every file."""
    import django  # noqa: PLC0415

    django.setup()
    import time_machine  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    with time_machine.travel(AT, tick=False):
        call_command("migrate", verbosity=0)
        call_command("load_reference", skip_checks=True, verbosity=0)
        call_command("load_demo", verbosity=0)
        found = {}
        for person in PEOPLE:
            for address, _type, body in files_of(person):
                found[f"{person} {address}"] = hashlib.sha256(body).hexdigest()
                if keep := os.environ.get("KEEP_EXPORTS"):
                    place = Path(keep, path.stem, person, address.strip("/").replace("/", "_"))
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(body)
    path.write_text(json.dumps(found))


def made_on(url: str, path: Path) -> dict[str, str]:
    """The digests, made by a process of its own."""
    own = {
        "DATABASE_URL": url,
        "TESTING": "1",
        "DEBUG": "1",
        "ALLOWED_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "iconm_portal.settings",
    }
    subprocess.run([sys.executable, "-m", "tests.same_exports", path], check=True, env=os.environ | own)
    digests: dict[str, str] = json.loads(path.read_text())
    return digests


def main() -> int:
    """0 where all are the same; otherwise their names, and 1."""
    if len(sys.argv) > 1:
        write_digests(Path(sys.argv[1]))
        return 0
    with tempfile.TemporaryDirectory() as folder, postgres(find_bin(os.environ)) as url:
        place = Path(folder)
        made = {"sqlite": made_on(f"sqlite:///{place / 'portal.sqlite3'}", place / "sqlite.json")}
        create = (
            f"c = psycopg2.connect({psycopg(url)!r}); c.autocommit = True; c.cursor().execute({DICTIONARY!r})"
        )
        subprocess.run([sys.executable, "-c", f"import psycopg2; {create}"], check=True)
        made["postgresql"] = made_on(url.rpartition("/")[0] + "/dictionary", place / "postgresql.json")
    first = made["sqlite"]
    differing = {
        name: [where for where, digests in made.items() if digests.get(name) != first.get(name)]
        for name in sorted({name for digests in made.values() for name in digests})
    }
    wrong = {name: where for name, where in differing.items() if where}
    for name, where in wrong.items():
        sys.stdout.write(f"differs on {', '.join(where)}: {name}\n")
    sys.stdout.write(f"{len(differing)} exports, {len(wrong)} differ\n")
    return 1 if wrong or len(differing) < AT_LEAST else 0


def psycopg(url: str) -> str:
    """The same server in psycopg2's form."""
    socket = url.removeprefix("postgres://portal@/").rpartition("/")[0]
    return f"host=/{socket.lstrip('/')} user=portal dbname=postgres"


if __name__ == "__main__":
    sys.exit(main())
