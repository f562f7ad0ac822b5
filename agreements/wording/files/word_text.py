"""The text of a Word file: its paragraphs with the numbers that Word sets, its tables as rows; no headers and footers.

Runs in a process of its own (`extracting`). Insertions that are tracked are taken; deletions are not, nor is hidden text.
Cells of a row are set apart by tabs; one that is empty, or joined to the one above, is a wide space.
"""

import io
from typing import Any, Final

from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from agreements.wording.files.extracted import Extracted
from agreements.wording.files.word_numbers import Numbering, numbering_of
from agreements.wording.files.word_runs import NOT_READ, Runs, hidden_styles, is_on
from agreements.wording.text_file import Refusal, TextFileRefused
from agreements.wording.tree import Problem, ProblemCode

_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
EMPTY_CELL: Final = "\u3000"
_MOST_EMPTY: Final = 60  # columns that a cell or the beginning of a row is believed to span
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
    qn("w:moveTo"): ProblemCode.TRACKED_CHANGE,
}


class _Lines:
    """The lines as they come, and what is named of them."""

    def __init__(self, numbering: Numbering, runs: Runs) -> None:
        self.numbering = numbering
        self.runs = runs
        self.lines: list[str] = []
        self.notes: list[Problem] = []
        self.begun = ""  # what a paragraph whose end is gone leaves for the next

    def add_blocks(self, parent: Any) -> None:
        for block in parent:
            if block.tag == _PARAGRAPH:
                self._add_paragraph(block)
            elif block.tag == _TABLE:
                self._end_paragraph()
                self._add_table(block)
            elif block.tag not in NOT_READ and block.tag != qn("w:sectPr"):
                self.add_blocks(block)  # content controls and the like

    def end(self) -> None:
        self._end_paragraph()

    def _end_paragraph(self) -> None:
        if self.begun:
            self.lines += self.begun.split("\n")
            self.begun = ""

    def _add_paragraph(self, paragraph: Any) -> None:
        text, gone = self.runs.text_of(paragraph), self.runs.is_gone(paragraph)
        number = "" if self.begun or (gone and not text) else self.numbering.before(paragraph)
        self._note(paragraph, ProblemCode.NUMBER_LOST if number is None else None)
        self.begun += f"{number} {text}".strip(" ") if number else text
        if not gone:
            self.lines += self.begun.split("\n")
            self.begun = ""

    def _add_table(self, table: Any) -> None:
        for row in table.iter(_ROW):
            properties = row.find(qn("w:trPr"))
            if properties is not None and properties.find(qn("w:del")) is not None:
                self._note(row, ProblemCode.TRACKED_CHANGE)
                continue
            if is_on(properties, "w:hidden"):
                self._note(row, ProblemCode.HIDDEN_TEXT)
                continue
            cells = [EMPTY_CELL] * _columns(row, "w:trPr", "w:gridBefore", 0)
            for cell in row.iter(_CELL):
                if next(cell.iterancestors(_ROW)) is not row:
                    continue  # of a table in the cell
                cells.append(self._cell(cell) or EMPTY_CELL)
                cells += [EMPTY_CELL] * (_columns(cell, "w:tcPr", "w:gridSpan", 1) - 1)
            self._note(row, None)
            while cells and cells[-1] == EMPTY_CELL:
                cells.pop()
            self.lines.append("\t".join(cells))

    def _cell(self, cell: Any) -> str:
        """The paragraphs of a cell in one line; of one that goes on from the row above nothing is shown again."""
        texts = (self._cell_text(one) for one in cell.iter(_PARAGRAPH) if _cell_of(one) is cell)
        return " ".join(filter(None, texts)).replace("\n", " ")

    def _cell_text(self, paragraph: Any) -> str:
        number, text = self.numbering.before(paragraph), self.runs.text_of(paragraph)
        return f"{number} {text}".strip() if number else text.strip()

    def _note(self, element: Any, also: ProblemCode | None) -> None:
        found = {_NAMED[one.tag] for one in element.iter(*_NAMED)} | ({also} if also else set())
        if ProblemCode.TEXT_BOX in found:
            found.discard(ProblemCode.PICTURE)  # what holds the box
        if self.runs.met_hidden:
            found.add(ProblemCode.HIDDEN_TEXT)
            self.runs.met_hidden = False
        line = len(self.lines) + 1
        self.notes += (Problem(code, line) for code in sorted(found))


def _cell_of(paragraph: Any) -> Any:
    """The innermost cell around it: a table may stand in a cell."""
    return next(paragraph.iterancestors(_CELL), None)


def _columns(element: Any, properties: str, name: str, usual: int) -> int:
    """How many columns of the table a cell spans, or a row leaves free."""
    found = element.find(f"{qn(properties)}/{qn(name)}")
    said = "" if found is None else found.get(qn("w:val"), "")
    return min(int(said), _MOST_EMPTY) if said.isdecimal() else usual


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
        lines = _Lines(numbering_of(numbering, styles), Runs(hidden_styles(styles)))
        lines.add_blocks(document.element.body)
        lines.end()
    except (PackageNotFoundError, KeyError, ValueError, AttributeError, TypeError) as error:
        raise TextFileRefused(Refusal.DAMAGED) from error
    text = "\n".join(lines.lines)
    if not text.strip():
        raise TextFileRefused(Refusal.SCAN)
    return Extracted(text, tuple(lines.notes))
