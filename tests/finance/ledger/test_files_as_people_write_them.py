"""Ledgers and statements as cities, accounting programs and users of spreadsheets write them, and what becomes of each.

Synthetic. What was right of a file was decided before it was tried: its figures as they are meant, or a refusal that says
why. Whatever is taken is applied, so that the figures are those of the books.
"""

from collections.abc import Callable
from typing import Any

import pytest
from openpyxl.styles import Font

from finance.models import Entry, StatementLine, StatementTotal
from iconm_portal.imports import importing
from iconm_portal.models import Center, ImportState, TableImport, User
from tests.builders.finance import make_account, make_accounts
from tests.builders.imports import book, csv_file, notes, problems, refusal, saved
from tests.finance.ledger.conftest import TODAY

H = "日付,科目名,金額,摘要\n"
R = "2025/4/1,研究費,1234,a\n"
LEDGER = ["日付", "科目名", "金額", "摘要"]
LINE = ["2025/4/1", "研究費", 1234, "a"]
Send = Callable[..., TableImport]


@pytest.fixture(autouse=True)
def _accounts(center: Center) -> None:
    make_accounts(center)
    make_account(center, code="0101", name="リース料（備品）")


def posted(table: TableImport, by: User) -> list[int]:
    """The amounts of the entries that the import makes, in the order of the file."""
    assert not table.refusal, refusal(table)
    assert table.problem_count == 0, problems(table)
    importing.apply(table=table, by=by, at=TODAY)
    return list(Entry.objects.order_by("pk").values_list("amount", flat=True))


def kept(table: TableImport, by: User) -> dict[str, int]:
    """The lines and printed totals that the import puts into the draft, in yen."""
    assert not table.refusal, refusal(table)
    assert table.problem_count == 0, problems(table)
    importing.apply(table=table, by=by, at=TODAY)
    lines = dict(StatementLine.objects.values_list("account__name", "amount"))
    return lines | {str(total.of): total.amount for total in StatementTotal.objects.filter(account=None)}


