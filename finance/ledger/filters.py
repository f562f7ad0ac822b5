"""What narrows the lists of the ledger, and where their pages begin; all of it stands in the address."""

import re
from datetime import date
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from finance.ledger.entry_forms import account_choices
from finance.ledger.ledger import Choice, Cursor, EntryPosition
from finance.ledger.posting import Books
from iconm_portal.people.filters import LONGEST_SEARCH
from iconm_portal.values import fiscal
from iconm_portal.values.fields import FiscalYearFormField
from iconm_portal.values.fiscal import FiscalYear

_PLACE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})-([0-9]{1,15})")
YEARS_AT_FIRST: Final = 5
MOST_YEARS: Final = 30


class PlaceField(forms.Field):
    """Where a page begins: 20260401-123."""

    def to_python(self, value: Any) -> EntryPosition | None:
        if value in self.empty_values:
            return None
        match = _PLACE.fullmatch(str(value))
        try:
            if match is None:
                raise ValueError(value)
            year, month, day, number = map(int, match.groups())
            return EntryPosition(date(year, month, day), number)
        except ValueError:
            raise ValidationError(
                _("This page of the list does not exist. Begin with the first page.")
            ) from None


class PageForm(forms.Form):
    """The month, and where the page begins."""

    month = forms.ChoiceField(label=gettext_lazy("Month"), required=False)
    after = PlaceField(required=False, widget=forms.HiddenInput)
    before = PlaceField(required=False, widget=forms.HiddenInput)
    last = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, year: FiscalYear) -> None:
        super().__init__(data)
        cast(forms.ChoiceField, self.fields["month"]).choices = [("", _("All")), *_months(year)]

    def cursor(self) -> Cursor:
        """Where the page begins; of a valid form."""
        typed = self.cleaned_data
        return Cursor(typed["after"], typed["before"], typed["last"])

    def month_chosen(self) -> date | None:
        """Its first day; of a valid form."""
        month: str = self.cleaned_data["month"]
        return date.fromisoformat(f"{month}-01") if month else None


class FilterForm(PageForm):
    """What narrows the entries of a year."""

    account = forms.ChoiceField(label=pgettext_lazy("money", "Account"), required=False)
    q = forms.CharField(
        label=gettext_lazy("Counterparty, description, voucher"), max_length=LONGEST_SEARCH, required=False
    )
    voucher = forms.CharField(label=gettext_lazy("Voucher number"), max_length=40, required=False)
    reversals = forms.BooleanField(label=gettext_lazy("Only reversals"), required=False)

    reductions = forms.BooleanField(
        label=gettext_lazy("Only reductions (refund, adjustment)"), required=False
    )

    field_order = ("account", "month", "q", "voucher", "reversals", "reductions")

    def __init__(self, data: Any = None, *, year: FiscalYear, books: Books) -> None:
        super().__init__(data, year=year)
        self.books = books
        cast(forms.ChoiceField, self.fields["account"]).choices = [
            ("", _("All")),
            *account_choices(books, year),
        ]

    def chosen(self) -> Choice:
        """Of a valid form."""
        typed = self.cleaned_data
        return Choice(
            account=self.books.by_code(typed["account"]) if typed["account"] else None,
            month=self.month_chosen(),
            text=typed["q"],
            voucher=typed["voucher"],
            only_reversals=typed["reversals"],
            only_reductions=typed["reductions"],
        )


class YearsForm(forms.Form):
    """The run of years shown side by side."""

    first = FiscalYearFormField(label=gettext_lazy("First fiscal year"), required=False)
    last = FiscalYearFormField(label=gettext_lazy("Last fiscal year"), required=False)

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last year does not come before the first."))
        return self.cleaned_data

    def years(self, known: list[FiscalYear]) -> list[FiscalYear]:
        """Those of the known years, the latest first, that were asked for; at first the latest few."""
        typed = self.cleaned_data if self.is_valid() else {}
        first, last = typed.get("first"), typed.get("last")
        if not first and not last:
            return known[:YEARS_AT_FIRST]
        asked = [year for year in known if (not first or year >= first) and (not last or year <= last)]
        return asked[:MOST_YEARS]


def _months(year: FiscalYear) -> list[tuple[str, str]]:
    months = [(year.start, month) for month in range(4, 13)] + [
        (year.start + 1, month) for month in range(1, 4)
    ]
    language = get_language() or "ja"
    return [(f"{of}-{month:02}", fiscal.month_label(of, month, language)) for of, month in months]
