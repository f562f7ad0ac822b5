"""What each indicator's value is proposed from, for administrators."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_POST, require_safe

from finance.models import Account
from finance.models.accounts import IN_STATEMENT
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import Refused, add_refusals, refusal_text
from kpi.models import Category, Indicator, IndicatorBasis, Measured
from kpi.value_sources.actions import NONE, Choice, chosen, set_basis

Options = list[tuple[str, Any]]


class BasisForm(forms.Form):
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


@center_view(Right.ADMINISTER)
@require_safe
def bases(request: HttpRequest, center: Center) -> HttpResponse:
    """Every indicator of every plan with its basis, the latest plan first."""
    return _page(request, center)


def _page(
    request: HttpRequest,
    center: Center,
    *,
    bound: BasisForm | None = None,
    of: Indicator | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    options = _options(center)
    rows = IndicatorBasis.objects.filter(indicator__plan__center=center)
    stored = {row.indicator_id: chosen(row) for row in rows.select_related("account", "category")}
    indicators = Indicator.objects.filter(plan__center=center).select_related("plan")
    lines = []
    for one in indicators.order_by("-plan__first_year", "plan_id", "position"):
        now = stored.get(one.pk, NONE).key
        form = BasisForm(initial={"basis": now, "seen": now}, options=options, auto_id=f"{one.pk}-%s")
        lines.append((one, bound if of == one and bound is not None else form))
    return render(
        request, "kpi/value_sources/value_sources.html", {"lines": lines, "refusal": refusal}, status=status
    )


@center_view(Right.ADMINISTER)
@require_POST
def basis(request: HttpRequest, center: Center, plan: str, indicator: str) -> HttpResponse:
    """Change the basis of one indicator."""
    found = get_object_or_404(
        Indicator.objects.select_related("plan__center"),
        plan__center=center,
        plan__code=plan,
        code=indicator,
    )
    form = BasisForm(request.POST, options=_options(center), auto_id=f"{found.pk}-%s")
    if not form.is_valid():
        return _page(request, center, bound=form, of=found, status=400)
    choice = Choice.of(form.cleaned_data["basis"])
    try:
        set_basis(indicator=found, choice=choice, seen=form.was, by=person(request))
    except ValidationError as error:
        add_refusals(form, error)
        return _page(request, center, bound=form, of=found, status=400)
    except Refused as error:
        return _page(request, center, refusal=refusal_text(error, ""), status=409)
    messages.success(request, _("Saved for “%(indicator)s”.") % {"indicator": found.name})
    return redirect("kpi:bases", center=center.code)


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