# -- Ledgers --


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        (f"{H}2025/4/1,研究費,△500,a\n2025/4/2,研究費,\"(1,234)\",b\n2025/4/3,研究費,▲５００,c\n", [-500, -1234, -500]),
        (f"{H}2025/4/1,研究費,ー500,a\n2025/4/2,研究費,ｰ500,b\n2025/4/3,研究費,－５００,c\n", [-500] * 3),
        (f"{H}2025/4/1,研究費,\"￥1,234\",a\n2025/4/1,研究費,\"1,234円\",b\n2025/4/1,研究費,1234.00,c\n", [1234] * 3),
        (f"{H}2025/4/1,研究費,１，２３４,a\n".replace("１，２３４", '"１，２３４"'), [1234]),
        ("日付;科目名;金額;摘要\n2025/4/1;研究費;1234;a\n", [1234]),
        ("\"日付\",\"科目名\",\"金額\n（千円）\",\"摘要\"\n\"2025/4/1\",\"研究費\",\"1.5\",\"一行目\n二行目\"\n", [1500]),
        (f"{H}R7.4.1,研究費,1,a\n令和7年4月1日(火),研究費,2,b\n令和7年4月1日［火］,研究費,3,c\n2025-04-01T00:00,研究費,4,d\n２０２５／４／１,研究費,5,e\n2025年4月1日（火曜日）,研究費,6,f\n", [1, 2, 3, 4, 5, 6]),
        (f"{H}2025ー4ー1,研究費,1,a\n", [1]),
        (f"{H}2025/4/1,リース料(備品),1,a\n2025/4/1,ﾘｰｽ料〔備品〕,2,b\n2025/4/1,リース料 （備品）,3,c\n2025/4/1,１．リース料（備品）,4,d\n2025/4/1,①リース料（備品）※1,5,e\n", [1, 2, 3, 4, 5]),
        ("日付,科目コード,金額,摘要\n2025/4/1,101,1,a\n2025/4/1,0101,2,b\n2025/4/1,０１０１,3,c\n", [1, 2, 3]),
        ("日付,科目名,金額,摘要,単位\n2025/4/1,研究費,1234,a,円\n", [1234]),
        ("日付,科目名,金額（千円）,摘要,単位\n2025/4/1,研究費,1,a,千円\n", [1000]),
        ("日付,科目名,金額※1,摘要\n2025/4/1,研究費,1,a\n※1 税込\n", [1]),
        (f"令和7年度 収支明細\n{H}{R}※ 金額は税込\n注1　端数は切捨て\n以上\n", [1234]),
        (f"{H}{R}2頁\n{H}{R.replace('1234', '5')}", [1234, 5]),
        (f"{H}4月分\n{R}5月分\n2025/5/1,研究費,2,b\n", [1234, 2]),
        (f"{H},,（円）,\n{R}", [1234]),
        (f"{H},,千円,\n{R}", [1_234_000]),
        (f"{H},,,\n,,(千円),\n{R}", [1_234_000]),
        (f"{H},,単位：千円,\n{R}{H},,単位：千円,\n{R.replace('1234', '5')}", [1_234_000, 5_000]),
        (f"{H}(A),(B),(C),(D)\n{R}", [1234]),
        ("収支明細,,,\n日付,科目名,税込,摘要\n,,金額,\n2025/4/1,研究費,1234,a\n", [1234]),
        (f"{H}{R}合計,,1234,\n", [1234]),
        (f"{H}{R},合計,1234,\n", [1234]),
        (f"{H}{R},,1234,【合 計】\n", [1234]),
        (f"{H}{R}2025/4/30,,1234,4月計\n2025/5/1,研究費,2,b\n2025/5/31,,2,5月計\n2025/5/31,,1236,累計\n", [1234, 2]),
        ("No.,日付,科目名,金額,摘要\n1,2025/4/1,研究費,1234,a\n合計,,,1234,\n", [1234]),
        (f"前月繰越,,500,\n{H}{R},,500,前月繰越\n", [1234]),
        ("日付,科目名,金額,摘要,残高\n2025/4/1,研究費,1234,a,1234\n", [1234]),
        ("日付,科目名,金額,摘要,年度\n2025/4/1,研究費,1234,a,令和7年度\n", [1234]),
        *(
            (f"{H.replace('金額', f'金額（{unit}）')}{R}", [1_234_000])
            for unit in ("×1000円", "000円", "’000円", "千￥", "千", "K", "K円", "K¥", "㌔円", "in thousands", "千円・税込")
        ),
        *(
            (f"{line}\n{H}{R}", [1_234_000])
            for line in ("金額は千円で表示しています", "（表示単位：千円）", "金額単位：千円", "単位：,,,千円", ",,単位,千円")
        ),
        (f"{H.replace('金額', '金額（1円未満切捨て）')}{R}", [1234]),
        (f"百万円未満四捨五入\n{H}{R}", [1234]),
        (f"sep=;\n{H}{R}".replace(",", ";"), [1234]),
        (f"{H}2025/4/1,研究費,▼5,a\n2025/4/1,研究費,Δ5,b\n2025/4/1,研究費,△ 5,c\n2025/4/1,研究費,(5)円,d\n", [-5] * 4),
        (f"収支明細 1頁\n{H}{R}\n収支明細 2頁\n{H}{R.replace('1234', '7')}- 2 -\n", [1234, 7]),
        (f"{H}{R}前期繰越金,,5,\n次期繰越,,1239,\n", [1234]),
        (f"平成31年度\n{H}2019/4/30,研究費,1,a\n2020/3/31,研究費,2,b\n", [1, 2]),
    ],
)  # fmt: skip
def test_a_ledger_that_comes_in(ledger: Send, foundation_staff: User, text: str, amounts: list[int]) -> None:
    assert posted(ledger(csv_file(text)), foundation_staff) == amounts


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f'{H}2025/4/1,研究費,"-1,234-",a\n', (2, "amount")),  # is it negative, or closed by a stroke?
        (f'{H}2025/4/1,研究費,"1,234-",a\n', (2, "amount")),
        (f"{H}45748,研究費,1,a\n", (2, "date")),  # since 1900 or since 1904?
        (f"{H}4/1,研究費,1,a\n", (2, "date")),
        (f"{H}7.4.1,研究費,1,a\n", (2, "date")),
        (f"{H}2025/4/1～4/3,研究費,1,a\n", (2, "date")),
        (f"{H}2025/4/1,研究費,約1000,a\n", (2, "amount")),
        (f"{H}2025/4/1,研究費,1234.5,a\n", (2, "amount")),
        (f"{H}2025/4/1,研究費,1ー234,a\n", (2, "amount")),
        (f"{H}2025/4/1,研究費,$5,a\n", (2, "amount")),
        (f"{H},設計,1234,\n", (2, "date")),
        *(
            (f"{H.replace('金額', f'金額（{unit}）')}{R}", (2, "amount"))
            for unit in ("US$", "ドル建", "10^3円", "€")
        ),
        (f"{H}2025/4/1,研究費,1.2E+05,a\n", (2, "amount")),
        (f'{H}2025/4/1,研究費,"1.234,00",a\n', (2, "amount")),
        (f"{H}2025/4/1,研究費,5K,a\n", (2, "amount")),
        (f"{H}2025/4/1,研究費,####,a\n", (2, "amount")),
        (f"{H}2025/4/31,研究費,1,a\n", (2, "date")),
        (f"{H}2027/4/1,研究費,1,a\n", (2, "date")),
        (f"{H},,1234,\n", (2, "date")),
        (f"{H}2025/4/1,,,\n", (2, "amount")),
        (f"{H.replace('金額', '金額,')}2025/4/1,研究費,,1234,a\n", (2, "amount")),
        (f"{H}〃,研究費,1234,a\n", (2, "date")),
        (f"{H}2025/4/1,合計課,1234,a\n", (2, "name")),
        ("日付,科目名,金額,摘要,単位\n2025/4/1,研究費,1234,a,千円\n", (2, "amount")),
        ("日付,科目名,金額,摘要,通貨\n2025/4/1,研究費,1234,a,USD\n", (2, "amount")),
        ("日付,科目名,金額,摘要,区分\n2025/4/1,研究費,1234,a,予算\n", (2, "amount")),
        ("日付,科目コード,金額,摘要\n2025/4/1,1O1,1,a\n", (2, "code")),
    ],
)
def test_a_line_that_is_asked(ledger: Send, text: str, place: tuple[int, str]) -> None:
    table = ledger(csv_file(text))
    assert table.problem_count
    assert place in [(row, key) for row, key, _said in problems(table)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"（単位：円）\n{H.replace('金額', '金額（千円）')}{R}", "several units"),
        (f"{H.replace('金額', '金額（千円）（単位：円）')}{R}", "several units"),
        (f"{H.replace('金額', '金額（千円）')},,（円）,\n{R}", "several units"),
        (f"単位：千円\n{H},,（円）,\n{R}", "several units"),
        (f"{H}{R}（単位：千円）\n", "below its figures"),
        ("日付,摘要,収入金額,支出金額,差引残高\n2025/4/1,a,1,,1\n", "金額"),
        ("日付,借方科目,借方金額,貸方科目,貸方金額,摘要\n2025/4/1,研究費,1,現金,1,a\n", "金額"),
        ("年,月,日,科目名,金額,摘要\n2025,4,1,研究費,1234,a\n", "日付"),
        (f"{H}{R}※単位は千円\n", "below its figures"),
        ("発生日,勘定科目,税区分,金額,備考\n2025/4/1,研究費,課税,1234,a\n", "日付、摘要"),
        ("日付,2025/4/1\n科目名,研究費\n金額,1\n摘要,a\n", "No row with headings"),
        ("日付,科目名,金額（税抜）,金額（税込）,摘要\n2025/4/1,研究費,100,110,a\n", "金額（税抜）、金額（税込）"),
        ("日付,科目名,金額,摘要,,日付,科目名,金額,摘要\n2025/4/1,研究費,1,a,,2025/4/2,研究費,2,b\n", "日付、日付"),
        ("令和7年度 予算書\n日付,科目名,金額,摘要\n2025/4/1,研究費,1,a\n", "what is imported here is a settlement"),
    ],
)  # fmt: skip
def test_a_ledger_that_is_refused_as_a_whole(ledger: Send, text: str, said: str) -> None:
    assert said in refusal(ledger(csv_file(text)))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8-sig", "a.csv"),
        ("cp932", "a.csv"),
        ("utf-16", "a.csv"),
        ("utf-16-le", "a.csv"),
        ("euc_jis_2004", "a.csv"),
    ],
)
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_letters_of_each_encoding(
    ledger: Send, foundation_staff: User, encoding: str, name: str, mark: str
) -> None:
    rows = [LEDGER, ["2025/4/1", "ﾘｰｽ料（備品）", "▲1234", "㈱甲～乙①"]]
    text = "".join(mark.join(row) + "\r\n" for row in rows)
    assert posted(ledger(csv_file(text, name=name, encoding=encoding)), foundation_staff) == [-1234]
    assert Entry.objects.get().description == "㈱甲～乙①"


