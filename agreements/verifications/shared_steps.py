"""What the steps of all three verifications share: whose they are, what they ask, what is written with them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import Criterion, Finding, Verification, VerificationComment
from agreements.verifications import verification_years
from agreements.verifications.verification_access import author_side
from iconm_portal.forms.refusals import SamePerson, SameSide
from iconm_portal.history import history
from iconm_portal.models import Side
from iconm_portal.settlement import review
from iconm_portal.settlement.steps import BOTH, REQUIRED, Taking, Whose
from iconm_portal.values import clock
from iconm_portal.values.text import listed

# -- The side that writes it --


def _is_complete(taking: Taking[Verification]) -> None:
    """ValidationError while the result, or a criterion's self-assessment, is blank."""
    verification = taking.item
    is_still_asked(taking)
    taking.changes = {"author_side": taking.side}
    if verification.kind.is_joint:
        if not verification.result.strip():
            raise ValidationError(_("Write the result of the verification before you hand it in."))
        return
    said = {finding.criterion_id: finding.self_assessment for finding in verification.findings.all()}
    criteria = Criterion.objects.filter(center=verification.center)
    missing = [criterion.label for criterion in criteria if not said.get(criterion.pk, "").strip()]
    if missing:
        raise ValidationError(
            _("Write a self-assessment under every criterion. Missing: %(criteria)s")
            % {"criteria": listed(missing)}
        )


def _keep_text(taking: Taking[Verification]) -> None:
    taking.before = said(taking.item)
    taking.changes = {"result": taking.given["result"].strip()}


def _write_assessments(taking: Taking[Verification]) -> None:
    write(taking.item, "self_assessment", taking.given["self_assessments"] or {})
    taking.before, taking.after = history.changed(taking.before, said(taking.item))


def _clear(taking: Taking[Verification]) -> None:
    """So that the other side can begin."""
    taking.before = said(taking.item)
    taking.item.findings.all().delete()


# -- The other side --


def by_someone_else(taking: Taking[Verification]) -> None:
    """Not by whoever handed it in, and works at the other side by now."""
    if taking.item.submitted_by_id == taking.by.pk:
        raise SamePerson


def open_at_once(taking: Taking[Verification]) -> None:
    """Nothing lies between opening and answering: it may be taken back until the other side has answered."""
    seen = taking.version
    taking.version = review.open_review(taking.item, version=seen, by=taking.by, at=taking.at).version


def _has_comment(taking: Taking[Verification]) -> None:
    by_someone_else(taking)
    if not taking.given["comment"].strip():
        raise ValidationError({"comment": _("Say what has to be changed.")})


def _say_why(taking: Taking[Verification]) -> None:
    text = taking.given["comment"].strip()
    written = VerificationComment(
        verification=taking.item, text=text, written_at=taking.at, written_by=taking.by
    )
    written.full_clean()
    written.save()
    taking.after = {"comments": [text]}


# -- What has to hold --


def is_still_asked(taking: Taking[Verification]) -> None:
    """ValidationError where no agreement that is concluded and not over asks for the year's verification."""
    _is_asked(taking, even_ended=taking.item.is_anew)  # what was verified before can be put right


def was_asked(taking: Taking[Verification]) -> None:
    """The same, but what was handed in before the agreement ended can still be answered."""
    _is_asked(taking, even_ended=True)


def _is_asked(taking: Taking[Verification], *, even_ended: bool) -> None:
    row, today = taking.item, clock.day_of(taking.at)
    if not verification_years.is_open(
        row.center, row.kind, row.fiscal_year, today=today, even_ended=even_ended
    ):
        raise ValidationError(
            _("No agreement that is concluded and in force asks for the verification of this year.")
        )


# -- The steps --

BY_ITS_SIDE = Whose(
    lambda row: frozenset(side for side in Side if side == author_side(row)),
    lambda row, by: ValidationError(
        _("The other side is writing this. It can be answered once it is handed in.")
    ),
)
BY_THE_OTHER_SIDE = Whose(
    lambda row: BOTH - {author_side(row)},
    lambda row, by: SamePerson() if row.submitted_by_id == by.pk else SameSide(),
)


WRITING = (  # the steps of the side that writes it
    replace(
        review.EDIT,
        whose=BY_ITS_SIDE,
        takes={"result": REQUIRED, "self_assessments": None},
        check=_keep_text,
        then=_write_assessments,
        says=gettext_lazy("The draft was saved."),
    ),
    replace(
        review.SUBMIT,
        whose=BY_ITS_SIDE,
        check=_is_complete,
        has_address=False,  # with what is typed
        says=lambda row, _result: (
            _("The result was handed in. The other side can confirm it now.")
            if row.kind.is_joint
            else _("The self-assessment was handed in to the city.")
        ),
    ),
    replace(
        review.TAKE_BACK,
        whose=BY_ITS_SIDE,
        says=gettext_lazy("You took it back. It can be changed again."),
    ),
    replace(review.DISCARD, whose=BY_ITS_SIDE, then=_clear),
)
RETURN = replace(
    review.RETURN,
    whose=BY_THE_OTHER_SIDE,
    takes={"comment": REQUIRED},
    check=_has_comment,
    then=_say_why,
    says=gettext_lazy("It was returned with your comment."),
)
ACCEPT = replace(review.ACCEPT, whose=BY_THE_OTHER_SIDE, recorded="accept")


# -- What they hold --


def write(verification: Verification, field: str, texts: Mapping[Criterion, str]) -> None:
    """Set the field of each criterion's finding; all together, whatever their number."""
    for criterion in texts:
        if criterion.center_id != verification.center_id:
            raise ValueError(f"{criterion} is not a criterion of {verification.center}")
    Finding.objects.bulk_create(
        [
            Finding(verification=verification, criterion=criterion, **{field: text.strip()})
            for criterion, text in texts.items()
        ],
        update_conflicts=True,
        unique_fields=["verification", "criterion"],
        update_fields=[field],
    )


def said(verification: Verification) -> dict[str, Any]:
    """What is written in it, for the history."""
    said: dict[str, Any] = {"result": verification.result, "follow_up": verification.follow_up}
    for finding in verification.findings.select_related("criterion"):
        said[finding.criterion.code] = {
            "self_assessment": finding.self_assessment,
            "judgement": finding.judgement,
        }
    return said
