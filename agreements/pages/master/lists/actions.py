"""Writes of a center's lists: a row added, changed, deleted. Each takes the center's lock, and leaves its history row."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Agreement
from agreements.pages.master.lists.lists import Facts, KeptList, Row, state_of, values, why_fixed, why_kept
from agreements.pages.master.rows import check, fingerprint, next_position
from iconm_portal.forms.refusals import Conflict, Gone
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require


@transaction.atomic
def add_row(*, kept: KeptList, center: Center, facts: Facts, by: User, at: datetime) -> Row:
    """A new row at its place, or behind all others; its code is the next one free. ValidationError by field."""
    require(by, center, Right.PREPARE)
    rows = _locked(kept, center)
    row = kept.model(center=center, code=_free_code(kept, rows), recorded_at=at, recorded_by=by)
    if kept.is_ordered:
        row.position = next_position(kept.model._base_manager.filter(center=center))  # type: ignore[union-attr]
    _write(kept, row, facts)
    row.save()
    history.record(by=by, action=f"{kept.word}.create", subject=row, center=center, after=state_of(kept, row))
    return row


@transaction.atomic
def change_row(*, kept: KeptList, row: Row, seen: str, facts: Facts, by: User) -> Row:
    """Correct a row. `seen`: the `fingerprint` of its state as the person saw it; Conflict when it stands otherwise by now,
    Gone when somebody deleted it; ValidationError where it stays (`why_fixed`), and by field."""
    require(by, row.center, Right.PREPARE)
    current = _current(kept, row)
    before = state_of(kept, current)
    if refused := why_fixed(current):
        raise ValidationError(refused)
    if fingerprint(before) != seen:
        raise Conflict
    _write(kept, current, facts)
    was, now = history.changed(before, state_of(kept, current))
    if not now and not was:
        return current
    current.save(update_fields=list(values(facts)))
    history.record(
        by=by, action=f"{kept.word}.change", subject=current, center=current.center, before=was, after=now
    )
    return current


@transaction.atomic
def delete_row(*, kept: KeptList, row: Row, seen: str, by: User) -> None:
    """Delete a row on which nothing rests. `seen` and what is raised as for a change, with `why_kept`."""
    require(by, row.center, Right.PREPARE)
    current = _current(kept, row)
    before = state_of(kept, current)
    if refused := why_kept(kept, current):
        raise ValidationError(refused)
    if fingerprint(before) != seen:
        raise Conflict
    history.record(by=by, action=f"{kept.word}.delete", subject=current, center=current.center, before=before)
    current.delete()


def _locked(kept: KeptList, center: Center) -> dict[str, Row]:
    """The center's rows by their codes, kept from other writers until the end."""
    Center.objects.select_for_update().get(pk=center.pk)
    return {row.code: row for row in kept.model._base_manager.filter(center=center).select_related("center")}


def _current(kept: KeptList, row: Row) -> Row:
    current = _locked(kept, row.center).get(row.code)
    if current is None or current.pk != row.pk:
        raise Gone
    return current


def _free_code(kept: KeptList, rows: dict[str, Row]) -> str:
    return next(code for number in range(1, 100_000) if (code := f"{kept.word}-{number}") not in rows)


def _write(kept: KeptList, row: Row, facts: Facts) -> None:
    for name, value in values(facts).items():
        setattr(row, name, value)
    agreement: Agreement | None = getattr(row, "agreement", None)
    if agreement is not None and agreement.center_id != row.center_id:
        raise ValidationError({"agreement": _("Choose another agreement of this center.")})
    check(row, kept.said_at)