@pytest.mark.parametrize(
    ("amount", "said"),
    [("1236", None), ("1235", "It says 1,235, but the rows come to 1,236.")],
)
def test_a_row_of_sums_is_left_out_and_held_against_the_rows(
    ledger: Send, foundation_staff: User, amount: str, said: str | None
) -> None:
    table = ledger(csv_file(f"{H}{R}2025/5/1,研究費,2,b\n合計,,{amount},\n"))
    assert table.row_count == 2
    [(row, key, text)] = problems(table)
    assert (row, key) == (4, "amount")
    assert text == (
        f"“合計” is a sum of other rows, and is left out. {said}"
        if said
        else "“合計” is a sum of other rows. It is left out."
    )
    assert posted(table, foundation_staff) == [1234, 2]
    table.refresh_from_db()
    assert table.params["summary"]["groups"][0][2] == 2


def test_sums_of_sides_months_and_sheets_agree(ledger: Send) -> None:
    first = [
        LEDGER,
        ["2025/4/1", "研究費", 5, "a"],
        ["2025/4/2", "研究事業", 3, "b"],
        ["収入計", "", 5, ""],
        ["支出計", "", 3, ""],
    ]
    later = [LEDGER, ["2025/5/1", "研究費", 7, "a"], ["合計", "", 7, ""], ["総計", "", 15, ""]]
    table = ledger(saved(book(("4月", first), ("5月", later))))
    assert [text for _row, _key, text in problems(table) if "come to" in text] == []
    assert table.row_count == 3


