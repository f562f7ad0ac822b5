"""What the cells of an uploaded table mean: texts, whole yen, days, one of a few words; as officials write them.

Pure. A cell that cannot be meant raises `CellProblem`: a message marked for the catalogue and its parameters, so that
it can be kept and shown in each reader's language (`iconm_portal/imports/texts.py`). Values are what JSON can hold.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, assert_never

from iconm_portal.imports.sheet_reading import Kind, SheetCell
from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import EraInputError
from iconm_portal.values.money import format_number
from iconm_portal.values.number_input import NumberInputError, check_number, parse_number
from iconm_portal.values.written import date_input
from iconm_portal.values.written.letters import folded, is_dash
from iconm_portal.values.written.units import converted, factor, read_unit, whole_unit


def gettext_noop(message: str) -> str:
    """Mark a message for the catalogue; whoever shows it translates it, this module knows no Django."""
    return message


ERROR_CELL: Final = gettext_noop("The cell shows the error %(found)s. Correct its formula.")
NO_VALUE: Final = gettext_noop(
    "The formula was saved without its value. Open the file in a spreadsheet, save it, and upload it again."
)
NOT_A_TRUTH: Final = gettext_noop("The cell holds %(found)s (true or false), which means nothing here.")
DATE_FOR_NUMBER: Final = gettext_noop("The cell holds a date; a number belongs here. Check its format.")
PERCENT_FOR_NUMBER: Final = gettext_noop(
    "The cell holds a percentage; an amount belongs here. Check its format."
)
NUMBER_FOR_DATE: Final = gettext_noop(
    "The cell holds the number %(found)s; a date belongs here. Write it like 令和6年3月31日 or 2024-03-31."
)
DATE_FOR_TEXT: Final = gettext_noop(
    "The spreadsheet has made a date of this text. Give the cell the format “text” and type it again."
)
OTHER_KIND_OF_UNIT: Final = gettext_noop(
    "The heading says that these figures are in %(stated)s, which cannot be converted into %(unit)s. Convert them and"
    " correct the heading."
)
TOO_LONG: Final = gettext_noop("The text has %(length)s characters; there is room for %(limit)s.")
CONTROL_CHARACTERS: Final = gettext_noop("The text contains control characters. Type it again.")
TOO_MANY_CELLS: Final = gettext_noop(
    "The row has more cells than there are headings. Put values that contain a comma into quotation marks."
)
BLANK: Final = gettext_noop("The cell is blank.")


class CellProblem(ValueError):
    """A cell that cannot be meant. `message` is an msgid, `params` fill it."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message)
        self.message, self.params = message, params


