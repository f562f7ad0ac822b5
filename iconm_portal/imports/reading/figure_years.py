"""Of which fiscal year and stage figures are, as a text says it: 令和5年度 収支決算書, R5決算, 令和6年3月31日現在. Pure."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.written.date_input import parse_date

MOST_YEARS_OF_ERA: Final = 15
"""24年度 is rather FY2024 than 令和24年度, 5年度 is no FY2005."""


class FigureStage(StrEnum):
    """Whether figures were planned or came to be."""

    BUDGET = "budget"
    SUPPLEMENTARY = "supplementary"
    FORECAST = "forecast"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class Claim:
    """That figures are of one of these years (5年度 may be of 令和 or of 平成) and stages; empty for what is not said."""

    years: tuple[FiscalYear, ...] = ()
    stages: frozenset[FigureStage] = frozenset()


def plain(text: str) -> str:
    """In plain characters, and without the spaces by which titles are stretched (令 和 5 年 度, 収 支 決 算 書)."""
    return _STRETCHED.sub("", fiscal.plain(text))


_STRETCHED: Final = re.compile(
    r"(?<=[\u3041-\u9fff])\s+(?=[\u3041-\u9fff])|(?<=[和成正治昭平令])\s+(?=[0-9元])|(?<=[0-9元])\s+(?=[年月日])"
    r"|(?<=[年月])\s+(?=[0-9])"
)

# -- Years --

_ERA: Final = r"(?:明治|大正|昭和|平成|令和|(?<![法省政])令|(?<![A-Z])[MTSHR])"
_ERA_YEAR: Final = rf"{_ERA}\.?(?:元|[0-9]{{1,2}})|(?<![0-9])(?:19|20)[0-9]{{2}}"
_RANGE: Final = (
    rf"(?P<first>{_ERA_YEAR})(?:年度?)?\s*[-~〜～・,、から]+\s*(?P<last>{_ERA_YEAR}|[0-9]{{1,2}})(?:年度)"
)
_ONE: Final = rf"(?:{_ERA_YEAR})(?:\((?:{_ERA_YEAR})年?\))?\s*(?:会計)?年度"
_ENGLISH: Final = r"(?:FY|FISCAL YEAR)\s?(?P<western>(?:20|19)?[0-9]{2})(?![0-9])"
_OF_FIGURES: Final = rf"(?P<of_figures>{_ERA_YEAR})年?[\s_-]*(?=決算|予算|当初|補正|収支)"
_BEHIND: Final = rf"(?<=決算|予算)書?[\s_-]*(?P<behind>{_ERA_YEAR})年?(?![0-9]|[./-][0-9]|年?度|年[0-9])"
_SHORT: Final = r"(?<![A-Z0-9])[HR](?:元|[0-9]{1,2})(?![0-9A-Z年月日]|[./-][0-9]|\s*年)"
_WITHOUT_ERA: Final = r"(?:^|(?<=[\s_(]))(?P<number>[0-9]{1,2})年度(?!目|にわた|間)"
_ALONE: Final = rf"\A\s*(?P<alone>{_ERA_YEAR})年?\s*\Z"
YEARS: Final = re.compile(
    rf"{_RANGE}|(?P<one>{_ONE})|{_ENGLISH}|{_OF_FIGURES}|{_BEHIND}|(?P<short>{_SHORT})|{_WITHOUT_ERA}|{_ALONE}"
)
_DAY: Final = re.compile(
    rf"({_ERA_YEAR})[年./-]([0-9]{{1,2}})(?![0-9])(?:[月./-](?:([0-9]{{1,2}})(?![0-9])日?|末日?))?月?"
)
_YEAR_END: Final = re.compile(r"決算書?[\s_-]*(20[0-9]{2})0331(?![0-9])")
_PART_OF_YEAR: Final = re.compile(
    r"上半期|下半期|上期|下期|中間(?:決算|報告|期)|[四4]半期|月次|(?<![0-9])[0-9]{1,2}月分"
    r"|(?<![0-9])(?:[12]|[6-9]|1[0-2])(?:月(?:[0-9]{1,2}日|末日?)?|[./-][0-9]{1,2})(?:現在|時点)"
)
_AS_OF: Final = re.compile(r"現在|時点|末|期")
_OF_THE_PAPER: Final = re.compile(r"作成|出力|印刷|提出|期限|更新|発行")
# 令和5年4月～9月, 2023年1月～12月: the second month has no year of its own.
_MONTHS: Final = re.compile(
    rf"(?P<year>{_ERA_YEAR})年(?P<first>[0-9]{{1,2}})月?(?:から|[~〜-])(?:同年|翌年?)?(?P<last>[0-9]{{1,2}})月(?![0-9])"
)
_PERIOD: Final = re.compile(r"から|まで|[~〜-]")
_FROM_TO: Final = re.compile(r"自.*至")


def years_of(plain: str) -> tuple[FiscalYear, ...]:
    """令和5年度, FY2023, R5 by itself, 2023決算, and all of 令和4〜6年度. 5年度 may be of 令和 or of 平成.

    A mere year among other words (令和5年) may be a calendar year, and so a date.
    """
    return tuple(dict.fromkeys(year for _match, years in _mentions(plain) for year in years))


def _mentions(plain: str) -> Iterator[tuple[re.Match[str], tuple[FiscalYear, ...]]]:
    for match in YEARS.finditer(plain):
        with suppress(EraInputError):
            yield match, _years_of(match)


def _years_of(match: re.Match[str]) -> tuple[FiscalYear, ...]:
    if written := match["one"] or match["of_figures"] or match["behind"] or match["short"] or match["alone"]:
        return (FiscalYear.parse(written.replace("会計", "")),)
    if western := match["western"]:
        return (FiscalYear(int(western) if len(western) == 4 else 2000 + int(western)),)
    if number := match["number"]:
        years = [FiscalYear.parse(f"{era}{number}年度") for era in ("令和", "平成")]
        return (*years, FiscalYear(2000 + int(number))) if int(number) > MOST_YEARS_OF_ERA else tuple(years)
    last = match["last"] if not match["last"].isdigit() or len(match["last"]) == 4 else ""
    first = FiscalYear.parse(match["first"])
    era = re.sub(r"(?:元|[0-9]+)$", "", match["first"])
    return FiscalYear.range(first, FiscalYear.parse(last or f"{era}{match['last']}"))


def years_of_days(plain: str) -> tuple[FiscalYear, ...]:
    """自令和5年4月1日 至令和6年3月31日 is FY2023, and so is 令和6年3月31日現在; of another day alone nothing is known."""
    if compact := _YEAR_END.search(plain):
        return (FiscalYear(int(compact[1]) - 1),)
    days: list[date] = []
    for year, month, day in _DAY.findall(plain):
        with suppress(EraInputError):
            days.append(parse_date(f"{year}年{month}月{day}日" if day else f"{year}年{month}月末"))
    if months := _MONTHS.search(plain):
        with suppress(EraInputError):
            first = parse_date(f"{months['year']}年{months['first']}月1日")
            is_later = int(months["last"]) < first.month
            last = parse_date(f"{first.year + is_later}年{months['last']}月末")
            return tuple(dict.fromkeys(map(FiscalYear.of, (first, last))))
    ends_year = bool(days) and (days[-1].month, days[-1].day) == (3, 31)
    is_period = _FROM_TO.search(plain) or (ends_year and len(days) > 1 and _PERIOD.search(plain))
    if _OF_THE_PAPER.search(plain) or not (is_period or (ends_year and _AS_OF.search(plain))):
        return ()
    return tuple(dict.fromkeys(map(FiscalYear.of, days)))


def is_part_of_year(text: str) -> bool:
    """Whether figures are of less than a year: 上半期, 12月末現在. 5月31日現在 is when the books of a city are closed."""
    written = plain(text)
    return bool(_PART_OF_YEAR.search(written)) and not _OF_THE_PAPER.search(written)


# -- Stages --

_STAGES: Final = (
    (
        re.compile(r"補正(?:後)?(?:予算|額)|第[0-9]+号補正|(?:^|(?<=[0-9度_\s-]))補正(?=$|[_\s.()第-])"),
        frozenset({FigureStage.SUPPLEMENTARY}),
    ),
    (re.compile(r"当初予算|(?:^|(?<=[0-9度_\s-]))当初(?=$|[_\s.()-])"), frozenset({FigureStage.BUDGET})),
    (
        re.compile(
            r"(?<!補正)(?<!補正後)(?<!当初)予算(?!執行|現額|差|残|対|科目|区分|番号|流用|比|管理|単位)"
        ),
        frozenset({FigureStage.BUDGET, FigureStage.SUPPLEMENTARY}),
    ),
    (re.compile(r"決算額?\(?見込"), frozenset({FigureStage.FORECAST})),
    (re.compile(r"決算(?!額?\(?見込|期|日|書類|整理)"), frozenset({FigureStage.SETTLEMENT})),
    (re.compile(r"\bBUDGET\b"), frozenset({FigureStage.BUDGET, FigureStage.SUPPLEMENTARY})),
    (re.compile(r"\bSETTLEMENT\b"), frozenset({FigureStage.SETTLEMENT})),
)


def stages_of(plain: str) -> frozenset[FigureStage]:
    """All that its words can mean."""
    return frozenset(stage for stages in _stage_words(plain) for stage in stages)


def _stage_words(plain: str) -> list[frozenset[FigureStage]]:
    """What each of its words can mean, one after another."""
    found = [(match.start(), stages) for words, stages in _STAGES for match in words.finditer(plain)]
    return list(dict.fromkeys(stages for _at, stages in sorted(found, key=lambda one: one[0])))


# -- Both together --

_PARTING: Final = re.compile(r"[\s・、,/&~〜()-]*(?:及び|と|および)?[\s・、,/&~〜()-]*")


def claims_of(plain: str) -> tuple[Claim, ...]:
    """Each year with its own stages: of 令和5年度予算・令和4年度決算 the budget of FY2023 and the settlement of FY2022."""
    mentions = list(_mentions(plain))
    if not mentions:
        return tuple(Claim((), stages) for stages in _stage_words(plain))
    ends = [0, *(match.end() for match, _years in mentions)]
    starts = [*(match.start() for match, _years in mentions), len(plain)]
    words = [plain[end:start] for end, start in zip(ends, starts, strict=True)]
    # 収支決算書（令和5年度） has its stage before the year.
    of_each = words[:-1] if _stage_words(words[0]) and not _stage_words(words[-1]) else words[1:]
    found: list[Claim] = []
    below = ""
    for (_match, years), text in reversed(list(zip(mentions, of_each, strict=True))):
        below = below if _PARTING.fullmatch(text) else text  # 令和4年度・令和5年度 決算
        parted = [(year,) for year in years] if _match["first"] else [years]
        found += [Claim(one, stages) for one in parted for stages in _stage_words(below) or [frozenset()]]
    return tuple(dict.fromkeys(reversed(found)))
