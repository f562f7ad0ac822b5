"""What the register's list is narrowed to: a validated form, and the records that it asks for."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.written.letters import folded
from kpi.models import Category, Record, RecordFile, RecordStatus
from kpi.plans import texts
from kpi.register.counting import STANDS_FOR_MANY, Span

STATUS = [("", _("All")), *RecordStatus.choices]
FILES = [
    ("", _("All")),
    ("with", _("with a file")),
    ("without", _("without a file")),
    ("missing", _("neither a file nor a source")),
]
DATES = [
    ("", _("All")),
    ("sure", _("certain")),
    ("vague", _("too vague for one fiscal year")),
    ("none", _("no date at all")),
]
TOTALS = [
    ("", _("All")),
    ("no", pgettext_lazy("records", "single ones")),
    ("yes", pgettext_lazy("records", "totals of periods and levels")),
]
LONGEST_SEARCH = 100


class RecordFilter(forms.Form):
    """Every value is validated; a wrong one shows no rows."""

    q = forms.CharField(label=_("Search"), max_length=LONGEST_SEARCH, required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    year = forms.TypedChoiceField(
        label=_("Fiscal year"), required=False, coerce=lambda text: FiscalYear(int(text)), empty_value=None
    )
    date = forms.ChoiceField(label=_("Date"), choices=DATES, required=False)
    status = forms.ChoiceField(label=_("Status"), choices=STATUS, required=False)
    file = forms.ChoiceField(label=_("Files"), choices=FILES, required=False)
    totals = forms.ChoiceField(label=_("Kind"), choices=TOTALS, required=False)

    def __init__(self, data: Any, *, categories: Iterable[Category], years: Iterable[FiscalYear]) -> None:
        super().__init__(data)
        self.by_code = {category.code: category for category in categories}
        named = [(code, category.name) for code, category in self.by_code.items()]
        self.fields["category"].choices = [("", _("All")), *named]  # type: ignore[attr-defined]
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            *((str(year.start), texts.year_label(year)) for year in years),
        ]

    @property
    def is_wrong(self) -> bool:
        """Whether it cannot be understood what is asked for: then the field says so, and there is no list and no file."""
        return bool(self.errors)

    @property
    def narrows(self) -> bool:
        """Whether anything was asked for."""
        return any(self.data.get(name) for name in self.fields)

    @property
    def chosen_category(self) -> Category | None:
        return self.by_code.get(self.cleaned_data["category"]) if self.is_valid() else None

    def records(self, records: QuerySet[Record]) -> QuerySet[Record]:
        """The records asked for; none where something unusable was."""
        if not self.is_valid():
            return records.none()
        asked = self.cleaned_data
        if asked["category"]:
            records = records.filter(category=self.by_code[asked["category"]])
        if asked["status"]:
            records = records.filter(status=asked["status"])
        if asked["totals"]:
            many = STANDS_FOR_MANY if asked["totals"] == "yes" else ~STANDS_FOR_MANY
            records = records.filter(many)
        if asked["file"]:
            has_file = Exists(RecordFile.objects.filter(record=OuterRef("pk")))
            records = records.filter(has_file if asked["file"] == "with" else ~has_file)
            if asked["file"] == "missing":
                records = records.filter(source="")
        for word in asked["q"].split():
            records = records.filter(search_text__contains=folded(word))
        return records.filter(_dated(asked["year"], asked["date"]))


def _dated(year: FiscalYear | None, how: str) -> Q:
    """Of a year: everything that may have happened in it, or only what surely did, or only what is unsure. A total of
    a period is found under each of its years. Without a year, what is certain lies in one fiscal year, whichever."""
    if how == "none":
        return Q(happened="", latest__isnull=True)
    if year is None:
        return Q() if not how else _single_year() if how == "sure" else ~_single_year()
    span = Span.in_year(year, year.last_day)
    if how:
        return span.surely() if how == "sure" else span.perhaps()
    return span.surely() | span.perhaps() & ~Q(earliest__isnull=True, latest__isnull=True)


def _single_year() -> Q:
    """A day or a month lies in one fiscal year; a calendar year lies in two."""
    return Q(happened__contains="-")
