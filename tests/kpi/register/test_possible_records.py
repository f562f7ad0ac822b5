"""What never happened is not written down, by whatever way it comes: typed, corrected, or in a table."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from agreements.models import ChronologyEntry, known_days
from iconm_portal.imports.texts import problem
from iconm_portal.models import Center, ImportRow, TableImport, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Category, Record
from kpi.register import actions
from kpi.register.actions import Facts
from tests.builders.agreements import make_agreement
from tests.builders.imports import csv_file, xlsx
from tests.builders.records import make_category, make_record
from tests.days import AT, TODAY
from tests.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
AT_LEAST_ONE = "数は1以上です。何もなかった場合は、記録を作らないでください。"
LONG_BEFORE = "1890年は、2013年に始まるセンターの協定・沿革より大幅に前です。年を確かめてください。"
NOT_OVER = "この期間はまだ終わっていないため、合計は確定していません。終了した年度までの期間にしてください。"


@pytest.fixture(autouse=True)
def in_japanese() -> Any:
    with translation.override("ja"):
        yield


@pytest.fixture
def lectures(center: Center) -> Category:
    make_agreement(center, starts_on=date(2015, 2, 1))
    ChronologyEntry.objects.create(center=center, code="application", happened_on="2013-02", text="応募")
    return make_category(center, "lectures", name="市民公開講座", asks_people=True)


@pytest.fixture
def client(foundation_staff: User) -> Client:
    return client_of(foundation_staff)


IMPOSSIBLE: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
    ({"happened": "2026-04-01", "quantity": 0}, {"quantity": [AT_LEAST_ONE]}),
    ({"happened": "1890-05-01"}, {"happened": [LONG_BEFORE]}),
    ({"happened": "1890"}, {"happened": [LONG_BEFORE]}),
    ({"latest": date(1890, 1, 1)}, {"latest": [LONG_BEFORE]}),
    (
        {"is_period_total": True, "first_year": FiscalYear(2026), "last_year": FiscalYear(2028)},
        {"last_year": [NOT_OVER]},
    ),
    (
        {"is_period_total": True, "first_year": FiscalYear(2024), "last_year": FiscalYear(2026)},
        {"last_year": [NOT_OVER]},
    ),
    (
        {"is_period_total": True, "first_year": FiscalYear(1890), "last_year": FiscalYear(2025)},
        {"first_year": [LONG_BEFORE]},
    ),
]


@pytest.mark.parametrize(("facts", "refusals"), IMPOSSIBLE)
def test_neither_a_new_record_nor_a_correction_says_what_cannot_be(
    lectures: Category, foundation_staff: User, facts: dict[str, Any], refusals: dict[str, list[str]]
) -> None:
    said = Facts("講座", **facts)
    with pytest.raises(ValidationError) as refused:
        actions.add(category=lectures, facts=said, by=foundation_staff, at=AT)
    assert refused.value.message_dict == refusals
    record = make_record(lectures, "講座", happened="2026-04-01")
    with pytest.raises(ValidationError) as refused:
        actions.change(record=record, version=record.version, facts=said, by=foundation_staff, at=AT)
    assert refused.value.message_dict == refusals


@pytest.mark.parametrize(
    "facts",
    [
        {"happened": "1993-01-01"},  # what the center grew from is older than its agreements
        {"happened": "2026-11-24"},
        {"happened": "2026"},
        {"happened": "2025-05-01", "quantity": None},
        {"happened": "2025-05-01", "people": 0},
        {"happened": "2025-03-31", "is_level": True, "quantity": 0},
        {
            "is_period_total": True,
            "first_year": FiscalYear(2022),
            "last_year": FiscalYear(2025),
            "quantity": 0,
        },
    ],
)
def test_what_can_be_is_written_down(
    lectures: Category, foundation_staff: User, facts: dict[str, Any]
) -> None:
    made = actions.add(category=lectures, facts=Facts("講座", **facts), by=foundation_staff, at=AT)
    assert Record.objects.get().number == made.number


def test_what_was_stored_before_stays_when_something_else_is_corrected(
    lectures: Category, foundation_staff: User
) -> None:
    record = make_record(lectures, "講座", happened="1890-05-01", quantity=0)
    facts = Facts("公開講座", happened="1890-05-01", quantity=0)
    actions.change(record=record, version=record.version, facts=facts, by=foundation_staff, at=AT)
    record.refresh_from_db()
    assert record.title == "公開講座"


def test_the_form_says_it_at_the_field_and_keeps_what_was_typed(lectures: Category, client: Client) -> None:
    here = reverse("kpi:record_new", kwargs={"center": "lab", "category": "lectures"})
    typed = {"title": "講座", "happened": "1890-05-01", "quantity": "0"}
    answer = client.post(here, typed)
    assert answer.status_code == 400
    assert answer.context["form"].errors == {"happened": [LONG_BEFORE], "quantity": [AT_LEAST_ONE]}
    assert answer.context["form"]["happened"].value() == "明治23年5月1日"
    assert not Record.objects.exists()


@pytest.mark.parametrize("is_csv", [True, False])
def test_a_table_says_it_at_the_cell_in_the_readers_language(
    lectures: Category, client: Client, is_csv: bool
) -> None:
    rows: list[list[Any]] = [
        ["区分", "件名", "年月日", "数", "期間の最初の年度", "期間の最後の年度"],
        ["lectures", "A", "1890-05-01", "1", "", ""],
        ["lectures", "B", "2026-04-01", "0", "", ""],
        ["lectures", "C", "", "5", "R8", "R10"],
    ]
    text = "\n".join(",".join(row) for row in rows)
    file = csv_file(text, encoding="utf-8") if is_csv else xlsx(rows)
    client.post(reverse("kpi:record_imports", kwargs={"center": "lab"}), {"file": file})
    table = TableImport.objects.get()
    found = {
        (row.number, one["column"]): one
        for row in ImportRow.objects.filter(table=table, has_problem=True)
        for one in row.problems
        if one["level"] == "error"
    }
    assert set(found) == {(2, "happened"), (3, "quantity"), (4, "last_year")}
    here = reverse("kpi:record_import", kwargs={"center": "lab", "number": table.pk})
    page = client.get(here).content.decode()
    assert all(text in page for text in (LONG_BEFORE, AT_LEAST_ONE, NOT_OVER))
    with translation.override("en"):
        said = problem(found[2, "happened"])
    assert said.startswith("1890 is long before the center, whose agreements and history begin in 2013.")


def test_the_bound_is_what_the_center_knows_of_itself(center: Center) -> None:
    assert known_days.of(center, today=TODAY).first == date(1926, 1, 1)
    make_agreement(center, starts_on=date(2015, 2, 1))
    assert known_days.of(center, today=TODAY).first == date(1995, 1, 1)
    ChronologyEntry.objects.create(center=center, code="plan", happened_on="2007", text="計画")
    assert known_days.of(center, today=TODAY).first == date(1987, 1, 1)
