"""Word and PDF files as the text that stands in them: numbers that Word sets, tables as rows, and what is left out named."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from docx.oxml import parse_xml

from agreements.wording import ProblemCode, parse
from agreements.wording.files.any_file import read_any_file
from agreements.wording.files.extracted import Format
from agreements.wording.files.extracting import extract
from agreements.wording.text_file import Refusal, TextFile, TextFileRefused
from iconm_portal.forms.inspection.refusals import Refusal as Inspection
from iconm_portal.forms.inspection.refusals import UploadRefused
from tests import hostile_files
from tests.agreements.wording.test_documents import DOCUMENTS, drawn, text_and_tree
from tests.hostile_files import Hostile
from tests.word_and_pdf import W, add_numbered, numbered, pdf_of, word, word_of

CHOSEN = [path for path in DOCUMENTS if path.stem in ("annual", "deep-levels", "kanji-law", "guidelines")]


def notes(file: TextFile) -> list[tuple[ProblemCode, int]]:
    return [(note.code, note.line) for note in file.notes]


def refused(data: bytes) -> Refusal:
    with pytest.raises(TextFileRefused) as refusal:
        read_any_file(data, "協定書")
    return refusal.value.code


@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: path.stem)
@pytest.mark.parametrize("make", [word_of, pdf_of])
def test_a_file_is_read_as_its_text_is(path: Any, make: Callable[[str], bytes]) -> None:
    text, expected = text_and_tree(path)
    found = read_any_file(make(text))
    tree = [line for line in drawn(parse(found.text)) if line[0] not in "!~"]
    assert tree == [line for line in expected if line[0] not in "!~"]
    assert found.notes == ()


def test_numbers_that_word_sets_are_counted_again() -> None:
    def fill(document: Any) -> None:
        levels = [("decimal", "第%1条"), ("decimalFullWidth", "（%2）"), ("aiueoFullWidth", "%3")]
        numbered(document, [*levels, ("japaneseCounting", "%4")])
        document.add_paragraph("凧の会協定書")
        for text, depth in [("甲は、次のことを行う。", 0), ("貸出し", 1), ("大凧", 2), ("小凧", 2), ("修理", 1), ("乙は、飛ばす。", 0), ("見張り", 1)]:  # fmt: skip
            add_numbered(document, text, depth)

    wording = parse(read_any_file(word(fill)).text)
    assert [(node.key, node.text) for node in wording.walk() if node.text] == [
        ("art1/par1", "甲は、次のことを行う。"),
        ("art1/par1/item1", "貸出し"),
        ("art1/par1/item1/sub1", "大凧"),
        ("art1/par1/item1/sub2", "小凧"),
        ("art1/par1/item2", "修理"),
        ("art2/par1", "乙は、飛ばす。"),
        ("art2/par1/item1", "見張り"),
    ]


def test_a_number_that_is_not_known_is_named() -> None:
    def fill(document: Any) -> None:
        numbered(document, [("hebrew1", "%1.")])
        document.add_paragraph("凧の会協定書")
        add_numbered(document, "甲は、飛ばす。")

    assert notes(read_any_file(word(fill))) == [(ProblemCode.NUMBER_LOST, 2)]


def test_a_numbered_style_and_a_list_that_begins_anew() -> None:
    def fill(document: Any) -> None:
        numbered(document, [("decimal", "(%1)")])
        document.part.numbering_part.element.append(
            parse_xml(
                f'<w:num {W} w:numId="78"><w:abstractNumId w:val="77"/>'
                '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
            )
        )
        document.add_paragraph("凧", style="List Number")
        document.add_paragraph("糸", style="List Number")
        add_numbered(document, "骨")
        add_numbered(document, "竹", list_id=78)

    assert read_any_file(word(fill)).text == "1. 凧\n2. 糸\n(1) 骨\n(1) 竹"


def test_tables_are_rows_and_headers_are_none_of_the_text() -> None:
    def fill(document: Any) -> None:
        section = document.sections[0]
        section.header.paragraphs[0].text, section.footer.paragraphs[0].text = "社外秘", "1"
        document.add_paragraph("別表")
        table = document.add_table(2, 3)
        for cell, text in zip(table._cells, ["区分", "午前", "午後", "料金", "100円", "200円"], strict=True):
            cell.text = text
        table.cell(1, 1).merge(table.cell(1, 2))

    assert read_any_file(word(fill)).text == "別表\n区分\t午前\t午後\n料金\t100円 200円"


def test_a_table_in_a_cell_is_read_once() -> None:
    def fill(document: Any) -> None:
        cell = document.add_table(1, 2).cell(0, 1)
        cell.text = "外"
        cell.add_table(1, 1).cell(0, 0).text = "内"

    assert read_any_file(word(fill)).text == "　\t外\n内"


def test_what_a_word_file_keeps_beside_its_text_is_named() -> None:
    runs = {
        ProblemCode.FOOTNOTE: '<w:r><w:footnoteReference w:id="1"/></w:r>',
        ProblemCode.PICTURE: '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>',
        ProblemCode.TRACKED_CHANGE: "<w:ins><w:r><w:t>新しい</w:t></w:r></w:ins><w:del><w:r><w:delText>古い</w:delText></w:r></w:del>",
        ProblemCode.TEXT_BOX: "<w:r><w:pict><w:txbxContent><w:p><w:r><w:t>箱</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
    }

    def fill(document: Any) -> None:
        for run in runs.values():
            document.element.body.insert(
                len(document.element.body) - 1, parse_xml(f"<w:p {W}><w:r><w:t>凧</w:t></w:r>{run}</w:p>")
            )

    found = read_any_file(word(fill))
    assert found.text == "凧\n凧\n凧新しい\n凧"
    assert notes(found) == [(code, line) for line, code in enumerate(runs, 1)]


def test_furigana_is_none_of_the_text() -> None:
    ruby = "<w:r><w:ruby><w:rt><w:r><w:t>たこ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>凧</w:t></w:r></w:rubyBase></w:ruby></w:r>"

    def fill(document: Any) -> None:
        document.element.body.insert(0, parse_xml(f"<w:p {W}>{ruby}<w:r><w:t>を揚げる。</w:t></w:r></w:p>"))

    assert read_any_file(word(fill)).text.rstrip() == "凧を揚げる。"


def test_a_page_without_text_is_named_and_a_scan_is_told() -> None:
    found = read_any_file(pdf_of("凧の会協定書", "", "第1条 甲は、飛ばす。"))
    assert [(note.code, note.line, note.params["page"]) for note in found.notes] == [
        (ProblemCode.PAGE_WITHOUT_TEXT, 2, "2")
    ]
    assert refused(pdf_of("", "")) is Refusal.SCAN
    assert refused(pdf_of("\ue000\ue001" * 50)) is Refusal.NO_LETTERS


def test_a_page_number_of_a_pdf_is_no_text() -> None:
    pages = ["凧の会協定書\n第1条 甲は、凧を\n1", "飛ばす。\n2 乙は、糸を\n2", "巻く。\n3"]
    wording = parse(read_any_file(pdf_of(*pages)).text)
    assert [node.text for node in wording.walk() if node.text] == ["甲は、凧を飛ばす。", "乙は、糸を巻く。"]
    assert wording.problems == ()


@pytest.mark.parametrize("case", hostile_files.WORDINGS, ids=str)
def test_a_hostile_file_is_refused_soon(case: Hostile) -> None:
    before = time.monotonic()
    with pytest.raises((TextFileRefused, UploadRefused)):
        read_any_file(case.make(), case.name)
    assert time.monotonic() - before < 60


def test_a_file_that_takes_too_long_is_stopped() -> None:
    with pytest.raises(TextFileRefused) as refusal:
        extract(
            pdf_of("\n".join(["木" * 40] * 60), *["\n".join(["木" * 40] * 60)] * 200), Format.PDF, seconds=1
        )
    assert refusal.value.code is Refusal.TOO_HARD


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (hostile_files.pdf("/Encrypt 2 0 R"), Inspection.ENCRYPTED),
        (hostile_files.pdf("/OpenAction << /S /JavaScript /JS (x) >>"), Inspection.ACTIVE_PDF),
        (hostile_files.document(further={"word/vbaProject.bin": b"x"}), Inspection.MACROS),
    ],
)
def test_what_the_inspection_refuses_is_not_opened(data: bytes, code: Inspection) -> None:
    with pytest.raises(UploadRefused) as refusal:
        read_any_file(data, "協定書")
    assert refusal.value.code is code


def test_an_encrypted_word_file_and_an_old_one() -> None:
    assert refused(hostile_files.OLE + "EncryptedPackage".encode("utf-16-le")) is Refusal.ENCRYPTED
    assert refused(hostile_files.OLE) is Refusal.BINARY
    assert refused(hostile_files.workbook()) is Refusal.BINARY
