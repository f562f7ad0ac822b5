"""Fiscal years and Japanese eras: how the city counts time, written and read.

A fiscal year runs from 1 April to 31 March and is named by its first calendar year. FY2019 is 令和元年度
although its April was still 平成31: a *year* and a *day* are named by two different rules. Both stand here.

What people type is understood generously (full-width, spaces, R3.11.30, 令和3年11月末) as long as it can
mean one thing only; what can mean two things is refused with both, and everything else too: `EraInputError`, a
`ValueError` that a form can translate.
"""

import calendar
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple, Self, overload

FIRST_YEAR: Final = 1868
LAST_YEAR: Final = 2999
FIRST_MONTH: Final = 4
LONGEST_INPUT: Final = 40


class Era(NamedTuple):
    """An era: its names, its first day, and the first fiscal year that is named after it."""

    name: str
    letter: str
    first_day: date
    first_fiscal_year: int


# Meiji was declared in October 1868 for the whole of that (lunar) year. A fiscal year bears the era of its
# first day; FY2019 is the exception that the government made for 令和, which began a month into it.
ERAS: Final = (
    Era("明治", "M", date(1868, 1, 25), 1868),
    Era("大正", "T", date(1912, 7, 30), 1913),
    Era("昭和", "S", date(1926, 12, 25), 1927),
    Era("平成", "H", date(1989, 1, 8), 1989),
    Era("令和", "R", date(2019, 5, 1), 2019),
)


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue; the form field translates it, this module knows no Django."""
    return message


MESSAGES: Final = {
    "not_a_fiscal_year": gettext_noop(
        "“%(typed)s” is not understood as a fiscal year. Write it like 令和6年度, R6 or 2024."
    ),
    "not_a_date": gettext_noop(
        "“%(typed)s” is not understood as a date. Write it like 令和6年3月31日, R6.3.31 or 2024-03-31."
    ),
    "not_a_month": gettext_noop(
        "“%(typed)s” is not understood as a month. Write it like 令和6年3月, R6.3 or 2024-03."
    ),
    "no_such_day": gettext_noop("“%(typed)s” does not exist in the calendar."),
    "era_ended": gettext_noop("There is no year %(number)s of %(era)s; its last year is %(last)s."),
    "before_era": gettext_noop("%(era)s had not yet begun on “%(typed)s”."),
    "contradiction": gettext_noop("“%(typed)s” names two different years."),
    "other_weekday": gettext_noop("“%(typed)s” contradicts itself: that day is a %(weekday)s."),
    "two_dates": gettext_noop(
        "“%(typed)s” can mean more than one day: %(days)s. Write the year first, with its era or in four digits."
    ),
    "year_out_of_range": gettext_noop("The year must lie between %(first)s and %(last)s."),
}


class EraInputError(ValueError):
    """A typed year, month or date that cannot be understood; `code` is a key of `MESSAGES`."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params: Mapping[str, object] = params
        self.template = MESSAGES[code]
        super().__init__(self.template % params)


