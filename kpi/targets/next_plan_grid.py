"""The targets of a plan that is prepared, indicator by indicator and year by year, beside what the plan before ended with."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.forms import BoundField
from django.utils.translation import gettext as _

from iconm_portal.values.fields import NumberFormField
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import IndicatorStep, PlanProposal, PlanProposalLine
from kpi.models.values import LARGEST
from kpi.plans import scorecard, texts
from kpi.plans.achievement import stored
from kpi.targets.falling import field_name
from kpi.targets.forms import PastedForm
from kpi.targets.next_plan_drafts import targets_of
from kpi.targets.target_proposals import last_known


class LineTargetField(NumberFormField):
    """A target in the unit in which the indicator is to be shown."""

    def __init__(self, line: PlanProposalLine, year: FiscalYear) -> None:
        self.line = line
        label = _("%(indicator)s, %(year)s") % {"indicator": line.name, "year": texts.year_label(year)}
        super().__init__(
            label=label,
            unit=line.unit,
            decimals=line.entry_decimals,
            minimum=-LARGEST / line.scale,
            maximum=LARGEST / line.scale,
            required=False,
        )
        self.widget.attrs["aria-label"] = label

    def parse(self, typed: str) -> Decimal | None:
        value = super().parse(typed)
        if value is not None:
            self.line.refuse_as_target(stored(value, self.line.scale))
        return value


@dataclass(frozen=True, slots=True)
class GridCell:
    year: FiscalYear
    field: BoundField


@dataclass(frozen=True, slots=True)
class GridRow:
    """An indicator; `beside`: what the indicator before it ended with, in words."""

    line: PlanProposalLine
    kind: str
    beside: str
    cells: tuple[GridCell, ...]


def grid_names(proposal: PlanProposal) -> dict[str, str]:
    """The indicators by code, as the lines of the grid come."""
    return {line.code: line.name for line in _lines(proposal)}


def _lines(proposal: PlanProposal) -> list[PlanProposalLine]:
    return list(proposal.lines.exclude(step=IndicatorStep.DROP).order_by("position", "pk"))


class GridForm(PastedForm):
    """A field for every target. A blank one is no target."""

    def __init__(self, data: Any, *, proposal: PlanProposal, today: date) -> None:
        self.proposal = proposal
        self.lines = _lines(proposal)
        self.names = {line.code: line.name for line in self.lines}
        self.years = FiscalYear.range(proposal.first_year, proposal.last_year)
        initial = {
            field_name(line.code, year): value / line.scale
            for line in self.lines
            for year, value in targets_of(line).items()
        }
        super().__init__(data, initial=initial | {"version": proposal.version})
        for line in self.lines:
            for year in self.years:
                self.fields[field_name(line.code, year)] = LineTargetField(line, year)
        board = scorecard.load(proposal.center, known_at=today) if proposal.previous else None
        self._before = {row.indicator.id: row for card in board.plans for row in card.rows} if board else {}

    @property
    def rows(self) -> list[GridRow]:
        """The indicators with their fields."""
        return [
            GridRow(
                line,
                texts.kind_words(line.printed_kind, line.kind),
                last_known(self._before[line.previous_id]) if line.previous_id in self._before else "",
                tuple(GridCell(year, self[field_name(line.code, year)]) for year in self.years),
            )
            for line in self.lines
        ]

    def targets(self) -> dict[str, dict[FiscalYear, Decimal]]:
        """What was typed, in base units, by the indicator's code; of a valid form."""
        return {
            line.code: {
                year: stored(value, line.scale)
                for year in self.years
                if (value := self.cleaned_data[field_name(line.code, year)]) is not None
            }
            for line in self.lines
        }