def test_lines_of_words_are_named(ledger: Send) -> None:
    table = ledger(csv_file(f"{H}{R}※ 金額は税込\n以上\n"))
    assert notes(table) == ["Rows with one text alone, such as remarks and titles, are left out: 2 (3, 4)"]


def test_an_account_that_takes_no_entries_names_those_that_do(ledger: Send) -> None:
    table = ledger(csv_file(f"{H}2025/4/1,運営費,1,a\n"))
    assert [text for _row, _key, text in problems(table)] == [
        "“運営費” is a sum in FY2025. Choose one of the accounts below it: 施設管理 (building)、研究支援 (support)."
    ]


# -- Workbooks --


@pytest.mark.parametrize(
    ("number_format", "heading", "value", "yen"),
    [
        ('#,##0"K"', "金額", 1234, 1_234_000),
        ('#,##0,"K"', "金額", 1_234_000, 1_234_000),
        ('#,##0,,"M"', "金額", 1_234_000_000, 1_234_000_000),
        ("#,##0\\K", "金額", 1234, 1_234_000),
        ('#,##0"千"', "金額", 1234, 1_234_000),
        ('#,##0.0,"千円"', "金額", 1_234_500, 1_234_500),
        ('#,##0.0"百万円"', "金額", 1.5, 1_500_000),
        ("#,##0,", "金額（K）", 1_234_000, 1_234_000),
        ('"¥"#,##0', "金額", 1234, 1234),
        ('#,##0"円也"', "金額", 1234, 1234),
        ("#,##0_);[Red](#,##0)", "金額", -1234, -1234),
        ('#,##0;"△"#,##0', "金額", -1234, -1234),
    ],
)
def test_a_format_that_scales_or_names_a_unit(
    ledger: Send, foundation_staff: User, number_format: str, heading: str, value: float, yen: int
) -> None:
    made = book(("明細", [["日付", "科目名", heading, "摘要"], ["2025/4/1", "研究費", value, "a"]]))
    made[0]["明細"]["C2"].number_format = number_format
    assert posted(ledger(saved(made)), foundation_staff) == [yen]


