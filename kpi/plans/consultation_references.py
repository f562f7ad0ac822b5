"""The targets and plans that were settled in a consultation, for its page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.consultations.consultation_references import Citation
from agreements.models import Consultation
from iconm_portal.models import ProposalState
from kpi.models import PlanProposal, TargetProposal


def targets(consultation: Consultation) -> Iterator[Citation]:
    """Confirmed ones, which everybody of the two parties sees."""
    confirmed = TargetProposal.objects.filter(consultation=consultation, state=ProposalState.CONFIRMED)
    for found in confirmed.select_related("plan"):
        where = {"center": consultation.center.code, "plan": found.plan.code, "proposal": found.pk}
        yield Citation(
            _("Targets of %(plan)s") % {"plan": found.plan.label},
            reverse("kpi:target_proposal", kwargs=where),
        )


def plans(consultation: Consultation) -> Iterator[Citation]:
    """Confirmed ones, which everybody of the two parties sees."""
    for found in PlanProposal.objects.filter(consultation=consultation, state=ProposalState.CONFIRMED):
        where = {"center": consultation.center.code, "proposal": found.pk}
        yield Citation(_("Plan %(plan)s") % {"plan": found.label}, reverse("kpi:plan_proposal", kwargs=where))
