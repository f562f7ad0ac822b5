"""The lines of a reference table, from whatever file they come, and what their cells say.

What cannot be taken is a problem with its place: file, row and column, in the language of whoever reads it.
"""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from iconm_portal.display.sheets.data import csv_unquoted
from iconm_portal.values.written.units import read_unit


@dataclass(frozen=True)
class Problem:
    """What is wrong in a file, and where. `row` 0 is the file as a whole, a blank `column` the whole row.

    `error` is put into words when it is shown; `cell` is the place in a workbook (C12).
    """

    file: str
    row: int
    column: str
    error: ValidationError
    cell: str = ""

    @property
    def text(self) -> str:
        """What is wrong, in the reader's language."""
        return "; ".join(self.error.messages)

    def __str__(self) -> str:
        place = f"{self.file}:{self.row}" if self.row else self.file
        return ": ".join(filter(None, (place, self.column, self.text)))


class BadFile(ValueError):
    """Files that are not as their maps say: everything that is wrong with them."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


class WholeFile(BadFile):
    """The file as a whole cannot be read: it has another form than its map says."""


class Follows(BadFile):
    """What is wrong follows from a problem that is named already."""


class ReferenceLine(NamedTuple):
    """A row of a file: its cells by heading, and where it stands; in a workbook, with the letters of its columns."""

    file: str
    number: int
    cells: Mapping[str, str]
    letters: Mapping[str, str] = {}

    def cell(self, heading: str) -> str:
        """The text under the heading; WholeFile where the file has no such column."""
        if heading not in self.cells:
            raise WholeFile(self.problem(_("There is no column “%(column)s”."), column=heading))
        return self.cells[heading]

    def problem(self, message: Any, at: str = "", **params: Any) -> Problem:
        """What is wrong with the line, or with what stands under the heading `at`."""
        error = (
            message
            if isinstance(message, ValidationError)
            else ValidationError(message, params=params or None)
        )
        letter = self.letters.get(at, "")
        return Problem(self.file, self.number, at, error, f"{letter}{self.number}" if letter else "")

    def refused(self, message: Any, at: str = "", **params: Any) -> BadFile:
        """What is said of a line that cannot be taken."""
        return BadFile(self.problem(message, at, **params))


class TableFiles(Protocol):
    """Tables by the names of their files, wherever they stand: folders, an archive, the sheets of a workbook."""

    @property
    def names(self) -> Collection[str]:
        """Of all tables that are there."""

    def title(self, name: str) -> str:
        """What people call the table: the file, or the sheet."""

    def lines(self, name: str) -> Iterator[ReferenceLine]:
        """The rows of a table. BadFile where they cannot be read."""


class CsvFolders:
    """Folders of CSV files; where two have a file of the same name, the first one's is read."""

    def __init__(self, *folders: Path) -> None:
        self._paths = {
            path.name: path for folder in reversed(folders) for path in sorted(folder.glob("*.csv"))
        }

    @property
    def names(self) -> Collection[str]:
        return self._paths

    def title(self, name: str) -> str:
        return name

    def lines(self, name: str) -> Iterator[ReferenceLine]:
        return lines(self._paths[name])


def lines(path: Path) -> Iterator[ReferenceLine]:
    """The rows of a UTF-8 CSV file with a heading. BadFile where a row has more or fewer cells than that."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            for cells in reader:
                line = ReferenceLine(path.name, reader.line_num, cells)
                if None in cells or None in cells.values():
                    raise WholeFile(
                        line.problem(_("The row has more or fewer cells than there are headings."))
                    )
                yield line._replace(cells={name: csv_unquoted(cell) for name, cell in cells.items()})
        except (csv.Error, UnicodeDecodeError) as error:
            line = ReferenceLine(path.name, reader.line_num + 1, {})
            message = _("The file is no CSV in UTF-8: %(reason)s")
            raise WholeFile(line.problem(message, reason=error)) from error


def yes(cell: str) -> bool:
    """The truth of a cell; ValidationError for another word than yes and no."""
    if cell not in ("yes", "no"):
        raise ValidationError(_("“%(found)s” is neither yes nor no."), params={"found": cell})
    return cell == "yes"


def scale(line: ReferenceLine) -> int:
    """What one unit of the line's figure is in base units: as it says, or else as its unit does (千円 is 1,000)."""
    return int(line.cells.get("scale") or read_unit(line.cells.get("unit", "")).scale)


def whole(heading: str) -> Callable[[ReferenceLine], int | None]:
    """A printed figure in whole yen: 1.1 (億円) is 110,000,000; ValidationError for a part of a yen."""

    def read(line: ReferenceLine) -> int | None:
        if not line.cell(heading):
            return None
        value = Decimal(line.cell(heading)) * scale(line)
        if value != int(value):
            raise ValidationError(
                _("%(value)s × %(scale)s yen is no whole number of yen."),
                params={"value": line.cell(heading), "scale": scale(line)},
            )
        return int(value)

    return read