@pytest.mark.parametrize(
    "number_format",
    ['#,##0"t"', '"$"#,##0', "[$€-2]#,##0", "(#,##0)", '[>=1000]#,##0,"K";0', '#,##0"件"', "0.0%"],
)
def test_a_format_that_names_another_unit_is_asked(ledger: Send, number_format: str) -> None:
    made = book(("明細", [LEDGER, LINE]))
    made[0]["明細"]["C2"].number_format = number_format
    assert [(row, key) for row, key, _said in problems(ledger(saved(made)))] == [(2, "amount")]


def test_a_code_that_its_format_shows_with_zeros(
    ledger: Send, foundation_staff: User, center: Center
) -> None:
    make_account(center, code="101", name="別の科目")
    made = book(("明細", [["日付", "科目コード", "金額", "摘要"], ["2025/4/1", 101, 5, "a"]]))
    made[0]["明細"]["B2"].number_format = "0000"
    posted(ledger(saved(made)), foundation_staff)
    assert Entry.objects.get().account.code == "0101"


def test_merged_titles_and_headings_of_two_rows(ledger: Send, foundation_staff: User) -> None:
    made = book(
        (
            "明細",
            [
                ["令和7年度　収支明細書", None, None, None, None],
                [None, None, None, None, "（単位：千円）"],
                ["日付", "科目名", "税込", None, "摘要"],
                [None, None, "金額", "消費税", None],
                ["2025/4/1", "研究費", 5, 1, "a"],
                ["計", None, 5, 1, None],
            ],
        )
    )
    sheet = made[0]["明細"]
    for place in ("A1:E1", "A3:A4", "B3:B4", "C3:D3", "E3:E4"):
        sheet.merge_cells(place)
    assert posted(ledger(saved(made)), foundation_staff) == [5000]


def test_a_cover_that_states_a_unit(ledger: Send, foundation_staff: User) -> None:
    table = ledger(saved(book(("表紙", [["令和7年度"], ["金額は千円単位"]]), ("明細", [LEDGER, LINE]))))
    assert "“金額” is in 千円, as the file says: its figures are converted into 円." in notes(table)
    assert posted(table, foundation_staff) == [1_234_000]


def test_rows_that_are_struck_through_are_named(ledger: Send) -> None:
    made = book(("明細", [LEDGER, LINE, LINE]))
    made[0]["明細"]["C3"].font = Font(strike=True)
    assert "Rows that are struck through in the file are read too: 1 (3)" in notes(ledger(saved(made)))


def test_a_formula_without_its_value_is_asked(ledger: Send) -> None:
    table = ledger(saved(book(("明細", [LEDGER, ["2025/4/1", "研究費", "=1+1", "a"]]))))
    assert [(row, key) for row, key, _said in problems(table)] == [(2, "amount")]


# -- Statements --

S = "科目,決算額\n"


