"""What was found out of a file, as an import keeps it (JSON) and its page says it before anything is applied."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from iconm_portal.imports.reading.tables import MOST_NAMED, OF_SHEET, ReadTable, TablePart
from iconm_portal.values.text import listed

WHY_LEFT_OUT: Final[Mapping[str, str]] = {
    "hidden": gettext_noop("These sheets are hidden and are not read: %(names)s"),
    "headings": gettext_noop("These sheets have not the headings of this import and are not read: %(names)s"),
    "stated": gettext_noop("These sheets are of another year or stage and are not read: %(names)s"),
}


def told(source: ReadTable) -> dict[str, Any]:
    """For the import's params; what is seen on the way stands in it when the rows are at their end."""
    seen, parts = source.seen, source.seen.parts or list(source.parts)
    return {
        "sheet": source.first.sheet,
        "encoding": source.encoding,
        "heading_row": source.first.heading_row,
        "letters": dict(source.first.letters),
        "headings": dict(source.first.headings),
        "not_read": list(dict.fromkeys(heading for part in parts for heading in part.not_read)),
        "parts": [_part(part) for part in parts],
        "left_out": [[one.sheet, one.why] for one in source.left_out],
        "hidden_rows": _numbered(seen.hidden_rows),
        "struck_rows": _numbered(seen.struck_rows),
        "hidden_columns": seen.hidden_columns,
        "idle_rows": _numbered(seen.idle_rows),
        "lines": _numbered(seen.lines),
        "idle_columns": seen.idle_columns,
        "tables_left_out": _numbered(seen.left_out),
    }


def _part(part: TablePart) -> dict[str, Any]:
    return {
        "sheet": part.sheet,
        "index": part.index,
        "heading_row": part.heading_row,
        "letters": dict(part.letters),
        "headings": dict(part.headings),
        "stated": {key: [unit, _own_unit(part, key)] for key, unit in part.stated.items()},
        "years": [year.start for year in part.of_years.years],
        "stages": sorted(map(str, part.of_years.stages)),
        "passed_over": [list(one) for one in part.passed_over],
    }


def _own_unit(part: TablePart, key: str) -> str:
    return next(str(getattr(column.parse, "unit", "")) for column in part.columns if column.key == key)


def _numbered(rows: list[int]) -> dict[str, Any]:
    return {"count": len(rows), "first": rows[:MOST_NAMED]}


def part_of(read: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """Where the columns of a row stand: its "letters" and "headings", and its "sheet"."""
    index, row = divmod(number, OF_SHEET)
    above = [one for one in read.get("parts", ()) if one["index"] == index and one["heading_row"] < row]
    return max(above, key=lambda one: one["heading_row"], default=read)


def row_name(read: Mapping[str, Any], number: int) -> str:
    """12; of a workbook of which several sheets are read, 「5月」12."""
    row = f"{number % OF_SHEET:,}"
    if not is_of_several_sheets(read):
        return row
    return _("“%(sheet)s” %(row)s") % {"sheet": part_of(read, number).get("sheet", ""), "row": row}


def is_of_several_sheets(read: Mapping[str, Any]) -> bool:
    """Whether a row's number alone does not say where it stands."""
    return len({one["index"] for one in read.get("parts", ())}) > 1


def notes(read: Mapping[str, Any]) -> Iterator[str]:
    """What whoever decides has to know: what the file states, what of it is read though hidden, and what is not read."""
    yield from _of_units(read)
    passed_over = (tuple(one) for part in read.get("parts", ()) for one in part.get("passed_over", ()))
    for far, near in dict.fromkeys(passed_over):
        yield _("“%(near)s” counts, since it stands nearer to the figures than “%(far)s”.") % {
            "near": near,
            "far": far,
        }
    sheets = list(dict.fromkeys(one["sheet"] for one in read.get("parts", ())))
    if len(sheets) > 1:
        yield _("These sheets are read, one below the other: %(names)s") % {"names": listed(sheets)}
    for why, text in WHY_LEFT_OUT.items():
        names = [sheet for sheet, of in read.get("left_out", ()) if of == why]
        if names:
            yield _(text) % {"names": listed(names)}
    for key, text in _ROWS.items():
        rows = read.get(key, {})
        if rows.get("count"):
            more = "…" if rows["count"] > len(rows["first"]) else ""
            named = listed(row_name(read, number) for number in rows["first"]) + more
            yield _(text) % {"count": f"{rows['count']:,}", "rows": named}
    for key, text in _COLUMNS.items():
        if read.get(key):
            yield _(text) % {"names": listed(read[key])}


def _of_units(read: Mapping[str, Any]) -> Iterator[str]:
    said: dict[str, None] = {}
    for part in read.get("parts", ()):
        for key, (stated, unit) in part["stated"].items():
            words = {"heading": part["headings"][key], "stated": stated, "unit": unit}
            text = (
                _(
                    "“%(heading)s” is in %(stated)s, as the file says: its figures are converted into %(unit)s."
                )
                if unit
                else _(
                    "“%(heading)s” is in %(stated)s, as the file says: its figures are multiplied accordingly."
                )
            )
            said[text % words] = None
    yield from said


_ROWS: Final[Mapping[str, str]] = {
    "hidden_rows": gettext_noop(
        "Rows that are hidden in the file, by hand or by a filter, are read too: %(count)s (%(rows)s)"
    ),
    "struck_rows": gettext_noop(
        "Rows that are struck through in the file are read too: %(count)s (%(rows)s)"
    ),
    "idle_rows": gettext_noop(
        "Rows with nothing under the headings that are read are left out: %(count)s (%(rows)s)"
    ),
    "lines": gettext_noop(
        "Rows with one text alone, such as remarks and titles, are left out: %(count)s (%(rows)s)"
    ),
    "tables_left_out": gettext_noop(
        "Further tables of another year or stage are not read: %(count)s (headings in row %(rows)s)"
    ),
}
_COLUMNS: Final[Mapping[str, str]] = {
    "hidden_columns": gettext_noop("Columns that are hidden in the file are read too: %(names)s"),
    "idle_columns": gettext_noop("Columns without a heading are not read: %(names)s"),
}
