"""The text of a Word file: its paragraphs with the numbers that Word sets, its tables as rows; no headers and footers.

Runs in a process of its own (`extracting`). Insertions that are tracked are taken, deletions are not.
"""

import io
from collections.abc import Iterator
from typing import Any, Final

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from agreements.wording.files.extracted import Extracted, plain
from agreements.wording.files.word_numbers import Numbering, numbering_of
from agreements.wording.text_file import Refusal, TextFileRefused
from agreements.wording.tree import Problem, ProblemCode

_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_NOT_READ: Final = frozenset(
    {qn("w:del"), qn("w:moveFrom"), qn("w:rt"), qn("w:txbxContent"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
)  # fmt: skip
_TEXTS: Final = {qn("w:tab"): "\u3000", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_NAMED: Final = {
    qn("w:footnoteReference"): ProblemCode.FOOTNOTE,
    qn("w:endnoteReference"): ProblemCode.FOOTNOTE,
    qn("w:txbxContent"): ProblemCode.TEXT_BOX,
    qn("w:drawing"): ProblemCode.PICTURE,
    qn("w:pict"): ProblemCode.PICTURE,
    qn("w:object"): ProblemCode.PICTURE,
    qn("w:sym"): ProblemCode.PICTURE,
    qn("m:oMath"): ProblemCode.PICTURE,
    qn("w:ins"): ProblemCode.TRACKED_CHANGE,
    qn("w:del"): ProblemCode.TRACKED_CHANGE,
    qn("w:moveFrom"): ProblemCode.TRACKED_CHANGE,
}


class _Lines:
    """The lines as they come, and what is named of them."""

    def __init__(self, numbering: Numbering) -> None:
        self.numbering = numbering
        self.lines: list[str] = []
        self.notes: list[Problem] = []

    def add_blocks(self, parent: Any) -> None:
        for block in parent:
            if block.tag == _PARAGRAPH:
                self._add_paragraph(block)
            elif block.tag == _TABLE:
                self._add_table(block)
            elif block.tag not in _NOT_READ and block.tag != qn("w:sectPr"):
                self.add_blocks(block)  # content controls and the like

    def _add_paragraph(self, paragraph: Any) -> None:
        number = self.numbering.before(paragraph)
        self._note(paragraph, ProblemCode.NUMBER_LOST if number is None else None)
        text = text_of(paragraph)
        self.lines += f"{number} {text}".strip(" ").split("\n") if number else text.split("\n")

    def _add_table(self, table: Any) -> None:
        for row in table.iter(_ROW):
            cells = [
                " ".join(
                    filter(
                        None, (self._cell_text(one) for one in cell.iter(_PARAGRAPH) if _cell_of(one) is cell)
                    )
                )
                for cell in row.iter(_CELL)
                if next(cell.iterancestors(_ROW)) is row
            ]
            self._note(row, None)
            self.lines.append("\u3000".join(cell.replace("\n", " ") for cell in cells).strip("\u3000"))

    def _cell_text(self, paragraph: Any) -> str:
        number = self.numbering.before(paragraph)
        return f"{number} {text_of(paragraph)}".strip() if number else text_of(paragraph).strip()

    def _note(self, element: Any, also: ProblemCode | None) -> None:
        found = {_NAMED[one.tag] for one in element.iter(*_NAMED)} | ({also} if also else set())
        if ProblemCode.TEXT_BOX in found:
            found.discard(ProblemCode.PICTURE)  # what holds the box
        line = len(self.lines) + 1
        self.notes += (Problem(code, line) for code in sorted(found))


def _cell_of(paragraph: Any) -> Any:
    """The innermost cell around it: a table may stand in a cell."""
    return next(paragraph.iterancestors(_CELL), None)


def text_of(element: Any) -> str:
    """The text of a paragraph as it reads: without what was deleted, furigana, and boxes beside it."""
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in _NOT_READ:
            continue
        if child.tag == qn("w:t"):
            yield plain(child.text or "")
        elif child.tag in _TEXTS:
            yield "" if child.getparent().tag == qn("w:tabs") else _TEXTS[child.tag]
        else:
            yield from _pieces(child)


def word_text(data: bytes) -> Extracted:
    """TextFileRefused for what is no Word file or holds no text."""
    try:
        document = Document(io.BytesIO(data))
        part = document.part
        parts = {relation.reltype: relation for relation in part.rels.values() if not relation.is_external}
        numbering, styles = (
            getattr(parts[kind].target_part, "element", None) if kind in parts else None
            for kind in (RELATIONSHIP_TYPE.NUMBERING, RELATIONSHIP_TYPE.STYLES)
        )
        lines = _Lines(numbering_of(numbering, styles))
        lines.add_blocks(document.element.body)
    except (PackageNotFoundError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise TextFileRefused(Refusal.DAMAGED) from error
    text = "\n".join(lines.lines)
    if not text.strip():
        raise TextFileRefused(Refusal.SCAN)
    return Extracted(text, tuple(lines.notes))
