"""The one read model of the balance: what was budgeted, expected and settled, as known at the end of a day.

Pages, charts, sheets and the KPI's proposals are drawn from it. `load` asks four queries for a center, however many
years, accounts and statements it has; everything after that is arithmetic. All amounts are whole yen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import cast

from finance.balance.totals import Standing, TotalCheck, TotalKey, Tree, check_all, computed_totals
from finance.models import (
    Account,
    Purpose,
    RecordedUnit,
    Side,
    Stage,
    Statement,
    StatementLine,
    StatementTotal,
    TotalOf,
)
from iconm_portal.models import Center, ReviewState
from iconm_portal.values.fiscal import FiscalYear


class Absent(StrEnum):
    """Why there is no amount. Neither is 0."""

    NOT_APPLICABLE = "not_applicable"  # 「-」: the account does not hold in that year
    BLANK = "blank"  # the account holds, and nothing is recorded


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure of a statement. `computed` is what the portal adds up where the figure is a sum, else None."""

    yen: int
    computed: int | None = None
    standing: Standing | None = None  # of a sum: whether its print agrees with its parts

    @property
    def is_printed(self) -> bool:
        """Whether the figure stands in the statement itself; otherwise the portal computed it."""
        return self.standing is not Standing.NOT_PRINTED


Cell = Amount | Absent


class Face(StrEnum):
    """Which statement of a year is looked at."""

    SETTLEMENT = "settlement"
    FORECAST = "forecast"
    BUDGET = "budget"  # the one in force: the last supplementary budget, before that the first budget


STAGES = {
    Face.SETTLEMENT: (Stage.SETTLEMENT,),
    Face.FORECAST: (Stage.FORECAST,),
    Face.BUDGET: (Stage.SUPPLEMENTARY, Stage.BUDGET),
}


