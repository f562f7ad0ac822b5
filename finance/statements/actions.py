"""Statements on their way from a draft to the foundation's decision (budgets) or to what both verify (settlements)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.models import Consultation
from finance.accounts import ledger_lock
from finance.models import Statement, StatementComment
from finance.statements import checks
from finance.statements.draft_actions import Content, require_not_supplemented, save_draft
from iconm_portal.forms.files import CheckedFile
from iconm_portal.history import history
from iconm_portal.models import ReviewState, StoredFile, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import review, version_lock
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.values import clock

# -- Handing in --


@transaction.atomic
def submit(
    *, statement: Statement, version: int, by: User, at: datetime, decision: Decision = NO_DECISION
) -> Statement:
    """Hand it in; the city sees it from here on. ValidationError names every figure that does not fit."""
    require(by, statement.center, Right.KEEP)
    ledger_lock.lock(statement.center)
    review.submit(statement, version=version, by=by, at=at, decision=decision)
    checks.require_fitting(statement, today=clock.day_of(at))
    _record_step(statement, "statement.submit", by)
    return statement


@transaction.atomic
def save_and_submit(
    *,
    statement: Statement,
    version: int,
    content: Content,
    by: User,
    at: datetime,
    new_files: Sequence[CheckedFile] = (),
    removed_files: Sequence[StoredFile] = (),
    decision: Decision = NO_DECISION,
) -> Statement:
    """Save the draft and hand it in, both or neither. Raises what `save_draft` and `submit` raise."""
    saved = save_draft(
        statement=statement,
        version=version,
        content=content,
        by=by,
        at=at,
        new_files=new_files,
        removed_files=removed_files,
    )
    return submit(statement=saved, version=saved.version, by=by, at=at, decision=decision)


@transaction.atomic
def take_back(*, statement: Statement, version: int, by: User) -> Statement:
    """取下げ: until the city begins its review, or the foundation decides."""
    require(by, statement.center, Right.KEEP)
    review.take_back(statement, version=version)
    _record_step(statement, "statement.take_back", by)
    return statement


# -- Budgets: the foundation decides --


@transaction.atomic
def decide(
    *,
    statement: Statement,
    version: int,
    consultation: Consultation,
    by: User,
    at: datetime,
    decision: Decision = NO_DECISION,
) -> Statement:
    """The foundation decides the budget that it handed in, after the consultation (basic Art. 8(2)); nobody approves.

    ValidationError unless both sides confirmed the consultation.
    """
    center = statement.center
    require(by, center, Right.KEEP)
    if not statement.is_budget:
        raise PermissionDenied("decide")
    if consultation.center_id != center.pk or not consultation.is_confirmed:
        raise ValidationError({"consultation": _("Choose a consultation that both sides have confirmed.")})
    ledger_lock.lock(center)
    require_not_supplemented(statement)
    version_lock.step(
        statement,
        version,
        (ReviewState.SUBMITTED,),
        state=ReviewState.ACCEPTED,
        accepted_at=at,
        accepted_by=by,
        known_from=clock.day_of(at),
        consultation=consultation,
        acceptance_decided_on=decision.on,
        acceptance_decided_post=decision.post,
    )
    checks.require_fitting(statement, today=clock.day_of(at))
    _record_step(
        statement,
        "statement.decide",
        by,
        {"known_from": statement.known_from},
        consultation=consultation.key,
    )
    return statement


# -- Settlements and forecasts: both verify --


@transaction.atomic
def open_review(*, statement: Statement, version: int, by: User, at: datetime) -> Statement:
    """The city begins its review; from here on the foundation cannot take the statement back."""
    _reviews(statement, by)
    review.open_review(statement, version=version, by=by, at=at)
    _record_step(statement, "statement.open", by)
    return statement


@transaction.atomic
def send_back(*, statement: Statement, version: int, text: str, by: User, at: datetime) -> Statement:
    """差戻し with a comment."""
    _reviews(statement, by)
    if not text.strip():
        raise ValidationError({"text": _("Say what has to be changed.")})
    review.send_back(statement, version=version, by=by, at=at)
    _write_comment(statement, text, by, at)
    _record_step(statement, "statement.return", by, {"comments": [text.strip()]})
    return statement


@transaction.atomic
def accept(
    *,
    statement: Statement,
    version: int,
    by: User,
    at: datetime,
    text: str = "",
    decision: Decision = NO_DECISION,
) -> Statement:
    """受理: verified by both (basic Art. 9), settled and known from today (the server's day in Japan) on."""
    _reviews(statement, by)
    ledger_lock.lock(statement.center)
    review.accept(statement, version=version, by=by, at=at, known_from=clock.day_of(at), decision=decision)
    checks.require_fitting(statement, today=clock.day_of(at))
    if text.strip():
        _write_comment(statement, text, by, at)
    _record_step(statement, "statement.accept", by, {"known_from": statement.known_from})
    return statement


def _reviews(statement: Statement, by: User) -> None:
    require(by, statement.center, Right.REVIEW)
    if statement.is_budget:
        raise PermissionDenied("a budget is decided by the operator")


def _write_comment(statement: Statement, text: str, by: User, at: datetime) -> None:
    StatementComment.objects.create(statement=statement, text=text.strip(), written_at=at, written_by=by)


def _record_step(
    statement: Statement,
    action: str,
    by: User,
    more: Mapping[str, Any] | None = None,
    consultation: str = "",
) -> None:
    history.record(
        by=by,
        action=action,
        subject=statement,
        center=statement.center,
        after={"state": str(statement.state), **(more or {})},
        consultation=consultation,
    )
