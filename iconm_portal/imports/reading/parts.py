"""Finding the tables of a file: which sheets have the headings, and how the cells below them are meant. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Final

from openpyxl.utils import get_column_letter

from iconm_portal.forms.inspection.encodings import NAMES
from iconm_portal.forms.inspection.refusals import Refusal, UploadRefused
from iconm_portal.imports.cell_values import Number
from iconm_portal.imports.reading import chosen as meeting
from iconm_portal.imports.reading import rows as reading
from iconm_portal.imports.reading.chosen import Chosen, Contradiction, Nearness
from iconm_portal.imports.reading.sources import HeadingRow, Source, heading_row
from iconm_portal.imports.reading.stated import Stated, Telling, read_heading, read_line
from iconm_portal.imports.reading.tables import Column, LeftOut, ReadTable, Seen, TablePart
from iconm_portal.values.text import listed
from iconm_portal.values.written.units import factor, read_unit


@dataclass(frozen=True)
class Form:
    """What a table is to have, and what was chosen for it."""

    columns: Sequence[Column]
    one_of: Sequence[Sequence[str]]
    chosen: Chosen
    of_file: Stated
    cover: tuple[Stated, ...] = ()
    takes_lines: bool = False  # whether a row with one text alone may be a row

    @property
    def known(self) -> dict[str, str]:
        """By what is compared of a heading: the column's key."""
        return {
            read_heading(heading).key: column.key for column in self.columns for heading in column.headings
        }

    def table(self, sources: Sequence[Source], hidden: Sequence[Source]) -> ReadTable:
        """The parts that can be read of the sources, and which of them are left out."""
        known = self.known
        least = min(2, len(self.columns))
        rows = {source.index: row for source in sources if (row := heading_row(source, known, least))}
        whole = [
            source for source in sources if source.index in rows and not self.missing(rows[source.index])
        ]
        if not whole:
            raise self._no_headings(
                [(source, rows[source.index]) for source in sources if source.index in rows]
            )
        form = replace(self, cover=_cover(sources, whole[0].index))
        parts: dict[int, TablePart] = {}
        contradictions: list[Contradiction] = []
        for source in whole:
            try:
                parts[source.index] = form.part(source, rows[source.index])
            except Contradiction as contradiction:
                contradictions.append(contradiction)
        if contradictions and not (parts and all(one.is_of_other_figures for one in contradictions)):
            raise contradictions[0]
        seen = Seen()
        found = [source for source in whole if source.index in parts]
        return ReadTable(
            parts=tuple(parts.values()),
            encoding=NAMES.get(sources[0].encoding, "") if sources else "",
            left_out=tuple(_left_out(sources, hidden, parts, whole)),
            seen=seen,
            rows=lambda: reading.rows(form, [(source, parts[source.index]) for source in found], seen),
        )

    def missing(self, row: HeadingRow) -> list[str]:
        """What is missing, as the template calls it."""
        there = set(row.places.values())
        missing = [column.heading for column in self.columns if column.required and column.key not in there]
        return missing + [_either(keys, self.columns) for keys in self.one_of if not set(keys) & there]

    def part(self, source: Source, row: HeadingRow) -> TablePart:
        """The headings as they are meant. UploadRefused where two mean the same, Contradiction to what was chosen."""
        headings = row.stated
        places = self._chosen_places(source, row, headings)
        own = {one.key: one.parse.unit for one in self.columns if isinstance(one.parse, Number)}
        stated = Nearness(
            headings=tuple(
                headings[number] if key in own else read_heading(row.texts[number]).stated
                for number, key in places.items()
            ),
            lines=row.lines,
            sheet=read_line(source.name),
            cover=self.cover,
            file=self.of_file,
        )
        of_years = meeting.check(self.chosen, stated)
        figures = {
            key: (headings[number], own[key] or self.chosen.unit)
            for number, key in places.items()
            if key in own
        }
        units = meeting.units(figures, stated, self.chosen)
        has_letters = not source.encoding
        return TablePart(
            sheet=source.name,
            index=source.index,
            heading_row=row.number,
            end=row.end,
            columns=tuple(_in_unit(column, figures.get(column.key), units) for column in self.columns),
            letters={key: get_column_letter(number) if has_letters else "" for number, key in places.items()},
            headings={key: row.texts[number] for number, key in places.items()},
            not_read=tuple(text for number, text in row.texts.items() if number not in places),
            stated={key: unit for key, unit in units.items() if _is_converted(unit, figures[key][1])},
            of_years=of_years,
            places=places,
            headed=frozenset(row.texts),
            spread=self._spread(places, row),
            telling={
                number: _TELLING[key]
                for number, text in row.texts.items()
                if number not in places and (key := read_heading(text).key) in _TELLING
            },
            passed_over=tuple(stated.passed_over()),
            lines=row.lines,
            groups=row.groups,
        )

    def _chosen_places(
        self, source: Source, row: HeadingRow, headings: Mapping[int, Stated]
    ) -> dict[int, str]:
        """One column for each key: of several, that of the chosen year and stage."""
        several: dict[str, dict[int, Stated]] = {}
        for number, key in row.places.items():
            several.setdefault(key, {})[number] = headings[number]
        found, twice = {}, []
        for key, stated in several.items():
            meant = next(iter(stated)) if len(stated) == 1 else meeting.of_several(stated, self.chosen)
            if meant is None:
                twice.append(listed(row.texts[number] for number in stated))
            else:
                found[meant] = key
        if twice:
            raise UploadRefused(
                Refusal.HEADINGS_TWICE, headings=listed(twice), sheet=source.name, row=row.number
            )
        return dict(sorted(found.items()))

    def _spread(self, places: Mapping[int, str], row: HeadingRow) -> dict[int, str]:
        """The columns between two headings over which the left one spreads."""
        spreads, headed = {one.key for one in self.columns if one.spreads}, sorted(row.texts)
        return {
            number: places[left]
            for left, right in pairwise(headed)
            if places.get(left) in spreads
            for number in range(left + 1, right)
        }

    def _no_headings(self, found: Sequence[tuple[Source, HeadingRow]]) -> UploadRefused:
        if not found:
            required = [column.heading for column in self.columns if column.required]
            wanted = [*required, *(_either(keys, self.columns) for keys in self.one_of)]
            return UploadRefused(Refusal.NO_HEADINGS, headings=listed(wanted))
        source, row = max(found, key=lambda one: len(one[1].places))
        return UploadRefused(Refusal.MISSING_HEADINGS, headings=listed(self.missing(row)), sheet=source.name)


