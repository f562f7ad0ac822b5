"""What people type about a verification: its result, a comment, the city's judgement."""

from collections.abc import Sequence
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from agreements.endings.judgement_actions import Judged
from agreements.models import Criterion, Verdict
from agreements.verifications.verification import Heading
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import User
from iconm_portal.settlement.steps import StepForm
from iconm_portal.values.fields import EraDateFormField

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


class AnewForm(forms.Form):
    """Why it is verified anew."""

    reason = forms.CharField(label=_("Why it is verified anew"), max_length=2000, widget=_text(3))


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
        stored = {"result": row.result, "follow_up": row.follow_up} if row and not row.is_settled else {}
        if item.judgement is not None:  # to be corrected
            stored |= {
                "verdict": item.judgement.verdict,
                "takes_effect_on": item.judgement.takes_effect_on,
                "follow_up": item.judgement.follow_up,
            }
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
    takes_effect_on = EraDateFormField(
        label=_("Takes effect on"),
        required=False,
        help_text=_(
            "The first day on which the judgement holds, not before today. Where the conditions are not met, the day before"
            " it is the last day of the free use; blank: today is. Where they are met, blank means from today."
        ),
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


class CorrectionForm(JudgementForm):
    """A judgement in the place of a wrong one, with the reason. `judgement`: the one that the person saw."""

    reason = forms.CharField(label=_("Reason for the correction"), max_length=2000, widget=_text(3))
    judgement = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, item: Any, person: User, data: Any = None, files: Any = None) -> Self:
        form = super().of(item, person, data, files)
        form.fields["verdict"].required = True
        form.initial["judgement"] = item.judgement.pk if item.judgement else 0
        return form

    def judged(self) -> Judged:
        """What was judged; of a valid form."""
        typed = self.cleaned_data
        return Judged(
            is_free=typed["verdict"] == Verdict.MEETS,
            takes_effect_on=typed["takes_effect_on"],
            reason=typed["reason"],
            follow_up=typed["follow_up"],
            said={criterion.code: text for criterion, text in self.texts().items()},
        )


class VerdictForm(JudgementForm):
    """The same where it is settled: then the verdict is needed."""

    def clean_verdict(self) -> Verdict:
        verdict: str = self.cleaned_data["verdict"]
        if not verdict:
            raise ValidationError(_("Say whether the conditions are met."))
        return Verdict(verdict)

    def given(self) -> dict[str, Any]:
        settled = ("verdict", "takes_effect_on")
        return super().given() | {name: self.cleaned_data[name] for name in settled}
