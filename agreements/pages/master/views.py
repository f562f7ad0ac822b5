"""基本データ for the staff of both sides: the agreements of a center, and the obligations of each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.duties import texts, timings
from agreements.editions.obligations import rules
from agreements.instruments import agreements, labels
from agreements.models import Agreement, AgreementKind, Obligation, ObligationChange
from agreements.pages.master import actions, forms, parts
from agreements.pages.master.deletions import reasons
from agreements.pages.master.places import (
    agreement_or_404,
    back_to,
    crumbs,
    edition_today,
    obligation_or_404,
    of_center,
)
from iconm_portal.forms.form_page import Files, Make, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement in the list."""

    agreement: Agreement
    chip: SafeString
    last_day: (
        date | None
    )  # as it is known today: its own, or one on which both agreed, or that of what it stands under
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
    found = of_center(center).annotate(obligation_count=Count("obligations", distinct=True))
    listed = list(agreements.with_state(found))
    facts = agreements.linked(listed)
    rows = [
        AgreementRow(
            one,
            labels.chip_of(facts[one.pk], clock.today()),
            facts[one.pk].last_day(clock.today()),
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
        messages.success(
            request,
            _("The agreement is entered. Add its parties, provisions, support measures and obligations."),
        )
        return back_to(made)

    return form_page(
        request,
        "agreements/pages/master/new.html",
        form=lambda data, _files: forms.AgreementForm(data, center=center),
        save=save,
        context=lambda _form: {"crumbs": crumbs(center)},
    )


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def agreement(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """One agreement with its obligations; changed here as long as it is not concluded."""
    found, template = agreement_or_404(center, agreement), "agreements/pages/master/agreement.html"
    can_change = not getattr(found, "is_concluded", True) and found.kind != AgreementKind.ANNUAL
    if request.method != "POST" and not can_change:
        return render(request, template, _agreement_context(found) | {"form": None})

    def form(data: QueryDict | None, _files: Files | None) -> forms.AgreementForm:
        return forms.AgreementForm(data, center=center, agreement=agreement_or_404(center, agreement))

    def save(form: forms.AgreementForm) -> HttpResponse:
        actions.change_agreement(
            agreement=found, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The changes are saved."))
        return back_to(found)

    return form_page(request, template, form=form, save=save, context=lambda _form: _agreement_context(found))


def _agreement_context(found: Agreement) -> dict[str, Any]:
    today = clock.today()
    year = FiscalYear.of(today)
    return {
        "agreement": found,
        "last_day": agreements.facts_of(found).last_day(today),
        "is_annual": found.kind == AgreementKind.ANNUAL,
        "rows": [
            ObligationRow(
                one,
                texts.provision_name(one.provision),
                one.get_bound_display(),
                timings.own_rule_in_words(one, year, changes=rules.settled_changes(one, known_at=today)),
                one.duty_count,
                timings.changes_in_words(one, known_at=today),
            )
            for one in rules.with_changes(
                found.obligations.select_related("provision").annotate(duty_count=Count("duties"))
            )
        ],
        **parts.of(found),
        "crumbs": crumbs(found.center),
    }


# -- Obligations --


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_obligation(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """Enter an obligation of the agreement."""
    found = agreement_or_404(center, agreement)

    def save(form: forms.ObligationForm) -> HttpResponse:
        actions.add_obligation(
            agreement=found, code=form.cleaned_data["code"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The obligation is added."))
        return back_to(found)

    return _obligation_page(
        request, found, lambda data, _files: forms.ObligationForm(data, edition=edition_today(found)), save
    )


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def obligation(request: HttpRequest, center: Center, agreement: str, obligation: str) -> HttpResponse:
    """Change an obligation; its rule only until a duty of it is stored."""
    found = agreement_or_404(center, agreement)
    row = obligation_or_404(found, obligation)

    def form(data: QueryDict | None, _files: Files | None) -> forms.ObligationForm:
        now = obligation_or_404(found, obligation)
        return forms.ObligationForm(
            data, edition=edition_today(found), obligation=now, is_fixed=getattr(now, "is_stored", True)
        )

    def save(form: forms.ObligationForm) -> HttpResponse:
        actions.change_obligation(
            obligation=row, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The changes are saved."))
        return back_to(found)

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
    typed, today = form.typed_rule(), clock.today()
    settled: list[ObligationChange] = []
    if form.obligation is not None:
        rules.load_changes([form.obligation], known_at=today)
        settled = rules.settled_changes(form.obligation, known_at=today)
    year = FiscalYear.of(today)
    return {
        "agreement": found,
        "obligation": form.obligation,
        "why_kept": reasons.of_obligation(form.obligation) if form.obligation else "",
        "rule": timings.own_rule_in_words(typed, year, changes=settled) if typed.timing else "",
        "changes": [timings.change_in_words(one) for one in settled],
        "crumbs": crumbs(found.center, found),
    }
