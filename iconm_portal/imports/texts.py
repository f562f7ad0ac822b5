"""The words for uploaded tables: why a file is not read, what is wrong with a cell and where it stands."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, assert_never

from django.utils.translation import get_language, gettext_noop, ngettext, pgettext
from django.utils.translation import gettext as _

from iconm_portal.forms.inspection import texts as inspection_texts
from iconm_portal.forms.inspection.refusals import Refusal
from iconm_portal.imports.reading import findings
from iconm_portal.imports.reading.figure_years import FigureStage
from iconm_portal.imports.reading.tables import OF_SHEET, Column, address
from iconm_portal.models import TableImport
from iconm_portal.values import clock, fiscal
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed

NO_ROWS: Final = "no_rows"
CONTRADICTION: Final = "contradiction"  # to what was chosen for the file

_NO_ROWS: Final = gettext_noop("Below the headings stands nothing, so there is nothing to import.")


def refusal(code: str, params: Mapping[str, Any]) -> str:
    """Why the file as a whole is not read, and what to do."""
    if code == NO_ROWS:
        return _(_NO_ROWS)
    if code == CONTRADICTION:
        return problem({"message": params["message"], "params": params})
    return inspection_texts.refusal(Refusal(code), params)


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
        case {"fiscal_years": [*starts]}:
            return listed(FiscalYear(start).label(language) for start in starts)
        case {"stage": str(stage)}:
            return stage_label(FigureStage(stage))
        case {"day": str(day)}:
            return fiscal.date_label(date.fromisoformat(day), language)
        case {"row": int(number)}:
            sheet, row = divmod(number, OF_SHEET)
            return _("%(row)s of sheet %(sheet)s") % {"row": row, "sheet": sheet + 1} if sheet else f"{row:,}"
        case {"number": int(number)}:
            return format_number(number)
    return value


def stage_label(stage: FigureStage) -> str:
    """As a sentence names it."""
    match stage:
        case FigureStage.BUDGET:
            return pgettext("stage of a statement", "budget")
        case FigureStage.SUPPLEMENTARY:
            return pgettext("stage of a statement", "supplementary budget")
        case FigureStage.FORECAST:
            return pgettext("stage of a statement", "settlement forecast")
        case FigureStage.SETTLEMENT:
            return pgettext("stage of a statement", "settlement")
        case _:
            assert_never(stage)


def place(column: Column, read: Mapping[str, Any], row: int) -> str:
    """Where it stands: C12 金額, with its sheet where several are read; of CSV and of absent columns 「12行目 金額」."""
    part = findings.part_of(read, row)
    heading = part.get("headings", {}).get(column.key) or column.heading
    cell = address(part.get("letters", {}).get(column.key, ""), row)
    if cell:
        sheet = f"{part['sheet']}!" if findings.is_of_several_sheets(read) else ""
        return f"{sheet}{cell} {heading}"
    return _("row %(row)s, %(heading)s") % {"row": findings.row_name(read, row), "heading": heading}


def repeated(applied: TableImport | None, rows: int) -> str:
    """Why a table is not applied without saying that it is meant: all of it, or so many rows, are there already."""
    if applied is not None and applied.applied_at is not None:
        said = _("The same file was applied on %(day)s already.") % {"day": _word(_day(applied.applied_at))}
    else:
        said = ngettext("%(count)s row is there already.", "%(count)s rows are there already.", rows) % {
            "count": format_number(rows)
        }
    return " ".join([said, _("If it is meant, tick the box and apply it again.")])


def _day(at: datetime) -> dict[str, str]:
    return {"day": clock.day_of(at).isoformat()}


def days_of_repeated(days: Mapping[str, int]) -> list[str]:
    """How many rows were entered on which day, the latest first."""
    return [
        ngettext("%(count)s row, entered on %(day)s", "%(count)s rows, entered on %(day)s", count)
        % {"count": format_number(count), "day": _word({"day": day})}
        for day, count in sorted(days.items(), reverse=True)
    ]
