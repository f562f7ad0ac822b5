"""What a text of a file states of the figures: their unit, fiscal year and stage. Pure; no Django.

A heading says it in brackets or within its words (金額（千円）, 令和5年度決算額), a line above the table and the name of a sheet
or of the file say it of all below them (（単位：千円）, 令和5年度 収支決算書).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final

from iconm_portal.imports.reading import figure_years
from iconm_portal.imports.reading.figure_years import Claim, FigureStage
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.written.letters import folded

A_YEAR: Final = "年度の額"
"""What a heading is read as that is nothing but a year (令和5年度): which figures those are, each import says."""
LONGEST: Final = 60
"""A longer text is a remark, which may speak of other years and units than the table's."""


@dataclass(frozen=True, slots=True)
class Stated:
    """What a text states, in its order; empty for what it does not state. `stages` are those that its words can mean."""

    text: str = ""
    units: tuple[str, ...] = ()
    years: tuple[FiscalYear, ...] = ()
    stages: frozenset[FigureStage] = frozenset()
    claims: tuple[Claim, ...] = ()  # each year with its own stages

    @property
    def is_empty(self) -> bool:
        return not (self.units or self.years or self.stages)


class Telling(StrEnum):
    """What the cells of a column say of the figures beside them."""

    UNIT = "unit"
    YEAR = "year"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: the key by which its column is known, and what it states."""

    key: str
    stated: Stated


@lru_cache(maxsize=1024)
def read_heading(text: str) -> Heading:
    """令和5年度決算額（千円） is the column 決算額 of FY2023 in 千円; 決算額（前年度） and 人数（増減） are other columns."""
    plain = figure_years.plain(text)
    outside = _BRACKETS.sub(_of_other_meaning, plain).strip() or plain
    unit_behind = _UNIT_BEHIND.fullmatch("".join(outside.split()))
    name = unit_behind["name"] or unit_behind["stem"] if unit_behind else outside
    years = figure_years.years_of(plain)
    if years:
        name = figure_years.YEARS.sub("", name).strip() or A_YEAR
    name = _FOOTNOTE.sub("", name) or name
    units = [*_units(text), *([_unit(unit_behind["unit"] or unit_behind["end"])] if unit_behind else [])]
    stages, claims = figure_years.stages_of(plain), figure_years.claims_of(plain)
    return Heading(folded(name), Stated(text, tuple(dict.fromkeys(units)), years, stages, claims))


@lru_cache(maxsize=1024)
def read_line(text: str) -> Stated:
    """What a line above the table states. A remark states nothing but, where it is about that alone, a unit."""
    if len(text) > LONGEST or "。" in text or text.lstrip().startswith(("※", "注", "(注", "（注", "*")):
        units = () if _OF_CHANGE.search(text) else _units(text[: 2 * LONGEST], labelled_only=True)
        return Stated(text.strip(), units if len(units) == 1 else ())
    plain = figure_years.plain(text)
    claims = figure_years.claims_of(plain)
    days = [Claim((year,)) for year in figure_years.years_of_days(plain)]
    claims += tuple(day for day in days if all(day.years != one.years for one in claims))
    years = tuple(dict.fromkeys(year for one in claims for year in one.years))
    units = _units(text) or _unit_alone(text)
    return Stated(text.strip(), units, years, figure_years.stages_of(plain), claims)


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
            above = cells[left]
            claims = tuple(one for one in above.claims if kind == "units" or getattr(one, kind))
            stated = replace(
                stated,
                **{kind: getattr(above, kind)},
                text=f"{above.text} {stated.text}",
                claims=claims + stated.claims,
            )
    return stated


def with_units(stated: Stated, below: Stated | None) -> Stated:
    """What a heading states, with the unit that stands below it."""
    if below is None:
        return stated
    units = tuple(dict.fromkeys((*stated.units, *below.units)))
    return replace(stated, units=units, text=f"{stated.text} {below.text}".strip())


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
        tuple(dict.fromkeys(claim for one in said for claim in one.claims)),
    )


# -- Units --

LONGEST_ASIDE: Final = 12
"""Longer words in brackets explain a heading."""

_FOOTNOTE: Final = re.compile(r"\s*(?:※|\*|注)[0-9]*\Z")
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
# What can be nothing else, though nothing is known of it: US$, 10^3円, ドル建.
_IS_UNIT: Final = re.compile(
    rf"{_KNOWN.pattern}|(?!.*(?:未満|切|四捨|端数)).*(?:[$€£^]|ドル|ユーロ|ウォン|外貨|[0-9]円|000).*"
)
_IN_OTHER_WORDS: Final = {
    **dict.fromkeys(("YEN", "JPY"), "円"),
    **dict.fromkeys(("1000円", "1,000円", "1,000YEN", "千YEN"), "千円"),
    **dict.fromkeys(
        (
            f"{times}{step}{unit}"
            for times in "×X*"
            for step in ("1000", "1,000", "千")
            for unit in ("", "円")
        ),
        "千円",
    ),
    **dict.fromkeys((f"{mark}000{unit}" for mark in ("", ",", "'", "’") for unit in ("", "円")), "千円"),
    **dict.fromkeys(("1000000円", "1,000,000円"), "百万円"),
    **dict.fromkeys(("K", "THOUSAND", "THOUSANDS", "INTHOUSANDS"), "千"),
    **dict.fromkeys(("MILLION", "MILLIONS", "INMILLIONS", "MIL", "MIL."), "百万"),
    "キロ円": "千円",
    **dict.fromkeys(("PEOPLE", "PERSONS"), "人"),
    "パーセント": "%",
}
_ENGLISH_SCALES: Final = tuple(
    (
        re.compile(
            rf"(?:IN )?(?:{word}S?(?: OF)?(?: JAPANESE)? ?(?:YEN|JPY)|(?:JPY|YEN)[ ,]*(?:IN )?{word}S?"
            rf"|{short} ?(?:円|¥|YEN|JPY))"
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
    rf"({_SCALE}(?:円|人|名|件|回)|円)(?:単位|(?:で|にて)?(?:表示|記載))(?!\s*(?:で|に|未満|以下)\s*(?:四捨|切|端|丸|満|処理|調整))(?!未満)"
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
                written += filter(_IS_UNIT.fullmatch, map(_unit, _BETWEEN.split(found)))
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
    unspaced = "".join(written.split()).strip(":=は").replace("¥", "円")
    return _IN_OTHER_WORDS.get(unspaced, unspaced)
