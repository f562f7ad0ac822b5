"""A block of cells copied from a spreadsheet, read into the grid of indicators and years. Text in, cells out."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.http import QueryDict
from django.utils.translation import gettext as _

from iconm_portal.values.fiscal import EraInputError, FiscalYear
from iconm_portal.values.text import normalised
from iconm_portal.values.written.letters import folded
from kpi.plans import texts

FIELD = "paste"
LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Block:
    """What was pasted: the texts by indicator's code and year, or why it cannot be put in its place."""

    cells: Mapping[tuple[str, FiscalYear], str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read(text: str, names: Mapping[str, str], years: Sequence[FiscalYear]) -> Block:
    """`names`: the indicators' names by code, in the order of the page.

    A first line of years says which column is which year, names in front say which line is which indicator; without
    them the block begins in the first cell. A blank cell says nothing.
    """
    try:
        lines = [row for row in csv.reader(io.StringIO(text), delimiter="\t") if any(map(str.strip, row))]
    except csv.Error:
        return Block(problems=(_("This is no block of cells from a spreadsheet."),))
    problems: list[str] = []
    columns, lines = _columns(lines, years, problems)
    codes = _codes(lines, min(columns, default=0), names, problems)
    cells: dict[tuple[str, FiscalYear], str] = {}
    for code, row in zip(codes, lines, strict=True):
        for place, cell in enumerate(row):
            year = columns.get(place)
            if code and year and cell.strip():
                cells[code, year] = cell.strip()
    return Block(problems=tuple(problems)) if problems else Block(cells)


def put_in(
    data: QueryDict,
    names: Mapping[str, str],
    years: Sequence[FiscalYear],
    field_name: Callable[[str, FiscalYear], str],
) -> QueryDict:
    """What was sent, with the pasted cells in their fields; as it was where the block cannot be read."""
    text = data.get(FIELD, "")
    if not text.strip() or len(text) > LONGEST:
        return data
    block = read(text, names, years)
    if block.problems:
        return data
    filled = data.copy()
    for (code, year), cell in block.cells.items():
        filled[field_name(code, year)] = cell
    filled[FIELD] = ""
    return filled


def _columns(
    lines: list[list[str]], years: Sequence[FiscalYear], problems: list[str]
) -> tuple[dict[int, FiscalYear], list[list[str]]]:
    """Which column is which year, and the lines below the one that says so."""
    first = lines[0] if lines else []
    heading = {place: year for place, cell in enumerate(first) if (year := _year(cell))}
    # A single figure such as 2026 is one that is aimed at.
    is_written = len(heading) > 1 or any(not first[place].strip().isdigit() for place in heading)
    if is_written and any(year in years for year in heading.values()) and _goes_on(list(heading.values())):
        problems += [
            _("%(year)s is no year of this plan.") % {"year": texts.year_label(year)}
            for year in heading.values()
            if year not in years
        ]
        return heading, lines[1:]
    in_front = _in_front(lines)
    width = max(map(len, lines), default=0) - in_front
    if width > len(years):
        told = {"columns": width, "years": len(years)}
        problems.append(
            _("The block has %(columns)s columns of figures, and the plan %(years)s years.") % told
        )
    return {in_front + place: year for place, year in enumerate(years)}, lines


def _codes(lines: list[list[str]], in_front: int, names: Mapping[str, str], problems: list[str]) -> list[str]:
    """The indicator of each line; empty where there is none of that name."""
    if not in_front:
        if len(lines) > len(names):
            numbers = {"lines": len(lines), "indicators": len(names)}
            problems.append(
                _("The block has %(lines)s lines, and the plan %(indicators)s indicators.") % numbers
            )
        return [*names, *[""] * len(lines)][: len(lines)]
    by_name = {folded(name): code for code, name in names.items()}
    codes: list[str] = []
    for number, row in enumerate(lines, 1):
        cells = [cell for cell in row[:in_front] if cell.strip()]
        code = next((by_name[folded(cell)] for cell in cells if folded(cell) in by_name), "")
        told = {"number": number, "name": " ".join(cells)}
        if not code:
            problems.append(_("Line %(number)s: the plan has no indicator “%(name)s”.") % told)
        elif code in codes:
            problems.append(_("Line %(number)s: “%(name)s” stands there twice.") % told)
        codes.append(code)
    return codes


def _in_front(lines: list[list[str]]) -> int:
    """How many columns hold words: those in which most cells begin with no figure."""
    for place in range(max(map(len, lines), default=0)):
        cells = [row[place] for row in lines if len(row) > place and row[place].strip()]
        words = [cell for cell in cells if not _is_figure(cell)]
        if len(words) * 2 <= len(cells):
            return place
    return 0


def _is_figure(cell: str) -> bool:
    """Whether no letter stands before its first digit: signs and marks may."""
    before = re.split(r"\d", normalised(cell), maxsplit=1)[0]
    return not any(letter.isalpha() for letter in before)


def _year(cell: str) -> FiscalYear | None:
    try:
        return FiscalYear.parse(cell.strip())
    except EraInputError:
        return None


def _goes_on(years: list[FiscalYear]) -> bool:
    """Years one after the other: figures in a first line do not do that."""
    return all(later - earlier == 1 for earlier, later in pairwise(years))
