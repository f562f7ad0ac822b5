"""Official texts in every state in which they arrive: the tree, the account of each line, what is named as wrong."""

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from agreements.wording import (
    MOST_CHARACTERS,
    MOST_LINES,
    Kind,
    LineUse,
    ProblemCode,
    Provision,
    Wording,
    WordingTooLong,
    join_lines,
    outline,
    parse,
    parse_numeral,
)

TEXTS = Path(__file__).parent / "texts"


def example(name: str) -> Wording:
    return parse((TEXTS / f"{name}.txt").read_text(encoding="utf-8"))


def keys(wording: Wording) -> list[str]:
    return [provision.key for provision in wording.walk()]


def text_of(wording: Wording, key: str) -> str:
    found = wording.find(key)
    assert found is not None, f"{key} is not among {keys(wording)}"
    return found.text


def named(wording: Wording) -> list[tuple[ProblemCode, int]]:
    return [(problem.code, problem.line) for problem in wording.problems]


def article(body: str, number: int = 1) -> Wording:
    """A text whose articles before the one in question are sound."""
    before = "".join(f"第{count}条 甲は、道を直す。\n" for count in range(1, number))
    return parse(f"試みの協定書\n\n甲と乙は、次のとおり定める。\n\n{before}{body}")


_LETTERS = re.compile("[ぁ-ん一-鿿]")
_PART_OF_NUMBERS = re.compile("[の〇零一二三四五六七八九十百第条編章節款附付則別記表紙添図様式録]")


def letters_of_lines(wording: Wording) -> str:
    """The letters of the lines that were kept, in any order, without those that numbers are written with."""
    return _letters("".join(line.text for line in wording.lines if line.use.is_kept))


def letters_of_tree(wording: Wording) -> str:
    """The letters of what was read from them."""
    kept = wording.title + wording.preamble + wording.closing
    kept += "".join(node.label + node.heading + node.text for node in wording.walk())
    return _letters(kept)


def _letters(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sorted(_LETTERS.findall(_PART_OF_NUMBERS.sub("", plain))))


# --- whole texts --------------------------------------------------------------------------------


def test_a_plain_text() -> None:
    wording = example("plain")
    assert wording.title == "水辺観察会の共同運営に関する協定書"
    assert wording.preamble == "架空市と緑の会は、次のとおり協定を結ぶ。"
    assert keys(wording) == [
        "art1", "art1/par1", "art2", "art2/par1", "art2/par1/item1", "art2/par1/item2",
        "art2/par1/item2/sub1", "art2/par1/item2/sub2", "art2/par2",
    ]  # fmt: skip
    second = wording.find("art2")
    assert second is not None
    assert (second.kind, second.number, second.label, second.heading) == (Kind.ARTICLE, (2,), "第2条", "役割")
    assert (second.first_line, second.last_line) == (8, 14)
    assert wording.problems == ()


def test_a_ruined_text_comes_through_whole() -> None:
    wording = example("ruined")
    assert wording.problems == ()
    assert wording.title == "みどり水辺研究館の運営等に関する協定書（案）"
    assert [(node.label, node.heading) for node in wording.articles()] == [
        ("第1条", "目的"), ("第2条", "用語"), ("第3条", "甲の役割"), ("第3条の2", "乙の役割"),
        ("第4条", "計画"), ("第5条", "協定の見直し"),
    ]  # fmt: skip
    assert [(node.label, node.heading) for node in wording.provisions] == [
        ("第1章", "総則"),
        ("第2章", "運営"),
    ]
    assert [(node.label, node.heading) for node in wording.supplement] == [
        ("附則", ""),
        ("別表", "第２条関係"),
    ]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("art1/par1", "本協定は、Green Water Laboratory としての研究館を、水と緑に親しむ場として長く保つために必要な事項を定める。"),
        ("art2/par1/item2", "来館者 研究館を訪れる者（第4条の規定により登録した者を含む。）"),
        ("art2/par1/item3/sub3", "図書コーナー"),
        ("art2/par2", "前項第2号の来館者には、第3条に定める役割を担う者を含まない。"),
        ("art3/par1/item1", "広報に関すること"),
        ("art3-2/par1", "乙は、毎年度2回、観察会を開く。"),
        ("art4/par1", "乙は、毎年8月末までに翌年度の計画を作り、甲に2 部を渡す。"),
        ("art4/par2", "甲は、前項の計画について意見を述べることができる。"),
        ("art4/par3", "第1項及び第2項の規定は、計画を変える場合に準用する。"),
        ("art5/par1", "第４条第３項の規定にかかわらず、甲乙は、いつでも協議を申し出ることができる。"),
        ("sup1/par2", "この協定の前に結んだ覚書は、なお効力を持つ。"),
    ],
)  # fmt: skip
def test_broken_lines_are_joined(key: str, text: str) -> None:
    assert text_of(example("ruined"), key) == text


