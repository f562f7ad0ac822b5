"""What claims to be a sum is one: months, years, running totals, and pages that leave nothing out and show nothing twice."""

from datetime import date, timedelta
from itertools import accumulate

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from finance.ledger import actions, checks, ledger, reconciliation
from finance.ledger.ledger import Choice, Cursor, ListedEntry
from finance.ledger.posting import Books
from finance.ledger.reconciliation import LedgerMatch
from finance.models import Entry, MonthTotal, RecordedUnit
from iconm_portal.models import Center, Role, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.finance import account, make_accounts, settled
from tests.builders.ledger import AT, TODAY, YEAR, added_up, close, kept, post
from tests.people import make_center, make_organisation, make_person

CODES = ("rent", "research-income", "research")
lines = st.tuples(
    st.sampled_from([(code, None) for code in CODES] + [("research-income", "indirect")]),
    st.integers(1, 10**12),
    st.integers(0, 800),  # days from 1 April 2024 on
    st.booleans(),  # taken back afterwards
)


class SumsTest(TestCase):
    """Hypothesis wants a transaction for each example."""

    def setUp(self) -> None:
        self.center = make_center("lab", make_organisation("city"), make_organisation("foundation"))
        self.staff = make_person("staff", self.center.operator, Role.STAFF)
        make_accounts(self.center)

    @settings(max_examples=25)
    @given(st.lists(lines, max_size=14), st.integers(1, 5))
    def test_every_sum_is_the_sum_of_the_entries(
        self, drawn: list[tuple[tuple[str, str | None], int, int, bool]], size: int
    ) -> None:
        with transaction.atomic():
            self._holds(drawn, size)
            transaction.set_rollback(True)

    def _holds(self, drawn: list[tuple[tuple[str, str | None], int, int, bool]], size: int) -> None:
        center = self.center
        for (code, part), amount, days, is_taken_back in drawn:
            day = min(date(2024, 4, 1) + timedelta(days=days), TODAY)
            made = post(center, code, amount, day, by=self.staff, part=part)
            if is_taken_back:
                actions.reverse(entry=made, reason="誤り", by=self.staff, at=AT)
        assert kept(center) == added_up(center)
        for year in ledger.has_ledger(center):
            sums = ledger.year_sums(center, year)
            of_year = list(Entry.objects.filter(center=center, fiscal_year=year))
            assert sum(total.amount for total in sums.values()) == sum(one.amount for one in of_year)
            assert sum(total.count for total in sums.values()) == len(of_year)
            for code in CODES:
                one = account(center, code)
                self._pages(year, Choice(account=one), [e for e in of_year if e.account_id == one.pk], size)
            part = account(center, "indirect")
            whole = account(center, "research-income")
            self._pages(year, ledger.of_what(part, whole), [e for e in of_year if e.part_id == part.pk], size)

    def _pages(self, year: FiscalYear, choice: Choice, expected: list[Entry], size: int) -> None:
        """Walked forward and backward, the pages are the entries in order, each with the sum up to it."""
        in_order = sorted(expected, key=lambda one: (one.date, one.pk))
        wanted = list(zip(in_order, accumulate(one.amount for one in in_order), strict=True))
        sums = ledger.year_sums(self.center, year)
        forward: list[ListedEntry] = []
        cursor: Cursor | None = Cursor()
        while cursor is not None:
            page = ledger.page(self.center, year, choice, cursor, sums=sums, size=size)
            assert (page.count, page.total) == (len(expected), sum(one.amount for one in expected))
            forward += page.lines
            cursor = Cursor(after=page.next) if page.next else None
        assert [(line.entry, line.running) for line in forward] == wanted
        backward: list[ListedEntry] = []
        cursor = Cursor(last=True)
        while cursor is not None:
            page = ledger.page(self.center, year, choice, cursor, sums=sums, size=size)
            backward = [*page.lines, *backward]
            cursor = Cursor(before=page.previous) if page.previous else None
        assert [(line.entry, line.running) for line in backward] == wanted


@pytest.mark.django_db
def test_a_statement_says_by_how_much_and_where_it_differs_from_its_ledger(
    center: Center, foundation_staff: User, city_staff: User
) -> None:
    make_accounts(center)
    amounts = {"rent": 300_000, "research-income": 800_000, "research": 400_000}
    settled(center, 2025, amounts, unit=RecordedUnit.THOUSAND, by=foundation_staff, reviewer=city_staff)
    books = Books.load(center, today=TODAY)

    def compared() -> dict[str, tuple[LedgerMatch, int | None]]:
        found = reconciliation.load(books, YEAR, ledger.year_sums(center, YEAR), known_at=date(2027, 1, 1))
        return {row.account.code: (row.standing, row.difference) for row in found.rows}

    assert set(compared().values()) == {(LedgerMatch.NO_LEDGER, None)}
    post(center, "rent", 300_000, by=foundation_staff)
    post(center, "research-income", 800_400, by=foundation_staff)
    post(center, "research", 300_000, by=foundation_staff)
    post(center, "other", 5, by=foundation_staff)
    found = compared()
    assert found["rent"] == (LedgerMatch.EQUAL, 0)
    assert found["research-income"] == (LedgerMatch.ROUNDING, 400)
    assert found["research"] == (LedgerMatch.DIFFERS, -100_000)
    assert found["other"] == (LedgerMatch.NOT_STATED, None)
    assert found["support"] == (LedgerMatch.NOTHING, None)
    none = reconciliation.load(books, YEAR, ledger.year_sums(center, YEAR), known_at=date(2026, 4, 1))
    assert {row.standing for row in none.rows} == {LedgerMatch.NO_STATEMENT}
    assert not none.is_whole


@pytest.mark.django_db
def test_entries_are_found_however_their_texts_were_typed(center: Center, foundation_staff: User) -> None:
    make_accounts(center)
    wanted = post(
        center, by=foundation_staff, counterparty="ＡＢＣ　㈱", description="ｼｯｹﾝ １２", voucher="ｖ-７"
    )
    post(center, by=foundation_staff)
    red = actions.reverse(entry=wanted, reason="誤り", by=foundation_staff, at=AT)

    def found(**choice: object) -> list[int]:
        page = ledger.page(center, YEAR, Choice(**choice), Cursor(), sums={})  # type: ignore[arg-type]
        assert page.count is None
        return [line.entry.pk for line in page.lines]

    for text in ("abc(株)", "シッケン", "12 ABC", "v-7"):
        assert found(text=text) == [wanted.pk, red.pk], text
    assert found(text="100%") == []
    assert found(only_reversals=True) == [red.pk]


def test_an_entry_that_came_in_past_the_portal_is_found_and_its_year_is_not_closed(
    center: Center, foundation_staff: User
) -> None:
    make_accounts(center)
    entry = post(center, by=foundation_staff)
    assert checks.sums_are_those_of_the_entries(None, ["default"]) == []
    entry.pk = None
    Entry.objects.bulk_create([entry])
    (said,) = checks.sums_are_those_of_the_entries(None, ["default"])
    assert "lab, rent, 2025-06 of FY2025 (1 in all)" in said.msg
    with pytest.raises(IntegrityError, match="closed on sums"), transaction.atomic():
        close(center, by=foundation_staff)
    MonthTotal.objects.filter(center=center).update(amount=2_000, count=2)  # as the hint says
    assert checks.sums_are_those_of_the_entries(None, ["default"]) == []
    close(center, by=foundation_staff)
