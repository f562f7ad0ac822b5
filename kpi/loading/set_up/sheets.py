"""What each table is called in the set-up workbook, what its columns are called, and what a cell of theirs may hold.

A column that bears a field's name has the field's own label and choices. The words stand in the language of the reader; a
workbook is written in Japanese, and read in either language and by the headings of the CSV files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from iconm_portal.imports.cell_values import Choice, Day, Lines, Number
from iconm_portal.imports.reading.tables import Column, Parser
from iconm_portal.imports.reference_files import Table
from iconm_portal.models import Center, Organisation
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.money import MoneyUnit
from kpi.loading.set_up.cells import PartialDay, Year
from kpi.loading.set_up.export import TABLES, field_at

LANGUAGES: Final = ("ja", "en")
NOT_LISTED: Final = gettext_noop("“%(found)s” is none of the words that can be chosen here.")
_DERIVED: Final = ("scale",)
"""Columns of the CSV files that the workbook has no need of: they follow from the unit."""

_TITLES: Final[Mapping[str, Any]] = {
    "agreements.csv": pgettext_lazy("sheet", "Agreements"),
    "parties.csv": pgettext_lazy("sheet", "Parties"),
    "posts.csv": pgettext_lazy("sheet", "Posts"),
    "conclusions.csv": pgettext_lazy("sheet", "Conclusions"),
    "provisions.csv": pgettext_lazy("sheet", "Articles"),
    "obligations.csv": pgettext_lazy("sheet", "Obligations"),
    "required_documents.csv": pgettext_lazy("sheet", "Required documents"),
    "support_measures.csv": pgettext_lazy("sheet", "Support measures"),
    "support_amounts.csv": pgettext_lazy("sheet", "Amounts of support"),
    "criteria.csv": pgettext_lazy("sheet", "Criteria of evaluation"),
    "chronology.csv": pgettext_lazy("sheet", "Chronology"),
    "facts.csv": pgettext_lazy("sheet", "Reported facts"),
    "accounts.csv": pgettext_lazy("sheet", "Accounts"),
    "statement_lines.csv": pgettext_lazy("sheet", "Budgets and settlements"),
    "statement_totals.csv": pgettext_lazy("sheet", "Printed totals"),
    "plans.csv": pgettext_lazy("sheet", "Plans"),
    "goals.csv": pgettext_lazy("sheet", "Goals"),
    "indicators.csv": pgettext_lazy("sheet", "Indicators"),
    "categories.csv": pgettext_lazy("sheet", "Categories of the register"),
    "records.csv": pgettext_lazy("sheet", "Records"),
    "bases.csv": pgettext_lazy("sheet", "Sources of values"),
    "kgis.csv": pgettext_lazy("sheet", "Direct goals"),
    "initiative_schemes.csv": pgettext_lazy("sheet", "Schemes of activities"),
    "initiative_categories.csv": pgettext_lazy("sheet", "Categories of activities"),
    "initiatives.csv": pgettext_lazy("sheet", "Activities"),
    "targets.csv": pgettext_lazy("sheet", "Targets"),
    "actuals.csv": pgettext_lazy("sheet", "Actuals"),
}

_LABELS: Final[Mapping[str, Any]] = {
    "source": _("Source"),
    "value": pgettext_lazy("set-up", "Figure"),
    "unit": pgettext_lazy("set-up", "Unit"),
    "known_from": _("Known from"),
    "revision": pgettext_lazy("set-up", "Revision"),
    "reason": _("Reason"),
    "note": _("Note"),
    "plan": pgettext_lazy("set-up", "Code of the plan"),
    "goal": pgettext_lazy("set-up", "Code of the goal"),
    "goals": pgettext_lazy("set-up", "Codes of goals"),
    "plans": pgettext_lazy("set-up", "Codes of plans"),
    "indicator": pgettext_lazy("set-up", "Code of the indicator"),
    "account": pgettext_lazy("set-up", "Code of the account"),
    "category": pgettext_lazy("set-up", "Code of the category"),
    "scheme": pgettext_lazy("set-up", "Code of the scheme"),
    "agreement": pgettext_lazy("set-up", "Code of the agreement"),
    "contract": pgettext_lazy("set-up", "Code of the contract"),
    "obligation": pgettext_lazy("set-up", "Code of the obligation"),
    "provision": pgettext_lazy("set-up", "Key of the article"),
    "measure": pgettext_lazy("set-up", "Code of the support measure"),
    "under": pgettext_lazy("set-up", "Under the agreement (code)"),
    "parent": pgettext_lazy("set-up", "Under (code)"),
    "within": pgettext_lazy("set-up", "Part of (code)"),
    "replaces": pgettext_lazy("set-up", "Replaces (code)"),
    "continues_plan": pgettext_lazy("set-up", "Continues: code of the plan"),
    "continues_code": pgettext_lazy("set-up", "Continues: code of the goal"),
    "predecessor_plan": pgettext_lazy("set-up", "Before it: code of the plan"),
    "predecessor_code": pgettext_lazy("set-up", "Before it: code of the indicator"),
    "set_in_year": _("Set in"),
    "total": pgettext_lazy("set-up", "Total as printed"),
    "stage": pgettext_lazy("set-up", "Stage"),
    "fiscal_year": _("Fiscal year"),
    "supplement": _("Number of the supplementary budget"),
    "of": _("Total of"),
    "number": pgettext_lazy("set-up", "Number"),
    "revisions": pgettext_lazy("set-up", "Revision"),
}
_LABELS_OF: Final[Mapping[tuple[str, str], Any]] = {
    ("plans.csv", "agreement"): _("Agreement as printed"),
    ("records.csv", "note"): _("Note"),
    ("provisions.csv", "parent"): pgettext_lazy("set-up", "Under (key)"),
}

_NOTES: Final[Mapping[str, Any]] = {
    "code": _("Small letters, digits and hyphens, such as research-income. It never changes."),
    "source": _("May be blank: then it is the document that is named at the upload."),
    "known_from": _("The day from which both sides knew it, such as that of the settlement."),
    "fiscal_year": _("Such as R5, 令和5年度 or 2023."),
    "value": _("In the unit beside it."),
    "revision": _("1, or blank. A corrected figure is 2 and says why."),
    "goals": _("plan/goal, several with spaces between them."),
    "plans": _("Several with spaces between them."),
    "happened": _("A day, a month or a year."),
    "concluded_on": _("A day, a month or a year."),
    "due_year_offset": _("0: the year's own calendar year; 1: the one after it; -1: the one before it."),
    "key": _("art9, art9/par1, art9/par1/item2: article, paragraph, item."),
    "deed": _("Blank, unless the portal's own deeds fulfil it."),
    "within": _("Shown apart, and counted in that account."),
    "decimals": _("How many are shown."),
    "entry_decimals": _("How many can be typed."),
}
_WHOLE_UNITS: Final = tuple(str(unit) for unit in MoneyUnit)
_UNITS: Final[Mapping[str, tuple[str, ...]]] = {
    "statement_lines.csv": _WHOLE_UNITS,
    "statement_totals.csv": _WHOLE_UNITS,
    "support_amounts.csv": (*_WHOLE_UNITS, "億円"),
    "support_measures.csv": (*_WHOLE_UNITS, "億円"),
}
_REFERS: Final[Mapping[str, str]] = {
    "plan": "plans.csv",
    "continues_plan": "plans.csv",
    "predecessor_plan": "plans.csv",
    "goal": "goals.csv",
    "continues_code": "goals.csv",
    "indicator": "indicators.csv",
    "predecessor_code": "indicators.csv",
    "account": "accounts.csv",
    "within": "accounts.csv",
    "scheme": "initiative_schemes.csv",
    "obligation": "obligations.csv",
    "contract": "agreements.csv",
    "replaces": "agreements.csv",
    "under": "agreements.csv",
    "agreement": "agreements.csv",
    "measure": "support_measures.csv",
}
"""By heading: the table whose codes can be chosen there."""
_REFERS_OF: Final[Mapping[tuple[str, str], str]] = {
    ("plans.csv", "agreement"): "",
    ("accounts.csv", "parent"): "accounts.csv",
    ("agreements.csv", "parent"): "agreements.csv",
    ("records.csv", "category"): "categories.csv",
    ("bases.csv", "category"): "categories.csv",
    ("initiatives.csv", "category"): "initiative_categories.csv",
    ("initiative_categories.csv", "parent"): "initiative_categories.csv",
}


_MAY_BE_BLANK: Final = ("actuals.csv",)
"""A blank figure of a report is one that was not reported."""


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet, under the heading `key` of the CSV file."""

    file: str
    key: str
    field: "models.Field[Any, Any] | None"
    """The field whose value stands there; None where it is a code of another row, or no field's."""
    own: "models.Field[Any, Any] | None"
    """The same, or the key to the other row."""

    @property
    def label(self) -> str:
        """Its heading, in the reader's language."""
        said = _LABELS_OF.get((self.file, self.key)) or _LABELS.get(self.key)
        if said is None and self.field is not None:
            said = self.field.verbose_name
        return str(said or self.key)

    @property
    def note(self) -> str:
        """What may stand there, for whoever fills it in; mostly nothing need be said."""
        return str(_NOTES.get(self.key, ""))

    @property
    def choices(self) -> Mapping[str, str]:
        """What can be chosen: code and word in the reader's language; none where it is free."""
        if isinstance(self.field, models.BooleanField):
            return {"yes": str(pgettext_lazy("set-up", "yes")), "no": str(pgettext_lazy("set-up", "no"))}
        if units := _UNITS.get(self.file) if self.key == "unit" else None:
            return {unit: unit for unit in units}
        chosen = getattr(self.field, "choices", None) or ()
        return {str(getattr(code, "value", code)): str(word) for code, word in chosen if code != ""}

    @property
    def refers_to(self) -> str:
        """The file whose codes can be chosen; blank where none can."""
        return _REFERS_OF.get((self.file, self.key), _REFERS.get(self.key, ""))

    @property
    def is_required(self) -> bool:
        """Whether a row says nothing without it."""
        if self.key in ("source", "revision", "supplement") or self.own is None or self.own.has_default():
            return self.key in ("value", "known_from") and self.file not in _MAY_BE_BLANK
        return not self.own.blank and not self.own.null

    @cached_property
    def parse(self) -> Parser:
        """What its cells mean."""
        if self.choices:
            return Choice(_words(self), NOT_LISTED, self.choices)
        match self.field:
            case FiscalYearField():
                return Year()
            case models.DateField():
                return Day(is_as_of=self.key == "as_of")
            case models.DecimalField() | models.IntegerField():
                return Number(decimals=None)
            case _ if self.key in ("value", "total"):
                return Number(decimals=None)
            case _ if self.key in ("happened", "concluded_on", "happened_on"):
                return PartialDay()
            case _:
                return Lines(2_000)

    @property
    def column(self) -> Column:
        """As the reader of tables wants it."""
        headings = []
        for language in LANGUAGES:
            with translation.override(language):
                headings.append(self.label)
        return Column(self.key, tuple(dict.fromkeys([*headings, self.key])), self.parse)


