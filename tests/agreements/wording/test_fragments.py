"""What a person types for one provision: the tree that an imported text would be, and the same doubts."""

import pytest

from agreements.wording import Kind, ProblemCode
from agreements.wording.fragment import Fragment, read_fragment


def tree(fragment: Fragment) -> list[tuple[str, str]]:
    return [(node.key, node.text) for top in fragment.below for node in top.walk()]


def test_items_become_items() -> None:
    fragment = read_fragment(
        Kind.PARAGRAPH, "乙は、次のことを行う。\r\n(1) 植樹\r\nア 松\r\nイ 杉\r\n(2) 草刈り"
    )
    assert fragment.text == "乙は、次のことを行う。"
    assert tree(fragment) == [
        ("item1", "植樹"),
        ("item1/sub1", "松"),
        ("item1/sub2", "杉"),
        ("item2", "草刈り"),
    ]
    assert fragment.problems == ()


def test_an_article_has_its_text_in_paragraphs() -> None:
    fragment = read_fragment(Kind.ARTICLE, "甲は、植える。\n2 乙は、刈る。\n(1) 春\n(2) 秋")
    assert (fragment.text, fragment.problems) == ("", ())
    assert tree(fragment) == [
        ("par1", "甲は、植える。"),
        ("par2", "乙は、刈る。"),
        ("par2/item1", "春"),
        ("par2/item2", "秋"),
    ]


@pytest.mark.parametrize(
    ("kind", "typed", "label", "text"),
    [
        (Kind.ITEM, "植樹\nすること。", "", "植樹すること。"),
        (Kind.ITEM, "(3) 植樹", "(3)", "植樹"),
        (Kind.PARAGRAPH, "2　乙は、刈る。", "2", "乙は、刈る。"),
        (Kind.SUBITEM, "松", "ア", "松"),
        (Kind.CHAPTER, "総則", "", "総則"),
        (Kind.PARAGRAPH, "", "", ""),
    ],
)
def test_a_text_of_its_own(kind: Kind, typed: str, label: str, text: str) -> None:
    assert read_fragment(kind, typed, label) == Fragment(text)


@pytest.mark.parametrize(
    ("kind", "typed", "line"),
    [
        (Kind.PARAGRAPH, "甲は、植える。\n2 乙は、刈る。", 2),
        (Kind.ITEM, "植樹\n(2) 草刈り", 2),
        (Kind.PARAGRAPH, "甲は、植える。\n第2条 乙は、刈る。", 2),
        (Kind.PARAGRAPH, "甲は、植える。\n令和8年4月1日\n甲 架空市", 2),
    ],
)
def test_what_is_another_provision_is_named_and_left_as_it_is(kind: Kind, typed: str, line: int) -> None:
    fragment = read_fragment(kind, typed)
    assert (fragment.text, fragment.below) == (typed, ())
    assert (fragment.problems[0].code, fragment.problems[0].line) == (ProblemCode.STANDS_BEYOND, line)


def test_a_doubt_counts_the_lines_that_were_typed() -> None:
    fragment = read_fragment(Kind.ITEM, "施設\nア 使用の許可イ 保障の実施")
    assert [(problem.code, problem.line) for problem in fragment.problems] == [(ProblemCode.MAY_BEGIN, 2)]
