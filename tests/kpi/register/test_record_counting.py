"""What the register comes to: cumulative, within a year, too vague to say, and what never counts."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import IndicatorBasis, Measured, Record, RecordStatus
from kpi.plans.achievement import Kind
from kpi.register import counting
from kpi.register.counting import Span, Sums, count
from tests.builders.records import a_record, make_category, make_many, make_record

pytestmark = pytest.mark.django_db

YEAR = FiscalYear(2021)
AS_OF = date(2021, 11, 30)


def withdrawn_by(person: User) -> dict[str, object]:
    return {
        "status": RecordStatus.WITHDRAWN,
        "withdrawn_at": timezone.now(),
        "withdrawn_by": person,
        "withdrawal_reason": "二重",
    }


def test_a_cumulative_count_holds_what_happened_by_the_day(center: Center) -> None:
    category = make_category(center)
    make_record(category, happened="2020-09")
    make_record(category, happened="2021-11-30")
    make_record(category, happened="2021-12-01")
    make_record(category, happened="2021")  # until 31 December: perhaps afterwards
    make_record(category)  # no date at all
    make_record(category, latest=date(2021, 4, 30))  # known by then, whenever it was
    sums = count(center, fiscal_year=YEAR, as_of=AS_OF).of(category.pk, Kind.CUMULATIVE)
    assert (sums.records, sums.vague) == (3, 2)


def test_a_yearly_count_holds_what_lies_wholly_in_the_year(center: Center) -> None:
    category = make_category(center)
    make_record(category, happened="2021-03-31")
    make_record(category, happened="2021-04")
    make_record(category, happened="2021-12-01")  # after the as-of day
    make_record(category, happened="2021")  # January to December: two fiscal years
    make_record(category, latest=date(2021, 4, 30))  # perhaps years before
    make_record(category, latest=date(2021, 3, 30))  # surely before
    make_record(category, earliest=date(2022, 4, 1))  # surely afterwards
    sums = count(center, fiscal_year=YEAR, as_of=AS_OF).of(category.pk, Kind.FLOW)
    assert (sums.records, sums.vague) == (1, 2)


def test_a_year_ends_with_its_last_day_and_begins_with_its_first(center: Center) -> None:
    category = make_category(center)
    make_record(category, happened="2022-03-31")
    make_record(category, happened="2022-04-01")
    assert count(center, fiscal_year=YEAR, as_of=date(2023, 1, 1)).of(category.pk, Kind.FLOW).records == 1
    before = count(center, fiscal_year=YEAR, as_of=date(2021, 3, 31)).of(category.pk, Kind.FLOW)
    assert (before.records, before.vague) == (0, 0)


def test_withdrawn_ones_and_totals_never_count_and_renamed_ones_do(
    center: Center, foundation_staff: User
) -> None:
    category = make_category(center)
    make_record(category, happened="2021-05-01", became="別会社")
    make_record(category, happened="2021-05-01", **withdrawn_by(foundation_staff))
    total = {"is_period_total": True, "first_year": 2015, "last_year": 2020, "people": 4200}
    make_record(category, latest=date(2021, 3, 31), **total)
    counts = count(center, fiscal_year=YEAR, as_of=AS_OF)
    for kind in (Kind.CUMULATIVE, Kind.FLOW):
        sums = counts.of(category.pk, kind)
        assert (sums.records, sums.people, sums.vague) == (1, 0, 0)


def test_how_many_there_were_at_a_time_never_counts(center: Center) -> None:
    """70機関 in a category of which an indicator counts the records is neither one thing nor seventy."""
    category = make_category(center)
    make_record(category, happened="2021-05-01")
    make_record(category, happened="2021-06", is_level=True, quantity=70)
    counts = count(center, fiscal_year=YEAR, as_of=AS_OF)
    for kind in (Kind.CUMULATIVE, Kind.FLOW, Kind.LEVEL):
        sums = counts.of(category.pk, kind)
        assert (sums.records, sums.vague) == (1, 0)
        assert sums.value(Measured.QUANTITY) == 1


def test_what_is_measured(center: Center) -> None:
    """A share is weighted by the people asked: 200 at 90 % and 100 at 60 % are 80 %."""
    category = make_category(center, "lectures")
    make_record(category, happened="2021-05-01", people=200, satisfaction=Decimal(90), quantity=2)
    make_record(category, happened="2021-06-01", people=100, satisfaction=Decimal(60), quantity=None)
    make_record(category, happened="2021-07-01", people=40, quantity=1)
    sums = count(center, fiscal_year=YEAR, as_of=AS_OF).of(category.pk, Kind.RATIO)
    assert (sums.records, sums.value(Measured.RECORDS)) == (3, 4), "one of them stands for two"
    assert sums.value(Measured.QUANTITY) == 3
    assert sums.lacking(Measured.QUANTITY) == 1
    assert sums.value(Measured.PEOPLE) == 340
    assert sums.lacking(Measured.PEOPLE) == 0
    assert sums.value(Measured.SATISFACTION) == 80
    assert sums.lacking(Measured.SATISFACTION) == 1


def test_without_people_there_is_no_share(center: Center) -> None:
    category = make_category(center, "lectures")
    make_record(category, happened="2021-05-01", satisfaction=Decimal(90))
    counts = count(center, fiscal_year=YEAR, as_of=AS_OF)
    assert counts.of(category.pk, Kind.RATIO).value(Measured.SATISFACTION) is None
    assert counts.of(0, Kind.RATIO).value(Measured.RECORDS) == 0


def test_a_share_is_rounded_half_up() -> None:
    assert Sums(points=Decimal("66.65"), weight=1).value(Measured.SATISFACTION) == Decimal("66.7")
    assert Sums(points=Decimal(200), weight=3).value(Measured.SATISFACTION, decimals=0) == Decimal(67)


def test_counting_takes_two_queries_for_all_categories(
    center: Center, foreign_center: Center, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_record(make_category(foreign_center), happened="2021-05-01")
    categories = [make_category(center, code) for code in ("ventures", "trials", "press")]
    for category in categories:
        make_many(category, 100, happened="2021-05")
    with django_assert_num_queries(2):
        counts = count(center, fiscal_year=YEAR, as_of=AS_OF)
    assert [counts.of(category.pk, Kind.FLOW).records for category in categories] == [100, 100, 100]
    assert len(counts.so_far) == 3


# Against an independent reckoning

DAYS = st.integers(-500, 500).map(lambda days: date(2021, 10, 1) + timedelta(days=days))


@st.composite
def facts(draw: st.DrawFn) -> dict[str, object]:
    days: list[date | None] = sorted(draw(st.tuples(DAYS, DAYS)))  # type: ignore[assignment]
    known = draw(st.sampled_from(["both", "both", "latest", "earliest", "none"]))
    return {
        "earliest": days[0] if known in ("both", "earliest") else None,
        "latest": days[1] if known in ("both", "latest") else None,
        "people": draw(st.none() | st.integers(0, 500)),
        "satisfaction": draw(st.none() | st.integers(0, 1000).map(lambda tenths: Decimal(tenths) / 10)),
    }


def possible_days(record: Record) -> tuple[date, date]:
    return record.earliest or date.min, record.latest or date.max


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(facts(), min_size=1, max_size=12), DAYS)
def test_counts_agree_with_going_through_the_records_one_by_one(
    center: Center, rows: list[dict[str, object]], as_of: date
) -> None:
    category = make_category(center, f"c{center.categories.count()}")
    records = [a_record(category, "x", number=number, **row) for number, row in enumerate(rows, 1)]
    Record.objects.bulk_create(records)
    counts = count(center, fiscal_year=YEAR, as_of=as_of)
    for kind, first, last in (
        (Kind.CUMULATIVE, date.min, as_of),
        (Kind.FLOW, YEAR.first_day, min(as_of, YEAR.last_day)),
    ):
        spans = [(record, *possible_days(record)) for record in records if first <= last]
        inside = [record for record, begin, end in spans if first <= begin and end <= last]
        touching = [record for record, begin, end in spans if begin <= last and end >= first]
        sums = counts.of(category.pk, kind)
        assert sums.records == len(inside)
        assert sums.vague == len(touching) - len(inside)
        assert sums.people == sum(record.people or 0 for record in inside)
        asked = [r for r in inside if r.people is not None and r.satisfaction is not None]
        weight = sum(record.people or 0 for record in asked)
        share = sums.value(Measured.SATISFACTION, decimals=9)
        if weight:
            exact = Fraction(sum(Fraction(r.satisfaction or 0) * (r.people or 0) for r in asked), weight)
            assert share is not None
            assert abs(Fraction(share) - exact) <= Fraction(1, 2 * 10**9)
        else:
            assert share is None


def test_the_records_behind_a_count_are_told_apart(center: Center, foundation_staff: User) -> None:
    category = make_category(center)
    basis = IndicatorBasis(category=category, measured=Measured.RECORDS)
    inside = make_record(category, happened="2021-05-01")
    unsure = make_record(category)
    taken_back = make_record(category, happened="2021-05-01", **withdrawn_by(foundation_staff))
    span = Span.of(Kind.CUMULATIVE, YEAR, AS_OF)
    assert list(counting.counted(basis, span)) == [inside]
    assert list(counting.vague(basis, span)) == [unsure]
    assert list(counting.withdrawn(basis, span)) == [taken_back]


def test_a_category_that_holds_nothing_by_the_day_is_not_kept(center: Center) -> None:
    totals, later, kept = (make_category(center, code) for code in ("visits", "trials", "press"))
    make_record(totals, "合計", is_period_total=True, first_year=2015, last_year=2020)
    make_record(later, happened="2024-01-01")
    make_record(kept, happened="2019-01-01")
    counts = count(center, fiscal_year=YEAR, as_of=AS_OF)
    categories = (totals, later, kept)
    assert [counts.is_kept(one.pk, Kind.CUMULATIVE) for one in categories] == [False, False, True]
    # What happened in 2019 does not say that nothing did in the year.
    assert [counts.is_kept(one.pk, Kind.FLOW) for one in categories] == [False, False, False]
    assert counts.of(kept.pk, Kind.FLOW).records == 0
