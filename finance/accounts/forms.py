"""What staff type about an account."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models import SupportKind, SupportMeasure
from agreements.pages.master.actions import fingerprint
from finance.accounts.actions import AccountFacts, account_state
from finance.models import Account, Purpose, Side
from iconm_portal.forms.master_data import CodeFormField, MasterDataForm, names_of
from iconm_portal.models import Center
from iconm_portal.values.fields import FiscalYearFormField


class _AnotherAccount(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.code}）"


class _Measure(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class AccountForm(MasterDataForm):
    """An account."""

    code = CodeFormField(
        label=_("Code"),
        max_length=40,
        help_text=_("For addresses and sheets, such as research-income. It cannot be changed later."),
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    side = forms.ChoiceField(label=pgettext_lazy("account", "Side"), choices=Side.choices)
    parent = _AnotherAccount(
        Account.objects.none(),
        label=_("Under"),
        required=False,
        empty_label=_("None"),
        help_text=_("An account with others under it is their sum and takes no entries itself."),
    )
    within = _AnotherAccount(
        Account.objects.none(),
        label=_("Part of"),
        required=False,
        empty_label=_("None"),
        help_text=_("A part is told apart, and counted once, in the account that it is a part of."),
    )
    first_year = FiscalYearFormField(label=_("First fiscal year"))
    last_year = FiscalYearFormField(
        label=_("Last fiscal year"), required=False, help_text=_("Blank where no end is known.")
    )
    position = forms.IntegerField(
        label=_("Position"),
        min_value=0,
        max_value=30_000,
        required=False,
        help_text=_("Its place among the others; blank puts it last."),
    )
    prints_subtotal = forms.BooleanField(
        label=_("Print the sum of the accounts below it"), required=False, initial=True
    )
    purpose = forms.ChoiceField(
        label=_("Meaning"),
        choices=Purpose.choices,
        required=False,
        help_text=_("What a rule or a chart looks for."),
    )
    measure = _Measure(
        SupportMeasure.objects.none(),
        label=_("Contribution that it receives"),
        required=False,
        empty_label=_("None"),
        help_text=_("Entries and statements are then held to its limit."),
    )

    def __init__(self, data: Any = None, *, center: Center, account: Account | None = None) -> None:
        """`account`: what is changed; None for a new one."""
        super().__init__(data, stored=as_it_stands(account) if account else None)
        self.account = account
        others = Account.objects.filter(center=center)
        for name in ("parent", "within"):
            field = cast(forms.ModelChoiceField, self.fields[name])
            field.queryset = others.exclude(pk=account.pk) if account else others
        cast(forms.ModelChoiceField, self.fields["measure"]).queryset = SupportMeasure.objects.filter(
            center=center, kind=SupportKind.CONTRIBUTION
        )

    def facts(self) -> AccountFacts:
        """What was typed; of a valid form."""
        return AccountFacts(**self.typed())


def as_it_stands(account: Account) -> dict[str, Any]:
    """The account's values as the form has them."""
    stored = {name: getattr(account, name) for name in names_of(AccountForm)}
    return stored | {"seen": fingerprint(account_state(account))}
