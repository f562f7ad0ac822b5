"""What the balance can be narrowed to by its address: a run of years, a stage, a unit. A wrong value is said."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.balance.balance import Balance, Face
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit
from kpi.plans import texts
from kpi.plans.filters import Option

COMPARED = "compared"
"""Budget beside settlement, with their difference and the execution rate."""

SHOWN = [
    (Face.SETTLEMENT.value, pgettext_lazy("stage of a statement", "settlement")),
    (COMPARED, _("budget beside settlement")),
    (Face.BUDGET.value, _("budget in force")),
    (Face.FORECAST.value, pgettext_lazy("stage of a statement", "settlement forecast")),
]
UNITS = [(unit.name.lower(), str(unit)) for unit in (MoneyUnit.THOUSAND, MoneyUnit.YEN, MoneyUnit.MILLION)]


def _to_year(text: str) -> FiscalYear:
    return FiscalYear(int(text))


class UnitFilter(forms.Form):
    """The unit in which money is shown: 千円 unless something else is asked for."""

    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, required=False)

    @property
    def money_unit(self) -> MoneyUnit:
        return MoneyUnit[((self.is_valid() and self.cleaned_data["unit"]) or "thousand").upper()]

    @property
    def units(self) -> list[Option]:
        return self._options("unit", "thousand")

    def _options(self, name: str, default: str) -> list[Option]:
        chosen = self.data.get(name) or default
        choices = self.fields[name].choices  # type: ignore[attr-defined]
        return [Option(value, str(label), value == chosen) for value, label in choices]


class BalanceFilter(UnitFilter):
    """From the first to the last year known, settled, in 千円, unless something else is asked for."""

    first = forms.TypedChoiceField(label=_("From year"), required=False, coerce=_to_year, empty_value=None)
    last = forms.TypedChoiceField(label=_("To year"), required=False, coerce=_to_year, empty_value=None)
    show = forms.ChoiceField(label=_("Show"), choices=SHOWN, required=False)

    def __init__(self, data: Any, *, balance: Balance) -> None:
        super().__init__(data)
        self.balance = balance
        years = [(str(year.start), texts.year_label(year)) for year in balance.years]
        for name in ("first", "last"):
            self.fields[name].choices = years  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        first, last = chosen.get("first"), chosen.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last year does not come before the first."))
        return chosen

    # -- What was chosen; the whole where the choice is unusable --

    def _chosen(self, name: str) -> Any:
        return self.cleaned_data[name] if self.is_valid() else None

    @property
    def years(self) -> tuple[FiscalYear, ...]:
        """Of the stage's own years, those asked for: years before its first and after its last statement say nothing."""
        known = {year for face in self.faces for year in self.balance.years_of(face)}
        if not known:
            known = set(self.balance.years)
        if not known:
            return ()
        first, last = self._chosen("first") or min(known), self._chosen("last") or max(known)
        return FiscalYear.range(first, last) if first <= last else ()

    @property
    def is_compared(self) -> bool:
        return self._chosen("show") == COMPARED

    @property
    def faces(self) -> tuple[Face, ...]:
        """The statements that the table needs."""
        if self.is_compared:
            return (Face.BUDGET, Face.SETTLEMENT)
        return (self.face,)

    @property
    def face(self) -> Face:
        """The statement that finding and charts speak of."""
        chosen = self._chosen("show")
        return Face(chosen) if chosen and chosen != COMPARED else Face.SETTLEMENT

    # -- The selects --

    @property
    def first_years(self) -> list[Option]:
        return self._options("first", str(self.years[0].start) if self.years else "")

    @property
    def last_years(self) -> list[Option]:
        return self._options("last", str(self.years[-1].start) if self.years else "")

    @property
    def shown(self) -> list[Option]:
        return self._options("show", Face.SETTLEMENT.value)
