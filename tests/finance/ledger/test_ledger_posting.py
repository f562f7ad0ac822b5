"""Posting, taking back and correcting ledger lines: what stands afterwards, and what is refused at which field."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from finance.ledger import actions, ledger
from finance.ledger.posting import MOST_YEN, Books
from finance.models import Entry, Purpose
from iconm_portal.models import Center, HistoryEvent, Role, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement
from tests.builders.finance import account, make_account, make_accounts
from tests.builders.ledger import AT, DAY, TODAY, YEAR, added_up, close, kept, make_deposits, new, post
from tests.builders.support import make_measure
from tests.people import make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english", "accounts")]


@pytest.fixture
def accounts(center: Center) -> None:
    make_accounts(center)
    make_deposits(center)


def refused(center: Center, by: User, **fields: Any) -> dict[str, list[str]]:
    """What is said at which field; nothing was written."""
    before = Entry.objects.count()
    with pytest.raises(ValidationError) as error, transaction.atomic():
        actions.post(center=center, new=new(center, **fields), by=by, at=AT)
    assert (Entry.objects.count(), kept(center)) == (before, added_up(center))
    return error.value.message_dict


def test_a_line_falls_into_the_fiscal_year_of_its_date(center: Center, foundation_staff: User) -> None:
    last, first = (
        post(center, day=day, by=foundation_staff) for day in (date(2026, 3, 31), date(2026, 4, 1))
    )
    assert (last.fiscal_year, first.fiscal_year) == (YEAR, YEAR + 1)
    assert kept(center) == added_up(center)
    event = HistoryEvent.objects.get(subject=last.history_key())
    assert (event.action, event.after["amount"]) == ("entry.post", 1_000)


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"day": TODAY + timedelta(days=1)}, "date", "future"),
        ({"day": date(2014, 4, 1)}, "account", "does not hold in FY2014"),
        ({"code": "building", "day": date(2021, 5, 1)}, "account", "does not hold in FY2021"),
        ({"code": "running"}, "account", "is a sum in FY2025"),
        ({"code": "indirect"}, "account", "is a part of another account"),
        ({"part": "indirect"}, "part", "Choose a part of"),
        ({"amount": 0}, "amount", "is not 0"),
        ({"amount": MOST_YEN + 1}, "amount", "at most 999,999,999,999,999 yen"),
        ({"amount": -MOST_YEN - 1}, "amount", "at most 999,999,999,999,999 yen"),
        ({"description": "　"}, "description", "what it was for"),
        ({"description": "あ" * 301}, "description", "At most 300"),
        ({"counterparty": "a\x00b"}, "counterparty", "control characters"),
    ],
)
def test_what_cannot_be_posted_is_said_at_its_field(
    center: Center, foundation_staff: User, fields: dict[str, Any], field: str, said: str
) -> None:
    found = refused(center, foundation_staff, **fields)
    assert list(found) == [field]
    assert said in found[field][0]


def test_an_account_that_is_a_leaf_until_it_becomes_a_sum_takes_entries_until_then(
    center: Center, foundation_staff: User
) -> None:
    assert post(center, "running", day=date(2021, 5, 1), by=foundation_staff).amount == 1_000


def test_an_account_of_another_center_is_refused(
    center: Center, foreign_center: Center, foundation_staff: User
) -> None:
    make_accounts(foreign_center)
    theirs = new(foreign_center)
    with pytest.raises(ValidationError, match="this center"):
        actions.post(center=center, new=theirs, by=foundation_staff, at=AT)


@pytest.mark.parametrize(
    "who", ["city_staff", "foundation_viewer", "administrator", "foreign_foundation_staff"]
)
def test_only_the_operators_staff_post(center: Center, who: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        post(center, by=request.getfixturevalue(who))


def test_a_closed_year_takes_no_line_neither_by_the_action_nor_by_the_database(
    center: Center, foundation_staff: User
) -> None:
    made = post(center, by=foundation_staff)
    close(center, by=foundation_staff)
    assert "closed" in refused(center, foundation_staff)["date"][0]
    with pytest.raises(ValidationError, match="closed"):
        actions.reverse(entry=made, reason="誤り", by=foundation_staff, at=AT)
    copy = Entry.objects.get(pk=made.pk)
    copy.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_a_reversal_stands_under_the_same_date_and_both_sides_say_so(
    center: Center, foundation_staff: User
) -> None:
    made = post(center, amount=500, by=foundation_staff)
    red = actions.reverse(entry=made, reason=" 二重計上 ", by=foundation_staff, at=AT)
    assert (red.amount, red.date, red.reverses, red.reason) == (-500, DAY, made, "二重計上")
    assert kept(center) == added_up(center)
    assert ledger.of_account(ledger.year_sums(center, YEAR), made.account_id) == ledger.Total(0, 2)


def test_a_correction_is_red_and_black_in_one_step(center: Center, foundation_staff: User) -> None:
    made = post(center, amount=500, by=foundation_staff)
    black = actions.correct(
        entry=made,
        new=new(center, "research-income", 700, part="indirect"),
        reason="科目の誤り",
        by=foundation_staff,
        at=AT,
    )
    assert (black.corrects, black.amount, made.reversed_by.amount) == (made, 700, -500)
    assert kept(center) == added_up(center)
    event = HistoryEvent.objects.get(action="entry.correct_entry")
    assert (event.before["account"], event.after["account"]) == ("共同研究負担金", "研究費")


def test_what_is_reversed_stays_so(center: Center, foundation_staff: User) -> None:
    made = post(center, by=foundation_staff)
    red = actions.reverse(entry=made, reason="誤り", by=foundation_staff, at=AT)
    other = make_person("sato", center.operator, Role.STAFF)
    with pytest.raises(ValidationError, match="reversed this entry already"):
        actions.correct(entry=made, new=new(center, amount=2), reason="誤り", by=other, at=AT)
    with pytest.raises(ValidationError, match="a reversal itself"):
        actions.reverse(entry=red, reason="誤り", by=other, at=AT)
    assert Entry.objects.count() == 2


def test_a_reversal_needs_a_reason_and_a_correction_a_difference(
    center: Center, foundation_staff: User
) -> None:
    made = post(center, by=foundation_staff)
    with pytest.raises(ValidationError) as error:
        actions.reverse(entry=made, reason=" ", by=foundation_staff, at=AT)
    assert list(error.value.message_dict) == ["reason"]
    with pytest.raises(ValidationError, match="Nothing differs"):
        actions.correct(entry=made, new=new(center), reason="誤り", by=foundation_staff, at=AT)
    assert Entry.objects.count() == 1


def test_no_line_is_ever_changed_or_deleted(center: Center, foundation_staff: User) -> None:
    made = Entry.objects.filter(pk=post(center, by=foundation_staff).pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        made.update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM finance_entry")


def test_many_lines_go_in_together_or_not_at_all(center: Center, foundation_staff: User) -> None:
    rows = [new(center, code, 10) for code in ("rent", "research", "rent")]
    assert actions.post_many(center=center, rows=iter(rows), by=foundation_staff, at=AT) == 3
    with pytest.raises(ValidationError, match=r"Row 3: .*sum in FY2025"):
        actions.post_many(center=center, rows=[*rows[:2], new(center, "running")], by=foundation_staff, at=AT)
    assert Entry.objects.count() == 3
    assert kept(center) == added_up(center)


def test_a_contribution_stays_within_its_limit_counted_over_the_year(
    center: Center, foundation_staff: User
) -> None:
    measure = make_measure(make_agreement(center), total=1_000_000, last_year=2026)
    above = make_account(center, code="city", name="市負担金")
    make_account(center, code="grant", name="負担金", parent=above, measure=measure)
    post(center, "grant", 700_000, by=foundation_staff)
    assert "1,000" in refused(center, foundation_staff, code="grant", amount=300_001)["amount"][0]
    post(center, "grant", 300_000, by=foundation_staff)
    with pytest.raises(ValidationError):
        actions.post_many(center=center, rows=[new(center, "grant", 1)], by=foundation_staff, at=AT)
    assert kept(center) == added_up(center)


def test_deposits_stand_apart_and_indirect_costs_are_told_apart_and_counted_once(
    center: Center, foundation_staff: User
) -> None:
    for code, amount, day in (
        ("deposits-in", 900, date(2024, 5, 1)),
        ("deposits-in", 100, DAY),
        ("deposits-out", 300, DAY),
        ("rent", 50, DAY),
    ):
        post(center, code, amount, day, by=foundation_staff)
    post(center, "research-income", 200, by=foundation_staff)
    post(center, "research-income", 30, by=foundation_staff, part="indirect")
    books = Books.load(center, today=TODAY)
    by_year = ledger.sums_by_year(center)
    assert ledger.deposits(books, by_year, YEAR) == ledger.Deposits(100, 300, 700)
    assert ledger.deposits(books, by_year, FiscalYear(2023)) is None
    sums = by_year[YEAR]
    indirect = account(center, "indirect")
    assert indirect.purpose == Purpose.INDIRECT_COST_INCOME
    assert ledger.of_part(sums, indirect.pk) == ledger.Total(30, 1)
    assert ledger.of_account(sums, account(center, "research-income").pk) == ledger.Total(230, 2)
    assert ledger.has_ledger(center) == {FiscalYear(2024), YEAR}