# Columns that no import reads, and whose cells say what the figures of their row are.
_TELLING: Final = {
    **dict.fromkeys(("単位", "通貨", "通貨単位", "金額単位", "unit", "currency"), Telling.UNIT),
    **dict.fromkeys(("年度", "会計年度", "事業年度", "対象年度", "fiscalyear"), Telling.YEAR),
    **dict.fromkeys(
        ("区分", "種別", "段階", "予算決算区分", "予算・決算", "予算/決算", "予決区分"), Telling.STAGE
    ),
}
MOST_OF_COVER: Final = 60
"""A sheet with more cells before the first table is no cover."""


def _cover(sources: Sequence[Source], first: int) -> tuple[Stated, ...]:
    """What the sheets before the first table state, where they hold a few lines."""
    found: list[Stated] = []
    for source in sources:
        if source.index >= first:
            break
        cells = list(islice((cell for row in source.rows() for cell in row), MOST_OF_COVER + 1))
        if len(cells) <= MOST_OF_COVER:
            found += [read_line(cell.value) for cell in cells if isinstance(cell.value, str)]
    return tuple(one for one in found if not one.is_empty)


def _is_converted(stated: str, own: str) -> bool:
    return (factor(stated, own) if own else read_unit(stated).scale) not in (None, 1)


def _in_unit(column: Column, figures: tuple[Stated, str] | None, units: Mapping[str, str]) -> Column:
    """The column with its figures in the unit that the file states, or that was chosen."""
    if figures is None or not isinstance(column.parse, Number):
        return column
    _stated, unit = figures
    stated = units.get(column.key, "")
    return replace(column, parse=replace(column.parse, unit=unit, stated=stated if stated != unit else ""))


def _either(keys: Iterable[str], columns: Sequence[Column]) -> str:
    return "／".join(column.heading for column in columns if column.key in keys)


def _left_out(
    sources: Sequence[Source],
    hidden: Sequence[Source],
    parts: Mapping[int, TablePart],
    whole: Sequence[Source],
) -> Iterator[LeftOut]:
    """The sheets that hold anything and are not read."""
    others = {source.index for source in whole}
    for source in sources:
        if source.index not in parts and next(source.rows(), None):
            yield LeftOut(source.name, "stated" if source.index in others else "headings")
    for source in hidden:
        if next(source.rows(), None):
            yield LeftOut(source.name, "hidden")
