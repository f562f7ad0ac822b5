"""What people type about an activity in a year."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import EditedForm, VersionedForm
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives.actions import Written, field_of
from kpi.initiatives.initiatives import Activity, Scheme

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """An activity with its fields."""

    activity: Activity
    plan: BoundField
    result: BoundField


class YearSheetForm(EditedForm):
    """Plan and result of every activity that is carried out in a year."""

    def __init__(self, data: Any, *, schemes: Iterable[Scheme], year: FiscalYear) -> None:
        self.activities = [activity for scheme in schemes for activity in scheme.activities]
        initial: dict[str, Any] = {}
        for activity in self.activities:
            if (kept := activity.in_year(year)) is not None:
                for name in ("plan", "result", "version"):
                    initial[field_of(name, activity.id)] = getattr(kept, name)
        super().__init__(data, initial=initial)
        labels = {"plan": _("%(activity)s: plan"), "result": _("%(activity)s: result")}
        for activity in self.activities:
            for name, label in labels.items():
                told = label % {"activity": activity.text}
                self.fields[field_of(name, activity.id)] = forms.CharField(
                    label=told,
                    max_length=LONGEST,
                    required=False,
                    widget=forms.Textarea(attrs={"rows": 3, "aria-label": told}),
                )
            self.fields[field_of("version", activity.id)] = forms.IntegerField(
                min_value=0, max_value=2**31 - 1, required=False, widget=forms.HiddenInput, initial=0
            )

    @property
    def rows(self) -> dict[int, SheetRow]:
        """The fields by activity."""
        return {
            one.id: SheetRow(one, self[field_of("plan", one.id)], self[field_of("result", one.id)])
            for one in self.activities
        }

    def written(self) -> dict[int, Written]:
        """What was typed, by activity; of a valid form."""
        typed = self.cleaned_data
        return {
            one.id: Written(
                typed[field_of("version", one.id)] or 0,
                typed[field_of("plan", one.id)],
                typed[field_of("result", one.id)],
            )
            for one in self.activities
        }


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
