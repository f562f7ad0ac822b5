"""Ten fiscal years of a center, made through the real actions at moments of their own, and what became known when.

The log is written while the steps are taken and never read from the models, so that a reconstruction of any past day
(`tests.generated.reckoned`) can be held against the read models and the pages. The same seed makes the same history.
"""

from datetime import date
from typing import Any

from agreements.models import AgreementKind, Bound, VerificationKind, Way
from iconm_portal.models import Center, User
from kpi.models import Continuity, Indicator, Plan
from kpi.plans.achievement import Comparator, Kind
from tests.builders.agreements import ANNUAL, DRAFT_PLAN, REPORT, make_agreement, make_obligation
from tests.builders.finance import make_account, make_accounts
from tests.builders.plans import INCOME, OCCUPANCY, PATENTS, TRIALS, make_plan
from tests.builders.support import make_criteria, make_land, make_measure, make_verification_obligation
from tests.generated.chronicle_agreements import OfAgreements
from tests.generated.chronicle_duties import OfDuties
from tests.generated.chronicle_ledger import OfLedger
from tests.generated.chronicle_log import Log
from tests.generated.chronicle_measures import OfMeasures
from tests.generated.chronicle_money import GRANT, OfMoney
from tests.generated.chronicle_register import OPENING_DAY, OfRegister
from tests.generated.chronicle_reports import OfReports
from tests.generated.chronicle_verified import OfVerifications
from tests.generated.frame import CONCLUDED, ENDS, GRANT_YEARS, PLANS, STARTS
from tests.unguarded import no_guards

ACCIDENTS = {
    "code": "accidents",
    "name": "事故件数",
    "unit": "件",
    "kind": Kind.FLOW,
    "comparator": Comparator.AT_MOST,
}
ACCOUNT = {
    **REPORT,
    "code": "account",
    "title": "決算の提出",
    "deed": "settlement",
    "due_month": 6,
    "due_day": 30,
}
BUDGET = {
    **DRAFT_PLAN,
    "code": "budget",
    "title": "予算の決定",
    "deed": "budget",
    "due_month": 3,
    "due_day": 31,
    "due_year_offset": 0,
}
LAST_DAY = date(2026, 12, 31)
"""By then every step is taken."""


class Chronicle(
    OfDuties, OfMeasures, OfReports, OfRegister, OfMoney, OfLedger, OfAgreements, OfVerifications
):
    """Writes the history, step by step. With `ends` the basic agreement is ended by consent in the ninth year."""

    def __init__(
        self, center: Center, *, foundation: User, city: User, seed: int, ends: bool = False
    ) -> None:
        super().__init__(center, foundation=foundation, city=city, seed=seed)
        self.ends = ends
        self.plans = self._plans()
        make_accounts(center)
        self._agreements()
        self._sources()
        self._begin_all()

    def write(self) -> Log:
        """All of it."""
        self.until(LAST_DAY)
        return self.log

    def _begin_all(self) -> None:
        for code, (first, last) in PLANS.items():
            self.begin(self._first_targets(code))
            for year in range(first, last + 1):
                self.begin(self._reports(code, year))
                self.begin(self._revised_targets(code, year + 1))
        for year in range(2016, 2026):
            for strand in (
                self._budget,
                self._grants,
                self._settlement,
                self._duties,
                self._annual,
                self._effect,
                self._performance,
                self._amendment,
            ):
                self.begin(strand(year))
            for kind in (VerificationKind.KPI, VerificationKind.SETTLEMENT):
                self.begin(self._verification(kind, year))
        self.begin(self._notice(date(2020, 6, 10)))
        self.begin(self._opening())
        for year in range(OPENING_DAY.year, 2026):
            self.begin(self._records(year))
        for year in range(2016, 2024):
            self.begin(self._another_total(year))
        for year in range(GRANT_YEARS[0], GRANT_YEARS[1] + 1):
            self.begin(self._ledger(year))
        if self.ends:
            self.begin(self._ending(ENDS["basic"]))

    # -- The frame: three plans, obligations of each way, two measures --

    def _plans(self) -> dict[str, Plan]:
        """Trials continue twice; patents are counted otherwise from the second plan on; two more come with the third."""
        made = {}
        for code, years in PLANS.items():
            shapes = [TRIALS, PATENTS, INCOME] + ([OCCUPANCY, ACCIDENTS] if code == "third" else [])
            baseline = {"baseline_year": 2015} if code == "first" else {}
            made[code] = make_plan(self.center, code=code, years=years, indicators=shapes, **baseline)
        for before, after in (("first", "second"), ("second", "third")):
            self._follows(made[before], made[after], "trials", Continuity.CONTINUES)
        self._follows(made["first"], made["second"], "patents", Continuity.BREAKS)
        return made

    def _follows(self, before: Plan, after: Plan, code: str, how: Continuity) -> None:
        with no_guards():  # as if it had been so from the beginning
            Indicator.objects.filter(plan=after, code=code).update(
                predecessor=before.indicators.get(code=code), continuity=how, continuity_reason="前計画から"
            )

    def _agreements(self) -> None:
        since: dict[str, Any] = {"concluded": CONCLUDED, "starts_on": STARTS}
        self.basic = make_agreement(self.center, **since)
        self.research = make_agreement(
            self.center, code="research", kind=AgreementKind.RESEARCH_SUPPORT, parent=self.basic, **since
        )
        places = self._wording()
        make_obligation(self.basic, REPORT, documents=1, provision=places["report"])
        make_obligation(self.basic, DRAFT_PLAN, provision=places["draft-plan"])
        make_obligation(self.basic, ANNUAL)
        make_obligation(
            self.basic,
            {**ANNUAL, "code": "verified", "title": "検証", "bound": Bound.BOTH, "way": Way.JOINT},
            verification=VerificationKind.KPI,
        )
        make_verification_obligation(self.basic, VerificationKind.SETTLEMENT, title="決算の検証")
        make_verification_obligation(self.basic, VerificationKind.EFFECT, title="効果検証")
        make_obligation(self.basic, ACCOUNT)
        make_obligation(self.basic, BUDGET)
        make_criteria(self.center)
        self.measure = make_measure(
            self.research, first_year=2016, last_year=2024, provision=self._granting()
        )
        make_account(self.center, code=GRANT, name="市負担金", measure=self.measure)
        make_land(self.basic, first_year=2016)
