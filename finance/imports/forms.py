"""What people choose before a table is imported: the file, and the statement that it is for."""

from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from finance.models import RecordedUnit, Stage
from finance.statements import draft_actions
from finance.statements.import_kind import Chosen, draft_of, other_unit
from iconm_portal.imports.pages import TableForm
from iconm_portal.models import Center
from iconm_portal.values.fields import FiscalYearFormField
from iconm_portal.values.fiscal import FiscalYear


class StatementForm(TableForm):
    """A table of a statement's amounts, and which statement it is."""

    year = FiscalYearFormField(label=_("Fiscal year"))
    stage = forms.ChoiceField(label=_("Stage"), choices=Stage.choices)
    unit = forms.ChoiceField(
        label=_("Unit of the amounts"),
        choices=[(unit.value, unit.label) for unit in (RecordedUnit.YEN, RecordedUnit.THOUSAND)],
        widget=forms.RadioSelect,
    )
    field_order = ("year", "stage", "unit", "file")

    def __init__(self, *args: Any, center: Center, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.center, self.at = center, at

    def clean(self) -> dict[str, Any]:
        """A draft in another unit does not take the amounts, nor is one begun beside a settled statement."""
        cleaned = super().clean() or {}
        if {"year", "stage", "unit"} <= cleaned.keys():
            chosen = self.chosen()
            draft = draft_of(self.center, chosen)
            if draft is None:
                self._check_start(chosen)
            elif draft.unit != chosen.unit:
                self.add_error("unit", other_unit(draft))
        return cleaned

    def _check_start(self, chosen: Chosen) -> None:
        try:
            draft_actions.may_start(
                center=self.center, fiscal_year=chosen.year, stage=chosen.stage, at=self.at
            )
        except ValidationError as refusal:
            self.add_error("stage", refusal.messages)

    def chosen(self) -> Chosen:
        """Of a form whose three choices are valid."""
        year = cast(FiscalYear, self.cleaned_data["year"])
        return Chosen(year, Stage(self.cleaned_data["stage"]), RecordedUnit(self.cleaned_data["unit"]))


class TemplateForm(forms.Form):
    """The year for whose accounts a template is made."""

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data)
        self.fields["year"] = FiscalYearFormField(
            label=_("Fiscal year"), required=False, help_text=_("Its accounts are listed in the template.")
        )
        self.today = today

    def year(self) -> FiscalYear:
        """The chosen year, or the present one."""
        chosen = self.cleaned_data.get("year") if self.is_valid() else None
        return chosen or FiscalYear.of(self.today)
