"""設定一式の書き出し: what a center has settled as tables, so that another portal reads it as it was.

Settled figures go along in every revision, each with its own day of knowledge; of rows that people entered, the export
itself is the source. What it does not carry stands in docs/how-to/move-a-center.md.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any

from django.db import models

from agreements.instruments import sources as agreement_sources
from agreements.models import Conclusion
from finance.loading import reference as finance
from finance.models import StatementLine, StatementTotal
from iconm_portal.display.sheets.book import TimelessZip
from iconm_portal.display.sheets.data import csv_text
from iconm_portal.imports.reference_files import Table, codes_of
from iconm_portal.models import Center, Organisation, ProposalState, ReviewState
from iconm_portal.values import fiscal
from iconm_portal.values.fiscal import FiscalYear
from kpi.loading.reference import ACTUALS, ALL_TABLES
from kpi.loading.set_up.folders import CONTENTS, SOURCES, VERSION
from kpi.models import Actual, Record
from kpi.models.register import RecordStatus
from kpi.plans import sources as plan_sources

_PUT_APART = {StatementLine: finance.EXPORTED, Actual: (ACTUALS,)}
TABLES: tuple[Table[Any], ...] = tuple(
    one for table in ALL_TABLES for one in _PUT_APART.get(table.model, (table,))
)
"""Every table that is written, in the order in which they are read."""

BY_MODEL = {table.model: table for table in TABLES}


@dataclass(frozen=True)
class Exported:
    """A table with its rows: by heading, as its file has them."""

    table: Table[Any]
    rows: Sequence[Mapping[str, str]]

    @property
    def headings(self) -> tuple[str, ...]:
        return (*self.table.prints, "source")


def exported(center: Center, today: date) -> list[Exported]:
    """All tables of a center, as both sides know it today."""
    made = f"{center.short_name[:40]} 設定一式（{fiscal.era_date_short(today)}書出し）"
    return [
        Exported(table, [_cells(table, row, made) for row in _rows(table, center, today)]) for table in TABLES
    ]


def write_folder(center: Center, folder: Path, today: date) -> list[str]:
    """The files into the folder, which is made if it is not there; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, data in _files(center, today):
        (folder / name).write_bytes(data)
        written.append(name)
    return written


def archive(center: Center, today: date) -> bytes:
    """The same as a zip, with the same bytes for the same data."""
    file = io.BytesIO()
    with TimelessZip(file, datetime.combine(today, time())) as zipped:
        for name, data in _files(center, today):
            zipped.writestr(name, data)
    return file.getvalue()


def _files(center: Center, today: date) -> Iterator[tuple[str, bytes]]:
    tables = exported(center, today)
    yield (
        CONTENTS,
        _csv(("center", "version", "file"), ([center.code, VERSION, one.table.file] for one in tables)),
    )
    known = {**agreement_sources.TITLES.titles, **plan_sources.TITLES.titles}
    used = {code for one in tables for row in one.rows for code in row["source"].split("・")}
    yield (
        SOURCES,
        _csv(
            ("code", "title", "document"),
            ([code, title, document] for code, (document, title) in known.items() if code in used),
        ),
    )
    for one in tables:
        rows = ([row[heading] for heading in one.headings] for row in one.rows)
        yield one.table.file, _csv(one.headings, rows)


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows([csv_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


# -- Which rows --


def _rows(table: Table[Any], center: Center, today: date) -> list[Any]:
    if table.model is Organisation:
        return [center.supporter, center.operator]
    if table.model is Center:
        return [center]
    paths = {path for lookup in table.codes if (path := lookup.rpartition("__")[0])}
    # As they came: what stands side by side in other respects keeps its order.
    of_center = table.model._default_manager.filter(**{table.center: center}).order_by("pk")
    of_center = of_center.select_related(*paths)
    chosen = _CHOSEN.get(table.model)
    rows = chosen(of_center, today) if chosen else of_center.filter(**table.fixed)
    return _parents_first(list(rows))


def _settled(link: str, rows: Any, today: date) -> Any:
    """The lines of what is accepted, every revision of it."""
    accepted = {f"{link}__state": ReviewState.ACCEPTED, f"{link}__known_from__lte": today}
    return rows.filter(**accepted).select_related(link).order_by(f"{link}_id", "pk")


def _conclusions(rows: Any, _today: date) -> list[Any]:
    """Of each agreement the last one that both confirmed."""
    confirmed = rows.filter(edition=None, state=ProposalState.CONFIRMED).order_by("revision", "pk")
    return sorted({row.agreement_id: row for row in confirmed}.values(), key=lambda row: row.pk)


_CHOSEN: Mapping[type[models.Model], Callable[[Any, date], Any]] = {
    Conclusion: _conclusions,
    Record: lambda rows, _today: rows.filter(status=RecordStatus.KEPT),
    StatementLine: partial(_settled, "statement"),
    StatementTotal: partial(_settled, "statement"),
    Actual: partial(_settled, "report"),
}


def _parents_first(rows: list[Any]) -> list[Any]:
    """In their order, but whatever a row names of its own table comes before it."""
    if not rows:
        return rows
    model = type(rows[0])
    own = [field.attname for field in model._meta.concrete_fields if field.related_model is model]
    by_key, placed = {row.pk: row for row in rows}, dict[int, Any]()

    def place(row: Any) -> None:
        for name in own:
            if (above := by_key.get(getattr(row, name))) is not None and above.pk not in placed:
                place(above)
        placed.setdefault(row.pk, row)

    for row in rows:
        place(row)
    return list(placed.values())


# -- Their cells --


def _cells(table: Table[Any], row: Any, made: str) -> dict[str, str]:
    cells = {heading: _text(_value(table, row, heading)) for heading in (*table.prints, "source")}
    cells["source"] = cells["source"] or made
    return cells


def _value(table: Table[Any], row: Any, heading: str) -> object:
    if heading in table.writes:
        return table.writes[heading](row)
    if any(field.name == heading for field in table.model._meta.many_to_many):
        return " ".join("/".join(map(_text, _codes(other))) for other in getattr(row, heading).all())
    name, place = field_at(table, heading)
    value = getattr(row, name)
    return _codes(value)[place] if isinstance(value, models.Model) else value


def field_at(table: Table[Any], heading: str) -> tuple[str, int]:
    """Which field stands under the heading, and which of the codes of the row that it names."""
    names = [field.name for field in table.model._meta.concrete_fields]
    columns = {name: table.columns.get(name, name) for name in names}
    for name, column in columns.items():
        if column == heading or (callable(column) and name == heading):
            return name, -1
    for name, column in columns.items():
        if isinstance(column, tuple) and heading in column:
            return name, column.index(heading)
    raise LookupError(f"no field of {table.file} stands under {heading}")


def _codes(row: models.Model) -> tuple[object, ...]:
    return codes_of(row, BY_MODEL[type(row)])


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case FiscalYear():
            return str(value.start)
        case Decimal():
            return f"{value.normalize():f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)
