"""What people type about a duty: documents and a note, dates, reasons, answers."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from agreements.consultations import consultations
from agreements.duties.actions import Document
from agreements.models import Consultation, Duty
from iconm_portal.display import template_tags
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.forms.file_fields import DocumentField
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.settlement.steps import StepForm
from iconm_portal.values.fields import EraDateFormField


class ConsultationChoice(forms.ModelChoiceField):
    """A consultation that both sides confirmed, by its number."""

    def __init__(self, center: Center, user: User, **kwargs: Any) -> None:
        found: QuerySet[Consultation] = consultations.visible(user, center).filter(
            state=ProposalState.CONFIRMED
        )
        super().__init__(found, to_field_name="number", empty_label=_("Choose one"), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} {template_tags.bracketed(template_tags.era_date_short(obj.held_on))}"


class _DutyForm(StepForm):
    """One of several on a page: the ids of its fields begin with the form's own name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["auto_id"] = f"id_{type(self).__name__.removesuffix('Form').lower()}_%s"
        super().__init__(*args, **kwargs)


class _ConsultationForm(_DutyForm):
    """The consultation after which something is settled."""

    def __init__(self, *args: Any, center: Center, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consultation"] = ConsultationChoice(center, user, label=_("Consultation"))

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> "_ConsultationForm":
        return cls(data, center=item.center, user=person)


class DocumentsForm(_DutyForm, VersionedForm):
    """A file for each required document, another one, and a note."""

    note = forms.CharField(
        label=_("Note"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    other = DocumentField(label=_("Another document"), required=False)

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> "DocumentsForm":
        return cls(data, files, duty=item)

    def __init__(self, *args: Any, duty: Duty, **kwargs: Any) -> None:
        super().__init__(*args, initial={"note": duty.note, "version": duty.version}, **kwargs)
        self.required_documents = list(duty.obligation.required_documents.all())
        for one in self.required_documents:
            self.fields[f"document-{one.code}"] = DocumentField(label=one.name, required=False)
        self.order_fields([f"document-{one.code}" for one in self.required_documents])

    def given(self) -> dict[str, Any]:
        """The note, and the documents that were chosen."""
        files = [(one, self.cleaned_data[f"document-{one.code}"]) for one in self.required_documents]
        documents: list[Document] = [
            (one, file) for one, file in [*files, (None, self.cleaned_data["other"])] if file
        ]
        return {"note": self.cleaned_data["note"], "documents": documents}


class OwnDateForm(_DutyForm):
    """The parties' own date where the agreement prints none."""

    due_on = EraDateFormField(
        label=_("Due date"), help_text=_("It stays once it is set. A later date is then an extension.")
    )


class ExtensionForm(_ConsultationForm):
    """A later date, why, and the consultation that settled it."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_on"] = EraDateFormField(label=_("New due date"))
        self.order_fields(["due_on", "reason", "consultation"])


class AnswerForm(_DutyForm):
    """A comment; needed where the duty is returned."""

    text = forms.CharField(
        label=_("Comment"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CommentForm(AnswerForm):
    """A remark on what was handed in."""


class DecideForm(_ConsultationForm):
    """The consultation after which the foundation decides."""


class AskForm(forms.Form):
    """Until when something is asked for, and why."""

    due_on = EraDateFormField(label=_("Due date"))
    reason = forms.CharField(
        label=_("What is asked for"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
