"""The lists of the register."""

from typing import Any

import django_tables2 as tables
from django.db.models import F, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from kpi.models import Record
from kpi.plans.cells import link
from kpi.register import texts
from kpi.register.addresses import address

_NUMBER = {"th": {"class": "num"}, "td": {"class": "num"}}


class RecordsTable(tables.Table):
    """Records of a center, the latest first; those without a date stand last, on both databases."""

    title = tables.Column(verbose_name=pgettext_lazy("record", "Title"), orderable=False)
    category = tables.Column(
        verbose_name=gettext_lazy("Category"), order_by=("category__position", "category_id")
    )
    latest = tables.Column(verbose_name=gettext_lazy("Date"), empty_values=())
    people = tables.Column(verbose_name=pgettext_lazy("record", "Number"), empty_values=(), attrs=_NUMBER)
    files = tables.Column(verbose_name=gettext_lazy("Files"), orderable=False, empty_values=(), attrs=_NUMBER)
    status = tables.Column(verbose_name=gettext_lazy("Status"), orderable=False)  # of a valid one: nothing

    class Meta:
        attrs = {"class": "table--stack table--top"}
        empty_text = gettext_lazy("No record is found for this choice. Widen it.")
        order_by_field = "sort"

    def __init__(self, *args: Any, center: str, empty_text: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.center = center
        if empty_text:
            self.empty_text = empty_text

    def order_latest(self, records: QuerySet[Record], is_descending: bool) -> tuple[QuerySet[Record], bool]:
        return records.order_by(*by_day(is_descending=is_descending)), True

    def order_people(self, records: QuerySet[Record], is_descending: bool) -> tuple[QuerySet[Record], bool]:
        people = F("people")
        ordered = people.desc(nulls_last=True) if is_descending else people.asc(nulls_last=True)
        return records.order_by(ordered, "-pk"), True

    def render_title(self, record: Record) -> SafeString:
        beside = [text for text in (record.reference, record.partner, record.theme, record.stage) if text]
        subs = ["・".join(beside)] if beside else []
        if record.became:
            subs.append(record.became)
        lines = format_html_join("", '<span class="sub" lang="ja">{}</span>', ((text,) for text in subs))
        return format_html(
            "<span>{}{}</span>",
            link(address("kpi:record", record, self.center), record.title, is_japanese=True),
            lines,
        )

    def render_category(self, record: Record) -> SafeString:
        return format_html('<span lang="ja">{}</span>', record.category.name)

    def render_latest(self, record: Record) -> SafeString:
        said = texts.when(record)
        return (
            format_html("{}", said)
            if said
            else format_html('<span class="warning">{}</span>', pgettext("date", "none"))
        )

    def render_people(self, record: Record) -> SafeString:
        return format_html_join("", '<span class="sub">{}</span>', ((f,) for f in texts.figures(record)))

    def render_files(self, record: Record) -> str:
        number = len(record.files.all())
        return str(number) if number else ""

    def render_status(self, record: Record) -> SafeString:
        is_plain = not (record.is_withdrawn or record.stands_for_many)
        return SafeString("") if is_plain else texts.chip(record)


def by_day(*, is_descending: bool = True) -> tuple[Any, str]:
    """The order by day; without a date last, whichever way."""
    latest = F("latest")
    if is_descending:
        return latest.desc(nulls_last=True), "-pk"
    return latest.asc(nulls_last=True), "pk"
