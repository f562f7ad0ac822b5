"""Uploaded spreadsheets: what is read from honest ones, and that hostile ones are refused before they cost anything."""

import io
import random
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from iconm_portal.display.sheets import Book, Column, DataSheet, FormCell, FormSheet, number_format
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused
from iconm_portal.imports.sheet_reading import Kind, SheetCell, ShownAs, opened

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(*rows: list[Any], prepare: Callable[[Any], object] = lambda sheet: None) -> bytes:
    """A workbook as somebody else's program would write it."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    prepare(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rezipped(content: bytes, changes: dict[str, str | bytes | None]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, part in changes.items():
            if part is not None:
                new.writestr(name, part)
    return file.getvalue()


def with_cells(cells: str, *, before: str = "", dimension: str = "") -> bytes:
    xml = f'<worksheet xmlns="{NAMESPACE}">{dimension}<sheetData>{cells}</sheetData></worksheet>'
    return rezipped(workbook(["a"]), {SHEET: before + xml})


def sheets(
    content: bytes, *, filename: str = "x.xlsx", limits: Limits | None = None
) -> list[tuple[str, bool, list[SheetCell]]]:
    """Every sheet read to its end: its name, whether it is hidden, its cells."""
    with opened(content, filename=filename, limits=limits) as found:
        return [(sheet.name, sheet.hidden, [cell for row in sheet.rows() for cell in row]) for sheet in found]


def refused(content: bytes, filename: str = "実績.xlsx", limits: Limits | None = None) -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        sheets(content, filename=filename, limits=limits)
    return caught.value


def cells(content: bytes) -> list[SheetCell]:
    return sheets(content)[0][2]


# -- Honest files --


def test_values_come_with_their_place_and_kind() -> None:
    content = workbook(
        ["指標", 11, None, 24.3], [True, datetime(2022, 1, 27), datetime(2022, 1, 27, 9, 30), time(9, 5)]
    )
    assert cells(content) == [
        SheetCell(1, 1, "指標", Kind.TEXT),
        SheetCell(1, 2, Decimal(11), Kind.NUMBER),
        SheetCell(1, 4, Decimal("24.3"), Kind.NUMBER),
        SheetCell(2, 1, True, Kind.BOOLEAN),
        SheetCell(2, 2, date(2022, 1, 27), Kind.DATE),
        SheetCell(2, 3, datetime(2022, 1, 27, 9, 30), Kind.DATETIME),
        SheetCell(2, 4, time(9, 5), Kind.TIME),
    ]


def test_numbers_come_back_as_they_were_typed() -> None:
    stored = "".join(
        f'<c r="{column}1"><v>{text}</v></c>' for column, text in zip("ABC", STORED, strict=True)
    )
    assert [cell.value for cell in cells(with_cells(f'<row r="1">{stored}</row>'))] == [
        Decimal("9.95"),
        Decimal("0.3"),
        Decimal(123456789012345678),
    ]


STORED = ("9.9499999999999993", "0.30000000000000004", "123456789012345678")


def test_a_percentage_is_what_the_cell_shows() -> None:
    def percent(sheet: Any) -> None:
        sheet["A1"].number_format = "0.0%"
        sheet["B1"].number_format = '0.0"%"'

    found = cells(workbook([0.243, 24.3], prepare=percent))
    assert [(str(cell.value), cell.kind) for cell in found] == [("24.3", Kind.PERCENT), ("24.3", Kind.NUMBER)]


def test_error_cells_are_reported_as_such() -> None:
    assert cells(with_cells('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>')) == [
        SheetCell(1, 1, "#N/A", Kind.ERROR)
    ]


def test_formulas_give_the_value_that_was_saved_and_are_never_computed() -> None:
    row = '<row r="1"><c r="A1"><f>1+1</f><v>3</v></c><c r="B1"><f>1+1</f></c></row>'
    assert cells(with_cells(row)) == [
        SheetCell(1, 1, Decimal(3), Kind.NUMBER, formula=True),
        SheetCell(1, 2, None, Kind.EMPTY, formula=True),
    ]


def test_cells_keep_their_places_beside_and_below_gaps() -> None:
    [(_name, _hidden, found)] = sheets(workbook(["a"], [], ["b", None, 0]), filename="x.XLSX")
    assert [(cell.row, cell.column, cell.value) for cell in found] == [
        (1, 1, "a"),
        (3, 1, "b"),
        (3, 3, Decimal(0)),
    ]


def test_an_empty_sheet_has_no_rows() -> None:
    assert cells(workbook()) == []


def test_hidden_sheets_are_marked() -> None:
    book = Workbook()
    book.create_sheet("隠し").sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    assert [(name, hidden) for name, hidden, _cells in sheets(file.getvalue())] == [
        ("Sheet", False),
        ("隠し", True),
    ]


def test_our_own_workbooks_can_be_read_back() -> None:
    book = Book(title="x", created=date(2022, 1, 27))
    percent = FormCell(Decimal("24.3"), "number", number_format("%", 1))
    book.form_sheet(FormSheet("様式", "題", [10], [[FormCell("実績", "heading")]], [[percent]]))
    columns = [Column("text"), Column("value", "number"), Column("as_of", "date")]
    book.data_sheet(DataSheet("データ_x", columns, [["=a_x000D_", Decimal("9.95"), date(2022, 1, 27)]]))
    form, data = (found for _name, _hidden, found in sheets(book.to_bytes()))
    assert form[-1] == SheetCell(4, 1, Decimal("24.3"), Kind.NUMBER, shown=ShownAs(0, "%"))
    assert [cell.value for cell in data if cell.row == 2] == [
        "=a_x000D_",
        Decimal("9.95"),
        date(2022, 1, 27),
    ]


def test_blank_cells_do_not_make_a_sheet_larger() -> None:
    """Whole columns that were formatted once are found in many an honest file."""
    found = cells(
        with_cells(
            '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row><row r="1048576"><c s="0"/></row>'
        )
    )
    assert found == [SheetCell(1, 1, Decimal(1), Kind.NUMBER)]


def test_links_to_other_files_are_never_opened() -> None:
    types = zipfile.ZipFile(io.BytesIO(workbook(["a"])))
    rels = types.read("xl/_rels/workbook.xml.rels").decode()
    book = types.read("xl/workbook.xml").decode()
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    content = rezipped(
        workbook(["a"]),
        {
            "xl/workbook.xml": book.replace(
                "</sheets>",
                f'</sheets><externalReferences><externalReference xmlns:r="{link}" r:id="rId99"/></externalReferences>',
            ),
            "xl/_rels/workbook.xml.rels": rels.replace(
                "</Relationships>",
                f'<Relationship Id="rId99" Type="{link}/externalLink" Target="externalLinks/externalLink1.xml"/></Relationships>',
            ),
            "xl/externalLinks/externalLink1.xml": "not even XML",
        },
    )
    assert [cell.value for cell in cells(content)] == ["a"]


# -- Files that are something else --


@pytest.mark.parametrize("name", ["実績.csv", "実績", "実績.xls", "実績.xlsx.exe", ".xlsx"])
def test_other_names_are_refused(name: str) -> None:
    assert refused(workbook(["a"]), name).code == Refusal.NOT_XLSX_NAME


def test_an_empty_file_is_refused() -> None:
    assert refused(b"").code == Refusal.EMPTY


def test_a_renamed_csv_is_refused() -> None:
    assert refused("指標,実績\r\n特許,8\r\n".encode("cp932")).code == Refusal.NOT_A_WORKBOOK


def test_another_kind_of_zip_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    assert refused(file.getvalue()).code == Refusal.NOT_A_WORKBOOK


def test_a_renamed_document_is_refused() -> None:
    types = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    assert refused(rezipped(workbook(["a"]), {"[Content_Types].xml": types})).code == Refusal.NOT_A_WORKBOOK


def test_an_old_workbook_and_an_encrypted_one_are_told_apart() -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
    assert refused(ole).code == Refusal.OLD_FORMAT
    assert refused(ole + "EncryptedPackage".encode("utf-16-le")).code == Refusal.ENCRYPTED


def test_an_encrypted_zip_entry_is_refused() -> None:
    content = bytearray(workbook(["a"]))
    directory = content.rindex(b"PK\x01\x02")
    struct.pack_into("<H", content, directory + 8, 1)
    assert refused(bytes(content)).code == Refusal.ENCRYPTED


def test_macros_are_refused_under_any_name() -> None:
    content = workbook(["a"])
    assert refused(content, "実績.xlsm").code == Refusal.MACROS
    assert refused(rezipped(content, {"xl/vbaProject.bin": b"x"})).code == Refusal.MACROS
    assert refused(rezipped(content, {"xl/macrosheets/sheet1.xml": b"x"})).code == Refusal.MACROS
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        types = archive.read("[Content_Types].xml").decode()
    enabled = types.replace("spreadsheetml.sheet.main", "sheet.macroEnabled.main").replace(
        "vnd.openxmlformats-officedocument.sheet.macroEnabled", "vnd.ms-excel.sheet.macroEnabled"
    )
    assert refused(rezipped(content, {"[Content_Types].xml": enabled})).code == Refusal.MACROS


@pytest.mark.parametrize("end", [10, 100, 1000, -1, -30])
def test_a_torn_file_is_refused(end: int) -> None:
    assert refused(workbook(["a"])[:end]).code in (Refusal.DAMAGED, Refusal.NOT_A_WORKBOOK)


def timeless_workbook() -> bytes:
    """The same bytes at every call: openpyxl alone writes the time into its files, and examples must repeat."""
    book = Book(title="x", created=date(2022, 1, 27))
    book.data_sheet(
        DataSheet("データ_x", [Column("a"), Column("b", "number")], [["a", 1], ["b", Decimal("2.5")]])
    )
    return book.to_bytes()


@given(st.data())
def test_a_damaged_file_is_read_or_refused_but_never_breaks(data: st.DataObject) -> None:
    content = bytearray(timeless_workbook())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    # Whatever else came out would fail the test.
    with suppress(UploadRefused):
        sheets(bytes(content))


# -- Files that are too much --


def test_the_size_is_limited() -> None:
    problem = refused(workbook(["a"]), limits=Limits(bytes=1000))
    assert problem.code == Refusal.TOO_BIG
    assert problem.params["limit"] == 1000


def test_a_bomb_is_refused_before_it_inflates() -> None:
    content = rezipped(workbook(["a"]), {"xl/media/image1.png": bytes(40_000_000)})
    assert len(content) < 100_000
    assert refused(content).code == Refusal.INFLATES_TOO_FAR


def test_a_bomb_of_many_small_parts_is_refused() -> None:
    noise = random.Random(1).randbytes(20_000)
    parts = {f"xl/media/image{number}.bin": noise + bytes(1_000_000) for number in range(31)}
    assert refused(rezipped(workbook(["a"]), dict(parts))).code == Refusal.INFLATES_TOO_FAR


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    content = bytearray(rezipped(workbook(["a"]), {SHEET: b" " * 2_000_000}))
    entry = content.rindex(b"PK\x01\x02")  # the last one, which is the sheet's
    struct.pack_into("<I", content, entry + 24, 100)
    assert refused(bytes(content)).code == Refusal.DAMAGED


def test_the_number_of_parts_is_limited() -> None:
    content = rezipped(workbook(["a"]), {f"xl/{number}.xml": b"" for number in range(600)})
    assert refused(content).code == Refusal.TOO_MANY_PARTS


@pytest.mark.parametrize(
    "name", ["../evil.xml", "xl/../../evil.xml", "/etc/passwd", "C:/evil.xml", "xl\\evil.xml"]
)
def test_names_that_lead_out_of_the_archive_are_refused(name: str) -> None:
    assert refused(rezipped(workbook(["a"]), {name: b""})).code == Refusal.UNSAFE_NAMES


def test_two_parts_of_one_name_are_refused() -> None:
    assert refused(rezipped(workbook(["a"]), {SHEET.upper(): b"", SHEET: b""})).code == Refusal.UNSAFE_NAMES


def test_a_billion_laughs_are_refused() -> None:
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    content = with_cells(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>',
        before=f'<?xml version="1.0"?><!DOCTYPE x [{entities}]>',
    )
    assert refused(content).code == Refusal.FORBIDDEN_XML


def test_entities_are_refused_in_an_encoding_that_hides_them() -> None:
    xml = (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]>'
        f'<worksheet xmlns="{NAMESPACE}"><sheetData/></worksheet>'
    )
    assert refused(rezipped(workbook(["a"]), {SHEET: xml.encode("utf-16")})).code == Refusal.FORBIDDEN_XML


def test_a_file_on_the_server_cannot_be_asked_for() -> None:
    content = with_cells("", before='<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>')
    assert refused(content).code == Refusal.FORBIDDEN_XML


def test_a_sheet_that_claims_ten_billion_cells_is_read_for_what_it_holds() -> None:
    content = with_cells(
        '<row r="1"><c r="A1"><v>1</v></c></row>', dimension='<dimension ref="A1:XFD1048576"/>'
    )
    assert len(content) < 6000
    assert [(cell.row, cell.column, cell.value) for cell in cells(content)] == [(1, 1, Decimal(1))]


def test_a_cell_far_down_is_refused() -> None:
    problem = refused(with_cells('<row r="1048576"><c r="A1048576"><v>1</v></c></row>'))
    assert (problem.code, problem.params) == (Refusal.TOO_MANY_ROWS, {"sheet": "Sheet", "limit": 10_000})


def test_a_cell_far_to_the_right_is_refused() -> None:
    assert refused(with_cells('<row r="1"><c r="XFD1"><v>1</v></c></row>')).code == Refusal.TOO_MANY_COLUMNS


def test_a_million_columns_are_refused_before_they_are_parsed() -> None:
    row = "<c><v>1</v></c>" * 1_000_000
    limits = Limits(ratio=10_000, inflated=2**27)  # or the archive's own measures would refuse it first
    assert refused(with_cells(f"<row>{row}</row>"), limits=limits).code == Refusal.TOO_COMPLEX


def test_many_columns_without_addresses_are_refused() -> None:
    row = "<c><v>1</v></c>" * 101
    assert refused(with_cells(f"<row>{row}</row>")).code == Refusal.TOO_MANY_COLUMNS


def test_the_number_of_cells_is_limited_over_all_sheets() -> None:
    book = Workbook()
    for sheet in (book.active, book.create_sheet()):
        for _ in range(10):
            sheet.append([1] * 10)
    file = io.BytesIO()
    book.save(file)
    assert sheets(file.getvalue(), limits=Limits(cells=200))
    assert refused(file.getvalue(), limits=Limits(cells=199)).code == Refusal.TOO_MANY_CELLS


def test_the_number_of_sheets_is_limited() -> None:
    book = Workbook()
    for _ in range(50):
        book.create_sheet()
    file = io.BytesIO()
    book.save(file)
    assert refused(file.getvalue()).code == Refusal.TOO_MANY_SHEETS


def test_a_sheet_shown_twice_is_refused() -> None:
    book = Workbook()
    book.create_sheet()
    file = io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        rels = archive.read("xl/_rels/workbook.xml.rels").decode()
    twice = rels.replace("sheet2.xml", "sheet1.xml")
    assert refused(rezipped(file.getvalue(), {"xl/_rels/workbook.xml.rels": twice})).code == Refusal.DAMAGED


def test_styles_without_end_are_refused() -> None:
    noise = random.Random(1)
    styles = "".join(f'<xf numFmtId="{noise.randrange(10**6)}"/>' for _ in range(250_000))
    xml = f'<styleSheet xmlns="{NAMESPACE}"><cellXfs>{styles}</cellXfs></styleSheet>'
    assert refused(rezipped(workbook(["a"]), {"xl/styles.xml": xml})).code == Refusal.TOO_COMPLEX


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1"><c r="A1"><v>1e999</v></c></row>',  # infinite
        f'<row r="1"><c r="A1"><v>{"9" * 5000}</v></c></row>',  # too long for an int
        '<row r="1"><c r="A1"><v>abc</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99</v></c></row>',  # a text that is not there
        '<row r="1"><c r="A0"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',  # one place twice
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',  # backwards
        '<row r="-5"><c><v>1</v></c></row>',
        "<row><c>",
    ],
)
def test_cells_that_make_no_sense_are_refused(row: str) -> None:
    assert refused(with_cells(row)).code == Refusal.DAMAGED


def test_deep_nesting_is_refused() -> None:
    content = with_cells(
        '<row r="1"><c r="A1" t="inlineStr"><is>' + "<r>" * 50_000 + "</r>" * 50_000 + "</is></c></row>"
    )
    assert refused(content).code == Refusal.TOO_COMPLEX


def test_a_row_that_would_fill_the_memory_is_refused() -> None:
    row = "<c/>" * 200_000
    assert refused(with_cells(f"<row>{row}</row>"), limits=Limits(columns=10**6)).code == Refusal.TOO_COMPLEX


def test_elements_beside_the_rows_do_not_add_up_unnoticed() -> None:
    beside = "<x/><x/><x/><row/>" * 50_000
    assert refused(with_cells(beside), limits=Limits(held=100_000)).code == Refusal.TOO_COMPLEX
