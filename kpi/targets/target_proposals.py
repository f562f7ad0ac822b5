"""The proposed changes of a plan's targets: what each would change, and who may do what with it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from iconm_portal.models import Center, ProposalState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed
from kpi.models import Indicator, Plan, Target, TargetProposal, TargetProposalLine
from kpi.plans import labels, scorecard, texts
from kpi.plans.achievement import display
from kpi.plans.facts import IndicatorFacts
from kpi.plans.known_facts import in_force
from kpi.plans.scorecard import Board, Cell, Row
from kpi.targets.falling import Fall, falls, touched

Key = tuple[int, FiscalYear]


def visible(person: User, center: Center) -> QuerySet[TargetProposal]:
    """Confirmed ones for everyone of the two parties; the others for both sides' staff."""
    found = TargetProposal.objects.filter(plan__center=center).select_related(
        "plan__center", "consultation__center", "proposed_by", "confirmed_by", "declined_by"
    )
    if allowed(person, center, Right.SEE_SUBMITTED):
        return found
    return found.filter(state=ProposalState.CONFIRMED)


def present(plan: Plan, *, today: date, from_day: date | None = None) -> dict[Key, Decimal]:
    """The plan's targets that stand today, or that will on the later day from which new ones are to be in force; by
    indicator and year, in base units; one query.

    A change dated back does not undo what was known: it replaces what stands today.
    """
    rows = (
        Target.objects.filter(in_force(max(today, from_day or today)), indicator__plan=plan)
        .order_by("revision")
        .values_list("indicator_id", "fiscal_year", "value")
    )
    return {(indicator_id, year): value for indicator_id, year, value in rows}


