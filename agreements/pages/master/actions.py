"""基本データ of a center's agreements, prepared by the staff of both sides: agreements that are not concluded, and obligations.

What is concluded changes by amendment; annual agreements are made by the parties. The rule of an obligation is fixed
with its first stored duty: it is ended with a last fiscal year, and another one is added.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from agreements.instruments.actions import lock
from agreements.models import (
    Agreement,
    AgreementKind,
    Edition,
    Obligation,
    Provision,
    RequiredDocument,
    known_days,
)
from agreements.pages.master.rows import check, check_code, fingerprint, next_position, values_of
from iconm_portal.display import template_tags
from iconm_portal.forms.refusals import Conflict, Gone
from iconm_portal.history import history
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.people.access import Right, require
from iconm_portal.standing import deeds
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

MOST_DOCUMENTS: Final = 30

# What a stored duty was made from.
RULE: Final = ("bound", "way", "timing", "due_month", "due_day", "due_year_offset", "due_on", "documents")

# At which field to say what a constraint refuses: the first of these that is blank, else the first.
_SAID_AT: Final = {
    "agreements_agreement_code_unique": ("code",),
    "agreements_agreement_ends_after_start": ("ends_on",),
    "agreements_agreement_reviewed_after_start": ("review_on",),
    "agreements_agreement_annual_has_year": ("kind",),
    "agreements_agreement_not_its_own_parent": ("parent",),
    "agreements_obligation_code_unique": ("code",),
    "agreements_obligation_due_whole": ("due_month", "due_day"),
    "agreements_obligation_due_month_known": ("due_day",),
    "agreements_obligation_due_in_calendar": ("due_day",),
    "agreements_obligation_offset_near": ("due_year_offset",),
    "agreements_obligation_due_on_once": ("due_on",),
    "agreements_obligation_years_in_order": ("last_year",),
}


@dataclass(frozen=True, slots=True)
class AgreementFacts:
    """What staff say of an agreement; its code stands beside it and never changes."""

    kind: str
    title: str
    short_title: str
    starts_on: date
    ends_on: date | None = None
    parent: Agreement | None = None
    replaces: Agreement | None = None
    review_on: date | None = None
    review_reason: str = ""
    legal_basis: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class ObligationFacts:
    """What staff say of an obligation; `documents` are the names of what fulfils it, in order."""

    title: str
    bound: str
    way: str
    timing: str
    provision: Provision | None = None
    due_month: int | None = None
    due_day: int | None = None
    due_year_offset: int = 0
    due_on: date | None = None
    deed: str = ""
    first_year: FiscalYear | None = None
    last_year: FiscalYear | None = None
    documents: tuple[str, ...] = ()


# -- Agreements --


@transaction.atomic
def create_agreement(
    *, center: Center, code: str, facts: AgreementFacts, by: User, at: datetime
) -> Agreement:
    """A draft agreement with its first, empty edition. ValidationError, by field, for what cannot be kept."""
    require(by, center, Right.PREPARE)
    Center.objects.select_for_update().get(pk=center.pk)  # two who take the same code at once
    agreement = Agreement(
        center=center,
        code=code,
        position=next_position(Agreement.objects.filter(center=center)),
        recorded_at=at,
        recorded_by=by,
        **values_of(facts),
    )
    check_code(code)
    known_days.refuse_forgotten(agreement.starts_on, "starts_on", today=clock.day_of(at))
    _check_agreement(agreement)
    agreement.save()
    Edition.objects.create(agreement=agreement, number=1, in_force_from=agreement.starts_on, recorded_at=at)
    history.record(
        by=by,
        action="agreement.create",
        subject=agreement,
        center=center,
        after={"code": code, **agreement_state(agreement)},
    )
    return agreement


@transaction.atomic
def change_agreement(*, agreement: Agreement, seen: str, facts: AgreementFacts, by: User) -> Agreement:
    """Change an agreement that is not concluded; its first edition follows its start.

    `seen`: the `fingerprint` of what the person saw. Conflict when it stands otherwise by now. ValidationError for a
    concluded or an annual agreement, and by field for what cannot be kept.
    """
    require(by, agreement.center, Right.PREPARE)
    current = lock(agreement)
    if current.conclusions.exclude(state=ProposalState.DECLINED).exists():
        raise ValidationError(_("The agreement is concluded: it is changed by an amendment."))
    if current.kind == AgreementKind.ANNUAL:
        raise ValidationError(_("Annual agreements are made by the parties."))
    before, started = agreement_state(current), current.starts_on
    if fingerprint(before) != seen:
        raise Conflict
    for name, value in values_of(facts).items():
        setattr(current, name, value)
    if current.starts_on != started:
        known_days.refuse_forgotten(current.starts_on, "starts_on", today=clock.today())
    _check_agreement(current)
    was, now = history.changed(before, agreement_state(current))
    if not now and not was:
        return current
    current.save(update_fields=list(values_of(facts)))
    current.editions.filter(number=1, in_force_from=started, state=ProposalState.DRAFT).update(
        in_force_from=current.starts_on, version=F("version") + 1
    )
    history.record(
        by=by, action="agreement.change", subject=current, center=current.center, before=was, after=now
    )
    return current


def agreement_state(agreement: Agreement) -> dict[str, Any]:
    """What the facts say of the agreement now, as the history keeps it."""
    state = {one.name: getattr(agreement, one.name) for one in fields(AgreementFacts)}
    return {
        name: value.short_title if isinstance(value, Agreement) else value for name, value in state.items()
    }


def _check_agreement(agreement: Agreement) -> None:
    if agreement.kind == AgreementKind.ANNUAL:
        raise ValidationError({"kind": _("Annual agreements are made by the parties.")})
    for name in ("parent", "replaces"):
        _check_above(agreement, name)
    if (
        agreement.pk
        and not agreement.kind.has_annual
        and agreement.children.filter(kind=AgreementKind.ANNUAL).exists()
    ):
        raise ValidationError({"kind": _("Annual agreements stand under it, so it stays what it is.")})
    check(agreement, _SAID_AT)


def _check_above(agreement: Agreement, name: str) -> None:
    """Of the same center, and not by way of others the agreement itself."""
    above: Agreement | None = getattr(agreement, name)
    while above is not None:
        if above.center_id != agreement.center_id:
            raise ValidationError({name: _("Choose another agreement of this center.")})
        if agreement.pk is not None and above.pk == agreement.pk:
            raise ValidationError({name: _("An agreement does not stand under itself or replace itself.")})
        above = getattr(above, name)


# -- Obligations --


@transaction.atomic
def add_obligation(*, agreement: Agreement, code: str, facts: ObligationFacts, by: User) -> Obligation:
    """A new obligation of the agreement, with its documents. ValidationError, by field, for what cannot be kept."""
    require(by, agreement.center, Right.PREPARE)
    current = lock(agreement)
    obligation = Obligation(
        agreement=current,
        code=code,
        position=next_position(current.obligations.all()),
        **_obligation_values(facts),
    )
    check_code(code)
    _check_obligation(obligation, facts.documents)
    obligation.save()
    _write_documents(obligation, facts.documents)
    history.record(
        by=by,
        action="obligation.create",
        subject=obligation,
        center=current.center,
        after={"code": code, **obligation_state(obligation)},
    )
    return obligation


@transaction.atomic
def change_obligation(*, obligation: Obligation, seen: str, facts: ObligationFacts, by: User) -> Obligation:
    """Change an obligation; of one for which a duty is stored only what its `RULE` does not say.

    `seen` as for agreements. ValidationError at the field whose change is refused.
    """
    require(by, obligation.agreement.center, Right.PREPARE)
    lock(obligation.agreement)
    current = (
        Obligation.objects.select_for_update(of=("self",))
        .select_related("agreement__center", "provision")
        .filter(pk=obligation.pk)
        .first()
    )
    if current is None:
        raise Gone
    before = obligation_state(current)
    if fingerprint(before) != seen:
        raise Conflict
    for name, value in _obligation_values(facts).items():
        setattr(current, name, value)
    after = obligation_state(current) | {"documents": list(facts.documents)}
    _check_stored(current, [name for name in RULE if before[name] != after[name]])
    _check_obligation(current, facts.documents)
    was, now = history.changed(before, after)
    if not now and not was:
        return current
    current.save(update_fields=list(_obligation_values(facts)))
    if before["documents"] != after["documents"]:
        _write_documents(current, facts.documents)
    history.record(
        by=by,
        action="obligation.change",
        subject=current,
        center=current.agreement.center,
        before=was,
        after=now,
    )
    return current


def obligation_state(obligation: Obligation) -> dict[str, Any]:
    """What the facts say of the obligation now, as the history keeps it."""
    state = {
        one.name: getattr(obligation, one.name) for one in fields(ObligationFacts) if one.name != "documents"
    }
    provision, first, last = obligation.provision, obligation.first_year, obligation.last_year
    return state | {
        "provision": provision.key if provision else None,
        "first_year": first.start if first else None,
        "last_year": last.start if last else None,
        "documents": [document.name for document in obligation.required_documents.all()]
        if obligation.pk
        else [],
    }


def _obligation_values(facts: ObligationFacts) -> dict[str, Any]:
    values = values_of(facts)
    del values["documents"]
    return values


def _check_stored(obligation: Obligation, changed: Sequence[str]) -> None:
    """Neither the rule of stored duties changes, nor do its years leave one of them outside."""
    years = [duty.fiscal_year for duty in obligation.duties.all()]
    if not years:
        return
    said = _(
        "A duty of it is stored, so this stays. End the obligation with a last fiscal year, and add a new one."
    )
    refused = dict.fromkeys(changed, said)
    outside = _("Duties are stored from %(first)s to %(last)s.") % {
        "first": template_tags.fiscal_year(min(years)),
        "last": template_tags.fiscal_year(max(years)),
    }
    if obligation.first_year and obligation.first_year > min(years):
        refused["first_year"] = outside
    if obligation.last_year and obligation.last_year < max(years):
        refused["last_year"] = outside
    if refused:
        raise ValidationError({name: [text] for name, text in refused.items()})


def _check_obligation(obligation: Obligation, documents: Sequence[str]) -> None:
    provision = obligation.provision
    if provision is not None and provision.edition.agreement_id != obligation.agreement_id:
        raise ValidationError({"provision": _("Choose a provision of this agreement.")})
    if obligation.deed and (deeds.kind(obligation.deed) is None or obligation.verification):
        raise ValidationError({"deed": _("Choose one of the listed values.")})
    longest = RequiredDocument._meta.get_field("name").max_length or 0
    if len(documents) > MOST_DOCUMENTS or any(len(name) > longest for name in documents):
        raise ValidationError(
            {
                "documents": _("At most %(lines)s documents, each with at most %(letters)s characters.")
                % {"lines": MOST_DOCUMENTS, "letters": longest}
            }
        )
    if len(set(documents)) < len(documents):
        raise ValidationError({"documents": _("The obligation asks for this document already.")})
    check(obligation, _SAID_AT)


def _write_documents(obligation: Obligation, names: Sequence[str]) -> None:
    """The documents by these names, in this order; what stays keeps its code. Only where no duty is stored."""
    held = {document.name: document for document in obligation.required_documents.all()}
    taken = {document.code for document in held.values()}
    free = (code for number in range(1, 1000) if (code := f"document-{number}") not in taken)
    obligation.required_documents.exclude(name__in=names).delete()
    for position, name in enumerate(names, start=1):
        document = held.get(name) or RequiredDocument(obligation=obligation, code=next(free), name=name)
        document.position = position
        document.save()
