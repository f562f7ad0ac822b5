"""Statements on their way from a draft to the foundation's decision (budgets) or to what both verify (settlements)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from finance.accounts import ledger_lock
from finance.models import Statement, StatementComment
from finance.statements import checks
from finance.statements.draft_actions import (
    Content,
    check_content,
    keep_what_it_held,
    require_not_supplemented,
    write_content,
)
from iconm_portal.forms.files import CheckedFile
from iconm_portal.models import StoredFile, User
from iconm_portal.settlement import review
from iconm_portal.settlement.review import NO_DECISION, Decision
from iconm_portal.settlement.steps import BOTH, REQUIRED, StepTable, Taking, Whose
from iconm_portal.values import clock

# A budget is the operator's affair, whatever the rights say: nobody reviews it, and nothing else is decided.
_REVIEWED = Whose(
    lambda statement: frozenset() if statement.is_budget else BOTH,
    lambda statement, by: PermissionDenied("a budget is decided by the operator"),
)
_DECIDED = Whose(
    lambda statement: BOTH if statement.is_budget else frozenset(),
    lambda statement, by: PermissionDenied("decide"),
)


def _lock_ledger(taking: Taking[Statement]) -> None:
    """What is handed in or settled is judged by the accounts and entries of this moment."""
    ledger_lock.lock(taking.item.center)


def _require_fitting(taking: Taking[Statement]) -> None:
    """ValidationError names every figure that does not fit."""
    checks.require_fitting(taking.item, today=clock.day_of(taking.at))


def _check_talk(taking: Taking[Statement]) -> None:
    """The consultation before the decision (basic Art. 8(2)): confirmed by both sides."""
    statement, talk = taking.item, taking.given["consultation"]
    if talk.center_id != statement.center_id or not talk.is_confirmed:
        raise ValidationError({"consultation": _("Choose a consultation that both sides have confirmed.")})
    _lock_ledger(taking)
    require_not_supplemented(statement)
    taking.changes = {"accepted_at": taking.at, "accepted_by": taking.by, "consultation": talk}
    taking.consultation = talk.key


def _has_comment(taking: Taking[Statement]) -> None:
    if not taking.given["text"].strip():
        raise ValidationError({"text": _("Say what has to be changed.")})


def _write_comment(taking: Taking[Statement]) -> str:
    text: str = taking.given["text"].strip()
    if text:
        StatementComment.objects.create(
            statement=taking.item, text=text, written_at=taking.at, written_by=taking.by
        )
    return text


def _say_why(taking: Taking[Statement]) -> None:
    taking.after = {"comments": [_write_comment(taking)]}


def _verify(taking: Taking[Statement]) -> None:
    """Verified by both (basic Art. 9)."""
    _require_fitting(taking)
    _write_comment(taking)


STEPS = StepTable(
    Statement,
    named="statement",
    code="statement",
    steps=(
        replace(
            review.EDIT,
            takes={"content": REQUIRED, "new_files": (), "removed_files": ()},
            check=check_content,
            then=write_content,
        ),
        replace(
            review.SUBMIT,
            check=_lock_ledger,
            then=_require_fitting,
            says=gettext_lazy("The statement was submitted. The city sees it from now on."),
        ),
        replace(
            review.TAKE_BACK,
            says=gettext_lazy("You took the statement back. It can be changed again."),
        ),
        replace(
            review.DECIDE,
            whose=_DECIDED,
            check=_check_talk,
            then=_require_fitting,
            says=gettext_lazy("The decision was recorded. The budget holds from today on."),
        ),
        replace(review.DISCARD, then=keep_what_it_held),
        replace(review.OPEN, whose=_REVIEWED),
        replace(
            review.RETURN,
            whose=_REVIEWED,
            takes={"text": REQUIRED},
            check=_has_comment,
            then=_say_why,
            says=gettext_lazy("The statement was returned to the foundation with your comment."),
        ),
        replace(
            review.ACCEPT,
            whose=_REVIEWED,
            takes={**review.ACCEPT.takes, "text": ""},
            check=_lock_ledger,
            then=_verify,
            says=gettext_lazy("The statement was accepted. Its figures are settled from today on."),
        ),
    ),
)
save_draft, submit, take_back = STEPS.action("edit"), STEPS.action("submit"), STEPS.action("take_back")
decide, discard = STEPS.action("decide"), STEPS.action("discard")
open_review, send_back, accept = STEPS.action("open"), STEPS.action("return"), STEPS.action("accept")


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
    handed_in: Statement = submit(statement=saved, version=saved.version, by=by, at=at, decision=decision)
    return handed_in
