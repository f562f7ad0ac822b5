"""Small files of the ledger and of statements that say themselves what they are, and what is right of each.

Synthetic: made after public reports and documents. What a file states is believed, refused with a sentence where it
contradicts what was chosen, and never passed over; of what is not read, the page says so before anything is applied.
"""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from finance.models import Entry, Statement
from iconm_portal.imports import importing
from iconm_portal.models import Center, ImportState, TableImport, User
from tests.builders.finance import make_accounts
from tests.builders.imports import amounts, book, csv_file, notes, problems, refusal, saved
from tests.builders.plans import tokyo
from tests.people import LogIn

TODAY = tokyo(date(2026, 5, 1))
LEDGER = ["日付", "科目名", "金額", "摘要"]
LINE = ["2025/4/1", "研究費", 1234, "受託研究費"]


@pytest.fixture(autouse=True)
def _accounts(center: Center) -> None:
    make_accounts(center)


# -- Units --


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("日付,科目名,金額（千円）,摘要\n2025/4/1,研究費,1234,a\n", "table.csv"),
        ("日付,科目名,金額［千円］,摘要\n2025/4/1,研究費,1234,a\n", "table.csv"),
        ("日付,科目名,金額（単位：千円）,摘要\n2025/4/1,研究費,1234,a\n", "table.csv"),
        ("日付,科目名,金額千円,摘要\n2025/4/1,研究費,\"1,234\",a\n", "table.csv"),
        ("収支明細,,,（単位：千円）\n日付,科目名,金額,摘要\n2025/4/1,研究費,1234,a\n", "table.csv"),
        (",,,単位 千円\n\n日付,科目名,金額,摘要\n2025/4/1,研究費,1234千円,a\n", "table.csv"),
        (",,,(単位:1,000円)\n日付,科目名,金額,摘要\n2025/4/1,研究費,1234,a\n".replace("(単位:1,000円)", '"(単位:1,000円)"'), "table.csv"),
        ("日付,科目名,金額,摘要\n2025/4/1,研究費,1234,a\n", "明細（千円）.csv"),
        ("日付,科目名,金額（百万円）,摘要\n2025/4/1,研究費,1.234,a\n", "table.csv"),
        ("Date,Account,Amount (thousand yen),Description\n2025/4/1,研究費,1234,a\n", "table.csv"),
        ("日付,科目名,金額（千円）,摘要\n2025/4/1,研究費,\"1,234,000円\",a\n", "table.csv"),
        ("日付,科目名,金額,摘要\n2025/4/1,研究費,\"1,234千円\",a\n", "table.csv"),
        *(
            (f"日付,科目名,{heading},摘要\n2025/4/1,研究費,1234,a\n", "table.csv")
            for heading in (
                "金額　単位：千円", "金額 単位 千円", "金額・千円", "金額｛千円｝", "金額（税込・千円）", "金額（千）", "金額（K円）",
                "Amount (in thousands of yen)", "金額 (JPY thousand)", "金額（単位：千円、千円未満切捨て）",
            )
        ),
        *(
            (f"{line}\n日付,科目名,金額,摘要\n2025/4/1,研究費,1234,a\n", "table.csv")
            for line in (
                "（単位　千円）", "【千円単位】", "千円単位", "千円", "単位,千円", "単位：,千円", "単位＝千円", "（単位）千円",
                "（ 単 位 ： 千 円 ）", "単位：千", "※単位：千円", "注）単位：千円", "※ 金額はすべて千円単位です。", "(In thousands of yen)",
                "Unit: thousand yen", "（単位：千円、税抜）", "単位：千円 税込", "収支明細 千円",
            )
        ),
        ("日付,科目名,金額,摘要,（単位：千円）\n2025/4/1,研究費,1234,a,\n", "table.csv"),
        ("日付,科目名,金額,摘要\n2025/4/1,研究費,1234,a\n", "明細_千円.csv"),
        ("日付,科目名,金額,摘要\n2025/4/1,研究費,1234,a\n", "千円単位_明細.csv"),
    ],
)  # fmt: skip
def test_a_ledger_in_another_unit_comes_in_as_yen(
    ledger: Callable[..., TableImport], text: str, name: str
) -> None:
    table = ledger(csv_file(text, name=name))
    assert problems(table) == []
    assert amounts(table) == ["1234000"]