def test_the_signature_block_keeps_its_lines() -> None:
    closing = example("ruined").closing.split("\n")
    assert closing[0].endswith("それぞれ１通を持つ。")
    assert closing[1:3] == ["令和 年 月 日", "甲 架空県架空市水辺町１番地"]


def test_a_text_in_the_manner_of_a_law() -> None:
    wording = example("laws")
    assert wording.problems == ()
    assert [node.key for node in wording.articles()] == ["art1", "art2", "art3", "art3-2", "art3-3", "art4"]
    assert "art2/par1/item2/sub2/sub2" in keys(wording)
    assert "chap1/sec2" in keys(wording)
    assert [key for key in keys(wording) if re.fullmatch(r"sup\d/art\d", key)] == [
        "sup1/art1", "sup1/art2", "sup2/art1", "sup2/art2",
    ]  # fmt: skip


def test_gaps_repeats_and_disorder_are_named() -> None:
    assert [(problem.code, problem.line, dict(problem.params)) for problem in example("gaps").problems] == [
        (ProblemCode.MISSING, 8, {"label": "第2条", "within": ""}),
        (ProblemCode.REPEATED, 12, {"label": "(1)", "within": "第3条", "first_line": 11}),
        (ProblemCode.MISSING_RANGE, 13, {"first": "(2)", "last": "(3)", "within": "第3条"}),
        (ProblemCode.MISSING, 14, {"label": "3", "within": "第3条"}),
        (ProblemCode.REPEATED, 16, {"label": "第3条", "within": "", "first_line": 8}),
        (ProblemCode.OUT_OF_ORDER, 25, {"label": "第5条", "within": "", "after": "第6条"}),
        (ProblemCode.MISSING, 25, {"label": "第4条", "within": ""}),
    ]
    assert {"art3", "art3~2", "art3/par2/item1~2"} <= set(keys(example("gaps")))


@pytest.mark.parametrize("name", ["plain", "ruined", "laws", "gaps"])
def test_the_outline_names_every_provision(name: str) -> None:
    wording = example(name)
    shown = list(outline(wording))
    around = [wording.title, wording.preamble, wording.closing]
    assert len(shown) == 1 + sum(map(bool, around[1:])) + len(keys(wording))
    said = "".join("".join(shown).split())
    assert all("".join(text.split()) in said for text in (*around, *(node.text for node in wording.walk())))


