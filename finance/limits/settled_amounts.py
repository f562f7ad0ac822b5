"""What the accounts say of contributions and of the research support behind them, by fiscal year, in whole yen.

A settled statement's line counts; the ledger where there is none. An open year's ledger is no sum of the year yet, and
the operator's own, so that income and expenditure are taken from it only when the year is closed (docs/decisions/0006).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from agreements.support.indirect_cost import IndirectCost
from finance.models import Account, Entry, MonthTotal, Purpose, Stage, Statement, StatementLine, YearClosing
from iconm_portal.models import Center, ReviewState
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

# Sums by account (or part) and fiscal year.
Sums = Mapping[tuple[int, FiscalYear], int]


@dataclass(frozen=True, slots=True)
class SettledLine:
    """An account's amount in a settled statement."""

    amount: int
    revision: int  # of the year's settlement


@dataclass(frozen=True)
class Accounted:
    """The figures of some accounts as known on a day."""

    lines: Mapping[tuple[int, FiscalYear], SettledLine]
    ledger: Sums
    closed: frozenset[FiscalYear]

    def line(self, accounts: Iterable[int], year: FiscalYear) -> int | None:
        """The sum of the settled statement's lines on the accounts; None where it has none of them."""
        found = [self.lines[account, year].amount for account in accounts if (account, year) in self.lines]
        return sum(found) if found else None

    def in_ledger(self, accounts: Iterable[int], year: FiscalYear) -> int | None:
        """The sum of the entries on the accounts; None where there is none."""
        found = [self.ledger[account, year] for account in accounts if (account, year) in self.ledger]
        return sum(found) if found else None

    def drawn(self, accounts: Collection[int], year: FiscalYear) -> int | None:
        """What was drawn so far: as settled, else as the ledger says, also in the middle of a year."""
        settled = self.line(accounts, year)
        return self.in_ledger(accounts, year) if settled is None else settled

    def of_year(
        self, accounts: Collection[int], year: FiscalYear, *, ended_by: date | None = None
    ) -> int | None:
        """What the year came to: as settled, else as the ledger of a closed year says; None where neither does.

        With `ended_by` the ledger of an open year counts too if the year had ended before that day.
        """
        is_whole = year in self.closed or (ended_by is not None and year.last_day < ended_by)
        return self.drawn(accounts, year) if is_whole else self.line(accounts, year)

    @property
    def years(self) -> set[FiscalYear]:
        return {year for _account, year in (*self.lines, *self.ledger)}


