"""What a text of a file states of the figures: their unit, fiscal year and stage. Pure; no Django.

A heading says it in brackets or within its words (金額（千円）, 令和5年度決算額), a line above the table and the name of a sheet
or of the file say it of all below them (（単位：千円）, 令和5年度 収支決算書).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.written.date_input import parse_date
from iconm_portal.values.written.letters import folded

MOST_YEARS_OF_ERA: Final = 15
"""24年度 is rather FY2024 than 令和24年度, 5年度 is no FY2005."""
LONGEST: Final = 60
"""A longer text is a remark, which may speak of other years and units than the table's."""


class FigureStage(StrEnum):
    """Whether figures were planned or came to be."""

    BUDGET = "budget"
    SUPPLEMENTARY = "supplementary"
    FORECAST = "forecast"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text states, in its order; empty for what it does not state. `stages` are those that its words can mean."""

    text: str = ""
    units: tuple[str, ...] = ()
    years: tuple[FiscalYear, ...] = ()
    stages: frozenset[FigureStage] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.years or self.stages)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: the key by which its column is known, and what it states."""

    key: str
    stated: Stated


@lru_cache(maxsize=1024)
def read_heading(text: str) -> Heading:
    """令和5年度決算額（千円） is the column 決算額 of FY2023 in 千円; 決算額（前年度） and 人数（増減） are other columns."""
    plain = _plain(text)
    outside = _BRACKETS.sub(_of_other_meaning, plain).strip() or plain
    unit_behind = _UNIT_BEHIND.fullmatch("".join(outside.split()))
    name = unit_behind["name"] or unit_behind["stem"] if unit_behind else outside
    years = _years(plain)
    if years:
        name = _YEARS.sub("", name) or name
    units = [*_units(text), *([_unit(unit_behind["unit"] or unit_behind["end"])] if unit_behind else [])]
    return Heading(folded(name), Stated(text, tuple(dict.fromkeys(units)), years, _stages(plain)))


@lru_cache(maxsize=1024)
def read_line(text: str) -> Stated:
    """What a line above the table states. A remark states nothing but, where it is about that alone, a unit."""
    if len(text) > LONGEST or "。" in text or text.lstrip().startswith(("※", "注", "(注", "（注", "*")):
        units = () if _OF_CHANGE.search(text) else _units(text[: 2 * LONGEST], labelled_only=True)
        return Stated(text.strip(), units if len(units) == 1 else ())
    plain = _plain(text)
    years = tuple(dict.fromkeys([*_years(plain), *_years_of_days(plain)]))
    return Stated(text.strip(), _units(text) or _unit_alone(text), years, _stages(plain))


def grouped(cells: Mapping[int, Stated]) -> dict[str, dict[int, Stated]]:
    """Of what is stated in one row above the headings, by column: what differs from cell to cell, and so is of the columns below.

    令和5年度 and 令和6年度 side by side are; a title at the left and （単位：千円） at the right are of the whole table.
    """
    kinds = ("units", "years", "stages")
    saying = {kind: {at: one for at, one in cells.items() if getattr(one, kind)} for kind in kinds}
    return {
        kind: found
        for kind, found in saying.items()
        if len({getattr(one, kind) for one in found.values()}) > 1
    }


def within(stated: Stated, column: int, groups: Mapping[str, Mapping[int, Stated]]) -> Stated:
    """What a heading states, with what the nearest cell above it or to the left of that states."""
    for kind, cells in groups.items():
        left = max((at for at in cells if at <= column), default=None)
        if left is not None and not getattr(stated, kind):
            stated = replace(
                stated, **{kind: getattr(cells[left], kind), "text": f"{cells[left].text} {stated.text}"}
            )
    return stated


def without(stated: Stated, kinds: Iterable[str]) -> Stated:
    """What a text states but for these kinds."""
    return replace(stated, **{kind: getattr(Stated(), kind) for kind in kinds})


def states_only(text: str) -> Stated:
    """What a text states that stands among the headings and names no column: （単位：千円）; nothing for another."""
    stated = read_line(text)
    rest = _BRACKETS.sub("", _UNSPACED.sub("", unicodedata.normalize("NFKC", text))).strip()
    return stated if stated.units and (not rest or rest.startswith("単位") or known_unit(rest)) else Stated()


