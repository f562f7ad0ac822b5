"""The reports' way from draft to acceptance."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from iconm_portal.forms import files
from iconm_portal.history import history
from iconm_portal.models import StoredFile, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import review
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Actual, Evidence, Indicator, Plan, Report, ReviewComment
from kpi.reports.entry import load as load_sheet
from kpi.value_sources.entry_values import Comment, Entered


@transaction.atomic
def start_report(*, plan: Plan, fiscal_year: FiscalYear, as_of: date, by: User) -> Report:
    """A new, empty draft. ValidationError while another report of that year is open."""
    require(by, plan.center, Right.KEEP)
    return _new_draft(plan=plan, fiscal_year=fiscal_year, as_of=as_of, reason="", by=by)


@transaction.atomic
def start_correction(*, report: Report, reason: str, by: User) -> Report:
    """A new revision of an accepted report, with its values and files, for the reason given."""
    require(by, report.plan.center, Right.KEEP)
    if not report.is_settled:
        raise review.WrongStep(report.state)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the accepted figures are corrected.")})
    draft = _new_draft(
        plan=report.plan, fiscal_year=report.fiscal_year, as_of=report.as_of, reason=reason.strip(), by=by
    )
    Actual.objects.bulk_create(
        Actual(
            report=draft,
            indicator_id=actual.indicator_id,
            value=actual.value,
            not_applicable=actual.not_applicable,
            certainty=actual.certainty,
            note=actual.note,
        )
        for actual in report.actuals.all()
    )
    Evidence.objects.bulk_create(
        Evidence(
            report=draft,
            indicator_id=evidence.indicator_id,
            file_id=evidence.file_id,
            attached_at=evidence.attached_at,
            attached_by_id=evidence.attached_by_id,
        )
        for evidence in report.evidence.all()
    )
    return draft


def _new_draft(*, plan: Plan, fiscal_year: FiscalYear, as_of: date, reason: str, by: User) -> Report:
    same_day = Report.objects.filter(plan=plan, fiscal_year=fiscal_year, as_of=as_of)
    revision = (same_day.aggregate(highest=Max("revision"))["highest"] or 0) + 1
    if revision > 1 and not reason:
        raise ValidationError(
            {
                "as_of": _(
                    "There is an accepted report as of that day. Correct it instead of starting another one."
                )
            }
        )
    report = Report(plan=plan, fiscal_year=fiscal_year, as_of=as_of, revision=revision, reason=reason)
    report.full_clean()
    report.save()
    history.record(
        by=by,
        action="report.correct" if reason else "report.start",
        subject=report,
        center=plan.center,
        after={"as_of": as_of, "revision": revision},
        reason=reason,
    )
    return report


@transaction.atomic
def save_draft(
    *,
    report: Report,
    version: int,
    as_of: date,
    entered: Mapping[Indicator, Entered],
    by: User,
    at: datetime,
    new_files: Mapping[Indicator, Sequence[files.CheckedFile]] | None = None,
    removed_files: Sequence[StoredFile] = (),
    from_file: StoredFile | None = None,
) -> Report:
    """Write the sheet into the draft: value, note and certainty of the indicators given, and their new files.

    `from_file`: the filled-in sheet from which all of it was taken, for the history.
    Raises `review.Conflict` when somebody saved since `version`, and then changes nothing.
    """
    center = report.plan.center
    require(by, center, Right.KEEP)
    _as_of_is_free(report, as_of)
    old_as_of = report.as_of
    before = {actual.indicator_id: actual for actual in report.actuals.all()}
    review.save_draft(report, version=version, by=by, at=at, as_of=as_of)
    was: dict[str, Any] = {"as_of": old_as_of}
    now: dict[str, Any] = {"as_of": as_of}
    for indicator, entry in entered.items():
        if indicator.plan_id != report.plan_id:
            raise ValueError(f"{indicator} is not an indicator of {report.plan}")
        _can_be(indicator, entry)
        was[indicator.code] = _as_history(before.get(indicator.pk))
        now[indicator.code] = _as_history(_actual(report, indicator, entry))
    _write_actuals(report, entered, before)
    for indicator, checked in (new_files or {}).items():
        stored = [files.store(file, center=center, by=by) for file in checked]
        Evidence.objects.bulk_create(
            Evidence(report=report, indicator=indicator, file=file, attached_at=at, attached_by=by)
            for file in stored
        )
        if stored:
            now[f"{indicator.code}.files"] = [file.name for file in stored]
    if removed_files:
        was["removed_files"] = [file.name for file in removed_files]
        report.evidence.filter(file__in=removed_files).delete()
    if from_file is not None:
        now |= {"from_file": from_file.name, "sha256": from_file.sha256}
    changed_from, changed_to = history.changed(was, now)
    history.record(
        by=by, action="report.save", subject=report, center=center, before=changed_from, after=changed_to
    )
    return report


def _can_be(indicator: Indicator, entry: Entered) -> None:
    if entry.value is not None:
        try:
            indicator.refuse_outside(entry.value)
        except ValidationError as error:
            raise ValidationError({f"{indicator.code}-value": error}) from error


def _as_of_is_free(report: Report, as_of: date) -> None:
    """Another day may have an accepted report already; two first revisions of one day cannot be."""
    taken = Report.objects.filter(
        plan_id=report.plan_id, fiscal_year=report.fiscal_year, as_of=as_of, revision=report.revision
    )
    if taken.exclude(pk=report.pk).exists():
        raise ValidationError(
            {
                "as_of": _(
                    "There is an accepted report as of that day. Correct it instead of starting another one."
                )
            }
        )


def _actual(report: Report, indicator: Indicator, entry: Entered) -> Actual | None:
    """The row for an entry; none for a blank."""
    if entry.is_blank:
        return None
    return Actual(
        report=report,
        indicator=indicator,
        value=entry.value,
        not_applicable=entry.not_applicable,
        certainty=entry.certainty,
        note=entry.note,
    )


def _write_actuals(
    report: Report, entered: Mapping[Indicator, Entered], before: Mapping[int, Actual]
) -> None:
    """Make the rows what was entered: written and deleted together, whatever their number."""
    rows = [row for indicator, entry in entered.items() if (row := _actual(report, indicator, entry))]
    Actual.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["report", "indicator"],
        update_fields=["value", "not_applicable", "certainty", "note"],
    )
    blank = [indicator for indicator, entry in entered.items() if entry.is_blank and indicator.pk in before]
    if blank:
        report.actuals.filter(indicator__in=blank).delete()


def _as_history(actual: Actual | None) -> dict[str, Any] | None:
    if actual is None:
        return None
    value = None if actual.value is None else f"{actual.value.normalize():f}"
    return {
        "value": "-" if actual.not_applicable else value,
        "certainty": str(actual.certainty),
        "note": actual.note,
    }


@transaction.atomic
def submit(
    *, report: Report, version: int, by: User, at: datetime, decision: Decision = NO_DECISION
) -> Report:
    """Hand the set in. ValidationError when it holds no value at all."""
    require(by, report.plan.center, Right.KEEP)
    if not report.actuals.filter(value__isnull=False).exists():
        raise ValidationError(_("Nothing is entered yet: there is no value to submit."))
    _reasons_are_given(report, at)
    review.submit(report, version=version, by=by, at=at, decision=decision)
    _record_step(report, "report.submit", by)
    return report


def _reasons_are_given(report: Report, at: datetime) -> None:
    """A value that differs from what the register or the accounts say, a cumulative that falls and a yearly figure
    below 0 are allowed with a note that says why.

    ValidationError otherwise, at the note of each such indicator, by its code.
    """
    lines = load_sheet(report, today=clock.day_of(at)).lines
    unexplained = {f"{line.indicator.code}-note": texts for line in lines if (texts := line.lacking_reasons)}
    if unexplained:
        raise ValidationError(unexplained)


@transaction.atomic
def save_and_submit(
    *,
    report: Report,
    version: int,
    as_of: date,
    entered: Mapping[Indicator, Entered],
    by: User,
    at: datetime,
    new_files: Mapping[Indicator, Sequence[files.CheckedFile]] | None = None,
    removed_files: Sequence[StoredFile] = (),
    decision: Decision = NO_DECISION,
) -> Report:
    """Save the sheet and hand it in, both or neither. Raises what `save_draft` and `submit` raise."""
    saved = save_draft(
        report=report,
        version=version,
        as_of=as_of,
        entered=entered,
        by=by,
        at=at,
        new_files=new_files,
        removed_files=removed_files,
    )
    return submit(report=saved, version=saved.version, by=by, at=at, decision=decision)


@transaction.atomic
def take_back(*, report: Report, version: int, by: User) -> Report:
    """取下げ, as long as the city has not begun its review."""
    require(by, report.plan.center, Right.KEEP)
    review.take_back(report, version=version)
    _record_step(report, "report.take_back", by)
    return report


@transaction.atomic
def discard(*, report: Report, version: int, by: User) -> None:
    """Throw away a draft that was never handed in."""
    require(by, report.plan.center, Right.KEEP)
    review.save_draft(report, version=version, by=by, at=report.saved_at or report.recorded_at)
    if report.returned_at is not None:
        raise review.WrongStep(report.state)
    values = {
        actual.indicator.code: _as_history(actual) for actual in report.actuals.select_related("indicator")
    }
    history.record(by=by, action="report.discard", subject=report, center=report.plan.center, before=values)
    report.delete()


@transaction.atomic
def open_review(*, report: Report, version: int, by: User, at: datetime) -> Report:
    """The city begins its review; from here on the foundation cannot take the report back."""
    require(by, report.plan.center, Right.REVIEW)
    review.open_review(report, version=version, by=by, at=at)
    _record_step(report, "report.open", by)
    return report


@transaction.atomic
def send_back(*, report: Report, version: int, comments: Sequence[Comment], by: User, at: datetime) -> Report:
    """差戻し with at least one comment."""
    require(by, report.plan.center, Right.REVIEW)
    written = [comment for comment in comments if comment.text.strip()]
    if not written:
        raise ValidationError(_("Say what has to be changed: comment on a value or on the whole report."))
    review.send_back(report, version=version, by=by, at=at)
    _write_comments(report, written, by, at)
    _record_step(report, "report.return", by, {"comments": [comment.text for comment in written]})
    return report


@transaction.atomic
def accept(
    *,
    report: Report,
    version: int,
    by: User,
    at: datetime,
    comments: Sequence[Comment] = (),
    decision: Decision = NO_DECISION,
) -> Report:
    """受理: the figures are settled and known from today (the server's day in Japan) on."""
    require(by, report.plan.center, Right.REVIEW)
    _write_comments(report, [comment for comment in comments if comment.text.strip()], by, at)
    review.accept(
        report,
        version=version,
        by=by,
        at=at,
        known_from=clock.day_of(at),
        decision=decision,
    )
    _record_step(report, "report.accept", by, {"known_from": report.known_from})
    return report


def _write_comments(report: Report, comments: Sequence[Comment], by: User, at: datetime) -> None:
    ReviewComment.objects.bulk_create(
        ReviewComment(
            report=report,
            indicator_id=comment.indicator_id,
            text=comment.text.strip(),
            written_at=at,
            written_by=by,
        )
        for comment in comments
    )


def _record_step(report: Report, action: str, by: User, more: Mapping[str, Any] | None = None) -> None:
    history.record(
        by=by,
        action=action,
        subject=report,
        center=report.plan.center,
        after={"state": str(report.state), **(more or {})},
    )
