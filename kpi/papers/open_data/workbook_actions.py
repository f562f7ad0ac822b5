"""The workbook of all of a person's centers: long work, done in the background."""

import tempfile
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy, gettext_noop

from iconm_portal.display.sheets.stream import SheetFull
from iconm_portal.forms import files
from iconm_portal.models import Center, Job, User
from iconm_portal.people.access import Right, allowed, require
from iconm_portal.work import jobs
from iconm_portal.work.kinds import Failed, work
from iconm_portal.work.progress import Progress
from kpi.papers.open_data import all_centers

KIND = "kpi.all_centers"
_FULL = gettext_noop(
    "The tables have more rows than a spreadsheet can hold. Take them as CSV, center by center."
)
_NOTHING = gettext_noop("Nothing was known of any of your centers on that day. Choose a later one.")


@transaction.atomic
def begin(*, center: Center, as_of: date, by: User, at: datetime) -> Job:
    """Begin the workbook of all centers of the person's organisation, as known at the end of the day.

    It is kept, as its maker's own, with the center from whose page it was asked for. UnderWay where the person's last one is
    not done yet, of whatever day: each is the work of minutes, and others wait for theirs.
    """
    require(by, center, Right.SEE_SETTLED)
    return jobs.begin(
        kind=KIND,
        subject="",
        title=f"データ {as_of.isoformat()}",
        center=center,
        params={"as_of": as_of.isoformat()},
        by=by,
        at=at,
    )


@work(KIND, label=gettext_lazy("Data of all your centers"))
def write(job: Job, progress: Progress) -> files.CheckedFile:
    """The work itself. Whose centers they are is asked again: rights may have changed since it was begun."""
    person, as_of = job.owner, date.fromisoformat(job.params["as_of"])
    centers = [
        center for center in Center.objects.seen_by(person) if allowed(person, center, Right.SEE_SETTLED)
    ]
    with tempfile.TemporaryFile() as file:
        try:
            known = all_centers.write(centers, file, as_of=as_of, progress=progress)
        except SheetFull as error:
            raise Failed(_FULL) from error
        if not known or job.center is None:
            raise Failed(_NOTHING)
        file.seek(0)
        return files.CheckedFile(f"data-{as_of.isoformat()}.xlsx", files.XLSX, file.read())
