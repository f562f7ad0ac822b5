"""Of no kind of import does a file stay for ever that nobody applied: it goes when it is refused or discarded, and after 30 days."""

from typing import Any

import pytest

from finance.ledger.imports.kind import ENTRIES
from finance.models import Stage
from finance.statements.import_kind import STATEMENT, Chosen
from iconm_portal.forms import files
from iconm_portal.imports import expiring, importing
from iconm_portal.imports.specs import _SPECS, Spec
from iconm_portal.models import (
    Center,
    FileContent,
    HistoryEvent,
    ImportState,
    Job,
    StoredFile,
    TableImport,
    User,
    WaitingContent,
    WaitingFile,
)
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.work import cleanup
from iconm_portal.work.progress import Progress
from kpi.register.imports.kind import RECORDS
from tests.builders.finance import make_accounts
from tests.builders.imports import csv_file, looked_at
from tests.builders.records import make_category

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]

SETTLEMENT = Chosen(FiscalYear(2025), Stage.SETTLEMENT, "yen").as_params()
KINDS: dict[str, tuple[Spec, str, dict[str, Any]]] = {
    "finance.entries": (ENTRIES, "日付,科目コード,金額,摘要\nR8.6.1,rent,{amount},a\n", {}),
    "finance.statement": (STATEMENT, "科目コード,金額\nrent,{amount}\n", SETTLEMENT),
    "kpi.records": (RECORDS, "区分,件名,数\nlectures,講座,{amount}\n", {}),
}
GOOD, WRONG, EMPTY = "5", "abc", None
each_kind = pytest.mark.parametrize("kind", sorted(KINDS))


@pytest.fixture(autouse=True)
def _kept_here(center: Center) -> None:
    make_accounts(center)
    make_category(center, "lectures")


def test_every_kind_is_tried() -> None:
    assert set(_SPECS) == set(KINDS)


def sent(center: Center, by: User, kind: str, amount: str | None) -> TableImport:
    spec, text, params = KINDS[kind]
    text = text.splitlines()[0] + "\n" if amount is None else text.format(amount=amount)
    file = looked_at(csv_file(text))
    return importing.upload(spec=spec, center=center, file=file, params=params, by=by, at=clock.now())


def nothing_is_left() -> bool:
    kept = (WaitingFile, WaitingContent, StoredFile, FileContent)
    return not any(model.objects.exists() for model in kept)


def at_night() -> None:
    for do in (expiring.expire, cleanup.clean_up):
        do(Job(), Progress(0, 0, is_kept=False))


@each_kind
def test_of_a_refused_one_nothing_stays(center: Center, foundation_staff: User, kind: str) -> None:
    assert sent(center, foundation_staff, kind, EMPTY).state is ImportState.REFUSED
    assert nothing_is_left()


@each_kind
@pytest.mark.parametrize("amount", [GOOD, WRONG])
def test_of_a_discarded_one_neither(center: Center, foundation_staff: User, kind: str, amount: str) -> None:
    importing.discard(table=sent(center, foundation_staff, kind, amount), by=foundation_staff)
    assert nothing_is_left()


@each_kind
@pytest.mark.parametrize("amount", [GOOD, WRONG])
def test_one_that_is_forgotten_goes_after_its_time(
    center: Center, foundation_staff: User, kind: str, amount: str
) -> None:
    table = sent(center, foundation_staff, kind, amount)
    at_night()
    assert WaitingFile.objects.exists(), "not yet"
    WaitingFile.objects.update(waits_until=clock.now() - files.UNDECIDED)
    at_night()
    table.refresh_from_db()
    assert (table.state, table.rows.count()) == (ImportState.DISCARDED, 0)
    assert nothing_is_left()
    assert HistoryEvent.objects.filter(action="import.discard", subject=table.history_key()).exists()


@each_kind
def test_what_was_applied_stays_with_its_file(center: Center, foundation_staff: User, kind: str) -> None:
    table = sent(center, foundation_staff, kind, GOOD)
    importing.apply(table=table, by=foundation_staff, at=clock.now())
    at_night()
    assert StoredFile.objects.get().sha256 == table.sha256
    assert not WaitingFile.objects.exists()
