"""Warnings and refusals on the entry sheet."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Actual, Indicator
from kpi.plans.achievement import Certainty, Kind
from kpi.value_sources.checks import (
    CheckWarning,
    Known,
    Refusal,
    RefusalCode,
    WarningCode,
    check_value,
    refuse_value,
)

D = Decimal
R4 = FiscalYear(2022)
YEAR_END = date(2023, 3, 31)
NOVEMBER = date(2022, 11, 30)


def check(value: str | None, **terms: object) -> list[CheckWarning]:
    """The warnings about a settled level; amounts as text, a note as if one were there."""
    given_: dict = {
        "kind": Kind.LEVEL,
        "certainty": Certainty.FINAL,
        "as_of": YEAR_END,
        "fiscal_year": R4,
        "previous": None,
        "target": None,
        "note": "理由",
        "breaks": False,
    } | terms
    for amount in ("previous", "target"):
        given_[amount] = given_[amount] and D(given_[amount])
    return check_value(value=value and D(value), **given_)


def codes(value: str | None, **terms: object) -> list[str]:
    return [warning.code.value for warning in check(value, **terms)]


def test_an_ordinary_value_is_not_remarked_on():
    assert codes("12", kind=Kind.CUMULATIVE, previous="11", target="12") == []


def test_nothing_typed_nothing_said():
    assert codes(None, kind=Kind.CUMULATIVE, previous="11", note="") == []


@pytest.mark.parametrize(
    ("kind", "value", "previous", "breaks", "expected"),
    [
        (Kind.CUMULATIVE, "10", "11", False, ["falling_cumulative"]),
        (Kind.CUMULATIVE, "1", "11", False, ["falling_cumulative"]),
        (Kind.CUMULATIVE, "0", "11", False, ["falling_cumulative"]),
        (Kind.CUMULATIVE, "11", "11", False, []),
        (Kind.CUMULATIVE, "8", "87", True, []),
        (Kind.CUMULATIVE, "8", None, False, []),
        (Kind.LEVEL, "10", "11", False, []),
        (Kind.RATIO, "10", "11", False, []),
        (Kind.FLOW, "10", "11", False, []),
    ],
)
def test_only_a_cumulative_may_not_fall(kind, value, previous, breaks, expected):
    assert codes(value, kind=kind, previous=previous, breaks=breaks) == expected


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (Kind.CUMULATIVE, "12", []),
        (Kind.CUMULATIVE, "11", ["below_earlier"]),
        (Kind.CUMULATIVE, "13", []),
        (Kind.CUMULATIVE, "14", ["above_later"]),
        (Kind.LEVEL, "11", []),
        (Kind.FLOW, "14", []),
    ],
)
def test_a_cumulative_fits_what_is_known_of_other_days(kind, value, expected):
    known = [Known(D(9), date(2022, 6, 30)), Known(D(12), NOVEMBER), Known(D(13), date(2024, 3, 31))]
    assert codes(value, kind=kind, known=known) == expected


@pytest.mark.parametrize("kind", Kind)
def test_only_a_yearly_figure_below_0_is_odd(kind):
    assert codes("-1", kind=kind) == (["negative_flow"] if kind is Kind.FLOW else [])


@pytest.mark.parametrize(
    ("value", "previous", "expected"),
    [
        ("150", "100", []),
        ("151", "100", ["large_change"]),
        ("50", "100", []),
        ("49", "100", ["large_change"]),
        ("0", "100", ["large_change"]),
        ("-100", "100", ["large_change"]),
        ("-149", "-100", []),
        ("-151", "-100", ["large_change"]),
        ("5", "0", []),
        ("5", None, []),
    ],
)
def test_a_change_beyond_half_of_last_years_value(value, previous, expected):
    assert codes(value, previous=previous) == expected
    assert codes(value, previous=previous, breaks=True) == []


@pytest.mark.parametrize(
    ("certainty", "as_of", "expected"),
    [
        (Certainty.INTERIM, NOVEMBER, ["part_year_flow"]),
        (Certainty.FORECAST, NOVEMBER, []),
        (Certainty.FINAL, NOVEMBER, ["final_before_year_end"]),
        (Certainty.INTERIM, YEAR_END, []),
        (Certainty.FINAL, YEAR_END, []),
        (Certainty.FINAL, date(2023, 4, 1), ["as_of_after_year"]),
    ],
)
def test_part_of_a_year_is_not_a_year(certainty, as_of, expected):
    assert codes("8", kind=Kind.FLOW, certainty=certainty, as_of=as_of) == expected


@pytest.mark.parametrize("kind", [Kind.CUMULATIVE, Kind.RATIO, Kind.LEVEL])
@pytest.mark.parametrize("certainty", Certainty)
def test_other_kinds_may_speak_of_any_day_of_the_year(kind, certainty):
    assert codes("8", kind=kind, certainty=certainty, as_of=NOVEMBER) == []


def test_part_of_a_year_may_be_less_than_the_last_but_hardly_more():
    terms = {"kind": Kind.FLOW, "certainty": Certainty.INTERIM, "as_of": NOVEMBER, "previous": "20"}
    assert codes("8", **terms) == ["part_year_flow"]
    assert codes("31", **terms) == ["large_change", "part_year_flow"]


@pytest.mark.parametrize(
    ("value", "previous", "target", "factor", "compared_with", "direction"),
    [
        ("438802", "438802000", None, 1_000, "previous", "too_small"),
        ("438802000000", "438802000", None, 1_000, "previous", "too_large"),
        ("439", "438802000", None, 1_000_000, "previous", "too_small"),
        ("286000", None, "286000000", 1_000, "target", "too_small"),
        ("286000", "438802000", "286000000", 1_000, "previous", "too_small"),
        ("438802000", "438802000", "286000", 1_000, "target", "too_large"),
        ("500", "1000000", None, 1_000, "previous", "too_small"),
        ("2000", "1000000", None, 1_000, "previous", "too_small"),
        ("-438802", "438802000", None, 1_000, "previous", "too_small"),
    ],
)
def test_typed_in_the_wrong_unit(value, previous, target, factor, compared_with, direction):
    kind = Kind.LEVEL if D(value) < 0 else Kind.FLOW
    (warning,) = check(value, kind=kind, previous=previous, target=target)
    assert warning.code is WarningCode.SUSPICIOUS_SCALE  # and no large change beside it
    assert warning.params == {
        "value": D(value),
        "reference": D(previous if compared_with == "previous" else target),
        "compared_with": compared_with,
        "direction": direction,
        "factor": factor,
    }


@pytest.mark.parametrize("value", ["499", "2001", "1000000", "0"])
def test_not_about_a_step_of_units(value):
    assert WarningCode.SUSPICIOUS_SCALE not in codes(value, kind=Kind.FLOW, previous="1000000")


def test_a_zero_has_no_scale():
    assert codes("1000", previous="0", target="0") == []
    assert codes("0", previous="0", target="0") == []


def test_after_a_break_only_the_target_tells_the_scale():
    assert codes("8", kind=Kind.FLOW, previous="8000", target="5", breaks=True) == []
    assert codes("8000", kind=Kind.FLOW, previous="8000", target="5", breaks=True) == ["suspicious_scale"]


def test_a_ratio_typed_as_a_fraction_or_twice_multiplied():
    assert codes("0.9", kind=Kind.RATIO, previous="87", target="90") == ["suspicious_scale"]
    assert codes("9000", kind=Kind.RATIO, previous="87") == ["suspicious_scale"]


@pytest.mark.parametrize("note", ["", " ", "\u3000\n"])
def test_a_reason_is_asked_where_one_is_owed(note):
    assert codes("10", kind=Kind.CUMULATIVE, previous="11", note=note) == [
        "falling_cumulative",
        "reason_asked",
    ]
    assert codes("200", previous="100", note=note) == ["large_change", "reason_asked"]
    assert codes("-1", kind=Kind.FLOW, note=note) == ["negative_flow", "reason_asked"]
    assert codes("438802", kind=Kind.FLOW, previous="438802000", note=note) == ["suspicious_scale"]
    assert codes("12", previous="11", note=note) == []


def test_warnings_take_what_a_database_row_holds():
    kind, certainty = Indicator(kind="flow").kind, Actual(certainty="interim").certainty
    assert codes("8", kind=kind, certainty=certainty, as_of=NOVEMBER) == ["part_year_flow"]
    assert codes("10", kind=Indicator(kind="cumulative").kind, previous="11") == ["falling_cumulative"]


TODAY = date(2022, 12, 1)


@pytest.mark.parametrize(
    ("as_of", "code"),
    [
        (date(2022, 12, 2), RefusalCode.AS_OF_IN_FUTURE),
        (YEAR_END, RefusalCode.AS_OF_IN_FUTURE),
        (TODAY, None),  # such as a forecast made today
        (date(2022, 4, 1), None),
        (date(2022, 3, 31), RefusalCode.AS_OF_BEFORE_YEAR),
    ],
)
def test_refused_days(as_of, code):
    assert [refusal.code for refusal in refuse_value(as_of=as_of, fiscal_year=R4, today=TODAY)] == (
        [code] if code else []
    )


def test_a_refusal_says_what_its_text_needs():
    assert refuse_value(as_of=date(2022, 3, 31), fiscal_year=R4, today=TODAY) == [
        Refusal(RefusalCode.AS_OF_BEFORE_YEAR, {"as_of": date(2022, 3, 31), "first_day": date(2022, 4, 1)})
    ]


amounts = st.none() | st.decimals(min_value=-(10**12), max_value=10**12, places=3)


@given(
    kind=st.sampled_from(Kind),
    certainty=st.sampled_from(Certainty),
    as_of=st.dates(date(2022, 4, 1), date(2023, 6, 30)),
    value=amounts,
    previous=amounts,
    target=amounts,
    note=st.sampled_from(["", "理由"]),
    breaks=st.booleans(),
)
def test_whatever_is_typed_each_thing_is_said_once(value, **terms):
    found = [w.code for w in check_value(value=value, fiscal_year=R4, **terms)]
    assert len(found) == len(set(found))
    assert not {WarningCode.SUSPICIOUS_SCALE, WarningCode.LARGE_CHANGE} <= set(found)
    assert not (WarningCode.REASON_ASKED in found and terms["note"])
