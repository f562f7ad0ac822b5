"""What pages of the KPIs share: the day that they show, and a value with its target, its rate and its verdict."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.generated.chronicle_log import Log
from tests.generated.frame import CODES
from tests.generated.pages.words import SIGNS, bare
from tests.generated.reckoned_kpis import Kpis, quantity, shown
from tests.readers.page_reading import Piece

WORDS_OF_BANDS = {
    "達成": "met",
    "Met": "met",
    "未達": "not_met",
    "Not met": "not_met",
    "未報告": "unreported",
    "Not reported": "unreported",
    "途中経過": "interim",
    "Interim": "interim",
    "対象外": "not_applicable",
    "Not applicable": "not_applicable",
    "目標なし": "no_target",
    "No target": "no_target",
    "達成（見込）": "expected_met",
    "Met (by forecast)": "expected_met",
    "未達（見込）": "expected_not_met",
    "Not met (by forecast)": "expected_not_met",
    "決算と相違": "by_settlement",
    "differs from the settlement": "by_settlement",
    "台帳と相違": "by_register",
    "differs from the register": "by_register",
    "目標変更あり": "moved",
    "Target changed": "moved",
}


@dataclass
class OnDay:
    """A page as somebody reads it: what is known on `day`, `today`, in which language, and who reads."""

    log: Log
    day: date
    today: date
    language: str
    role: str  # foundation-staff, city-staff, city-viewer …
    center: str
    indicator: str = ""
    piece: Piece = field(init=False)

    reckoned: dict[str, Any] = field(default_factory=dict)  # what has been reckoned of the day already

    def begin(self, piece: Piece) -> None:
        """Come to the next piece of the page."""
        self.piece = piece

    @property
    def kpis(self) -> Kpis:
        found: Kpis = self.reckoned.setdefault("kpis", None) or Kpis(self.log, self.day)
        self.reckoned["kpis"] = found
        return found

    def is_about(self, plan: str, indicator: str) -> bool:
        """Whether the page speaks of the plan's indicator."""
        return True

    @property
    def register_days(self) -> set[date]:
        """The days on which the register changed, by the day that is shown."""
        return {one.on for one in self.log.records if one.on <= self.day}

    @property
    def side(self) -> str:
        return self.role.partition("-")[0]

    @property
    def is_staff(self) -> bool:
        return self.role.endswith("-staff")


def bands_of(tally: str) -> dict[str, int]:
    """✓達成 1 ×未達 2: how many of each."""
    found: dict[str, int] = {}
    words: list[str] = []
    for part in tally.split():
        if part.isdigit():
            found[WORDS_OF_BANDS[" ".join(words).lstrip(SIGNS)]] = int(part)
            words = []
        else:
            words.append(part)
    return found


def value_cell_faults(
    kpis: Kpis, key: tuple[str, str, int], value: str, target: str, against: str, verdict: str
) -> Iterator[str]:
    """What is wrong in a row of value, target, rate and verdict."""
    _plan, code, _year = key
    held, band, judged = kpis.held.get(key), kpis.stands(key), kpis.target_judged(key)
    yield from target_faults(kpis, key, target)
    yield from beside_faults(kpis, key, value)
    if held is not None and held.is_number:
        if not bare(value).startswith(quantity(code, int(held.value))):
            yield f"{key}: {quantity(code, int(held.value))} is held, not {value}"
        if kpis.is_forecast(key) and not any(word in value for word in ("決算見込", "forecast")):
            yield f"{key}: a forecast, which the page does not say: {value}"
    elif held is not None and not value.startswith("－"):
        yield f"{key}: it does not apply, and the page says {value}"
    elif held is None and not value.startswith(("未報告", "Not reported")):
        yield f"{key}: nothing is held, and the page says {value}"
    yield from _verdict_faults(kpis, key, verdict, band)
    if judged and held and held.is_number and band in ("met", "not_met"):
        rate = rate_of(code, int(held.value), judged.value, is_met=band == "met")
        if bare(against) != rate:
            yield f"{key}: {rate}, not {against}"


def target_faults(kpis: Kpis, key: tuple[str, str, int], said: str) -> Iterator[str]:
    """The target is the one that the verdict stays with, and the one in force now stands beside it where it is another."""
    judged, now = kpis.target_judged(key), kpis.targets.get(key)
    if judged and not bare(said).startswith(quantity(key[1], judged.value)):
        yield f"{key}: judged by {quantity(key[1], judged.value)}, not {said}"
    words = re.search(r"\dから\d|目標変更あり|Target since|target changed", said)
    if kpis.is_moved(key) != bool(words):
        yield f"{key}: the target was moved: {kpis.is_moved(key)}, and the page says {said}"
    if kpis.is_moved(key) and now and quantity(key[1], now.value) not in bare(said):
        yield f"{key}: the target is {quantity(key[1], now.value)} now, and the page says {said}"


INSTEAD = {
    "settlement": ("決算では", "By the settlement "),
    "correction": ("決算の訂正により", "By the correction of the settlement "),
    "forecast": ("決算見込では", "By the settlement forecast "),
    "register": ("台帳の記録により", "By the records of the register "),
}
"""Before what is said instead of a value, by who says it."""


def instead(kpis: Kpis, key: tuple[str, str, int]) -> tuple[str, ...]:
    """What stands beside the value, in each language; nothing where nothing else is said."""
    other = kpis.others.get(key)
    if other is None:
        return ()
    return tuple(f"{words}{quantity(key[1], other.value)}" for words in INSTEAD[other.by])


def beside_faults(kpis: Kpis, key: tuple[str, str, int], said: str) -> Iterator[str]:
    """What the settlement or the register says instead stands beside the value, and nothing of the kind where they do not."""
    expected = instead(kpis, key)
    is_said = any(bare(words) in bare(said) for pair in INSTEAD.values() for words in pair)
    if is_said != bool(expected) or (expected and not any(bare(words) in bare(said) for words in expected)):
        yield f"{key}: {expected} is said instead, not {said}"


def _verdict_faults(kpis: Kpis, key: tuple[str, str, int], verdict: str, band: str) -> Iterator[str]:
    said = verdict.lstrip(f"{SIGNS} ")
    word = next((one for one in sorted(WORDS_OF_BANDS, key=len, reverse=True) if said.startswith(one)), said)
    if WORDS_OF_BANDS.get(word) != band:
        yield f"{key}: {band}, and the page says {verdict}"
    if (
        kpis.is_forecast(key)
        and band in ("met", "not_met")
        and not any(word in said for word in ("決算見込", "forecast"))
    ):
        yield f"{key}: the verdict rests on a forecast, and the page does not say so: {verdict}"


def rate_of(code: str, value: int, target: int, *, is_met: bool) -> str:
    """Of the two figures as they are shown, in percent with one decimal; the difference where the target is a ceiling."""
    actual, goal = shown(code, value), shown(code, target)
    if CODES[code].at_most:
        difference = actual - goal
        sign = "+" if difference > 0 else "±" if difference == 0 else "▲"
        return f"{sign}{abs(difference):,}{CODES[code].unit}"
    if goal <= 0:
        return ""
    tenths = (actual * 2000 + goal) // (goal * 2)  # half up
    tenths = max(tenths, 1000) if is_met else min(tenths, 999)
    return f"{tenths / 10:,.1f}%"
