"""The reference report into the database, by natural codes: the center, the agreements, the money, and the KPI tables (T1–T4)."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from agreements.loading import reference as agreements_loading
from agreements.models import Agreement
from finance.loading import reference as finance_loading
from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports import reference_loading
from iconm_portal.imports.reference_files import LoadResult, rows
from iconm_portal.models import Center, ReviewState
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from kpi.loading import initiatives, register
from kpi.models import Actual, Continuity, Goal, Indicator, Kgi, Plan, Report, Target
from kpi.plans import actions as plan_actions
from kpi.plans.achievement import Certainty, stored
from kpi.plans.labels import PRINTED_CERTAINTY

TABLES = Path(__file__).resolve().parent.parent / "reference"


@transaction.atomic
def load() -> LoadResult:
    """Load everything, in one transaction. Repeatable: a second run adds nothing and overwrites nothing."""
    result = LoadResult()
    center = reference_loading.load(result)
    agreements_loading.load(center, result)
    finance_loading.load(center, result)
    plans = _plans(center, result)
    goals = _goals(plans, result)
    indicators = _indicators(plans, goals, result)
    register.load(center, indicators, result)
    _kgis(center, plans, result)
    initiatives.load(center, goals, result)
    _targets(indicators, result)
    _reports(plans, indicators, result)
    return result


def _plans(center: Center, result: LoadResult) -> dict[str, Plan]:
    plans = {}
    agreements = {agreement.code: agreement for agreement in Agreement.objects.filter(center=center)}
    for row in rows(TABLES / "plans.csv"):
        facts = {
            "label": row["label"],
            "first_year": FiscalYear(int(row["first_year"])),
            "last_year": FiscalYear(int(row["last_year"])),
            "baseline_year": FiscalYear(int(row["baseline_year"])) if row["baseline_year"] else None,
            "goal_heading": row["goal_heading"],
            "agreement": row["agreement"],
            "under": agreements.get(row["under"]),
            "source": row["source"],
        }
        plan, added = result.add_or_compare(Plan, {"center": center, "code": row["code"]}, facts)
        plans[plan.code] = plan
        if added:
            history.record(
                by=Source(plan.source),
                action="plan.add",
                subject=plan,
                center=center,
                after={name: str(fact) for name, fact in facts.items() if fact},
            )
    return plans


def _goals(plans: dict[str, Plan], result: LoadResult) -> dict[tuple[str, str], Goal]:
    goals: dict[tuple[str, str], Goal] = {}
    for row in rows(TABLES / "goals.csv"):
        facts = {
            "position": int(row["position"]),
            "label": row["label"],
            "continues": goals.get((row["continues_plan"], row["continues_code"])),
            "continuity_reason": row["reason"],
            "source": row["source"],
        }
        goal, added = result.add_or_compare(Goal, {"plan": plans[row["plan"]], "code": row["code"]}, facts)
        goals[row["plan"], row["code"]] = goal
        if added:
            history.record(
                by=Source(goal.source),
                action="goal.add",
                subject=goal,
                center=goal.plan.center,
                after={"label": goal.label},
                reason=goal.continuity_reason,
            )
    return goals


def _indicators(
    plans: dict[str, Plan], goals: dict[tuple[str, str], Goal], result: LoadResult
) -> dict[tuple[str, str], Indicator]:
    indicators: dict[tuple[str, str], Indicator] = {}
    for row in rows(TABLES / "indicators.csv"):
        as_printed = (
            "name",
            "printed_kind",
            "significance",
            "unit",
            "kind",
            "comparator",
            "rounding",
            "source",
        )
        facts = {name: row[name] for name in as_printed} | {
            "goal": goals[row["plan"], row["goal"]] if row["goal"] else None,
            "position": int(row["position"]),
            "is_new": row["is_new"] == "yes",
            "prints_comparator": row["prints_comparator"] == "yes",
            "decimals": int(row["decimals"]),
            "entry_decimals": int(row["entry_decimals"]),
            "scale": int(row["scale"]),
            "continuity": Continuity(row["continuity"]),
            "predecessor": indicators.get((row["predecessor_plan"], row["predecessor_code"])),
            "continuity_reason": row["reason"],
        }
        key = {"plan": plans[row["plan"]], "code": row["code"]}
        indicator, added = result.add_or_compare(Indicator, key, facts)
        indicators[row["plan"], row["code"]] = indicator
        if added:
            history.record(
                by=Source(indicator.source),
                action="indicator.add",
                subject=indicator,
                center=indicator.plan.center,
                after={name: row[name] for name in as_printed if row[name]}
                | {"continuity": row["continuity"]},
                reason=indicator.continuity_reason,
            )
    return indicators


def _kgis(center: Center, plans: dict[str, Plan], result: LoadResult) -> None:
    for row in rows(TABLES / "kgis.csv"):
        facts = {
            "position": int(row["position"]),
            "text": row["text"],
            "target_year": FiscalYear(int(row["target_year"])),
            "set_in": FiscalYear(int(row["set_in_year"])),
            "source": row["source"],
        }
        kgi, added = result.add_or_compare(Kgi, {"center": center, "code": row["code"]}, facts)
        if added:
            kgi.plans.set([plans[code] for code in row["plans"].split()])
            history.record(
                by=Source(kgi.source),
                action="kgi.add",
                subject=kgi,
                center=center,
                after={"text": kgi.text, "plans": row["plans"]},
            )


def _targets(indicators: dict[tuple[str, str], Indicator], result: LoadResult) -> None:
    """First revisions only; what was agreed later in the portal stands above them."""
    for row in rows(TABLES / "targets.csv"):
        indicator = indicators[row["plan"], row["indicator"]]
        year = FiscalYear(int(row["fiscal_year"]))
        value = stored(Decimal(row["value"]), int(row["scale"]))
        known_from = date.fromisoformat(row["known_from"])
        first = Target.objects.filter(indicator=indicator, fiscal_year=year, revision=1).first()
        if first is None:
            plan_actions.add_target(
                indicator=indicator,
                fiscal_year=year,
                value=value,
                known_from=known_from,
                by=Source(row["source"]),
            )
            result.added += 1
        else:
            key = {"plan": row["plan"], "indicator": indicator.code, "year": year}
            result.compare(first, key, {"value": value, "known_from": known_from, "source": row["source"]})


def _reports(
    plans: dict[str, Plan], indicators: dict[tuple[str, str], Indicator], result: LoadResult
) -> None:
    """One accepted report for each plan, year and as-of day of actuals.csv, naming its source instead of people."""
    lines = defaultdict(list)
    for row in rows(TABLES / "actuals.csv"):
        lines[row["plan"], row["fiscal_year"], row["as_of"], row["known_from"]].append(row)
    for (plan_code, year, as_of, known_from), actuals in lines.items():
        key = {
            "plan": plans[plan_code],
            "fiscal_year": FiscalYear(int(year)),
            "as_of": date.fromisoformat(as_of),
            "revision": 1,
        }
        sources = "・".join(sorted({row["source"] for row in actuals}, reverse=True))
        report = Report.objects.filter(**key).first()
        if report is None:
            _add_report(key, actuals, indicators, sources, date.fromisoformat(known_from))
            result.added += 1 + len(actuals)
            continue
        result.compare(report, key, {"source": sources, "known_from": date.fromisoformat(known_from)})
        _compare_actuals(report, actuals, indicators, result)


def _add_report(
    key: dict[str, object],
    actuals: list[dict[str, str]],
    indicators: dict[tuple[str, str], Indicator],
    sources: str,
    known_from: date,
) -> None:
    report = Report.objects.create(**key, source=sources)
    Actual.objects.bulk_create(
        Actual(report=report, indicator=indicators[row["plan"], row["indicator"]], **_actual_facts(row))
        for row in actuals
    )
    # The lines lock with the report's acceptance, so it comes last.
    report.state = ReviewState.ACCEPTED
    report.known_from = known_from
    report.save(update_fields=["state", "known_from"])
    history.record(
        by=Source(sources),
        action="report.accept",
        subject=report,
        center=report.plan.center,
        after={"as_of": report.as_of, "known_from": known_from}
        | {_name(row, indicators): _as_read(row) for row in actuals},
    )


def _name(row: dict[str, str], indicators: dict[tuple[str, str], Indicator]) -> str:
    return indicators[row["plan"], row["indicator"]].name


def _as_read(row: dict[str, str]) -> str:
    """The value as a reader of the history meets it: 438,802千円（決算見込）."""
    return f"{format_number(Decimal(row['value']))}{row['unit']}（{PRINTED_CERTAINTY[Certainty(row['certainty'])]}）"


def _compare_actuals(
    report: Report,
    actuals: list[dict[str, str]],
    indicators: dict[tuple[str, str], Indicator],
    result: LoadResult,
) -> None:
    held = {actual.indicator_id: actual for actual in report.actuals.all()}
    for row in actuals:
        actual = held.get(indicators[row["plan"], row["indicator"]].pk)
        place = {"plan": row["plan"], "year": report.fiscal_year, "indicator": row["indicator"]}
        if actual is None:
            result.differing.append(
                f"kpi.Actual {'/'.join(map(str, place.values()))}: missing in the database"
            )
        else:
            result.compare(actual, place, _actual_facts(row))


def _actual_facts(row: dict[str, str]) -> dict[str, object]:
    return {
        "value": stored(Decimal(row["value"]), int(row["scale"])),
        "certainty": Certainty(row["certainty"]),
        "note": row["note"],
        "source": row["source"],
    }