# --- one defect at a time -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    ["第2条 乙は、", "第２条　乙は、", "第二条 乙は、", "第 2 条 乙は、", "- 第2条 乙は、", "**第2条** 乙は、", "第2条乙は、", "・第2条 乙は、", "## 第2条 乙は、"],
)  # fmt: skip
def test_an_article_number_however_it_is_written(line: str) -> None:
    wording = article(f"{line}木を植える。", 2)
    assert text_of(wording, "art2/par1") == "乙は、木を植える。"
    assert wording.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "（植樹）\n第2条 乙は、木を植える。",
        "(植樹）\n第2条\n乙は、木を植える。",
        "【植樹】\n\n\n第2条 乙は、木を植える。",
        "第2条（植樹）乙は、木を植える。",
        "第2条 （植樹） 乙は、木を植える。",
        "第2条（植樹）\n乙は、木を植える。",
        "第2条\n（植樹）\n乙は、木を植える。",
        "（植樹）第2条 乙は、木を植える。",
        "（植\n樹）\n第2条 乙は、木を植える。",
        "（植 樹）\n- 4 -\n\f\n第2条 乙は、木を植える。",
    ],
)
def test_a_heading_wherever_it_stands(text: str) -> None:
    wording = article(text, 2)
    second = wording.find("art2")
    assert second is not None
    assert second.heading == "植樹"
    assert text_of(wording, "art2/par1") == "乙は、木を植える。"
    assert wording.problems == ()


@pytest.mark.parametrize(
    "text",
    [
        "第3条 乙は、道を直し、\n第1条及び第2条の費用を払う。",
        "第3条 乙は、道を直す。\n第2条第1項の費用は、甲が払う。",
        "第3条 乙は、\n第4条に定める木を植える。",
        "第3条 乙は、\n第4条 の規定による木を植える。\n第4条 乙は、草を刈る。",
        "第3条 乙は、木（\n第4条（草を除く。）の木をいう。）を植える。\n第4条 乙は、草を刈る。",
        "第3条 乙は、木を植える。ただし、\n\n- 7 -\n\n第2条第1項の場合は、植えない。",
        "第3条 乙は、前条及び\n第1条 第1項の木を植える。",
        "第3条 乙は、木を植える。\n第2条 第1項の木も植える。",
        "第3条 乙は、木を植える。\n第4条から第6条までの木も植える。",
        "第3条 乙は、木を植える。\n- 第2条の規定は、ここに準用する。",
        "第三条 乙は、\n第二条の一部を除き、木を植える。",
        "第3条 乙は、\n第2条の2つの場合に、木を植える。",
    ],
)
def test_a_reference_at_a_lines_beginning_is_no_article(text: str) -> None:
    wording = article(text, 3)
    expected = ["第1条", "第2条", "第3条"] + ["第4条"] * ("草を刈る" in text)
    assert [node.label for node in wording.articles()] == expected
    assert wording.problems == ()


@pytest.mark.parametrize("mark", ["2 ", "２　", "- 2 ", "2", "2．", "⒉ ", "・２ ", "2\n"])
def test_a_paragraph_number_however_it_is_written(mark: str) -> None:
    wording = article(f"第1条 甲は、木を植える。\n{mark}乙は、草を刈る。")
    assert text_of(wording, "art1/par1") == "甲は、木を植える。"
    assert text_of(wording, "art1/par2") == "乙は、草を刈る。"


@pytest.mark.parametrize(
    "text",
    [
        "第1条 甲は、毎年度\n2回、木を植える。",
        "第1条 甲は、令和\n2年から木を植える。",
        "第1条 甲は、毎年度\n2 回、木を植える。",
        "第1条 甲は、木を\n2本植える。",
        "第1条 甲は、木を植える。\n2年の間は、草を刈る。",
        "第1条 甲は、土地のうち\n\n2\n\nか所に木を植える。",
    ],
)
def test_a_number_in_a_sentence_is_no_paragraph(text: str) -> None:
    assert keys(article(text)) == ["art1", "art1/par1"]


@pytest.mark.parametrize(
    "marks",
    ["(1) (2)", "（１） （２）", "⑴ ⑵", "① ②", "(1） （2)", "一　 二　", "1) 2)", "(一) (二)", "㈠ ㈡"],
)
def test_an_item_number_however_it_is_written(marks: str) -> None:
    first, second = marks.split(" ")
    wording = article(f"第1条 次のことを行う。\n{first} 植樹\n- {second} 草刈り")
    assert text_of(wording, "art1/par1/item1") == "植樹"
    assert text_of(wording, "art1/par1/item2") == "草刈り"
    assert wording.problems == ()


