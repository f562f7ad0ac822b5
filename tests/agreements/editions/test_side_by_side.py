"""Two editions as rows: an article of one paragraph is one row, cited as a reader cites it."""

from agreements.editions.comparison import ChangeKind, Clause
from agreements.editions.side_by_side import Comparison, compare_clauses

BEFORE = [
    Clause("art1", "第1条", "目的", ""),
    Clause("art1/par1", "", "", "観察会を続ける。"),
    Clause("art2", "第2条", "役割", ""),
    Clause("art2/par1", "", "", "緑の会は準備する。"),
    Clause("art2/par2", "2", "", "市は広報する。"),
]


def cited(compared: Comparison) -> list[tuple[str, str, ChangeKind]]:
    return [(row.old_place, row.new_place, row.kind) for row in compared.rows]


def test_heading_and_only_paragraph_are_one_row() -> None:
    assert cited(compare_clauses(BEFORE, BEFORE)) == [
        ("第1条", "第1条", ChangeKind.SAME),
        ("第2条", "第2条", ChangeKind.SAME),
        ("第2条第1項", "第2条第1項", ChangeKind.SAME),
        ("第2条第2項", "第2条第2項", ChangeKind.SAME),
    ]


def test_a_change_of_either_is_a_change_of_the_row() -> None:
    for place, text in (
        (0, Clause("art1", "第1条", "趣旨", "")),
        (1, Clause("art1/par1", "", "", "観察会を毎年続ける。")),
    ):
        after = [*BEFORE]
        after[place] = text
        compared = compare_clauses(BEFORE, after)
        assert cited(compared)[0] == ("第1条", "第1条", ChangeKind.CHANGED)
        assert len(compared.changed) == 1


def test_an_added_article_is_one_row_and_a_shifted_one_keeps_both_places() -> None:
    new = [Clause("art2", "第2条", "費用", ""), Clause("art2/par1", "", "", "費用は折半する。")]
    shifted = [
        row._replace(key=row.key.replace("art2", "art3"), label=row.label.replace("2条", "3条"))
        for row in BEFORE[2:]
    ]
    assert cited(compare_clauses(BEFORE, [*BEFORE[:2], *new, *shifted]))[1:] == [
        ("", "第2条", ChangeKind.ADDED),
        ("第2条", "第3条", ChangeKind.RENUMBERED),
        ("第2条第1項", "第3条第1項", ChangeKind.RENUMBERED),
        ("第2条第2項", "第3条第2項", ChangeKind.RENUMBERED),
    ]
