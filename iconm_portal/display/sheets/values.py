"""Values as a cell can hold them, digit for digit, and the formats that print them."""

import math
import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from iconm_portal.values import money

CellValue = str | int | float | Decimal | date | datetime | None

JAPAN = timezone(timedelta(hours=9))
LONGEST_TEXT = 32_767  # Excel's limits
LONGEST_FORMAT = 255
EXACT_DIGITS = 15


# Neither XML nor Excel can hold these; lone surrogates cannot even be encoded.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x000D_ in a text as the character it names, unless its first underscore is escaped itself.
_EXCEL_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# What Excel would make a formula, an error, a number, a date or a truth value once somebody edits the cell.
_NEEDS_QUOTE = re.compile(
    r"\s*(?:[=+\-@#'＝＋＠]|－.)|[\d.,:/%¥\\$()年月日\s-]+\Z|(?:true|false)\Z", re.IGNORECASE
)


def clean_text(text: str) -> str:
    """The text as a table can hold it: control characters removed, line ends as \\n."""
    return UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cell_text(text: str) -> str:
    """The same for a cell. Raises ValueError above 32,767 UTF-16 units: a cut text would pass for the whole one."""
    text = clean_text(text)
    if len(text) * 2 > LONGEST_TEXT and len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        raise ValueError(f"A cell holds at most {LONGEST_TEXT} characters; this text is longer: {text[:40]}…")
    return text


def exact_number(value: int | float | Decimal) -> str:
    """The number, digit for digit (openpyxl would write Decimal("9.95") as 9.949999999999999).

    Raises ValueError for what is not finite, and for more than the 15 significant digits that Excel keeps.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that a cell can hold")
    if isinstance(value, float):
        return repr(value)
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    if len(text) > EXACT_DIGITS and len(text.lstrip("-").replace(".", "").strip("0")) > EXACT_DIGITS:
        raise ValueError(f"{value} has more than the {EXACT_DIGITS} digits that a spreadsheet keeps")
    return text


def naive(moment: datetime) -> datetime:
    """Spreadsheets know no time zones: a zoned moment is written as Japan's clock showed it."""
    return moment.astimezone(JAPAN).replace(tzinfo=None) if moment.tzinfo else moment


class Encoded(NamedTuple):
    """A value as openpyxl is to write it: type letter, content of the cell, whether to mark it as text."""

    type: Literal["s", "n", "d"]
    stored: Any
    quoted: bool = False


_BLANK = Encoded("n", None)


def encode(value: CellValue) -> Encoded:
    if value is None or value == "":
        return _BLANK
    if isinstance(value, str):
        text = cell_text(value)
        escaped = _EXCEL_ESCAPE.sub("_x005F_", text) if "_x" in text else text
        return Encoded("s", escaped, _NEEDS_QUOTE.match(text) is not None)
    if isinstance(value, bool):
        raise TypeError("A truth value has no place in a sheet: write the word that the reader is to see")
    if isinstance(value, int | float | Decimal):
        return Encoded("n", exact_number(value))
    if isinstance(value, datetime):
        return Encoded("d", naive(value))
    if isinstance(value, date):
        return Encoded("d", value)
    raise TypeError(f"A cell cannot hold {type(value).__name__}")


def number_format(
    unit: str = "", decimals: int = 0, suffix: str = "", negative: str | None = None, *, thousands: int = 0
) -> str:
    """A number format that prints the unit with the number, as the committee's tables do: 438,802千円.

    `decimals`: places after the point. `suffix`: what follows the unit (以上, （決算見込額）). `negative`:
    the sign on paper, where it is another one than everywhere. `thousands`: how often the display divides by 1,000
    (1: yen as 千円), rounding half up.
    """
    if decimals < 0 or thousands < 0:
        raise ValueError("decimals and thousands are counts")
    digits = "#,##0" + ("." + "0" * decimals if decimals else "") + "," * thousands
    number = digits + _quoted(unit + suffix)
    result = f"{number};{_quoted(money.negative_mark() if negative is None else negative)}{number}"
    if len(result) > LONGEST_FORMAT:
        raise ValueError(f"A number format has at most {LONGEST_FORMAT} characters: {unit}{suffix}")
    return result


def axis_format(digits: str) -> str:
    """The number format of a chart's axis, which has no unit: its title says it."""
    return f"{digits};{money.negative_mark()}{digits}"


def _quoted(text: str) -> str:
    """The text as a literal of a number format, so that no % or ; of a unit is taken for an instruction.

    In one line, without control characters: a number format can hold no others.
    """
    text = re.sub(r"\s", " ", clean_text(text))
    return "".join('\\"' if part == '"' else f'"{part}"' for part in re.split('(")', text) if part)
