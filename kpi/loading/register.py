"""The register as the reference report names it: categories, the things named, period totals, what indicators count."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from finance.models import Account
from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports.reference_files import LoadResult, rows
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Category, Indicator, IndicatorBasis, Measured, Record

TABLES = Path(__file__).resolve().parent.parent / "reference"
_TEXTS = ("title", "partner", "happened", "theme", "stage", "became", "note", "source")
_NUMBERS = ("quantity", "people")


def load(center: Center, indicators: Mapping[tuple[str, str], Indicator], result: LoadResult) -> None:
    """Add what is missing; what differs is reported. Runs in the transaction of the whole load."""
    categories = _categories(center, result)
    _records(center, categories, result)
    _bases(center, indicators, categories, result)


def _categories(center: Center, result: LoadResult) -> dict[str, Category]:
    categories = {}
    for row in rows(TABLES / "categories.csv"):
        facts = {name: row[name] for name in ("name", "unit", "reference_label", "source")}
        asks = {name: row[name] == "yes" for name in ("asks_people", "asks_satisfaction", "asks_stage")}
        key = {"center": center, "code": row["code"]}
        given: dict[str, Any] = {**facts, **asks, "position": int(row["position"])}
        category, added = result.add_or_compare(Category, key, given)
        categories[row["code"]] = category
        if added:
            history.record(
                by=Source(category.source),
                action="category.add",
                subject=category,
                center=center,
                after={name: value for name, value in given.items() if value},
            )
    return categories


def _records(center: Center, categories: Mapping[str, Category], result: LoadResult) -> None:
    for row in rows(TABLES / "records.csv"):
        key = {"category": categories[row["category"]], "number": int(row["number"])}
        record, added = result.add_or_compare(Record, key, _facts(center, key, row))
        if added:
            history.record(
                by=Source(record.source),
                action="record.add",
                subject=record,
                center=center,
                after={
                    name: row[name] for name in row if row[name] not in ("", "no") and name in _IN_HISTORY
                },
            )


_IN_HISTORY = (
    *_TEXTS[:-1],
    *_NUMBERS,
    "latest",
    "first_year",
    "last_year",
)


def _facts(center: Center, key: Mapping[str, Any], row: Mapping[str, str]) -> dict[str, Any]:
    """What is stored of a row, with the days and keys that follow from it."""
    facts: dict[str, Any] = {name: row[name] for name in _TEXTS}
    facts |= {name: int(row[name]) if row[name] else None for name in _NUMBERS}
    facts |= {name: FiscalYear(int(row[name])) if row[name] else None for name in ("first_year", "last_year")}
    facts |= {
        "center": center,
        "is_approximate": row["is_approximate"] == "yes",
        "is_period_total": bool(row["first_year"]),
        "latest": date.fromisoformat(row["latest"]) if row["latest"] else None,
    }
    record = Record(**key, **facts)
    if record.first_year and record.last_year:
        record.earliest, record.latest = record.first_year.first_day, record.last_year.last_day
    record.set_keys()
    derived = ("earliest", "latest", "search_text", "title_key", "reference_key")
    return facts | {name: getattr(record, name) for name in derived}


def _bases(
    center: Center,
    indicators: Mapping[tuple[str, str], Indicator],
    categories: Mapping[str, Category],
    result: LoadResult,
) -> None:
    """Which category an indicator counts, and what of it; or from which account its value is taken."""
    accounts = {account.code: account for account in Account.objects.filter(center=center)}
    for row in rows(TABLES / "bases.csv"):
        indicator = indicators[row["plan"], row["indicator"]]
        facts = {
            "account": accounts[row["account"]] if row["account"] else None,
            "category": categories[row["category"]] if row["category"] else None,
            "measured": Measured(row["measured"]) if row["measured"] else "",
            "source": row["source"],
        }
        basis, added = result.add_or_compare(IndicatorBasis, {"indicator": indicator}, facts)
        if added:
            history.record(
                by=Source(basis.source),
                action="basis.add",
                subject=basis,
                center=indicator.plan.center,
                after={name: row[name] for name in ("account", "category", "measured") if row[name]},
            )
