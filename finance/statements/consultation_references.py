"""The budgets that were decided after a consultation, for its page."""

from collections.abc import Iterator

from django.urls import reverse

from agreements.consultations.consultation_references import Citation
from agreements.models import Consultation
from finance.models import Statement
from finance.statements import texts
from iconm_portal.models import ReviewState


def budgets(consultation: Consultation) -> Iterator[Citation]:
    """Decided ones, which everybody of the two parties sees."""
    for found in Statement.objects.filter(consultation=consultation, state=ReviewState.ACCEPTED):
        where = {"year": found.fiscal_year, "stage": found.slug, "revision": found.revision}
        yield Citation(
            texts.title(found),
            reverse("finance:statement", kwargs={"center": consultation.center.code, **where}),
        )
