"""What people type about how activities are arranged. Codes come by themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from iconm_portal.forms.edited import EditedForm
from iconm_portal.values.fields import FiscalYearFormField
from kpi.initiatives.arrangement.actions import Arranged, facts_of, state_of
from kpi.models import Goal, InitiativeCategory, InitiativeScheme


class _ArrangedForm(EditedForm):
    """A form over a row, or of a new one; `facts` are what it says, `row` what it was made from."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=5000)

    def __init__(self, data: Any = None, *, row: Arranged | None = None, initial: Any = None) -> None:
        self.row = row
        stored = facts_of(row, self.names()) if row is not None else {}
        seen = {"seen": state_of(stored)} if row is not None else {}
        super().__init__(data, initial={**(initial or {}), **stored, **seen})

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The fields of the row."""
        return tuple(name for name in cls.base_fields if name != "seen")

    def facts(self) -> dict[str, Any]:
        """Of a valid form."""
        return {name: self.cleaned_data[name] for name in self.names()}


class SchemeForm(_ArrangedForm):
    """An arrangement of activities, with the years in which it holds."""

    label = forms.CharField(label=_("Name"), max_length=120)
    first_year = FiscalYearFormField(label=_("First fiscal year"))
    last_year = FiscalYearFormField(
        label=_("Last fiscal year"), required=False, help_text=_("Empty while it goes on.")
    )
    category_heading = forms.CharField(
        label=_("Printed heading of the categories"), max_length=60, required=False
    )
    goal_heading = forms.CharField(label=_("Printed heading of the goals"), max_length=60, required=False)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class _Choice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj)


class GroupForm(_ArrangedForm):
    """A heading of activities, and the goals that it serves."""

    mark = forms.CharField(
        label=_("Printed mark"), max_length=10, required=False, help_text=_("Such as IV or IV-1.")
    )
    label = forms.CharField(label=_("Name"), max_length=120)
    parent = _Choice(
        InitiativeCategory.objects.none(),
        label=_("Stands under"),
        required=False,
        empty_label=_("None of them"),
    )
    goals = forms.MultipleChoiceField(
        label=_("Goals that it serves"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, data: Any = None, *, scheme: InitiativeScheme, row: InitiativeCategory | None = None
    ) -> None:
        super().__init__(data, row=row)
        parents = scheme.categories.filter(parent=None)
        self.fields["parent"].queryset = parents.exclude(pk=row.pk) if row else parents  # type: ignore[attr-defined]
        goals = Goal.objects.filter(plan__center=scheme.center).select_related("plan")
        self.served = {
            str(goal.pk): goal for goal in goals.order_by("-plan__first_year", "plan_id", "position", "pk")
        }
        offered = [(key, f"{goal.label}（{goal.plan.label}）") for key, goal in self.served.items()]
        self.fields["goals"].choices = offered  # type: ignore[attr-defined]
        self.initial["goals"] = [str(goal.pk) for goal in self.initial.get("goals", ())]

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"goals": [self.served[key] for key in self.cleaned_data["goals"]]}


class ActivityForm(_ArrangedForm):
    """An activity under a heading."""

    text = forms.CharField(label=_("Activity"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    is_new = forms.BooleanField(label=_("Marked as new"), required=False)