@pytest.mark.parametrize(
    "marks", ["ア イ", "ｱ ｲ", "イ ロ", "(ア) (イ)", "（ｱ） （ｲ）", "ア） イ）", "ア． イ．", "㋐ ㋑"]
)
def test_a_subitem_letter_however_it_is_written(marks: str) -> None:
    first, second = marks.split(" ")
    wording = article(f"第1条 次のとおり。\n(1) 植樹\n{first} 松\n{second} 杉\n(2) 草刈り")
    assert text_of(wording, "art1/par1/item1/sub1") == "松"
    assert text_of(wording, "art1/par1/item1/sub2") == "杉"
    assert text_of(wording, "art1/par1/item2") == "草刈り"
    assert wording.problems == ()


@pytest.mark.parametrize(
    "line", ["イノベーションを進める。", "アカデミアと組む。", "(1)及び(2)の費用を除く。", "一般の人を招く。"]
)
def test_a_word_that_begins_like_a_mark_is_none(line: str) -> None:
    wording = article(f"第1条 次のとおり。\n(1) 植樹\n(2) 甲と乙は、\n{line}")
    assert text_of(wording, "art1/par1/item2") == f"甲と乙は、{line}"


def test_a_list_mark_in_mid_sentence_is_dropped_and_a_real_one_kept() -> None:
    assert (
        text_of(article("第1条 甲は、制度に関する\n- 話を集める。"), "art1/par1")
        == "甲は、制度に関する話を集める。"
    )
    bullets = article("第1条 次のとおりとする。\n・木を植える\n・草を刈る")
    assert text_of(bullets, "art1/par1") == "次のとおりとする。・木を植える・草を刈る"


@pytest.mark.parametrize(
    "mark", ["- 3 -", "－３－", "3/10", "3 / 10 ページ", "p.3", "\f", "3ページ", "―3―", "\n3\n", "\f3"]
)
def test_a_page_break_in_mid_sentence(mark: str) -> None:
    wording = article(f"第1条 甲は、報告を受け\n\n{mark}\n\nなければならない。\n2 乙は、草を刈る。")
    assert text_of(wording, "art1/par1") == "甲は、報告を受けなければならない。"
    assert "art1/par2" in keys(wording)
    assert wording.problems == ()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("第1条\n1 甲は、植える。\n2 乙は、刈る。", ["par1", "par2"]),
        ("第1条 1 甲は、植える。\n2 乙は、刈る。", ["par1", "par2"]),
        ("第1条 次のとおり。\n1 植える。\n2 刈る。", ["par1", "par1/item1", "par1/item2"]),
        ("第1条 (1) 植える。\n(2) 刈る。", ["par1", "par1/item1", "par1/item2"]),
        (
            "第1条 次のとおり。\n(1) ア 松\nイ 杉",
            ["par1", "par1/item1", "par1/item1/sub1", "par1/item1/sub2"],
        ),
        ("第1条 次のとおり。\n(1) 木\n2 甲は、刈る。\n(1) 草", ["par1", "par1/item1", "par2", "par2/item1"]),
    ],
)
def test_which_level_a_number_belongs_to(body: str, expected: list[str]) -> None:
    wording = article(body)
    assert keys(wording) == ["art1", *(f"art1/{key}" for key in expected)]
    assert wording.problems == ()


@pytest.mark.parametrize(
    "closing",
    ["この契約の成立を証するため、本書を作る。\n甲 架空市", "令和9年4月1日\n甲 架空市", "甲　架空市\n乙　財団", "上記の証として、本書を作る。\n架空市"],
)  # fmt: skip
def test_the_closing_however_it_begins(closing: str) -> None:
    wording = article(f"第1条 甲は、木を植える。\n\n{closing}")
    assert wording.closing == closing.replace("　", " ")
    assert text_of(wording, "art1/par1") == "甲は、木を植える。"


