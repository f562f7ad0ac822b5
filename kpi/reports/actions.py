"""The reports' way from draft to acceptance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.forms import files
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history import history
from iconm_portal.models import ReviewState, StoredFile, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import review
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.settlement.steps import REQUIRED, StepTable, Taking
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Actual, Continuity, Evidence, Indicator, Plan, Report, ReviewComment
from kpi.reports import deviations
from kpi.reports.entry import load as load_sheet
from kpi.value_sources.entry_values import Comment, Entered


@transaction.atomic
def start_report(*, plan: Plan, fiscal_year: FiscalYear, as_of: date, by: User) -> Report:
    """A new draft, empty but for a baseline's. ValidationError while another report of that year is open."""
    require(by, plan.center, Right.KEEP)
    draft = _new_draft(plan=plan, fiscal_year=fiscal_year, as_of=as_of, reason="", by=by)
    if fiscal_year == plan.baseline_year:
        _take_over(draft)
    return draft


def _take_over(draft: Report) -> None:
    """What was accepted of the baseline year, where an indicator continues one of an earlier plan: to look through, and
    to hand in. An indicator that is counted otherwise takes nothing."""
    continued = draft.plan.indicators.filter(continuity=Continuity.CONTINUES)
    followers = {indicator.predecessor_id: indicator for indicator in continued}
    accepted = Actual.objects.filter(
        indicator__in=followers, report__fiscal_year=draft.fiscal_year, report__state=ReviewState.ACCEPTED
    )
    in_force = {
        actual.indicator_id: actual for actual in accepted.order_by("report__as_of", "report__revision")
    }
    Actual.objects.bulk_create(
        Actual(
            report=draft,
            indicator=followers[indicator],
            value=actual.value,
            not_applicable=actual.not_applicable,
            certainty=actual.certainty,
            note=actual.note,
        )
        for indicator, actual in in_force.items()
    )


@transaction.atomic
def start_correction(*, report: Report, reason: str, by: User) -> Report:
    """A new revision of an accepted report, with its values and files, for the reason given."""
    require(by, report.plan.center, Right.KEEP)
    if not report.is_settled:
        raise WrongStep(report.state)
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


# -- Steps --


def _check_day(taking: Taking[Report]) -> None:
    as_of = taking.given["as_of"]
    _as_of_is_free(taking.item, as_of)
    taking.before = {"as_of": taking.item.as_of}
    taking.changes = {"as_of": as_of}


def _write_sheet(taking: Taking[Report]) -> None:
    """Write value, note and certainty of the indicators given, and their new files."""
    report, entered, removed = taking.item, taking.given["entered"], taking.given["removed_files"]
    stored_before = {actual.indicator_id: actual for actual in report.actuals.all()}
    was, now = taking.before, {"as_of": taking.given["as_of"]}
    for indicator, entry in entered.items():
        if indicator.plan_id != report.plan_id:
            raise ValueError(f"{indicator} is not an indicator of {report.plan}")
        _can_be(indicator, entry)
        was[indicator.code] = _as_history(stored_before.get(indicator.pk))
        now[indicator.code] = _as_history(_actual(report, indicator, entry))
    _write_actuals(report, entered, stored_before)
    for indicator, checked in (taking.given["new_files"] or {}).items():
        stored = [files.store(file, center=report.center, by=taking.by) for file in checked]
        Evidence.objects.bulk_create(
            Evidence(
                report=report, indicator=indicator, file=file, attached_at=taking.at, attached_by=taking.by
            )
            for file in stored
        )
        if stored:
            now[f"{indicator.code}.files"] = [file.name for file in stored]
    if removed:
        was["removed_files"] = [file.name for file in removed]
        report.evidence.filter(file__in=removed).delete()
    # The filled-in sheet from which all of it was taken.
    if (sheet := taking.given["from_file"]) is not None:
        files.settle(sheet)
        now |= {"from_file": sheet.name, "sha256": sheet.sha256}
    taking.before, taking.after = history.changed(was, now)


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


def _check_values(taking: Taking[Report]) -> None:
    """ValidationError when it holds no value at all, or one that asks for a reason and has none."""
    if not taking.item.actuals.filter(value__isnull=False).exists():
        raise ValidationError(_("Nothing is entered yet: there is no value to submit."))
    _reasons_are_given(taking.item, taking.at)


def _reasons_are_given(report: Report, at: datetime) -> None:
    """A value that differs from what the register or the accounts say, a cumulative that falls and a yearly figure
    below 0 are allowed with a note that says why.

    ValidationError otherwise, at the note of each such indicator, by its code.
    """
    lines = load_sheet(report, today=clock.day_of(at)).lines
    unexplained = {
        f"{line.indicator.code}-note": texts for line in lines if (texts := line.words.lacking_reasons)
    }
    if unexplained:
        raise ValidationError(unexplained)


def _keep_what_it_held(taking: Taking[Report]) -> None:
    actuals = taking.item.actuals.select_related("indicator")
    taking.before = {actual.indicator.code: _as_history(actual) for actual in actuals}
    files.give_up(subject=taking.item.history_key())


def _written(taking: Taking[Report]) -> list[Comment]:
    return [comment for comment in taking.given["comments"] if comment.text.strip()]


def _has_comments(taking: Taking[Report]) -> None:
    if not _written(taking):
        raise ValidationError(_("Say what has to be changed: comment on a value or on the whole report."))


def _say_why(taking: Taking[Report]) -> None:
    _write_comments(taking)
    taking.after = {"comments": [comment.text for comment in _written(taking)]}


def _write_comments(taking: Taking[Report]) -> None:
    ReviewComment.objects.bulk_create(
        ReviewComment(
            report=taking.item,
            indicator_id=comment.indicator_id,
            text=comment.text.strip(),
            written_at=taking.at,
            written_by=taking.by,
        )
        for comment in _written(taking)
    )


STEPS = StepTable(
    Report,
    named="report",
    code="report",
    steps=(
        replace(
            review.EDIT,
            takes={
                "as_of": REQUIRED,
                "entered": REQUIRED,
                "new_files": None,
                "removed_files": (),
                "from_file": None,
            },
            check=_check_day,
            then=_write_sheet,
        ),
        replace(
            review.SUBMIT,
            check=_check_values,
            says=gettext_lazy("The report was submitted to the city."),
        ),
        replace(
            review.TAKE_BACK,
            says=gettext_lazy("You took the report back. It can be changed again."),
        ),
        replace(review.DISCARD, then=_keep_what_it_held),
        review.OPEN,
        replace(
            review.RETURN,
            takes={"comments": REQUIRED},
            check=_has_comments,
            then=_say_why,
            says=gettext_lazy("The report was returned to the foundation with your comments."),
        ),
        replace(
            review.ACCEPT,
            takes={**review.ACCEPT.takes, "comments": ()},
            then=_write_comments,
            rests_on=deviations.rests_on,
            says=gettext_lazy("The report was accepted. Its figures are settled from today on."),
        ),
    ),
)
save_draft, submit, take_back = STEPS.action("edit"), STEPS.action("submit"), STEPS.action("take_back")
discard, open_review = STEPS.action("discard"), STEPS.action("open")
send_back, accept = STEPS.action("return"), STEPS.action("accept")


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
    handed_in: Report = submit(report=saved, version=saved.version, by=by, at=at, decision=decision)
    return handed_in