@dataclass(frozen=True, order=True, slots=True)
class FiscalYear:
    """The fiscal year that begins on 1 April of `start`; ValueError outside 1868–2999."""

    start: int

    def __post_init__(self) -> None:
        if not isinstance(self.start, int) or isinstance(self.start, bool):
            raise TypeError(f"a fiscal year is made from a whole number, not from {self.start!r}")
        if not FIRST_YEAR <= self.start <= LAST_YEAR:
            raise EraInputError("year_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)

    @classmethod
    def of(cls, day: date) -> Self:
        """The fiscal year in which the day lies (a datetime counts by the date it shows)."""
        return cls(day.year if day.month >= FIRST_MONTH else day.year - 1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Understand 令和元年度, R1, R元, 平成31年度, H31, 2019, 2019年度, FY2019, 令和元（2019）年度, 令和五年度.

        EraInputError for anything else.
        """
        main, aside = split_aside(text, "not_a_fiscal_year")
        match = _FISCAL_YEAR.fullmatch(main)
        if match is None:
            raise not_understood("not_a_fiscal_year", text)
        year = _western_year(match)
        _compare_aside(aside, year, text, "not_a_fiscal_year")
        return cls(year)

    @staticmethod
    def range(first: "FiscalYear", last: "FiscalYear") -> tuple["FiscalYear", ...]:
        """All fiscal years from first to last, both included; empty when last is before first."""
        return tuple(FiscalYear(start) for start in _years(first.start, last.start + 1))

    @property
    def first_day(self) -> date:
        """1 April."""
        return date(self.start, FIRST_MONTH, 1)

    @property
    def last_day(self) -> date:
        """31 March of the following calendar year."""
        return date(self.start + 1, FIRST_MONTH, 1) - timedelta(days=1)

    @property
    def wareki(self) -> str:
        """令和元年度."""
        return f"{self._era.name}{_kanji_number(self._era_number)}年度"

    @property
    def short(self) -> str:
        """R1."""
        return f"{self._era.letter}{self._era_number}"

    @property
    def western(self) -> str:
        """2019年度."""
        return f"{self.start}年度"

    @property
    def english(self) -> str:
        """FY2019."""
        return f"FY{self.start}"

    @property
    def next(self) -> "FiscalYear":
        """The fiscal year after this one."""
        return self + 1

    @property
    def previous(self) -> "FiscalYear":
        """The fiscal year before this one."""
        return self - 1

    def label(self, language: str) -> str:
        """The year as the reader's language writes it: 令和元年度 for "ja", FY2019 for others."""
        return self.wareki if _is_japanese(language) else self.english

    def contains(self, day: date) -> bool:
        """Whether the day lies in this fiscal year."""
        return self.first_day.year == (day.year if day.month >= FIRST_MONTH else day.year - 1)

    def __str__(self) -> str:
        return self.wareki

    def __add__(self, years: int) -> "FiscalYear":
        if not isinstance(years, int):
            return NotImplemented
        return FiscalYear(self.start + years)

    @overload
    def __sub__(self, other: int) -> "FiscalYear": ...

    @overload
    def __sub__(self, other: "FiscalYear") -> int: ...

    def __sub__(self, other: "int | FiscalYear") -> "FiscalYear | int":
        if isinstance(other, FiscalYear):
            return self.start - other.start
        if not isinstance(other, int):
            return NotImplemented
        return FiscalYear(self.start - other)

    @property
    def _era(self) -> Era:
        return [era for era in ERAS if era.first_fiscal_year <= self.start][-1]

    @property
    def _era_number(self) -> int:
        return self.start - self._era.first_day.year + 1


_years = range  # inside the class the name means FiscalYear.range to a reader


# Writing


def era_date(day: date) -> str:
    """令和3年11月30日; a day before Meiji keeps its Western year (1867年4月1日)."""
    return f"{_year_text(day)}{day.month}月{day.day}日"


def era_date_short(day: date) -> str:
    """R3.11.30."""
    return f"{_year_text_short(day)}.{day.month}.{day.day}"


def era_month(year: int, month: int) -> str:
    """令和3年11月; a month in which the era changed bears the new one (平成元年1月)."""
    return f"{_year_text(last_of_month(year, month))}{month}月"


def era_month_short(year: int, month: int) -> str:
    """R3.11."""
    return f"{_year_text_short(last_of_month(year, month))}.{month}"


def as_of_label(day: date) -> str:
    """令和3年11月末 for the last day of a month, else the full date."""
    return f"{era_month(day.year, day.month)}末" if _ends_month(day) else era_date(day)


def as_of_short(day: date) -> str:
    """R3.11末 for the last day of a month, else R3.11.15."""
    return f"{era_month_short(day.year, day.month)}末" if _ends_month(day) else era_date_short(day)


def date_label(day: date, language: str) -> str:
    """令和3年11月30日 for "ja", 30 November 2021 for others."""
    if _is_japanese(language):
        return era_date(day)
    return f"{day.day} {month_label(day.year, day.month, language)}"


def month_label(year: int, month: int, language: str) -> str:
    """令和3年11月 for "ja", November 2021 for others."""
    return era_month(year, month) if _is_japanese(language) else f"{_ENGLISH_MONTHS[month - 1]} {year}"


def as_of_text(day: date, language: str) -> str:
    """令和3年11月末 for "ja", end of November 2021 for others; a day within a month is written in full."""
    if _is_japanese(language):
        return as_of_label(day)
    if _ends_month(day):
        return f"end of {month_label(day.year, day.month, language)}"
    return date_label(day, language)


# Reading (days and months: date_input.py)

_ENGLISH_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

# A dot may follow the letter (R.3.11.30); 令3 is how tax forms abbreviate.
YEAR: Final = (
    r"(?:(?P<era>明治?|大正?|昭和?|平成?|令和?|[MTSHR])\.?(?P<number>元|[0-9]{1,3})|(?P<western>[0-9]{4}))"
)
_FISCAL_YEAR: Final = re.compile(rf"(?:FY(?=[0-9]))?{YEAR}(?:年度?)?")
_ASIDE: Final = re.compile(r"(?P<head>[^()]*)\((?P<aside>[^()]+)\)(?P<tail>[^()]*)")
_KANJI_DIGITS: Final = "〇一二三四五六七八九"
_KANJI_NUMBER: Final = re.compile(
    r"[一二三四五六七八九]?十[一二三四五六七八九]?|[〇零一二三四五六七八九]{1,4}"
)
_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


def check_length(text: str, code: str) -> None:
    """EraInputError for more than anybody writes for a year or a day."""
    if len(text) > LONGEST_INPUT:
        raise not_understood(code, text)


def plain(text: str) -> str:
    """In plain characters, with 五 and 二十三 as digits."""
    ordinary = unicodedata.normalize("NFKC", text).translate(_DASHES).strip().upper()
    return _KANJI_NUMBER.sub(lambda found: str(_of_kanji(found[0])), ordinary)


def _of_kanji(written: str) -> int:
    """五 is 5, 二十三 is 23, 二〇二三 is 2023."""
    if "十" not in written:
        return int("".join(str(_KANJI_DIGITS.index(digit)) for digit in written.replace("零", "〇")))
    tens, _ten, ones = written.partition("十")
    return 10 * (_of_kanji(tens) if tens else 1) + (_of_kanji(ones) if ones else 0)


def split_aside(text: str, code: str) -> tuple[str, str]:
    """The input in plain characters without spaces, and the year in brackets beside it, if any."""
    check_length(text, code)
    unspaced = re.sub(r"\s+", "", plain(text))
    match = _ASIDE.fullmatch(unspaced)
    return (match["head"] + match["tail"], match["aside"]) if match else (unspaced, "")


def _compare_aside(aside: str, year: int, text: str, code: str) -> None:
    """Refuse 令和元（2018）年度, which contradicts itself."""
    if not aside:
        return
    match = _FISCAL_YEAR.fullmatch(aside)
    if match is None:
        raise not_understood(code, text)
    if _western_year(match) != year:
        raise EraInputError("contradiction", typed=text.strip())


def checked_year(match: re.Match[str], aside: str, text: str, code: str) -> int:
    """The calendar year of a match of `YEAR`; EraInputError where there is none, or where another stands in brackets."""
    year = _western_year(match)
    _compare_aside(aside, year, text, code)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise EraInputError("year_out_of_range", first=FIRST_YEAR, last=LAST_YEAR)
    return year


def _western_year(match: re.Match[str]) -> int:
    if match["western"]:
        return int(match["western"])
    era = _named_era(match)
    number = 1 if match["number"] == "元" else int(match["number"])
    last = _last_number(era)
    if not 1 <= number <= last:
        raise EraInputError("era_ended", era=era.name, number=number, last=last)
    return era.first_day.year + number - 1


def _named_era(match: re.Match[str]) -> Era:
    written = match["era"]
    return next(era for era in ERAS if era.letter == written or era.name.startswith(written))


def _last_number(era: Era) -> int:
    """The last year that an era had: 31 for 平成, which 令和元年 shares."""
    following = ERAS.index(era) + 1
    last_year = ERAS[following].first_day.year if following < len(ERAS) else LAST_YEAR
    return last_year - era.first_day.year + 1


def refuse_before_era(match: re.Match[str], day: date, text: str) -> None:
    """EraInputError for 令和元年3月."""
    if match["western"]:
        return
    era = _named_era(match)
    if day < era.first_day and day < date(era.first_fiscal_year, FIRST_MONTH, 1):
        raise EraInputError("before_era", era=era.name, typed=text.strip())


def not_understood(code: str, text: str) -> EraInputError:
    """With as much of the text as helps to find it."""
    typed = text.strip()
    return EraInputError(code, typed=typed if len(typed) <= LONGEST_INPUT else f"{typed[:LONGEST_INPUT]}…")


def _era_on(day: date) -> Era | None:
    plain_day = date(day.year, day.month, day.day)  # a datetime cannot be compared with a date
    return next((era for era in reversed(ERAS) if era.first_day <= plain_day), None)


def _year_text(day: date) -> str:
    era = _era_on(day)
    return f"{era.name}{_kanji_number(day.year - era.first_day.year + 1)}年" if era else f"{day.year}年"


def _year_text_short(day: date) -> str:
    era = _era_on(day)
    return f"{era.letter}{day.year - era.first_day.year + 1}" if era else f"{day.year}"


def _kanji_number(number: int) -> str:
    return "元" if number == 1 else str(number)


def last_of_month(year: int, month: int) -> date:
    """ValueError for a month that there is not."""
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    return date(year, month, calendar.monthrange(year, month)[1])


def _ends_month(day: date) -> bool:
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _is_japanese(language: str) -> bool:
    return language.split("-")[0].lower() == "ja"


def span_of_years(first: str, last: str) -> str:
    """Two years as they are written, as sheets print a span: H27〜R2; one year by itself."""
    return first if first == last else f"{first}〜{last}"