def test_the_title_repeated_on_a_new_page_is_no_text() -> None:
    wording = article("第1条 木を植え\n- 2 -\n試みの協定書\nる。")
    assert text_of(wording, "art1/par1") == "木を植える。"


def test_contents_with_leaders_are_skipped_and_accounted_for() -> None:
    wording = parse(
        "木の協定書\n目次\n第1条（目的）……… 1\n第2条（費用）.......... 12\n\n甲と乙は、約束する。\n"
        "第1条（目的）木を植える。\n第2条（費用）甲が払う。"
    )
    assert [line.number for line in wording.lines if line.use is LineUse.CONTENTS] == [2, 3, 4]
    assert wording.preamble == "甲と乙は、約束する。"
    assert [node.heading for node in wording.articles()] == ["目的", "費用"]
    assert wording.problems == ()


def test_a_second_agreement_in_the_same_file_is_named() -> None:
    plain = (TEXTS / "plain.txt").read_text(encoding="utf-8")
    closing = "この協定を結んだ証として、本書を2通作る。\n令和9年4月1日\n甲 架空市\n"
    wording = parse(f"{plain}\n{closing}\n{plain}")
    assert named(wording) == [(ProblemCode.ANOTHER_TEXT, 20)]
    assert len(wording.articles()) == 2
    assert {line.use for line in wording.lines[19:]} == {LineUse.NOT_UNDERSTOOD, LineUse.BLANK}


def test_what_stands_before_the_agreement_is_named() -> None:
    plain = (TEXTS / "plain.txt").read_text(encoding="utf-8")
    wording = parse(f"会議の資料\n\n1 はじめに\n\n次の協定を結びたい。\n\n{plain}")
    assert wording.title == "水辺観察会の共同運営に関する協定書"
    assert named(wording) == [(ProblemCode.NOT_UNDERSTOOD, 1)]
    assert wording.problems[0].params == {"last_line": 5}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", [(ProblemCode.NO_TITLE, 0), (ProblemCode.NO_ARTICLE, 0)]),
        ("お知らせ\n\n木を植えます。", [(ProblemCode.NO_ARTICLE, 0)]),
        ("木の協定書\n次のとおり。\n(1) 木\n(2) 草\n第1条 植える。", [(ProblemCode.ITEM_BEFORE_ARTICLE, 3)]),
        ("木の協定書\n第1条\n第2条 植える。", [(ProblemCode.NO_TEXT, 2)]),
        ("木の協定書\n第2条 植える。", [(ProblemCode.MISSING, 2)]),
        ("木の協定書\n第1条 植える。\n（費用）\n甲が払う。", [(ProblemCode.HEADING_ALONE, 3)]),
        ("木の協定書\n第1条 植える。\n□□\n※※", [(ProblemCode.NOT_UNDERSTOOD, 3)]),
        ("木の協定書\n第1条 植える。\n第3条の2 刈る。", [(ProblemCode.MISSING_RANGE, 3)]),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, problems: list[tuple[ProblemCode, int]]) -> None:
    assert named(parse(text)) == problems


# --- pieces -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numeral", "value"),
    [("12", 12), ("１２", 12), ("1 2", 12), ("十", 10), ("十二", 12), ("二十", 20), ("百二", 102), ("二百三十四", 234),
     ("一〇", 10), ("", 0), ("甲", 0), ("²", 0)],
)  # fmt: skip
def test_numerals(numeral: str, value: int) -> None:
    assert parse_numeral(numeral) == value


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [("木を", "植える", "木を植える"), ("Center of", "NanoMedicine", "Center of NanoMedicine"), ("は、iCONM", "の", "は、iCONMの"),
     ("令和3", "4年", "令和34年"), ("木", "A", "木A"), ("", "木", "木"), ("R&D,", "Ltd", "R&D, Ltd")],
)  # fmt: skip
def test_joining(left: str, right: str, joined: str) -> None:
    assert join_lines(left, right) == joined


# --- any text -----------------------------------------------------------------------------------

