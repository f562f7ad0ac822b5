"""A set-up workbook, from its upload to the day on which both sides have settled it.

What stands in it was settled by both before the portal, in the document that is named: so one side puts the whole forward,
the other confirms the whole, in one step, and all of it is in or nothing. Checking and applying are jobs.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from iconm_portal.forms import files
from iconm_portal.forms.refusals import Refused, WrongStep, refusal_text
from iconm_portal.history import history
from iconm_portal.models import Center, Job, SetUp, User, WaitingFile
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import StepTable, Taking
from iconm_portal.values import clock
from iconm_portal.work import jobs
from iconm_portal.work.kinds import Failed, work
from iconm_portal.work.progress import Progress
from kpi.loading.set_up import export, findings, workbook

CHECK, CONFIRM, EXPORT = "kpi.set_up_check", "kpi.set_up_confirm", "kpi.set_up_export"
_GONE: Final = gettext_noop("The workbook was discarded meanwhile.")
_CHANGED: Final = gettext_noop(
    "What the workbook meets here has changed since it was checked. Nothing was added; its page says what is in the way."
)


@transaction.atomic
def upload(
    *, center: Center, file: files.CheckedFile, document: str, document_on: date, by: User, at: datetime
) -> SetUp:
    """Let the workbook wait, and begin the job that checks it. Changes nothing else.

    UnderWay where the person's job that checks the same file is not done yet; then nothing is kept.
    """
    require(by, center, Right.PREPARE)
    waiting = files.wait(file, center=center, by=by, at=at, until=at + files.UNDECIDED)
    set_up = SetUp(
        center=center,
        name=waiting.name,
        sha256=waiting.sha256,
        waiting=waiting,
        document=document.strip(),
        document_on=document_on,
        uploaded_at=at,
        uploaded_by=by,
        recorded_at=at,
    )
    set_up.full_clean()
    set_up.save()
    STEPS.record(set_up, "upload", by, after={"from_file": set_up.name, "document": set_up.source_words})
    job = jobs.begin(
        kind=CHECK,
        subject=f"{center.code}/{set_up.sha256}",
        title=set_up.name,
        center=center,
        params={"set_up": set_up.pk},
        by=by,
        at=at,
    )
    SetUp.objects.filter(pk=set_up.pk).update(job=job)
    set_up.refresh_from_db()
    return set_up


def begin_confirming(*, set_up: SetUp, version: int, by: User, at: datetime) -> Job:
    """Begin the job in which the other side's confirmation takes effect. Refused where it could not be taken now."""
    require(by, set_up.center, Right.SETTLE_JOINTLY)
    if not STEPS.possible(set_up, by).confirm or set_up.version != version:
        STEPS.take("confirm", set_up, version=version, by=by, at=at)  # says why not
        raise WrongStep
    return jobs.begin(
        kind=CONFIRM,
        subject=set_up.history_key(),
        title=set_up.name,
        center=set_up.center,
        params={"set_up": set_up.pk, "version": version},
        by=by,
        at=at,
    )


def begin_export(*, center: Center, ending: str, by: User, at: datetime) -> Job:
    """Begin writing the center's tables: "zip" (a folder of CSV) or "xlsx"."""
    require(by, center, Right.PREPARE)
    return jobs.begin(
        kind=EXPORT,
        subject=center.code,
        title=f"{center.short_name} 設定一式.{ending}",
        center=center,
        params={"ending": ending},
        by=by,
        at=at,
    )


# -- Jobs --


@work(CHECK, label=gettext_lazy("Checking a set-up workbook"))
def _check(job: Job, progress: Progress) -> None:
    set_up = _found(job)
    found = findings.check(set_up)
    SetUp.objects.filter(pk=set_up.pk).update(findings=found)
    job.next_url = address(set_up)


@work(CONFIRM, label=gettext_lazy("Applying a set-up workbook"))
def _confirm(job: Job, progress: Progress) -> None:
    set_up = _found(job)
    job.next_url = address(set_up)
    try:
        with clock.not_before(history.last_moment()):
            STEPS.take("confirm", set_up, version=job.params["version"], by=job.owner, at=clock.now())
    except _Changed as changed:
        SetUp.objects.filter(pk=set_up.pk).update(findings=changed.found)
        raise Failed(_CHANGED) from None
    except Refused as refused:
        raise Failed(refusal_text(refused, set_up.get_state_display())) from None


@work(EXPORT, label=gettext_lazy("Export of a center's set-up"))
def _export(job: Job, progress: Progress) -> files.CheckedFile:
    center, today = job.center, clock.today()
    if center is None:
        raise Failed(_GONE)
    require(job.owner, center, Right.PREPARE)
    name = f"{center.code}-set-up-{today.isoformat()}.{job.params['ending']}"
    if job.params["ending"] == "zip":
        return files.CheckedFile(name, "application/zip", export.archive(center, today))
    tables = export.exported(center, today)
    return files.CheckedFile(name, files.XLSX, workbook.write(center, tables, today))


def _found(job: Job) -> SetUp:
    rows = SetUp.objects.select_related("center__supporter", "center__operator", "waiting", "file")
    set_up = rows.filter(pk=job.params["set_up"]).first()
    if set_up is None or (set_up.file is None and set_up.waiting is None):
        raise Failed(_GONE)
    return set_up


# -- Steps --


class _Changed(ValidationError):
    """Applying meets something that the check did not."""

    def __init__(self, found: findings.Kept) -> None:
        super().__init__(_(_CHANGED))
        self.found = found


def _is_sound(taking: Taking[SetUp]) -> None:
    found = taking.item.findings
    if not found:
        raise ValidationError(_("The workbook is still being checked."))
    if found["count"]:
        raise ValidationError(_("A workbook with something to correct is not put before the other side."))
    if not found["added"]:
        raise ValidationError(_("Everything in the workbook is there already. There is nothing to add."))


def _keep_file(taking: Taking[SetUp]) -> None:
    item = taking.item
    if item.waiting is not None:
        taking.changes["file"] = files.settle(item.waiting)
        taking.changes["waiting"] = None
    elif item.file is None:
        raise ValidationError(_(_GONE))


def _apply(taking: Taking[SetUp]) -> None:
    found = findings.apply(taking.item)
    if found["count"]:
        raise _Changed(found)
    taking.changes["findings"] = found
    taking.after = {"document": taking.item.source_words, **dict(findings.added_by_sheet(found))}


def _let_file_go(taking: Taking[SetUp]) -> None:
    WaitingFile.objects.filter(set_up=taking.item).delete()


STEPS = StepTable(
    SetUp,
    named="set_up",
    code="set_up",
    steps=(
        replace(
            proposal_workflow.PROPOSE,
            check=_is_sound,
            first=_keep_file,
            says=gettext_lazy("The workbook was put before the other side."),
        ),
        proposal_workflow.TAKE_BACK,
        replace(
            proposal_workflow.CONFIRM,
            check=_is_sound,
            first=_apply,
            has_address=False,
            says=gettext_lazy("Both sides settled the workbook. All of it is in."),
        ),
        proposal_workflow.DECLINE,
        replace(proposal_workflow.DISCARD, first=_let_file_go),
    ),
)
propose, take_back = STEPS.action("propose"), STEPS.action("take_back")
confirm, decline, discard = STEPS.action("confirm"), STEPS.action("decline"), STEPS.action("discard")


def address(set_up: SetUp) -> str:
    """Its page."""
    return reverse("kpi:set_up", kwargs={"center": set_up.center.code, "set_up": set_up.pk})
