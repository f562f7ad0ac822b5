"""The reference report into the database: the center, the agreements, the money, and the KPI tables (T1–T4)."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.loading import reference as agreements
from finance.loading import reference as finance
from iconm_portal.history.history import Source
from iconm_portal.imports import reference_loading as ground
from iconm_portal.imports.reference_files import Loader, LoadResult, Table
from iconm_portal.imports.reference_lines import CsvFolders, ReferenceLine, TableFiles, scale
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from kpi.loading import initiatives, register
from kpi.models import Actual, Goal, Indicator, Kgi, Plan, Report, Target
from kpi.plans import actions
from kpi.plans.achievement import Certainty, stored
from kpi.plans.labels import PRINTED_CERTAINTY

FOLDER = Path(__file__).resolve().parent.parent / "reference"
MOST_YEARS = 20
"""Of a plan: more is a mistyped year."""


def load() -> LoadResult:
    """Load the report's facts. Repeatable: a second run adds nothing and overwrites nothing."""
    folders = CsvFolders(ground.FOLDER, agreements.FOLDER, finance.FOLDER, FOLDER)
    return load_from(folders, Loader())


def load_from(files: TableFiles, loader: Loader) -> LoadResult:
    """Load a whole center from its tables, in one transaction: all of them or, with BadFile, nothing."""
    loader.load(files, ALL_TABLES)
    return loader.result


def _value(line: ReferenceLine) -> Decimal | None:
    return stored(Decimal(line.cell("value")), scale(line)) if line.cell("value") else None


def _check_plan(plan: Plan) -> None:
    if plan.last_year.start - plan.first_year.start >= MOST_YEARS:
        message = _("A plan has at most %(limit)s years.")
        raise ValidationError({"last_year": ValidationError(message, params={"limit": MOST_YEARS})})


def _check_target(target: Target) -> None:
    plan = target.indicator.plan
    if not plan.first_year <= target.fiscal_year <= plan.last_year:
        raise ValidationError({"fiscal_year": _not_of(plan, target.fiscal_year)})


def _check_report(report: Report, _actuals: Sequence[Actual]) -> None:
    plan, year = report.plan, report.fiscal_year
    if not (plan.first_year <= year <= plan.last_year or year == plan.baseline_year):
        raise ValidationError({"fiscal_year": _not_of(plan, year)})
    if report.as_of < year.first_day:
        raise ValidationError({"as_of": _("The day lies before the fiscal year.")})


def _not_of(plan: Plan, year: FiscalYear) -> ValidationError:
    return ValidationError(
        _("FY%(year)s is no year of the plan “%(plan)s” (FY%(first)s to FY%(last)s)."),
        params={
            "year": year.start,
            "plan": plan.code,
            "first": plan.first_year.start,
            "last": plan.last_year.start,
        },
    )


def _add_target(read: Target, line: ReferenceLine) -> Target:
    _check_target(read)
    return actions.add_target(
        indicator=read.indicator,
        fiscal_year=read.fiscal_year,
        value=read.value,
        known_from=read.known_from,
        effective_from=read.effective_from,
        reason=read.reason,
        consultation=read.consultation,
        by=Source(read.source),
    )


def _reports(loader: Loader, files: TableFiles) -> None:
    """One accepted report for each plan, year, as-of day and revision."""
    loader.load_accepted(files, _REPORTS, [ACTUALS], "report")


def _as_read(row: Actual, line: ReferenceLine) -> dict[str, object]:
    """The value as a reader of the history meets it: 438,802千円（決算見込）."""
    if row.value is None:
        return {row.indicator.name: "－" if row.not_applicable else ""}
    figure = format_number(Decimal(line.cell("value")))
    return {
        row.indicator.name: f"{figure}{line.cell('unit')}（{PRINTED_CERTAINTY[Certainty(row.certainty)]}）"
    }


