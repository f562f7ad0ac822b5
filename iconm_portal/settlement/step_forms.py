"""What every page with steps asks: the version that the person saw, a side's own decision, files."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from iconm_portal.models import User
from iconm_portal.settlement.review import Decision
from iconm_portal.settlement.steps import StepForm
from iconm_portal.values import clock
from iconm_portal.values.fields import EraDateFormField


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


class DeclineForm(StepForm):
    """Why the other side's proposal is not agreed to."""

    reason = forms.CharField(
        label=gettext_lazy("Why you do not agree"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DecisionForm(StepForm):
    """A side's own internal decision (決裁日, 決裁者の職), if it records it."""

    decided_post = forms.CharField(label=gettext_lazy("Decided by (post)"), max_length=60, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["decided_on"] = EraDateFormField(
            label=gettext_lazy("Internal decision on"), latest=today, required=False
        )
        self.order_fields(["decided_on"])

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> "DecisionForm":
        return cls(data, today=clock.today())

    def given(self) -> dict[str, Any]:
        return {"decision": self.decision()}

    def decision(self) -> Decision:
        """Of a valid form."""
        return Decision(self.cleaned_data["decided_on"], self.cleaned_data["decided_post"])
