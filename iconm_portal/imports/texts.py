"""The words for uploaded tables: why a file is not read, what is wrong with a cell and where it stands."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from iconm_portal.imports.table_reader import Column, address
from iconm_portal.imports.workbook_checks import Refusal
from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number

NO_ROWS: Final = "no_rows"

_REFUSALS: Final = {
    Refusal.NOT_XLSX_NAME: gettext_noop("“%(filename)s” is not an Excel file (.xlsx) and not a CSV file."),
    Refusal.NOT_A_TABLE_NAME: gettext_noop(
        "“%(filename)s” is not a table that can be read. Save it as .xlsx or as CSV."
    ),
    Refusal.EMPTY: gettext_noop("The file is empty."),
    Refusal.TOO_BIG: gettext_noop("The file is %(size)s; a table may have at most %(most)s."),
    Refusal.NOT_A_WORKBOOK: gettext_noop(
        "The file is not an Excel workbook, whatever its name says. Save it as .xlsx in its own program."
    ),
    Refusal.OLD_FORMAT: gettext_noop(
        "This is the old Excel format (.xls). Save it as .xlsx and upload that."
    ),
    Refusal.ENCRYPTED: gettext_noop(
        "The file opens with a password only. Save it without one and upload that."
    ),
    Refusal.MACROS: gettext_noop(
        "The file contains macros. Save it as .xlsx, without them, and upload that."
    ),
    Refusal.DAMAGED: gettext_noop(
        "The file is damaged. Open it in a spreadsheet, save it again and upload that."
    ),
    Refusal.UNSAFE_NAMES: gettext_noop("The file is not built as a workbook should be, so it is not read."),
    Refusal.TOO_MANY_PARTS: gettext_noop("The file is not built as a workbook should be, so it is not read."),
    Refusal.INFLATES_TOO_FAR: gettext_noop(
        "The file unpacks to far more than a table needs. Copy the table alone into a new workbook."
    ),
    Refusal.TOO_COMPLEX: gettext_noop(
        "The file contains far more than a table needs. Copy the table alone into a new workbook."
    ),
    Refusal.FORBIDDEN_XML: gettext_noop("The file is not built as a workbook should be, so it is not read."),
    Refusal.TOO_MANY_SHEETS: gettext_noop(
        "The workbook has %(sheets)s sheets; %(limit)s are read at most. Copy the table into a new one."
    ),
    Refusal.TOO_MANY_ROWS: gettext_noop(
        "The table has more than %(limit)s rows. Divide it and upload the parts one by one."
    ),
    Refusal.TOO_MANY_COLUMNS: gettext_noop("The table is wider than %(limit)s columns."),
    Refusal.TOO_MANY_CELLS: gettext_noop(
        "The workbook has more than %(limit)s cells. Copy the table alone into a new workbook."
    ),
    Refusal.NOT_TEXT: gettext_noop(
        "The file is neither UTF-8 nor Shift_JIS text. Save it as “CSV UTF-8” and upload that."
    ),
    Refusal.CSV_DAMAGED: gettext_noop(
        "Row %(row)s of the CSV cannot be read: a quotation mark is missing or misplaced there."
    ),
    Refusal.NO_HEADINGS: gettext_noop(
        "No row with headings was found. The table needs these: %(headings)s. The template has them."
    ),
    Refusal.MISSING_HEADINGS: gettext_noop(
        "These headings are missing: %(headings)s. Write them as the template does."
    ),
    Refusal.HEADINGS_TWICE: gettext_noop(
        "These headings stand there twice: %(headings)s. It is not clear which column is meant."
    ),
    NO_ROWS: gettext_noop("Below the headings stands nothing, so there is nothing to import."),
}


def refusal(code: str, params: Mapping[str, Any]) -> str:
    """Why the file as a whole is not read, and what to do."""
    words = {name: f"{value:,}" if isinstance(value, int) else value for name, value in params.items()}
    if code == Refusal.TOO_BIG:
        words = {"size": filesizeformat(params["bytes"]), "most": filesizeformat(params["limit"])}
    text = _(_REFUSALS[code]) % words
    sheet = params.get("sheet")
    return _("Sheet “%(sheet)s”: %(text)s") % {"sheet": sheet, "text": text} if sheet else text


def problem(found: Mapping[str, Any]) -> str:
    """What is wrong with a cell. Fiscal years and dates among the parameters are written in the reader's calendar."""
    message, params = found["message"], found["params"]
    return _(message) % {name: _word(value) for name, value in params.items()}


def year_param(year: FiscalYear) -> dict[str, int]:
    """A fiscal year as a parameter of a problem: it is kept as a number and written when it is read."""
    return {"fiscal_year": year.start}


def _word(value: Any) -> Any:
    language = get_language() or "ja"
    match value:
        case {"fiscal_year": int(start)}:
            return FiscalYear(start).label(language)
        case {"day": str(day)}:
            return fiscal.date_label(date.fromisoformat(day), language)
        case {"number": int(number)}:
            return format_number(number)
    return value


def place(column: Column, read: Mapping[str, Any], row: int) -> str:
    """Where it stands: C12 金額; of CSV and of absent columns 「12行目 金額」."""
    heading = read.get("headings", {}).get(column.key) or column.heading
    cell = address(read.get("letters", {}).get(column.key, ""), row)
    if cell:
        return f"{cell} {heading}"
    return _("row %(row)s, %(heading)s") % {"row": f"{row:,}", "heading": heading}
