"""Fiscal years and eras: every month belongs to the right year, every day reads back as itself."""

import calendar
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconm_portal.values.fiscal import (
    FIRST_YEAR,
    LAST_YEAR,
    MESSAGES,
    EraInputError,
    FiscalYear,
    as_of_label,
    as_of_short,
    as_of_text,
    date_label,
    era_date,
    era_date_short,
    era_month,
    era_month_short,
    month_label,
)
from iconm_portal.values.written.date_input import parse_date, parse_month

SHOWA_BEGAN = date(1926, 12, 25)
YEARS = st.integers(FIRST_YEAR, LAST_YEAR)


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


# Years


@pytest.mark.parametrize(
    ("month", "start"),
    [
        (4, 2019),
        (5, 2019),
        (6, 2019),
        (7, 2019),
        (8, 2019),
        (9, 2019),
        (10, 2019),
        (11, 2019),
        (12, 2019),
        (1, 2018),
        (2, 2018),
        (3, 2018),
    ],
)
def test_each_month_of_2019_lies_in_its_fiscal_year(month: int, start: int) -> None:
    for day in (1, calendar.monthrange(2019, month)[1]):
        assert FiscalYear.of(date(2019, month, day)) == FiscalYear(start)
        assert FiscalYear(start).contains(date(2019, month, day))
        assert not FiscalYear(start - 1).contains(date(2019, month, day))
        assert not FiscalYear(start + 1).contains(date(2019, month, day))


def test_a_year_ends_with_the_last_day_of_march() -> None:
    year = FiscalYear(2023)
    assert (year.first_day, year.last_day) == (date(2023, 4, 1), date(2024, 3, 31))


def test_a_datetime_counts_by_the_date_it_shows() -> None:
    assert FiscalYear.of(datetime(2024, 3, 31, 23, 59)) == FiscalYear(2023)
    assert FiscalYear(2023).contains(datetime(2024, 3, 31, 23, 59))


@given(YEARS)
def test_a_year_holds_exactly_the_days_between_its_ends(start: int) -> None:
    year = FiscalYear(start)
    assert FiscalYear.of(year.first_day) == FiscalYear.of(year.last_day) == year
    assert (year.last_day - year.first_day).days in (364, 365)
    assert not year.contains(year.first_day - timedelta(days=1))
    assert not year.contains(year.last_day + timedelta(days=1))


@pytest.mark.parametrize(
    ("start", "wareki", "short"),
    [
        (1912, "明治45年度", "M45"),
        (1926, "大正15年度", "T15"),
        (1927, "昭和2年度", "S2"),
        (1988, "昭和63年度", "S63"),
        (1989, "平成元年度", "H1"),
        (2018, "平成30年度", "H30"),
        (2019, "令和元年度", "R1"),
        (2020, "令和2年度", "R2"),
    ],
)
def test_a_year_is_named_by_one_era(start: int, wareki: str, short: str) -> None:
    year = FiscalYear(start)
    assert (year.wareki, year.short, str(year)) == (wareki, short, wareki)


def test_a_year_is_labelled_in_the_readers_language() -> None:
    year = FiscalYear(2019)
    assert (year.western, year.english) == ("2019年度", "FY2019")
    assert (year.label("ja"), year.label("en"), year.label("en-gb")) == ("令和元年度", "FY2019", "FY2019")


@pytest.mark.parametrize(
    "text",
    [
        "令和元年度",
        "令和1年度",
        "R1",
        "R元",
        "r1年度",
        "Ｒ１",
        "平成31年度",
        "H31",
        "Ｈ３１年度",
        "2019",
        "２０１９",
        "2019年度",
        "FY2019",
        "fy2019",
        " 令和 元 年度 ",
        "令和元（2019）年度",
        "令和元年度（2019）",
        "㋿元年度",
        "2019年度（令和元年度）",
        "平成31（2019）年度",
        "R01",
    ],
)
def test_every_way_to_write_2019_is_understood(text: str) -> None:
    assert FiscalYear.parse(text) == FiscalYear(2019)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_fiscal_year"),
        ("来年度", "not_a_fiscal_year"),
        ("19", "not_a_fiscal_year"),
        ("FYR1", "not_a_fiscal_year"),
        ("H31.3", "not_a_fiscal_year"),
        ("2019-2020", "not_a_fiscal_year"),
        ("20²19", "not_a_fiscal_year"),
        ("令和元（来年）年度", "not_a_fiscal_year"),
        ("9" * 1000, "not_a_fiscal_year"),
        ("平成32年度", "era_ended"),
        ("R0", "era_ended"),
        ("令和元（2018）年度", "contradiction"),
        ("1867", "year_out_of_range"),
        ("3000", "year_out_of_range"),
    ],
)
def test_what_is_no_fiscal_year_is_refused(text: str, code: str) -> None:
    with pytest.raises(EraInputError) as refused:
        FiscalYear.parse(text)
    assert refused.value.code == code
    assert str(refused.value) == MESSAGES[code] % refused.value.params


