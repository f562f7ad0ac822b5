"""The reference report into the database: the center, the agreements, the money, and the KPI tables (T1–T4)."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction

from agreements.loading import reference as agreements
from finance.loading import reference as finance
from iconm_portal.history.history import Source
from iconm_portal.imports import reference_loading as ground
from iconm_portal.imports.reference_files import Loader, LoadResult, Table
from iconm_portal.imports.reference_lines import ReferenceLine
from iconm_portal.values.money import format_number
from kpi.loading import initiatives, register
from kpi.models import Actual, Goal, Indicator, Kgi, Plan, Report, Target
from kpi.plans import actions
from kpi.plans.achievement import Certainty, stored
from kpi.plans.labels import PRINTED_CERTAINTY

FOLDER = Path(__file__).resolve().parent.parent / "reference"


@transaction.atomic
def load() -> LoadResult:
    """Load everything, in one transaction. Repeatable: a second run adds nothing and overwrites nothing."""
    loader = Loader()
    for app in (ground, agreements, finance):
        loader.load(app.FOLDER, app.TABLES)
    loader.load(FOLDER, TABLES)
    return loader.result


def _value(line: ReferenceLine) -> Decimal:
    return stored(Decimal(line.cell("value")), int(line.cell("scale")))


def _add_target(read: Target, line: ReferenceLine) -> Target:
    return actions.add_target(
        indicator=read.indicator,
        fiscal_year=read.fiscal_year,
        value=read.value,
        known_from=read.known_from,
        by=Source(line.cell("source")),
    )


def _reports(loader: Loader, folder: Path) -> None:
    """One accepted report for each plan, year and as-of day."""
    loader.load_accepted(folder, _REPORTS, [_ACTUALS], "report")


def _as_read(row: Actual, line: ReferenceLine) -> dict[str, object]:
    """The value as a reader of the history meets it: 438,802千円（決算見込）."""
    figure = format_number(Decimal(line.cell("value")))
    return {
        row.indicator.name: f"{figure}{line.cell('unit')}（{PRINTED_CERTAINTY[Certainty(row.certainty)]}）"
    }


_PLAN = ("label", "first_year", "last_year", "baseline_year", "goal_heading", "agreement", "under", "source")
_REPORTS = Table(
    "actuals.csv",
    Report,
    ("plan__code", "fiscal_year", "as_of"),
    beside=("indicator", "value", "unit", "scale", "certainty", "note"),
    fixed={"revision": 1},
    action="report.accept",
    remembers=lambda row, _line: {"as_of": row.as_of, "known_from": row.known_from},
)
_ACTUALS = Table(
    "actuals.csv",
    Actual,
    ("report__plan__code", "report__fiscal_year", "report__as_of", "indicator__code"),
    columns={"indicator": ("plan", "indicator"), "value": _value},
    beside=("fiscal_year", "as_of", "unit", "scale", "known_from"),
    fixed={"report__revision": 1},
    remembers=_as_read,
    put=_reports,
)
TABLES: tuple[Table[Any], ...] = (
    Table(
        "plans.csv",
        Plan,
        ("code",),
        beside=("agreement_from", "agreement_until"),
        action="plan.add",
        remembers=lambda row, _line: {name: str(value) for name in _PLAN if (value := getattr(row, name))},
    ),
    Table(
        "goals.csv",
        Goal,
        ("plan__code", "code"),
        columns={"continues": ("continues_plan", "continues_code"), "continuity_reason": "reason"},
        action="goal.add",
        remembers=("label",),
        reason="reason",
    ),
    Table(
        "indicators.csv",
        Indicator,
        ("plan__code", "code"),
        columns={
            "goal": ("plan", "goal"),
            "predecessor": ("predecessor_plan", "predecessor_code"),
            "continuity_reason": "reason",
        },
        action="indicator.add",
        remembers=(
            "name",
            "printed_kind",
            "significance",
            "unit",
            "kind",
            "comparator",
            "rounding",
            "source",
            "continuity",
        ),
        reason="reason",
    ),
    *register.TABLES,
    Table(
        "kgis.csv",
        Kgi,
        ("code",),
        columns={"set_in": "set_in_year"},
        beside=("known_from",),
        action="kgi.add",
        remembers=("text", "plans"),
    ),
    *initiatives.TABLES,
    # First revisions only; what was agreed later in the portal stands above them.
    Table(
        "targets.csv",
        Target,
        ("indicator__plan__code", "indicator__code", "fiscal_year"),
        columns={"indicator": ("plan", "indicator"), "value": _value},
        beside=("unit", "scale"),
        fixed={"revision": 1},
        add=_add_target,
    ),
    _ACTUALS,
)
