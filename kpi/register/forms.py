"""What people type into the register: a record, why it is withdrawn, files; and what lists are narrowed to."""

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from iconm_portal.forms.edited import VersionedForm
from iconm_portal.forms.file_fields import EvidenceField
from iconm_portal.forms.master_data import CodeFormField, MasterDataForm
from iconm_portal.values.fields import (
    AsOfFormField,
    EraDateFormField,
    FiscalYearFormField,
    NumberFormField,
    PartialDateFormField,
)
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Category, Record
from kpi.register.actions import FACTS, Facts, facts_of
from kpi.register.categories.actions import CategoryFacts
from kpi.register.categories.actions import facts_of as facts_of_category

LARGEST = 2**31 - 1
_ONLY_IF_ASKED = {
    "reference": "reference_label",
    "people": "asks_people",
    "satisfaction": "asks_satisfaction",
    "theme": "asks_stage",
    "stage": "asks_stage",
}
MORE = (
    "latest",
    "is_period_total",
    "first_year",
    "last_year",
    "is_level",
    "is_approximate",
    "people_are_approximate",
    "became",
    "note",
)


class WholeNumberField(NumberFormField):
    """A whole number that the database holds, as officials type it (約1,200 is not one: “about” is ticked)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(decimals=0, minimum=0, maximum=LARGEST, **kwargs)

    def clean(self, value: Any) -> int | None:
        number = super().clean(value)
        return None if number is None else int(number)


class RecordForm(VersionedForm):
    """A record as its category asks for it. `record`: what is corrected; None for a new one."""

    title = forms.CharField(label=pgettext_lazy("record", "Title"), max_length=200)
    happened = PartialDateFormField(
        label=_("Date"),
        required=False,
        help_text=_("A day, a month or a year, as far as it is known: R3.4.1, R3.4, 2021."),
    )
    reference = forms.CharField(label=_("Reference"), max_length=120, required=False)
    partner = forms.CharField(
        label=_("Institution"), max_length=120, required=False, help_text=_("Whom it was done with.")
    )
    quantity = WholeNumberField(
        label=_("How many"),
        required=False,
        help_text=_(
            "Where the register is counted, the record stands for as many; for one where it names none."
        ),
    )
    people = WholeNumberField(label=pgettext_lazy("record", "People"), unit="人", required=False)
    satisfaction = NumberFormField(
        label=_("Satisfied (%)"), unit="%", decimals=1, minimum=0, maximum=100, required=False
    )
    theme = forms.CharField(label=_("Theme"), max_length=120, required=False)
    stage = forms.CharField(label=_("Stage"), max_length=120, required=False)
    documents = EvidenceField(label=_("Files"), required=False)
    latest = EraDateFormField(
        label=_("At the latest on"),
        required=False,
        help_text=_("Only where the date is not known, but by when it had happened."),
    )
    is_approximate = forms.BooleanField(label=_("“How many” is approximate"), required=False)
    people_are_approximate = forms.BooleanField(
        label=_("The number of people is approximate"), required=False
    )
    became = forms.CharField(
        label=_("Renamed or absorbed"),
        max_length=200,
        required=False,
        help_text=_("What became of it, with the date. It goes on being counted."),
    )
    note = forms.CharField(
        label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    is_period_total = forms.BooleanField(
        label=_("This is the total of a period"),
        required=False,
        help_text=_("Where only the total of several years is known. No indicator counts it."),
    )
    is_level = forms.BooleanField(
        label=_("This is how many there were at a time"),
        required=False,
        help_text=_("A level, such as the number of institutions, with the day. No indicator counts it."),
    )
    first_year = FiscalYearFormField(label=_("First fiscal year"), required=False)
    last_year = FiscalYearFormField(label=_("Last fiscal year"), required=False)
    is_another = forms.BooleanField(label=_("It is another one: save it all the same"), required=False)

    def __init__(
        self,
        data: Any = None,
        uploaded: Any = None,
        *,
        category: Category,
        record: Record | None = None,
        asks_again: bool = False,
    ) -> None:
        """`asks_again`: offer to save although another record is alike."""
        stored = {name: getattr(facts_of(record), name) for name in FACTS} if record else {"quantity": 1}
        super().__init__(data, uploaded, initial=stored | {"version": record.version if record else 0})
        self.category, self.record = category, record
        if category.unit:
            self.fields["quantity"].unit = category.unit  # type: ignore[attr-defined]
        for name, asked in _ONLY_IF_ASKED.items():
            if not getattr(category, asked) and not stored.get(name):
                del self.fields[name]
        if category.reference_label:
            self.fields["reference"].label = category.reference_label
        if not asks_again and not (data and data.get("is_another")):
            del self.fields["is_another"]

    def facts(self) -> Facts:
        """What was typed; of a valid form."""
        given = {name: self.cleaned_data[name] for name in FACTS if name in self.fields}
        return Facts(**given | {"happened": given["happened"] or ""})

    @property
    def is_sure(self) -> bool:
        """Whether the person said that it is another one than those that are alike."""
        return bool(self.cleaned_data.get("is_another"))

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """What every record of the category is asked for."""
        return [field for field in self.visible_fields() if field.name not in (*MORE, "is_another")]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """What few records need."""
        return [self[name] for name in MORE]

    @property
    def shows_more(self) -> bool:
        """Whether something of it is filled in or refused, so that it must not be folded away."""
        return any(field.errors or field.value() for field in self.more_fields)


class ReasonForm(forms.Form):
    """Why a record is withdrawn, or valid again."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class FilesForm(forms.Form):
    """Files to be added."""

    documents = EvidenceField(label=_("Files"))


