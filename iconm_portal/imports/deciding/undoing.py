"""An applied import is taken back as a whole, by whoever sent or applied it, as long as nothing rests on it.

What the rows became is taken back in the way of its subject (`specs.Undo`): nothing is deleted. Like applying, it is made
ready before the transaction, in which on SQLite nobody else can write.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history import history
from iconm_portal.imports.importing import AT_ONCE_ROWS, TRIES
from iconm_portal.imports.specs import Outdated, Undo, spec_of
from iconm_portal.models import ImportState, Job, TableImport, User
from iconm_portal.people.access import allowed, require
from iconm_portal.values import clock
from iconm_portal.work import jobs
from iconm_portal.work.kinds import Failed, work
from iconm_portal.work.progress import Progress

LONGEST_REASON: Final = 300


def may_undo(table: TableImport, by: User) -> bool:
    """Whether the person may take it back, if nothing is in the way."""
    spec = spec_of(table)
    return (
        spec.undo is not None
        and table.is_applied
        and table.is_owned_by(by)
        and allowed(by, table.center, spec.right)
    )


def in_the_way(table: TableImport) -> Sequence[str]:
    """What rests on it, in the reader's language; empty where it can be undone."""
    return _way(table).in_the_way(table)


def undo(*, table: TableImport, reason: str, by: User, at: datetime) -> Job | None:
    """Take the import back, at once or in the job that is returned; all of it or nothing.

    PermissionDenied for others than who sent or applied it; WrongStep unless it is applied; ValidationError without a reason
    and where something rests on it; UnderWay.
    """
    require(by, table.center, spec_of(table).right)
    reason = _in_order(reason)
    _refuse_early(table, by)
    if table.row_count <= AT_ONCE_ROWS:
        _undo(table, reason, by, at)
        return None
    return jobs.begin(
        kind="portal.import_undo",
        subject=f"{table.center.code}/{table.kind}/{table.pk}",
        title=table.name,
        center=table.center,
        params={"table": table.pk, "reason": reason},
        by=by,
        at=at,
    )


@work("portal.import_undo", label=gettext_lazy("Undoing an import"))
def _undo_in_job(job: Job, progress: Progress) -> None:
    table = TableImport.objects.select_related("center").get(pk=job.params["table"], center=job.center)
    job.next_url = spec_of(table).page(table)
    try:
        with clock.not_before(history.last_moment()):
            _undo(table, job.params["reason"], job.owner, clock.now())
    except WrongStep:
        if not TableImport.objects.filter(pk=table.pk, undone_by=job.owner).exists():
            raise Failed(gettext_noop("The import was undone meanwhile.")) from None
    except ValidationError as refused:
        raise Failed(" ".join(refused.messages)) from None


def _in_order(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Say why the import is undone.")})
    if len(reason) > LONGEST_REASON:
        raise ValidationError({"reason": _("At most %(letters)s characters.") % {"letters": LONGEST_REASON}})
    return reason


def _refuse_early(table: TableImport, by: User) -> None:
    if not table.is_owned_by(by):
        raise PermissionDenied("an import is undone by who sent or applied it")
    reasons = in_the_way(table)
    # Asked last: what took the rows back may be the undoing itself.
    if not TableImport.objects.filter(pk=table.pk, state=ImportState.APPLIED).exists():
        raise WrongStep
    if reasons:
        raise ValidationError(list(reasons))


def _undo(table: TableImport, reason: str, by: User, at: datetime) -> None:
    require(by, table.center, spec_of(table).right)
    _refuse_early(table, by)
    for _try in range(TRIES):
        prepared = _way(table).prepare(table, reason, by, at)
        try:
            _take_back(table, prepared, reason, by, at)
        except Outdated:
            continue
        return
    raise ValidationError(
        _("What the import rests on was changed again and again meanwhile. Undo it a little later.")
    )


@transaction.atomic
def _take_back(table: TableImport, prepared: object, reason: str, by: User, at: datetime) -> None:
    """The claim comes first: whoever else undoes it waits here, and then finds it undone."""
    claim = TableImport.objects.filter(pk=table.pk, state=ImportState.APPLIED)
    if not claim.update(state=ImportState.UNDONE, undone_at=at, undone_by=by, undo_reason=reason):
        raise WrongStep
    done = _way(table).take_back(table, prepared, reason, by, at)
    history.record(
        by=by,
        action="import.undo",
        subject=table,
        center=table.center,
        after={"rows": table.row_count, **done},
        reason=reason,
    )


def _way(table: TableImport) -> Undo:
    way = spec_of(table).undo
    if way is None:
        raise ValidationError(_("Imports of this kind cannot be undone."))
    return way