@pytest.mark.parametrize(
    "line",
    [
        "※千円未満は切り捨て",
        "※ 千円単位で四捨五入している。",
        "補助金総額 500千円",
        "会計単位：公益目的事業会計",
        "金額は円単位",
    ],
)
def test_other_words_state_no_unit(ledger: Callable[..., TableImport], line: str) -> None:
    table = ledger(csv_file(f"{line}\n日付,科目名,金額,摘要\n2025/4/1,研究費,1234,a\n"))
    assert amounts(table) == ["1234"]


def test_what_was_converted_is_said(ledger: Callable[..., TableImport]) -> None:
    table = ledger(csv_file("日付,科目名,金額（千円）,摘要\n2025/4/1,研究費,1234,a\n"))
    assert notes(table) == ["“金額（千円）” is in 千円, as the file says: its figures are converted into 円."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("（単位：千円・円）\n日付,科目名,金額,摘要\n2025/4/1,研究費,1,a\n", "several units"),
        ("（単位：ドル）\n日付,科目名,金額,摘要\n2025/4/1,研究費,1,a\n", "none of its columns is in ドル"),
    ],
)
def test_a_unit_that_cannot_be_used_is_refused(
    ledger: Callable[..., TableImport], text: str, said: str
) -> None:
    table = ledger(csv_file(text))
    assert table.state == ImportState.REFUSED
    assert said in refusal(table)


def test_a_heading_in_another_currency_is_refused_by_cell(ledger: Callable[..., TableImport]) -> None:
    table = ledger(csv_file("日付,科目名,金額（米ドル）,摘要\n2025/4/1,研究費,1,a\n"))
    assert [(row, key) for row, key, text in problems(table) if "米ドル" in text] == [(2, "amount")]


@pytest.mark.parametrize(
    "text",
    [
        "科目名,決算額（単位：千円）\n研究費,600536\n",
        "（単位：千円）\n科目名,決算額\n研究費,600536\n",
        "収支決算書（千円）\n科目名,決算額\n研究費,600536\n",
    ],
)
def test_a_statement_in_another_unit_than_was_chosen_is_refused(
    statement: Callable[..., TableImport], text: str
) -> None:
    assert "amounts are in 千円, but 円 was chosen" in refusal(statement(csv_file(text)))
    assert amounts(statement(csv_file(text), unit="thousand")) == ["600536"]


# -- Years and stages --


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("令和5年度 収支決算書,\n科目名,決算額\n研究費,600\n", "table.csv"),
        ("令和五年度 収支決算書,\n科目名,決算額\n研究費,600\n", "table.csv"),
        ("2023年度,\n科目名,決算額\n研究費,600\n", "table.csv"),
        ("科目名,令和5年度決算額\n研究費,600\n", "table.csv"),
        ("科目名,決算額\n研究費,600\n", "R5決算.csv"),
        ("科目名,決算額\n研究費,600\n", "令和5年度収支決算書.csv"),
        *(
            ("科目名,金額\n研究費,600\n", f"{name}.csv")
            for name in ("令5決算", "令和5年決算", "2023決算", "2023_決算", "R5-決算", "決算_R5", "FY23", "令和5会計年度", "5年度決算")
        ),
        *(
            (f"{line}\n科目名,金額\n研究費,600\n", "table.csv")
            for line in (
                "自 令和5年4月1日 至 令和6年3月31日", "自令和５年４月１日　至令和６年３月３１日", "令和5年4月1日から令和6年3月31日まで",
                "2023/4/1～2024/3/31", "令和6年3月31日現在", "R6.3.31時点", "Fiscal Year 2023", "令和5（2023）年度", "令和5年 度",
                "令 和 5 年 度　収 支 決 算 書", "5年度", "令和5年4月～令和6年3月", "2023/04-2024/03", "令和6年3月期",
            )
        ),
    ],
)  # fmt: skip
def test_a_statement_of_another_year_is_refused(
    statement: Callable[..., TableImport], text: str, name: str
) -> None:
    assert "FY2024 was chosen" in refusal(statement(csv_file(text, name=name), year=2024))
    assert amounts(statement(csv_file(text, name=name), year=2023)) == ["600"]


