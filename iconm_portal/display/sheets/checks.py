"""What the spreadsheet itself refuses to take into a cell: lists to choose from, bounds, lengths."""

from datetime import date
from decimal import Decimal
from itertools import groupby

from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from iconm_portal.display.sheets.model import CellCheck

LONGEST_LIST = 255  # characters that Excel takes of a list written out, without its quotation marks
LONGEST_MESSAGE = 225


class Checks:
    """The checks of a sheet's cells, gathered while they are written."""

    def __init__(self) -> None:
        self._found: list[tuple[int, int, CellCheck]] = []

    def add(self, check: CellCheck, row: int, column: int) -> None:
        """Raises ValueError for a list or a message that no spreadsheet can hold."""
        listed = ",".join(check.choices)
        if check.choices and (len(listed) > LONGEST_LIST or any("," in choice for choice in check.choices)):
            raise ValueError(f"Not a list that a cell can offer: {check.choices}")
        if len(check.message) > LONGEST_MESSAGE:
            raise ValueError(f"A spreadsheet shows at most {LONGEST_MESSAGE} characters: {check.message}")
        self._found.append((column, row, check))

    def write(self, sheet: Worksheet) -> None:
        """One validation for each run of cells one below the other with the same check.

        A validation of several ranges would keep them in a set, whose order changes from run to run.
        """
        placed = sorted(self._found, key=lambda one: one[:2])
        runs = groupby(
            enumerate(placed), key=lambda item: (item[1][0], item[1][1] - item[0], repr(item[1][2]))
        )
        for _key, run in runs:
            cells = [one for _number, one in run]
            (column, first, check), (_column, last, _check) = cells[0], cells[-1]
            letter = get_column_letter(column)
            sheet.add_data_validation(_validation(check, f"{letter}{first}:{letter}{last}"))


def _validation(check: CellCheck, cells: str) -> DataValidation:
    made = DataValidation(
        type=check.kind, sqref=cells, allow_blank=True, showErrorMessage=True, errorStyle="stop",
        error=check.message,
    )  # fmt: skip
    if check.choices:
        made.formula1 = f'"{",".join(check.choices)}"'
        return made
    if check.choices_from:
        made.formula1 = check.choices_from
        return made
    least, most = _formula(check.least), _formula(check.most)
    if least is not None and most is not None:
        made.operator, made.formula1, made.formula2 = "between", least, most
    elif least is not None:
        made.operator, made.formula1 = "greaterThanOrEqual", least
    else:
        made.operator, made.formula1 = "lessThanOrEqual", most
    return made


def _formula(bound: int | Decimal | date | None) -> str | None:
    if isinstance(bound, date):
        return str(int(to_excel(bound)))
    return None if bound is None else f"{Decimal(bound):f}"
