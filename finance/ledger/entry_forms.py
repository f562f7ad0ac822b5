"""What people type into the ledger: a line, why one is taken back, why a year is reopened."""

from collections import defaultdict
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from finance.ledger.posting import MOST_YEN, Books, NewEntry
from finance.models import Account, Entry, Side
from iconm_portal.display import template_tags
from iconm_portal.values.fields import EraDateFormField, NumberFormField
from iconm_portal.values.fiscal import FiscalYear

Choices = list[tuple[str, Any]]


class ReasonForm(forms.Form):
    """Why: it is kept with what was done."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class EntryForm(forms.Form):
    """A line of the ledger, checked against the books as they stand; all problems are said at once."""

    date = EraDateFormField(
        label=gettext_lazy("Date"),
        help_text=gettext_lazy("It decides the fiscal year, from 1 April to 31 March."),
    )
    account = forms.ChoiceField(label=pgettext_lazy("money", "Account"))
    part = forms.ChoiceField(
        label=gettext_lazy("Of which"),
        required=False,
        help_text=gettext_lazy("Where the account has a part that is told apart."),
    )
    amount = NumberFormField(
        label=gettext_lazy("Amount"),
        unit="円",
        decimals=0,
        minimum=-MOST_YEN,
        maximum=MOST_YEN,
        help_text=gettext_lazy(
            "In whole yen. What comes back or is taken off (refund, adjustment) is negative: -1,200. "
            "A mistake made here is not: reverse the entry on its own page."
        ),
    )
    counterparty = forms.CharField(label=gettext_lazy("Counterparty"), max_length=120, required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=300)
    voucher = forms.CharField(label=gettext_lazy("Voucher number"), max_length=40, required=False)
    is_another = forms.BooleanField(
        label=gettext_lazy("It is another one: post it all the same"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        books: Books,
        initial: dict[str, Any] | None = None,
        asks_again: bool = False,
    ) -> None:
        """`asks_again`: offer to post although another entry is alike."""
        super().__init__(data, initial=initial)
        self.books = books
        if not asks_again and not (data and data.get("is_another")):
            del self.fields["is_another"]
        cast(forms.ChoiceField, self.fields["account"]).choices = [
            ("", _("Choose one")),
            *account_choices(books),
        ]
        parts = [account for account in books.accounts.values() if account.within_id is not None]
        if not parts:
            del self.fields["part"]
            return
        cast(forms.ChoiceField, self.fields["part"]).choices = [
            ("", _("None")),
            *((part.code, _part_label(books, part)) for part in parts),
        ]

    def clean(self) -> dict[str, Any]:
        """What the books say against it, at the fields that are readable; the action asks them again."""
        typed = self.cleaned_data
        if typed.get("date") and typed.get("account"):
            amount = typed.get("amount")
            tried = self.new_entry(amount=1 if amount is None else int(amount))
            for field, problem in self.books.problems(tried).items():
                if field in self.fields and field not in self.errors:
                    self.add_error(field, str(problem))
        return typed

    @property
    def is_sure(self) -> bool:
        """Whether the person said that it is another one than those that are alike."""
        return bool(self.cleaned_data.get("is_another"))

    def new_entry(self, amount: int | None = None) -> NewEntry:
        """What was typed; of a form whose date and account are readable."""
        typed = self.cleaned_data
        return NewEntry(
            date=typed["date"],
            account=cast(Account, self.books.by_code(typed["account"])),
            part=self.books.by_code(typed.get("part") or ""),
            amount=int(typed["amount"]) if amount is None else amount,
            counterparty=typed.get("counterparty", ""),
            description=typed.get("description", "－"),
            voucher=typed.get("voucher", ""),
        )


class CorrectionForm(EntryForm):
    """The line as it should have been, and why it is corrected."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


def as_typed(entry: Entry) -> dict[str, Any]:
    """An entry's values as the form has them."""
    return {
        "date": entry.date,
        "account": entry.account.code,
        "part": entry.part.code if entry.part else "",
        "amount": entry.amount,
        "counterparty": entry.counterparty,
        "description": entry.description,
        "voucher": entry.voucher,
    }


def account_choices(books: Books, year: FiscalYear | None = None) -> Choices:
    """The accounts that take entries in the year, or ever, under the names of their sides."""
    groups: dict[str, Choices] = defaultdict(list)
    for account in books.accounts.values():
        takes = books.takes_entries(account, year) if year else books.ever_takes_entries(account)
        if takes:
            groups[account.side].append((account.code, _label(books, account, with_years=year is None)))
    return [(str(Side(side).label), groups[side]) for side in Side.values if groups[side]]


def _label(books: Books, account: Account, *, with_years: bool) -> str:
    name = " ＞ ".join(above.name for above in reversed(list(books.upwards(account))))
    if not with_years or account.last_year is None:
        return name
    return _("%(account)s (until %(year)s)") % {
        "account": name,
        "year": template_tags.fiscal_year_short(account.last_year),
    }


def _part_label(books: Books, part: Account) -> str:
    whole = books.accounts[cast(int, part.within_id)]
    return _("%(part)s (of %(account)s)") % {"part": part.name, "account": whole.name}
