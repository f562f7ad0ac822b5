"""A pack as a workbook and as its canonical data, both drawn from the same described sheets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from iconm_portal.display.sheets import Book, Column, DataSheet, FormCell, FormSheet, form_sheet
from iconm_portal.display.sheets.preview import ShownSheet, shown
from iconm_portal.values.fiscal import era_date
from kpi.models import Pack
from kpi.papers import data, origins
from kpi.papers.contents import Contents
from kpi.papers.sections import BY_KEY, Section
from kpi.plans.tables import sheets

COVER_SHEET = "表紙"


@dataclass(frozen=True)
class Chosen:
    """A section as the pack has it, with the person's comment and what it shows."""

    section: Section
    comment: str
    forms: tuple[FormSheet, ...]
    tables: tuple[DataSheet, ...]

    @property
    def sheet_names(self) -> list[str]:
        return [*(form.name for form in self.forms), *(table.name for table in self.tables)]


@dataclass(frozen=True)
class Made:
    """A pack built: described, as bytes, and as data."""

    pack: Pack
    contents: Contents
    sections: tuple[Chosen, ...]

    @cached_property
    def cover(self) -> FormSheet:
        return cover_sheet(self.pack, self.contents, self.sections)

    @cached_property
    def definitions(self) -> FormSheet:
        """コード・定義 of everything that the データ sheets hold."""
        found = self.contents
        more = [row for one in self.sections for row in one.section.definitions(found)]
        return sheets.definitions_sheet(found.board, found.plans, [*more, *origins.rows(found)])

    @cached_property
    def tables(self) -> tuple[data.DataTable, ...]:
        """The データ tables with plain values."""
        return tuple(data.table(sheet) for one in self.sections for sheet in one.tables)

    @cached_property
    def data(self) -> bytes:
        """The canonical JSON, which is what a frozen pack is compared by."""
        return data.canonical(about(self.pack), self.tables, self.shown)

    @cached_property
    def shown(self) -> tuple[ShownSheet, ...]:
        """The printed sheets as text, cover and definitions included: the preview."""
        forms = [self.cover, *(form for one in self.sections for form in one.forms), self.definitions]
        return tuple(shown(form) for form in forms)

    def to_bytes(self) -> bytes:
        """The .xlsx file. The same pack and contents give the same bytes."""
        found = self.contents
        book = Book(title=self.pack.title, created=found.as_of, creator=self.pack.department)
        book.form_sheet(self.cover)
        for one in self.sections:
            for form in one.forms:
                book.form_sheet(form)
        for one in self.sections:
            for table in one.tables:
                book.data_sheet(table)
        book.form_sheet(self.definitions)
        return book.to_bytes()

    @property
    def file_name(self) -> str:
        """iconm-2022-01-27.xlsx."""
        return f"{self.contents.center.code}-{self.contents.as_of.isoformat()}.xlsx"


def make(pack: Pack, found: Contents) -> Made:
    """The pack's sections with what they show; one that has nothing to show is left out."""
    return Made(pack, found, tuple(_chosen(pack, found)))


def _chosen(pack: Pack, found: Contents) -> Iterator[Chosen]:
    for choice in pack.sections:
        section = BY_KEY[choice["key"]]
        forms = tuple(section.forms(found))
        if forms:
            first = replace(forms[0], remark=choice["comment"])
            yield Chosen(section, choice["comment"], (first, *forms[1:]), tuple(_listed(section.data(found))))


def _listed(tables: Sequence[DataSheet]) -> Iterator[DataSheet]:
    """With their rows as lists, for they are read twice: for the workbook and for the data."""
    for table in tables:
        yield replace(table, rows=list(table.rows))


def about(pack: Pack) -> dict[str, Any]:
    """What the pack says of itself; goes into its data."""
    return {
        "center": pack.center.code,
        "title": pack.title,
        "committee": pack.committee,
        "presented_on": pack.presented_on.isoformat() if pack.presented_on else None,
        "department": pack.department,
        "fiscal_year": pack.fiscal_year.start,
        "as_of": pack.as_of.isoformat(),
        "sections": pack.sections,
    }


COVER_COLUMNS: Sequence[Column[tuple[int, Chosen]]] = (
    Column(heading="番号", width=8, printed=lambda row: FormCell(row[0], "number", align="center")),
    Column(heading="資料", width=50, printed=lambda row: FormCell(row[1].section.title, "label")),
    Column(heading="シート", width=66, value=lambda row: "、".join(row[1].sheet_names)),
)


def cover_sheet(pack: Pack, found: Contents, sections: Sequence[Chosen]) -> FormSheet:
    """表紙: what it is, for whom, as known when, and which sheets follow."""
    lines = [pack.committee, era_date(pack.presented_on) if pack.presented_on else "", pack.department]
    return form_sheet(
        COVER_SHEET,
        COVER_COLUMNS,
        list(enumerate(sections, 1)),
        title=pack.title,
        subtitle="　　".join(line for line in lines if line),
        unit_line=f"{found.center.name}　{pack.fiscal_year.wareki}　{era_date(pack.as_of)}現在",
        notes=[
            "※ 「データ_」で始まるシートは同じ数値を機械で読める形にしたもの。符号の意味は「コード・定義」を参照。"
        ],
    )