@given(YEARS)
def test_every_name_of_a_year_reads_back(start: int) -> None:
    year = FiscalYear(start)
    for name in (year.wareki, year.short, year.western, year.english, f"{year.wareki}（{start}）"):
        assert FiscalYear.parse(name) == year


def test_years_are_ordered_counted_and_hashed() -> None:
    year = FiscalYear(2019)
    assert FiscalYear(2018) < year <= FiscalYear(2019) < year + 1
    assert (year + 3, year - 1, year.next, year.previous) == tuple(map(FiscalYear, (2022, 2018, 2020, 2018)))
    assert FiscalYear(2022) - year == 3
    assert {year: "R1"}[FiscalYear(2019)] == "R1"
    assert year != 2019


def test_a_range_of_years_includes_both_ends() -> None:
    assert [year.short for year in FiscalYear.range(FiscalYear(2018), FiscalYear(2020))] == [
        "H30",
        "R1",
        "R2",
    ]
    assert FiscalYear.range(FiscalYear(2020), FiscalYear(2019)) == ()


@pytest.mark.parametrize("start", [FIRST_YEAR - 1, LAST_YEAR + 1, -1, 10**23])
def test_a_year_outside_the_bounds_is_refused(start: int) -> None:
    with pytest.raises(ValueError, match="between 1868 and 2999"):
        FiscalYear(start)


@pytest.mark.parametrize("typed", ["1868-01-01", "1868-03-31", "明治元年3月31日"])
def test_a_day_before_the_first_fiscal_year_is_refused(typed: str) -> None:
    with pytest.raises(EraInputError, match="between 1868 and 2999"):
        parse_date(typed)
    assert parse_date("1868-04-01") == date(1868, 4, 1)


@pytest.mark.parametrize("start", [2019.0, "2019", True, None])
def test_only_a_whole_number_makes_a_year(start: object) -> None:
    with pytest.raises(TypeError):
        FiscalYear(start)  # type: ignore[arg-type]


def test_only_whole_numbers_are_added() -> None:
    with pytest.raises(TypeError):
        FiscalYear(2019) + 1.0  # type: ignore[operator]
    with pytest.raises(TypeError):
        FiscalYear(2019) - "1"  # type: ignore[operator]


# Days and months


@pytest.mark.parametrize(
    ("day", "text", "short"),
    [
        (date(1867, 12, 1), "1867年12月1日", "1867.12.1"),
        (date(1912, 7, 29), "明治45年7月29日", "M45.7.29"),
        (date(1912, 7, 30), "大正元年7月30日", "T1.7.30"),
        (date(1926, 12, 24), "大正15年12月24日", "T15.12.24"),
        (date(1926, 12, 25), "昭和元年12月25日", "S1.12.25"),
        (date(1989, 1, 7), "昭和64年1月7日", "S64.1.7"),
        (date(1989, 1, 8), "平成元年1月8日", "H1.1.8"),
        (date(2019, 4, 30), "平成31年4月30日", "H31.4.30"),
        (date(2019, 5, 1), "令和元年5月1日", "R1.5.1"),
        (date(2021, 11, 30), "令和3年11月30日", "R3.11.30"),
    ],
)
def test_a_day_bears_the_era_of_that_day(day: date, text: str, short: str) -> None:
    assert (era_date(day), era_date_short(day)) == (text, short)


def test_every_day_since_showa_reads_back_from_every_notation() -> None:
    notations: list[Callable[[date], str]] = [era_date, era_date_short, as_of_label, as_of_short, str]
    for day in days(SHOWA_BEGAN, date(2100, 12, 31)):
        assert [parse_date(write(day)) for write in notations] == [day] * len(notations)


def test_every_month_since_showa_reads_back_from_every_notation() -> None:
    for year in range(1927, 2101):
        for month in range(1, 13):
            for text in (era_month(year, month), era_month_short(year, month), f"{year}-{month:02}"):
                assert parse_month(text) == (year, month)


def test_a_month_is_written_with_its_era() -> None:
    assert (era_month(2021, 11), era_month_short(2021, 11)) == ("令和3年11月", "R3.11")
    assert (era_month(2019, 3), era_month_short(2019, 3)) == ("平成31年3月", "H31.3")
    assert (era_month(2019, 4), era_month(2019, 5)) == ("平成31年4月", "令和元年5月")
    assert era_month(1989, 1) == "平成元年1月"


@pytest.mark.parametrize("month", [0, 13, -1])
def test_there_are_twelve_months(month: int) -> None:
    with pytest.raises(ValueError, match="no month"):
        era_month(2021, month)


