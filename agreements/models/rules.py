"""What the models of the agreements share: dates as precisely as they are known, constraints, and guards."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from iconm_portal import guards, partial_date


def validate_partial_date(text: str) -> None:
    """ValidationError unless the text is a day, a month or a year of the calendar."""
    if not partial_date.is_valid(text):
        raise ValidationError(_("Enter a day, a month or a year, such as 2015-02-01, 2015-02 or 2015."))


def PartialDateField(label: Any, **kwargs: bool) -> models.CharField:  # noqa: N802 - stands where a field class stands
    """A date as precisely as it is known: 2015-02-01, 2015-02 or 2015."""
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


def append_only(model: str) -> guards.Guard:
    """No row is changed or deleted."""
    return _no_change(f"agreements_{model.lower()}", model, f"{model} is append-only")


def frozen_once(model: str, state: str) -> guards.Guard:
    """No row is changed or deleted once it is in the state that settles it (`confirmed` or `accepted`)."""
    message = "what both confirmed is frozen" if state == "confirmed" else "what is settled is frozen"
    return _no_change(f"agreements_{model.lower()}_settled", model, message, f"OLD.state = '{state}'")


def _no_change(name: str, model: str, message: str, when: str = "") -> guards.Guard:
    return guards.Guard(name, f"agreements.{model}", ("UPDATE", "DELETE"), message, when)


def lines_locked(model: str, key: str, table: str, state: str) -> list[guards.Guard]:
    """No line of a settled row is added, changed or removed."""

    def settled(row: str) -> str:
        return f"EXISTS (SELECT 1 FROM {table} p WHERE p.id = {row}.{key} AND p.state = '{state}')"  # noqa: S608 - names of ours

    return [
        guards.Guard(
            f"agreements_{model.lower()}_{event.lower()}",
            f"agreements.{model}",
            (event,),
            "the lines of what is settled are locked",
            " OR ".join(settled(row) for row in rows),
        )
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ]