def _displayed(row: Target | Actual) -> object:
    """The figure in the unit in which its plan prints it."""
    return "" if row.value is None else row.value / row.indicator.scale


_FIGURE: dict[str, Callable[[Any], object]] = {
    "value": _displayed,
    "unit": lambda row: row.indicator.unit,
    "scale": lambda row: row.indicator.scale,
}
_PLAN = ("label", "first_year", "last_year", "baseline_year", "goal_heading", "agreement", "under", "source")
_REPORTS = Table(
    "actuals.csv",
    Report,
    ("plan__code", "fiscal_year", "as_of", "revision"),
    beside=("indicator", "value", "unit", "scale", "certainty", "not_applicable", "note"),
    check_parts=_check_report,
    action="report.accept",
    remembers=lambda row, _line: {"as_of": row.as_of, "known_from": row.known_from},
)
ACTUALS = Table(
    "actuals.csv",
    Actual,
    ("report__plan__code", "report__fiscal_year", "report__as_of", "report__revision", "indicator__code"),
    columns={"indicator": ("plan", "indicator"), "value": _value},
    beside=("fiscal_year", "as_of", "revision", "reason", "unit", "scale", "known_from"),
    remembers=_as_read,
    put=_reports,
    prints=(
        *("plan", "indicator", "fiscal_year", "as_of", "revision", "value", "unit", "scale", "certainty"),
        *("not_applicable", "note", "known_from", "reason"),
    ),
    writes={
        "plan": lambda row: row.report.plan.code,
        "indicator": lambda row: row.indicator.code,
        "fiscal_year": lambda row: row.report.fiscal_year,
        "as_of": lambda row: row.report.as_of,
        "revision": lambda row: row.report.revision,
        "reason": lambda row: row.report.reason,
        "known_from": lambda row: row.report.known_from,
        "source": lambda row: row.source or row.report.source,
        **_FIGURE,
    },
)
TABLES: tuple[Table[Any], ...] = (
    Table(
        "plans.csv",
        Plan,
        ("code",),
        beside=("agreement_from", "agreement_until"),
        check=_check_plan,
        action="plan.add",
        prints=(
            *(
                "code",
                "label",
                "first_year",
                "last_year",
                "baseline_year",
                "goal_heading",
                "agreement",
                "under",
            ),
            "nearly_threshold",
        ),
        remembers=lambda row, _line: {name: str(value) for name in _PLAN if (value := getattr(row, name))},
    ),
    Table(
        "goals.csv",
        Goal,
        ("plan__code", "code"),
        columns={"continues": ("continues_plan", "continues_code"), "continuity_reason": "reason"},
        action="goal.add",
        prints=("plan", "code", "position", "label", "continues_plan", "continues_code", "reason"),
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
        prints=(
            *(
                "plan",
                "code",
                "goal",
                "position",
                "name",
                "printed_kind",
                "is_new",
                "significance",
                "unit",
                "kind",
            ),
            *("comparator", "prints_comparator", "decimals", "entry_decimals", "scale", "rounding"),
            *("lowest", "highest", "continuity", "predecessor_plan", "predecessor_code", "reason"),
        ),
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
        prints=("code", "position", "target_year", "text", "plans", "set_in_year"),
    ),
    *initiatives.TABLES,
    Table(
        "targets.csv",
        Target,
        ("indicator__plan__code", "indicator__code", "fiscal_year", "revision"),
        columns={"indicator": ("plan", "indicator"), "value": _value},
        beside=("unit", "scale"),
        add=_add_target,
        prints=(
            *("plan", "indicator", "fiscal_year", "revision", "value", "unit", "scale", "known_from"),
            *("effective_from", "reason", "consultation"),
        ),
        writes=_FIGURE,
    ),
    ACTUALS,
)
ALL_TABLES: tuple[Table[Any], ...] = (*ground.TABLES, *agreements.TABLES, *finance.TABLES, *TABLES)
"""Everything that a folder can hold of a center, in the order in which rows name each other."""
