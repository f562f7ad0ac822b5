"""Why a file from outside is refused, and how much one may hold. Pure; the words stand in `texts`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class About(StrEnum):
    """What of an upload is refused."""

    NAME = "name"
    CONTENT = "content"
    HEADINGS = "headings"


class Refusal(StrEnum):
    """Why an upload is refused; beside each, what `UploadRefused.params` holds."""

    NAME_TOO_LONG = "name_too_long"  # limit; or there is none
    NOT_ACCEPTED = "not_accepted"  # filename, kinds
    NOT_XLSX_NAME = "not_xlsx_name"  # filename
    EMPTY = "empty"
    TOO_BIG = "too_big"  # bytes, limit
    WRONG_KIND = "wrong_kind"  # another kind of file than the ending says
    NOT_A_WORKBOOK = "not_a_workbook"  # another kind of file under the name of a workbook
    OLD_FORMAT = "old_format"  # .xls
    ENCRYPTED = "encrypted"  # opens with a password only
    MACROS = "macros"
    EMBEDDED = "embedded"  # an object of another program, a control, a file in a file
    LIVE_LINK = (
        "live_link"  # DDE, a template from the network: what fetches or starts something by being opened
    )
    ACTIVE_PDF = "active_pdf"  # scripts, launched programs, attached files
    DAMAGED = "damaged"
    UNSAFE_NAMES = "unsafe_names"  # name
    TOO_MANY_PARTS = "too_many_parts"  # limit
    INFLATES_TOO_FAR = "inflates_too_far"  # limit (bytes or ratio)
    TOO_COMPLEX = "too_complex"  # limit (XML tags, or what a tag holds)
    FORBIDDEN_XML = "forbidden_xml"  # a DTD, an entity, or another encoding than UTF-8
    TOO_MANY_SHEETS = "too_many_sheets"  # sheets, limit
    TOO_MANY_ROWS = "too_many_rows"  # sheet, limit
    TOO_MANY_COLUMNS = "too_many_columns"  # sheet, limit
    TOO_MANY_CELLS = "too_many_cells"  # limit
    INFECTED = "infected"  # says the city's virus scanner
    NOT_SCANNED = "not_scanned"  # it gave no answer
    # Of tables of either kind (`table_reader`)
    NOT_A_TABLE_NAME = "not_a_table_name"  # filename
    NOT_TEXT = "not_text"  # in no encoding that is known
    LINE_TOO_LONG = "line_too_long"  # limit
    CSV_DAMAGED = "csv_damaged"  # row
    NO_HEADINGS = "no_headings"  # headings
    MISSING_HEADINGS = "missing_headings"  # headings, sheet
    HEADINGS_TWICE = "headings_twice"  # headings, sheet, row

    @property
    def about(self) -> About:
        """A kind of table may have words of its own for its name or its headings; what is wrong inside is the same for all."""
        match self:
            case (
                Refusal.NAME_TOO_LONG
                | Refusal.NOT_ACCEPTED
                | Refusal.NOT_XLSX_NAME
                | Refusal.NOT_A_TABLE_NAME
            ):
                return About.NAME
            case Refusal.NO_HEADINGS | Refusal.MISSING_HEADINGS | Refusal.HEADINGS_TWICE:
                return About.HEADINGS
            case (
                Refusal.EMPTY
                | Refusal.TOO_BIG
                | Refusal.WRONG_KIND
                | Refusal.NOT_A_WORKBOOK
                | Refusal.OLD_FORMAT
                | Refusal.ENCRYPTED
                | Refusal.MACROS
                | Refusal.EMBEDDED
                | Refusal.LIVE_LINK
                | Refusal.ACTIVE_PDF
                | Refusal.DAMAGED
                | Refusal.UNSAFE_NAMES
                | Refusal.TOO_MANY_PARTS
                | Refusal.INFLATES_TOO_FAR
                | Refusal.TOO_COMPLEX
                | Refusal.FORBIDDEN_XML
                | Refusal.TOO_MANY_SHEETS
                | Refusal.TOO_MANY_ROWS
                | Refusal.TOO_MANY_COLUMNS
                | Refusal.TOO_MANY_CELLS
                | Refusal.INFECTED
                | Refusal.NOT_SCANNED
                | Refusal.NOT_TEXT
                | Refusal.LINE_TOO_LONG
                | Refusal.CSV_DAMAGED
            ):
                return About.CONTENT
            case _:
                assert_never(self)


class UploadRefused(Exception):
    """The file is not taken. `code` says why, `params` are for the message."""

    def __init__(self, code: Refusal, **params: int | str) -> None:
        super().__init__(code, params)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an upload may hold. The defaults leave room for a year's ledger of one center."""

    bytes: int = 5 * 1024 * 1024
    parts: int = 500  # entries of the archive
    inflated: int = 30 * 1024 * 1024  # bytes, all entries together
    ratio: int = 100  # inflated : compressed, of any entry beyond `small`
    small: int = 1024 * 1024
    tags: int = 1_000_000  # "<" in sheets and texts; a cell with a value has four or five
    other_tags: int = 100_000  # "<" in all other parts: styles and the like are slow to read
    sheets: int = 50
    rows: int = 10_000
    columns: int = 100
    cells: int = 100_000  # with a value, all sheets together
    depth: int = 100  # of elements in one another, in a sheet
    held: int = (
        100_000  # elements of a sheet that are in memory at a time; formatted rows have 16,384 blank cells
    )


EVIDENCE = Limits(
    bytes=20 * 1024 * 1024,
    parts=3_000,  # a presentation of 200 pages has a thousand
    inflated=300 * 1024 * 1024,
    ratio=1_100,  # white pictures are packed as closely as the method allows
    tags=30_000_000,
    other_tags=30_000_000,
)
"""What a file may hold that the portal keeps and never reads."""
