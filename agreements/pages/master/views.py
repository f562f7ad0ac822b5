"""基本データ for the staff of both sides: the agreements of a center, and the obligations of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.duties import texts, timings
from agreements.editions.obligations import rules
from agreements.instruments import agreements, labels
from agreements.models import Agreement, AgreementKind, Conclusion, Duty, Edition, Obligation
from agreements.pages.master import actions, forms
from iconm_portal.forms.form_page import Files, Make, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
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
    changes: list[str]  # by amendments, from which year on


@center_view(Right.PREPARE)
@require_safe
def master(request: HttpRequest, center: Center) -> HttpResponse:
    """All agreements of the center, with their obligations counted."""
    found = _agreements(center).annotate(obligation_count=Count("obligations", distinct=True))
    listed = list(agreements.with_state(found))
    facts = agreements.linked(listed)
    rows = [
        AgreementRow(
            one,
            labels.chip_of(facts[one.pk], clock.today()),
            getattr(one, "obligation_count", 0),
        )
        for one in listed
    ]
    return render(request, "agreements/pages/master/list.html", {"rows": rows})


# -- Agreements --


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_agreement(request: HttpRequest, center: Center) -> HttpResponse:
    """Enter an agreement; its obligations come next."""

    def save(form: forms.AgreementForm) -> HttpResponse:
        made = actions.create_agreement(
            center=center,
            code=form.cleaned_data["code"],
            facts=form.facts(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The agreement is entered. Add its obligations."))
        return redirect("agreements:master_agreement", center=center.code, agreement=made.code)

    return form_page(
        request,
        "agreements/pages/master/new.html",
        form=lambda data, _files: forms.AgreementForm(data, center=center),
        save=save,
        context=lambda _form: {"crumbs": _crumbs(center)},
    )


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """One agreement with its obligations; changed here as long as it is not concluded."""
    found, template = _agreement_or_404(center, agreement), "agreements/pages/master/agreement.html"
    can_change = not getattr(found, "is_concluded", True) and found.kind != AgreementKind.ANNUAL
    if request.method != "POST" and not can_change:
        return render(request, template, _agreement_context(found) | {"form": None})

    def form(data: QueryDict | None, _files: Files | None) -> forms.AgreementForm:
        return forms.AgreementForm(data, center=center, agreement=_agreement_or_404(center, agreement))

    def save(form: forms.AgreementForm) -> HttpResponse:
        actions.change_agreement(
            agreement=found, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The changes are saved."))
        return redirect("agreements:master_agreement", center=center.code, agreement=found.code)

    return form_page(request, template, form=form, save=save, context=lambda _form: _agreement_context(found))


def _agreement_context(found: Agreement) -> dict[str, Any]:
    year = FiscalYear.of(clock.today())
    return {
        "agreement": found,
        "is_annual": found.kind == AgreementKind.ANNUAL,
        "rows": [
            ObligationRow(
                one,
                texts.provision_name(one.provision),
                one.get_bound_display(),
                timings.in_words(one, year),
                one.duty_count,
                timings.changes_in_words(one, known_at=clock.today()),
            )
            for one in rules.with_changes(
                found.obligations.select_related("provision").annotate(duty_count=Count("duties"))
            )
        ],
        "crumbs": _crumbs(found.center),
    }


# -- Obligations --


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_obligation(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """Enter an obligation of the agreement."""
    found = _agreement_or_404(center, agreement)

    def save(form: forms.ObligationForm) -> HttpResponse:
        actions.add_obligation(
            agreement=found, code=form.cleaned_data["code"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The obligation is added."))
        return redirect("agreements:master_agreement", center=center.code, agreement=found.code)

    return _obligation_page(
        request, found, lambda data, _files: forms.ObligationForm(data, edition=_edition(found)), save
    )


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def obligation(request: HttpRequest, center: Center, agreement: str, obligation: str) -> HttpResponse:
    """Change an obligation; its rule only until a duty of it is stored."""
    found = _agreement_or_404(center, agreement)
    row = _obligation_or_404(found, obligation)

    def form(data: QueryDict | None, _files: Files | None) -> forms.ObligationForm:
        now = _obligation_or_404(found, obligation)
        return forms.ObligationForm(
            data, edition=_edition(found), obligation=now, is_fixed=getattr(now, "is_stored", True)
        )

    def save(form: forms.ObligationForm) -> HttpResponse:
        actions.change_obligation(
            obligation=row, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The changes are saved."))
        return redirect("agreements:master_agreement", center=center.code, agreement=found.code)

    return _obligation_page(request, found, form, save)


def _obligation_page(
    request: HttpRequest,
    found: Agreement,
    form: Make[forms.ObligationForm],
    save: Callable[[forms.ObligationForm], HttpResponse],
) -> HttpResponse:
    """Saved, or with the other button only said in words."""
    template = "agreements/pages/master/obligation.html"
    if "preview" in request.POST:
        typed = form(request.POST, None)
        status = 200 if typed.is_valid() else 400
        return render(request, template, _obligation_context(found, typed) | {"form": typed}, status=status)
    return form_page(
        request, template, form=form, save=save, context=lambda form: _obligation_context(found, form)
    )


def _obligation_context(found: Agreement, form: forms.ObligationForm) -> dict[str, Any]:
    above = Crumb(
        found.short_title,
        reverse("agreements:master_agreement", kwargs={"center": found.center.code, "agreement": found.code}),
    )
    typed = form.typed_rule()
    return {
        "agreement": found,
        "obligation": form.obligation,
        "rule": timings.in_words(typed, FiscalYear.of(clock.today())) if typed.timing else "",
        "crumbs": [*_crumbs(found.center), above],
    }


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