@pytest.mark.parametrize(
    ("text", "name", "right", "wrong"),
    [
        ("科目名,予算額\n研究費,600\n", "table.csv", "budget", "settlement"),
        ("科目名,予算額\n研究費,600\n", "table.csv", "supplementary", "forecast"),
        ("科目名,決算額\n研究費,600\n", "table.csv", "settlement", "budget"),
        ("収支予算書\n科目名,金額\n研究費,600\n", "table.csv", "budget", "settlement"),
        ("補正予算（第1号）\n科目名,金額\n研究費,600\n", "table.csv", "supplementary", "budget"),
        ("決算見込\n科目名,金額\n研究費,600\n", "table.csv", "forecast", "settlement"),
        ("科目名,金額\n研究費,600\n", "令和6年度予算.csv", "budget", "settlement"),
        ("科目名,金額\n研究費,600\n", "R6当初.csv", "budget", "settlement"),
        ("科目名,金額\n研究費,600\n", "R6補正.csv", "supplementary", "budget"),
        ("収 支 予 算 書\n科目名,金額\n研究費,600\n", "table.csv", "budget", "settlement"),
        ("科目名,予 算 額\n研究費,600\n", "table.csv", "budget", "settlement"),
        ("収支決算（見込）\n科目名,金額\n研究費,600\n", "table.csv", "forecast", "settlement"),
        ("科目名,決算額（見込）\n研究費,600\n", "table.csv", "forecast", "settlement"),
    ],
)
def test_a_statement_of_another_stage_is_refused(
    statement: Callable[..., TableImport], text: str, name: str, right: str, wrong: str
) -> None:
    assert "what is imported here is a" in refusal(statement(csv_file(text, name=name), stage=wrong))
    assert amounts(statement(csv_file(text, name=name), stage=right)) == ["600"]


def test_the_nearest_word_counts(statement: Callable[..., TableImport]) -> None:
    text = "令和6年度 収支決算書\n科目名,決算額\n研究費,600\n"
    assert amounts(statement(csv_file(text, name="R7提出_令和7年度.csv"), year=2024)) == ["600"]


def test_a_remark_states_nothing(statement: Callable[..., TableImport]) -> None:
    text = "※令和4年度から千円単位を円単位に改めた。\n科目名,決算額\n研究費,600\n"
    assert amounts(statement(csv_file(text))) == ["600"]


def test_a_budget_is_no_ledger(ledger: Callable[..., TableImport]) -> None:
    assert "settlement" in refusal(ledger(csv_file("日付,科目名,予算額,摘要\n2025/4/1,研究費,1,a\n")))
    kept = ledger(csv_file("令和7年度 予算執行明細\n日付,科目名,金額,摘要\n2025/4/1,研究費,1,a\n"))
    assert amounts(kept) == ["1"]


def test_lines_outside_the_year_that_a_ledger_states_are_asked(ledger: Callable[..., TableImport]) -> None:
    text = "令和6年度 収支明細\n日付,科目名,金額,摘要\n2025/3/31,研究費,1,a\n2025/4/1,研究費,1,b\n"
    table = ledger(csv_file(text))
    assert problems(table) == [
        (4, "date", "The file says “令和6年度 収支明細”, but this date lies in FY2025.")
    ]
    assert table.problem_count == 0


# -- Columns side by side --

SIDE_BY_SIDE = "科目,予算額,決算額,差異,備考\n研究費,600000,600536,△536,注\n"


