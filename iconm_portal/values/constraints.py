"""What models of all apps share: dates as precisely as they are known, and constraints that recur."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from iconm_portal.values import partial_date


def validate_partial_date(text: str) -> None:
    """ValidationError unless the text is a day, a month or a year of the calendar."""
    if not partial_date.is_valid(text):
        raise ValidationError(_("Enter a day, a month or a year, such as 2015-02-01, 2015-02 or 2015."))


def PartialDateField(label: Any, **kwargs: bool) -> models.CharField:  # noqa: N802 - stands where a field class stands
    """A date as precisely as it is known: 2015-02-01, 2015-02, 2015 or (the fiscal year) 2015-FY."""
    return models.CharField(label, max_length=10, validators=[validate_partial_date], **kwargs)  # type: ignore[arg-type]


def known(field: str, values: list[str], name: str) -> models.CheckConstraint:
    """The field holds one of the known values."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": values}),
        name=name,
        violation_error_message=_("Choose one of the listed values."),
    )


def sourced(person: str, name: str) -> models.CheckConstraint:
    """A person or a source stands behind the row."""
    return models.CheckConstraint(
        condition=Q(**{f"{person}__isnull": False}) | ~Q(source=""),
        name=name,
        violation_error_message=_("Name the person who recorded it, or the source."),
    )
