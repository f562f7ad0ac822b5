"""The history's amendments of the contribution (`tests.generated.chronicle`): another total, from a day on."""

from datetime import date

from agreements.editions import measure_actions
from agreements.editions.draft_actions import Wanted
from agreements.editions.measure_actions import WantedTerms
from agreements.models import Agreement, MeasureOutcome, Provision, SupportMeasure
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_edition
from tests.builders.editions import import_text
from tests.builders.plans import tokyo
from tests.generated.chronicle_amended import OfAmendments
from tests.generated.chronicle_log import TotalStep
from tests.generated.frame import CONCLUDED, GRANT_YEARS
from tests.generated.pen import Steps

WORDING = """研究支援に関する協定書

市と財団は、次のとおり協定を結ぶ。

（負担金）
第1条 市は、期間を通じて総額9億円を上限とする負担金を支払う。

この協定を証するため、本書2通を作る。
平成28年3月25日
"""
PLACE = "art1/par1"
"""The provision on which the contribution rests."""


class OfMeasures(OfAmendments):
    """What both change of the contribution."""

    research: Agreement
    measure: SupportMeasure

    def _granting(self) -> Provision:
        """The official wording of the research-support agreement, and where the contribution stands in it."""
        edition = make_edition(self.research)
        import_text(edition, WORDING, at=tokyo(CONCLUDED))
        return edition.provisions.get(key=PLACE)

    def _another_total(self, year: int) -> Steps[None]:
        """In some years: drafted, proposed, confirmed or not; the total is another one from its first day on."""
        if self.random.random() < 0.5:
            return
        at = yield self._on(self._later(date(year, 5, 1), 250))
        proposer, other = self.sides()
        total = self.random.choice([300, 600, 900, 1_200]) * 10**6
        wanted = Wanted(text=f"市は、期間を通じて総額{total // 10**6}百万円を上限とする負担金を支払う。")
        draft = self._drafted(self.research, PLACE, wanted, proposer, at)
        if draft is None:
            return
        draft.refresh_from_db()
        terms = WantedTerms(MeasureOutcome.NEW_TERMS, last_year=FiscalYear(GRANT_YEARS[1]), total=total)
        given = {"edition": draft, "version": draft.version, "by": proposer, "at": at}
        made = self.tried(measure_actions.settle_measure, **given, measure=self.measure, wanted=terms)
        self._leave_the_rest(draft, proposer, at)
        confirmed = yield from self._answered_draft(draft, proposer, other, at)
        if confirmed is not None and made is not None:
            self.log.totals.append(TotalStep(total, self._day(confirmed), draft.in_force_from, draft.number))
