"""What people type about a verification: its result, a comment, the city's judgement."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.models import Criterion, Verdict
from agreements.verifications.verification import Heading
from iconm_portal.forms.edited import VersionedForm

LONGEST_TEXT = 5000


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class ResultForm(VersionedForm):
    """The result of a verification by both. A draft may be blank; handing it in asks for it."""

    result = forms.CharField(label=_("Result"), max_length=LONGEST_TEXT, required=False, widget=_text(8))


class ReturnForm(forms.Form):
    """Why it goes back."""

    comment = forms.CharField(label=_("What has to be changed"), max_length=1000, widget=_text(3))


class _ByCriterion(VersionedForm):
    """A text under each criterion."""

    def __init__(self, headings: Sequence[Heading], *args: Any, field: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings = headings
        for heading in headings:
            self.fields[heading.criterion.code] = forms.CharField(
                label=heading.criterion.label,
                max_length=LONGEST_TEXT,
                required=False,
                widget=_text(4),
                initial=getattr(heading, field),
            )

    @property
    def lines(self) -> list[tuple[Heading, forms.BoundField]]:
        """The criteria with their fields, in order."""
        return [(heading, self[heading.criterion.code]) for heading in self.headings]

    def texts(self) -> dict[Criterion, str]:
        """What was written under each criterion; of a valid form."""
        return {heading.criterion: self.cleaned_data[heading.criterion.code] for heading in self.headings}


class AssessmentForm(_ByCriterion):
    """The foundation's self-assessment. A draft may have blanks; handing it in asks for all of them."""

    result = forms.CharField(
        label=_("Summary of the year"), max_length=LONGEST_TEXT, required=False, widget=_text(4)
    )

    def __init__(self, headings: Sequence[Heading], *args: Any, **kwargs: Any) -> None:
        super().__init__(headings, *args, field="self_assessment", **kwargs)


class JudgementForm(_ByCriterion):
    """The city's judgement, its verdict, and what is to follow."""

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

    def __init__(
        self, headings: Sequence[Heading], *args: Any, needs_verdict: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(headings, *args, field="judgement", **kwargs)
        self.needs_verdict = needs_verdict

    def clean_verdict(self) -> str:
        """Needed to settle it, not to keep what is written so far."""
        verdict: str = self.cleaned_data["verdict"]
        if self.needs_verdict and not verdict:
            raise ValidationError(_("Say whether the conditions are met."))
        return verdict
