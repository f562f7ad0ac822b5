"""Files from outside: hostile ones are refused before anything parses them, and what offices write goes on."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._reader import WorkSheetParser

from iconm_portal.forms.inspection import markup
from iconm_portal.forms.inspection.inspecting import CheckedFile, inspect
from iconm_portal.forms.inspection.kinds import ALL, TABLES
from iconm_portal.forms.inspection.markup import Markup
from iconm_portal.forms.inspection.refusals import EVIDENCE, Refusal, UploadRefused
from iconm_portal.imports import table_reader
from tests import hostile_files as hostile
from tests.hostile_files import Hostile


def evidence(name: str, data: bytes) -> CheckedFile:
    return inspect(SimpleUploadedFile(name, data), ALL, EVIDENCE)


def refused(name: str, data: bytes, *, table: bool = False) -> Refusal:
    with pytest.raises(UploadRefused) as caught:
        inspect(
            SimpleUploadedFile(name, data), *((TABLES, table_reader.LIMITS) if table else (ALL, EVIDENCE))
        )
    return caught.value.code


@pytest.fixture
def _no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of openpyxl's ways in may be reached."""

    def reached(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a parser was given the file")

    for place, name in (
        (openpyxl, "load_workbook"),
        (ExcelReader, "__init__"),
        (WorkSheetParser, "__init__"),
    ):
        monkeypatch.setattr(place, name, reached)


@pytest.mark.usefixtures("_no_parser")
@pytest.mark.parametrize("case", [*hostile.TABLES, *hostile.TEXTS, *hostile.EVIDENCE], ids=str)
def test_as_evidence_it_is_refused_unparsed(case: Hostile) -> None:
    assert refused(case.name, case.make()) == case.code


@pytest.mark.usefixtures("_no_parser")
@pytest.mark.parametrize("case", [*hostile.TABLES, *hostile.TEXTS], ids=str)
def test_as_a_table_it_is_refused_unparsed(case: Hostile) -> None:
    assert refused(case.name, case.make(), table=True) == case.code


def test_a_bomb_is_not_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    data, read = hostile.ratio_bomb(), []
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: read.append(n) or b"")
    assert refused("a.xlsx", data) == Refusal.INFLATES_TOO_FAR
    assert read == []


def test_no_more_than_a_piece_is_held_of_a_tag_without_end() -> None:
    """What is too long to be kept is counted, and not collected."""
    seen = Markup()
    seen.feed(b"<a ")
    for _ in range(500):
        seen.feed(b'b="' + b"x" * 65_000 + b'" ')
    assert seen.longest <= markup.LONGEST_KEPT + 2 * 65_536
    assert not seen.is_readable


@given(
    st.lists(st.integers(1, 40), min_size=1),
    st.sampled_from(["<a b='1' c=\"<\">&lt;</a>", "<a>日本</a><!-- x --><b/>"]),
)
def test_however_it_comes_the_same_is_counted(sizes: list[int], text: str) -> None:
    data, whole, pieces = text.encode() * 20, Markup(), Markup()
    whole.feed(data)
    at = 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        pieces.feed(data[at : at + size])
        at += size
    assert (whole.tags, whole.is_plain) == (pieces.tags, pieces.is_plain)
    assert whole.tags == data.count(b"<")


def test_a_comment_that_hides_how_long_it_is_is_no_plain_markup() -> None:
    for text, is_plain in (
        (b"<a><!-- x --></a>", True),
        (b"<a><!-- < --></a>", False),
        (b"<a><?x < ?></a>", False),
    ):
        seen = Markup()
        seen.feed(text)
        assert seen.is_plain is is_plain


# -- What goes on --


def honest() -> Iterator[tuple[str, bytes]]:
    yield "a.xlsx", hostile.workbook()
    yield "画像.xlsx", with_picture()
    yield "a.docx", hostile.document()
    yield "a.pptx", hostile.presentation({"ppt/embeddings/Microsoft_Excel_Sheet1.xlsx": hostile.workbook()})
    yield "a.pdf", hostile.pdf()
    yield "b.pdf", hostile.pdf_with_packed(b"1 0 << /Type /Page >>")
    yield "c.pdf", hostile.pdf("/OpenAction [3 0 R /Fit] /JavaScripted true")
    yield "a.png", b"\x89PNG\r\n\x1a\n" + bytes(10)
    yield "a.jpg", b"\xff\xd8\xff\xe0"
    yield "a.csv", "年,件\n2023,1\n".encode("cp932")
    yield "a.txt", "覚書\n".encode() * 200_000
    # As Word writes them: a template on one's own disk, links, settings of the printer, drawings with a picture in an attribute.
    yield (
        "テンプレート.docx",
        hostile.document(
            relations=hostile.relation(
                "attachedTemplate", "file:///C:\\Users\\kawasaki\\Normal.dotm", external=True
            )
        ),
    )
    yield (
        "リンク.docx",
        hostile.document(relations=hostile.relation("hyperlink", "https://example.com/", external=True)),
    )
    yield "図.docx", hostile.document(f'<v:shape gfxdata="{"A" * 600_000}"/>')
    yield "農薬.docx", hostile.document("<w:p><w:r><w:t>DDE auto</w:t></w:r></w:p>")
    yield (
        "印刷.xlsx",
        hostile.changed({"xl/printerSettings/printerSettings1.bin": "印刷".encode("utf-16-le") * 500}),
    )
    yield (
        "図.xlsx",
        hostile.changed(
            {"xl/media/image1.svg": b'<!DOCTYPE svg PUBLIC "x" "y"><svg a="' + b"x" * 900_000 + b'"/>'}
        ),
    )
    yield "他の表.xlsx", linked_workbook()
    yield (
        "属性.xlsx",
        hostile.changed(
            {"customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16")}
        ),
    )


def with_picture() -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"].hyperlink = "https://example.com/"
    book.active["A1"].comment = Comment("注", "川崎")
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
    file = io.BytesIO()
    book.save(file)
    return hostile.changed({"xl/media/image9.png": pixel}, file.getvalue())


def linked_workbook() -> bytes:
    """Figures that come from another workbook, as officials' often do: nothing is fetched unless its reader says so."""
    link = f'<externalLink xmlns="{hostile.SHEETS}"><externalBook><sheetNames><sheetName val="a"/></sheetNames></externalBook></externalLink>'
    return hostile.with_types(
        hostile.LINK_TYPE,
        {
            "xl/externalLinks/externalLink1.xml": link,
            "xl/externalLinks/_rels/externalLink1.xml.rels": hostile.relations_of(
                hostile.relation("externalLinkPath", "file:///C:\\他の表.xlsx", external=True)
            ),
        },
    )


@pytest.mark.parametrize(("name", "data"), [pytest.param(*one, id=one[0]) for one in honest()])
def test_what_offices_write_goes_on(name: str, data: bytes) -> None:
    assert evidence(name, data).data == data


def test_the_same_file_is_looked_at_again_from_its_beginning() -> None:
    file = SimpleUploadedFile("a.csv", b"a,b\n")
    assert inspect(file, ALL, EVIDENCE) == inspect(file, ALL, EVIDENCE)


def test_folders_and_signs_that_nobody_sees_are_no_part_of_a_name() -> None:
    assert evidence("C:\\x\\\u202ea\x00.csv", b"a").name == "a.csv"


@given(st.data())
def test_a_damaged_package_is_taken_or_refused_and_never_breaks(data: st.DataObject) -> None:
    content = bytearray(hostile.document())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        evidence("a.docx", bytes(content))
    except UploadRefused:
        pass
