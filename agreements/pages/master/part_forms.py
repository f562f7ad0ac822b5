"""What staff type about the parts of an agreement: its parties, its support measures, and summaries of its provisions."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.editions.forms import summary_field
from agreements.instruments.forms import MOST_YEN
from agreements.models import (
    Agreement,
    AgreementKind,
    Edition,
    LimitRule,
    Party,
    Provision,
    SupportKind,
    SupportMeasure,
)
from agreements.pages.master import measure_actions, party_actions
from agreements.pages.master.forms import ANOTHER, AnotherAgreement, ProvisionField, offer_provisions
from agreements.pages.master.rows import fingerprint
from agreements.wording import LONGEST_HEADING
from agreements.wording.keys import LONGEST_NUMBER
from iconm_portal.forms.edited import VersionedForm
from iconm_portal.forms.master_data import MasterDataForm
from iconm_portal.values.fields import FiscalYearFormField, NumberFormField
from iconm_portal.values.money import MoneyUnit, to_yen


class PartyForm(MasterDataForm):
    """A side as the agreement names it. What is fixed is gone, unless somebody sent it all the same."""

    name = forms.CharField(
        label=_("Organisation"), max_length=120, help_text=_("As the agreement writes its name.")
    )
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    representative_post = forms.CharField(
        label=_("Post of the representative"), max_length=60, required=False
    )
    representative = forms.CharField(label=_("Representative"), max_length=60, required=False)

    def __init__(
        self, data: Any = None, *, party: Party | None, organisation: str, fixed: Iterable[str] = ()
    ) -> None:
        """`organisation`: what is proposed as the name where none is entered."""
        self.standing = party_actions.party_state(party)
        seen = fingerprint(self.standing)
        super().__init__(
            data,
            stored=self.standing | {"name": self.standing["name"] or organisation, "seen": seen},
        )
        _leave_out(self, fixed)

    def what_stays(self) -> list[tuple[str, str]]:
        """What is fixed: each field's label with what stands in it."""
        return [
            (str(self.base_fields[name].label), text)
            for name, text in self.standing.items()
            if name not in self.fields
        ]

    def facts(self) -> party_actions.PartyFacts:
        """What was typed; of a valid form. What it does not ask for stays as it is."""
        return party_actions.PartyFacts(**self.standing | self.typed())


class MeasureForm(MasterDataForm):
    """A support measure. Its total is typed in 千円 and kept in whole yen; where its terms are settled, they are gone."""

    title = forms.CharField(label=_("Title"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=SupportKind.choices, widget=forms.RadioSelect)
    provision = ProvisionField(Provision.objects.none(), label=_("Provision"), required=False)
    contract = AnotherAgreement(
        Agreement.objects.none(),
        label=_("Carried by the contract"),
        required=False,
        error_messages=ANOTHER,
        help_text=_("Such as the loan of the land, where a contract of its own carries the measure."),
    )
    first_year = FiscalYearFormField(label=_("First fiscal year"))
    last_year = FiscalYearFormField(
        label=_("Last fiscal year"),
        required=False,
        help_text=_("Leave it blank where it is granted without an end."),
    )
    limit_rule = forms.ChoiceField(label=_("Limit"), choices=LimitRule.choices, widget=forms.RadioSelect)
    total = NumberFormField(
        label=_("Amount for all its years"),
        unit="千円",
        decimals=3,
        minimum=0,
        maximum=Decimal(MOST_YEN) / 1000,
        required=False,
        help_text=_(
            "In thousands of yen: of a loan, and of a contribution limited by a total over the period."
        ),
    )
    conditions = forms.CharField(
        label=_("Conditions, in our own words"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "ja"}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        agreement: Agreement,
        edition: Edition | None,
        measure: SupportMeasure | None = None,
        is_fixed: bool = False,
    ) -> None:
        """`edition`: whose provisions are offered. `measure`: what is corrected; None for a new one."""
        self.measure = measure
        self.standing = measure_as_it_stands(measure) if measure else {}
        super().__init__(data, stored=self.standing if measure else None)
        offer_provisions(self, edition, measure)
        contract = cast(forms.ModelChoiceField, self.fields["contract"])
        others = Agreement.objects.filter(center=agreement.center_id).exclude(kind=AgreementKind.ANNUAL)
        contract.queryset = others.exclude(pk=agreement.pk)
        contract.empty_label = _("None")
        if is_fixed:
            _leave_out(self, measure_actions.TERMS)

    def facts(self) -> measure_actions.MeasureFacts:
        """What was typed, with the amount in yen; of a valid form. What it does not ask for stays as it is."""
        values = {name: value for name, value in self.standing.items() if name != "seen"} | self.typed()
        thousands = values["total"]
        values["total"] = None if thousands is None else to_yen(thousands, MoneyUnit.THOUSAND)
        return measure_actions.MeasureFacts(**values)


def measure_as_it_stands(measure: SupportMeasure) -> dict[str, Any]:
    """The measure's values as the form has them."""
    names = ("title", "kind", "provision", "contract", "first_year", "last_year", "limit_rule", "conditions")
    return {name: getattr(measure, name) for name in names} | {
        "total": None if measure.total is None else Decimal(measure.total) / 1000,
        "seen": fingerprint(measure_actions.measure_state(measure)),
    }


class SummaryForm(VersionedForm):
    """What a provision says, in our own words."""

    heading = forms.CharField(label=_("Heading"), max_length=LONGEST_HEADING, required=False)
    summary = summary_field(rows=4)


class NewSummaryForm(SummaryForm):
    """The same with the number that it has."""

    number = forms.CharField(label=_("Number"), max_length=LONGEST_NUMBER, help_text=_("As it is printed."))
    field_order = ("number", "heading", "summary")

    def stored_texts(self) -> dict[str, str]:
        """Nothing of it is stored yet, whatever others changed meanwhile."""
        return {}


def _leave_out(form: forms.Form, fixed: Iterable[str]) -> None:
    for name in fixed:
        if not form.data or name not in form.data:
            del form.fields[name]
