"""The arithmetic of KPIs: every kind, comparator and certainty against every sort of value."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconm_portal.values.money import Rounding
from kpi.models import Actual, Indicator
from kpi.plans.achievement import (
    Achievement,
    Band,
    Certainty,
    Comparator,
    Counts,
    Kind,
    Reason,
    assess,
    display,
    is_met,
    is_nearly_met,
    rate,
    stored,
    summary,
)

D = Decimal
SETTLED = [Certainty.FINAL, Certainty.FORECAST]

# actual, target, rate, met under at_least and maintain, met under at_most, reason
COMPARISONS = {
    "over 100 %": ("12", "10", "120.0", True, False, Reason.COMPARED),
    "far over 100 %": ("5000", "10", "50000.0", True, False, Reason.COMPARED),
    "equal": ("10", "10", "100.0", True, True, Reason.COMPARED),
    "equal though written otherwise": ("10.0", "10", "100.0", True, True, Reason.COMPARED),
    "below": ("9", "10", "90.0", False, True, Reason.COMPARED),
    "short by a hair": ("9.999999", "10", "99.9", False, True, Reason.COMPARED),
    "over by a hair": ("10.000001", "10", "100.0", True, False, Reason.COMPARED),
    "zero actual": ("0", "10", "0.0", False, True, Reason.COMPARED),
    "zero target, something": ("3", "0", None, True, False, Reason.ZERO_TARGET),
    "zero target, nothing": ("0", "0", None, True, True, Reason.ZERO_TARGET),
    "zero target, negative": ("-1", "0", None, False, True, Reason.ZERO_TARGET),
    "negative actual": ("-5", "10", "-50.0", False, True, Reason.COMPARED),
    "negative target, better": ("-5", "-10", None, True, False, Reason.NEGATIVE_TARGET),
    "negative target, worse": ("-20", "-10", None, False, True, Reason.NEGATIVE_TARGET),
    "target below an earlier value": ("5", "5", "100.0", True, True, Reason.COMPARED),
}


def judge(actual: str | None, target: str | None, **given_: object) -> Achievement:
    terms: dict = {
        "kind": Kind.LEVEL,
        "comparator": Comparator.AT_LEAST,
        "certainty": Certainty.FINAL,
    } | given_
    return assess(actual=actual and D(actual), target=target and D(target), **terms)


@pytest.mark.parametrize("name", COMPARISONS)
@pytest.mark.parametrize(("kind", "comparator", "certainty"), list(product(Kind, Comparator, SETTLED)))
def test_settled_values_are_compared(name, kind, comparator, certainty):
    actual, target, expected, at_least, at_most, reason = COMPARISONS[name]
    is_limit = comparator is Comparator.AT_MOST
    met = at_most if is_limit else at_least
    assert judge(actual, target, kind=kind, comparator=comparator, certainty=certainty) == Achievement(
        band=Band.MET if met else Band.NOT_MET,
        rate=None if expected is None or is_limit else D(expected),
        comparable=True,
        reason=reason,
        is_forecast=certainty is Certainty.FORECAST,
        difference=D(actual) - D(target) if is_limit else None,
    )


@pytest.mark.parametrize(("kind", "comparator"), list(product(Kind, Comparator)))
def test_interim_value_shows_its_rate_but_no_verdict(kind, comparator):
    found = judge("11", "10", kind=kind, comparator=comparator, certainty=Certainty.INTERIM)
    terms: dict = {"comparable": True, "reason": Reason.INTERIM}
    if comparator is Comparator.AT_MOST:
        assert found == Achievement(Band.INTERIM, None, difference=D(1), **terms)
    else:
        assert found == Achievement(Band.INTERIM, D("110.0"), **terms)


@pytest.mark.parametrize(("kind", "certainty", "comparator"), list(product(Kind, Certainty, Comparator)))
def test_part_year_only_stops_the_comparison_of_a_flow_that_is_no_forecast(kind, certainty, comparator):
    found = judge("8", "5", kind=kind, certainty=certainty, comparator=comparator, part_year=True)
    if kind is Kind.FLOW and certainty is not Certainty.FORECAST:
        assert found == Achievement(Band.INTERIM, None, comparable=False, reason=Reason.PART_YEAR_FLOW)
    else:
        # What calls itself final within the year is a value of mid-year like any other.
        as_if = Certainty.INTERIM if certainty is Certainty.FINAL else certainty
        assert found == judge("8", "5", kind=kind, certainty=as_if, comparator=comparator)


@pytest.mark.parametrize(("kind", "comparator"), list(product(Kind, Comparator)))
def test_a_forecast_has_no_verdict_before_its_year_is_over(kind, comparator):
    terms: dict = {"kind": kind, "comparator": comparator, "certainty": Certainty.FORECAST, "part_year": True}
    running, over = judge("8", "5", year_runs=True, **terms), judge("8", "5", **terms)
    assert (running.band, running.is_forecast, running.comparable) == (Band.INTERIM, False, True)
    assert (over.band.is_verdict, over.is_forecast) == (True, True)
    assert (running.rate, running.difference) == (over.rate, over.difference)


@pytest.mark.parametrize(("kind", "certainty", "comparator"), list(product(Kind, Certainty, Comparator)))
@pytest.mark.parametrize(
    ("actual", "target", "flags", "band"),
    [
        (None, "5", {}, Band.UNREPORTED),
        (None, None, {}, Band.UNREPORTED),
        (None, "0", {}, Band.UNREPORTED),
        ("8", None, {}, Band.NO_TARGET),
        ("0", None, {}, Band.NO_TARGET),
        (None, "5", {"not_applicable": True}, Band.NOT_APPLICABLE),
        ("8", "5", {"is_baseline": True}, Band.BASELINE),
        ("8", None, {"is_baseline": True}, Band.BASELINE),
        (None, None, {"is_baseline": True}, Band.BASELINE),
    ],
)
def test_without_a_verdict(kind, certainty, comparator, actual, target, flags, band):
    found = judge(actual, target, kind=kind, certainty=certainty, comparator=comparator, **flags)
    assert (found.band, found.rate, found.comparable, found.is_forecast) == (band, None, False, False)
    assert found.reason == Reason(band.value)


def test_what_a_database_row_holds_will_do():
    row = Indicator(kind="flow", comparator="at_most")
    terms = {"kind": row.kind, "comparator": row.comparator}
    found = judge("8", "5", **terms, certainty=Actual(certainty="interim").certainty, part_year=True)
    assert found.reason is Reason.PART_YEAR_FLOW
    forecast, interim = Actual(certainty="forecast").certainty, Actual(certainty="interim").certainty
    assert judge("8", "5", **terms, certainty=forecast).band is Band.NOT_MET
    assert judge("8", "5", certainty=forecast).is_forecast
    assert judge("8", "5", certainty=interim).band is Band.INTERIM


def test_unreported_needs_no_certainty_but_a_value_does():
    assert judge(None, "5", certainty=None).band is Band.UNREPORTED
    with pytest.raises(ValueError, match="certainty"):
        judge("5", "5", certainty=None)


@pytest.mark.parametrize(
    ("comparator", "actual", "band"),
    [
        (Comparator.AT_LEAST, "100", Band.MET),
        (Comparator.AT_LEAST, "90", Band.NEARLY),
        (Comparator.AT_LEAST, "89.9", Band.NOT_MET),
        (Comparator.MAINTAIN, "99.9", Band.NEARLY),
        (Comparator.MAINTAIN, "89.9", Band.NOT_MET),
        (Comparator.AT_MOST, "100", Band.MET),
        (Comparator.AT_MOST, "111.1", Band.NEARLY),  # 100 / 0.9 = 111.11…
        (Comparator.AT_MOST, "111.2", Band.NOT_MET),
    ],
)
def test_nearly_met_with_a_threshold(comparator, actual, band):
    assert judge(actual, "100", comparator=comparator, nearly_threshold=D("0.9")).band is band


@pytest.mark.parametrize("comparator", Comparator)
def test_what_is_met_is_not_nearly_met(comparator):
    assert not is_nearly_met(D(10), D(10), comparator, D("0.9"))


def test_without_a_threshold_nothing_is_nearly_met():
    assert judge("99.9", "100").band is Band.NOT_MET


@pytest.mark.parametrize("comparator", Comparator)
@pytest.mark.parametrize("target", ["0", "-10"])
def test_no_room_below_a_target_of_zero_or_less(comparator, target):
    bands = {
        judge(str(n), target, comparator=comparator, nearly_threshold=D("0.5")).band for n in range(-30, 10)
    }
    assert bands == {Band.MET, Band.NOT_MET}


@pytest.mark.parametrize("threshold", ["0", "-0.1", "1.01", "90"])
def test_threshold_is_a_rate(threshold):
    with pytest.raises(ValueError, match="threshold"):
        is_nearly_met(D(9), D(10), Comparator.AT_LEAST, D(threshold))


@pytest.mark.parametrize(
    ("actual", "target", "percent"),
    [
        ("8", "9", "88.9"),  # half-up: 88.88…
        ("2", "3", "66.7"),
        ("1", "3", "33.3"),
        ("600", "480", "125.0"),
        ("12345.6", "1000", "1234.6"),
        ("999.6", "1000", "99.9"),  # half-up 100.0, but not met
        ("1000", "1000", "100.0"),
        ("1000.4", "1000", "100.0"),
        ("0", "10", "0.0"),
        ("-5", "10", "-50.0"),
        ("5", "0", None),
        ("5", "-1", None),
    ],
)
def test_the_rate_is_half_up_but_for_one_cap(actual, target, percent):
    found = rate(D(actual), D(target), met=D(actual) >= D(target))
    assert (None if found is None else str(found)) == percent


def test_the_rate_is_of_the_two_figures_as_printed():
    def in_million(value: D) -> D:
        return display(value, scale=1_000_000, decimals=0, rounding=Rounding.TRUNCATE)

    # 600,536千円 of 480,000千円 would be 125.1, but 600百万円 and 480百万円 stand there.
    assert judge("600536000", "480000000", printed=in_million).rate == D("125.0")
    # Printed alike, 505 and 505: the verdict, of the stored values, decides.
    assert judge("505100000", "505900000", printed=in_million).rate == D("99.9")
    assert judge("505900000", "505100000", printed=in_million).rate == D("100.0")
    # A target that is printed as 0 leaves nothing to divide by.
    assert judge("1000000", "400000", printed=in_million).rate is None


def test_under_a_limit_the_difference_stands_instead_of_a_rate():
    found = judge("4", "3", comparator=Comparator.AT_MOST)
    assert (found.band, found.rate, found.difference) == (Band.NOT_MET, None, D(1))


@pytest.mark.parametrize(
    ("value", "scale", "decimals", "rounding", "shown"),
    [
        ("505794000", 1_000_000, 0, Rounding.TRUNCATE, "505"),  # T3 from T2, R1
        ("600536000", 1_000_000, 0, Rounding.TRUNCATE, "600"),  # T3 from T2, R2
        ("505794000", 1_000_000, 0, Rounding.HALF_UP, "506"),
        ("505794000", 1_000_000, 3, Rounding.TRUNCATE, "505.794"),
        ("438802000", 1_000, 0, Rounding.HALF_UP, "438802"),
        ("438802500", 1_000, 0, Rounding.HALF_UP, "438803"),
        ("-1500", 1_000, 0, Rounding.HALF_UP, "-2"),
        ("-1500", 1_000, 0, Rounding.TRUNCATE, "-1"),
        ("-400", 1_000, 0, Rounding.TRUNCATE, "0"),
        ("24.3", 1, 1, Rounding.HALF_UP, "24.3"),
        ("28", 1, 1, Rounding.HALF_UP, "28"),
        ("28.0", 1, 1, Rounding.HALF_UP, "28"),
        ("24.30", 1, 3, Rounding.HALF_UP, "24.3"),
        ("100", 1, 0, Rounding.HALF_UP, "100"),
        ("1E+3", 1, 0, Rounding.HALF_UP, "1000"),
        ("0", 1_000, 1, Rounding.HALF_UP, "0"),
    ],
)
def test_display(value, scale, decimals, rounding, shown):
    # Compared as text: 28 and 28.0 are equal numbers but not the same print.
    assert str(display(D(value), scale=scale, decimals=decimals, rounding=rounding)) == shown


def test_summary_counts_every_band():
    counts = summary([Band.MET, Band.MET, Band.NEARLY, Band.NOT_MET, Band.UNREPORTED, Band.INTERIM])
    assert counts == Counts(met=2, nearly=1, not_met=1, unreported=1, interim=1)
    assert (counts.compared, counts.total) == (4, 6)
    assert summary([]) == Counts()
    some = summary([Band.MET], expected=[Band.MET, Band.MET, Band.NOT_MET])
    assert (some.met, some.expected_met, some.expected_not_met) == (1, 2, 1)
    assert (some.compared, some.total) == (4, 4)
    assert summary(Band).total == len(Band)


# --- properties ----------------------------------------------------------------------------------
values = st.decimals(min_value=-(10**12), max_value=10**12, places=3)
positive = st.decimals(min_value=D("0.001"), max_value=10**12, places=3)
comparators = st.sampled_from(Comparator)
thresholds = st.decimals(min_value=D("0.01"), max_value=1, places=2)
RANK = {Band.NOT_MET: 0, Band.NEARLY: 1, Band.MET: 2}


@given(values, values, values, comparators, thresholds)
def test_a_raised_actual_moves_the_band_one_way(low, high, target, comparator, threshold):
    low, high = sorted((low, high))
    terms = {"kind": Kind.FLOW, "comparator": comparator, "certainty": Certainty.FINAL}
    before, after = (
        RANK[assess(actual=a, target=target, nearly_threshold=threshold, **terms).band] for a in (low, high)
    )
    assert before >= after if comparator is Comparator.AT_MOST else before <= after


@given(values, positive)
def test_printed_rate_never_contradicts_the_verdict_and_is_the_quotient_otherwise(actual, target):
    met = is_met(actual, target, Comparator.AT_LEAST)
    found = rate(actual, target, met=met)
    assert found is not None
    assert (found >= 100) == met
    if found not in (D("99.9"), D("100.0")):
        assert abs(found * target - actual * 100) * 20 <= target


@given(values, st.sampled_from([1, 1_000, 1_000_000]), st.integers(0, 6), st.sampled_from(Rounding))
def test_display_is_within_a_step_and_truncation_never_exceeds(value, scale, decimals, rounding):
    back = stored(display(value, scale=scale, decimals=decimals, rounding=rounding), scale)
    step = D(scale).scaleb(-decimals)
    if rounding is Rounding.TRUNCATE:
        assert abs(back) <= abs(value) < abs(back) + step
    else:
        assert abs(back - value) * 2 <= step


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3), st.sampled_from([1, 1_000, 1_000_000]))
def test_what_was_typed_comes_back(typed, scale):
    assert display(stored(typed, scale), scale=scale, decimals=3, rounding=Rounding.TRUNCATE) == typed