@dataclass(frozen=True, slots=True)
class Text:
    """A text of one line, up to so many characters. Line breaks within the cell become spaces."""

    longest: int
    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        _refuse_odd(cell)
        if cell.kind.is_date_or_time:
            raise CellProblem(DATE_FOR_TEXT)
        text = " ".join(written(cell).split())
        if len(text) > self.longest:
            raise CellProblem(TOO_LONG, length=len(text), limit=self.longest)
        if not all(letter.isprintable() for letter in text):
            raise CellProblem(CONTROL_CHARACTERS)
        return text

    def show(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Lines:
    """A text that may have several lines, up to so many characters in all. Lines end in \\n."""

    longest: int
    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        _refuse_odd(cell)
        if cell.kind.is_date_or_time:
            raise CellProblem(DATE_FOR_TEXT)
        text = "\n".join(written(cell).strip().splitlines())
        if len(text) > self.longest:
            raise CellProblem(TOO_LONG, length=len(text), limit=self.longest)
        # Not isprintable(): a full-width space, as people type it within a text, counts as not printable.
        if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
            raise CellProblem(CONTROL_CHARACTERS)
        return text

    def show(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Number:
    """An amount, as a string of its exact digits; `unit` may be written behind it. For whole yen, decimals=0.

    `stated`: the unit in which the file says that its figures are, unless a cell says otherwise; they are converted.
    `is_blank_when_dashed`: a mere dash stands for nothing, not for 0.
    """

    unit: str = ""
    decimals: int | None = 0
    minimum: int | None = None
    maximum: int | None = None
    numeric: bool = True
    stated: str = ""
    is_blank_when_dashed: bool = False

    def read(self, cell: SheetCell) -> str:
        _refuse_odd(cell)
        if cell.kind.is_date_or_time:
            raise CellProblem(DATE_FOR_NUMBER)
        if cell.kind is Kind.PERCENT and self.unit != "%":
            raise CellProblem(PERCENT_FOR_NUMBER)
        text = self._as_shown(cell) if cell.shown else written(cell).strip()
        if self.is_blank_when_dashed and is_dash(text):
            return ""
        try:
            value = self._stated(text) if self.stated else parse_number(text, unit=self.unit)
            if value is not None:
                check_number(value, self.decimals, self.minimum, self.maximum)
        except NumberInputError as error:
            raise CellProblem(error.template, **error.params) from error
        return "" if value is None else f"{value:f}"

    def _as_shown(self, cell: SheetCell) -> str:
        """With the unit that the cell's format shows; and in thousands, where it shows so many and that is the unit."""
        shown, number = cell.shown, cell.value
        assert shown is not None and isinstance(number, Decimal)  # noqa: S101, PT018 - of a number only
        step, unit = 1000**shown.thousands, whole_unit(shown.unit, self.unit) if shown.unit else ""
        if read_unit(unit or self.stated or self.unit).scale >= step:
            number = converted(number, 1 / Decimal(step))
        return f"{number:f}{unit}"

    def _stated(self, text: str) -> Decimal | None:
        by = factor(self.stated, self.unit) if self.unit else Decimal(read_unit(self.stated).scale)
        if by is None:
            raise CellProblem(OTHER_KIND_OF_UNIT, stated=self.stated, unit=self.unit)
        value = parse_number(text, unit=self.stated)
        return None if value is None else converted(value, by)

    def show(self, value: Any) -> str:
        return format_number(Decimal(value)) if value else ""


@dataclass(frozen=True, slots=True)
class Day:
    """A date, as ISO text. Of a date with a time, the day; with `is_as_of` also of a mere month, its last day."""

    is_as_of: bool = False
    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        _refuse_odd(cell)
        if isinstance(cell.value, datetime):
            return cell.value.date().isoformat()
        if isinstance(cell.value, date):
            return cell.value.isoformat()
        text = written(cell).strip()
        if cell.kind is not Kind.TEXT and not (
            cell.kind is Kind.NUMBER and len(text) == 8 and text.isdigit()
        ):
            raise CellProblem(NUMBER_FOR_DATE, found=text)
        try:
            parse = date_input.parse_as_of if self.is_as_of else date_input.parse_date
            return parse(text).isoformat()
        except EraInputError as error:
            raise CellProblem(error.template, **error.params) from error

    def show(self, value: Any) -> str:
        return fiscal.era_date_short(date.fromisoformat(value)) if value else ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; several may mean the same. They are compared by NFKC, without regard to case and spaces."""

    names: Mapping[str, str]  # what may be written → value
    unknown: str  # an msgid with %(found)s
    labels: Mapping[str, str]  # value → how it is shown
    numeric: bool = False

    def read(self, cell: SheetCell) -> str:
        _refuse_odd(cell)
        text = folded(written(cell))
        for name, value in self.names.items():
            if folded(name) == text:
                return value
        raise CellProblem(self.unknown, found=written(cell))

    def show(self, value: Any) -> str:
        return str(self.labels.get(value, value))


def written(cell: SheetCell) -> str:
    """The cell as it was written, in plain characters; for messages too. A code that its format shows as 0101 is 0101."""
    if isinstance(cell.value, Decimal):
        return f"{cell.value:f}".zfill(cell.shown.digits if cell.shown else 0)
    if isinstance(cell.value, bool):
        return str(cell.value).upper()
    return "" if cell.value is None else str(cell.value)


def _refuse_odd(cell: SheetCell) -> None:
    """What can mean nothing in any column."""
    match cell.kind:
        case Kind.ERROR:
            raise CellProblem(ERROR_CELL, found=written(cell))
        case Kind.EMPTY:
            raise CellProblem(NO_VALUE)
        case Kind.BOOLEAN:
            raise CellProblem(NOT_A_TRUTH, found=written(cell))
        case Kind.TEXT | Kind.NUMBER | Kind.PERCENT | Kind.DATE | Kind.DATETIME | Kind.TIME:
            return
        case _:
            assert_never(cell.kind)
