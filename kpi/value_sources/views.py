"""What each indicator's value is proposed from, for the staff of both sides."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST, require_safe

from finance.models import Account
from finance.models.accounts import IN_STATEMENT
from iconm_portal.forms.edited import EditedForm
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from kpi.models import Category, Indicator, IndicatorBasis, Measured
from kpi.value_sources.actions import NONE, Choice, chosen, set_basis

TEMPLATE = "kpi/value_sources/value_sources.html"
Options = list[tuple[str, Any]]


class BasisForm(EditedForm):
    """One choice, and what the page showed."""

    basis = forms.ChoiceField(label=gettext_lazy("Proposed from"))
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


@center_view(Right.PREPARE)
@require_safe
def bases(request: HttpRequest, center: Center) -> HttpResponse:
    """Every indicator of every plan with its basis, the latest plan first."""
    return render(request, TEMPLATE, _context(center))


def _context(center: Center, of: Indicator | None = None, form: BasisForm | None = None) -> dict[str, Any]:
    """Every indicator with its form; `form`: what was sent for one of them."""
    options = _options(center)
    rows = IndicatorBasis.objects.filter(indicator__plan__center=center)
    stored = {row.indicator_id: chosen(row) for row in rows.select_related("account", "category")}
    indicators = Indicator.objects.filter(plan__center=center).select_related("plan")
    return {
        "lines": [
            (one, form if form and one == of else _form(one, stored.get(one.pk, NONE), options))
            for one in indicators.order_by("-plan__first_year", "plan_id", "position")
        ]
    }


def _form(of: Indicator, now: Choice, options: Options, data: QueryDict | None = None) -> BasisForm:
    stored = {"basis": now.key, "seen": now.key}
    return BasisForm(data, initial=stored, options=options, auto_id=f"{of.pk}-%s")


@center_view(Right.PREPARE)
@require_POST
def basis(request: HttpRequest, center: Center, plan: str, indicator: str) -> HttpResponse:
    """Change the basis of one indicator."""
    found = get_object_or_404(
        Indicator.objects.select_related("plan__center"),
        plan__center=center,
        plan__code=plan,
        code=indicator,
    )

    def form(data: QueryDict | None, _files: Files | None) -> BasisForm:
        row = IndicatorBasis.objects.filter(indicator=found).select_related("account", "category").first()
        return _form(found, chosen(row), _options(center), data)

    def save(form: BasisForm) -> HttpResponse:
        choice = Choice.of(form.cleaned_data["basis"])
        set_basis(indicator=found, choice=choice, seen=form.was, by=person(request))
        messages.success(request, _("Saved for “%(indicator)s”.") % {"indicator": found.name})
        return redirect("kpi:bases", center=center.code)

    return form_page(
        request, TEMPLATE, form=form, save=save, context=lambda form: _context(center, found, form)
    )


def _options(center: Center) -> Options:
    """Nothing, the accounts of statements, and for each category what can be counted of it."""
    accounts = Account.objects.filter(center=center, side__in=IN_STATEMENT)
    categories = Category.objects.filter(center=center)
    return [
        (NONE.key, pgettext("basis", "nothing: it is reported without a proposal")),
        (_("Settlement of the account"), [(Choice(account=one.code).key, one.name) for one in accounts]),
        (
            _("Register"),
            [
                (Choice(category=one.code, measured=how).key, f"{one.name}（{label}）")
                for one in categories
                for how, label in Measured.choices
            ],
        ),
    ]