@pytest.mark.parametrize(
    ("text", "name", "chosen", "lines"),
    [
        ("科目,令和6年度,令和5年度\n研究費,2,1\n", "a.csv", {}, {"研究費": 2}),
        ("科目,令和6年度,令和5年度\n研究費,2,1\n", "a.csv", {"year": 2023}, {"研究費": 1}),
        ("科目,R6,R5,増減\n研究費,2,1,1\n", "a.csv", {}, {"研究費": 2}),
        ("科目,令和6年度決算額\n研究費,2\n", "a.csv", {}, {"研究費": 2}),
        ("正味財産増減計算書\n令和6年4月1日から令和7年3月31日まで\n科目,当年度,前年度,増減\n研究費,2,1,1\n", "a.csv", {}, {"研究費": 2}),
        ("科目,当初予算額,補正予算額,予算現額,決算額,差異\n研究費,1,2,3,4,△1\n", "a.csv", {}, {"研究費": 4}),
        ("科目,当初予算額,補正予算額,予算現額,決算額,差異\n研究費,1,2,3,4,△1\n", "a.csv", {"stage": "budget"}, {"研究費": 1}),
        ("科目,予算額,決算額,差異\n,（円）,（円）,（円）\n研究費,1,2,△1\n", "a.csv", {}, {"研究費": 2}),
        ("科目,予算額,決算額,差異\n,(A),(B),(A)-(B)\n研究費,1,2,△1\n", "a.csv", {}, {"研究費": 2}),
        ("科目,予算額,決算額\n単位,千円,千円\n研究費,1,2\n", "a.csv", {"unit": "thousand"}, {"研究費": 2000}),
        ("科目,令和6年度,,備考\n,予算額,決算額,\n研究費,1,2,x\n", "a.csv", {}, {"研究費": 2}),
        ("科目,金額,,備考\n,予算,決算,\n研究費,1,2,x\n", "a.csv", {}, {"研究費": 2}),
        (f"{S}Ⅰ 収入の部,\n　1 研究費,2\n　2 その他,3\n収入合計,5\nⅡ 支出の部,\n(1)研究事業,4\n支出合計,4\n収支差額,1\n", "a.csv", {},
         {"研究費": 2, "その他": 3, "研究事業": 4, "revenue": 5, "expenditure": 4, "balance": 1}),
        (f"{S}収入,\n研究費,2\n小計,2\n支出,\n研究事業,4\n小計,4\n", "a.csv", {}, {"研究費": 2, "研究事業": 4}),
        (f"{S}【事業活動収入】,－\n研究費,2\nその他,―\n計,2\n", "a.csv", {}, {"研究費": 2}),
        (f"{S}研究費,2\n※ 端数処理のため合計が一致しないことがある。,\n", "a.csv", {}, {"研究費": 2}),
        (f"{S}研究費,－－\nその他,ー\n研究事業,3\n", "a.csv", {}, {"研究事業": 3}),
        (f"平成31年度 決算書\n{S}研究費,2\n", "a.csv", {"year": 2019}, {"研究費": 2}),
        (f"平成31年度（令和元年度） 決算書\n{S}研究費,2\n", "a.csv", {"year": 2019}, {"研究費": 2}),
        (f"令和元年度 決算書\n{S}研究費,2\n", "H31.csv", {"year": 2019}, {"研究費": 2}),
        (f"2024年度 決算書\n{S}研究費,2\n", "R6決算.csv", {}, {"研究費": 2}),
        ("令和6年度決算・令和7年度予算\n科目,決算額,予算額\n研究費,1,2\n", "a.csv", {}, {"研究費": 1}),
        ("令和6年度決算・令和7年度予算\n科目,決算額,予算額\n研究費,1,2\n", "a.csv", {"year": 2025, "stage": "budget"}, {"研究費": 2}),
        (f"令和6年度第1回評議員会資料\n令和5年度収支決算書\n{S}研究費,2\n", "a.csv", {"year": 2023}, {"研究費": 2}),
        (f"{S}Ⅰ 研究費,2\n当期収入合計（Ａ）,2\n【支出合計】,0\n収支差額(A)-(B),2\n次期繰越収支差額,9\n", "a.csv", {},
         {"研究費": 2, "revenue": 2, "expenditure": 0, "balance": 2}),
        (f"{S}研究費,8\n　うち 研究間接費収入,3\n", "a.csv", {}, {"研究費": 8, "研究間接費収入": 3}),
        ("科目,,,決算額,備考\n収入の部,,,,\n,研究費,,2,x\n,,その他,3,\n", "a.csv", {}, {"研究費": 2, "その他": 3}),
        ("科目,2024年,2023年\n研究費,2,1\n", "2024.csv", {}, {"研究費": 2}),
        (f"令和7年5月31日現在\n{S}研究費,2\n", "a.csv", {}, {"研究費": 2}),
        (f"2025年3月期\n{S}研究費,2\n", "a.csv", {}, {"研究費": 2}),
        ("令和6年度 決算書（対前年度比較）\n科目,令和6年度,令和5年度,増減額,増減率\n研究費,2,1,1,100%\n", "a.csv", {}, {"研究費": 2}),
        ("年度,科目,決算額\n令和6年度,研究費,2\n", "a.csv", {}, {"研究費": 2}),
        ("科目,金額,区分\n研究費,2,決算\n", "a.csv", {}, {"研究費": 2}),
        ("科目,金額,単位\n研究費,2,千円\n", "a.csv", {"unit": "thousand"}, {"研究費": 2000}),
        ("科目,決算額（百万円）\n研究費,2\n", "a.csv", {"unit": "million"}, {"研究費": 2_000_000}),
    ],
)  # fmt: skip
def test_a_statement_that_comes_in(
    statement: Send,
    foundation_staff: User,
    text: str,
    name: str,
    chosen: dict[str, Any],
    lines: dict[str, int],
) -> None:
    assert kept(statement(csv_file(text, name=name), **chosen), foundation_staff) == lines


