"""What the city's staff types about whether the foundation performs the agreement (basic agreement, Art. 11(3))."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.endings.judgement_actions import Judged
from agreements.models import LandJudgement
from iconm_portal.values.fields import EraDateFormField

PERFORMED, NOT_PERFORMED = "performed", "not_performed"


class PerformanceForm(forms.Form):
    """An act of its own: what the city finds, from when on, and why. `seen`: the last one that the page showed."""

    finding = forms.ChoiceField(
        label=_("What the city judges"),
        choices=[
            (NOT_PERFORMED, pgettext_lazy("judgement", "the foundation does not perform the agreement")),
            (PERFORMED, pgettext_lazy("judgement", "the foundation performs the agreement")),
        ],
        widget=forms.RadioSelect,
    )
    takes_effect_on = EraDateFormField(
        label=_("Takes effect on"),
        required=False,
        help_text=_(
            "The first day on which the judgement holds, not before today. Where the agreement is not performed, the day"
            " before it is the last day of the free use; blank: today is. Where it is performed, blank means from today."
        ),
    )
    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, last: LandJudgement | None) -> None:
        super().__init__(
            data, initial={"seen": last.pk if last else 0}
        )  # what is judged is never chosen beforehand

    def judged(self) -> Judged:
        """What was judged; of a valid form."""
        typed = self.cleaned_data
        return Judged(
            is_free=typed["finding"] == PERFORMED,
            takes_effect_on=typed["takes_effect_on"],
            reason=typed["reason"],
        )


class CorrectionOfPerformanceForm(PerformanceForm):
    """The same in the place of a wrong one."""

    def __init__(self, data: Any = None, *, last: LandJudgement) -> None:
        super().__init__(data, last=last)
        self.fields["reason"].label = _("Reason for the correction")
        self.initial["finding"] = PERFORMED if last.is_free else NOT_PERFORMED
        self.initial["takes_effect_on"] = last.takes_effect_on
