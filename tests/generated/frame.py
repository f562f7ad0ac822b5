"""What the generated history stands in, as plain facts: the years of the plans, what each indicator counts, the agreements' days.

The history makes it in the portal (`chronicle.py`), the reckoner takes it from here; nothing of the portal is imported.
"""

from dataclasses import dataclass
from datetime import date

PLANS = {"first": (2016, 2018), "second": (2019, 2021), "third": (2022, 2025)}
BASELINE = ("first", 2015)
STARTS, CONCLUDED = date(2016, 4, 1), date(2016, 3, 25)
ENDS = {"basic": date(2024, 12, 31)}
"""The last day on which both agree, where the history lets the basic agreement end."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """Which one, what it counts, and how it is shown. `kind`: cumulative, flow, ratio or level."""

    code: str
    name: str
    unit: str
    kind: str
    scale: int = 1
    at_most: bool = False


_ALWAYS = (
    Indicator("trials", "治験の実施件数", "件", "cumulative"),
    Indicator("patents", "特許出願件数", "件", "flow"),
    Indicator("income", "研究費収入額", "千円", "flow", scale=1000),
)
_THIRD = (
    Indicator("occupancy", "入居率", "%", "ratio"),
    Indicator("accidents", "事故件数", "件", "flow", at_most=True),
)
INDICATORS = {"first": _ALWAYS, "second": _ALWAYS, "third": _ALWAYS + _THIRD}
CODES = {one.code: one for one in _ALWAYS + _THIRD}

TAKEN = {("second", "income"): "research-income", ("third", "income"): "research-income"}
"""The indicators whose values are taken from the settlement, and from which account."""
COUNTED = {("third", "trials"): "trials-held"}
"""Those that are counted in the register, and in which category."""

REVENUE = ("rent", "research-income", "other", "city-grant")
SPENT_BELOW_RUNNING = ("building", "support")  # from FY2022 on; before that the running costs are one account

VERIFIES = {"verified": "kpi", "verify-settlement": "settlement", "verify-effect": "effect"}
"""The obligations that a verification fulfils, and its kind."""
DEEDS = {"account": "settlement", "budget": "budget"}
"""The obligations that a deed of the portal's own fulfils: a statement of that stage."""
DUE = {"report": (1, 5, 31), "draft-plan": (-1, 8, 31), "account": (1, 6, 30), "budget": (0, 3, 31)}
"""The obligations with a printed date: calendar year from the fiscal year's first, month, day."""
OBLIGATIONS = ("report", "draft-plan", "annual", *VERIFIES, *DEEDS)
GRANT_YEARS = (2016, 2024)
GRANT_TOTAL = 900_000_000


def fiscal_year(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1


def last_of(year: int) -> date:
    """The last day of a fiscal year."""
    return date(year + 1, 3, 31)
