"""Plans, goals, indicators, targets, and the reports that hold the actuals."""

from kpi.models.plans import Continuity, Goal, Indicator, Kgi, Plan, Target
from kpi.models.reports import Actual, Evidence, Report, ReviewComment

__all__ = [
    "Actual",
    "Continuity",
    "Evidence",
    "Goal",
    "Indicator",
    "Kgi",
    "Plan",
    "Report",
    "ReviewComment",
    "Target",
]
