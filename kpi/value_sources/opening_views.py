"""期首累計: what stood before the register counts on, entered and changed by either side's staff."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from iconm_portal.forms.edited import EditedForm
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.values import clock
from iconm_portal.values.fields import AsOfFormField
from kpi.models import IndicatorBasis, Measured, OpeningBalance
from kpi.register.forms import WholeNumberField
from kpi.register.opening_balances import Scope, latest
from kpi.value_sources.actions import Balance, set_opening_balance
from kpi.value_sources.views import counted_basis, crumbs


class OpeningForm(EditedForm):
    """Number, day, document and reason; and which revision the page showed."""

    value = WholeNumberField(
        label=pgettext_lazy("opening balance", "Number"),
        required=False,
        help_text=gettext_lazy("To take an opening balance away, leave the number and the day blank."),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        max_length=200,
        help_text=gettext_lazy("The document that says so, with its day and page."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"),
        max_length=300,
        required=False,
        help_text=gettext_lazy(
            "Needed where an opening balance is changed, taken away, or above what was accepted later."
        ),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, data: QueryDict | None, *, basis: IndicatorBasis, stored: OpeningBalance | None
    ) -> None:
        initial: dict[str, Any] = {"revision": 0}
        if stored is not None:
            initial = {
                "value": stored.value,
                "as_of": stored.as_of,
                "source": stored.source,
                "revision": stored.revision,
            }
        super().__init__(data, initial=initial)
        self.fields["value"].unit = basis.indicator.unit  # type: ignore[attr-defined]
        self.fields["as_of"] = AsOfFormField(
            label=_("Until"),
            required=False,
            latest=clock.today(),
            help_text=_(
                "The number holds everything up to the end of this day; records count from the next one on."
            ),
        )
        self.order_fields(["value", "as_of", "source", "reason"])

    def balance(self) -> Balance:
        """Of a valid form."""
        typed = self.cleaned_data
        return Balance(typed["value"], typed["as_of"], typed["source"])


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def of_category(request: HttpRequest, center: Center, plan: str, indicator: str) -> HttpResponse:
    """Of all that counts the same things as the indicator does."""
    basis = counted_basis(center, plan, indicator)
    return _page(request, center, basis, Scope(category=basis.category, measured=Measured(basis.measured)))


@center_view(Right.PREPARE)
@require_http_methods(["GET", "HEAD", "POST"])
def of_indicator(request: HttpRequest, center: Center, plan: str, indicator: str) -> HttpResponse:
    """Of this indicator alone, where its count began on another day than the others'."""
    basis = counted_basis(center, plan, indicator)
    return _page(request, center, basis, Scope(indicator=basis.indicator))


def _page(request: HttpRequest, center: Center, basis: IndicatorBasis, scope: Scope) -> HttpResponse:
    def form(data: QueryDict | None, _files: Files | None) -> OpeningForm:
        return OpeningForm(data, basis=basis, stored=latest(scope))

    def save(form: OpeningForm) -> HttpResponse:
        set_opening_balance(
            center=center,
            scope=scope,
            balance=form.balance(),
            seen=form.cleaned_data["revision"],
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("Saved for “%(indicator)s”.") % {"indicator": basis.indicator.name})
        return redirect("kpi:bases", center=center.code)

    def context(_form: OpeningForm) -> dict[str, Any]:
        revisions = OpeningBalance.objects.filter(scope.rows()).select_related("recorded_by")
        return {
            "basis": basis,
            "is_of_indicator": scope.indicator is not None,
            "revisions": revisions.order_by("-revision"),
            "crumbs": crumbs(center),
        }

    return form_page(request, "kpi/value_sources/opening_balance.html", form=form, save=save, context=context)