@pytest.mark.parametrize(("stage", "amount"), [("settlement", "600536"), ("budget", "600000")])
def test_of_budget_and_settlement_side_by_side_the_chosen_one_is_read(
    statement: Callable[..., TableImport], stage: str, amount: str
) -> None:
    table = statement(csv_file(SIDE_BY_SIDE), stage=stage)
    other = {"settlement": "予算額", "budget": "決算額"}[stage]
    assert amounts(table) == [amount]
    assert table.params["read"]["not_read"] == [other, "差異"]


def test_of_several_years_side_by_side_the_chosen_one_is_read(
    statement: Callable[..., TableImport],
) -> None:
    text = "科目名,令和5年度決算額,令和6年度決算額,令和6年度予算額\n研究費,1,2,3\n"
    assert amounts(statement(csv_file(text), year=2024)) == ["2"]
    assert amounts(statement(csv_file(text), year=2023)) == ["1"]
    assert amounts(statement(csv_file(text), year=2024, stage="budget")) == ["3"]


@pytest.mark.parametrize(
    ("year", "stage", "amount"), [(2024, "budget", "1"), (2024, "settlement", "2"), (2023, "settlement", "4")]
)
@pytest.mark.parametrize("again", [False, True])
def test_years_right_above_the_headings_are_of_the_columns_below_them(
    statement: Callable[..., TableImport], year: int, stage: str, amount: str, again: bool
) -> None:
    text = "収支対比表,,,,\n,令和6年度,,令和5年度,\n科目名,予算額,決算額,予算額,決算額\n研究費,1,2,3,4\n"
    if again:
        text += "科目名,予算額,決算額,予算額,決算額\nその他,1,2,3,4\n"
    table = statement(csv_file(text), year=year, stage=stage)
    assert amounts(table) == [amount] * (1 + again)


def test_units_right_above_the_headings_are_of_the_columns_below_them(
    statement: Callable[..., TableImport],
) -> None:
    text = ",（千円）,（円）\n科目名,予算額,決算額\n研究費,2,5\n"
    assert amounts(statement(csv_file(text))) == ["5"]
    assert "千円" in refusal(statement(csv_file(text), stage="budget"))


def test_the_year_above_another_column_is_not_this_ones(statement: Callable[..., TableImport]) -> None:
    text = ",令和5年度,令和6年度,\n科目名,決算額,増減,備考\n研究費,1,2,x\n"
    assert "FY2024 was chosen" in refusal(statement(csv_file(text)))


@pytest.mark.parametrize(
    "line",
    [
        "作成日 2026年3月31日",
        "出力日時：2026/3/31 10:00",
        "提出期限：令和7年5月1日から5月31日まで",
        "24年度",
        "文書番号 R5-12",
    ],
)
def test_other_days_state_no_year(statement: Callable[..., TableImport], line: str) -> None:
    assert amounts(statement(csv_file(f"{line}\n科目名,決算額\n研究費,600\n"))) == ["600"]


@pytest.mark.parametrize("other", ["前年度", "増減", "予算比", "構成比", "うち繰越", "累計", "対前年度"])
def test_a_heading_of_other_figures_is_another_column(
    statement: Callable[..., TableImport], other: str
) -> None:
    assert "金額" in refusal(statement(csv_file(f"科目名,決算額（{other}）\n研究費,1\n")))
    beside = statement(csv_file(f"科目名,決算額（{other}）,決 算 額（当年度）,予 算 額\n研究費,1,2,3\n"))
    assert amounts(beside) == ["2"]
    assert f"決算額（{other}）" in beside.params["read"]["not_read"]


def test_two_columns_of_one_stage_are_asked(statement: Callable[..., TableImport]) -> None:
    text = "科目名,補正予算額,補正後予算額\n研究費,1,2\n"
    assert "補正予算額、補正後予算額" in refusal(statement(csv_file(text), stage="supplementary"))


# -- Blanks and brackets --


@pytest.mark.parametrize("dash", ["-", "－", "―", "‐", "−"])
def test_a_dash_in_a_statement_is_blank_and_not_zero(
    statement: Callable[..., TableImport], dash: str
) -> None:
    table = statement(csv_file(f"科目名,決算額\n研究費,{dash}\n共同研究負担金,0\n"))
    assert problems(table) == []
    summary = table.params["summary"]
    assert (summary["lines"], summary["totals"], summary["blank"], summary["warnings"]) == (1, 0, 1, 0)