@pytest.mark.parametrize(
    ("text", "name", "chosen", "said"),
    [
        ("科目,令和5年度\n研究費,1\n", "a.csv", {}, "FY2024 was chosen"),
        ("科目,令和5年度決算額\n研究費,1\n", "令和6年度.csv", {}, "FY2024 was chosen"),
        ("令和6年度 決算書\n科目,令和5年度決算額\n研究費,1\n", "a.csv", {}, "FY2024 was chosen"),
        ("令和7年度予算・令和6年度決算\n科目,金額\n研究費,1\n", "a.csv", {}, "not clear of which year"),
        ("令和7年度予算・令和6年度決算\n科目,金額\n研究費,1\n", "a.csv", {"year": 2025, "stage": "budget"}, "not clear of which year"),
        ("令和7年度予算・令和6年度決算\n科目,決算額\n研究費,1\n", "a.csv", {"year": 2025}, "FY2025 was chosen"),
        ("令和5年度・令和6年度 収支決算書\n科目,決算額\n研究費,1\n", "a.csv", {}, "not clear of which year"),
        ("令和6年度\n令和5年度\n科目,決算額\n研究費,1\n", "a.csv", {}, "not clear of which year"),
        ("令和6年度提出資料\n令和5年度収支決算書\n科目,決算額\n研究費,1\n", "a.csv", {}, "FY2024 was chosen"),
        ("令和6年度 予算書・決算書\n科目,金額\n研究費,1\n", "a.csv", {}, "budget or of a settlement"),
        (f"{S}研究費,1\n", "R6決算_R7予算.csv", {"year": 2025}, "FY2025 was chosen"),
        (f"2024年1月～12月\n{S}研究費,1\n", "a.csv", {}, "not clear of which year"),
        (f"令和5年4月～令和7年3月\n{S}研究費,1\n", "a.csv", {}, "not clear of which year"),
        ("科目,予算額,決算額\n,千円,千円\n研究費,1,2\n", "a.csv", {}, "amounts are in 千円, but 円 was chosen"),
        *(
            (f"{S}研究費,2\n", f"{name}.csv", {}, "FY2024 was chosen")
            for name in ("2023", "令和5年", "R05_決算", "決算2023", "決算書20240331", "kessan_r5", "Ｒ５決算", "決算書_令和5年")
        ),
        *(
            (f"{line}\n{S}研究費,2\n", "a.csv", {}, "a part of a year")
            for line in ("4月分", "令和6年4月分", "令和6年度上半期", "令和6年12月31日現在", "2024/12/31時点", "令和6年度 第3四半期報告")
        ),
        ("2025年度（令和6年度）\n科目,金額\n研究費,2\n", "a.csv", {}, "not clear of which year"),
        ("科目,決算額（見込み）\n研究費,3\n", "a.csv", {}, "what is imported here is a settlement"),
        ("収入,,支出,\n科目,金額,科目,金額\n研究費,1,研究事業,2\n", "a.csv", {}, "科目、科目"),
        ("大科目,中科目,決算額\n収入,研究費,2\n", "a.csv", {}, "科目"),
        ("科目,前年度,増減\n研究費,1,1\n", "a.csv", {}, "金額"),
    ],
)  # fmt: skip
def test_a_statement_that_is_refused_as_a_whole(
    statement: Send, text: str, name: str, chosen: dict[str, Any], said: str
) -> None:
    table = statement(csv_file(text, name=name), **chosen)
    assert table.state is ImportState.REFUSED
    assert said in refusal(table)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("年度,科目,決算額\n令和5年度,研究費,2\n", (2, "amount")),
        ("年度,科目,決算額\n2023,研究費,2\n", (2, "amount")),
        ("科目,金額,区分\n研究費,2,予算\n", (2, "amount")),
        ("科目,金額,単位\n研究費,2,千円\n", (2, "amount")),
        (f"{S}研究非,2\n", (2, "name")),
        (f"{S}研究費,1234※\n", (2, "amount")),
        (f"{S}研究費,1\n1 研究費,2\n", (3, "name")),
    ],
)
def test_a_row_of_a_statement_that_is_asked(statement: Send, text: str, place: tuple[int, str]) -> None:
    table = statement(csv_file(text))
    assert table.problem_count
    assert place in [(row, key) for row, key, _said in problems(table)]


