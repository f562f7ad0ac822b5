"""The report's initiatives (T5, T7, section 3) into the database, by natural codes; called by `reference_loading`."""

from pathlib import Path

from iconm_portal.history import history
from iconm_portal.history.history import Source
from iconm_portal.imports.reference_files import LoadResult, rows
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Goal, Initiative, InitiativeCategory, InitiativeScheme

TABLES = Path(__file__).resolve().parent.parent / "reference"
Goals = dict[tuple[str, str], Goal]
"""Goals by the codes of plan and goal."""


def load(center: Center, goals: Goals, result: LoadResult) -> None:
    """Add the schemes, their categories with the goals that each serves, and the activities, where they are missing."""
    schemes = _schemes(center, result)
    categories = _categories(schemes, goals, result)
    for row in rows(TABLES / "initiatives.csv"):
        facts = {
            "position": int(row["position"]),
            "text": row["text"],
            "is_new": row["is_new"] == "yes",
            "source": row["source"],
        }
        key = {"category": categories[row["scheme"], row["category"]], "code": row["code"]}
        made, added = result.add_or_compare(Initiative, key, facts)
        if added:
            history.record(
                by=Source(made.source),
                action="initiative.add",
                subject=made,
                center=center,
                after={"text": made.text},
            )


def _schemes(center: Center, result: LoadResult) -> dict[str, InitiativeScheme]:
    schemes = {}
    for row in rows(TABLES / "initiative_schemes.csv"):
        as_printed = ("label", "category_heading", "goal_heading", "note", "source")
        facts = {name: row[name] for name in as_printed} | {
            "position": int(row["position"]),
            "first_year": FiscalYear(int(row["first_year"])),
            "last_year": FiscalYear(int(row["last_year"])) if row["last_year"] else None,
        }
        scheme, added = result.add_or_compare(
            InitiativeScheme, {"center": center, "code": row["code"]}, facts
        )
        schemes[scheme.code] = scheme
        if added:
            history.record(
                by=Source(scheme.source),
                action="initiative_scheme.add",
                subject=scheme,
                center=center,
                after={"label": scheme.label, "first_year": str(scheme.first_year)},
            )
    return schemes


def _categories(
    schemes: dict[str, InitiativeScheme], goals: Goals, result: LoadResult
) -> dict[tuple[str, str], InitiativeCategory]:
    categories: dict[tuple[str, str], InitiativeCategory] = {}
    for row in rows(TABLES / "initiative_categories.csv"):
        facts = {
            "parent": categories.get((row["scheme"], row["parent"])),
            "position": int(row["position"]),
            "mark": row["mark"],
            "label": row["label"],
            "source": row["source"],
        }
        key = {"scheme": schemes[row["scheme"]], "code": row["code"]}
        category, added = result.add_or_compare(InitiativeCategory, key, facts)
        categories[row["scheme"], row["code"]] = category
        if added:
            serves = [tuple(place.split("/")) for place in row["goals"].split()]
            category.goals.set([goals[plan, goal] for plan, goal in serves])
            history.record(
                by=Source(category.source),
                action="initiative_category.add",
                subject=category,
                center=category.scheme.center,
                after={"label": str(category)} | ({"goals": row["goals"]} if row["goals"] else {}),
            )
    return categories
