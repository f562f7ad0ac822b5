"""The words that change within a sentence, as each language writes them: years, days, counts, yen. No models, no portal."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

ERAS = {"平成": 1988, "令和": 2018, "H": 1988, "R": 2018}
MONTHS = "January February March April May June July August September October November December".split()
_MONTH = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
SIGNS = "✓×–!◐△"
"""What stands before a word on a chip, beside the letter i."""
ERA_YEAR = r"(?:平成|令和|H|R)(?:\d+|元)"


def era_year(text: str) -> int:
    """令和5, R5, 平成28."""
    era = next((era for era in ERAS if text.startswith(era)), None)
    if era is None:
        raise ValueError(f"{text} is no year")
    number = text[len(era) :]
    return ERAS[era] + (1 if number == "元" else int(number))


def year(text: str) -> int:
    """令和5年度, R5, FY2023."""
    return int(text[2:]) if text.startswith("FY") else era_year(text.removesuffix("年度"))


def years(text: str) -> tuple[int, ...]:
    """H27〜H29、R1: every year of the runs."""
    found: list[int] = []
    for run in re.split(r"、|, |・", text):
        first, _between, last = run.partition("〜" if "〜" in run else "–")
        found += range(year(first), year(last or first) + 1)
    return tuple(found)


def day(text: str) -> date:
    """令和6年11月5日, R6.11.5, 5 November 2024, 5 Nov 2024."""
    if found := re.fullmatch(rf"({ERA_YEAR})(?:年|\.)(\d+)(?:月|\.)(\d+)日?", text):
        return date(era_year(found[1]), int(found[2]), int(found[3]))
    number, month, of = text.split()
    return date(int(of), 1 + [name[:3] for name in MONTHS].index(month[:3]), int(number))


def as_of(text: str) -> date:
    """R6.3末 is the month's last day; otherwise a day."""
    if found := re.fullmatch(rf"({ERA_YEAR})\.(\d+)末", text):
        of, month = era_year(found[1]), int(found[2])
        following = date(of + month // 12, month % 12 + 1, 1)
        return date.fromordinal(following.toordinal() - 1)
    return day(text)


def number(text: str) -> int:
    """▲1,692."""
    return int(text.replace("▲", "-").replace("+", "").replace("±", "").replace(",", ""))


def thousands(text: str) -> int | Fraction:
    """1,692千円 or ¥1,692 thousand, in thousands; 9億円 and ¥900 million too, and 1,692,500円 exactly."""
    if found := re.fullmatch(r"([\d,]*\d)円|¥([\d,]*\d)", text):
        return Fraction(number(found[1] or found[2]), 1_000)
    if found := re.fullmatch(r"([▲\d,]+)億円|¥([▲\d,]+) million", text):
        return number(found[1]) * 100_000 if found[1] else number(found[2]) * 1_000
    return number(text.removesuffix("千円").removeprefix("¥").removesuffix(" thousand"))


def bare(text: str) -> str:
    """Without blanks: 83 件 and 83件 are the same."""
    return re.sub(r"\s", "", text)


@dataclass(frozen=True, slots=True)
class Word:
    """How it is written, and what it means."""

    pattern: str
    meaning: Callable[[str], Any]


_YEAR = r"(?:平成|令和)(?:\d+|元)年度|(?:H|R)\d+|FY\d{4}"
_DAY = rf"{ERA_YEAR}(?:年|\.)\d+(?:月|\.)\d+日?|\d+ (?:{_MONTH}) \d{{4}}"
WORDS = {
    "year": Word(_YEAR, year),
    "years": Word(rf"(?:{_YEAR})(?:(?:、|, |・|〜|–)(?:{_YEAR}))*", years),
    "day": Word(_DAY, day),
    "any_day": Word(
        rf"{_DAY}|期限の定めなし|no date",
        lambda text: None if text in ("期限の定めなし", "no date") else day(text),
    ),
    "as_of": Word(rf"{ERA_YEAR}\.\d+末|{ERA_YEAR}\.\d+\.\d+|\d+ (?:{_MONTH}) \d{{4}}", as_of),
    "count": Word(r"\d[\d,]*", number),
    "number": Word(r"[▲+±]?\d[\d,]*", number),
    "yen": Word(
        r"▲?[\d,]+千円|¥▲?[\d,]+ thousand|[\d,]+億円|¥[\d,]+ million|[\d,]*\d円|¥[\d,]*\d(?! (?:thousand|million))",
        thousands,
    ),
    "thousands": Word(r"▲?[\d,]+千円", thousands),
    "rate": Word(r"▲?[\d,]+\.\d ?%", bare),
    "rate_or_difference": Word(r"[▲\d,]+\.\d ?%|[▲+±]\d[\d,]* ?件", bare),
    "value": Word(r"[▲+±]?\d[\d,.]*\s?(?:件|千円|%|ポイント|points)", bare),
    "target": Word(r"▲?\d[\d,.]*\s?(?:件|千円|%)(?:以下| or less)?", bare),
    "certainty": Word("途中経過|決算見込|確定|interim|settlement forecast|final", str),
    "verdict": Word("概ね達成|達成|未達|Nearly met|Met|Not met", str),
    "text": Word(r"[^。]+?(?=[。」]|$|の|に|から|は|、|です|が)", str),
    "rest": Word(r"[^。]+?", str),
    "face": Word(
        r"予算（第\d+号補正後）|予算|決算見込|決算|Budget after supplementary no\. \d+|Budget|Settlement forecast|Settlement",
        str,
    ),
    "stage": Word("決算見込|決算|[Ss]ettlement forecast|[Ss]ettlement", str),
    "time": Word(r"\d\d:\d\d", str),
    "bound": Word("市と財団|市|財団|both parties|the city|the foundation", str),
    "done": Word("検証済み|合意|決定|受理|履行済み|verified|agreed|decided|accepted|fulfilled", str),
    "deed": Word(r"\S+?(?= 名前)|[A-Z][a-z]+(?: [a-z]+)*", str),
    "sign": Word(f"[{SIGNS}]?", str),
    "to_end": Word(".+", str),
    "any_end": Word(".*", str),
    "basis": Word("協定 basic(?: 第\\d条第\\d項)?", str),
    "why": Word(r"(?: ・ \S+)?", str),
    "title": Word(
        "事業報告書と収支決算書の提出|翌年度の計画と予算の案|年度協定の締結|決算の検証|効果検証|検証|決算の提出|予算の決定",
        str,
    ),
    "state_of_duty": Word(r"[✓×!–]?[^ 。・]+(?: [a-z]+)*", str),
    "joint_kind": Word(
        "事業報告・収支決算の検証|KPIの検証|Verification of report and settlement|Verification of KPIs", str
    ),
    "mark": Word("(?: ?検証後に訂正あり| ?Corrected after the verification)?", str),
    "parts": Word(r"[^.]+?", str),
    "word": Word(r"[\w-]+", str),
    "text_end": Word(r"\w+", str),
}


def compiled(sentence: str) -> re.Pattern[str]:
    """{total:count}指標すべてが達成です。 A name without a kind is its own kind."""
    parts = re.split(r"\{(\w+)(?::(\w+))?\}", sentence)
    pattern = re.escape(parts[0])
    for name, kind, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        pattern += f"(?P<{name}>{WORDS[kind or name].pattern})" + re.escape(after)
    return re.compile(pattern)


def kinds(sentence: str) -> dict[str, Word]:
    """The words of a sentence by their names."""
    return {name: WORDS[kind or name] for name, kind in re.findall(r"\{(\w+)(?::(\w+))?\}", sentence)}