@dataclass(frozen=True)
class StatementFacts:
    """A settled statement in its highest revision known, with its amounts by account."""

    id: int
    year: FiscalYear
    stage: Stage
    supplement: int
    revision: int
    unit: RecordedUnit
    known_from: date
    reason: str
    note: str
    source: str
    consultation_number: int | None
    lines: Mapping[int, int]
    line_notes: Mapping[int, str]
    printed: Mapping[TotalKey, int]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of T2's layout.

    `group` is the account whose name several rows share as their header (市負担金), where its sum is not printed.
    `depth` counts the printed sums above it; `is_part` marks a 内数, which its account's row contains already.
    """

    side: Side | None  # None for the balance of the year
    of: TotalOf
    account: Account | None = None
    group: Account | None = None
    depth: int = 0
    is_part: bool = False

    @property
    def is_total(self) -> bool:
        return self.account is None


@dataclass(frozen=True)
class Balance:
    """A center's money as known at the end of `known_at`: its accounts in order of printing, and its statements."""

    center: Center
    known_at: date
    accounts: tuple[Account, ...]
    statements: Mapping[tuple[FiscalYear, Stage], StatementFacts]

    # -- Years and statements --

    @cached_property
    def years(self) -> tuple[FiscalYear, ...]:
        """From the first to the last year with a statement, without gaps; none before anything was known."""
        known = [year for year, _stage in self.statements]
        return FiscalYear.range(min(known), max(known)) if known else ()

    def years_of(self, face: Face) -> tuple[FiscalYear, ...]:
        """The years with such a statement."""
        return tuple(year for year in self.years if self.statement(year, face))

    def neighbours(self, year: FiscalYear) -> tuple[FiscalYear | None, FiscalYear | None]:
        """The nearest years before and after with a statement."""
        known = sorted({one for one, _stage in self.statements})
        earlier, later = [one for one in known if one < year], [one for one in known if one > year]
        return (earlier[-1] if earlier else None), (later[0] if later else None)

    def statement(self, year: FiscalYear, face: Face) -> StatementFacts | None:
        """The statement in force: of several stages the later one."""
        found = (self.statements.get((year, stage)) for stage in STAGES[face])
        return next((statement for statement in found if statement), None)

    # -- Accounts --

    @cached_property
    def _by_code(self) -> dict[str, Account]:
        return {account.code: account for account in self.accounts}

    @cached_property
    def _trees(self) -> dict[FiscalYear, Tree]:
        return {}

    def account(self, code: str) -> Account | None:
        return self._by_code.get(code)

    def tree(self, year: FiscalYear) -> Tree:
        """The accounts that hold in the year."""
        if year not in self._trees:
            self._trees[year] = Tree.of(self._valid_in(year))
        return self._trees[year]

    def _valid_in(self, year: FiscalYear) -> Iterable[Account]:
        return (account for account in self.accounts if account.is_valid_in(year))

    @property
    def has_deposits(self) -> bool:
        """Whether deposits are kept, which stand outside every statement."""
        return any(not account.side.is_in_statement for account in self.accounts)

    # -- Figures --

    def cell(self, account: Account, year: FiscalYear, face: Face) -> Cell:
        """The account's amount in the year: its line, or for a sum what was printed, before that what is computed."""
        if not account.is_valid_in(year):
            return Absent.NOT_APPLICABLE
        statement = self.statement(year, face)
        if statement is None:
            return Absent.BLANK
        if self.tree(year).is_sum(account):
            return self._sum(statement, (TotalOf.ACCOUNT, account.pk))
        yen = statement.lines.get(account.pk)
        return Absent.BLANK if yen is None else Amount(yen)

    def total(self, of: TotalOf, year: FiscalYear, face: Face) -> Cell:
        """Revenue, expenditure, or the balance of the year: as printed, before that as computed."""
        statement = self.statement(year, face)
        return self._sum(statement, (of, None)) if statement else Absent.BLANK

    def of_line(self, line: Line, year: FiscalYear, face: Face) -> Cell:
        """The figure where the row and the year cross."""
        return self.cell(line.account, year, face) if line.account else self.total(line.of, year, face)

    def checks(self, statement: StatementFacts) -> tuple[TotalCheck, ...]:
        """Every printed total of the statement against its printed parts."""
        return self._totals_of(statement)[0]

    def settled(self, account_code: str, year: FiscalYear) -> int | None:
        """The settled amount; None where nothing is settled or the account does not hold."""
        account = self.account(account_code)
        return yen(self.cell(account, year, Face.SETTLEMENT)) if account else None

    def of_purpose(self, purpose: Purpose, year: FiscalYear, face: Face) -> int | None:
        """The sum over the accounts that mean this to a rule; None where one that holds has no amount."""
        return self._added([one for one in self.accounts if one.purpose == purpose], year, face)

    def contributions(self, year: FiscalYear, face: Face) -> int | None:
        """What the city gave: the sum over the accounts that receive a support measure; None as above."""
        return self._added([one for one in self.accounts if one.measure_id is not None], year, face)

    def _added(self, accounts: Iterable[Account], year: FiscalYear, face: Face) -> int | None:
        cells = [self.cell(one, year, face) for one in accounts]
        amounts = [cell.yen for cell in cells if isinstance(cell, Amount)]
        return sum(amounts) if amounts and Absent.BLANK not in cells else None

    def cumulative(self, years: Iterable[FiscalYear], face: Face) -> dict[FiscalYear, int | None]:
        """The balances added up from the first of the years on; None from the first without a balance on."""
        found: dict[FiscalYear, int | None] = {}
        so_far: int | None = 0
        for year in years:
            left = yen(self.total(TotalOf.BALANCE, year, face))
            so_far = None if so_far is None or left is None else so_far + left
            found[year] = so_far
        return found

    def _sum(self, statement: StatementFacts, key: TotalKey) -> Cell:
        checks, computed = self._totals_of(statement)
        check = next((check for check in checks if check.key == key), None)
        shown = statement.printed.get(key, computed.get(key))
        if shown is None:
            return Absent.BLANK
        standing = check.standing if check else Standing.NOT_PRINTED
        return Amount(shown, computed.get(key), standing)

    @cached_property
    def _totals(self) -> "dict[int, tuple[tuple[TotalCheck, ...], dict[TotalKey, int | None]]]":
        return {}

    def _totals_of(
        self, statement: StatementFacts
    ) -> "tuple[tuple[TotalCheck, ...], dict[TotalKey, int | None]]":
        """Reckoned once for each statement, when the first figure asks."""
        if statement.id not in self._totals:
            accounts = self.tree(statement.year).accounts
            checks = check_all(accounts, statement.lines, statement.printed, statement.unit)
            self._totals[statement.id] = (tuple(checks), computed_totals(accounts, statement.lines))
        return self._totals[statement.id]

    # -- T2's layout --

    def lines(self, years: Iterable[FiscalYear], faces: Iterable[Face]) -> tuple[Line, ...]:
        """The rows for these years, in order of printing: each side with its total, and the balance.

        An account that holds in none of the years has no row, nor has a 内数 of which nothing is recorded.
        """
        years, faces = tuple(years), tuple(faces)
        found: list[Line] = []
        for side, of in ((Side.REVENUE, TotalOf.REVENUE), (Side.EXPENDITURE, TotalOf.EXPENDITURE)):
            tops = [one for one in self._below(None, years) if one.side == side]
            found += [line for top in tops for line in self._lines_of(top, years, faces, None, 0)]
            found.append(Line(side, of))
        return (*found, Line(None, TotalOf.BALANCE))

    def _below(self, parent: Account | None, years: tuple[FiscalYear, ...]) -> list[Account]:
        """The accounts directly below one that hold in any of the years; at the top without one."""
        return [
            account
            for account in self.accounts
            if account.parent_id == (parent.pk if parent else None)
            and account.within_id is None
            and any(account.is_valid_in(year) for year in years)
        ]

    def _lines_of(
        self,
        account: Account,
        years: tuple[FiscalYear, ...],
        faces: tuple[Face, ...],
        group: Account | None,
        depth: int,
    ) -> list[Line]:
        below = self._below(account, years)
        side = account.side
        # A header that takes a line itself in one of the years needs a row of its own all the same.
        is_header = not account.prints_subtotal and all(
            self.tree(year).is_sum(account) for year in years if account.is_valid_in(year)
        )
        if is_header:
            return [line for one in below for line in self._lines_of(one, years, faces, account, depth)]
        own = Line(side, TotalOf.ACCOUNT, account, group, depth)
        parts = [
            Line(side, TotalOf.ACCOUNT, part, group, depth + 1, is_part=True)
            for part in self.accounts
            if part.within_id == account.pk
            and any(isinstance(self.cell(part, year, face), Amount) for year in years for face in faces)
        ]
        under = [line for one in below for line in self._lines_of(one, years, faces, group, depth + 1)]
        return [own, *parts, *under]


