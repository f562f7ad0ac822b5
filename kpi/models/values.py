"""The field that holds a target or an actual."""

from django.db import models


def ValueField(**kwargs: bool) -> models.DecimalField:  # noqa: N802 - it stands where a field class stands
    """A value in base units (yen, counts, percent). 15 digits are what SQLite keeps exactly."""
    return models.DecimalField(max_digits=15, decimal_places=3, **kwargs)  # type: ignore[arg-type]