def falls_of(
    lines: Iterable[TargetProposalLine], now: Mapping[Key, Decimal]
) -> dict[Indicator, dict[FiscalYear, Fall]]:
    """Where the lines make a cumulative target fall, beside those that stand; by indicator and the year to say it at."""
    asked: dict[Indicator, dict[FiscalYear, Decimal]] = defaultdict(dict)
    for line in lines:
        asked[line.indicator][line.fiscal_year] = line.value
    found = {}
    for indicator, targets in asked.items():
        standing = {year: value for (pk, year), value in now.items() if pk == indicator.pk}
        if fallen := touched(falls(indicator, standing | targets), targets):
            found[indicator] = fallen
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A target that would change, or has: before and after in base units, `before` None where there was none.

    `judged` says of a year whose result is accepted what its verdict is, and that it stays; empty for all others.
    """

    indicator: Indicator
    year: FiscalYear
    before: Decimal | None
    after: Decimal
    judged: str = ""
    falls: Fall | None = None  # it makes a cumulative fall, as the proposal's reason explains

    @property
    def falls_text(self) -> str:
        """That it does; empty otherwise."""
        if self.falls is None:
            return ""
        return (
            _("falls from %(earlier)s for %(earlier_year)s to %(later)s for %(later_year)s")
            % self.falls.words()
        )

    @property
    def before_text(self) -> str:
        """With its unit; empty where there was none."""
        return "" if self.before is None else target_text(self.indicator, self.before)

    @property
    def after_text(self) -> str:
        return target_text(self.indicator, self.after)


@dataclass(frozen=True)
class ShownProposal:
    """A proposal with what it changes."""

    proposal: TargetProposal
    changes: tuple[Change, ...]


def shown(proposal: TargetProposal, *, today: date) -> ShownProposal:
    """The proposal with what it changes, in a fixed number of queries.

    An open one is set against the targets that it would replace, a confirmed one against the revisions that it followed.
    """
    lines = sorted(
        proposal.lines.select_related("indicator", "made"),
        key=lambda line: (line.indicator.position, line.indicator_id, line.fiscal_year),
    )
    if proposal.is_confirmed:
        before = _followed(line.made for line in lines)
    else:
        before = present(proposal.plan, today=today, from_day=proposal.effective_from)
    standing = before
    if proposal.is_confirmed and proposal.known_from:
        standing = present(proposal.plan, today=proposal.known_from, from_day=proposal.effective_from)
    fallen = falls_of(lines, standing)
    cells = _cells(scorecard.load(proposal.plan.center, known_at=today), proposal.plan)
    changes = tuple(
        Change(
            line.indicator,
            line.fiscal_year,
            before.get((line.indicator_id, line.fiscal_year)),
            line.value,
            _judged(cells.get((line.indicator_id, line.fiscal_year)), is_confirmed=proposal.is_confirmed),
            fallen.get(line.indicator, {}).get(line.fiscal_year),
        )
        for line in lines
    )
    return ShownProposal(proposal, changes)


def _cells(board: Board, plan: Plan) -> dict[Key, tuple[IndicatorFacts, Cell]]:
    """What the plan shows of each year."""
    return {
        (row.indicator.id, cell.year): (row.indicator, cell)
        for card in board.plans
        if card.id == plan.pk
        for row in card.rows
        for cell in row.cells
    }


def judged(plan: Plan, *, today: date) -> frozenset[Key]:
    """The indicators and years of the plan whose result is accepted: a target that changes there alters no verdict."""
    return _judged_keys(scorecard.load(plan.center, known_at=today), plan)


def _judged_keys(board: Board, plan: Plan) -> frozenset[Key]:
    return frozenset(key for key, (_facts, cell) in _cells(board, plan).items() if cell.is_whole_year)


def _judged(found: tuple[IndicatorFacts, Cell] | None, *, is_confirmed: bool) -> str:
    """That an accepted result keeps the verdict by the target of its acceptance, whatever is agreed now."""
    if found is None:
        return ""
    indicator, cell = found
    if not cell.is_whole_year or (is_confirmed and not cell.moved):
        return ""
    words = {"value": texts.value(indicator, cell), "target": texts.target(indicator, cell)}
    if not cell.band.is_verdict:
        return (
            _("%(value)s was accepted while there was no target: the year stays without a verdict.") % words
        )
    words["verdict"] = (
        texts.expected(cell.band) if cell.achievement.is_forecast else str(labels.BAND[cell.band])
    )
    return (
        _("%(value)s was accepted while the target was %(target)s: “%(verdict)s” stays, marked as changed.")
        % words
    )


def _followed(made: Iterable[Target | None]) -> dict[Key, Decimal]:
    """The values that the made revisions followed."""
    revisions = {
        (target.indicator_id, target.fiscal_year): target.revision - 1
        for target in made
        if target is not None
    }
    rows = Target.objects.filter(indicator__in={indicator for indicator, _year in revisions}).values_list(
        "indicator_id", "fiscal_year", "revision", "value"
    )
    return {
        (indicator, year): value
        for indicator, year, revision, value in rows
        if revisions.get((indicator, year)) == revision
    }


@dataclass(frozen=True, slots=True)
class SheetRow:
    """An indicator of the sheet on which targets are proposed; `present` in base units by year, `beside` what the
    indicator before it ended with, in words."""

    indicator: Indicator
    present: dict[FiscalYear, Decimal]
    beside: str = ""


@dataclass(frozen=True)
class TargetSheet:
    """All indicators of a plan with their present targets."""

    plan: Plan
    years: tuple[FiscalYear, ...]
    rows: tuple[SheetRow, ...]
    judged: frozenset[Key] = frozenset()


def sheet(plan: Plan, present_values: dict[Key, Decimal], *, today: date) -> TargetSheet:
    """The sheet of a plan, in a fixed number of queries; `present_values` as `present` gives them."""
    board = scorecard.load(plan.center, known_at=today)
    beside = {line.indicator.id: before for line, before in _followers(board)}
    years = FiscalYear.range(plan.first_year, plan.last_year)
    rows = tuple(
        SheetRow(
            indicator,
            {
                year: value
                for year in years
                if (value := present_values.get((indicator.pk, year))) is not None
            },
            last_known(beside[indicator.pk]) if indicator.pk in beside else "",
        )
        for indicator in plan.indicators.all()
    )
    return TargetSheet(plan, years, rows, _judged_keys(board, plan))


def _followers(board: Board) -> Iterator[tuple[Row, Row]]:
    """Every indicator that goes on from one of an earlier plan, with that one."""
    rows = {row.indicator.id: row for card in board.plans for row in card.rows}
    for row in rows.values():
        before = rows.get(row.indicator.predecessor_id or 0)
        if before is not None:
            yield row, before


def last_known(row: Row) -> str:
    """What an indicator's plan ended with: its last target and its last value, each with its year."""
    told = []
    aimed = [cell for cell in row.cells if cell.target_in_force is not None]
    if aimed and (target := aimed[-1].target_in_force) is not None:
        words = {
            "year": texts.year_short(aimed[-1].year),
            "target": texts.target_value(row.indicator, target.value),
        }
        told.append(_("target of %(year)s: %(target)s") % words)
    if (cell := row.latest) is not None:
        words = {"year": texts.year_short(cell.year), "value": texts.value(row.indicator, cell)}
        told.append(_("actual of %(year)s: %(value)s") % words)
    return listed(told)


def target_text(indicator: Indicator, value: Decimal) -> str:
    """A target as the plan prints it, with unit and comparator."""
    figure = format_number(
        display(value, scale=indicator.scale, decimals=indicator.decimals, rounding=indicator.rounding)
    )
    unit = texts.unit_and_comparator(
        indicator.unit, indicator.comparator, is_printed=indicator.prints_comparator
    )
    return texts.quantity(figure, unit)
