"""The next plan as far as it is prepared: its goals, its indicators with what becomes of each, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from iconm_portal.models import Center, ProposalState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from kpi.models import IndicatorStep, PlanProposal, PlanProposalLine, official_text
from kpi.plans import labels, texts
from kpi.plans.achievement import display
from kpi.targets.next_plan_drafts import GoalDraft, goals_of, kgis_of, targets_of
from kpi.value_sources import choices

CHIPS = {
    IndicatorStep.CONTINUE: "neutral",
    IndicatorStep.BREAK: "interim",
    IndicatorStep.DROP: "not-met",
    IndicatorStep.NEW: "active",
}


def visible(person: User, center: Center) -> QuerySet[PlanProposal]:
    """Confirmed ones for everyone of the two parties; the others for both sides' staff."""
    found = PlanProposal.objects.filter(center=center).select_related(
        "center",
        "previous",
        "under",
        "consultation__center",
        "made",
        "proposed_by",
        "confirmed_by",
        "declined_by",
    )
    if allowed(person, center, Right.SEE_SUBMITTED):
        return found
    return found.filter(state=ProposalState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class ShownLine:
    """An indicator of the next plan in words. `targets`: one text for each year of the plan, empty where none is set."""

    line: PlanProposalLine
    kind: str
    goal: str
    source: str  # what its value is proposed from; empty where nothing is
    targets: tuple[tuple[FiscalYear, str], ...]
    differences: tuple[str, ...]

    @property
    def step_kind(self) -> str:
        """The kind of its chip."""
        return CHIPS[IndicatorStep(self.line.step)]


@dataclass(frozen=True, slots=True)
class ShownKgi:
    """A direct goal of the plan; `is_new`: the plan brings it."""

    text: str
    target_year: FiscalYear
    is_new: bool


@dataclass(frozen=True)
class ShownPlan:
    """A proposed plan with its goals and indicators."""

    proposal: PlanProposal
    years: tuple[FiscalYear, ...]
    goals: tuple[GoalDraft, ...]
    kgis: tuple[ShownKgi, ...]
    lines: tuple[ShownLine, ...]
    dropped: tuple[ShownLine, ...]


def shown(proposal: PlanProposal) -> ShownPlan:
    """The proposal with its indicators, in four queries; five where it follows a plan."""
    years = FiscalYear.range(proposal.first_year, proposal.last_year)
    goals = goals_of(proposal)
    labels_of = {goal.code: goal.label for goal in goals}
    order = {goal.code: place for place, goal in enumerate(goals)}
    rows = sorted(
        proposal.lines.select_related("previous"),
        key=lambda line: (order.get(line.goal, -1), line.position, line.pk),
    )
    sources = choices.in_words(proposal.center)
    lines = [
        _line(line, labels_of.get(line.goal, ""), sources.get(line.basis, line.basis), years) for line in rows
    ]
    return ShownPlan(
        proposal=proposal,
        years=years,
        goals=tuple(goals),
        kgis=tuple(_kgis(proposal)),
        lines=tuple(line for line in lines if line.line.step != IndicatorStep.DROP),
        dropped=tuple(line for line in lines if line.line.step == IndicatorStep.DROP),
    )


def _kgis(proposal: PlanProposal) -> Iterator[ShownKgi]:
    """Those that stay, then the new ones."""
    if proposal.previous is not None:
        staying = proposal.previous.kgis.filter(target_year__gte=proposal.first_year)
        for kgi in staying.annotate(official=official_text("kgi", proposal.known_from)):
            yield ShownKgi(kgi.official or kgi.text, kgi.target_year, is_new=False)
    for draft in kgis_of(proposal):
        yield ShownKgi(draft.text, draft.target_year, is_new=True)


def _line(line: PlanProposalLine, goal: str, source: str, years: tuple[FiscalYear, ...]) -> ShownLine:
    targets = targets_of(line)
    return ShownLine(
        line=line,
        kind=texts.kind_words(line.printed_kind, line.kind),
        goal=goal,
        source=source,
        targets=tuple((year, _target(line, targets.get(year))) for year in years),
        differences=tuple(differences(line)),
    )


def _target(line: PlanProposalLine, value: Decimal | None) -> str:
    if value is None:
        return ""
    rounding = line.rounding
    figure = format_number(display(value, scale=line.scale, decimals=line.decimals, rounding=rounding))
    unit = texts.unit_and_comparator(line.unit, line.comparator, is_printed=line.prints_comparator)
    return texts.quantity(figure, unit)


def differences(line: PlanProposalLine) -> list[str]:
    """What differs from the indicator of the previous plan, in words."""
    before = line.previous
    if before is None or line.step == IndicatorStep.DROP:
        return []
    pairs = [
        (_("Name"), before.name, line.name),
        (_("Kind"), str(labels.KIND[before.kind]), str(labels.KIND[line.kind])),
        (_("Unit"), before.unit, line.unit),
        (
            _("Comparator"),
            str(labels.COMPARATOR[before.comparator]),
            str(labels.COMPARATOR[line.comparator]),
        ),
    ]
    return [
        _("%(what)s: %(before)s → %(after)s") % {"what": what, "before": old, "after": new}
        for what, old, new in pairs
        if old != new
    ]
