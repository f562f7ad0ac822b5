"""What people type about a duty: documents and a note, dates, reasons, answers."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.consultations import consultations
from agreements.duties.actions import Document
from agreements.models import Consultation, Duty
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.settlement.step_forms import DocumentField
from iconm_portal.templatetags import portal
from iconm_portal.values.fields import EraDateFormField


class ConsultationChoice(forms.ModelChoiceField):
    """A consultation that both sides confirmed, by its number."""

    def __init__(self, center: Center, user: User, **kwargs: Any) -> None:
        found: QuerySet[Consultation] = consultations.visible(user, center).filter(
            state=ProposalState.CONFIRMED
        )
        super().__init__(found, to_field_name="number", empty_label=_("Choose one"), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({portal.era_date_short(obj.held_on)})"


class StepForm(forms.Form):
    """One of several on a page: the ids of its fields begin with the form's own name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"id_{type(self).__name__.removesuffix('Form').lower()}_%s"
        super().__init__(*args, **kwargs)


class DocumentsForm(StepForm, VersionedForm):
    """A file for each required document, another one, and a note."""

    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    other = DocumentField(label=_("Another document"), required=False)

    def __init__(self, *args: Any, duty: Duty, **kwargs: Any) -> None:
        super().__init__(*args, initial={"note": duty.note, "version": duty.version}, **kwargs)
        self.required_documents = list(duty.obligation.required_documents.all())
        for one in self.required_documents:
            self.fields[f"document-{one.code}"] = DocumentField(label=one.name, required=False)
        self.order_fields([f"document-{one.code}" for one in self.required_documents])

    def documents(self) -> list[Document]:
        """What was chosen; of a valid form."""
        files = [(one, self.cleaned_data[f"document-{one.code}"]) for one in self.required_documents]
        return [(one, file) for one, file in [*files, (None, self.cleaned_data["other"])] if file]


class OwnDateForm(StepForm):
    """The parties' own date where the agreement prints none."""

    due_on = EraDateFormField(
        label=_("Due date"), help_text=_("It stays once it is set. A later date is then an extension.")
    )


class ExtensionForm(StepForm):
    """A later date, why, and the consultation that settled it."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, center: Center, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"] = EraDateFormField(label=_("New due date"))
        self.fields["consultation"] = ConsultationChoice(center, user, label=_("Consultation"))
        self.order_fields(["due_on", "reason", "consultation"])


class AnswerForm(StepForm):
    """A comment; needed where the duty is returned."""

    text = forms.CharField(
        label=_("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CommentForm(AnswerForm):
    """A remark on what was handed in."""


class DecideForm(StepForm):
    """The consultation after which the foundation decides."""

    def __init__(self, *args: Any, center: Center, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultation"] = ConsultationChoice(center, user, label=_("Consultation"))


class AskForm(forms.Form):
    """Until when something is asked for, and why."""

    due_on = EraDateFormField(label=_("Due date"))
    reason = forms.CharField(
        label=_("What is asked for"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
