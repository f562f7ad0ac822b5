"""What people type about a consultation."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.consultations.actions import Details
from agreements.models import Agreement, ConsultationType
from iconm_portal.display.template_tags import era_date
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.forms.file_fields import EvidenceField
from iconm_portal.models import Center
from iconm_portal.values.fields import EraDateFormField


class AgreementChoice(forms.ModelChoiceField):
    """One of the center's agreements, by its short title."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.short_title)


class ConsultationChoice(forms.ModelChoiceField):
    """One of the consultations that both sides confirmed, by its day, number and subject."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{era_date(obj.held_on)} {obj}"


class ConsultationForm(VersionedForm):
    """A talk: when, about what, between whom, and what came of it."""

    type = forms.ChoiceField(label=_("Type"), choices=ConsultationType.choices)
    subject = forms.CharField(label=_("Subject"), max_length=200)
    participants = forms.CharField(
        label=_("Participants"),
        max_length=500,
        required=False,
        help_text=_("Posts or names of both sides."),
    )
    outcome = forms.CharField(label=_("Outcome"), max_length=10_000, widget=forms.Textarea(attrs={"rows": 6}))
    documents = EvidenceField(
        label=_("Documents"), required=False, help_text=_("Minutes or papers, at most 20 MB each.")
    )

    def __init__(self, *args: Any, center: Center, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["held_on"] = EraDateFormField(label=_("Held on"), latest=today)
        self.fields["agreement"] = AgreementChoice(
            Agreement.objects.filter(center=center),
            label=_("Agreement"),
            required=False,
            to_field_name="code",
            empty_label=_("None of them"),
        )
        self.order_fields(["type", "agreement", "held_on", "subject", "participants", "outcome", "documents"])

    def details(self) -> Details:
        """What was typed; of a valid form."""
        typed = self.cleaned_data
        return Details(
            type=typed["type"],
            held_on=typed["held_on"],
            subject=typed["subject"],
            outcome=typed["outcome"],
            participants=typed["participants"],
            agreement=typed["agreement"],
        )
