"""Orderings that are the same on every database: what is blank stands where it is said to.

Left alone, SQLite puts a blank before everything and PostgreSQL after it, and a descending order turns both about.
"""

from django.db.models import F
from django.db.models.expressions import OrderBy


def blanks_first(name: str) -> OrderBy:
    """By the field, as in `order_by`: `-name` is descending; what has none comes first."""
    return _by(name, nulls_first=True)


def blanks_last(name: str) -> OrderBy:
    """The same; what has none comes last."""
    return _by(name, nulls_last=True)


def _by(name: str, **nulls: bool) -> OrderBy:
    field = F(name.removeprefix("-"))
    return field.desc(**nulls) if name.startswith("-") else field.asc(**nulls)