def load(center: Center, accounts: Collection[int], *, known_at: date) -> Accounted:
    """The figures of the accounts (and parts of accounts) as known at the end of the day (Japan); five queries."""
    return Accounted(
        _lines(center, accounts, known_at),
        _ledger(center, accounts, known_at),
        _closed(center, known_at),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """An account's amount in one statement, or the sum of the accounts below it."""

    account: Account
    amount: int
    statement: Statement

    @property
    def stage(self) -> Stage:
        return self.statement.stage


def year_lines(
    center: Center, accounts: Collection[int], year: FiscalYear, *, stages: Sequence[Stage], known_at: date
) -> dict[int, Line]:
    """A year's amount of each account from the first of the stages whose statement was settled by then; three queries."""
    found = Statement.objects.filter(
        center=center,
        fiscal_year=year,
        stage__in=stages,
        state=ReviewState.ACCEPTED,
        known_from__lte=known_at,
    )
    by_stage = {statement.stage: statement for statement in found.order_by("supplement", "revision")}
    statement = next((by_stage[stage] for stage in stages if stage in by_stage), None)
    if statement is None:
        return {}
    tree = list(Account.objects.filter(center=center))
    below = {account: with_those_below(tree, [account]) for account in accounts}
    amounts = dict(
        statement.lines.filter(account__in=set().union(*below.values()))
        .order_by()
        .values_list("account_id", "amount")
    )
    named = {account.pk: account for account in tree}
    lines = {}
    for account, leaves in below.items():
        parts = [amounts[leaf] for leaf in leaves if leaf in amounts]
        if parts:
            lines[account] = Line(named[account], sum(parts), statement)
    return lines


def stated_lines(
    center: Center, accounts: Collection[int], *, stages: Sequence[Stage], known_at: date
) -> dict[tuple[FiscalYear, Stage], dict[int, Line]]:
    """Each account's amount in the last settled statement of every year and stage by then; three queries."""
    found = Statement.objects.filter(
        center=center, stage__in=stages, state=ReviewState.ACCEPTED, known_from__lte=known_at
    ).select_related("center", "accepted_by")
    in_force = {(one.fiscal_year, one.stage): one for one in found.order_by("supplement", "revision")}
    tree = list(Account.objects.filter(center=center))
    below = {account: with_those_below(tree, [account]) for account in accounts}
    amounts: dict[int, dict[int, int]] = defaultdict(dict)
    rows = StatementLine.objects.filter(
        statement__in=[one.pk for one in in_force.values()], account__in=set().union(*below.values())
    )
    for statement, leaf, amount in rows.order_by().values_list("statement_id", "account_id", "amount"):
        amounts[statement][leaf] = amount
    named = {account.pk: account for account in tree}
    lines: dict[tuple[FiscalYear, Stage], dict[int, Line]] = defaultdict(dict)
    for place, one in in_force.items():
        for account, leaves in below.items():
            parts = [amounts[one.pk][leaf] for leaf in leaves if leaf in amounts[one.pk]]
            if parts:
                lines[place][account] = Line(named[account], sum(parts), one)
    return lines


def indirect_cost(
    center: Center, *, known_at: date, for_operator: bool = False
) -> dict[FiscalYear, IndirectCost]:
    """Indirect-cost income and research-support expenditure by year, where either is recorded, as the agreements ask for it.

    `for_operator`: also from the open ledger of years that have ended, which only the operator sees.
    """
    income, expenditure = purposes(center)
    if not income and not expenditure:
        return {}
    found = load(center, {*income, *expenditure}, known_at=known_at)
    day = known_at if for_operator else None
    by_year = {
        year: IndirectCost(
            found.of_year(income, year, ended_by=day), found.of_year(expenditure, year, ended_by=day)
        )
        for year in found.years
    }
    return {year: one for year, one in by_year.items() if (one.income, one.expenditure) != (None, None)}


def purposes(center: Center) -> tuple[frozenset[int], frozenset[int]]:
    """The accounts of indirect-cost income and those of research-support expenditure, with all that stand below them."""
    tree = list(Account.objects.filter(center=center))
    income, expenditure = (
        with_those_below(tree, [account.pk for account in tree if account.purpose == purpose])
        for purpose in (Purpose.INDIRECT_COST_INCOME, Purpose.RESEARCH_SUPPORT)
    )
    return income, expenditure


def with_those_below(tree: Iterable[Account], accounts: Iterable[int]) -> frozenset[int]:
    """The accounts with all that stand below them; only leaves hold amounts, so that nothing is counted twice."""
    below: dict[int | None, list[int]] = defaultdict(list)
    for account in tree:
        below[account.parent_id].append(account.pk)
    found, open_ = set[int](), list(accounts)
    while open_:
        one = open_.pop()
        if one not in found:
            found.add(one)
            open_ += below[one]
    return frozenset(found)


def years_with_ledger(center: Center, known_at: date) -> frozenset[FiscalYear]:
    """The years of which entries were recorded by the end of the day, on whichever accounts; one query."""
    return frozenset(_recorded(center, known_at).order_by().values_list("fiscal_year", flat=True).distinct())


def _lines(
    center: Center, accounts: Collection[int], known_at: date
) -> dict[tuple[int, FiscalYear], SettledLine]:
    """By account and year, of each year's settlement in force."""
    in_force = {
        statement.fiscal_year: statement.pk
        for statement in settled_statements(center, known_at).order_by("fiscal_year", "revision")
    }
    rows = StatementLine.objects.filter(statement__in=in_force.values(), account__in=accounts).order_by()
    return {
        (account, year): SettledLine(amount, revision)
        for account, year, amount, revision in rows.values_list(
            "account_id", "statement__fiscal_year", "amount", "statement__revision"
        )
    }


def settled_statements(center: Center, known_at: date) -> QuerySet[Statement]:
    """The settlements that both sides have verified by then."""
    return Statement.objects.filter(
        center=center, stage=Stage.SETTLEMENT, state=ReviewState.ACCEPTED, known_from__lte=known_at
    )


def _closed(center: Center, known_at: date) -> frozenset[FiscalYear]:
    """The years whose ledger was closed at the end of the day."""
    end = _end_of(known_at)
    closings = YearClosing.objects.filter(center=center, closed_at__lte=end)
    still = closings.filter(Q(reopened_at=None) | Q(reopened_at__gt=end)).order_by()
    return frozenset(still.values_list("fiscal_year", flat=True))


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.max))


def _ledger(center: Center, accounts: Collection[int], known_at: date) -> dict[tuple[int, FiscalYear], int]:
    rows = _recorded(center, known_at)
    found: dict[tuple[int, FiscalYear], int] = {}
    for name in ("account", "part"):  # a part's entries stand on the account that it is a part of
        of_name = rows.filter(**{f"{name}__in": accounts}).order_by()
        sums = of_name.values_list(f"{name}_id", "fiscal_year").annotate(sum=Sum("amount"))
        found |= {(account, year): amount for account, year, amount in sums}
    return found


def _recorded(center: Center, known_at: date) -> QuerySet[MonthTotal] | QuerySet[Entry]:
    """The sums that stand now, or the entries recorded by the end of an earlier day."""
    if known_at >= clock.today():
        return MonthTotal.objects.filter(center=center, count__gt=0)
    return Entry.objects.filter(center=center, recorded_at__lte=_end_of(known_at))