# -- All of a workbook --


def test_all_sheets_with_the_headings_are_read(
    center: Center, foundation_staff: User, ledger: Callable[..., TableImport]
) -> None:
    later = ["摘要", "科目名", "金額（千円）", "日付"]
    table = ledger(
        saved(book(("4月", [LEDGER, LINE]), ("5月", [["5月分"], later, ["b", "研究費", 2, "2025/5/1"]])))
    )
    assert amounts(table) == ["1234", "2000"]
    assert [row.number for row in table.rows.all()] == [2, 1_000_003]
    assert "These sheets are read, one below the other: 4月, 5月" in notes(table)
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    assert list(Entry.objects.values_list("amount", flat=True).order_by("amount")) == [1234, 2000]


def test_a_problem_on_the_second_sheet_is_placed_there(
    log_in: LogIn, foundation_staff: User, center: Center, ledger: Callable[..., TableImport]
) -> None:
    table = ledger(saved(book(("4月", [LEDGER, LINE]), ("5月", [LEDGER, ["x", "研究費", 2, "b"]]))))
    client: Client = log_in(foundation_staff)
    page = client.get(reverse("finance:import", kwargs={"center": center.code, "number": table.pk}))
    assert "5月!A2 日付" in page.content.decode()


def test_sheets_that_are_left_out_are_named(ledger: Callable[..., TableImport]) -> None:
    made = book(
        ("明細", [LEDGER, LINE]),
        ("控え", [LEDGER, LINE]),
        ("別表", [["日付", "備考"], ["x", "y"]]),
        ("空", []),
    )
    made[0]["控え"].sheet_state = "hidden"
    table = ledger(saved(made))
    assert amounts(table) == ["1234"]
    assert notes(table) == [
        "These sheets are hidden and are not read: 控え",
        "These sheets have not the headings of this import and are not read: 別表",
    ]


def test_the_sheet_of_the_chosen_stage_is_read(statement: Callable[..., TableImport]) -> None:
    rows = [["科目名", "金額"], ["研究費", 1]]
    table = statement(saved(book(("予算", rows), ("決算", [rows[0], ["研究費", 2]]))))
    assert amounts(table) == ["2"]
    assert notes(table) == ["These sheets are of another year or stage and are not read: 予算"]


def test_hidden_rows_and_columns_are_read_and_named(ledger: Callable[..., TableImport]) -> None:
    made = book(("明細", [LEDGER, LINE, LINE, LINE]))
    sheet = made[0]["明細"]
    sheet.row_dimensions[3].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.auto_filter.ref = "A1:D4"
    table = ledger(saved(made))
    assert amounts(table) == ["1234"] * 3
    assert notes(table) == [
        "Rows that are hidden in the file, by hand or by a filter, are read too: 1 (3)",
        "Columns that are hidden in the file are read too: D 摘要",
    ]


def test_a_second_table_below_the_first_is_read(ledger: Callable[..., TableImport]) -> None:
    rows = [LEDGER, LINE, [], ["日付", "科目名", "摘要", "金額（千円）"], ["2025/5/1", "研究費", "b", 2]]
    table = ledger(saved(book(("明細", [*rows, LEDGER, LINE]))))
    assert problems(table) == []
    assert amounts(table) == ["1234", "2000", "1234"]


def test_what_stands_above_the_first_headings_holds_on_every_page(
    ledger: Callable[..., TableImport],
) -> None:
    page = "日付,科目名,金額,摘要\n2025/4/1,研究費,1,a\n"
    table = ledger(csv_file(f"令和7年度\n（単位：千円）\n{page}{page}{page}"))
    assert amounts(table) == ["1000"] * 3
    assert problems(table) == []


