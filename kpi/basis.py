"""What an indicator's value is counted or taken from, and how the value accepted last stands beside it."""

from dataclasses import dataclass
from datetime import date

from kpi import proposed, proposed_phrases
from kpi.actions import Entered
from kpi.facts import ActualFact
from kpi.models import IndicatorBasis
from kpi.proposed import Proposal
from kpi.scorecard import Row


@dataclass(frozen=True, slots=True)
class Basis:
    """The basis of an indicator; `proposal` and `reported` are None before anything was accepted."""

    basis: IndicatorBasis
    proposal: Proposal | None
    reported: ActualFact | None

    @property
    def text(self) -> str:
        return proposed_phrases.basis_text(self.basis)

    @property
    def finding(self) -> str:
        """How the two stand to each other, in a sentence; empty where there is nothing to compare."""
        if self.proposal is None or self.reported is None or self.reported.value is None:
            return ""
        one = self.reported
        entered = Entered(one.value, one.not_applicable, one.certainty, one.note)
        if self.differs and one.value is not None:
            return proposed_phrases.deviation_text(self.proposal, self.basis.indicator, one.value)
        return proposed_phrases.agreement_text(self.proposal, entered)

    @property
    def differs(self) -> bool:
        if self.proposal is None or self.reported is None:
            return False
        one = self.reported
        return self.proposal.differs(Entered(one.value, one.not_applicable, one.certainty, one.note))

    @property
    def url(self) -> str:
        """Where the proposal can be read."""
        return proposed_phrases.url(self.proposal, self.basis.indicator.plan.center) if self.proposal else ""

    @property
    def source_text(self) -> str:
        return proposed_phrases.source_text(self.proposal) if self.proposal else ""


def load(row: Row, *, today: date, with_register: bool = True) -> Basis | None:
    """The basis of an indicator with what it proposes for the report accepted last; a fixed number of queries.

    The register is only known as it stands today: where an earlier day is looked at, nothing is held against it.
    """
    found = IndicatorBasis.objects.select_related("indicator__plan__center", "account", "category")
    basis = found.filter(indicator=row.indicator.id).first()
    if basis is None:
        return None
    reported = [cell for cell in row.cells if cell.actual is not None and cell.actual.value is not None]
    if not reported or (basis.category_id is not None and not with_register):
        return Basis(basis, None, None)
    cell = max(reported, key=lambda cell: cell.year)
    if cell.actual is None:
        return Basis(basis, None, None)
    plan = basis.indicator.plan
    proposals = proposed.of_bases([basis], plan, cell.year, cell.actual.as_of, today)
    return Basis(basis, proposals[basis.indicator_id], cell.actual)
