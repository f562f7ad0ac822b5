"""The facts that the scorecard arranges: what was printed, targeted and reported, each with where it comes from."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding, format_number
from kpi.models import Continuity
from kpi.plans.achievement import Certainty, Comparator, Kind, display


@dataclass(frozen=True, slots=True)
class IndicatorFacts:
    """An indicator as its plan printed it, and how its values are shown."""

    id: int
    plan_code: str
    goal_id: int | None
    code: str
    name: str
    printed_kind: str
    is_new: bool
    significance: str
    unit: str
    kind: Kind
    comparator: Comparator
    prints_comparator: bool
    decimals: int
    entry_decimals: int
    scale: int
    rounding: Rounding
    continuity: Continuity
    predecessor_id: int | None
    continuity_reason: str

    @property
    def breaks(self) -> bool:
        """Whether its definition differs from that of the indicator of the same name before it."""
        return self.continuity == Continuity.BREAKS

    def shown(self, value: Decimal) -> Decimal:
        """A stored value in the display unit, by the indicator's own rounding (505,794,000 yen → 505 百万円)."""
        return display(value, scale=self.scale, decimals=self.decimals, rounding=self.rounding)

    def text(self, value: Decimal) -> str:
        """A stored value as it is printed, without the unit: "438,802", "24.3"."""
        return format_number(self.shown(value))


@dataclass(frozen=True, slots=True)
class TargetFact:
    """A target in force: value in base units."""

    value: Decimal
    revision: int
    known_from: date
    reason: str
    source: str
    effective_from: date | None = None

    @property
    def since(self) -> date:
        """The day from which it holds: known, and in force."""
        return max(self.known_from, self.effective_from or self.known_from)


@dataclass(frozen=True, slots=True)
class ReportFact:
    """The accepted report that holds for a plan's year, and who stands behind it."""

    id: int
    as_of: date
    revision: int
    known_from: date
    source: str
    reason: str
    submitted_by: str
    accepted_by: str
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ActualFact:
    """A reported value in base units, or 「-」."""

    value: Decimal | None
    not_applicable: bool
    certainty: Certainty
    note: str
    source: str
    report: ReportFact

    @property
    def as_of(self) -> date:
        return self.report.as_of

    @property
    def is_blank(self) -> bool:
        """Nothing is reported, though there may be a note."""
        return self.value is None and not self.not_applicable


@dataclass(frozen=True, slots=True)
class GoalFacts:
    """A goal under its plan's printed label; `label` is empty for indicators that stand under none."""

    id: int | None
    code: str
    label: str


NO_GOAL = GoalFacts(None, "", "")


@dataclass(frozen=True, slots=True)
class KgiFacts:
    """A direct goal: `text` is the official one, or the portal's summary of it (`is_summary`)."""

    code: str
    text: str
    target_year: FiscalYear
    set_in: FiscalYear
    is_summary: bool = True
