"""The statements of a center as far as a person may know of them: the list by year, and one of them with its figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, assert_never

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from agreements.models import Duty, VerificationKind, Way
from finance.balance import balance, totals
from finance.balance.balance import Balance, Cell, Face
from finance.balance.totals import Standing, TotalCheck, TotalKey, Tree
from finance.models import (
    Account,
    RecordedUnit,
    Side,
    Stage,
    Statement,
    StatementComment,
    StatementFile,
    StatementQuerySet,
    StatementTotal,
    TotalOf,
)
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear

_RIGHT_TO_SEE = {
    ReviewState.DRAFT: Right.SEE_DRAFTS,
    ReviewState.RETURNED: Right.SEE_DRAFTS,
    ReviewState.SUBMITTED: Right.SEE_SUBMITTED,
    ReviewState.IN_REVIEW: Right.SEE_SUBMITTED,
    ReviewState.ACCEPTED: Right.SEE_SETTLED,
}
# From the first plan to the last word; also which of two settled ones of a year is told first.
STAGES = (Stage.BUDGET, Stage.SUPPLEMENTARY, Stage.FORECAST, Stage.SETTLEMENT)


def visible(user: User, center: Center) -> StatementQuerySet:
    """The center's statements of which the person may know, with the people of their steps."""
    states = [state for state, right in _RIGHT_TO_SEE.items() if allowed(user, center, right)]
    return Statement.objects.filter(center=center, state__in=states).select_related(
        "center", "consultation", "saved_by", "submitted_by", "opened_by", "returned_by", "accepted_by"
    )


def sent_back(user: User, center: Center) -> list[Statement]:
    """What the city returned and does not see before it is handed in again, with what was said; two queries."""
    if not allowed(user, center, Right.REVIEW):
        return []
    rows = Statement.objects.filter(center=center, state=ReviewState.RETURNED, returned_by__isnull=False)
    return list(
        rows.select_related("center", "returned_by")
        .prefetch_related("comments__written_by")
        .order_by("-fiscal_year", "pk")
    )


def in_force(statements: Iterable[Statement]) -> set[int]:
    """The keys of those that hold, among statements of one year: one budget, one forecast, one settlement at most."""
    held: dict[object, Statement] = {}
    for one in statements:
        if not one.is_settled:
            continue
        kind = "budget" if one.is_budget else one.stage
        if kind not in held or _rank(held[kind]) < _rank(one):
            held[kind] = one
    return {one.pk for one in held.values()}


def _rank(statement: Statement) -> tuple[int, int, int]:
    """A supplementary budget goes before every revision of the first one, and a later one before those before it."""
    return STAGES.index(statement.stage), statement.supplement, statement.revision


# -- The list --


@dataclass(frozen=True, slots=True)
class ListLine:
    """One statement of the list with its totals in yen, as printed or else summed (None where nothing was recorded)."""

    statement: Statement
    is_in_force: bool
    is_replaced: bool  # another one of its year holds instead
    revenue: int | None
    expenditure: int | None


@dataclass(frozen=True, slots=True)
class YearOfStatements:
    """A fiscal year, in the order in which its statements came about."""

    year: FiscalYear
    lines: tuple[ListLine, ...]


def by_year(
    user: User,
    center: Center,
    *,
    year: FiscalYear | None = None,
    stage: str = "",
    state: str = "",
) -> list[YearOfStatements]:
    """The statements by year, the latest first, narrowed to those of a year, stage and state; one query."""
    rows = visible(user, center) if year is None else visible(user, center).filter(fiscal_year=year)
    of_year: dict[FiscalYear, list[Any]] = {}
    for row in rows.annotate(
        revenue=_total(TotalOf.REVENUE, Side.REVENUE),
        expenditure=_total(TotalOf.EXPENDITURE, Side.EXPENDITURE),
    ).order_by("-fiscal_year"):
        of_year.setdefault(row.fiscal_year, []).append(row)
    found = []
    for one_year, statements in of_year.items():
        holding = in_force(statements)
        lines = tuple(
            ListLine(
                statement=one,
                is_in_force=one.pk in holding,
                is_replaced=one.is_settled and one.pk not in holding,
                revenue=one.revenue,
                expenditure=one.expenditure,
            )
            for one in sorted(statements, key=_rank)
            if stage in ("", one.stage) and state in ("", one.state)
        )
        if lines:
            found.append(YearOfStatements(one_year, lines))
    return found


