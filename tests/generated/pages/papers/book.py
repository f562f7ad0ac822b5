"""A sheet of the workbook as its reader has it: what stands above the table, the heads of its columns, its rows, and the notes."""

from dataclasses import dataclass
from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from tests.readers.pack_reading import printed


@dataclass(frozen=True)
class Sheet:
    """`rows` as they print, a cell that spans several standing in each of them; `notes` without their sign."""

    above: list[str]
    heads: list[str]  # 令和4年度 目標
    rows: list[list[str]]
    notes: list[str]

    def column(self, head: str) -> int:
        return self.heads.index(head)

    @property
    def records(self) -> list[dict[str, str]]:
        """The rows by the heads."""
        return [dict(zip(self.heads, row, strict=True)) for row in self.rows]


def sheet_of(printed_sheet: Worksheet) -> Sheet:
    """Lines across the whole sheet, then the heads, then the rows up to an empty one, then the notes."""
    texts = _spread(printed_sheet)
    first = next(number for number, row in enumerate(texts) if len(row) == 1 or row[0] != row[-1])
    depth = next(
        (
            one.max_row - one.min_row + 1
            for one in printed_sheet.merged_cells.ranges
            if (one.min_row, one.min_col) == (first + 1, 1)
        ),
        1,
    )
    heads = [
        " ".join(dict.fromkeys(filter(None, column)))
        for column in zip(*texts[first : first + depth], strict=True)
    ]
    body = texts[first + depth :]
    end = next((number for number, row in enumerate(body) if not any(row)), len(body))
    notes = [row[0].removeprefix("※ ") for row in body[end:] if row[0].startswith("※ ")]
    return Sheet([row[0] for row in texts[:first]], heads, body[:end], notes)


def _spread(printed_sheet: Worksheet) -> list[list[str]]:
    """What each cell prints; of cells that are one, the same in each."""
    texts = [[printed(cell.value, cell.number_format) for cell in row] for row in printed_sheet.iter_rows()]
    for one in printed_sheet.merged_cells.ranges:
        text = texts[one.min_row - 1][one.min_col - 1]
        for row in range(one.min_row - 1, one.max_row):
            for column in range(one.min_col - 1, one.max_col):
                texts[row][column] = text
    return texts


Records = list[dict[str, Any]]