def _of_other_meaning(bracket: re.Match[str]) -> str:
    """A bracket that makes another column of a heading stays; 税込 and 単位 do not."""
    inside = "".join(bracket[1].split())
    if len(inside) > LONGEST_ASIDE or ("決算" in bracket.string and "見込" in inside):
        return ""
    return bracket[0] if _OTHER_MEANING.search(inside) else ""


def together(stated: Iterable[Stated]) -> Stated:
    """What several texts state that stand beside one another."""
    said = [one for one in stated if not one.is_empty]
    return Stated(
        "／".join(one.text for one in said),
        tuple(dict.fromkeys(unit for one in said for unit in one.units)),
        tuple(dict.fromkeys(year for one in said for year in one.years)),
        frozenset(stage for one in said for stage in one.stages),
    )


def _plain(text: str) -> str:
    """In plain characters, and without the spaces by which titles are stretched (令 和 5 年 度, 収 支 決 算 書)."""
    return _STRETCHED.sub("", fiscal.plain(text))


_STRETCHED: Final = re.compile(
    r"(?<=[\u3041-\u9fff])\s+(?=[\u3041-\u9fff])|(?<=[和成正治昭平令])\s+(?=[0-9元])|(?<=[0-9元])\s+(?=[年月日])"
    r"|(?<=[年月])\s+(?=[0-9])"
)

# -- Units --

LONGEST_ASIDE: Final = 12
"""Longer words in brackets explain a heading."""

_BRACKETS: Final = re.compile(r"[(\[【<〈〔「{]([^()\[\]【】<>〈〉〔〕「」{}]*)[)\]】>〉〕」}]")
_OTHER_MEANING: Final = re.compile(
    r"前年|前期|昨年|去年|前回|増減|差|(?<!対)比(?!較)|構成|内数|うち|目標|見込|予定|累計|平均|件数|最高|最低|最大|中央値|割(?!合)"
    r"|[0-9][~〜-][0-9]|/[0-9]"
)
_NAMED: Final = re.compile(
    r"(?<!会計)(?<!組織)(?<!予算)(?<!事業)(?<!管理)(?:単位|UNITS?)[)\]】>〉〕」}]?\s*[:=はが、]*\s*"
    r"([^()\[\]【】<>〈〉〔〕「」{}。:=はが、\s][^()\[\]【】<>〈〉〔〕「」{}。]*)"
)
_LABELLED: Final = re.compile(r"(?:単位|UNITS?)[)\]】>〉〕」}]?\s*[:=はが]")
_BETWEEN: Final = re.compile(r"[、・/;\s]+|,(?![0-9]{3})|及び|または|又は")
_SCALE: Final = r"(?:十|百|千|万|十万|百万|千万|億|十億|百億|千億|兆)"
_THINGS: Final = (
    r"(?:円|人|名|件|回|社|校|団体|機関|箇所|[かカヶケ]所|組|世帯|点|日|時間|分|台|棟|室|区画|m2|M2|%|‰"
    r"|パーセント|ポイント|割|米?ドル|ユーロ|元|USD|EUR|JPY)"
)
_POINTS: Final = r"[0-9]+点(?:満点)?(?:中)?|[0-9]+段階(?:評価)?"
_KNOWN: Final = re.compile(rf"{_SCALE}?{_THINGS}|{_SCALE}|{_POINTS}")
_IN_OTHER_WORDS: Final = {
    **dict.fromkeys(("YEN", "JPY"), "円"),
    **dict.fromkeys(("1000円", "1,000円", "1,000YEN", "千YEN"), "千円"),
    **dict.fromkeys(("1000000円", "1,000,000円"), "百万円"),
    **dict.fromkeys(("PEOPLE", "PERSONS"), "人"),
    "パーセント": "%",
}
_ENGLISH_SCALES: Final = tuple(
    (
        re.compile(
            rf"(?:IN )?(?:{word}S?(?: OF)?(?: JAPANESE)? ?(?:YEN|JPY)|(?:JPY|YEN)[ ,]*(?:IN )?{word}S?"
            rf"|{short} ?(?:円|YEN|JPY))"
        ),
        unit,
    )
    for word, short, unit in (
        ("THOUSAND", "K", "千円"),
        ("MILLION", "M", "百万円"),
        ("BILLION", "B", "十億円"),
    )
)
_UNIT_BEHIND: Final = re.compile(
    rf"(?P<name>.+?)(?:[:/・_、]?単位[:=は]?|[:/・_])(?P<unit>{_KNOWN.pattern})"
    rf"|(?P<stem>.+?)(?P<end>{_SCALE}(?:円|人|名|件|回)|[0-9]+点満点)"
)
_UNSPACED: Final = re.compile(r"(?<=[単位千百十万億円人])\s+(?=[位千百万億円人:])")
# 【千円単位】 and 金額は千円単位です, but 千円単位で四捨五入 is about rounding.
_UNIT_OF: Final = re.compile(
    rf"({_SCALE}(?:円|人|名|件|回)|円)単位(?!\s*(?:で|に|未満|以下)\s*(?:四捨|切|端|丸|満|処理|調整))(?!未満)"
)
_ALONE: Final = re.compile(rf"(?:^|[\s_-])({_SCALE}円)(?=$|[\s_-])")
_IN_A_NAME: Final = re.compile(rf"(?<![0-9.,一二三四五六七八九十百千万億数])({_SCALE}円)$")
_OF_CHANGE: Final = re.compile(r"改|変更|従来|から|まで|以前|以降|四捨五入|端数|切捨|切り捨|切上|切り上|未満")
_NO_UNIT: Final = re.compile(r"税|未満|切り?捨|切り?上|四捨五入|端数|延べ|のべ|概数|以下|表示|です|抜|込")