def _total(of: TotalOf, side: Side) -> Coalesce:
    """The total of a side as it was printed, else the sum of its lines."""
    printed = StatementTotal.objects.filter(statement=OuterRef("pk"), of=of).values("amount")
    return Coalesce(Subquery(printed), Sum("lines__amount", filter=_counted(side)))


def _counted(side: Side) -> Q:
    """Lines that add to the side's total: not those of parts (内数), which are inside another line."""
    return Q(lines__account__side=side, lines__account__within__isnull=True)


# -- One statement --


class RowKind(StrEnum):
    LINE = "line"
    PART = "part"  # 内数 of the line above it
    SUM = "sum"
    TOTAL = "total"  # of a side, or the balance

    @property
    def takes_line(self) -> bool:
        """Whether an amount is recorded for it; otherwise it is a sum."""
        match self:
            case RowKind.LINE | RowKind.PART:
                return True
            case RowKind.SUM | RowKind.TOTAL:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A row of the statement: an account or a total, its own figure, and what is known beside it. Yen.

    `amount` is the recorded line, or for a sum the figure that stands for it (printed, else computed).
    """

    kind: RowKind
    of: TotalOf
    account: Account | None
    depth: int
    amount: int | None
    note: str
    check: TotalCheck | None
    before: Cell  # the settlement of the year before
    budget: Cell  # the budget in force

    @property
    def takes_line(self) -> bool:
        return self.kind.takes_line

    @property
    def key(self) -> TotalKey:
        return self.of, self.account.pk if self.account else None

    @property
    def field(self) -> str:
        """How its fields are called: an account's code, `sum.` before it, or `of.` and what is summed."""
        if self.account is None:
            return f"of.{self.of}"
        return self.account.code if self.takes_line else f"sum.{self.account.code}"


@dataclass(frozen=True)
class StatementSheet:
    """One statement with everything about it that the person may know."""

    statement: Statement
    tree: Tree
    rows: tuple[StatementRow, ...]
    balance: Balance
    comments: tuple[StatementComment, ...]
    files: tuple[StatementFile, ...]
    others: tuple[Statement, ...]  # of the same year
    may_correct: bool  # where the person keeps the figures, and none that replace these are begun or settled

    @property
    def unit(self) -> RecordedUnit:
        return self.statement.unit

    @property
    def checks(self) -> list[TotalCheck]:
        return [row.check for row in self.rows if row.check]

    @property
    def wrong(self) -> list[TotalCheck]:
        return [check for check in self.checks if check.is_wrong]

    @property
    def has_rounding(self) -> bool:
        """Whether a total differs from its parts by what rounding explains, so that the note belongs below."""
        return any(check.standing is Standing.ROUNDING for check in self.checks)

    @property
    def missing(self) -> list[Account]:
        """The accounts without a figure; parts (内数) are not asked for."""
        return [
            row.account
            for row in self.rows
            if row.kind is RowKind.LINE and row.amount is None and row.account
        ]

    @property
    def year_before(self) -> FiscalYear:
        return self.statement.fiscal_year - 1

    @property
    def columns(self) -> int:
        """How many columns its table has: account, amount and note, and what stands beside."""
        return 3 + self.has_before + self.has_budget

    @property
    def has_before(self) -> bool:
        return self.balance.statement(self.year_before, Face.SETTLEMENT) is not None

    @property
    def has_budget(self) -> bool:
        """Whether another statement is the budget in force."""
        budget = self.balance.statement(self.statement.fiscal_year, Face.BUDGET)
        return budget is not None and budget.id != self.statement.pk

    @cached_property
    def is_in_force(self) -> bool:
        return self.statement.pk in in_force([self.statement, *self.others])

    @property
    def printed(self) -> dict[TotalKey, int]:
        return {check.key: check.printed for check in self.checks if check.printed is not None}


