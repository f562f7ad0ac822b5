"""An agreement in the addresses of its master data: found, and on the way down to what is below it."""

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.instruments import agreements
from agreements.models import (
    Agreement,
    AgreementKind,
    Conclusion,
    Duty,
    Edition,
    Obligation,
    SupportMeasure,
)
from iconm_portal.models import Center, ProposalState
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock


def of_center(center: Center) -> QuerySet[Agreement]:
    """Those of the center; an annual one only once it is signed: what is proposed is for both staffs alone."""
    conclusions = Conclusion.objects.exclude(state=ProposalState.DECLINED)
    concluded = Exists(conclusions.filter(agreement=OuterRef("pk")))
    return (
        Agreement.objects.filter(center=center)
        .annotate(is_concluded=concluded)
        .exclude(kind=AgreementKind.ANNUAL, is_concluded=False)
        .select_related("center", "parent", "replaces")
    )


def agreement_or_404(center: Center, code: str) -> Agreement:
    """The agreement with the code, with its editions."""
    editions = Prefetch("editions", Edition.objects.order_by("number").defer("preamble", "closing"))
    return get_object_or_404(of_center(center).prefetch_related(editions), code=code)


def obligation_or_404(agreement: Agreement, code: str) -> Obligation:
    """The obligation with the code; `is_stored` says whether a duty of it is."""
    rows = (
        Obligation.objects.filter(agreement=agreement)
        .select_related("agreement__center", "provision")
        .prefetch_related("required_documents")
        .annotate(is_stored=Exists(Duty.objects.filter(obligation=OuterRef("pk"))))
    )
    return get_object_or_404(rows, code=code)


def measure_or_404(agreement: Agreement, code: str) -> SupportMeasure:
    """The support measure with the code."""
    rows = SupportMeasure.objects.filter(agreement=agreement)
    return get_object_or_404(rows.select_related("agreement", "center", "contract", "provision"), code=code)


def edition_today(agreement: Agreement) -> Edition | None:
    """The wording in force today, or that of the draft."""
    return agreements.edition_on(list(agreement.editions.all()), clock.today())


def crumbs(center: Center, agreement: Agreement | None = None) -> list[Crumb]:
    """The way down to an agreement, or to a page under it."""
    found = [Crumb(_("Master data"), reverse("agreements:master", kwargs={"center": center.code}))]
    if agreement is not None:
        at = {"center": center.code, "agreement": agreement.code}
        found.append(Crumb(agreement.short_title, reverse("agreements:master_agreement", kwargs=at)))
    return found


def back_to(agreement: Agreement) -> HttpResponse:
    """On to the agreement with all its parts."""
    return redirect("agreements:master_agreement", center=agreement.center.code, agreement=agreement.code)
