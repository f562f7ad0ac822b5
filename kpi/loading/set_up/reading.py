"""A filled-in set-up workbook as the tables of a center: its sheets are read as every uploaded table is, and their words
become the codes of the CSV files. What cannot be read is a problem with its sheet and cell."""

import re
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.inspection import texts as inspection_texts
from iconm_portal.forms.inspection.refusals import UploadRefused
from iconm_portal.imports import table_reader, texts
from iconm_portal.imports.reading import meaning
from iconm_portal.imports.reading.chosen import Contradiction
from iconm_portal.imports.reading.tables import TableRow
from iconm_portal.imports.reference_lines import BadFile, Problem, ReferenceLine, WholeFile
from iconm_portal.imports.sheet_reading import Kind, OpenSheet, opened
from iconm_portal.models import Center
from kpi.loading.set_up.folders import VERSION
from kpi.loading.set_up.sheets import Sheet, sheets
from kpi.loading.set_up.workbook import COVER, MARK, NOTE

_MARK: Final = re.compile(
    re.escape(MARK)
    .replace(r"%\(version\)s", "(?P<version>\\S+)")
    .replace(r"%\(center\)s", r"(?P<center>\S+)")
)
_MARK_ROWS: Final = 5
_problem_text = lazy(texts.problem, str)
_refusal_text = lazy(inspection_texts.refusal, str)


class SetUpWorkbook:
    """The workbook, open: `TableFiles` for the loader. To be used as a context manager; BadFile where it is none of this
    center and version."""

    def __init__(self, data: bytes, filename: str, center: Center) -> None:
        self._data, self._filename, self._center = data, filename, center
        self._held = ExitStack()
        self._sheets: dict[str, tuple[Sheet, OpenSheet]] = {}

    def __enter__(self) -> "SetUpWorkbook":
        try:
            found = self._held.enter_context(
                opened(self._data, filename=self._filename, limits=table_reader.LIMITS)
            )
            self._sheets = {sheet.file: (sheet, there) for sheet, there in self._known(found)}
        except UploadRefused as refused:
            raise BadFile(_whole(self._filename, _refusal(refused))) from refused
        return self

    def __exit__(self, *_error: object) -> None:
        self._held.close()

    @property
    def names(self) -> Collection[str]:
        return self._sheets

    def title(self, name: str) -> str:
        """What the sheet of a table is called in the file, or would be."""
        if name in self._sheets:
            return self._sheets[name][1].name
        return next((sheet.title for sheet in sheets() if sheet.file == name), name)

    def lines(self, name: str) -> Iterator[ReferenceLine]:
        """The rows of a sheet. BadFile with everything that cannot be read of it."""
        sheet, there = self._sheets[name]
        problems: list[Problem] = []
        try:
            read = table_reader.table_on([there], [column.column for column in sheet.columns])
            yield from self._rows(sheet, there, read, problems)
        except UploadRefused as refused:
            raise WholeFile(*problems, _whole(there.name, _refusal(refused))) from refused
        except Contradiction as refused:
            said = {"message": refused.message, "params": refused.params}
            raise WholeFile(*problems, _whole(there.name, _problem_text(said))) from refused
        if problems:
            raise BadFile(*problems)

    def _rows(
        self, sheet: Sheet, there: OpenSheet, read: table_reader.ReadTable, problems: list[Problem]
    ) -> Iterator[ReferenceLine]:
        if read.first.not_read:
            heading = ReferenceLine(there.name, read.first.heading_row, {})
            message = _("Nothing reads the column “%(column)s”.")
            problems += [heading.problem(message, column=one) for one in read.first.not_read]
        for row in read.rows():
            if _is_note(row):
                continue
            line = ReferenceLine(there.name, row.number, {}, row.part.letters)
            understood = meaning.understood(row.part.columns, row)
            wrong = [line.problem(_problem_text(one), one["column"]) for one in understood.problems]
            missing = [
                line.problem(_("The cell is blank."), column.key)
                for column in sheet.columns
                if column.is_required and column.key not in row.cells
            ]
            if wrong or missing:
                problems += [*wrong, *missing]
                continue
            cells = dict.fromkeys(row.part.places.values(), "")
            yield line._replace(cells=cells | {key: str(value) for key, value in understood.values.items()})

    def _known(self, found: list[OpenSheet]) -> Iterator[tuple[Sheet, OpenSheet]]:
        """The sheets of tables; BadFile with those that bear another mark, or none."""
        by_title = {title: sheet for sheet in sheets() for title in sheet.titles}
        problems, known = [], []
        for there in found:
            if there.hidden:
                continue
            sheet = by_title.get(there.name.strip())
            if sheet is None and there.name != COVER:
                problems.append(_whole(there.name, _("Nothing reads a sheet of this name.")))
            elif (wrong := self._mark_problem(there)) is not None:
                problems.append(wrong)
            elif sheet is not None:
                known.append((sheet, there))
        if problems:
            raise BadFile(*problems)
        order = [sheet.file for sheet in sheets()]
        yield from sorted(known, key=lambda one: order.index(one[0].file))

    def _mark_problem(self, there: OpenSheet) -> Problem | None:
        for cells in there.rows():
            if cells[0].row > _MARK_ROWS:
                break
            for cell in cells:
                if cell.kind is Kind.TEXT and (found := _MARK.search(str(cell.value))):
                    if found["version"] != VERSION:
                        message = _(
                            "The tables are of version %(found)s; this portal reads version %(version)s."
                        )
                        params = {"found": found["version"], "version": VERSION}
                        return _whole(there.name, message, **params)
                    if found["center"] != self._center.code:
                        message = _("The table is of the center “%(found)s”, not of “%(center)s”.")
                        return _whole(there.name, message, found=found["center"], center=self._center.code)
                    return None
        return _whole(
            there.name,
            _("The sheet does not say of which center and version it is. Use the portal's workbook."),
        )


def _is_note(row: TableRow) -> bool:
    """What stands below the headings for whoever fills it in."""
    return all(str(cell.value).startswith(NOTE) for cell in row.cells.values())


def _whole(name: str, message: Any, **params: Any) -> Problem:
    return Problem(name, 0, "", ValidationError(message, params=params or None))


def _refusal(refused: UploadRefused) -> Any:
    return _refusal_text(refused.code, refused.params)
