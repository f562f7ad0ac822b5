"""What a Word file holds beside plain paragraphs: what a reader of the printed page sees is taken, the rest is left out and named."""

from typing import Any

import pytest
from docx.oxml import parse_xml

from agreements.wording import ProblemCode, parse
from agreements.wording.files.any_file import read_any_file
from agreements.wording.text_file import TextFile
from tests.word_and_pdf import W, add_numbered, numbered, word


def of_blocks(*blocks: str) -> TextFile:
    """A file of these paragraphs and tables, as Word writes them."""

    def fill(document: Any) -> None:
        for block in blocks:
            document.element.body.insert(len(document.element.body) - 1, parse_xml(block.replace(">", f" {W}>", 1)))  # fmt: skip

    return read_any_file(word(fill))


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{run(text)}</w:p></w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def notes(file: TextFile) -> list[tuple[ProblemCode, int]]:
    return [(note.code, note.line) for note in file.notes]


# -- Tables --


def test_an_empty_cell_keeps_its_column() -> None:
    above, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    found = of_blocks(
        paragraph(run("別表")),
        table(
            cell("区分") + cell("時間") + cell("料金"),
            cell("ホール", above) + cell("午前") + cell("100円"),
            cell("", on) + cell("午後") + cell("200円"),
            cell("全日", '<w:gridSpan w:val="2"/>') + cell("300円"),
            cell("備考") + cell("") + cell("税込み"),
            '<w:trPr><w:gridBefore w:val="1"/></w:trPr>' + cell("夜間") + cell("400円"),
        ),
    )
    assert found.text.split("\n") == [
        "別表",
        "区分\t時間\t料金",
        "ホール\t午前\t100円",
        "　\t午後\t200円",
        "全日\t　\t300円",
        "備考\t　\t税込み",
        "　\t夜間\t400円",
    ]
    (supplement,) = parse(f"協定書\n第1条 飛ばす。\n{found.text}").supplement
    assert [row.text for row in supplement.walk() if row.text] == [
        "区分　時間　料金\nホール　午前　100円\n　午後　200円\n全日　　300円\n備考　　税込み\n　夜間　400円"
    ]


def test_rows_that_were_deleted_or_hidden_are_left_out() -> None:
    found = of_blocks(
        table(
            cell("甲") + cell("1"),
            "<w:trPr><w:del/></w:trPr>" + cell("乙") + cell("2"),
            "<w:trPr><w:hidden/></w:trPr>" + cell("丙") + cell("3"),
        )
    )
    assert found.text == "甲\t1"
    assert notes(found) == [(ProblemCode.TRACKED_CHANGE, 2), (ProblemCode.HIDDEN_TEXT, 2)]


# -- Hidden and changed text --


def test_hidden_text_is_left_out_and_named() -> None:
    found = of_blocks(
        paragraph(run("甲は、"), run("（要確認）", "<w:vanish/>"), run("飛ばす。", '<w:vanish w:val="0"/>')),
        paragraph(run("メモ", "<w:vanish/>"), properties="<w:rPr><w:vanish/></w:rPr>"),
        paragraph(run("乙は、巻く。")),
    )
    assert found.text == "甲は、飛ばす。\n乙は、巻く。"
    assert notes(found) == [(ProblemCode.HIDDEN_TEXT, 1), (ProblemCode.HIDDEN_TEXT, 2)]


def test_a_style_may_hide_text() -> None:
    def fill(document: Any) -> None:
        styles = document.part._styles_part.element
        styles.append(parse_xml(f'<w:style {W} w:type="character" w:styleId="Note"><w:rPr><w:vanish/></w:rPr></w:style>'))  # fmt: skip
        styles.append(parse_xml(f'<w:style {W} w:type="character" w:styleId="Below"><w:basedOn w:val="Note"/></w:style>'))  # fmt: skip
        document.add_paragraph("凧")
        document.paragraphs[0]._p.append(parse_xml(run("秘", '<w:rStyle w:val="Below"/>').replace(">", f" {W}>", 1)))  # fmt: skip

    assert read_any_file(word(fill)).text == "凧"


def test_of_tracked_changes_what_is_new_is_taken() -> None:
    found = of_blocks(
        paragraph(run("甲は、"), f"<w:del>{run('古い')}</w:del><w:ins>{run('新しい')}</w:ins>", run("凧を")),
        paragraph(f"<w:moveFrom>{run('移す。')}</w:moveFrom>", f"<w:moveTo>{run('移した。')}</w:moveTo>"),
    )
    assert found.text == "甲は、新しい凧を\n移した。"
    assert notes(found) == [(ProblemCode.TRACKED_CHANGE, 1), (ProblemCode.TRACKED_CHANGE, 2)]


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next() -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    found = of_blocks(
        paragraph(run("甲は、凧を"), properties=gone),
        paragraph(f"<w:del>{run('消した段落')}</w:del>", properties=gone),
        paragraph(run("飛ばす。")),
    )
    assert found.text == "甲は、凧を飛ばす。"
    assert {code for code, _line in notes(found)} == {ProblemCode.TRACKED_CHANGE}


