"""基本データ for administrators: the agreements of a center of their circle, and the obligations of each."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.duties import texts
from agreements.instruments import agreements, labels
from agreements.models import Agreement, AgreementKind, Conclusion, Duty, Edition, Obligation
from agreements.pages.master import actions, forms
from agreements.pages.master import texts as master_texts
from iconm_portal.forms import unsent_input
from iconm_portal.forms.master_data import seen_again
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import add_refusals, refusal_text
from iconm_portal.settlement.version_lock import Conflict
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement in the list."""

    agreement: Agreement
    chip: SafeString
    obligations: int


@dataclass(frozen=True, slots=True)
class ObligationRow:
    """An obligation of an agreement, in words."""

    obligation: Obligation
    provision: str
    bound: str
    rule: str
    duties: int


@center_view(Right.ADMINISTER)
@require_safe
def master(request: HttpRequest, center: Center) -> HttpResponse:
    """All agreements of the center, with their obligations counted."""
    found = _agreements(center).annotate(obligation_count=Count("obligations", distinct=True))
    rows = [
        AgreementRow(
            one,
            labels.state_chip(agreements.state_of(one, clock.today())),
            getattr(one, "obligation_count", 0),
        )
        for one in agreements.with_state(found)
    ]
    return render(request, "agreements/pages/master/list.html", {"rows": rows})


# -- Agreements --


@center_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_agreement(request: HttpRequest, center: Center) -> HttpResponse:
    """Enter an agreement; its obligations come next."""
    kept = None if request.method == "POST" else unsent_input.kept_for(request)
    form = forms.AgreementForm(request.POST or kept, center=center)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.create_agreement(
                center=center,
                code=form.cleaned_data["code"],
                facts=form.facts(),
                by=person(request),
                at=clock.now(),
            )
        except ValidationError as refused:
            add_refusals(form, refused)
        else:
            unsent_input.forget(request)
            messages.success(request, _("The agreement is entered. Add its obligations."))
            return redirect("agreements:master_agreement", center=center.code, agreement=made.code)
    context = {"form": form, "was_kept": kept is not None, "crumbs": _crumbs(center)}
    return render(request, "agreements/pages/master/new.html", context, status=400 if form.errors else 200)


