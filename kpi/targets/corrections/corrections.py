"""What of a settled plan can be corrected, and the corrections that were proposed: each wording as it stood and is to stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, QuerySet
from django.utils.translation import gettext as _

from iconm_portal.models import Center, ProposalState, User
from iconm_portal.people.access import Right, allowed
from kpi.models import Goal, Indicator, Plan, PlanCorrection, PlanCorrectionLine, Wording
from kpi.models.corrections import OF_INDICATOR


@dataclass(frozen=True, slots=True)
class Item:
    """A wording that can be corrected; of the plan itself where there is neither goal nor indicator."""

    wording: Wording
    present: str
    goal: Goal | None = None
    indicator: Indicator | None = None

    @property
    def field(self) -> str:
        """Its field in the form."""
        if self.indicator is not None:
            return f"indicator-{self.indicator.code}-{self.wording}"
        return f"goal-{self.goal.code}-{self.wording}" if self.goal else f"plan-{self.wording}"

    @property
    def may_be_blank(self) -> bool:
        return self._column.blank

    @property
    def longest(self) -> int:
        """In characters."""
        return self._column.max_length or 0

    @property
    def _column(self) -> Field[Any, Any]:
        meta = (self.indicator or self.goal or Plan)._meta
        return next(one for one in meta.concrete_fields if one.name == self.wording)

    def line(self, after: str) -> PlanCorrectionLine:
        """The line of a correction."""
        return PlanCorrectionLine(
            goal=self.goal, indicator=self.indicator, wording=self.wording, before=self.present, after=after
        )


@dataclass(frozen=True, slots=True)
class Group:
    """The wordings of one thing."""

    title: str
    is_name: bool  # a name that somebody gave, in Japanese
    items: tuple[Item, ...]


def groups(plan: Plan) -> tuple[Group, ...]:
    """The plan, its goals and its indicators with what can be corrected of each; two queries."""
    return tuple(_groups(plan))


def _groups(plan: Plan) -> Iterator[Group]:
    yield Group(_("The plan"), False, (Item(Wording.LABEL, plan.label),))
    goals = tuple(Item(Wording.LABEL, goal.label, goal=goal) for goal in plan.goals.all())
    if goals:
        yield Group(_("Goals"), False, goals)
    for indicator in plan.indicators.all():
        items = (Item(one, getattr(indicator, one), indicator=indicator) for one in OF_INDICATOR)
        yield Group(indicator.name, True, tuple(items))


def visible(person: User, center: Center) -> QuerySet[PlanCorrection]:
    """Confirmed ones for everyone of the two parties; the others for both sides' staff."""
    found = PlanCorrection.objects.filter(plan__center=center).select_related(
        "plan__center", "proposed_by", "confirmed_by", "declined_by"
    )
    if allowed(person, center, Right.SEE_SUBMITTED):
        return found
    return found.filter(state=ProposalState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Change:
    """A wording that is, or was, corrected."""

    subject: str
    what: str
    before: str
    after: str


def changes(correction: PlanCorrection) -> list[Change]:
    """What the correction changes, in one query."""
    return [
        Change(
            str(line.indicator or line.goal or correction.plan),
            str(Wording(line.wording).label),
            line.before,
            line.after,
        )
        for line in correction.lines.select_related("indicator", "goal")
    ]
