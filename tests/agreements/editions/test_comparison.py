"""Two editions side by side: what stayed, changed, moved, came and went, and which words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.editions.comparison import Change, ChangeKind, Clause, Mark, Op, clauses, compare, mark_words
from agreements.wording import Wording, fold_width, parse

OLD = """緑地の協定書

甲と乙は、約束する。

（目的）
第1条 緑地を守る。
（手入れ）
第2条 乙は、次のことを行う。
(1) 苗木を植えること。
(2) 草を刈ること。
2 甲は、費用10万円を払う。
（会議）
第3条 会議を毎月開く。
"""


def edited(*changes: tuple[str, str]) -> Wording:
    text = OLD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text)


def different(old: Wording, new: Wording) -> list[tuple[str, str, str]]:
    """Everything that is not the same: kind, old key, new key."""
    return [
        (str(change.kind), change.old.key if change.old else "", change.new.key if change.new else "")
        for change in compare(old, new)
        if change.kind is not ChangeKind.SAME
    ]


def change_of(changes: tuple[Change, ...], key: str) -> Change:
    return next(change for change in changes if change.new and change.new.key == key)


def test_a_text_compared_with_itself() -> None:
    changes = compare(parse(OLD), parse(OLD))
    assert {change.kind for change in changes} == {ChangeKind.SAME}
    assert [change.new for change in changes] == list(clauses(parse(OLD)))


def test_the_width_of_digits_and_brackets_is_no_change() -> None:
    assert different(parse(OLD), edited(("(1)", "（１）"), ("10万円", "１０万円"), ("第2条", "第２条"))) == []


def test_changed_words_are_marked() -> None:
    changes = compare(parse(OLD), edited(("10万円", "20万円"), ("（会議）", "（定例会議）")))
    assert change_of(changes, "art2/par2").text_marks == (
        Mark(Op.SAME, "甲は、費用"),
        Mark(Op.REMOVED, "10"),
        Mark(Op.ADDED, "20"),
        Mark(Op.SAME, "万円を払う。"),
    )
    heading = change_of(changes, "art3")
    assert (heading.kind, heading.moved) == (ChangeKind.CHANGED, False)
    assert heading.heading_marks == (Mark(Op.ADDED, "定例"), Mark(Op.SAME, "会議"))


def test_a_new_article_moves_the_later_ones() -> None:
    new = edited(("（会議）\n第3条", "（広報）\n第3条 甲は、催しを市民に知らせる。\n（会議）\n第4条"))
    assert different(parse(OLD), new) == [
        ("added", "", "art3"),
        ("added", "", "art3/par1"),
        ("renumbered", "art3", "art4"),
        ("renumbered", "art3/par1", "art4/par1"),
    ]


def test_a_moved_article_may_change_as_well() -> None:
    new = edited(
        (
            "（会議）\n第3条 会議を毎月",
            "（広報）\n第3条 甲は、催しを市民に知らせる。\n（会議）\n第4条 会議を毎年",
        )
    )
    moved = change_of(compare(parse(OLD), new), "art4/par1")
    assert (moved.kind, moved.moved) == (ChangeKind.CHANGED, True)
    assert Mark(Op.ADDED, "年") in moved.text_marks


def test_a_removed_article_stands_where_it_stood() -> None:
    new = edited(("（目的）\n第1条 緑地を守る。\n", ""), ("第2条", "第1条"), ("第3条", "第2条"))
    found = different(parse(OLD), new)
    assert found[:2] == [("removed", "art1", ""), ("removed", "art1/par1", "")]
    assert {kind for kind, _, _ in found[2:]} == {"renumbered"}


def test_a_new_item_and_a_new_paragraph() -> None:
    new = edited(("(2) 草", "(2) 道を直すこと。\n(3) 草"), ("2 甲は", "2 乙は、道具をそろえる。\n3 甲は"))
    assert different(parse(OLD), new) == [
        ("added", "", "art2/par1/item2"),
        ("renumbered", "art2/par1/item2", "art2/par1/item3"),
        ("added", "", "art2/par2"),
        ("renumbered", "art2/par2", "art2/par3"),
    ]


def test_the_same_number_with_quite_another_text_is_one_gone_and_one_come() -> None:
    new = edited(("(1) 苗木を植えること。", "(1) 夜間に巡回して火の用心を呼びかけること。"))
    assert different(parse(OLD), new) == [
        ("removed", "art2/par1/item1", ""),
        ("added", "", "art2/par1/item1"),
    ]


def test_preamble_and_closing_are_compared() -> None:
    new = edited(("約束する。", "固く約束する。"))
    assert different(parse(OLD), new) == [("changed", "preamble", "preamble")]


@pytest.mark.parametrize(
    ("old", "new", "marks"),
    [
        ("", "", []),
        ("", "木", [("added", "木")]),
        ("木", "", [("removed", "木")]),
        ("１２本", "12本", [("same", "12本")]),
        ("乙は、木を植える。", "乙は、草を植える。", [("same", "乙は、"), ("removed", "木"), ("added", "草"), ("same", "を植える。")]),
        ("Water Park", "Water Garden", [("same", "Water "), ("removed", "Park"), ("added", "Garden")]),
        ("1,000円", "1,200円", [("removed", "1,000"), ("added", "1,200"), ("same", "円")]),
    ],
)  # fmt: skip
def test_words(old: str, new: str, marks: list[tuple[str, str]]) -> None:
    assert [(str(mark.op), mark.text) for mark in mark_words(old, new)] == marks


@pytest.mark.parametrize("size", [200, 3_000, 100_000])
def test_marking_long_texts_ends(size: int) -> None:
    old, new = "木、" * size, "木の、" * size
    marks = mark_words(old, new)
    assert "".join(mark.text for mark in marks if mark.op is not Op.REMOVED) == new


LETTERS = st.text("木草を、。１1a （(", max_size=40)


@given(LETTERS, LETTERS)
def test_marks_give_both_texts_back(old: str, new: str) -> None:
    marks = mark_words(old, new)
    assert "".join(mark.text for mark in marks if mark.op is not Op.REMOVED) == new
    assert fold_width("".join(mark.text for mark in marks if mark.op is not Op.ADDED)) == fold_width(old)
    assert all(mark.text for mark in marks)


KEYS = [
    "art1",
    "art1/par1",
    "art1/par2",
    "art2",
    "art2/par1",
    "art2/par1/item1",
    "chap1",
    "sup1/art1",
    "sup1/par1",
    "closing",
]
SIDES = st.dictionaries(st.sampled_from(KEYS), st.tuples(st.sampled_from(["", "目的"]), LETTERS)).map(
    lambda rows: [Clause(key, key, heading, text) for key, (heading, text) in rows.items()]
)


@given(SIDES, SIDES)
def test_every_provision_of_both_sides_appears_once(old: list[Clause], new: list[Clause]) -> None:
    changes = compare(old, new)
    assert [change.new for change in changes if change.new] == new
    assert sorted(change.old for change in changes if change.old) == sorted(old)
    assert all(change.old or change.new for change in changes)
    assert compare(old, new) == changes


@given(SIDES)
def test_comparing_a_side_with_itself_changes_nothing(side: list[Clause]) -> None:
    assert {change.kind for change in compare(side, side)} <= {ChangeKind.SAME}
