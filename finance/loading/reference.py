"""The reference report's money (T2) from `finance/reference/`."""

from pathlib import Path
from typing import Any

from finance.models import Account, Statement, StatementLine, StatementTotal
from finance.models.statements import RecordedUnit
from iconm_portal.imports.reference_files import Loader, Table
from iconm_portal.imports.reference_lines import ReferenceLine, whole
from iconm_portal.values.money import MoneyUnit, format_number

FOLDER = Path(__file__).resolve().parent.parent / "reference"


def _unit(line: ReferenceLine) -> RecordedUnit:
    """ValueError where `scale` is not what the unit is worth."""
    unit = MoneyUnit(line.cell("unit"))
    if int(line.cell("scale")) != unit.yen:
        raise ValueError(f"{unit} is not {line.cell('scale')} yen")
    return RecordedUnit(unit.name.lower())


def _as_read(row: StatementLine, line: ReferenceLine) -> dict[str, object]:
    """The amount as a reader of the history meets it: 505,794千円."""
    return {row.account.name: f"{format_number(int(line.cell('value')))}{line.cell('unit')}"}


def _statements(loader: Loader, folder: Path) -> None:
    """First revisions only; what was corrected in the portal stands above them."""
    loader.load_accepted(folder, _STATEMENTS, [_LINES, _TOTALS], "statement")


_STATEMENTS = Table(
    "statement_lines.csv",
    Statement,
    ("fiscal_year", "stage"),
    columns={"unit": _unit},
    beside=("account", "value", "scale", "of"),
    fixed={"revision": 1},
    action="statement.accept",
    remembers=lambda row, _line: {"known_from": row.known_from, "unit": row.get_unit_display()},
)
_LINES = Table(
    "statement_lines.csv",
    StatementLine,
    ("statement__fiscal_year", "statement__stage", "account__code"),
    columns={"amount": whole("value")},
    beside=("fiscal_year", "stage", "known_from", "value", "unit", "scale"),
    fixed={"statement__revision": 1},
    remembers=_as_read,
    put=_statements,
)
_TOTALS = Table(
    "statement_totals.csv",
    StatementTotal,
    ("statement__fiscal_year", "statement__stage", "of", "account__code"),
    columns={"amount": whole("value")},
    beside=_LINES.beside,
    fixed=_LINES.fixed,
    remembers=lambda _row, _line: {},
)
TABLES: tuple[Table[Any], ...] = (
    Table(
        "accounts.csv",
        Account,
        ("code",),
        action="account.add",
        remembers=(
            "position",
            "side",
            "name",
            "parent",
            "within",
            "first_year",
            "last_year",
            "prints_subtotal",
            "purpose",
            "measure",
        ),
    ),
    _LINES,
)