@pytest.mark.parametrize("where", ["", ",", ",,,", ",,,,"])
def test_what_stands_above_further_headings_is_of_what_is_below_them(
    ledger: Callable[..., TableImport], where: str
) -> None:
    first, later = (
        "日付,科目名,金額,摘要,\n2025/4/1,研究費,1,a\n",
        "日付,科目名,金額,摘要,\n2026/4/1,研究費,1,b\n",
    )
    table = ledger(csv_file(f"令和7年度\n{first}令和8年度\n{where}（単位：千円）\n{later}{later}"))
    assert amounts(table) == ["1", "1000", "1000"]
    assert problems(table) == []


def test_a_last_line_is_not_passed_over(ledger: Callable[..., TableImport]) -> None:
    text = "日付,科目名,金額,摘要\n2025/4/1,研究費,1,a\n"
    assert "（単位：千円）” below its figures" in refusal(ledger(csv_file(f"{text}（単位：千円）\n")))
    assert notes(ledger(csv_file(f"{text}令和7年度\n"))) == [
        "Rows with one text alone, such as remarks and titles, are left out: 1 (3)"
    ]


def test_a_unit_below_the_figures_is_refused(ledger: Callable[..., TableImport]) -> None:
    text = "日付,科目名,金額,摘要,\n2025/4/1,研究費,1,a\n,,,,（単位：千円）\n"
    assert "（単位：千円）” below its figures (row 3)" in refusal(ledger(csv_file(text)))
    assert amounts(ledger(csv_file(f"単位：千円\n{text}"))) == ["1000"]


@pytest.mark.parametrize("total", ["合計", "小 計", "4月計", "累計", "次頁繰越"])
def test_a_total_among_the_lines_is_asked(ledger: Callable[..., TableImport], total: str) -> None:
    text = f"日付,科目名,金額,摘要\n2025/4/1,研究費,1,設計\n2025/4/30,研究費,1,{total}\n"
    table = ledger(csv_file(text))
    assert [(row, key) for row, key, said in problems(table) if "looks like a total" in said] == [
        (3, "description")
    ]


def test_a_comma_that_parts_an_amount_is_seen(ledger: Callable[..., TableImport]) -> None:
    table = ledger(csv_file("日付,科目名,金額,摘要\n2025/4/1,研究費,1,234,a\n2025/4/2,研究費,1,b\n"))
    assert [(row, "more cells than there are headings" in said) for row, _key, said in problems(table)] == [
        (2, True)
    ]


def test_side_notes_beyond_the_headings_are_no_parted_amount(ledger: Callable[..., TableImport]) -> None:
    table = ledger(
        csv_file("日付,科目名,金額,摘要\n2025/4/1,研究費,1234,a,確認済み\n2025/4/2,研究費,1,b,,12\n")
    )
    assert problems(table) == []
    assert amounts(table) == ["1234", "1"]


def test_headings_on_every_page_are_no_tables_of_their_own(ledger: Callable[..., TableImport]) -> None:
    table = ledger(saved(book(("明細", [LEDGER, LINE] * 30))))
    assert amounts(table) == ["1234"] * 30
    assert len(table.params["read"]["parts"]) == 1


def test_a_second_table_of_another_stage_is_named(statement: Callable[..., TableImport]) -> None:
    text = "科目名,決算額\n研究費,1\n\n科目名,予算額\n研究費,2\n"
    table = statement(csv_file(text))
    assert amounts(table) == ["1"]
    assert notes(table) == ["Further tables of another year or stage are not read: 1 (headings in row 4)"]


def test_rows_and_columns_that_are_not_read_are_named(ledger: Callable[..., TableImport]) -> None:
    text = "日付,科目名,金額,摘要,担当,\n2025/4/1,研究費,1,a,甲,乙\n,,,,丙,\n"
    table = ledger(csv_file(text))
    assert amounts(table) == ["1"]
    assert table.params["read"]["not_read"] == ["担当"]
    assert notes(table) == [
        "Rows with nothing under the headings that are read are left out: 1 (3)",
        "Columns without a heading are not read: F",
    ]