def test_sections_are_named_and_sums_held_against_their_lines(
    statement: Send, foundation_staff: User, center: Center
) -> None:
    table = statement(csv_file(f"{S}収入の部,\n研究費,2\nその他,3\n小計,6\n"))
    assert [text for _row, _key, text in problems(table)] == [
        "“小計” is a sum of other rows, and is left out. It says 6, but the rows come to 5."
    ]
    assert table.params["summary"]["titles"] == ["収入の部"]
    assert table.row_count == 2


@pytest.mark.parametrize(
    ("cover", "said"),
    [
        ([["令和5年度"], ["収支決算書"]], "FY2024 was chosen"),
        ([["収支予算書"]], "what is imported here is a settlement"),
        ([["（単位：千円）"]], "amounts are in 千円, but 円 was chosen"),
    ],
)
def test_a_cover_that_contradicts_the_choice(statement: Send, cover: list[list[Any]], said: str) -> None:
    rows = [["科目", "金額"], ["研究費", 1]]
    assert said in refusal(statement(saved(book(("表紙", cover), ("Sheet2", rows)))))


def test_the_year_of_the_file_that_is_passed_over_is_said(statement: Send) -> None:
    table = statement(csv_file(f"令和6年度 収支決算書\n{S}研究費,600\n", name="令和7年度提出.csv"))
    assert notes(table) == [
        "“令和6年度 収支決算書” counts, since it stands nearer to the figures than “令和7年度提出”."
    ]


def test_sheets_of_two_years_and_sides(statement: Send, foundation_staff: User) -> None:
    rows = [["科目", "金額"], ["研究費", 1]]
    made = book(
        ("2023", rows),
        ("2024 収入", [*rows[:1], ["研究費", 2]]),
        ("R6支出", [*rows[:1], ["研究事業", 3], ["合計", 3]]),
        ("集計", [["", "件数"], ["計", 2]]),
    )
    table = statement(saved(made))
    assert kept(table, foundation_staff) == {"研究費": 2, "研究事業": 3}
    assert "These sheets are of another year or stage and are not read: 2023" in notes(table)


def test_a_column_that_is_hidden_between_others(ledger: Send, foundation_staff: User) -> None:
    made = book(("明細", [["日付", "科目名", "金額", "前年度", "摘要"], ["2025/4/1", "研究費", 5, 4, "a"]]))
    made[0]["明細"].column_dimensions["C"].hidden = True
    table = ledger(saved(made))
    assert "Columns that are hidden in the file are read too: C 金額" in notes(table)
    assert table.params["read"]["not_read"] == ["前年度"]
    assert posted(table, foundation_staff) == [5]


def test_account_cells_that_are_merged_downwards_are_asked(ledger: Send) -> None:
    made = book(("明細", [LEDGER, LINE, ["2025/4/2", None, 5, "b"]]))
    made[0]["明細"].merge_cells("B2:B3")
    assert [(row, key) for row, key, _said in problems(ledger(saved(made)))] == [(3, "code")]
