"""What a text of a file states of the figures: their unit, fiscal year and stage. Pure; no Django.

A heading says it in brackets or within its words (金額（千円）, 令和5年度決算額), a line above the table and the name of a sheet
or of the file say it of all below them (（単位：千円）, 令和5年度 収支決算書).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.written.letters import folded

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
    """令和5年度決算額（千円） is the column 決算額 of FY2023 in 千円."""
    plain = fiscal.plain(text)
    outside = _BRACKETS.sub("", plain).strip() or plain
    unit_behind = _UNIT_BEHIND.fullmatch("".join(outside.split()))
    name = unit_behind[1] if unit_behind else outside
    years = _years(plain)
    if years:
        name = _YEARS.sub("", name) or name
    units = [*_units(text), *([unit_behind[2]] if unit_behind else [])]
    return Heading(folded(name), Stated(text, tuple(dict.fromkeys(units)), years, _stages(plain)))


def read_line(text: str) -> Stated:
    """What a line above the table states, or a name of a sheet or a file. A remark states nothing."""
    if len(text) > LONGEST or "。" in text or text.lstrip().startswith(("※", "注", "*")):
        return Stated()
    plain = fiscal.plain(text)
    return Stated(text.strip(), _units(text), _years(plain), _stages(plain))


def together(stated: Iterable[Stated]) -> Stated:
    """What several texts state that stand beside one another."""
    said = [one for one in stated if not one.is_empty]
    return Stated(
        "／".join(one.text for one in said),
        tuple(dict.fromkeys(unit for one in said for unit in one.units)),
        tuple(dict.fromkeys(year for one in said for year in one.years)),
        frozenset(stage for one in said for stage in one.stages),
    )


# -- Units --

_BRACKETS: Final = re.compile(r"[(\[【<〈〔「]([^()\[\]【】<>〈〉〔〕「」]*)[)\]】>〉〕」]")
_NAMED: Final = re.compile(r"単位\s*[:はが]?\s*([^()\[\]【】<>〈〉〔〕「」。]+)")
_BETWEEN: Final = re.compile(r"[、・/;]|,(?![0-9]{3})|及び|または|又は")
_KNOWN: Final = re.compile(
    r"(?:[十百千]?[百千万億兆])?(?:円|人|名|件|回|社|校|団体|機関|箇所|[かカヶケ]所|組|世帯|点|日|時間|分|台|棟|室|区画|m2|%|‰"
    r"|パーセント|ポイント|米?ドル|ユーロ|元|USD|EUR|JPY)|[0-9]+点(?:満点)?(?:中)?|[0-9]+段階(?:評価)?"
)
_IN_OTHER_WORDS: Final = {
    **dict.fromkeys(("YEN", "JPY"), "円"),
    **dict.fromkeys(("THOUSANDYEN", "THOUSANDSOFYEN", "1000円", "1,000円", "1,000YEN", "千YEN"), "千円"),
    **dict.fromkeys(("MILLIONYEN", "MILLIONSOFYEN", "1000000円", "1,000,000円"), "百万円"),
    **dict.fromkeys(("PEOPLE", "PERSONS"), "人"),
    "パーセント": "%",
}
_UNIT_BEHIND: Final = re.compile(r"(.+?)[:/・_]?([十百千]?[百千万億兆]円)")


def _units(text: str) -> tuple[str, ...]:
    """Those that are called units, and what stands in brackets and can only be one."""
    plain = unicodedata.normalize("NFKC", text).upper()
    written = [_unit(part) for found in _NAMED.findall(plain) for part in _BETWEEN.split(found)]
    for found in _BRACKETS.findall(plain):
        if "単位" not in found:
            written += filter(_KNOWN.fullmatch, map(_unit, _BETWEEN.split(found)))
    return tuple(dict.fromkeys(filter(None, written)))


def known_unit(text: str) -> str:
    """The unit that a text is, and nothing else; "" for another."""
    unit = _unit(unicodedata.normalize("NFKC", text).upper())
    return unit if _KNOWN.fullmatch(unit) else ""


def _unit(written: str) -> str:
    unspaced = "".join(written.split())
    return _IN_OTHER_WORDS.get(unspaced, unspaced)


# -- Years --

_ERA_YEAR: Final = (
    r"(?:明治|大正|昭和|平成|令和|(?<![A-Z])[MTSHR])\.?(?:元|[0-9]{1,2})|(?<![0-9])(?:19|20)[0-9]{2}"
)
_RANGE: Final = (
    rf"(?P<first>{_ERA_YEAR})(?:年度?)?\s*[-~〜～・,、から]+\s*(?P<last>{_ERA_YEAR}|[0-9]{{1,2}})(?:年度)"
)
_ONE: Final = rf"(?:{_ERA_YEAR})\s*年度|FY\s?[0-9]{{4}}"
_SHORT: Final = r"(?<![A-Z0-9])[HR](?:元|[0-9]{1,2})(?![0-9A-Z年月日./-]|\s*年)"
_YEARS: Final = re.compile(rf"{_RANGE}|(?P<one>{_ONE}|{_SHORT})")


def _years(plain: str) -> tuple[FiscalYear, ...]:
    """令和5年度, FY2023, R5 by itself, and all of 令和4〜6年度. A mere year (令和5年) may be a calendar year, and so a date."""
    found: list[FiscalYear] = []
    for match in _YEARS.finditer(plain):
        try:
            if match["one"]:
                found.append(FiscalYear.parse(match["one"]))
            else:
                last = match["last"] if not match["last"].isdigit() or len(match["last"]) == 4 else ""
                first = FiscalYear.parse(match["first"])
                era = re.sub(r"(?:元|[0-9]+)$", "", match["first"])
                found += FiscalYear.range(first, FiscalYear.parse(last or f"{era}{match['last']}"))
        except EraInputError:
            continue
    return tuple(dict.fromkeys(found))


# -- Stages --

_STAGES: Final = (
    (re.compile(r"補正(?:後)?(?:予算|額)|第[0-9]+号補正"), {FigureStage.SUPPLEMENTARY}),
    (re.compile(r"当初予算"), {FigureStage.BUDGET}),
    (
        re.compile(
            r"(?<!補正)(?<!補正後)(?<!当初)予算(?!執行|現額|差|残|対|科目|区分|番号|流用|比|管理|単位)"
        ),
        {FigureStage.BUDGET, FigureStage.SUPPLEMENTARY},
    ),
    (re.compile(r"決算見込"), {FigureStage.FORECAST}),
    (re.compile(r"決算(?!見込|期|日|書類|整理)"), {FigureStage.SETTLEMENT}),
    (re.compile(r"\bBUDGET\b"), {FigureStage.BUDGET, FigureStage.SUPPLEMENTARY}),
    (re.compile(r"\bSETTLEMENT\b"), {FigureStage.SETTLEMENT}),
)


def _stages(plain: str) -> frozenset[FigureStage]:
    return frozenset(stage for words, stages in _STAGES if words.search(plain) for stage in stages)
