"""The lines of a reference table's CSV file, and what its cells say. A line that cannot be taken is refused with its place."""

import csv
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple


class BadFile(ValueError):
    """A file that is not as its map says; the message begins with file and line."""


class ReferenceLine(NamedTuple):
    """A row of a file: its cells by heading, and where it stands."""

    path: Path
    number: int
    cells: Mapping[str, str]

    def cell(self, heading: str) -> str:
        """The text under the heading; BadFile where the file has no such column."""
        if heading not in self.cells:
            raise self.refused(f"there is no column “{heading}”")
        return self.cells[heading]

    def refused(self, reason: object) -> BadFile:
        """What is said of a line that cannot be taken."""
        return BadFile(f"{self.path}:{self.number}: {reason}")


def lines(path: Path) -> Iterator[ReferenceLine]:
    """The rows of a UTF-8 CSV file with a heading. BadFile where a row has more or fewer cells than that."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            for cells in reader:
                line = ReferenceLine(path, reader.line_num, cells)
                if None in cells or None in cells.values():
                    raise line.refused("more or fewer cells than headings")
                yield line
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadFile(f"{path}:{reader.line_num + 1}: {error}") from error


def yes(cell: str) -> bool:
    """The truth of a cell; ValueError for another word than yes and no."""
    if cell not in ("yes", "no"):
        raise ValueError(f"“{cell}” is neither yes nor no")
    return cell == "yes"


def whole(heading: str) -> Callable[[ReferenceLine], int | None]:
    """A printed figure times its `scale`, as 1.1 (億円) at 100,000,000 is 110,000,000; ValueError for a part of a yen."""

    def read(line: ReferenceLine) -> int | None:
        if not line.cell(heading):
            return None
        value = Decimal(line.cell(heading)) * int(line.cell("scale"))
        if value != int(value):
            raise ValueError(f"{line.cell(heading)} × {line.cell('scale')} is not whole")
        return int(value)

    return read