SHARDS = st.sampled_from(
    "第1条 第２条 第三条の二 第4条に （目的） ( ） (1) （２） ⑶ ① ア イ ロ - ・ ** 2 3 - \f \n \n \n 目次 … 附則 別記 第1章 甲 乙は、 "
    "植える。 令和　年　月　日 本協定の証として 協定書 （案） 12 第1項 及び a (a) 一 \u3000 \ufeff \r \x00 ⼄ 第 条 の 0".split(
        " "
    )
)
ANY_TEXT = st.one_of(
    st.text(max_size=200),
    st.lists(SHARDS, max_size=60).map("".join),
    st.lists(SHARDS, max_size=40).map("\n".join),
)


@given(ANY_TEXT)
@hypothesis_settings(max_examples=400)
def test_every_line_of_any_text_is_accounted_for_once(text: str) -> None:
    wording = parse(text)
    source = re.split(r"\r\n|\r|\n", text)
    source = source[:-1] if not source[-1] else source
    assert [line.text for line in wording.lines] == source
    assert [line.number for line in wording.lines] == list(range(1, len(source) + 1))
    found = keys(wording)
    assert len(found) == len(set(found))
    for line in wording.lines:
        assert (line.use is LineUse.BLANK) <= (
            not line.text.strip("\u200b\ufeff \t\u3000") or line.text.isspace()
        )
        assert not line.belongs_to or line.belongs_to in found
    for provision in wording.walk():
        assert 1 <= provision.first_line <= provision.last_line <= len(source)
        assert provision.key.isascii()


@given(ANY_TEXT)
@hypothesis_settings(max_examples=200)
def test_no_letter_of_any_text_is_lost(text: str) -> None:
    """What is neither in the tree nor beside it was listed as not understood, as contents or as a page mark."""
    wording = parse(text)
    assert letters_of_tree(wording) == letters_of_lines(wording)


