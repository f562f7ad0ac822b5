"""What the rows of the agreements' master data share: how they are checked, told apart, and settled by a conclusion."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ManyToOneRel, Max, Min
from django.utils.translation import gettext as _

from agreements.models import Agreement
from iconm_portal.forms.master_data import fingerprint as fingerprint
from iconm_portal.models import ProposalState

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# Codes that are words in the addresses below /<center>/master/.
RESERVED_CODES: Final = ("new",)


def values_of(facts: "DataclassInstance") -> dict[str, Any]:
    """What was said, by field."""
    return {one.name: getattr(facts, one.name) for one in fields(facts)}


def next_position(rows: "models.QuerySet[Any]") -> int:
    """The place behind all that are there."""
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


def check_code(code: str) -> None:
    """ValidationError for a code that is a word in an address."""
    if code in RESERVED_CODES:
        raise ValidationError({"code": _("This code is reserved for an address of the portal.")})


def check(row: models.Model, said_at: Mapping[str, tuple[str, ...]]) -> None:
    """full_clean, with what a constraint refuses said at the field that it speaks of, all at once: the first of those in
    `said_at` that is blank, else the first."""
    refused: dict[str, list[Any]] = {}
    try:
        row.clean_fields()
    except ValidationError as error:
        error.update_error_dict(refused)
    wrong = set(refused)
    for constraint in row._meta.constraints:
        try:
            constraint.validate(type(row), row, exclude=wrong)
        except ValidationError as error:
            names = said_at.get(constraint.name, ("__all__",))
            name = next((name for name in names if getattr(row, name, "") is None), names[0])
            if name not in refused:
                refused[name] = error.error_list
    if refused:
        raise ValidationError(refused)


def concluded_with(agreement: Agreement, recorded_at: datetime | None) -> bool:
    """Whether a row of the agreement stood there when its conclusion was recorded, so that both concluded it with that.

    `recorded_at`: when the row was entered; None where it came with a source.
    """
    recorded = agreement.conclusions.filter(edition=None).exclude(state=ProposalState.DECLINED)
    since: datetime | None = recorded.aggregate(since=Min("recorded_at"))["since"]
    return since is not None and (recorded_at is None or recorded_at <= since)


def rests_on(row: models.Model, *, besides: tuple[type[models.Model], ...] = ()) -> bool:
    """Whether anything else names the row, in whichever table (but `besides`): an amount, an amendment, an account."""
    return bool(resting_on(type(row)._base_manager.filter(pk=row.pk), besides=besides))


def resting_on(
    rows: "models.QuerySet[Any]", *, besides: tuple[type[models.Model], ...] = ()
) -> list[type[models.Model]]:
    """The tables (but `besides`) of which a row names one of these."""
    return [
        relation.related_model
        for relation in naming(rows.model)
        if relation.related_model not in besides
        and relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": rows}).exists()
    ]


def naming(model: type[models.Model]) -> list[Any]:
    """The relations by which rows of other tables, or of its own, name one of the model's."""
    return [one for one in model._meta.get_fields(include_hidden=True) if isinstance(one, ManyToOneRel)]
