"""Whatever anybody typed anywhere: a spreadsheet that opens an export runs none of it.

Every text that the portal keeps is made to begin as a formula does, then every file that it gives out is fetched and read.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle, product
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from openpyxl import load_workbook

from kpi.models import PackState
from kpi.papers import actions as pack_actions
from kpi.papers.open_data import workbook_actions
from tests.builders.plans import tokyo
from tests.loaded import our_models
from tests.people import client_of
from tests.repository.test_access import PAGES, World, make_world
from tests.same_exports import SentFile, files_of, sent_file
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db

BEGINNINGS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＋", "－", "＠", "\u3000＝")
FORMULA = 'HYPERLINK("http://x",1)'
LIVE = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""What a spreadsheet may take for a formula, also after blanks (OWASP, CSV injection)."""
CODE = re.compile(r"[\w.:/+-]*", re.ASCII)
NUMBER = re.compile(r"-\d+(\.\d+)?")

SEE_MOST = ("city_staff", "foundation_staff", "auditor", "administrator")
"""Viewers see nothing that these do not."""
AT_LEAST = 30
"""So many files there are at least; fewer were not all found."""

HOLD_NONE = {
    "ImportRow.problems",
    "ImportRow.values",
    "Job.params",
    "LandJudgement.takes",
    "Reminder.about",
    "Reminder.problem",
    "Reminder.title",
    "ResetProposal.issuer",
    "SignOn.issuer",
    "StatementComment.text",
    "TableImport.refusal",
    "Verification.reason",
    "Worker.host",
    "Worker.name",
}
"""Columns without a row, or whose JSON is of codes."""

NOT_TYPED = {
    "code": "letters, digits and hyphens only, as its validator holds",
    "key": "a provision's number",
    "settled_key": "made of codes",
    "settled_kind": "a kind's name",
    "settled_revision": "a number",
    "revision": "a number",
    "value": "a digest",
    "kind": "a kind's name",
    "sha256": "a digest",
    "workbook_digest": "a digest",
    "data_digest": "a digest",
    "digest": "a digest",
    "contents": "a digest",
    "content_type": "decided by the portal",
    "happened": "a date, as exactly as it is known",
    "happened_on": "a date, as exactly as it is known",
    "concluded_on": "a date, as exactly as it is known",
    "deed": "a code",
    "action": "a code",
    "center": "a code",
    "organisation": "a code",
    "WaitingFile.subject": "made of codes",
    "HistoryEvent.subject": "made of codes",
    "Job.subject": "made of codes",
    "SignOn.subject": "the identity provider's",
    "ResetProposal.subject": "the identity provider's",
    "session_key": "made by the portal",
    "closing_days": "days of a year, as closing_days.parse reads them",
    "password": "a digest",
    "location": "an address of the portal",
    "next_url": "an address of the portal",
    "language": "a code",
    "username": "letters, digits and a few marks, as its validator holds",
    "actor": "a username",
}


def texts_of(model: type[models.Model]) -> list[Any]:
    """The columns for what people type into rows of this kind."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    columns = [field for field in model._meta.concrete_fields if isinstance(field, kinds)]
    typed = [field for field in columns if not field.choices and field.name not in NOT_TYPED]
    return [field for field in typed if f"{model.__name__}.{field.name}" not in NOT_TYPED]


def live(value: Any, beginning: str, longest: int | None = None) -> Any:
    """The value with that beginning; in JSON all its texts but those that are codes."""
    match value:
        case str():
            return f"{beginning}{value}"[:longest]
        case list():
            return [one if is_code(one) else live(one, beginning) for one in value]
        case dict():
            return {key: one if is_code(one) else live(one, beginning) for key, one in value.items()}
        case _:
            return value


def is_code(value: Any) -> bool:
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def make_all_live() -> set[str]:
    """Let every text begin as a formula; which columns hold none."""
    beginnings, untouched = cycle(BEGINNINGS), set()
    with no_guards():
        for model in our_models():
            table, columns = model._default_manager, texts_of(model)
            rows = list(table.all())
            filled = set()
            for row, column in product(rows, columns):
                if old := getattr(row, column.attname):
                    setattr(row, column.attname, live(old, next(beginnings), column.max_length))
                    filled.add(column)
            if columns:
                table.bulk_update(rows, [column.name for column in columns], batch_size=100)
            untouched |= {
                f"{model.__name__}.{column.name}" for column in {*columns} - filled if not fill(column)
            }
    return untouched


def fill(column: Any) -> bool:
    """Let a text stand where none does; whether the database allowed it in any row."""
    if isinstance(column, models.JSONField):
        return False
    try:
        with transaction.atomic():
            return column.model._default_manager.update(**{column.name: FORMULA[: column.max_length]}) > 0
    except IntegrityError:
        return False


def runs(file: SentFile) -> list[str]:
    """Where a spreadsheet would run something that stands in the file."""
    if file.body.startswith(b"PK"):
        return [f"{file.address} {where}" for where in live_cells(file.body)]
    if file.content_type == "text/csv":
        rows = csv.reader(io.StringIO(file.body.decode("utf-8-sig"), newline=""))
        fields = (field for row in rows for field in row)
        return [f"{file.address} {field!r}" for field in fields if is_live(field)]
    return []


def is_live(text: str) -> bool:
    return len(text) > 1 and LIVE.match(text) is not None and NUMBER.fullmatch(text) is None


def live_cells(workbook: bytes) -> Iterator[str]:
    """Formulas, and texts that become one as soon as somebody edits the cell."""
    for sheet in load_workbook(io.BytesIO(workbook)):
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.value is not None):
            is_plain_text = cell.data_type == "s" and not cell.quotePrefix
            if cell.data_type not in ("s", "n", "d") or (is_plain_text and is_live(cell.value)):
                yield f"{sheet.title}!{cell.coordinate} {cell.value!r}"


def files_of_the_world(world: World) -> Iterator[SentFile]:
    """What each address answers to each of the people, as far as it is a file."""
    for (name, pages), column in product(PAGES.items(), SEE_MOST):
        client = client_of(world.people[column])
        for page in pages:
            if "GET" in page.methods:
                file = sent_file(client.get(reverse(name, kwargs=page.arguments(world))))
                if file is not None:
                    yield file


def made_files(world: World) -> Iterator[SentFile]:
    """What is put together once, and given out as it is from then on."""
    by, day, at = world.people["city_staff"], date(2026, 6, 1), tokyo(date(2026, 6, 1))
    draft = world.center.packs.get(state=PackState.DRAFT)
    pack = pack_actions.freeze(pack=draft, version=draft.version, by=by, at=at)
    job = workbook_actions.begin(center=world.center, as_of=day, by=by, at=at)
    for file in (pack.workbook, job.result):
        assert file is not None
        yield SentFile(file.name, file.content_type, bytes(file.content.data))


def test_what_any_address_gives_out_runs_nothing() -> None:
    world = make_world("own")
    make_all_live()
    files = [*files_of_the_world(world), *made_files(world)]
    assert len(files) >= AT_LEAST
    assert [where for file in files for where in runs(file)] == []


@pytest.mark.verify
@pytest.mark.usefixtures("demo", "autumn")
def test_what_the_demonstration_gives_out_runs_nothing(record_property: Callable[[str, int], None]) -> None:
    make_world("own")
    assert make_all_live() == HOLD_NONE
    for person in ("umikaze-foundation-staff", "umikaze-city-staff", "umikaze-auditor"):
        files = list(files_of(person))
        assert files
        record_property("exports", len(files))
        assert [where for file in files for where in runs(file)] == []