def _words(column: SheetColumn) -> dict[str, str]:
    """What may be written for each choice: its word in either language, or its code."""
    found = {code: code for code in column.choices}
    for language in LANGUAGES:
        with translation.override(language):
            found |= {word: code for code, word in column.choices.items()}
    return found


@dataclass(frozen=True)
class Sheet:
    """A table as a sheet."""

    table: Table[Any]

    @property
    def file(self) -> str:
        return self.table.file

    @property
    def title(self) -> str:
        """The sheet's name, in the reader's language."""
        return str(_TITLES[self.file])

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """In every language."""
        found = []
        for language in LANGUAGES:
            with translation.override(language):
                found.append(self.title)
        return tuple(found)

    @cached_property
    def columns(self) -> tuple[SheetColumn, ...]:
        return tuple(
            self._column(heading)
            for heading in (*self.table.prints, "source")
            if not self._is_derived(heading)
        )

    def _is_derived(self, heading: str) -> bool:
        return heading in _DERIVED

    def _column(self, heading: str) -> SheetColumn:
        own = _field(self.table, heading)
        field = None if isinstance(own, models.ForeignKey | models.ManyToManyField) else own
        return SheetColumn(self.file, heading, field, own)


def _field(table: Table[Any], heading: str) -> "models.Field[Any, Any] | None":
    """The field behind a heading, of the table's model or of what its rows belong to."""
    for several in table.model._meta.many_to_many:
        if several.name == heading:
            return several
    try:
        return table.model._meta.get_field(field_at(table, heading)[0])
    except LookupError:
        pass
    for key in table.model._meta.concrete_fields:
        if isinstance(key, models.ForeignKey) and key.name in table.codes[0]:
            for field in key.related_model._meta.concrete_fields:
                if field.name == heading:
                    return field
    return None


@cache
def sheets() -> tuple[Sheet, ...]:
    """Those of a workbook, which is applied to a center that is there, in their order."""
    return tuple(Sheet(table) for table in TABLES if table.model not in (Organisation, Center))