def test_a_deleted_paragraph_counts_no_number() -> None:
    def fill(document: Any) -> None:
        numbered(document, [("decimal", "(%1)")])
        for text in ("凧", "糸", "骨"):
            add_numbered(document, text)
        second = document.paragraphs[1]._p
        second.get_or_add_pPr().append(parse_xml(f"<w:rPr {W}><w:del/></w:rPr>"))
        second.append(parse_xml(f"<w:del {W}><w:r><w:delText>糸</w:delText></w:r></w:del>"))
        second.remove(second.r_lst[0])

    assert read_any_file(word(fill)).text == "(1) 凧\n(2) 骨"


# -- Fields, breaks, controls --


def _field(instruction: str, shown: str) -> str:
    return "".join(
        (
            '<w:r><w:fldChar w:fldCharType="begin"/></w:r>',
            f"<w:r><w:instrText>{instruction}</w:instrText></w:r>",
            '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
            run(shown),
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        )
    )


def test_the_number_of_a_page_is_none_of_the_text_and_a_reference_is() -> None:
    found = of_blocks(
        paragraph(run("甲は、"), _field(" REF _R1 \\h ", "第3条"), run("による。"), _field(" PAGE ", "7")),
        paragraph('<w:fldSimple w:instr="NUMPAGES">' + run("9") + "</w:fldSimple>", run("乙は、巻く。")),
        paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r>', run("PAGE")),
        paragraph(run("丙は、見る。")),
    )
    assert found.text == "甲は、第3条による。\n乙は、巻く。\n\n丙は、見る。"


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ("<w:r><w:t>甲</w:t><w:tab/><w:t>緑市</w:t></w:r>", "甲　緑市"),
        ("<w:r><w:t>甲は、</w:t><w:br/><w:t>飛ばす。</w:t></w:r>", "甲は、\n飛ばす。"),
        ("<w:r><w:t>A</w:t><w:noBreakHyphen/><w:t>1</w:t><w:softHyphen/></w:r>", "A-1"),
        ("<w:sdt><w:sdtPr/><w:sdtContent><w:r><w:t>甲</w:t></w:r></w:sdtContent></w:sdt>", "甲"),
        ("<w:smartTag><w:r><w:t>緑</w:t></w:r></w:smartTag><w:hyperlink><w:r><w:t>市</w:t></w:r></w:hyperlink>", "緑市"),
    ],
)  # fmt: skip
def test_what_stands_in_runs(runs: str, text: str) -> None:
    assert of_blocks(f"<w:p>{runs}</w:p>").text == text


def test_a_content_control_around_paragraphs() -> None:
    inner = paragraph(run("凧を飛ばす。"))
    assert of_blocks(f"<w:sdt><w:sdtContent>{inner}</w:sdtContent></w:sdt>").text == "凧を飛ばす。"


# -- Numbers --


def test_articles_go_on_counting_through_chapters_where_word_is_told_so() -> None:
    def fill(document: Any) -> None:
        numbered(
            document, [("decimalFullWidth", "第%1章"), ("decimalFullWidth", "第%2条"), ("decimal", "%3")]
        )
        levels = document.part.numbering_part.element[0]
        levels[1].append(parse_xml(f'<w:lvlRestart {W} w:val="0"/>'))
        for text, depth in [("総則", 0), ("一つ", 1), ("二つ", 1), ("雑則", 0), ("三つ", 1), ("下", 2)]:
            add_numbered(document, text, depth)

    assert read_any_file(word(fill)).text.split("\n") == [
        "第１章 総則",
        "第１条 一つ",
        "第２条 二つ",
        "第２章 雑則",
        "第３条 三つ",
        "1 下",
    ]


def test_a_style_that_a_level_names_is_numbered_on_that_level() -> None:
    def fill(document: Any) -> None:
        numbered(document, [("decimal", "第%1条"), ("decimal", "(%2)")])
        document.part.numbering_part.element[0][1].append(parse_xml(f'<w:pStyle {W} w:val="Item"/>'))
        document.part._styles_part.element.append(
            parse_xml(
                f'<w:style {W} w:type="paragraph" w:styleId="Item"><w:pPr><w:numPr><w:numId w:val="77"/></w:numPr></w:pPr></w:style>'
            )
        )
        add_numbered(document, "凧")
        document.add_paragraph("糸")._p.get_or_add_pPr().append(parse_xml(f'<w:pStyle {W} w:val="Item"/>'))

    assert read_any_file(word(fill)).text == "第1条 凧\n(1) 糸"
