"""What stands among the rows of a table and is none: sums of other rows, and lines of words (※ …, 4月分, 以上). Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from iconm_portal.imports.sheet_reading import Kind, SheetCell
from iconm_portal.values.written.letters import folded


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue; whoever shows it translates it, this module knows no Django."""
    return message


IS_A_SUM: Final = gettext_noop("“%(found)s” is a sum of other rows. It is left out.")
SUM_DIFFERS: Final = gettext_noop(
    "“%(found)s” is a sum of other rows, and is left out. It says %(said)s, but the rows come to %(sum)s."
)

CARRIED: Final = gettext_noop("“%(found)s” carries a balance over. It is left out.")

_OF: Final = r"(?:(?:[0-9]{1,2}月|当月|当期|月間|年間|月|年度|年|期|頁|ページ|収入|支出|収支|事業|科目)(?:の部)?分?の?)?"
_SUM: Final = re.compile(
    rf"{_OF}(?:小計|中計|合計|総計|累計|計|総合計|差引)(?:額|金額)?|.+(?:小計|合計|総計|累計)"
    r"|(?:前|次|翌)(?:月|頁|期|年度|ページ)?(?:より|へ)?繰越(?:金|高|額|残高|収支差額)?|(?:sub|grand)?total"
)
_MAY_BE_SUM: Final = re.compile(r"計|差|繰|total|ＴＯＴＡＬ", re.IGNORECASE)
_FIGURE: Final = re.compile(r"(?![-－–−]\s*\d{1,3}\s*[-－–−]\Z)[\d\s,.，．/:¥￥△▲()（）円年月日-]+")
_DRESS: Final = "()[]【】<>〈〉「」*※■●○◆・:="


def sum_word(text: str) -> str:
    """The text, if it is what a row of sums is called (合計, 4月計, 【小 計】, 次頁繰越); "" for another."""
    if not _MAY_BE_SUM.search(text):
        return ""
    return text.strip() if _SUM.fullmatch(folded(text).strip(_DRESS)) else ""


def sum_word_of(cells: Sequence[SheetCell]) -> str:
    """The word by which one of the cells calls its row a sum."""
    words = (sum_word(str(cell.value)) for cell in cells if cell.kind is Kind.TEXT)
    return next(filter(None, words), "")


def is_line_of_words(cells: Sequence[SheetCell]) -> bool:
    """Whether a row is one text alone, and that no figure and no day."""
    return len(cells) == 1 and cells[0].kind is Kind.TEXT and not _FIGURE.fullmatch(str(cells[0].value))


@dataclass(slots=True)
class RunningSums:
    """What the rows come to, so that a row of sums can be held against it: since the last one, in all, by what they are of."""

    _since: int = 0
    _by: dict[str, int] = field(default_factory=dict)
    _is_whole: bool = True

    def add(self, amount: int | None, *of: str) -> None:
        """Another row's amount, which counts for all of these too; None where it cannot be read."""
        if amount is None:
            self._is_whole = False
            return
        self._since += amount
        for name in ("", *of):
            self._by[name] = self._by.get(name, 0) + amount

    def differs(self, said: int) -> int | None:
        """What the rows come to, where a row of sums says another thing; None where it agrees or nothing is known."""
        agrees = said in (self._since, *self._by.values())
        sums = self._since or self._by.get("", 0)
        self._since = 0
        return None if agrees or not self._is_whole else sums


def held_against(sums: RunningSums, found: str, amount: int | None) -> tuple[str, Mapping[str, object]]:
    """What is said of a row of sums: an msgid, and what fills it."""
    if "繰越" in found:
        return CARRIED, {"found": found}
    other = None if amount is None or "差引" in found else sums.differs(amount)
    if other is None:
        return IS_A_SUM, {"found": found}
    return SUM_DIFFERS, {"found": found, "said": {"number": amount}, "sum": {"number": other}}
