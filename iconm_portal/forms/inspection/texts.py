"""The words for a file that is refused: why, and what to do."""

from collections.abc import Mapping
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from iconm_portal.forms.inspection.refusals import Refusal

REFUSALS: Final = {
    Refusal.NAME_TOO_LONG: gettext_noop(
        "The file name is empty or longer than %(limit)s characters. Rename the file."
    ),
    Refusal.NOT_ACCEPTED: gettext_noop("“%(filename)s” is not of an accepted type. Accepted: %(kinds)s."),
    Refusal.NOT_XLSX_NAME: gettext_noop("“%(filename)s” is not an Excel file (.xlsx) and not a CSV file."),
    Refusal.NOT_A_TABLE_NAME: gettext_noop(
        "“%(filename)s” is not a table that can be read. Save it as .xlsx or as CSV."
    ),
    Refusal.EMPTY: gettext_noop("The file is empty."),
    Refusal.TOO_BIG: gettext_noop("The file is %(size)s; a file may have at most %(most)s."),
    Refusal.WRONG_KIND: gettext_noop(
        "The file is not what its ending says. Save it again in its own program."
    ),
    Refusal.NOT_A_WORKBOOK: gettext_noop(
        "The file is not an Excel workbook, whatever its name says. Save it as .xlsx in its own program."
    ),
    Refusal.OLD_FORMAT: gettext_noop(
        "This is an old Office format (.xls, .doc, .ppt). Save it as .xlsx, .docx or .pptx and upload that."
    ),
    Refusal.ENCRYPTED: gettext_noop(
        "The file is protected by a password, so it cannot be looked into. Save it without one and upload that."
    ),
    Refusal.MACROS: gettext_noop(
        "The file contains macros. Save it as .xlsx, .docx or .pptx, without them, and upload that."
    ),
    Refusal.EMBEDDED: gettext_noop(
        "The file contains an object of another program, a control or a further file."
        " Take it out, or put a picture in its place, and upload that."
    ),
    Refusal.LIVE_LINK: gettext_noop(
        "The file starts or fetches something else when it is opened (DDE, or a template from the network)."
        " Remove the link, keep the values, and upload that."
    ),
    Refusal.ACTIVE_PDF: gettext_noop(
        "The PDF contains a script, a program call or an attached file. Print it as a new PDF and upload that."
    ),
    Refusal.DAMAGED: gettext_noop(
        "The file is damaged. Open it in its own program, save it again and upload that."
    ),
    Refusal.UNSAFE_NAMES: gettext_noop("The file is not built as its kind should be, so it is not read."),
    Refusal.TOO_MANY_PARTS: gettext_noop("The file is not built as its kind should be, so it is not read."),
    Refusal.INFLATES_TOO_FAR: gettext_noop(
        "The file unpacks to far more than is needed. Copy what matters alone into a new file."
    ),
    Refusal.TOO_COMPLEX: gettext_noop(
        "The file contains far more than is needed. Copy what matters alone into a new file."
    ),
    Refusal.FORBIDDEN_XML: gettext_noop("The file is not built as its kind should be, so it is not read."),
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
    Refusal.INFECTED: gettext_noop(
        "The virus scanner found the file infected. It was not kept. Tell those who look after your computer."
    ),
    Refusal.NOT_SCANNED: gettext_noop(
        "The virus scanner gives no answer, so no file is taken at the moment. Try again later; if this lasts,"
        " tell the administrators."
    ),
    Refusal.NOT_TEXT: gettext_noop(
        "The file is no text in UTF-8, UTF-16, Shift_JIS or EUC-JP. Save it as “CSV UTF-8” and upload that."
    ),
    Refusal.LINE_TOO_LONG: gettext_noop(
        "A line of the file does not end within %(limit)s letters. Save it again in its own program."
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
}


def refusal(code: Refusal, params: Mapping[str, Any]) -> str:
    """Why the file as a whole is not taken, and what to do."""
    words = {name: f"{value:,}" if isinstance(value, int) else value for name, value in params.items()}
    if code is Refusal.TOO_BIG:
        words = {"size": filesizeformat(params["bytes"]), "most": filesizeformat(params["limit"])}
    text = _(REFUSALS[code]) % words
    sheet = params.get("sheet")
    return _("Sheet “%(sheet)s”: %(text)s") % {"sheet": sheet, "text": text} if sheet else text
