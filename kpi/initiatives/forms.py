"""What people type about an activity in a year."""

from django import forms
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import VersionedForm

LONGEST = 4000


class YearForm(VersionedForm):
    """The year's plan and its result."""

    plan = forms.CharField(
        label=_("Plan of the year"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What is to be done in the fiscal year."),
    )
    result = forms.CharField(
        label=_("Result of the year"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_(
            "What came of it, with numbers where there are any. It can be written as the year goes on."
        ),
    )