@pytest.mark.parametrize(
    ("text", "code"), [("\n" * (MOST_LINES + 1), "lines"), ("木" * (MOST_CHARACTERS + 1), "characters")]
)
def test_a_text_beyond_reason_is_refused(text: str, code: str) -> None:
    with pytest.raises(WordingTooLong) as refused:
        parse(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "shard", ["第1条 ", "（", "（）", "(1)", "の2", "**", "- ", "・", "ア ", "2 ", "…", "第1条の2（目的）\n", "附則\n", "(1) 木\n", "（目的\n"]
)  # fmt: skip
def test_the_longest_texts_are_read_without_pause(shard: str) -> None:
    """The largest text of one shard over and over; quadratic work would never end."""
    lines = shard.endswith("\n")
    wording = parse(shard * (MOST_LINES // 2 if lines else 200_000))
    assert wording.lines


# --- there and back -----------------------------------------------------------------------------

WORDS = ["甲は", "緑地の手入れを", "乙と話し合い", "水辺を守り", "市民に知らせ", "道具をそろえ", "Water Park を", "観察会（夏のものを含む。）を", "苗木12本を"]  # fmt: skip
HEADINGS = ["目的", "手入れ", "費用の負担", "会議", "道具"]


@dataclass
class Leaf:
    """A provision to be printed and read again."""

    mark: str
    text: str
    heading: str = ""
    children: list["Leaf"] = field(default_factory=list)


def sentence(chance: random.Random, ending: str = "行う。") -> str:
    return "、".join(chance.sample(WORDS, chance.randint(1, 4))) + "、" + ending


def invented(chance: random.Random) -> list[Leaf]:
    """Articles with paragraphs, items and subitems at random."""
    return [invented_article(chance, count) for count in range(1, chance.randint(2, 7))]


def invented_article(chance: random.Random, number: int) -> Leaf:
    paragraphs = []
    for count in range(1, chance.randint(2, 5)):
        paragraph = Leaf(str(count) if count > 1 else "", sentence(chance))
        for item in range(1, chance.choice([1, 1, 3, 5])):
            short = Leaf(f"({item})", sentence(chance, chance.choice(["行うこと", "決めること。"])))
            letters = "アイウエ"[: chance.choice([0, 0, 2, 4])]
            short.children = [Leaf(letter, sentence(chance, "植える木")) for letter in letters]
            paragraph.children.append(short)
        paragraphs.append(paragraph)
    return Leaf(f"第{number}条", "", chance.choice(HEADINGS), paragraphs)


def printed(articles: list[Leaf], chance: random.Random) -> str:
    """The text with defects at random, none of which leaves two ways to read it."""
    lines = ["緑地の協定書", "", "甲と乙は、約束する。", ""]
    for leaf in articles:
        lines += printed_article(leaf, chance)
    return "\n".join(lines) + "\n"


def printed_article(leaf: Leaf, chance: random.Random) -> Iterator[str]:
    bullet = chance.choice(["", "- ", "・"])
    number = chance.choice([leaf.mark, wide(leaf.mark), f"**{leaf.mark}**"])
    heading = chance.choice(["（{}）", "({})", "（{})"]).format(leaf.heading)
    first, *others = leaf.children
    above = [heading, *[""] * chance.randint(0, 2), f"{bullet}{number} "]
    layouts = [
        above,
        [f"{bullet}{number}{heading}"],
        [f"{bullet}{heading}{number} "],
        [bullet + number, heading, ""],
    ]
    opening = chance.choice(layouts)
    body = list(broken(first.text, chance))
    if opening[-1] and chance.random() < 0.7:
        opening[-1] += body.pop(0)
    yield from (*opening, *body, *printed_below(first, chance))
    for paragraph in others:
        yield from printed_marked(paragraph, chance)
        yield from printed_below(paragraph, chance)


def printed_below(leaf: Leaf, chance: random.Random) -> Iterator[str]:
    for child in leaf.children:
        yield from printed_marked(child, chance)
        yield from printed_below(child, chance)


def printed_marked(leaf: Leaf, chance: random.Random) -> Iterator[str]:
    forms = [leaf.mark, wide(leaf.mark)]
    if leaf.mark.startswith("("):
        forms += [chr(0x2473 + int(leaf.mark[1:-1])), leaf.mark.replace("(", "（")]
    mark = chance.choice(["", "- ", "  ", "・"]) + chance.choice(forms)
    first, *rest = broken(leaf.text, chance)
    if chance.random() < 0.2:
        yield mark
        yield first
    else:
        yield mark + chance.choice([" ", "　"]) + first
    yield from rest


def wide(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if letter in "()0123456789" else letter for letter in text)


def broken(text: str, chance: random.Random) -> Iterator[str]:
    """The text over several lines, some with a page break or a list mark between."""
    start, mark = 0, ""
    for place in range(2, len(text) - 2):
        safe = not text[place - 1].isascii() and not text[place].isascii() and text[place] not in "、。（）"
        if safe and chance.random() < 0.05:
            yield mark + text[start:place]
            yield from chance.choice([[], [], [""], ["", "- 3 -", ""], ["\f"], ["", "4/9", "\f"]])
            start, mark = place, "- " if text[place - 1] != "。" and chance.random() < 0.3 else ""
    yield mark + text[start:]


def read_back(provisions: tuple[Provision, ...]) -> list[Leaf]:
    return [Leaf(node.label, node.text, node.heading, read_back(node.children)) for node in provisions]


@given(st.integers(min_value=0, max_value=2**32))
@hypothesis_settings(max_examples=300)
def test_a_tree_printed_with_defects_is_read_back(seed: int) -> None:
    chance = random.Random(seed)
    articles = invented(chance)
    wording = parse(printed(articles, chance))
    assert read_back(wording.provisions) == articles
    assert {problem.code for problem in wording.problems} <= {ProblemCode.MAY_BE_A_NUMBER}
    assert (wording.title, wording.preamble) == ("緑地の協定書", "甲と乙は、約束する。")
