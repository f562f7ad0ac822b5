"""What the KPI pages can be narrowed to by their address. Every value is validated; a wrong one is said."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from iconm_portal.history.as_of_switch import KnownOn
from iconm_portal.values.fiscal import FiscalYear
from kpi.plans import texts
from kpi.plans.addresses import Addresses
from kpi.plans.scorecard import Scorecard
from kpi.plans.tables.plan import SORTS


class AsKnownOn(KnownOn):
    """The day whose knowledge is shown, with the addresses that stay on it."""

    def addresses(self, center: str) -> Addresses:
        """Where the page's links lead: to the same day."""
        return Addresses(center, self.day if self.is_past else None)


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a select."""

    value: str
    label: str
    is_chosen: bool


def _years(years: tuple[FiscalYear, ...]) -> list[tuple[str, str]]:
    return [(str(year.start), texts.year_label(year)) for year in years]


class YearFilter(forms.Form):
    """One of a plan's years."""

    year = forms.TypedChoiceField(
        label=_("Fiscal year"), required=False, coerce=lambda text: FiscalYear(int(text)), empty_value=None
    )

    def __init__(self, data: Any, *, years: tuple[FiscalYear, ...]) -> None:
        super().__init__(data)
        self.fields["year"].choices = _years(years)  # type: ignore[attr-defined]

    @property
    def chosen(self) -> FiscalYear | None:
        """The year asked for; None where none or an unusable one was."""
        return self.cleaned_data["year"] if self.is_valid() else None


class PlanFilter(forms.Form):
    """A goal and a run of years of a plan, and the order of its indicators."""

    goal = forms.ChoiceField(label=_("Goal"), required=False)
    first = forms.TypedChoiceField(
        label=_("From year"), required=False, coerce=lambda text: FiscalYear(int(text)), empty_value=None
    )
    last = forms.TypedChoiceField(
        label=_("To year"), required=False, coerce=lambda text: FiscalYear(int(text)), empty_value=None
    )
    sort = forms.ChoiceField(
        choices=[(sort, sort) for sort in SORTS], required=False, widget=forms.HiddenInput
    )

    def __init__(self, data: Any, *, plan: Scorecard) -> None:
        super().__init__(data)
        self.plan = plan
        goals = [(group.goal.code, group.goal.label) for group in plan.goals if group.goal.code]
        self.fields["goal"].choices = [("", _("All")), *goals]  # type: ignore[attr-defined]
        for name in ("first", "last"):
            self.fields[name].choices = [("", _("All")), *_years(plan.years)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        first, last = chosen.get("first"), chosen.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last year does not come before the first."))
        return chosen

    def _options(self, name: str) -> list[Option]:
        chosen = self.data.get(name, "")
        choices = self.fields[name].choices  # type: ignore[attr-defined]
        return [Option(value, str(label), value == chosen) for value, label in choices]

    @property
    def goals(self) -> list[Option]:
        return self._options("goal")

    @property
    def first_years(self) -> list[Option]:
        return self._options("first")

    @property
    def last_years(self) -> list[Option]:
        return self._options("last")

    @property
    def years(self) -> tuple[FiscalYear, ...]:
        """The years asked for; all of them where the choice is unusable."""
        if not self.is_valid():
            return self.plan.years
        first = self.cleaned_data["first"] or self.plan.first_year
        last = self.cleaned_data["last"] or self.plan.last_year
        return FiscalYear.range(first, last)

    @property
    def chosen_goal(self) -> str:
        return self.cleaned_data["goal"] if self.is_valid() else ""

    @property
    def chosen_sort(self) -> str:
        return (self.is_valid() and self.cleaned_data["sort"]) or "position"