@center_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """One agreement with its obligations; changed here as long as it is not concluded."""
    found = _agreement_or_404(center, agreement)
    can_change = not getattr(found, "is_concluded", True) and found.kind != AgreementKind.ANNUAL
    if request.method != "POST":
        kept = unsent_input.kept_for(request) if can_change else None
        form = forms.AgreementForm(kept, center=center, agreement=found) if can_change else None
        return _agreement_page(request, found, form, was_kept=kept is not None)
    form = forms.AgreementForm(request.POST, center=center, agreement=found)
    if not form.is_valid():
        return _agreement_page(request, found, form, status=400)
    try:
        actions.change_agreement(
            agreement=found, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
    except ValidationError as refused:
        add_refusals(form, refused)
        return _agreement_page(request, found, form, status=400)
    except Conflict as conflict:
        now = forms.as_it_stands(_agreement_or_404(center, agreement))
        form.data = seen_again(request, now["seen"])
        form.say_what_is_saved(now)
        return _agreement_page(request, found, form, refusal=refusal_text(conflict, ""), status=409)
    unsent_input.forget(request)
    messages.success(request, _("The changes are saved."))
    return redirect("agreements:master_agreement", center=center.code, agreement=found.code)


def _agreement_page(
    request: HttpRequest,
    found: Agreement,
    form: forms.AgreementForm | None,
    *,
    was_kept: bool = False,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    year = FiscalYear.of(clock.today())
    context = {
        "agreement": found,
        "form": form,
        "was_kept": was_kept,
        "refusal": refusal,
        "is_annual": found.kind == AgreementKind.ANNUAL,
        "rows": [
            ObligationRow(
                one,
                texts.provision_name(one.provision),
                one.get_bound_display(),
                master_texts.rule(one, year),
                one.duty_count,
            )
            for one in found.obligations.select_related("provision").annotate(duty_count=Count("duties"))
        ],
        "crumbs": _crumbs(found.center),
    }
    return render(request, "agreements/pages/master/agreement.html", context, status=status)


# -- Obligations --


@center_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def new_obligation(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """Enter an obligation of the agreement."""
    found = _agreement_or_404(center, agreement)
    kept = None if request.method == "POST" else unsent_input.kept_for(request)
    form = forms.ObligationForm(request.POST or kept, edition=_edition(found))
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        try:
            actions.add_obligation(
                agreement=found, code=form.cleaned_data["code"], facts=form.facts(), by=person(request)
            )
        except ValidationError as refused:
            add_refusals(form, refused)
        else:
            unsent_input.forget(request)
            messages.success(request, _("The obligation is added."))
            return redirect("agreements:master_agreement", center=center.code, agreement=found.code)
    return _obligation_page(request, found, form, None, was_kept=kept is not None)


@center_view(Right.ADMINISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def obligation(request: HttpRequest, center: Center, agreement: str, obligation: str) -> HttpResponse:
    """Change an obligation; its rule only until a duty of it is stored."""
    found = _agreement_or_404(center, agreement)
    row = _obligation_or_404(found, obligation)
    kept = None if request.method == "POST" else unsent_input.kept_for(request)
    form = forms.ObligationForm(
        request.POST or kept,
        edition=_edition(found),
        obligation=row,
        is_fixed=getattr(row, "is_stored", True),
    )
    if request.method != "POST" or not form.is_valid() or "preview" in request.POST:
        return _obligation_page(request, found, form, row, was_kept=kept is not None)
    try:
        actions.change_obligation(
            obligation=row, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
    except ValidationError as refused:
        add_refusals(form, refused)
        return _obligation_page(request, found, form, row)
    except Conflict as conflict:
        now = forms.obligation_as_it_stands(_obligation_or_404(found, obligation))
        form.data = seen_again(request, now["seen"])
        form.say_what_is_saved(now | {"documents": tuple(now["documents"].splitlines())})
        return _obligation_page(request, found, form, row, refusal=refusal_text(conflict, ""), status=409)
    unsent_input.forget(request)
    messages.success(request, _("The changes are saved."))
    return redirect("agreements:master_agreement", center=center.code, agreement=found.code)


def _obligation_page(
    request: HttpRequest,
    found: Agreement,
    form: forms.ObligationForm,
    row: Obligation | None,
    *,
    was_kept: bool = False,
    refusal: str = "",
    status: int | None = None,
) -> HttpResponse:
    above = Crumb(
        found.short_title,
        reverse("agreements:master_agreement", kwargs={"center": found.center.code, "agreement": found.code}),
    )
    typed = form.typed_rule()
    context = {
        "agreement": found,
        "obligation": row,
        "form": form,
        "was_kept": was_kept,
        "refusal": refusal,
        "rule": master_texts.rule(typed, FiscalYear.of(clock.today())) if typed.timing else "",
        "crumbs": [*_crumbs(found.center), above],
    }
    status = status or (400 if form.errors else 200)
    return render(request, "agreements/pages/master/obligation.html", context, status=status)


# -- What both share --


def _agreements(center: Center) -> QuerySet[Agreement]:
    """Those of the center; an annual one only once it is signed: what is proposed is for both staffs alone."""
    concluded = Exists(Conclusion.objects.filter(agreement=OuterRef("pk")))
    return (
        Agreement.objects.filter(center=center)
        .annotate(is_concluded=concluded)
        .exclude(kind=AgreementKind.ANNUAL, is_concluded=False)
        .select_related("center", "parent", "replaces")
    )


def _agreement_or_404(center: Center, code: str) -> Agreement:
    editions = Prefetch("editions", Edition.objects.order_by("number").defer("preamble", "closing"))
    return get_object_or_404(_agreements(center).prefetch_related(editions), code=code)


def _obligation_or_404(agreement: Agreement, code: str) -> Obligation:
    rows = (
        Obligation.objects.filter(agreement=agreement)
        .select_related("agreement__center", "provision")
        .prefetch_related("required_documents")
        .annotate(is_stored=Exists(Duty.objects.filter(obligation=OuterRef("pk"))))
    )
    return get_object_or_404(rows, code=code)


def _edition(agreement: Agreement) -> Edition | None:
    """The wording in force today, or that of the draft."""
    return agreements.edition_on(list(agreement.editions.all()), clock.today())


def _crumbs(center: Center) -> list[Crumb]:
    return [Crumb(_("Master data"), reverse("agreements:master", kwargs={"center": center.code}))]
