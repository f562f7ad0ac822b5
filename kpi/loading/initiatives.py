"""The report's initiatives (T5, T7, section 3)."""

from typing import Any

from iconm_portal.imports.reference_files import Table
from kpi.models import Initiative, InitiativeCategory, InitiativeScheme

TABLES: tuple[Table[Any], ...] = (
    Table(
        "initiative_schemes.csv",
        InitiativeScheme,
        ("code",),
        action="initiative_scheme.add",
        prints=(
            "code",
            "position",
            "label",
            "first_year",
            "last_year",
            "category_heading",
            "goal_heading",
            "note",
        ),
        remembers=lambda row, _line: {"label": row.label, "first_year": str(row.first_year)},
    ),
    Table(
        "initiative_categories.csv",
        InitiativeCategory,
        ("scheme__code", "code"),
        columns={"parent": ("scheme", "parent")},
        action="initiative_category.add",
        prints=("scheme", "code", "position", "parent", "mark", "label", "goals"),
        remembers=lambda row, line: (
            {"label": str(row)} | ({"goals": line.cell("goals")} if line.cell("goals") else {})
        ),
    ),
    Table(
        "initiatives.csv",
        Initiative,
        ("category__scheme__code", "category__code", "code"),
        columns={"category": ("scheme", "category")},
        action="initiative.add",
        prints=("scheme", "category", "code", "position", "text", "is_new"),
        remembers=("text",),
    ),
)
