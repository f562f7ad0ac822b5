"""What people type about a verification: its result, a comment, the city's judgement."""

from collections.abc import Sequence
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.models import Criterion, Verdict
from agreements.verifications.verification import Heading
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import User
from iconm_portal.settlement.steps import StepForm

LONGEST_TEXT = 5000


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ResultForm(VersionedForm):
    """The result of a verification by both. A draft may be blank; handing it in asks for it."""

    result = forms.CharField(label=_("Result"), max_length=LONGEST_TEXT, required=False, widget=_text(8))

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> "ResultForm":
        """About the sheet of a verification."""
        stored = {"result": item.row.result if item.row else "", "version": item.version}
        return cls(data, initial=stored)

    def given(self) -> dict[str, Any]:
        return {"result": self.cleaned_data["result"]}


class ReturnForm(StepForm):
    """Why it goes back."""

    comment = forms.CharField(label=_("What has to be changed"), max_length=1000, widget=_text(3))


class _ByCriterion(VersionedForm):
    """A text under each criterion."""

    text: str  # which of those of a heading

    def __init__(self, headings: Sequence[Heading], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings = headings
        for heading in headings:
            self.fields[heading.criterion.code] = forms.CharField(
                label=heading.criterion.label,
                max_length=LONGEST_TEXT,
                required=False,
                widget=_text(4),
                initial=getattr(heading, self.text),
            )

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> Self:
        """About the sheet of a verification."""
        row = item.row
        stored = {"result": row.result, "follow_up": row.follow_up} if row else {}
        return cls(item.headings, data, initial=stored | {"version": item.version})

    @property
    def lines(self) -> list[tuple[Heading, forms.BoundField]]:
        """The criteria with their fields, in order."""
        return [(heading, self[heading.criterion.code]) for heading in self.headings]

    def texts(self) -> dict[Criterion, str]:
        """What was written under each criterion; of a valid form."""
        return {heading.criterion: self.cleaned_data[heading.criterion.code] for heading in self.headings}


class AssessmentForm(_ByCriterion):
    """The foundation's self-assessment. A draft may have blanks; handing it in asks for all of them."""

    text = "self_assessment"
    result = forms.CharField(
        label=_("Summary of the year"), max_length=LONGEST_TEXT, required=False, widget=_text(4)
    )

    def given(self) -> dict[str, Any]:
        return {"result": self.cleaned_data["result"], "self_assessments": self.texts()}


class JudgementForm(_ByCriterion):
    """The city's judgement, its verdict, and what is to follow."""

    text = "judgement"
    verdict = forms.ChoiceField(
        label=_("Verdict on the free use of land"),
        choices=Verdict.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    follow_up = forms.CharField(
        label=_("Follow-up"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=_text(3),
        help_text=_("What is to be improved or done next. Needed where the conditions are not met."),
    )

    def given(self) -> dict[str, Any]:
        return {"judgements": self.texts(), "follow_up": self.cleaned_data["follow_up"]}


class VerdictForm(JudgementForm):
    """The same where it is settled: then the verdict is needed."""

    def clean_verdict(self) -> Verdict:
        verdict: str = self.cleaned_data["verdict"]
        if not verdict:
            raise ValidationError(_("Say whether the conditions are met."))
        return Verdict(verdict)

    def given(self) -> dict[str, Any]:
        return super().given() | {"verdict": self.cleaned_data["verdict"]}
