"""A line of the source made ready for reading."""

import re
from dataclasses import dataclass
from typing import Final

from agreements.wording.letters import CLEAN, fold_width
from agreements.wording.tree import LineUse

_BULLET: Final = re.compile(r"(?:[-*+‐–−•●▪◦] +|[・･•●▪◦] *|#{1,6} +|> +)+")
_APART: Final = re.compile(r"\s+")
_CELLS: Final = re.compile(r"[\t\u3000]|\s{2}")
_EMPTY_FIRST: Final = re.compile(r"(?:\u3000\t)+|\t+(?=[^\t]+\t)")
_PAGE_MARK: Final = re.compile(
    r"[-‐–—−―ー~] ?\d{1,4} ?[-‐–—−―ー~]|\(?(?:[pP]|[pP]age|PAGE|ページ|頁)[.:]? ?\d{1,4}(?: ?/ ?\d{1,4})?\)?"
    r"|[-‐–—−―ー~(]? ?\d{1,4} ?/ ?\d{1,4}(?: ?(?:ページ|頁))? ?[-‐–—−―ー~)]?|\(?(?:第 ?)?\d{1,4} ?(?:ページ|頁)\)?"
    r"|全? ?\d{1,4} ?(?:ページ|頁) ?[中の/] ?(?:第 ?)?\d{1,4} ?(?:ページ|頁)(?:目)?|\d{1,4} ?(?:ページ|頁) ?/ ?\d{1,4}"
    r"|(?:[pP]age )?\d{1,4} of \d{1,4}|[\[<〔【《|] ?\d{1,4} ?[\]>〕】》|]|[-=_─━―~*・…‥. ]{3,}"
)
BARE_NUMBER: Final = re.compile(r"\d{1,4}")
WORD: Final = re.compile(r"\w")
CLOSING_MARKS: Final = re.compile(r"[)」』】〕。、]{1,4}")
MARKS_ONLY: Final = re.compile(r"[()「」『』【】〔〕。、・／/:&]{1,4}")
KATAKANA_END: Final = re.compile(r"[ァ-ヺー・]$")


@dataclass(slots=True)
class PreparedLine:
    """A line made ready: `text` without list marks, `plain` the same letter for letter in one width, `row` the same with
    wide spaces where the source sets cells apart: one for each cell where tabs do."""

    number: int
    source: str
    text: str
    plain: str
    row: str
    bullet: str
    feed: bool
    skipped: LineUse | None  # BLANK or PAGE_MARK, where that needs no context

    def row_of(self, text: str) -> str:
        """The cells of what stands at the line's end; the text itself where it stands elsewhere."""
        if not text or not self.text.endswith(text):
            return text
        if text == self.text:
            return self.row
        letters = [at for at, letter in enumerate(self.row) if not letter.isspace()]
        return self.row[letters[-len("".join(text.split()))] :]


def made_ready(number: int, source: str) -> PreparedLine:
    cleaned = source.translate(CLEAN).replace("**", "")
    body = " ".join(cleaned.split())
    plain = fold_width(body)
    skipped = None
    if not body:
        skipped = LineUse.PAGE_MARK if source.strip() or "\f" in source else LineUse.BLANK
    elif len(body) <= 200 and _PAGE_MARK.fullmatch(plain):
        skipped = LineUse.PAGE_MARK
    bullet = _BULLET.match(plain)
    start = bullet.end() if bullet else 0
    start -= start == len(body) > 0  # a mark alone is the text
    mark = "" if not start else "・" if body[start - 1] in "・･" else "-"
    line = PreparedLine(number, source, body, plain, _row(cleaned), mark, "\f" in source, skipped)
    if start:
        line.row = line.row_of(body[start:])
        line.text, line.plain = body[start:], plain[start:]
    return line


def _row(cleaned: str) -> str:
    empty = _EMPTY_FIRST.match(cleaned)
    before = "\u3000" * empty[0].count("\t") if empty else ""
    return before + _APART.sub(_gap, cleaned.strip())


def _gap(gap: re.Match[str]) -> str:
    return "\u3000" * (gap[0].count("\t") or 1) if _CELLS.search(gap[0]) else " "


def line_of(text: str) -> PreparedLine:
    """A line that stands nowhere, for two that were broken."""
    return PreparedLine(0, text, text, fold_width(text), text, "", False, None)
