"""Amendments settled: proposed after a consultation, taken back, confirmed or declined by the other side."""

from dataclasses import replace
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.editions import side_by_side
from agreements.editions.obligations import amended, measures
from agreements.editions.provisions import as_read
from agreements.instruments import agreements
from agreements.models import Agreement, Consultation, ConsultationType, Edition
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import EITHER, REQUIRED, StepTable, Taking, Whose
from iconm_portal.values import clock, fiscal

# -- What drafting asks as well --


def check_start(agreement: Agreement, base: Edition, day: date, *, known_at: date) -> None:
    """Within the agreement, up to its last day as both know it on a day, and after the edition that it amends."""
    if day < agreement.starts_on:
        said = _("An amendment does not take effect before the agreement, which starts on %(day)s.")
        _refuse_day(said, agreement.starts_on)
    if day <= base.in_force_from:
        said = _("An amendment takes effect after the edition that it amends, which holds from %(day)s.")
        _refuse_day(said, base.in_force_from)
    last_day = agreements.facts_of(agreement).last_day(known_at)
    if last_day and day > last_day:
        said = _("An amendment takes effect before the agreement's end on %(day)s.")
        _refuse_day(said, last_day)


def _refuse_day(message: str, day: date) -> None:
    raise ValidationError({"in_force_from": ValidationError(message, params={"day": fiscal.era_date(day)})})


# -- Steps --


def _of_amendment(whose: Whose) -> Whose:
    """The first edition is the agreement's own: it is settled by the conclusion, never here."""
    return Whose(
        lambda edition: whose.sides(edition) if edition.number > 1 else frozenset(),
        lambda edition, by: (
            whose.refusal(edition, by)
            if edition.number > 1
            else ValidationError(_("This is the agreement's first wording, not an amendment."))
        ),
    )


BY_EITHER = _of_amendment(EITHER)
BY_ITS_SIDE = _of_amendment(
    Whose(
        proposal_workflow.OF_ITS_SIDE.sides,
        lambda edition, by: ValidationError(
            _("Only the side that proposed it takes it back. Decline it instead.")
        ),
    )
)
BY_THE_OTHER_SIDE = _of_amendment(proposal_workflow.OF_THE_OTHER_SIDE)


def _starts_in_time(taking: Taking[Edition]) -> None:
    edition, day = taking.item, clock.day_of(taking.at)
    if agreements.facts_of(edition.agreement).has_ended(day):
        raise ValidationError(_("The agreement has ended, so it is not amended any more."))
    if edition.based_on is not None:
        check_start(edition.agreement, edition.based_on, edition.in_force_from, known_at=day)


def _check_proposal(taking: Taking[Edition]) -> None:
    """What differs, and what becomes of all that rests on it. The signed document follows (`Conclusion`)."""
    edition, consultation = taking.item, taking.given["consultation"]
    _starts_in_time(taking)
    if edition.based_on is not None and not _says_something_else(edition, edition.based_on):
        raise ValidationError(_("The draft says the same as the edition that it amends."))
    amended.check(edition)
    measures.check(edition)
    _check_consultation(edition, consultation)
    taking.changes = {"consultation": consultation}
    taking.after = {"in_force_from": edition.in_force_from}
    taking.consultation = consultation.key


def _says_something_else(edition: Edition, base: Edition) -> bool:
    if side_by_side.compare(base, edition).changed or edition.preamble != base.preamble:
        return True
    before = agreements.contribution_on(
        edition.agreement, edition.agreement.editions.all(), edition.in_force_from
    )
    return edition.contribution is not None and edition.contribution != before


def _check_consultation(edition: Edition, consultation: Consultation) -> None:
    """Confirmed by both, about a change, and not about another agreement."""
    fits = (
        consultation.center_id == edition.agreement.center_id
        and consultation.is_confirmed
        and consultation.type == ConsultationType.CHANGE
        and consultation.agreement_id in (None, edition.agreement_id)
    )
    if not fits:
        raise ValidationError(
            {"consultation": _("Choose a consultation about a change that both sides have confirmed.")}
        )


def _check_confirmation(taking: Taking[Edition]) -> None:
    edition = taking.item
    _starts_in_time(taking)
    amended.check(edition)
    measures.check(edition)
    taking.after = {"in_force_from": edition.in_force_from}
    taking.consultation = edition.consultation.key if edition.consultation else ""


def _has_reason(taking: Taking[Edition]) -> None:
    taking.reason = taking.given["reason"].strip()
    if not taking.reason:
        raise ValidationError({"reason": _("Say why you decline.")})


def _takes_wording_in(taking: Taking[Edition]) -> None:
    """What came in while it lay before the other side: it can be changed again now."""
    as_read.take_in(taking.item)


def _discards(taking: Taking[Edition]) -> None:
    """Throw an amendment away that is not before the other side; the history keeps its words where they differ."""
    edition = taking.item
    proposal_workflow.save_draft(edition, version=taking.version)
    taking.before = {"in_force_from": edition.in_force_from, "reason": edition.reason}
    for row in side_by_side.compare(edition.based_on, edition).changed if edition.based_on else ():
        clause = row.change.new or row.change.old
        if clause is not None:
            taking.before[clause.key] = row.change.new.text if row.change.new else ""
    edition.obligation_changes.all().delete()
    edition.measure_changes.all().delete()
    edition.provisions.update(parent=None)
    edition.provisions.all().delete()


STEPS = StepTable(
    Edition,
    named="edition",
    code="edition",
    steps=(
        replace(proposal_workflow.EDIT, whose=BY_EITHER, recorded=None),
        replace(
            proposal_workflow.PROPOSE,
            whose=BY_EITHER,
            takes={"consultation": REQUIRED},
            check=_check_proposal,
            keeps_state=True,
            has_address=False,
        ),
        replace(
            proposal_workflow.TAKE_BACK,
            whose=BY_ITS_SIDE,
            then=_takes_wording_in,
            keeps_state=True,
            says=gettext_lazy("The amendment was taken back. It can be changed again."),
        ),
        replace(
            proposal_workflow.CONFIRM,
            whose=BY_THE_OTHER_SIDE,
            check=_check_confirmation,
            keeps_state=True,
            says=gettext_lazy("The amendment was confirmed. Its wording can no longer be changed."),
        ),
        replace(
            proposal_workflow.DECLINE,
            whose=BY_THE_OTHER_SIDE,
            check=_has_reason,
            then=_takes_wording_in,
            keeps_state=True,
            says=gettext_lazy("The amendment was declined."),
        ),
        replace(
            proposal_workflow.DISCARD,
            from_states=proposal_workflow.OPEN,
            whose=BY_EITHER,
            moves=_discards,
        ),
    ),
)
propose, take_back = STEPS.action("propose"), STEPS.action("take_back")
confirm, decline, discard = STEPS.action("confirm"), STEPS.action("decline"), STEPS.action("discard")