def _units(text: str, *, labelled_only: bool = False) -> tuple[str, ...]:
    """Those that are called units, and what stands in brackets and can only be one."""
    plain = _in_japanese(text)
    written = [
        unit
        for found in _NAMED.finditer(plain)
        for part in _BETWEEN.split(found[1])
        if (unit := _unit(part))
        and (_KNOWN.fullmatch(unit) or (_LABELLED.match(found[0]) and not _NO_UNIT.search(unit)))
    ]
    written += _UNIT_OF.findall(plain)
    if not labelled_only:
        for found in _BRACKETS.findall(plain):
            if "単位" not in found:
                written += filter(_KNOWN.fullmatch, map(_unit, _BETWEEN.split(found)))
    return tuple(dict.fromkeys(filter(None, written)))


def _unit_alone(text: str) -> tuple[str, ...]:
    """千円 as a cell or a word of its own, and at the end of a name (明細_千円); 500千円 is an amount."""
    found = _ALONE.search(plain := _in_japanese(text).strip()) or _IN_A_NAME.search(plain)
    is_amount = found and plain[: found.start(1)].rstrip()[-1:].isdigit()
    return (found[1],) if found and not is_amount else ()


def _in_japanese(text: str) -> str:
    plain = _UNSPACED.sub("", unicodedata.normalize("NFKC", text).upper())
    for pattern, unit in _ENGLISH_SCALES:
        plain = pattern.sub(unit, plain)
    return plain


def known_unit(text: str) -> str:
    """The unit that a text is, and nothing else; "" for another."""
    unit = _unit(_in_japanese(text))
    return unit if _KNOWN.fullmatch(unit) else ""


def _unit(written: str) -> str:
    unspaced = "".join(written.split()).strip(":=は")
    return _IN_OTHER_WORDS.get(unspaced, unspaced)


# -- Years --

