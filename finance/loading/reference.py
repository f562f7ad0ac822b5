"""The reference report's money (T2) from `finance/reference/`."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from finance.balance.totals import Standing, check_all, excesses
from finance.models import Account, Statement, StatementLine, StatementTotal
from finance.models.statements import RecordedUnit
from iconm_portal.imports.reference_files import Loader, Table
from iconm_portal.imports.reference_lines import ReferenceLine, TableFiles, scale, whole
from iconm_portal.values.money import MoneyUnit, format_number

FOLDER = Path(__file__).resolve().parent.parent / "reference"


def _unit(line: ReferenceLine) -> RecordedUnit:
    """ValidationError for another unit than 円, 千円 and 百万円, and where `scale` is not what it is worth."""
    units = {str(unit): unit for unit in MoneyUnit}
    unit = units.get(line.cell("unit"))
    if unit is None or scale(line) != unit.yen:
        raise ValidationError(
            _("The unit of a statement is one of %(units)s, at its own scale."),
            params={"units": "・".join(units)},
        )
    return RecordedUnit(unit.name.lower())


def _as_read(row: StatementLine, line: ReferenceLine) -> dict[str, object]:
    """The amount as a reader of the history meets it: 505,794千円."""
    return {row.account.name: f"{format_number(int(line.cell('value')))}{line.cell('unit')}"}


def _statements(loader: Loader, files: TableFiles) -> None:
    """Each revision is settled as it was; what was corrected in the portal stands above them."""
    loader.load_accepted(files, _STATEMENTS, [_LINES, _TOTALS], "statement")


def _check(statement: Statement, parts: Sequence[StatementLine | StatementTotal]) -> None:
    """ValidationError for a line on an account that does not hold, and for sums that rounding does not explain."""
    lines = {one.account_id: one.amount for one in parts if isinstance(one, StatementLine)}
    printed = {(one.of, one.account_id): one.amount for one in parts if isinstance(one, StatementTotal)}
    held = list(Account.objects.filter(center=statement.center).valid_in(statement.fiscal_year))
    found = [
        ValidationError(
            _("FY%(year)s: the account “%(account)s” takes no line in this year."),
            params={"year": statement.fiscal_year.start, "account": one.account.code},
        )
        for one in parts
        if isinstance(one, StatementLine) and one.account_id not in {account.pk for account in held}
    ]
    found += [
        ValidationError(
            _(
                "FY%(year)s: %(total)s is printed as %(printed)s yen, its parts come to %(computed)s: more than"
                " rounding explains."
            ),
            params={
                "year": statement.fiscal_year.start,
                "total": one.account.name if one.account else one.of.label,
                "printed": format_number(one.printed or 0),
                "computed": format_number(one.computed or 0),
            },
        )
        for one in check_all(held, lines, printed, statement.unit)
        if one.standing is Standing.WRONG
    ]
    found += [
        ValidationError(
            _("FY%(year)s: what is a part of “%(account)s” comes to more than its amount."),
            params={"year": statement.fiscal_year.start, "account": one.account.name},
        )
        for one in excesses(held, lines, statement.unit)
    ]
    if found:
        raise ValidationError(found)


def _in_its_unit(row: StatementLine | StatementTotal) -> Decimal:
    return Decimal(row.amount) / row.statement.unit.unit.yen


_WRITES: dict[str, Callable[[Any], object]] = {
    "fiscal_year": lambda row: row.statement.fiscal_year,
    "stage": lambda row: row.statement.stage,
    "supplement": lambda row: row.statement.supplement or "",
    "revision": lambda row: row.statement.revision,
    "reason": lambda row: row.statement.reason,
    "value": _in_its_unit,
    "unit": lambda row: row.statement.unit.label,
    "scale": lambda row: row.statement.unit.unit.yen,
    "known_from": lambda row: row.statement.known_from,
    "source": lambda row: row.statement.source,
}


_STATEMENTS = Table(
    "statement_lines.csv",
    Statement,
    ("fiscal_year", "stage", "supplement", "revision"),
    columns={"unit": _unit, "note": lambda _line: ""},
    beside=("account", "value", "scale", "of", "note"),
    action="statement.accept",
    check_parts=_check,
    remembers=lambda row, _line: {"known_from": row.known_from, "unit": row.get_unit_display()},
)
_LINES = Table(
    "statement_lines.csv",
    StatementLine,
    (
        "statement__fiscal_year",
        "statement__stage",
        "statement__supplement",
        "statement__revision",
        "account__code",
    ),
    columns={"amount": whole("value")},
    beside=(
        "fiscal_year",
        "stage",
        "supplement",
        "revision",
        "reason",
        "known_from",
        "value",
        "unit",
        "scale",
    ),
    remembers=_as_read,
    put=_statements,
    with_files=("statement_totals.csv",),
    prints=(
        *("fiscal_year", "stage", "supplement", "revision", "account", "value", "unit", "scale", "note"),
        *("known_from", "reason"),
    ),
    writes=_WRITES,
)
_TOTALS = Table(
    "statement_totals.csv",
    StatementTotal,
    (
        "statement__fiscal_year",
        "statement__stage",
        "statement__supplement",
        "statement__revision",
        "of",
        "account__code",
    ),
    columns={"amount": whole("value")},
    beside=_LINES.beside,
    remembers=lambda _row, _line: {},
    prints=(
        *("fiscal_year", "stage", "supplement", "revision", "of", "account", "value", "unit", "scale"),
        *("known_from", "reason"),
    ),
    writes=_WRITES,
)
EXPORTED = (_LINES, _TOTALS)
"""What an export has of statements: both of their tables."""

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
        prints=(
            *("code", "position", "side", "name", "parent", "within", "first_year", "last_year"),
            *("prints_subtotal", "purpose", "measure"),
        ),
    ),
    _LINES,
)
