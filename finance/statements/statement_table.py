"""A statement's rows as its page writes them: figures in the unit of recording, and how they differ. No queries."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from finance.balance import texts
from finance.balance.balance import Amount, Cell
from finance.balance.totals import SIDE_OF
from finance.models import RecordedUnit, Statement
from finance.statements import texts as statement_texts
from finance.statements.statements import (
    ListLine,
    RowKind,
    StatementRow,
    StatementSheet,
    YearOfStatements,
    change,
)
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure beside the statement's own; `change` is what the own one differs by, with its sign."""

    text: str
    change: str


@dataclass(frozen=True, slots=True)
class TableLine:
    """A row: its name, its figure (empty where nothing was recorded), and what is said beside it.

    `computed` is filled where the printed figure and the computed one differ.
    """

    row: StatementRow
    name: str
    heading: str  # of the side that begins with it
    figure: str
    computed: str
    is_wrong: bool
    before: Compared
    budget: Compared

    @property
    def is_total(self) -> bool:
        return self.row.kind is RowKind.TOTAL

    @property
    def is_part(self) -> bool:
        return self.row.kind is RowKind.PART

    @property
    def css(self) -> str:
        """How its row looks: totals are strong, what stands below or inside another account is indented."""
        kinds = {RowKind.TOTAL: "total", RowKind.SUM: "sum", RowKind.PART: "part", RowKind.LINE: "line"}
        return f"{kinds[self.row.kind]} depth-{min(self.row.depth, 3)}"


def lines_of(sheet: StatementSheet) -> list[TableLine]:
    """All rows, the revenue's first."""
    found, side = [], ""
    for row in sheet.rows:
        own = row.account.side if row.account else SIDE_OF.get(row.of)
        found.append(_line(row, sheet.unit, str(own.label) if own and own.label != side else ""))
        side = str(own.label) if own else ""
    return found


def _line(row: StatementRow, unit: RecordedUnit, heading: str) -> TableLine:
    check = row.check
    differs = check is not None and check.standing.differs
    return TableLine(
        row=row,
        name=row.account.name if row.account else str(row.of.label),
        heading=heading,
        figure=statement_texts.figure(row.amount, unit),
        computed=statement_texts.beside_computed(check, unit) if check and differs else "",
        is_wrong=check is not None and check.is_wrong,
        before=_compared(row, row.before, unit),
        budget=_compared(row, row.budget, unit),
    )


def _compared(row: StatementRow, cell: Cell, unit: RecordedUnit) -> Compared:
    """In the statement's own unit; 「－」 where the account did not hold, nothing where nothing was recorded."""
    differs = change(row, cell)
    return Compared(
        texts.cell_text(cell, unit.unit) if isinstance(cell, Amount) or row.account else "",
        "" if differs is None else _signed(differs, unit),
    )


def _signed(yen: int, unit: RecordedUnit) -> str:
    """+1,234, ▲1,234 or ±0, in the unit, half-up."""
    text = texts.figure(yen, unit.unit)
    if text == format_number(0):
        return f"±{text}"
    return text if yen < 0 else f"+{text}"


# -- The list --


@dataclass(frozen=True, slots=True)
class ListRow:
    """A statement of the list: what it is called, where it stands, whether it holds; sums in yen."""

    statement: Statement
    name: str
    chip: SafeString
    said: str
    revenue: int | None
    expenditure: int | None


@dataclass(frozen=True, slots=True)
class ListYear:
    year: FiscalYear
    rows: tuple[ListRow, ...]


def list_of(years: Iterable[YearOfStatements]) -> list[ListYear]:
    """The list as its page writes it."""
    return [ListYear(one.year, tuple(_list_row(line, one.lines) for line in one.lines)) for one in years]


def _list_row(line: ListLine, of_year: Iterable[ListLine]) -> ListRow:
    """That a statement holds goes without saying where it replaced none."""
    statement = line.statement
    said = ""
    if line.is_replaced:
        said = _("A later statement of the year has replaced it.")
    elif line.is_in_force and any(
        other.is_replaced
        and (other.statement.stage == statement.stage or (other.statement.is_budget and statement.is_budget))
        for other in of_year
    ):
        said = _("These figures hold.")
    return ListRow(
        statement,
        statement_texts.name_in_year(statement),
        statement_texts.chip(statement),
        said,
        line.revenue,
        line.expenditure,
    )
