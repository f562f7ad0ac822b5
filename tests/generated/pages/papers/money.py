"""Of the pack: 収支状況 (T2) and its データ: the settlements of all years, with nothing where nothing is recorded."""

from collections.abc import Iterator

from tests.generated.frame import REVENUE, SPENT_BELOW_RUNNING
from tests.generated.pages.money import ACCOUNTS
from tests.generated.pages.papers.book import Records, Sheet
from tests.generated.pages.words import day, number, year
from tests.generated.reckoned import Day
from tests.generated.reckoned_kpis import Kpis, quantity
from tests.generated.reckoned_money import Money, thousand

BALANCE, BALANCE_DATA = "収支状況", "データ_収支"
STAGES = {"budget": "予算", "supplementary": "補正", "forecast": "決算見込", "settlement": "決算"}
STAGE_OF = {word: stage for stage, word in STAGES.items()}


def faults(kpis: Kpis, money: Money, sheet: Sheet) -> Iterator[str]:
    """Every account and total by the settlement in force, and the occupancy above them."""
    if day(sheet.above[1].removesuffix("現在")) != money.day:
        yield f"known on {money.day}, not {sheet.above[1]}"
    of_columns = [year(head.partition("（")[0]) for head in sheet.heads[3:]]
    settled = money.settled_years
    if of_columns != list(range(settled[0], settled[-1] + 1)):
        yield f"settled are {settled}, and the columns {of_columns}"
    sums = iter(("revenue", "expenditure"))
    for row in sheet.rows:
        name = row[1].removeprefix("うち")
        if row[0] == "入居率":
            yield from _occupancy(kpis, name, of_columns, row[3:])
            continue
        code = "balance" if "収支差額" in name else ACCOUNTS.get(name) or next(sums)
        for of, said in zip(of_columns, row[3:], strict=True):
            yield from _cell(money, of, code, said)
    yield from _notes(sheet, of_columns)


def _cell(money: Money, of: int, code: str, said: str) -> Iterator[str]:
    yen = money.settled(of, code)
    is_no_account = code in SPENT_BELOW_RUNNING and of < 2022
    expected = "－" if is_no_account else ""
    if (yen is None and said != expected) or (
        yen is not None and (said in ("", "－") or number(said) != thousand(yen))
    ):
        yield f"{code} {of}: {yen} yen, not {said or 'nothing'}"


def _occupancy(kpis: Kpis, name: str, of_columns: list[int], cells: list[str]) -> Iterator[str]:
    """Of the plan that has it; a value that is not final is marked."""
    for of, said in zip(of_columns, cells, strict=True):
        key = ("third", "occupancy", of)
        if name == "目標":
            judged = kpis.target_judged(key)
            expected = quantity("occupancy", judged.value) if judged else ""
            is_marked = kpis.is_moved(key)
        else:
            held = kpis.held.get(key)
            expected = quantity("occupancy", int(held.value)) if held and held.is_number else ""
            is_marked = bool(expected) and not kpis.is_final(key)
        plain = said.partition("（")[0].partition("※")[0]
        if plain not in (expected, expected or "－") or is_marked != (plain != said):
            yield f"occupancy {name} {of}: {expected or 'nothing'}, not {said or 'nothing'}"


def _notes(sheet: Sheet, of_columns: list[int]) -> Iterator[str]:
    cells = [cell for row in sheet.rows for cell in row[3:]]
    turns = of_columns[0] < 2022 <= of_columns[-1]
    conditions = {
        "「－」はその年度に科目がないもの。": "－" in cells,
        "空欄は記録のないもの。": "" in cells,
        "運営費は令和4年度から施設管理と研究支援に分けた。": turns,
    }
    for note, holds in conditions.items():
        if (note in sheet.notes) != holds:
            yield f"{note} {'is not told' if holds else 'may not be said'}"


def data_faults(money: Money, rows: Records) -> Iterator[str]:
    """Each amount of each statement in force, budgets beside supplementary ones, and its totals."""
    then = Day(money.log, money.day)
    in_force = {(one.year, one.stage): one for one in then.statements().values()}
    for row in rows:
        stage, of, code = STAGE_OF.get(str(row["status"]), ""), int(row["fiscal_year"]), str(row["item_code"])
        statement = in_force.get((of, stage))
        if statement is None or row["value"] is None:
            continue  # what is no longer in force is history
        if code in statement.yen and row["value"] != thousand(statement.yen[code]):
            yield f"{code} {of} {stage}: {statement.yen[code]} yen, not {row['value']}"
    told = {
        (int(row["fiscal_year"]), STAGE_OF.get(str(row["status"]), ""), str(row["item_code"])) for row in rows
    }
    for (of, stage), statement in in_force.items():
        for code in statement.yen.keys() & set(REVENUE):
            if (of, stage, code) not in told:
                yield f"{code} {of} {stage} is not told"