def load(statement: Statement, user: User, *, today: date) -> StatementSheet:
    """The statement with its rows, beside what was settled before; a fixed number of queries."""
    center = statement.center
    known = balance.load(center, known_at=today)
    tree = known.tree(statement.fiscal_year)
    lines = {line.account_id: (line.amount, line.note) for line in statement.lines.all()}
    printed: dict[TotalKey, int] = {
        (total.of, total.account_id): total.amount for total in statement.totals.all()
    }
    others = tuple(visible(user, center).filter(fiscal_year=statement.fiscal_year).exclude(pk=statement.pk))
    sees_comments = allowed(user, center, Right.SEE_SUBMITTED)
    return StatementSheet(
        statement=statement,
        tree=tree,
        rows=_rows(statement, known, tree, lines, printed),
        balance=known,
        comments=tuple(statement.comments.select_related("written_by")) if sees_comments else (),
        files=tuple(statement.files.select_related("file", "attached_by")),
        others=tuple(sorted(others, key=_rank)),
        may_correct=_may_correct(statement, user, others),
    )


def _rows(
    statement: Statement,
    known: Balance,
    tree: Tree,
    lines: dict[int, tuple[int, str]],
    printed: dict[TotalKey, int],
) -> tuple[StatementRow, ...]:
    amounts = {account: amount for account, (amount, _note) in lines.items()}
    checks = {check.key: check for check in totals.check_all(tree.accounts, amounts, printed, statement.unit)}
    computed = totals.computed_totals(tree.accounts, amounts)
    year = statement.fiscal_year
    found: list[StatementRow] = []

    def add(kind: RowKind, of: TotalOf, account: Account | None, depth: int) -> None:
        key = (of, account.pk if account else None)
        check = checks.get(key)
        is_line = account is not None and kind.takes_line
        amount, note = lines.get(account.pk, (None, "")) if is_line and account else (None, "")
        if not is_line:
            amount = check.shown if check else computed.get(key)
        before, budget = (
            known.cell(account, of_year, face) if account else known.total(of, of_year, face)
            for of_year, face in ((year - 1, Face.SETTLEMENT), (year, Face.BUDGET))
        )
        found.append(StatementRow(kind, of, account, depth, amount, note, check, before, budget))

    def add_account(account: Account, depth: int) -> None:
        kind = RowKind.SUM if tree.is_sum(account) else RowKind.LINE
        add(kind, TotalOf.ACCOUNT, account, depth)
        if kind is RowKind.LINE:
            for part in tree.parts_of(account):
                add(RowKind.PART, TotalOf.ACCOUNT, part, depth + 1)
        for below in tree.below(account):
            add_account(below, depth + 1)

    for of, side in totals.SIDE_OF.items():
        for top in tree.tops(side):
            add_account(top, 0)
        add(RowKind.TOTAL, of, None, 0)
    add(RowKind.TOTAL, TotalOf.BALANCE, None, 0)
    return tuple(found)


def _may_correct(statement: Statement, user: User, others: Sequence[Statement]) -> bool:
    if not statement.is_settled or not allowed(user, statement.center, Right.KEEP):
        return False
    same = [other for other in others if other.stage == statement.stage]
    superseded = any(not other.is_settled or _rank(other) > _rank(statement) for other in same)
    supplemented = statement.is_budget and any(
        other.stage == Stage.SUPPLEMENTARY and other.is_settled and other.supplement > statement.supplement
        for other in others
    )
    return not superseded and not supplemented


def change(row: StatementRow, cell: Cell) -> int | None:
    """By how much the figure differs from what it is set beside; None unless both are there."""
    was = balance.yen(cell)
    return None if row.amount is None or was is None else row.amount - was


def duties(statement: Statement) -> QuerySet[Duty]:
    """The stored duties of the year that it serves or fulfils: the plan and budget, the report, the verification."""
    stored = Duty.objects.filter(
        obligation__agreement__center=statement.center, fiscal_year=statement.fiscal_year
    ).select_related("obligation__agreement")
    if statement.is_budget:
        return stored.filter(Q(obligation__way=Way.OPERATOR_DECIDES) | Q(obligation__deed="budget"))
    if statement.stage == Stage.SETTLEMENT:
        verified = Q(obligation__verification=VerificationKind.SETTLEMENT)
        return stored.filter(verified | Q(obligation__deed="settlement"))
    return stored.none()
