"""年度協定 (research-support agreement, Art. 6(2)): one side proposes its terms, the other confirms them.

The terms are the first edition of the annual agreement, proposed and confirmed like every other joint matter; the
signing itself is recorded afterwards as the agreement's conclusion. Until then the agreement is a draft.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.instruments import agreements
from agreements.instruments.actions import lock
from agreements.instruments.state import State, state_on
from agreements.models import Agreement, AgreementKind, Edition, Party
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history import history
from iconm_portal.models import ProposalState, User
from iconm_portal.settlement import proposal_workflow
from iconm_portal.settlement.steps import EITHER, REQUIRED, StepTable, Taking, acting_side
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

KINDS_WITH_ANNUAL = tuple(kind for kind in AgreementKind if kind.has_annual)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an annual agreement settles: its titles, its days, the contribution in whole yen, and what is to be done."""

    title: str
    short_title: str
    starts_on: date
    ends_on: date
    contribution: int
    content: str = ""

    def of_agreement(self) -> dict[str, Any]:
        """The fields of the agreement."""
        return {
            "title": self.title,
            "short_title": self.short_title,
            "starts_on": self.starts_on,
            "ends_on": self.ends_on,
            "contribution": self.contribution,
        }

    def as_history(self) -> dict[str, Any]:
        """The same as the history keeps it."""
        return self.of_agreement() | {"preamble": self.content}


@transaction.atomic
def propose(*, parent: Agreement, fiscal_year: FiscalYear, terms: Terms, by: User, at: datetime) -> Agreement:
    """A new annual agreement under `parent`, put before the other side.

    WrongStep under an agreement that is not one for research support, or is over. ValidationError where the year has
    one already, where the days leave the year or the parent's term, and for a negative contribution.
    """
    side = acting_side(parent.center, by)
    locked = lock(parent)
    state = agreements.state_of(locked, clock.day_of(at))
    if locked.kind not in KINDS_WITH_ANNUAL or state is State.ENDED:
        raise WrongStep(state.value)
    _check(locked, fiscal_year, terms, at)
    if locked.children.filter(fiscal_year=fiscal_year).exists():
        raise ValidationError({"fiscal_year": _("The year has an annual agreement already.")})
    last = Agreement.objects.filter(center=locked.center).aggregate(last=Max("position"))["last"] or 0
    agreement = Agreement(
        center=locked.center,
        code=f"{locked.code[:35].rstrip('-')}-{fiscal_year.start}",
        kind=AgreementKind.ANNUAL,
        position=last + 1,
        parent=locked,
        fiscal_year=fiscal_year,
        recorded_at=at,
        recorded_by=by,
        **terms.of_agreement(),
    )
    agreement.full_clean()
    agreement.save()
    Party.objects.bulk_create(
        Party(
            agreement=agreement,
            side=party.side,
            name=party.name,
            address=party.address,
            representative_post=party.representative_post,
            representative=party.representative,
        )
        for party in locked.parties.all()
    )
    edition = Edition.objects.create(
        agreement=agreement,
        number=1,
        in_force_from=terms.starts_on,
        preamble=terms.content,
        state=ProposalState.PROPOSED,
        proposed_at=at,
        proposed_by=by,
        proposed_side=side,
        recorded_at=at,
    )
    STEPS.record(edition, "propose", by, after=terms.as_history())
    return agreement


def _terms_of(agreement: Agreement) -> Edition:
    edition = agreement.editions.filter(number=1).first() if agreement.kind == AgreementKind.ANNUAL else None
    if edition is None:
        raise WrongStep("")
    return edition


def _check(parent: Agreement, year: FiscalYear, terms: Terms, at: datetime) -> None:
    """The days lie in the fiscal year and within the parent's term, in order."""
    if terms.ends_on < terms.starts_on:
        raise ValidationError({"ends_on": _("The end does not come before the start.")})
    if not year.contains(terms.starts_on):
        raise ValidationError({"starts_on": _("The start lies in the fiscal year.")})
    if not year.contains(terms.ends_on):
        raise ValidationError({"ends_on": _("The end lies in the fiscal year.")})
    if terms.starts_on < parent.starts_on:
        raise ValidationError({"starts_on": _("The agreement that it stands under begins later.")})
    last = agreements.facts_of(parent).last_day(clock.day_of(at))
    if last is not None and terms.ends_on > last:
        raise ValidationError({"ends_on": _("The agreement that it stands under ends earlier.")})


# -- Steps: the first edition has the state, the history speaks of the agreement --


def _check_terms(taking: Taking[Edition]) -> None:
    edition, terms = taking.item, taking.given["terms"]
    locked = lock(edition.agreement)
    if locked.parent is None or locked.fiscal_year is None:  # every annual agreement has both
        raise WrongStep("")
    _not_over(taking)
    _check(locked.parent, locked.fiscal_year, terms, taking.at)
    fields = terms.of_agreement()
    taking.before = {name: getattr(locked, name) for name in fields} | {"preamble": edition.preamble}
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.full_clean()
    taking.changes = {"preamble": terms.content, "in_force_from": terms.starts_on}
    taking.result = locked


def _not_over(taking: Taking[Edition]) -> None:
    """WrongStep where it has ended, of its own or with the agreement above it: nothing is settled about it any more.
    ValidationError where both know that it cannot begin any more."""
    facts, day = agreements.facts_of(taking.item.agreement), clock.day_of(taking.at)
    state = state_on(facts, day)
    if state is State.ENDED:
        raise WrongStep(state.value)
    if facts.never_starts(day):
        raise ValidationError(_("The agreement that it stands under ends earlier."))


def _save_terms(taking: Taking[Edition]) -> None:
    terms = taking.given["terms"]
    taking.result.save(update_fields=list(terms.of_agreement()))
    taking.item.agreement = taking.result
    taking.before, taking.after = history.changed(taking.before, terms.as_history())


def _keep_contribution(taking: Taking[Edition]) -> None:
    taking.after = {"contribution": taking.item.agreement.contribution}


STEPS = StepTable(
    Edition,
    named="agreement",
    code="agreement",
    of=_terms_of,
    about=lambda edition: edition.agreement,
    steps=(
        replace(  # changed, the terms are before the other side again; either side may
            proposal_workflow.PROPOSE,
            name="edit",
            recorded="propose",
            whose=EITHER,
            takes={"terms": REQUIRED},
            check=_check_terms,
            then=_save_terms,
            has_address=False,
        ),
        replace(proposal_workflow.TAKE_BACK, says=gettext_lazy("You took the proposal back.")),
        replace(
            proposal_workflow.CONFIRM,
            check=_not_over,
            then=_keep_contribution,
            says=gettext_lazy("The terms are agreed. Record the conclusion once both have signed."),
        ),
        replace(
            proposal_workflow.DECLINE, says=gettext_lazy("The terms were declined; the other side reads why.")
        ),
    ),
)
change, take_back = STEPS.action("edit"), STEPS.action("take_back")
confirm, decline = STEPS.action("confirm"), STEPS.action("decline")
