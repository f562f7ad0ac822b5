"""The field that holds a target or an actual."""

from decimal import Decimal
from typing import Any

from django.db import models

LARGEST = Decimal("999999999999.999")  # 15 digits, three of them decimals: what the column holds


def ValueField(**kwargs: Any) -> models.DecimalField:  # noqa: N802 - it stands where a field class stands
    """A value in base units (yen, counts, percent). 15 digits are what SQLite keeps exactly."""
    return models.DecimalField(max_digits=15, decimal_places=3, **kwargs)
