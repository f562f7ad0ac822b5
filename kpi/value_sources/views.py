"""What each indicator's value is counted or taken from: seen by all who see the figures, changed by either side's staff."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from iconm_portal.forms.edited import EditedForm
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from kpi.models import Indicator, IndicatorBasis, Measured
from kpi.register import opening_balances
from kpi.value_sources import suggested_texts
from kpi.value_sources.actions import Choice, chosen, set_basis
from kpi.value_sources.choices import Options, options

TEMPLATE = "kpi/value_sources/value_sources.html"


class BasisForm(EditedForm):
    """One choice with its reason, and what the page showed."""

    basis = forms.ChoiceField(label=gettext_lazy("Proposed from"))
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    def __init__(self, *args: Any, options: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["basis"].choices = options  # type: ignore[attr-defined]  # of a choice field

    @property
    def was(self) -> Choice:
        """What the page showed; anything unreadable was never shown, so it is a conflict."""
        try:
            return Choice.of(self.cleaned_data["seen"])
        except ValueError:
            return Choice(account="-")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """An indicator with what its value comes from, in words; empty texts where there is nothing to say."""

    indicator: Indicator
    text: str
    chosen: str
    opening: str
    may_have_opening: bool


@center_view(Right.SEE_SETTLED)
@require_safe
def bases(request: HttpRequest, center: Center) -> HttpResponse:
    """Every indicator of every plan with its source and its opening balance, the latest plan first."""
    context = {
        "lines": _lines(center),
        "may_change": allowed(person(request), center, Right.PREPARE),
    }
    return render(request, TEMPLATE, context)


def _lines(center: Center) -> list[SourceLine]:
    rows = IndicatorBasis.objects.filter(indicator__plan__center=center).select_related(
        "account", "category", "chosen_by", "indicator__plan"
    )
    stored = {row.indicator_id: row for row in rows}
    openings = opening_balances.load(center, stored.values())
    indicators = Indicator.objects.filter(plan__center=center).select_related("plan")
    return [
        _line(one, stored.get(one.pk), openings.get(one.pk))
        for one in indicators.order_by("-plan__first_year", "plan_id", "position")
    ]


def _line(
    indicator: Indicator, basis: IndicatorBasis | None, opening: opening_balances.Opening | None
) -> SourceLine:
    return SourceLine(
        indicator,
        suggested_texts.basis_text(basis) if basis else "",
        suggested_texts.chosen_text(basis) if basis else "",
        suggested_texts.opening_words(indicator, opening),
        may_have_opening=basis is not None and has_opening(basis),
    )


def has_opening(basis: IndicatorBasis) -> bool:
    """Whether what it counts goes on from what stood before."""
    return (
        bool(basis.measured) and Measured(basis.measured).adds_up and basis.indicator.kind.counts_all_so_far
    )


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def basis(request: HttpRequest, center: Center, plan: str, indicator: str) -> HttpResponse:
    """Change the source of one indicator."""
    found = indicator_of(center, plan, indicator)

    def form(data: QueryDict | None, _files: Files | None) -> BasisForm:
        row = IndicatorBasis.objects.filter(indicator=found).select_related("account", "category").first()
        now = chosen(row)
        return BasisForm(data, initial={"basis": now.key, "seen": now.key}, options=options(center))

    def save(form: BasisForm) -> HttpResponse:
        set_basis(
            indicator=found,
            choice=Choice.of(form.cleaned_data["basis"]),
            seen=form.was,
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("Saved for “%(indicator)s”.") % {"indicator": found.name})
        return redirect("kpi:bases", center=center.code)

    return form_page(
        request,
        "kpi/value_sources/source.html",
        form=form,
        save=save,
        context=lambda _form: {"indicator": found, "crumbs": crumbs(center)},
    )


def indicator_of(center: Center, plan: str, code: str) -> Indicator:
    """Http404 for what the center does not have."""
    return get_object_or_404(
        Indicator.objects.select_related("plan__center"), plan__center=center, plan__code=plan, code=code
    )


def counted_basis(center: Center, plan: str, code: str) -> IndicatorBasis:
    """Of an indicator whose count goes on from what stood before; Http404 for any other."""
    found = (
        IndicatorBasis.objects.filter(indicator=indicator_of(center, plan, code))
        .select_related("indicator__plan__center", "category")
        .first()
    )
    if found is None or not has_opening(found):
        raise Http404(code)
    return found


def crumbs(center: Center) -> list[Crumb]:
    return [Crumb(_("What values are proposed from"), reverse("kpi:bases", kwargs={"center": center.code}))]
