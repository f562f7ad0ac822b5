"""The addresses that the KPI pages point to, each carrying on the day whose knowledge is shown."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from iconm_portal.values.fiscal import FiscalYear
from kpi.plans.scorecard import Row, Scorecard


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of one center. `known_at` is set while an earlier day is looked at, so that following a link stays on it."""

    center: str
    known_at: date | None = None

    @property
    def _query(self) -> str:
        return f"?known_at={self.known_at.isoformat()}" if self.known_at else ""

    def year(self, year: FiscalYear) -> str:
        """The same page in another year."""
        day = f"&known_at={self.known_at.isoformat()}" if self.known_at else ""
        return f"?year={year.start}{day}"

    def plans(self) -> str:
        return reverse("kpi:plans", kwargs={"center": self.center}) + self._query

    def plan(self, plan: Scorecard) -> str:
        return reverse("kpi:plan", kwargs={"center": self.center, "plan": plan.code}) + self._query

    def indicator(self, plan: Scorecard, row: Row) -> str:
        kwargs = {"center": self.center, "plan": plan.code, "indicator": row.indicator.code}
        return reverse("kpi:indicator", kwargs=kwargs) + self._query

    def counted(self, plan: Scorecard, row: Row, year: FiscalYear) -> str:
        """The things that the register counts for a value; the register is one and the same on every day."""
        kwargs = {"center": self.center, "plan": plan.code, "indicator": row.indicator.code, "year": year}
        return reverse("kpi:counted", kwargs=kwargs)

    def report(self, year: FiscalYear, report_id: int) -> str:
        """A report is one and the same on every day."""
        return reverse("kpi:report", kwargs={"center": self.center, "year": year, "report": report_id})

    def balance(self) -> str:
        """The balance over the years."""
        return reverse("kpi:balance", kwargs={"center": self.center}) + self._query

    def balance_year(self, year: FiscalYear) -> str:
        """One year's money."""
        return reverse("kpi:balance_year", kwargs={"center": self.center, "year": year}) + self._query
