"""Days and months as people type them, read as far as they can mean one thing only. Pure; no Django."""

import re
from datetime import date
from typing import Final

from iconm_portal.values.fiscal import (
    YEAR,
    EraInputError,
    FiscalYear,
    check_length,
    checked_year,
    last_of_month,
    not_understood,
    plain,
    refuse_before_era,
    split_aside,
)

_MONTH: Final = re.compile(rf"{YEAR}(?:年|[-./])(?P<month>[0-9]{{1,2}})月?")
_DATE: Final = re.compile(
    rf"{YEAR}(?:年|[-./])(?P<month>[0-9]{{1,2}})"
    r"(?:(?:月|[-./])(?P<day>[0-9]{1,2})日?|(?:月|[-./])?(?P<end>末日?))"
)
_USUAL: Final = re.compile(r"((?:19|20)[0-9]{2})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_COMPACT: Final = re.compile(r"((?:18|19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_YEAR_END: Final = re.compile(r"(.+年度)末日?")
_TIME: Final = re.compile(
    r"(?:(?<=[0-9])T|\s+|(?<=[)日]))[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?|時(?:[0-9]{1,2}分)?)\s*\Z"
)
_AS_OF: Final = re.compile(r"(?:付け?|時点|現在)\Z")
_WEEKDAYS: Final = "月火水木金土日"
_ENGLISH_WEEKDAYS: Final = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_WEEKDAY: Final = re.compile(
    r"(?P<day>.*[^(])(?:\((?:(?P<short>[月火水木金土日])(?:曜日?)?(?:[・,、/]?祝日?)?|祝日?|(?P<english>MON|TUE|WED|THU|FRI|SAT|SUN)\.?)\)"
    r"|(?P<long>[月火水木金土日])曜日?)"
)
_BRACKETS: Final = str.maketrans("[]〔〕【】<>〈〉「」", "()" * 6)
_SHORT: Final = re.compile(r"([0-9]{1,2})([-./])([0-9]{1,2})\2([0-9]{1,2}|[0-9]{4})")


def parse_date(text: str) -> date:
    """Understand 2021-11-30, 20211130, 2021年11月30日(火), R3.11.30, 令和三年十一月三十日, R3.11末, R4年度末.

    A time beside it is left out (2021/11/30 0:00); a weekday must be that day's. An era that had ended earlier in the same
    year is understood (平成31年5月1日), and so is the new one from the April in which its first fiscal year begins
    (令和元年4月1日). 令和元年3月 is refused: it may be meant for 2020. EraInputError for that and for anything else.
    """
    if usual := _USUAL.fullmatch(text):  # of a hundred thousand rows nearly all are
        if day := _existing(*map(int, usual.groups())):
            FiscalYear.of(day)
            return day
        raise EraInputError("no_such_day", typed=text)
    check_length(text, "not_a_date")
    typed, weekday = _split_weekday(_TIME.sub("", plain(text)))
    day = _day_of(typed, text)
    if weekday is not None and day.weekday() != weekday:
        raise EraInputError("other_weekday", typed=text.strip(), weekday=f"{_WEEKDAYS[day.weekday()]}曜日")
    return day


def parse_as_of(text: str) -> date:
    """A day as `parse_date` understands it, and of a mere month (2022年3月) its last: how 時点 is written."""
    try:
        return parse_date(text)
    except EraInputError as no_day:
        try:
            return last_of_month(*parse_month(_AS_OF.sub("", text.strip())))
        except EraInputError:
            raise no_day from None


def _day_of(typed: str, text: str) -> date:
    """Of what is left without time and weekday; `text` is for the messages."""
    main, aside = split_aside(_AS_OF.sub("", typed), "not_a_date")
    if compact := _COMPACT.fullmatch(main):
        main = "-".join(compact.groups())
    if year_end := _YEAR_END.fullmatch(main):
        return FiscalYear.parse(f"{year_end[1]}({aside})" if aside else year_end[1]).last_day
    match = _DATE.fullmatch(main)
    if match is None:
        return _short_date(main, text)
    year, month = checked_year(match, aside, text, "not_a_date"), int(match["month"])
    try:
        day = last_of_month(year, month) if match["end"] else date(year, month, int(match["day"]))
    except ValueError:
        raise EraInputError("no_such_day", typed=text.strip()) from None
    refuse_before_era(match, day, text)
    FiscalYear.of(day)  # the first three months of 1868 lie in no fiscal year
    return day


def parse_month(text: str) -> tuple[int, int]:
    """Understand H31.3, 平成31年3月, 2019-03, 2019年3月 as (2019, 3), with eras as in `parse_date`.

    EraInputError for anything else.
    """
    main, aside = split_aside(text, "not_a_month")
    match = _MONTH.fullmatch(main)
    if match is None:
        raise not_understood("not_a_month", text)
    year, month = checked_year(match, aside, text, "not_a_month"), int(match["month"])
    if not 1 <= month <= 12:
        raise EraInputError("no_such_day", typed=text.strip())
    refuse_before_era(match, last_of_month(year, month), text)
    FiscalYear.of(date(year, month, 1))
    return year, month


def _split_weekday(typed: str) -> tuple[str, int | None]:
    """What stands before 「(土)」 or 「土曜日」, and which weekday that is, as `date.weekday` counts. 祝 says none."""
    match = _WEEKDAY.fullmatch(re.sub(r"\s+", "", typed.translate(_BRACKETS)))
    if match is None:
        return typed, None
    written = match["short"] or match["long"]
    if written:
        return match["day"], _WEEKDAYS.index(written)
    english = match["english"]
    return match["day"], _ENGLISH_WEEKDAYS.index(english) if english else None


def _short_date(main: str, text: str) -> date:
    """12/25/2023 can mean one day only; 5/4/1 may be of any era, 05/06/2023 begins with the month or with the day."""
    match = _SHORT.fullmatch(main)
    if match is None:
        raise not_understood("not_a_date", text)
    first, second, last = int(match[1]), int(match[3]), int(match[4])
    if len(match[4]) == 4:
        meant = {
            day.isoformat(): day
            for order in ((first, second), (second, first))
            if (day := _existing(last, *order))
        }
        if len(meant) == 1:
            return next(iter(meant.values()))
    else:
        eras = [f"令和{first}年", f"平成{first}年", f"{2000 + first}年"]
        meant = {name: day for year in eras if (day := _in_year(name := f"{year}{second}月{last}日"))}
    if not meant:
        raise not_understood("not_a_date", text)
    raise EraInputError("two_dates", typed=text.strip(), days="／".join(meant))


def _in_year(written: str) -> date | None:
    try:
        return parse_date(written)
    except EraInputError:
        return None


def _existing(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
