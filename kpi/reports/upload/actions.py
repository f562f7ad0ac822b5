"""Filled-in sheets that came back: they wait, as they came, until somebody decides to apply them."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from iconm_portal.forms import files
from iconm_portal.history import history
from iconm_portal.models import User, WaitingFile
from iconm_portal.people.access import Right, require
from kpi.models import Report


@transaction.atomic
def keep(*, report: Report, file: files.CheckedFile, by: User, at: datetime) -> WaitingFile:
    """The file, waiting behind its preview; nothing of the draft changes. The same file of the same person waits once."""
    center = report.plan.center
    require(by, center, Right.KEEP)
    sha256 = hashlib.sha256(file.data).hexdigest()
    same = kept(report, by).filter(sha256=sha256, name=file.name).first()
    if same is not None:
        return same
    waiting = files.wait(
        file, center=center, by=by, at=at, until=at + files.UNDECIDED, subject=report.history_key()
    )
    history.record(
        by=by,
        action="report.upload",
        subject=report,
        center=center,
        after={"from_file": waiting.name, "sha256": waiting.sha256},
    )
    return waiting


def kept(report: Report, user: User) -> QuerySet[WaitingFile]:
    """The files that the person uploaded for the report and nobody has applied yet, the latest first."""
    waiting = WaitingFile.objects.filter(center=report.plan.center, subject=report.history_key())
    return waiting.filter(uploaded_by=user).order_by("-pk")
