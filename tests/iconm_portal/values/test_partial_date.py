"""Dates as precisely as they are known: what is accepted, what they can mean, how they are written and ordered."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import EraInputError

VALID = "2015-02-01 2015-02 2015 2016-02-29 1868 1868-01-25 2999-12-31 2999-12".split()


@pytest.mark.parametrize("text", VALID)
def test_valid(text: str) -> None:
    assert partial_date.is_valid(text)
    assert partial_date.parse(text) == text


INVALID = [
    "",
    "2015-2",
    "2015-02-1",
    "2015-13",
    "2015-00",
    "2015-02-00",
    "2015-02-29",
    "2015-04-31",
    "1867",
    "1867-12-31",
    "3000",
    "0000",
    "15-02",
    "2015/02",
    "2015-02-01T00:00",
    "2015-02-01\n",
    " 2015",
    "2015-",
    "-2015",
    "平成27年2月",
]


@pytest.mark.parametrize("text", INVALID)
def test_invalid(text: str) -> None:
    assert not partial_date.is_valid(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("H27.2", "2015-02"),
        ("平成27年2月", "2015-02"),
        ("平成27年2月1日", "2015-02-01"),
        ("H27.2.1", "2015-02-01"),
        ("H31.3", "2019-03"),
        ("平成31年4月", "2019-04"),
        ("R4.3", "2022-03"),
        ("令和4年3月末", "2022-03-31"),
        ("2015-2", "2015-02"),
        ("2015年2月", "2015-02"),
        ("2015年", "2015"),
        (" 2015-02 ", "2015-02"),
        ("Ｈ２７．２", "2015-02"),
    ],
)
def test_what_a_person_types(typed: str, kept: str) -> None:
    assert partial_date.parse(typed) == kept
    assert partial_date.is_valid(kept)


@pytest.mark.parametrize(
    "typed", ["", "いつか", "2015-13", "2015-02-30", "H32.1", "平成27年2月30日", "年", "2015年度x"]
)
def test_what_is_not_understood(typed: str) -> None:
    with pytest.raises(EraInputError):
        partial_date.parse(typed)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2015-02-01", date(2015, 2, 1), date(2015, 2, 1)),
        ("2015-02", date(2015, 2, 1), date(2015, 2, 28)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("2015-04", date(2015, 4, 1), date(2015, 4, 30)),
        ("2015-12", date(2015, 12, 1), date(2015, 12, 31)),
        ("2999-12", date(2999, 12, 1), date(2999, 12, 31)),
        ("2015", date(2015, 1, 1), date(2015, 12, 31)),
    ],
)
def test_the_days_it_can_mean(text: str, first: date, last: date) -> None:
    assert (partial_date.first_day(text), partial_date.last_day(text)) == (first, last)


@given(st.dates(date(1868, 1, 1), date(2999, 12, 31)), st.sampled_from([4, 7, 10]))
def test_every_day_lies_within_its_own_month_and_year(day: date, length: int) -> None:
    text = day.isoformat()[:length]
    assert partial_date.is_valid(text)
    assert partial_date.first_day(text) <= day <= partial_date.last_day(text)
    assert partial_date.first_day(text).isoformat()[:length] == text
    assert partial_date.last_day(text).isoformat()[:length] == text


@pytest.mark.parametrize(
    ("text", "japanese", "english"),
    [
        ("2015-02-01", "平成27年2月1日", "1 February 2015"),
        ("2015-02", "平成27年2月", "February 2015"),
        ("2013-10", "平成25年10月", "October 2013"),
        ("2019-03", "平成31年3月", "March 2019"),
        ("2019-05", "令和元年5月", "May 2019"),
        ("2019", "令和元年", "2019"),
        ("2018", "平成30年", "2018"),
        ("1868", "明治元年", "1868"),
    ],
)
def test_label(text: str, japanese: str, english: str) -> None:
    assert partial_date.label(text, "ja") == japanese
    assert partial_date.label(text, "en") == english


def test_the_text_orders_by_time() -> None:
    texts = ["2015-02-01", "2015", "2013-10", "2015-04", "2015-02", "2013-02"]
    assert sorted(texts) == ["2013-02", "2013-10", "2015", "2015-02", "2015-02-01", "2015-04"]


@pytest.mark.parametrize("text", ["", "2015-2", "平成27年2月"])
def test_a_text_that_was_never_checked_is_refused(text: str) -> None:
    for ask in (partial_date.first_day, partial_date.last_day):
        with pytest.raises(ValueError, match="not a date"):
            ask(text)