# -- Encodings, and tabs under title lines --


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("cp932", "Shift_JIS"),
        ("euc_jp", "EUC-JP"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("iso2022_jp", "ISO-2022-JP"),
    ],
)
@pytest.mark.parametrize("mark", [",", "\t"])
def test_tables_in_each_encoding_under_title_lines(
    ledger: Callable[..., TableImport], encoding: str, name: str, mark: str
) -> None:
    text = f"収支明細、その1, その2\n作成：会計課\n{mark.join(LEDGER)}\n{mark.join(map(str, LINE))}\n"
    table = ledger(csv_file(text, encoding=encoding))
    assert amounts(table) == ["1234"]
    assert table.params["read"]["encoding"] == name


def test_the_statement_of_a_new_draft_says_what_was_understood(
    log_in: LogIn, foundation_staff: User, center: Center, statement: Callable[..., TableImport]
) -> None:
    table = statement(csv_file(SIDE_BY_SIDE))
    page = log_in(foundation_staff).get(
        reverse("finance:import", kwargs={"center": center.code, "number": table.pk})
    )
    assert "予算額、差異" in page.content.decode()
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    assert Statement.objects.get().lines.get().amount == 600_536


def test_what_was_said_of_the_file_is_not_said_of_now(
    log_in: LogIn, foundation_staff: User, center: Center, statement: Callable[..., TableImport]
) -> None:
    table = statement(csv_file(SIDE_BY_SIDE))
    path = reverse("finance:import", kwargs={"center": center.code, "number": table.pk})
    client = log_in(foundation_staff)
    assert "反映前の確認事項" not in client.get(path).content.decode()
    importing.apply(table=table, by=foundation_staff, at=TODAY)
    page = client.get(path).content.decode()
    assert page.index("反映前の確認事項") < page.index("次の列は読み取りません") < page.index("予算額、差異")


@pytest.mark.parametrize(
    ("number_format", "heading", "kept"),
    [
        ("#,##0", "金額", 1_234_000),
        ('#,##0"千円"', "金額", 1_234),
        ('#,##0,"千円"', "金額", 1_234_000),
        ("#,##0,", "金額（千円）", 1_234_000),
        ("#,##0,;[Red]-#,##0,", "金額（千円）", 1_234_000),
        ("#,##0,", "金額", 1_234_000),
        ('#,##0"円"', "金額（千円）", 1_234_000),
        ("#,##0,,", "金額（百万円）", 1_234_000),
        ("¥#,##0", "金額", 1_234_000),
        ("#,##0千円", "金額", 1_234),
        ("[$千円]#,##0", "金額", 1_234),
        ("[$¥-411]#,##0,", "金額", 1_234_000),
    ],
)
def test_a_number_is_what_its_format_shows(
    ledger: Callable[..., TableImport], number_format: str, heading: str, kept: int
) -> None:
    """A workbook that keeps yen often shows thousands, and the heading above says so."""
    made = book(("明細", [["日付", "科目名", heading, "摘要"], ["2025/4/1", "研究費", kept, "a"]]))
    made[0]["明細"]["C2"].number_format = number_format
    table = ledger(saved(made))
    assert problems(table) == []
    assert amounts(table) == ["1234000"]


@pytest.mark.parametrize("number_format", ['"約"#,##0', '#,##0"円程度"', '"△"#,##0'])
def test_a_format_that_makes_another_number_of_it_is_refused(
    ledger: Callable[..., TableImport], number_format: str
) -> None:
    made = book(("明細", [LEDGER, ["2025/4/1", "研究費", 1234, "a"]]))
    made[0]["明細"]["C2"].number_format = number_format
    assert [(row, key) for row, key, _said in problems(ledger(saved(made)))] == [(2, "amount")]


def test_a_statement_in_thousands_that_keeps_yen(statement: Callable[..., TableImport]) -> None:
    made = book(("決算", [["科目名", "決算額（千円）"], ["研究費", 1_234_000]]))
    made[0]["決算"]["B2"].number_format = "#,##0,"
    assert amounts(statement(saved(made), unit="thousand")) == ["1234"]
