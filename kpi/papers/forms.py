"""What people type about a committee pack: its particulars, and which sections stand in which order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.forms.edited import VersionedForm
from iconm_portal.models import Center
from iconm_portal.values.fields import AsOfFormField, EraDateFormField, FiscalYearFormField
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Pack
from kpi.papers.actions import Particulars
from kpi.papers.sections import SECTIONS, Section

LAST_PLACE = 99


@dataclass(frozen=True, slots=True)
class SectionFields:
    """The three fields of a section."""

    section: Section
    is_in: forms.BoundField
    place: forms.BoundField
    comment: forms.BoundField


class PackForm(VersionedForm):
    """A pack while it is prepared."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=200)
    committee = forms.CharField(label=gettext_lazy("Committee"), max_length=120, required=False)
    department = forms.CharField(label=gettext_lazy("Department"), max_length=120, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["presented_on"] = EraDateFormField(
            label=gettext_lazy("Date of the committee"), required=False
        )
        self.fields["fiscal_year"] = FiscalYearFormField(
            label=gettext_lazy("Fiscal year"),
            latest=FiscalYear.of(today) + 1,
            help_text=gettext_lazy("Its plan, duties and activities are shown, for example R3."),
        )
        self.fields["as_of"] = AsOfFormField(
            label=gettext_lazy("As known at the end of"),
            latest=today,
            help_text=gettext_lazy(
                "For example R4.1.27 or 2022-01-27. Figures accepted later are not shown."
            ),
        )
        self.order_fields(["title", "committee", "presented_on", "department", "fiscal_year", "as_of"])
        for section in SECTIONS:
            self.fields[f"in_{section.key}"] = forms.BooleanField(label=section.title, required=False)
            self.fields[f"place_{section.key}"] = forms.IntegerField(
                label=gettext_lazy("Place"), min_value=1, max_value=LAST_PLACE, required=False
            )
            self.fields[f"comment_{section.key}"] = forms.CharField(
                label=gettext_lazy("Comment above the table"),
                max_length=2_000,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def particulars_fields(self) -> list[forms.BoundField]:
        names = ("title", "committee", "presented_on", "department", "fiscal_year", "as_of")
        return [self[name] for name in names]

    @property
    def sections(self) -> Iterator[SectionFields]:
        """The fields of every section, in their usual order."""
        for section in SECTIONS:
            key = section.key
            yield SectionFields(section, self[f"in_{key}"], self[f"place_{key}"], self[f"comment_{key}"])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not any(typed.get(f"in_{section.key}") for section in SECTIONS):
            raise ValidationError(_("Choose at least one section."))
        return typed

    @cached_property
    def chosen(self) -> Sequence[tuple[str, str]]:
        """Keys with comments in the order asked for; of a valid form. Without a place: after those that have one."""
        typed = self.cleaned_data
        keys = [section.key for section in SECTIONS if typed[f"in_{section.key}"]]
        keys.sort(
            key=lambda key: typed[f"place_{key}"] or LAST_PLACE + 1
        )  # stable: the usual order otherwise
        return [(key, typed[f"comment_{key}"].strip()) for key in keys]

    def particulars(self) -> Particulars:
        """What was typed; of a valid form."""
        typed = self.cleaned_data
        return Particulars(
            title=typed["title"],
            committee=typed["committee"],
            presented_on=typed["presented_on"],
            department=typed["department"],
            fiscal_year=typed["fiscal_year"],
            as_of=typed["as_of"],
            sections=self.chosen,
        )


def initial_of(pack: Pack) -> dict[str, Any]:
    """What the form shows of a pack."""
    names = ("title", "committee", "presented_on", "department", "fiscal_year", "as_of", "version")
    initial = {name: getattr(pack, name) for name in names}
    for place, choice in enumerate(pack.sections, 1):
        initial |= {
            f"in_{choice['key']}": True,
            f"place_{choice['key']}": place,
            f"comment_{choice['key']}": choice["comment"],
        }
    return initial


def initial_for(center: Center, last: Pack | None, *, today: date) -> dict[str, Any]:
    """A new pack: like the last one, for today; every section where there was none."""
    year = FiscalYear.of(today)
    fresh = {"fiscal_year": year, "as_of": today, "version": 0, "presented_on": None}
    if last is not None:
        return initial_of(last) | fresh
    every = {f"in_{section.key}": True for section in SECTIONS}
    places = {f"place_{section.key}": place for place, section in enumerate(SECTIONS, 1)}
    return {"title": f"{center.name}の運営状況について", "department": ""} | every | places | fresh
