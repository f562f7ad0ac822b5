"""Why a row of the agreements' master data stays, in words; empty where nothing rests on it, so that it can be deleted."""

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import (
    Agreement,
    AgreementKind,
    LandJudgement,
    Obligation,
    Party,
    Provision,
    RequiredDocument,
    SupportMeasure,
)
from agreements.models import Edition as Wording
from agreements.pages.master import summary_actions
from agreements.pages.master.rows import resting_on
from iconm_portal.models import Center
from iconm_portal.values.text import listed

# What rests on a row, by the label of its table. Those of the floors above are named as texts too.
WORDS: Final[dict[str, str | Promise]] = {
    "agreements.Agreement": gettext_lazy("another agreement"),
    "agreements.ChronologyEntry": gettext_lazy("an entry of the chronology"),
    "agreements.Conclusion": gettext_lazy("a conclusion"),
    "agreements.Consultation": gettext_lazy("a consultation"),
    "agreements.Duty": gettext_lazy("a stored duty"),
    "agreements.Edition": gettext_lazy("an amendment"),
    "agreements.Edition_removes": gettext_lazy("an amendment"),
    "agreements.Ending": gettext_lazy("an end that was agreed"),
    "agreements.Extension": gettext_lazy("an extended due date"),
    "agreements.Finding": gettext_lazy("a finding"),
    "agreements.LandJudgement": gettext_lazy("a judgement on the land"),
    "agreements.MeasureChange": gettext_lazy("an amendment"),
    "agreements.Notice": gettext_lazy("a notice of termination"),
    "agreements.Obligation": gettext_lazy("an obligation"),
    "agreements.ObligationChange": gettext_lazy("an amendment"),
    "agreements.ReportedFact": gettext_lazy("a fact of a report"),
    "agreements.SupportAmount": gettext_lazy("an amount of a fiscal year"),
    "agreements.SupportMeasure": gettext_lazy("a support measure"),
    "agreements.WordingProposal": gettext_lazy("an official wording"),
    "finance.Account": gettext_lazy("an account"),
    "kpi.Plan": gettext_lazy("a plan"),
    "kpi.PlanProposal": gettext_lazy("a proposed plan"),
}


def of_agreement(agreement: Agreement) -> str:
    """A draft goes with its parties, obligations, support measures and summaries; none of them may be rested on."""
    if agreement.kind == AgreementKind.ANNUAL:
        return _("Annual agreements are made by the parties.")
    if agreement.conclusions.exists():
        return _("A conclusion of the agreement is recorded, so it stays.")
    if agreement.source:
        return from_document()
    edition = summary_actions.edition_of(agreement)
    if fixed := summary_actions.why_fixed(edition):
        return fixed
    own = (Obligation, SupportMeasure, Party, Wording)
    found: list[type[Model]] = [
        *resting_on(Agreement.objects.filter(pk=agreement.pk), besides=own),
        *resting_on(Wording.objects.filter(agreement=agreement), besides=(Provision,)),
        *resting_on(
            Provision.objects.filter(edition__agreement=agreement),
            besides=(Provision, Obligation, SupportMeasure),
        ),
        *resting_on(agreement.obligations.all(), besides=(RequiredDocument,)),
        *resting_on(agreement.support_measures.all()),
        # Of another agreement, carried by this one: `besides` left it out with the agreement's own.
        *(SupportMeasure for _carried in agreement.carries.all()[:1]),
    ]
    return _resting(found) or _judged(agreement.center, agreement.support_measures.select_related("center"))


def of_obligation(obligation: Obligation) -> str:
    """An obligation of a draft. That of a concluded agreement is ended by its last fiscal year."""
    if found := resting_on(Obligation.objects.filter(pk=obligation.pk), besides=(RequiredDocument,)):
        return _resting(found)
    if obligation.agreement.conclusions.exists():
        return _("A conclusion of the agreement is recorded: an obligation is ended by its last fiscal year.")
    return from_document() if obligation.source else ""


def of_measure(measure: SupportMeasure) -> str:
    """A support measure of a draft. That of a concluded agreement is changed by an amendment."""
    if found := resting_on(SupportMeasure.objects.filter(pk=measure.pk)):
        return _resting(found)
    if measure.agreement.conclusions.exists():
        return _("A conclusion of the agreement is recorded: a support measure is changed by an amendment.")
    if measure.source:
        return from_document()
    return _judged(measure.center, [measure])


def of_row(rows: QuerySet[Any]) -> str:
    """What rests on one of the rows, whichever table it is."""
    return _resting(resting_on(rows))


def from_document() -> str:
    return _("It comes with a document, so it stays.")


def _judged(center: Center, measures: Iterable[SupportMeasure]) -> str:
    """A judgement on the land names by their keys the grants of which it takes the free use."""
    taken = {key for one in center.land_judgements.only("takes") for key in one.takes}
    return _resting([LandJudgement]) if any(one.history_key() in taken for one in measures) else ""


def _resting(found: list[type[Model]]) -> str:
    names = list(dict.fromkeys(str(WORDS[model._meta.label]) for model in found))
    return _("Something rests on it, so it stays: %(names)s.") % {"names": listed(names)} if names else ""
