"""The file as it came, with one more column: what the import said of each row. Everything else stays, byte for byte of CSV.

Only the text that is added is ours: it is a text in either format, never a formula. A workbook is not written anew but gets
one more cell a row, so that formats, formulas and other sheets stay as their sender made them.
"""

import codecs
import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl.utils import column_index_from_string, get_column_letter

from iconm_portal.imports import texts
from iconm_portal.imports.reading import findings
from iconm_portal.imports.reading.tables import OF_SHEET
from iconm_portal.imports.sheet_reading import opened
from iconm_portal.imports.specs import Spec
from iconm_portal.imports.table_reader import LIMITS
from iconm_portal.models import TableImport

_AT_ONCE: Final = 2_000
_DELIMITERS: Final = (",", "\t", ";")
_FIRST_LINES: Final = 30


def marked(table: TableImport, spec: Spec) -> bytes:
    """The waiting file with what is wrong with it. ValueError where it waits no more."""
    if table.waiting is None:
        raise ValueError(f"import {table.pk} has no file that waits")
    data, read = bytes(table.waiting.content.data), table.params["read"]
    remarks = _remarks(table, spec)
    if read["encoding"]:
        return _marked_csv(data, read["encoding"], remarks[0])
    return _marked_workbook(
        data, table.name, {part["sheet"]: remarks[part["index"]] for part in read["parts"]}
    )


def _remarks(table: TableImport, spec: Spec) -> Mapping[int, dict[int, str]]:
    """By the sheet's place in the file and the row in it; rows of headings say what the column is."""
    read = table.params["read"]
    said: dict[int, dict[int, str]] = defaultdict(dict)
    for part in read["parts"]:
        said[part["index"]][part["heading_row"]] = _("What the import says")
    rows = table.rows.filter(has_problem=True).values_list("number", "problems")
    for number, problems in rows.iterator(chunk_size=_AT_ONCE):
        headings = findings.part_of(read, number).get("headings", {})
        named = {column.key: headings.get(column.key) or column.heading for column in spec.columns}
        index, row = divmod(number, OF_SHEET)
        said[index][row] = _remark(problems, named)
    return said


def _remark(problems: Sequence[Mapping[str, Any]], named: Mapping[str, str]) -> str:
    """Errors before warnings; each begins with a word, so that no program takes it for a formula."""
    words = {"error": pgettext("cell", "Wrong"), "warning": pgettext("cell", "To look at")}
    places = list(named)
    in_order = sorted(problems, key=lambda one: (one["level"] != "error", places.index(one["column"])))
    said = [
        f"{words[problem['level']]}: {named[problem['column']]}: {texts.problem(problem)}"
        for problem in in_order
    ]
    return " / ".join(_printable(text) for text in said)


def _printable(text: str) -> str:
    """Without what neither XML nor a line of CSV can hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


# -- CSV --


def _marked_csv(data: bytes, encoding: str, remarks: Mapping[int, str]) -> bytes:
    text = data.decode(encoding)
    delimiter = _delimiter(text)
    width = max((len(fields) for _raw, fields in _records(text, delimiter)), default=0)
    marked = []
    for number, (raw, fields) in enumerate(_records(text, delimiter), start=1):
        line = raw.rstrip("\r\n")
        if number in remarks:
            missing = delimiter * (width - len(fields))
            quoted = remarks[number].replace('"', '""')
            line += f'{missing}{delimiter}"{quoted}"'
        marked.append(line + (raw[len(raw.rstrip("\r\n")) :] or "\r\n" * (number in remarks)))
    if encoding == "utf-8-sig" and not data.startswith(codecs.BOM_UTF8):
        encoding = "utf-8"
    return "".join(marked).encode(encoding, "replace")


def _delimiter(text: str) -> str:
    first = "".join(text.splitlines(keepends=True)[:_FIRST_LINES])
    return max(_DELIMITERS, key=first.count)


def _records(text: str, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    """Each row as it stands, and its fields. A row may run over several lines."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    for fields in csv.reader(lines(), delimiter=delimiter):
        yield "".join(taken), fields
        taken.clear()


# -- A workbook --

_ROW: Final = re.compile(rb"<((?:\w+:)?)row\b([^>]*?)(/?)>")
_NUMBER: Final = re.compile(rb'\br="([0-9]+)"')
_PLACE: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})[0-9]+"')


def _marked_workbook(data: bytes, filename: str, remarks: Mapping[str, Mapping[int, str]]) -> bytes:
    """`remarks`: by the name of the sheet, and the row."""
    with opened(data, filename=filename, limits=LIMITS) as sheets:
        parts = {one._part: remarks[one.name] for one in sheets if one.name in remarks}
    written = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as source, ZipFile(written, "w", ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename in parts:
                content = _marked_sheet(content, parts[entry.filename])
            target.writestr(entry.filename, content)
    return written.getvalue()


def _marked_sheet(xml: bytes, remarks: Mapping[int, str]) -> bytes:
    """With a cell at the end of each row of which something is said, right of all that stands in any row."""
    letter = get_column_letter(_last_column(xml) + 1)
    parts, done = [], 0
    for number, begin, end, prefix in _rows(xml):
        if number in remarks and end > begin:
            parts += [xml[done:end], _cell(prefix, f"{letter}{number}", remarks[number])]
            done = end
    return b"".join([*parts, xml[done:]])


def _rows(xml: bytes) -> Iterator[tuple[int, int, int, str]]:
    """Each row's number, where its cells begin and end, and the prefix of its names."""
    number = 0
    for opening in _ROW.finditer(xml):
        named = _NUMBER.search(opening[2])
        number = int(named[1]) if named else number + 1
        end = opening.end() if opening[3] else xml.index(b"</" + opening[1] + b"row", opening.end())
        yield number, opening.end(), end, opening[1].decode()


def _last_column(xml: bytes) -> int:
    last = 0
    for _number, begin, end, _prefix in _rows(xml):
        cells = xml[begin:end]
        placed = [column_index_from_string(letters.decode()) for letters in _PLACE.findall(cells)]
        last = max(last, *placed, len(re.findall(rb"<(?:\w+:)?c[\s/>]", cells))) if cells else last
    return last


def _cell(prefix: str, place: str, text: str) -> bytes:
    return (
        f'<{prefix}c r="{place}" t="inlineStr"><{prefix}is><{prefix}t xml:space="preserve">'
        f"{escape(text)}</{prefix}t></{prefix}is></{prefix}c>"
    ).encode()