class CountedForm(forms.Form):
    """The day up to which is counted."""

    as_of = AsOfFormField(label=_("As of"), required=False)

    def __init__(self, data: Any, *, fiscal_year: FiscalYear, latest: date) -> None:
        super().__init__(data)
        self.fields["as_of"] = AsOfFormField(
            label=_("As of"), required=False, earliest=fiscal_year.first_day, latest=latest
        )

    @property
    def day(self) -> date | None:
        return self.cleaned_data["as_of"] if self.is_valid() else None


class CategoryForm(MasterDataForm):
    """A category, as staff describe it. `seen` holds what the page showed, against two at once."""

    code = CodeFormField(
        label=_("Code"),
        max_length=40,
        help_text=_("For addresses and sheets, such as lectures. It cannot be changed later."),
    )
    name = forms.CharField(label=_("Name"), max_length=120)
    unit = forms.CharField(
        label=_("Unit"), max_length=10, required=False, help_text=_("Such as 件, 社 or 回.")
    )
    position = WholeNumberField(label=_("Place in the list"), initial=0)
    reference_label = forms.CharField(
        label=_("What its reference is called"),
        max_length=60,
        required=False,
        help_text=_("Such as 出願番号. Blank where its records have none."),
    )
    asks_people = forms.BooleanField(label=_("Asks for the number of people"), required=False)
    asks_satisfaction = forms.BooleanField(label=_("Asks for the share of the satisfied"), required=False)
    asks_stage = forms.BooleanField(label=_("Asks for theme and stage"), required=False)
    same_reference = forms.BooleanField(
        label=_("The same by reference"),
        required=False,
        help_text=_(
            "Two records are one thing where all that is chosen here agrees: whoever enters it a second time is asked. "
            "Where all of it is blank, title and date are compared."
        ),
    )
    same_title = forms.BooleanField(label=_("The same by title"), required=False, initial=True)
    same_date = forms.BooleanField(label=_("The same by date"), required=False, initial=True)
    same_partner = forms.BooleanField(label=_("The same by institution"), required=False)

    def __init__(self, data: Any = None, *, category: Category | None = None) -> None:
        """`category`: what is changed; None for a new one."""
        now = asdict(facts_of_category(category)) if category else None
        super().__init__(data, stored=now and now | {"seen": json.dumps(now)})
        self.category = category

    def facts(self) -> CategoryFacts:
        """What was typed; of a valid form."""
        given = self.typed()
        return CategoryFacts(**given | {"position": given["position"] or 0})

    @property
    def seen_facts(self) -> CategoryFacts:
        """What the page showed. Whatever else was sent was never seen, so it is a conflict."""
        try:
            return CategoryFacts(**json.loads(self.cleaned_data["seen"]))
        except (TypeError, ValueError):
            return CategoryFacts(name="")
