"""What people type around a statement: which are listed, which to begin, reasons and answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.consultations import consultations
from agreements.models import Consultation
from finance.models import RecordedUnit, Stage
from iconm_portal.display import template_tags
from iconm_portal.models import Center, ProposalState, ReviewState, User
from iconm_portal.settlement.steps import StepForm
from iconm_portal.values.fields import FiscalYearFormField


class ListFilter(forms.Form):
    """Which statements are listed."""

    year = FiscalYearFormField(label=gettext_lazy("Fiscal year"), required=False)
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), choices=[("", gettext_lazy("All")), *Stage.choices], required=False
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"), choices=[("", gettext_lazy("All")), *ReviewState.choices], required=False
    )


class StartForm(forms.Form):
    """Year, stage, and the unit in which the figures are recorded."""

    fiscal_year = FiscalYearFormField(
        label=gettext_lazy("Fiscal year"), help_text=gettext_lazy("For example R7 or 2025.")
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"),
        choices=Stage.choices,
        help_text=gettext_lazy(
            "A supplementary budget begins with the figures of the budget in force, in its unit, and gets the next number."
        ),
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("Unit of recording"),
        choices=RecordedUnit.choices,
        help_text=gettext_lazy("As the figures stand on paper. It stays for this statement."),
    )


class CorrectionForm(forms.Form):
    """Why settled figures are corrected."""

    reason = forms.CharField(
        label=gettext_lazy("Reason for the correction"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AnswerForm(StepForm):
    """The city's comment; needed where the statement is returned."""

    text = forms.CharField(
        label=gettext_lazy("Comment"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ConsultationChoice(forms.ModelChoiceField):
    """A consultation that both sides confirmed, by its number."""

    def label_from_instance(self, obj: Consultation) -> str:
        return f"{obj} {template_tags.bracketed(template_tags.era_date_short(obj.held_on))}"


class DecideForm(StepForm):
    """The consultation after which the foundation decides."""

    def __init__(self, *args: Any, center: Center, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        confirmed = consultations.visible(user, center).filter(state=ProposalState.CONFIRMED)
        self.fields["consultation"] = ConsultationChoice(
            confirmed, to_field_name="number", empty_label=_("Choose one"), label=_("Consultation")
        )
        self.has_consultations = confirmed.exists()

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> "DecideForm":
        return cls(data, center=item.center, user=person)
