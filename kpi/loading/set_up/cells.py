"""What cells of the set-up workbook mean, beside those that every import has (`iconm_portal/imports/cell_values.py`)."""

from dataclasses import dataclass
from datetime import date, datetime

from iconm_portal.imports.cell_values import DATE_FOR_NUMBER, CellProblem, written
from iconm_portal.imports.sheet_reading import SheetCell
from iconm_portal.values import partial_date
from iconm_portal.values.fiscal import EraInputError, FiscalYear


@dataclass(frozen=True, slots=True)
class Year:
    """A fiscal year as people write it, as the year in which it begins."""

    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        """The year; CellProblem."""
        if cell.kind.is_date_or_time:
            raise CellProblem(DATE_FOR_NUMBER)
        try:
            return str(FiscalYear.parse(written(cell).strip()).start)
        except EraInputError as error:
            raise CellProblem(error.template, **error.params) from error

    def show(self, value: str) -> str:
        """As the CSV has it."""
        return value


@dataclass(frozen=True, slots=True)
class PartialDay:
    """A day, a month or a year, as ISO text."""

    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        """As precise as it was written; CellProblem."""
        if isinstance(cell.value, datetime):
            return cell.value.date().isoformat()
        if isinstance(cell.value, date):
            return cell.value.isoformat()
        try:
            return partial_date.parse(written(cell).strip())
        except EraInputError as error:
            raise CellProblem(error.template, **error.params) from error

    def show(self, value: str) -> str:
        """As the CSV has it."""
        return value