def yen(cell: Cell) -> int | None:
    """The amount, or None where there is none."""
    return cell.yen if isinstance(cell, Amount) else None


def load(center: Center, *, known_at: date) -> Balance:
    """Read everything settled about the center's money at the end of `known_at` (Japan), in four queries."""
    accounts = tuple(Account.objects.filter(center=center).order_by("position", "pk"))
    in_force: dict[tuple[FiscalYear, Stage], Statement] = {}
    rows = Statement.objects.filter(
        center=center, state=ReviewState.ACCEPTED, known_from__lte=known_at
    ).select_related("consultation")
    # The highest revision stays, and of supplementary budgets the highest number.
    for row in rows.order_by("supplement", "revision"):
        in_force[row.fiscal_year, row.stage] = row
    ids = [row.pk for row in in_force.values()]
    lines: dict[int, dict[int, int]] = defaultdict(dict)
    notes: dict[int, dict[int, str]] = defaultdict(dict)
    for statement, account, amount, note in StatementLine.objects.filter(statement__in=ids).values_list(
        "statement_id", "account_id", "amount", "note"
    ):
        lines[statement][account] = amount
        if note:
            notes[statement][account] = note
    printed: dict[int, dict[TotalKey, int]] = defaultdict(dict)
    for statement, of, total_account, amount in StatementTotal.objects.filter(statement__in=ids).values_list(
        "statement_id", "of", "account_id", "amount"
    ):
        printed[statement][TotalOf(of), total_account] = amount
    facts = {key: _facts(row, lines[row.pk], notes[row.pk], printed[row.pk]) for key, row in in_force.items()}
    return Balance(center, known_at, accounts, facts)


def _facts(
    row: Statement, lines: dict[int, int], notes: dict[int, str], printed: dict[TotalKey, int]
) -> StatementFacts:
    return StatementFacts(
        id=row.pk,
        year=row.fiscal_year,
        stage=row.stage,
        supplement=row.supplement,
        revision=row.revision,
        unit=row.unit,
        known_from=cast(date, row.known_from),  # the database holds it for what is accepted
        reason=row.reason,
        note=row.note,
        source=row.source,
        consultation_number=row.consultation.number if row.consultation else None,
        lines=lines,
        line_notes=notes,
        printed=printed,
    )
