"""The steps of the three verifications: what both verify, and how each is begun. Those of the 効果検証 are `effect_steps`."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import (
    Criterion,
    Verification,
    VerificationKind,
)
from agreements.verifications import anew, resting, verification_access, verification_years
from agreements.verifications.effect_steps import EFFECT
from agreements.verifications.shared_steps import (
    ACCEPT,
    RETURN,
    WRITING,
    open_at_once,
    said,
    was_asked,
    write,
)
from agreements.verifications.verification_access import right_to_answer, right_to_write
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.history import history
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.people.access import require
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.settlement.steps import Action, StepTable, Taking
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


def _can_be_confirmed(taking: Taking[Verification]) -> None:
    """ValidationError where nothing asks for it, and where it is open whether the one that it replaces stands as it is."""
    was_asked(taking)
    row = taking.item
    if row.is_anew:
        anew.no_answer_waits(row)
        taking.reason = row.reason


JOINT = StepTable(
    Verification,
    named="verification",
    code="verification",
    steps=(
        *(replace(step, right=right_to_write(VerificationKind.KPI)) for step in WRITING),
        replace(
            ACCEPT,
            name="confirm",
            from_states=(ReviewState.SUBMITTED,),
            right=right_to_answer(VerificationKind.KPI),
            check=_can_be_confirmed,
            first=open_at_once,
            rests_on=resting.rests_on,
            says=gettext_lazy("The verification is settled by both sides, from today on."),
        ),
        replace(
            RETURN,
            from_states=(ReviewState.SUBMITTED,),
            right=right_to_answer(VerificationKind.KPI),
            first=open_at_once,
        ),
    ),
)
"""What both verify: either side writes it, the other confirms it."""


def steps_of(verification: Verification) -> StepTable[Verification]:
    """The table of its kind."""
    return JOINT if verification.kind.is_joint else EFFECT


def _action(name: str) -> Action:
    """The step of the table of its kind."""
    known = {table: table.action(name) for table in (JOINT, EFFECT) if name in table}

    @wraps(next(iter(known.values())))
    def act(*, version: int, by: User, at: datetime | None = None, **given: Any) -> Any:
        verification: Verification = given["verification"]
        table = steps_of(verification)
        if table not in known:  # the one kind is judged, the other one confirmed
            raise WrongStep(verification.state)
        return known[table](version=version, by=by, at=at, **given)

    return act


submit, take_back, discard = _action("submit"), _action("take_back"), _action("discard")
confirm, open_review, send_back = _action("confirm"), _action("open"), _action("return")
save_judgement, judge = _action("save_judgement"), _action("judge")


begin_row, ask_row = _action("begin"), _action("ask")


# -- Beginning, and both at once --


@transaction.atomic
def begin(
    *, center: Center, fiscal_year: FiscalYear, version: int, by: User, at: datetime, ask: bool = False
) -> Verification:
    """The city begins the 効果検証 of a year, which it owes, before the foundation has written anything; with `ask` it
    asks the foundation for its self-assessment too. Version 0 begins it.

    Conflict when somebody began it since; ValidationError where no agreement in force asks for it.
    """
    kind = VerificationKind.EFFECT
    require(by, center, right_to_answer(kind))
    row = Verification.objects.filter(center=center, kind=kind, fiscal_year=fiscal_year).first()
    if row is None:
        if version:
            raise Conflict
        row = _begin(center, kind, fiscal_year, "", by, at, begun_at=at, begun_by=by)
        EFFECT.record(row, "begin", by)
        version = row.version
    elif not ask:
        begin_row(verification=row, version=version, by=by, at=at)
    if ask:
        ask_row(verification=row, version=version, by=by, at=at)
    return row


# -- Writing --


@transaction.atomic
def save_draft(
    *,
    center: Center,
    kind: VerificationKind,
    fiscal_year: FiscalYear,
    version: int,
    result: str,
    by: User,
    at: datetime,
    self_assessments: Mapping[Criterion, str] | None = None,
) -> Verification:
    """Write the result (and the self-assessments) into the year's draft; version 0 begins it.

    Conflict when somebody saved or began it since; ValidationError where the other side is writing it.
    """
    require(by, center, right_to_write(kind))
    row = verification_access.newest(center, kind, fiscal_year)
    written: dict[str, Any] = {"result": result, "self_assessments": self_assessments}
    if row is not None:
        saved: Verification = steps_of(row).take("edit", row, version=version, by=by, at=at, **written)
        return saved
    if version:
        raise Conflict
    row = _begin(center, kind, fiscal_year, result, by, at)
    write(row, "self_assessment", self_assessments or {})
    was, now = history.changed({}, said(row))
    steps_of(row).record(row, "save", by, before=was, after=now)
    return row


def _begin(
    center: Center,
    kind: VerificationKind,
    year: FiscalYear,
    result: str,
    by: User,
    at: datetime,
    **begun: Any,
) -> Verification:
    if not verification_years.is_open(center, kind, year, today=clock.day_of(at)):
        raise ValidationError(
            _("This fiscal year cannot be verified: it has not ended, or no agreement in force asks for it.")
        )
    row = Verification(
        center=center,
        kind=kind,
        fiscal_year=year,
        result=result.strip(),
        author_side="" if begun else center.side_of(by) or "",
        **(begun or {"saved_at": at, "saved_by": by}),
    )
    _make(row)
    return row


def _make(row: Verification) -> None:
    row.full_clean(validate_unique=False, validate_constraints=False)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:  # somebody else began it at this very moment
        raise Conflict from error


@transaction.atomic
def verify_anew(*, verification: Verification, reason: str, by: User, at: datetime) -> Verification:
    """A draft of a new revision, with the result that is in force, for the reason given; the other side confirms it like
    the first one. What is in force stays so until then, and readable afterwards.

    ValidationError where nothing was corrected since, where an answer waits that it stands as it is, or without a reason;
    Conflict where somebody began one at this very moment.
    """
    center = verification.center
    require(by, center, right_to_write(verification.kind))
    anew.can_begin(verification, reason, today=clock.day_of(at))
    row = Verification(
        center=center,
        kind=verification.kind,
        fiscal_year=verification.fiscal_year,
        revision=verification.revision + 1,
        reason=reason.strip(),
        result=verification.result,
        author_side=center.side_of(by) or "",
        saved_at=at,
        saved_by=by,
    )
    _make(row)
    JOINT.record(row, "start", by, after=said(row), reason=row.reason)
    return row


@transaction.atomic
def save_and_submit(
    *,
    center: Center,
    kind: VerificationKind,
    fiscal_year: FiscalYear,
    version: int,
    result: str,
    by: User,
    at: datetime,
    self_assessments: Mapping[Criterion, str] | None = None,
    decision: Decision = NO_DECISION,
) -> Verification:
    """Save it and hand it in, both or neither. Raises what `save_draft` and `submit` raise."""
    row = save_draft(
        center=center,
        kind=kind,
        fiscal_year=fiscal_year,
        version=version,
        result=result,
        by=by,
        at=at,
        self_assessments=self_assessments,
    )
    handed_in: Verification = submit(verification=row, version=row.version, by=by, at=at, decision=decision)
    return handed_in
