"""Deleting what nothing rests on yet: a draft agreement with all its parts, an obligation or a support measure of a draft.

Each leaves its row in the history, with everything that it said.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from agreements.instruments.actions import lock
from agreements.models import Agreement, Obligation, Provision, RequiredDocument, SupportMeasure
from agreements.pages.master import summary_actions
from agreements.pages.master.actions import agreement_state, obligation_state
from agreements.pages.master.deletions import reasons
from agreements.pages.master.measure_actions import measure_state
from agreements.pages.master.party_actions import party_state
from agreements.pages.master.rows import fingerprint
from iconm_portal.forms.refusals import Conflict, Gone
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require


@transaction.atomic
def delete_agreement(*, agreement: Agreement, seen: str, by: User) -> None:
    """Delete a draft with its parties, obligations, support measures and summaries.

    `seen`: the `fingerprint` of `whole_state` as the person saw it. Conflict when it stands otherwise by now, Gone when
    somebody deleted it; ValidationError where something rests on it (`reasons.of_agreement`).
    """
    require(by, agreement.center, Right.PREPARE)
    Center.objects.select_for_update().get(pk=agreement.center_id)  # whoever enters another one under it
    current = lock(agreement)
    _check(reasons.of_agreement(current), fingerprint(whole_state(current)), seen)
    for obligation in _obligations(current):
        _delete_obligation(obligation, by)
    for measure in _measures(current):
        _delete_measure(measure, by)
    _delete_wording(current, by)
    parties = {str(party.side): party_state(party) for party in current.parties.all()}
    current.parties.all().delete()
    history.record(
        by=by,
        action="agreement.delete",
        subject=current,
        center=current.center,
        before={"code": current.code, **agreement_state(current), **parties},
    )
    current.delete()


@transaction.atomic
def delete_obligation(*, obligation: Obligation, seen: str, by: User) -> None:
    """Delete an obligation of a draft. `seen` and what is raised as for agreements."""
    require(by, obligation.agreement.center, Right.PREPARE)
    agreement = lock(obligation.agreement)
    current = next((one for one in _obligations(agreement) if one.pk == obligation.pk), None)
    if current is None:
        raise Gone
    _check(reasons.of_obligation(current), fingerprint(obligation_state(current)), seen)
    _delete_obligation(current, by)


@transaction.atomic
def delete_measure(*, measure: SupportMeasure, seen: str, by: User) -> None:
    """Delete a support measure of a draft. `seen` and what is raised as for agreements."""
    require(by, measure.center, Right.PREPARE)
    agreement = lock(measure.agreement)
    current = next((one for one in _measures(agreement) if one.pk == measure.pk), None)
    if current is None:
        raise Gone
    _check(reasons.of_measure(current), fingerprint(measure_state(current)), seen)
    _delete_measure(current, by)


def whole_state(agreement: Agreement) -> dict[str, Any]:
    """Everything that goes with the agreement."""
    return {
        "agreement": agreement_state(agreement),
        "obligations": {one.code: obligation_state(one) for one in _obligations(agreement)},
        "measures": {one.code: measure_state(one) for one in _measures(agreement)},
        "parties": {str(one.side): party_state(one) for one in agreement.parties.all()},
        "wording": list(agreement.editions.values_list("number", "version")),
    }


def _obligations(agreement: Agreement) -> list[Obligation]:
    rows = agreement.obligations.select_related("agreement__center", "provision")
    return list(rows.prefetch_related("required_documents"))


def _measures(agreement: Agreement) -> list[SupportMeasure]:
    return list(agreement.support_measures.select_related("agreement", "center", "contract", "provision"))


def _check(refused: str, now: str, seen: str) -> None:
    if refused:
        raise ValidationError(refused)
    if now != seen:
        raise Conflict


def _delete_obligation(obligation: Obligation, by: User) -> None:
    history.record(
        by=by,
        action="obligation.delete",
        subject=obligation,
        center=obligation.agreement.center,
        before={"code": obligation.code, **obligation_state(obligation)},
    )
    RequiredDocument.objects.filter(obligation=obligation).delete()
    obligation.delete()


def _delete_measure(measure: SupportMeasure, by: User) -> None:
    history.record(
        by=by,
        action="support_measure.delete",
        subject=measure,
        center=measure.center,
        before={"code": measure.code, **measure_state(measure)},
    )
    measure.delete()


def _delete_wording(agreement: Agreement, by: User) -> None:
    for edition in agreement.editions.select_related("agreement__center"):
        rows = list(edition.provisions.all())
        if rows:
            summary_actions.record(
                edition,
                by,
                before={row.key: {"heading": row.heading, "summary": row.summary} for row in rows},
                after={},
            )
        own = Provision.objects.filter(edition=edition)
        own.update(parent=None)
        own.delete()
        edition.delete()
