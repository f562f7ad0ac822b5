"""The register as the report names it: categories, the things named, period totals, what indicators count."""

from typing import Any

from iconm_portal.imports.reference_files import Table
from kpi.models import Category, IndicatorBasis, Record


def _complete(record: Record) -> None:
    """A row with years is the total of that period. Its days, and the keys of the search, follow from the cells."""
    record.is_period_total = bool(record.first_year)
    if record.first_year and record.last_year:
        record.earliest, record.latest = record.first_year.first_day, record.last_year.last_day
    record.set_keys()


_ASKED = (
    "name",
    "unit",
    "reference_label",
    "source",
    "asks_people",
    "asks_satisfaction",
    "asks_stage",
    "same_reference",
    "same_title",
    "same_date",
    "same_partner",
    "position",
)
TABLES: tuple[Table[Any], ...] = (
    Table(
        "categories.csv",
        Category,
        ("code",),
        action="category.add",
        prints=(
            *("code", "position", "name", "unit", "reference_label", "asks_people", "asks_satisfaction"),
            *("asks_stage", "same_reference", "same_title", "same_date", "same_partner"),
        ),
        remembers=lambda row, _line: {name: value for name in _ASKED if (value := getattr(row, name))},
    ),
    Table(
        "records.csv",
        Record,
        ("category__code", "number"),
        complete=_complete,
        action="record.add",
        prints=(
            *("category", "number", "title", "reference", "partner", "happened", "latest", "is_level"),
            *("first_year", "last_year", "quantity", "people", "is_approximate", "people_are_approximate"),
            *("satisfaction", "theme", "stage", "became", "note"),
        ),
        writes={
            "latest": lambda row: "" if row.happened or row.is_period_total else row.latest,
        },
        remembers=(
            "title",
            "partner",
            "happened",
            "latest",
            "first_year",
            "last_year",
            "quantity",
            "people",
            "theme",
            "stage",
            "became",
            "note",
        ),
    ),
    Table(
        "bases.csv",
        IndicatorBasis,
        ("indicator__plan__code", "indicator__code"),
        columns={"indicator": ("plan", "indicator")},
        beside=("plan",),
        action="basis.add",
        prints=("plan", "indicator", "account", "category", "measured"),
        remembers=("account", "category", "measured"),
    ),
)
