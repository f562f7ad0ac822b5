"""What an indicator's value is counted or taken from, and how the value accepted last stands beside it."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kpi.models import IndicatorBasis
from kpi.plans.facts import ActualFact
from kpi.plans.scorecard import Row
from kpi.register import opening_balances
from kpi.register.opening_balances import Opening
from kpi.value_sources import suggested_texts, suggested_values
from kpi.value_sources.entry_values import Entered
from kpi.value_sources.suggested_values import Proposal


@dataclass(frozen=True, slots=True)
class Basis:
    """The basis of an indicator; `proposal` and `reported` are None before anything was accepted."""

    basis: IndicatorBasis
    proposal: Proposal | None
    reported: ActualFact | None
    opening: Opening | None = None

    @property
    def text(self) -> str:
        return suggested_texts.basis_text(self.basis)

    @property
    def chosen(self) -> str:
        """Who chose it when, and why; empty for what came from a source."""
        return suggested_texts.chosen_text(self.basis)

    @property
    def opening_text(self) -> str:
        """The opening balance; empty without one."""
        return suggested_texts.opening_words(self.basis.indicator, self.opening)

    @property
    def finding(self) -> str:
        """How the two stand to each other, in a sentence; empty where there is nothing to compare."""
        if self.proposal is None or self.reported is None or self.reported.value is None:
            return ""
        one = self.reported
        if self._is_newer:
            return _("The source was changed after this value had been accepted: it is not held against it.")
        entered = Entered(one.value, one.not_applicable, one.certainty, one.note)
        if self.differs and one.value is not None:
            return suggested_texts.deviation_text(self.proposal, self.basis.indicator, one.value)
        return suggested_texts.agreement_text(self.proposal, entered)

    @property
    def differs(self) -> bool:
        if self.proposal is None or self.reported is None or self._is_newer:
            return False
        one = self.reported
        return self.proposal.differs(Entered(one.value, one.not_applicable, one.certainty, one.note))

    @property
    def _is_newer(self) -> bool:
        """Whether the source was chosen after the report had been accepted."""
        return self.reported is not None and self.basis.was_chosen_after(self.reported.report.accepted_at)

    @property
    def url(self) -> str:
        """Where the proposal can be read."""
        return suggested_texts.url(self.proposal, self.basis.indicator.plan.center) if self.proposal else ""

    @property
    def source_text(self) -> str:
        return suggested_texts.source_text(self.proposal) if self.proposal else ""


def load(row: Row, *, today: date, with_register: bool = True) -> Basis | None:
    """The basis of an indicator with what it proposes for the report accepted last; a fixed number of queries.

    The register is only known as it stands today: where an earlier day is looked at, nothing is held against it.
    """
    found = IndicatorBasis.objects.select_related(
        "indicator__plan__center", "account", "category", "chosen_by"
    )
    basis = found.filter(indicator=row.indicator.id).first()
    if basis is None:
        return None
    opening = None
    if basis.category_id is not None:
        center = basis.indicator.plan.center
        opening = opening_balances.load(center, [basis], known_at=today).get(basis.indicator_id)
    reported = [cell for cell in row.cells if cell.actual is not None and cell.actual.value is not None]
    if not reported or (basis.category_id is not None and not with_register):
        return Basis(basis, None, None, opening)
    cell = max(reported, key=lambda cell: cell.year)
    if cell.actual is None:
        return Basis(basis, None, None, opening)
    plan = basis.indicator.plan
    proposals = suggested_values.of_bases([basis], plan, cell.year, cell.actual.as_of, today)
    return Basis(basis, proposals[basis.indicator_id], cell.actual, opening)
