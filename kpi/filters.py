"""What the KPI pages can be narrowed to by their address. Every value is validated; a wrong one is said."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from iconm_portal.fields import EraDateFormField
from iconm_portal.fiscal import FiscalYear
from kpi import phrases


class AsKnownOn(forms.Form):
    """The day whose knowledge is shown; today without one."""

    known_at = EraDateFormField(label=_("As known on"), required=False)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data)
        self.today = today
        self.fields["known_at"].latest = today  # type: ignore[attr-defined]

    @property
    def day(self) -> date:
        """The day asked for, or today where none or an unusable one was."""
        return (self.is_valid() and self.cleaned_data["known_at"]) or self.today

    @property
    def is_past(self) -> bool:
        return self.day < self.today


def _years(years: tuple[FiscalYear, ...]) -> list[tuple[str, str]]:
    return [(str(year.start), phrases.year_label(year)) for year in years]


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