_ERA: Final = r"(?:明治|大正|昭和|平成|令和|(?<![法省政])令|(?<![A-Z])[MTSHR])"
_ERA_YEAR: Final = rf"{_ERA}\.?(?:元|[0-9]{{1,2}})|(?<![0-9])(?:19|20)[0-9]{{2}}"
_RANGE: Final = (
    rf"(?P<first>{_ERA_YEAR})(?:年度?)?\s*[-~〜～・,、から]+\s*(?P<last>{_ERA_YEAR}|[0-9]{{1,2}})(?:年度)"
)
_ONE: Final = rf"(?:{_ERA_YEAR})(?:\((?:{_ERA_YEAR})年?\))?\s*(?:会計)?年度"
_ENGLISH: Final = r"(?:FY|FISCAL YEAR)\s?(?P<western>(?:20|19)?[0-9]{2})(?![0-9])"
_OF_FIGURES: Final = rf"(?P<of_figures>{_ERA_YEAR})年?[\s_-]*(?=決算|予算|当初|補正|収支)"
_SHORT: Final = r"(?<![A-Z0-9])[HR](?:元|[0-9]{1,2})(?![0-9A-Z年月日]|[./-][0-9]|\s*年)"
_WITHOUT_ERA: Final = r"(?:^|(?<=[\s_(]))(?P<number>[0-9]{1,2})年度(?!目|にわた|間)"
_YEARS: Final = re.compile(
    rf"{_RANGE}|(?P<one>{_ONE})|{_ENGLISH}|{_OF_FIGURES}|(?P<short>{_SHORT})|{_WITHOUT_ERA}"
)
_DAY: Final = re.compile(
    rf"({_ERA_YEAR})[年./-]([0-9]{{1,2}})(?![0-9])(?:[月./-](?:([0-9]{{1,2}})(?![0-9])日?|末日?))?月?"
)
_AS_OF: Final = re.compile(r"現在|時点|末|期")
_OF_THE_PAPER: Final = re.compile(r"作成|出力|印刷|提出|期限|更新|発行")
_PERIOD: Final = re.compile(r"から|まで|[~〜-]")
_FROM_TO: Final = re.compile(r"自.*至")


def _years(plain: str) -> tuple[FiscalYear, ...]:
    """令和5年度, FY2023, R5 by itself, 2023決算, and all of 令和4〜6年度. 5年度 may be of 令和 or of 平成.

    A mere year (令和5年) may be a calendar year, and so a date.
    """
    found: list[FiscalYear] = []
    for match in _YEARS.finditer(plain):
        with suppress(EraInputError):
            found += _years_of(match)
    return tuple(dict.fromkeys(found))


def _years_of(match: re.Match[str]) -> tuple[FiscalYear, ...]:
    if written := match["one"] or match["of_figures"] or match["short"]:
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


def _years_of_days(plain: str) -> tuple[FiscalYear, ...]:
    """自令和5年4月1日 至令和6年3月31日 is FY2023, and so is 令和6年3月31日現在; of another day alone nothing is known."""
    days: list[date] = []
    for year, month, day in _DAY.findall(plain):
        with suppress(EraInputError):
            days.append(parse_date(f"{year}年{month}月{day}日" if day else f"{year}年{month}月末"))
    ends_year = bool(days) and (days[-1].month, days[-1].day) == (3, 31)
    is_period = _FROM_TO.search(plain) or (ends_year and len(days) > 1 and _PERIOD.search(plain))
    if _OF_THE_PAPER.search(plain) or not (is_period or (ends_year and _AS_OF.search(plain))):
        return ()
    return tuple(map(FiscalYear.of, days))


# -- Stages --

_STAGES: Final = (
    (
        re.compile(r"補正(?:後)?(?:予算|額)|第[0-9]+号補正|(?:^|(?<=[0-9度_\s-]))補正(?=$|[_\s.()第-])"),
        {FigureStage.SUPPLEMENTARY},
    ),
    (re.compile(r"当初予算|(?:^|(?<=[0-9度_\s-]))当初(?=$|[_\s.()-])"), {FigureStage.BUDGET}),
    (
        re.compile(
            r"(?<!補正)(?<!補正後)(?<!当初)予算(?!執行|現額|差|残|対|科目|区分|番号|流用|比|管理|単位)"
        ),
        {FigureStage.BUDGET, FigureStage.SUPPLEMENTARY},
    ),
    (re.compile(r"決算額?\(?見込"), {FigureStage.FORECAST}),
    (re.compile(r"決算(?!額?\(?見込|期|日|書類|整理)"), {FigureStage.SETTLEMENT}),
    (re.compile(r"\bBUDGET\b"), {FigureStage.BUDGET, FigureStage.SUPPLEMENTARY}),
    (re.compile(r"\bSETTLEMENT\b"), {FigureStage.SETTLEMENT}),
)


def _stages(plain: str) -> frozenset[FigureStage]:
    return frozenset(stage for words, stages in _STAGES if words.search(plain) for stage in stages)