def test_the_end_of_a_month_is_called_so() -> None:
    assert (as_of_label(date(2021, 11, 30)), as_of_short(date(2021, 11, 30))) == ("令和3年11月末", "R3.11末")
    assert (as_of_label(date(2021, 11, 29)), as_of_short(date(2021, 11, 29))) == (
        "令和3年11月29日",
        "R3.11.29",
    )
    assert as_of_label(date(2024, 2, 29)) == "令和6年2月末"
    assert as_of_label(date(2024, 2, 28)) == "令和6年2月28日"


def test_days_are_labelled_in_the_readers_language() -> None:
    day = date(2021, 11, 30)
    assert (date_label(day, "ja"), date_label(day, "en")) == ("令和3年11月30日", "30 November 2021")
    assert (as_of_text(day, "ja"), as_of_text(day, "en")) == ("令和3年11月末", "end of November 2021")
    assert as_of_text(date(2021, 11, 3), "en") == "3 November 2021"
    assert (month_label(2021, 11, "ja"), month_label(2021, 11, "en")) == ("令和3年11月", "November 2021")


@pytest.mark.parametrize(
    "text",
    [
        "2021-11-30",
        "2021/11/30",
        "2021.11.30",
        "2021年11月30日",
        "R3.11.30",
        "R3/11/30",
        "R3-11-30",
        "r3.11.30",
        "令和3年11月30日",
        "令和3年11月末",
        "令和3年11月末日",
        "R3.11末",
        "2021-11末",
        "Ｒ３．１１．３０",
        "R.3.11.30",
        " 令和 3 年 11 月 30 日 ",
        "令和３年１１月３０日",
        "令3.11.30",
        "2021−11−30",
        "令和3（2021）年11月30日",
    ],
)
def test_every_way_to_write_30_november_2021_is_understood(text: str) -> None:
    assert parse_date(text) == date(2021, 11, 30)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("令和元年5月1日", date(2019, 5, 1)),
        ("H31.4.30", date(2019, 4, 30)),
        ("平成31年5月1日", date(2019, 5, 1)),
        ("平成31年12月末", date(2019, 12, 31)),
        ("令和元年4月1日", date(2019, 4, 1)),
        ("昭和64年2月1日", date(1989, 2, 1)),
        ("R6.2末", date(2024, 2, 29)),
    ],
)
def test_days_around_a_change_of_era_are_understood(text: str, day: date) -> None:
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_date"),
        ("令和3年11月", "not_a_date"),
        ("21-11-30", "two_dates"),
        ("2021-1130", "not_a_date"),
        ("令和3年11月30日頃", "not_a_date"),
        ("2021-02-30", "no_such_day"),
        ("令和3年2月30日", "no_such_day"),
        ("令和3年2月29日", "no_such_day"),
        ("R3.13.1", "no_such_day"),
        ("R3.13末", "no_such_day"),
        ("R3.0.1", "no_such_day"),
        ("平成50年1月1日", "era_ended"),
        ("令和0年1月1日", "era_ended"),
        ("令和元年3月31日", "before_era"),
        ("平成元年1月7日", "before_era"),
        ("令和3（2020）年11月30日", "contradiction"),
        ("0202-11-30", "year_out_of_range"),
    ],
)
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(EraInputError) as refused:
        parse_date(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text", ["H31.3", "平成31年3月", "2019-03", "2019/3", "2019年3月", "Ｈ３１．３", "平成 31 年 3 月"]
)
def test_every_way_to_write_march_2019_is_understood(text: str) -> None:
    assert parse_month(text) == (2019, 3)


def test_months_around_a_change_of_era_are_understood() -> None:
    assert parse_month("平成31年5月") == parse_month("令和元年5月") == (2019, 5)
    assert parse_month("昭和64年1月") == parse_month("平成元年1月") == (1989, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("R3.13", "no_such_day"),
        ("2019-00", "no_such_day"),
        ("R1.3", "before_era"),
        ("H50.1", "era_ended"),
        ("201903", "not_a_month"),
        ("令和3年", "not_a_month"),
        ("R3.11.30", "not_a_month"),
    ],
)
def test_what_is_no_month_is_refused(text: str, code: str) -> None:
    with pytest.raises(EraInputError) as refused:
        parse_month(text)
    assert refused.value.code == code


NEARLY = st.text(alphabet="令和平成元年度月日末RH０１２123456789./-−() （）FY", max_size=16)


@given(st.text(max_size=60) | NEARLY)
def test_any_text_is_understood_or_refused(text: str) -> None:
    for parse in (FiscalYear.parse, parse_date, parse_month):
        with suppress(EraInputError):
            parse(text)
