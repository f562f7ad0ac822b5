"""Filled-in sheets that came back: kept as they came, before anybody decides to apply them."""

import hashlib

from django.db import transaction

from iconm_portal.forms import files
from iconm_portal.history import history
from iconm_portal.models import HistoryEvent, StoredFile, User
from iconm_portal.people.access import Right, require
from kpi.models import Report


@transaction.atomic
def keep(*, report: Report, file: files.CheckedFile, by: User) -> StoredFile:
    """The file, stored for its preview; nothing of the draft changes. The same file of the same person is kept once."""
    center = report.plan.center
    require(by, center, Right.KEEP)
    sha256 = hashlib.sha256(file.data).hexdigest()
    kept = StoredFile.objects.filter(center=center, uploaded_by=by, sha256=sha256, name=file.name).first()
    if kept is not None:
        return kept
    stored = files.store(file, center=center, by=by)
    history.record(
        by=by,
        action="report.upload",
        subject=report,
        center=center,
        after={"from_file": stored.name, "sha256": stored.sha256},
    )
    return stored


def kept(report: Report, user: User) -> list[StoredFile]:
    """The files that the person uploaded for the report, the latest first."""
    events = HistoryEvent.objects.filter(
        subject=report.history_key(), action="report.upload", actor=user.username
    )
    digests = list(events.values_list("after__sha256", flat=True))
    mine = StoredFile.objects.filter(center=report.plan.center, uploaded_by=user, sha256__in=digests)
    return list(mine.order_by("-pk"))
