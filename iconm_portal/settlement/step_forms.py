"""What every page with steps asks: the version that the person saw, a side's own decision, files; and how it refuses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.forms import files
from iconm_portal.settlement.proposal_workflow import SameSide
from iconm_portal.settlement.review import Decision
from iconm_portal.settlement.version_lock import Conflict, SamePerson, WrongStep
from iconm_portal.values.fields import EraDateFormField

# How an action says that a step cannot be taken.
Refused = (Conflict, WrongStep, SamePerson, SameSide, ValidationError)


class VersionForm(forms.Form):
    """The state of the thing that the person saw. Anything but a number is a state that never was."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput)

    @property
    def seen(self) -> int:
        """The version, 0 where none was sent."""
        return self.cleaned_data["version"] if self.is_valid() else 0


def seen_version(request: HttpRequest) -> int:
    """The version that the person's page showed; 0, which never was, where none was sent."""
    return VersionForm(request.POST).seen


class DecisionForm(forms.Form):
    """A side's own internal decision (決裁日, 決裁者の職), if it records it."""

    decided_post = forms.CharField(label=gettext_lazy("Decided by (post)"), max_length=60, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decided_on"] = EraDateFormField(
            label=gettext_lazy("Internal decision on"), latest=today, required=False
        )
        self.order_fields(["decided_on"])

    def decision(self) -> Decision:
        """Of a valid form."""
        return Decision(self.cleaned_data["decided_on"], self.cleaned_data["decided_post"])


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class EvidenceField(forms.FileField):
    """Any number of files, each checked for type, content and size (`iconm_portal.forms.files`)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=FilesInput(attrs={"accept": files.ACCEPT, "multiple": True}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[files.CheckedFile]:
        """The checked files. ValidationError with one message per refused file."""
        if not data and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        checked, refused = [], []
        for uploaded in data or []:
            try:
                checked.append(files.check(uploaded))
            except ValidationError as error:
                refused.append(error)
        if refused:
            raise ValidationError(refused)
        return checked


class DocumentField(forms.FileField):
    """One file, checked for type, content and size; None where none was chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.FileInput(attrs={"accept": files.ACCEPT}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> files.CheckedFile | None:
        """The checked file."""
        if not data:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        return files.check(data)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One refusal, for the summary above a sheet of many forms; `target` is the id of the field."""

    label: str
    message: str
    target: str


def wrongs_of(form: forms.Form, line: str = "") -> Iterator[Wrong]:
    """The refusals of one form; `line` names what it is about, where several forms have the same fields."""
    for name, messages in form.errors.items():
        bound = None if name == NON_FIELD_ERRORS else form[name]
        label = line or (str(bound.label) if bound else "")
        for message in messages:
            yield Wrong(label, str(message), bound.auto_id if bound else "")


def add_refusals(form: forms.Form, error: ValidationError) -> None:
    """What the action refused, at the fields that it names; the rest above the form."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for field, refusals in by_field.items():
        form.add_error(field if field in form.fields else None, ValidationError(refusals))


def refusal_text(error: Exception, state: str) -> str:
    """Why a step could not be taken, and what to do. `state` is the word for the state that the thing is in now."""
    match error:
        case Conflict():
            return _(
                "Someone changed this after you opened it, so nothing was done."
                " Look at it again before you go on."
            )
        case WrongStep():
            return _("This is now “%(state)s”, so the step can no longer be taken.") % {"state": state}
        case SamePerson():
            return _("You put this forward yourself. Someone on the other side must answer it.")
        case SameSide():
            return _("Your side put this forward. The other side must answer it.")
        case ValidationError():
            return " ".join(error.messages)
    raise error
