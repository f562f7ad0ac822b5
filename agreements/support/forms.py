"""What people type about a support measure: an amount for a year."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.consultations.forms import ConsultationChoice
from agreements.models import AmountStage, Consultation
from agreements.support.actions import MOST_YEN
from agreements.support.support import Measure
from iconm_portal.display.template_tags import fiscal_year
from iconm_portal.forms.edited import EditedForm
from iconm_portal.models import Center, ProposalState
from iconm_portal.values.fields import NumberFormField
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit, to_yen

UNIT = "千円"


class AmountForm(EditedForm):
    """An amount for a year, in 千円 as the report's tables have it; kept in whole yen."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    fiscal_year = forms.TypedChoiceField(label=_("Fiscal year"), coerce=lambda text: FiscalYear(int(text)))
    stage = forms.ChoiceField(label=_("Stage"), choices=AmountStage.choices)
    amount = NumberFormField(
        label=_("Amount"),
        unit=UNIT,
        decimals=3,
        minimum=0,
        maximum=Decimal(MOST_YEN) / 1000,
        help_text=_("In thousands of yen, for example 110,000."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed where the year has an amount already."),
    )
    consultation = ConsultationChoice(
        Consultation.objects.none(),
        empty_label=_("None"),
        label=_("Consultation"),
        required=False,
        help_text=_("Needed where the amount passes the measure's limit."),
    )

    def __init__(self, data: Any = None, *, measure: Measure, center: Center, today: date) -> None:
        super().__init__(data, initial={"seen": measure.seen})
        self.measure = measure
        this_year = FiscalYear.of(today)
        last = min(measure.ends_in or this_year + 1, this_year + 1)
        begun = FiscalYear.range(measure.first_year, last) if measure.first_year <= last else ()
        years = reversed(tuple(begun))
        self.fields["fiscal_year"].choices = [(str(year.start), fiscal_year(year)) for year in years]  # type: ignore[attr-defined]
        confirmed = Consultation.objects.filter(center=center, state=ProposalState.CONFIRMED)
        self.fields["consultation"].queryset = confirmed.select_related("center")  # type: ignore[attr-defined]

    def stored_texts(self) -> dict[str, str]:
        """Nothing of it is stored yet; `seen` counts what others have recorded."""
        return {}

    @property
    def yen(self) -> int:
        """The amount in whole yen; of a valid form."""
        return to_yen(self.cleaned_data["amount"], MoneyUnit.THOUSAND)
