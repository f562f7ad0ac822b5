"""The balance → worksheets: T2 to read and print, and the same in long form. Pure, no queries.

Packs are in Japanese whatever the reader's language, so the printed words stand here and not in the catalogue.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import assert_never

from finance.balance.balance import Absent, Amount, Balance, Cell, Face, Line, StatementFacts
from finance.balance.totals import Standing
from finance.models import Side, Stage, TotalOf
from iconm_portal.display.sheets import (
    NOT_APPLICABLE,
    ChartSeries,
    DataSheet,
    FormCell,
    FormChart,
    FormSheet,
    LongRow,
    axis_format,
    long_form,
    number_format,
)
from iconm_portal.values.fiscal import FiscalYear, era_date, span_of_years
from iconm_portal.values.money import MoneyUnit, Rounding, format_number, in_unit

BALANCE_SHEET = "収支状況"
BALANCE_DATA = "データ_収支"
UNIT = "千円"
# Deposits stand in no statement, and a sum of an account is called after its account: neither heads a line of these sheets.
SIDE = {Side.REVENUE: "収入", Side.EXPENDITURE: "支出", Side.DEPOSIT_RECEIVED: "", Side.DEPOSIT_REPAID: ""}
TOTAL = {
    TotalOf.REVENUE: "収入合計",
    TotalOf.EXPENDITURE: "支出合計",
    TotalOf.BALANCE: "当期収支差額",
    TotalOf.ACCOUNT: "",
}

STAGE = {
    Stage.BUDGET: "予算",
    Stage.SUPPLEMENTARY: "補正",
    Stage.FORECAST: "決算見込",
    Stage.SETTLEMENT: "決算",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """The occupancy of a year as T2 prints it, in percent. `behind`: what follows the target's unit (以上); `mark`: what follows
    an actual that is not the whole year's final one (（見込）)."""

    target: Decimal | None
    actual: Decimal | None
    behind: str = ""
    mark: str = ""


NO_RATE = Rate(None, None)


Rates = Mapping[FiscalYear, Rate]


# -- 収支状況 --


def balance_sheet(balance: Balance, rates: Rates) -> FormSheet:
    """T2: occupancy, revenue and expenditure by account with their totals, and the balance, for every settled year."""
    years = balance.years_of(Face.SETTLEMENT)
    years = FiscalYear.range(years[0], years[-1])
    lines = balance.lines(years, (Face.SETTLEMENT,))
    body = [*_rate_rows(years, rates)]
    above = len(body)
    body += _money_rows(balance, lines, years)
    headings = [FormCell("科目", "heading", colspan=3)]
    return FormSheet(
        name=BALANCE_SHEET,
        title=f"{balance.center.name}　{BALANCE_SHEET}",
        subtitle=f"{era_date(balance.known_at)}現在",
        unit_line=f"（単位：{UNIT}）",
        widths=[10, 14, 28, *([15] * len(years))],
        heading=[[*headings, *(FormCell(f"{year.wareki}（{year.start}）", "heading") for year in years)]],
        body=body,
        notes=[f"※ {note}" for note in _notes(balance, years, lines)],
        freeze_columns=3,
        chart=_chart(lines, above),
    )


def _rate_rows(years: Sequence[FiscalYear], rates: Rates) -> Iterator[list[FormCell]]:
    if not any(year in rates for year in years):
        return
    found = [rates.get(year, NO_RATE) for year in years]
    for name, cells in (
        ("目標", [_rate_cell(one.target, one.behind) for one in found]),
        ("実績", [_rate_cell(one.actual, one.mark) for one in found]),
    ):
        head = [FormCell("入居率", "label", rowspan=2)] if name == "目標" else []
        yield [*head, FormCell(name, "label", colspan=2), *cells]


def _rate_cell(value: Decimal | None, behind: str = "") -> FormCell:
    if value is None:
        return FormCell(None, "blank")
    exponent = value.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return FormCell(value, "number", number_format("%", decimals, behind))


def _money_rows(
    balance: Balance, lines: Sequence[Line], years: Sequence[FiscalYear]
) -> Iterator[list[FormCell]]:
    """A side's name beside its rows, the shared header of a group beside the group's, parts of a sum set in."""
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else None
        figures = [_cell(balance.of_line(line, year, Face.SETTLEMENT), bold=line.is_total) for year in years]
        if line.side is None:
            yield [FormCell(TOTAL[TotalOf.BALANCE], "label", colspan=3, bold=True), *figures]
            continue
        cells = []
        if before is None or before.side is not line.side:
            cells.append(FormCell(SIDE[line.side], "label", rowspan=_run(lines, number, "side")))
        if line.account is None:
            cells.append(FormCell("合計", "label", colspan=2, bold=True))
        elif line.group is None:
            cells.append(FormCell(_indented(line), "label", colspan=2))
        else:
            if before is None or before.group is not line.group:
                cells.append(FormCell(line.group.name, "label", rowspan=_run(lines, number, "group")))
            cells.append(FormCell(_indented(line), "label"))
        yield [*cells, *figures]


def _run(lines: Sequence[Line], first: int, name: str) -> int:
    """How many rows from the first on share its side or group."""
    shared = getattr(lines[first], name)
    following = lines[first:]
    return next(
        (number for number, line in enumerate(following) if getattr(line, name) is not shared), len(following)
    )


def _indented(line: Line) -> str:
    name = line.account.name if line.account else ""
    return "　" * line.depth + (f"うち{name}" if line.is_part else name)


def _cell(cell: Cell, *, bold: bool) -> FormCell:
    """千円, so that whoever copies a cell takes what it shows; 「－」 where the account does not hold; blank where nothing is
    recorded. 0 is 0.
    """
    match cell:
        case Absent.NOT_APPLICABLE:
            return FormCell(NOT_APPLICABLE, "text", align="right")
        case Absent.BLANK:
            return FormCell(None, "blank")
        case Amount():
            shown = in_unit(cell.yen, MoneyUnit.THOUSAND, Rounding.HALF_UP)
            return FormCell(shown, "number", number_format(), bold=bold)
        case _:
            assert_never(cell)


def _notes(balance: Balance, years: Sequence[FiscalYear], lines: Sequence[Line]) -> Iterator[str]:
    statements = [found for year in years if (found := balance.statement(year, Face.SETTLEMENT))]
    cells = [balance.of_line(line, year, Face.SETTLEMENT) for line in lines for year in years]
    if Absent.NOT_APPLICABLE in cells:
        yield "「－」はその年度に科目がないもの。"
    if Absent.BLANK in cells:
        yield "空欄は記録のないもの。"
    for line in lines:
        if line.account is not None:
            yield from _account_notes(balance, line, years)
    if balance.has_deposits:
        yield "入居者から預かる保証金の受払いは含まない。"
    rounded = _years_with(balance, statements, Standing.ROUNDING)
    if rounded:
        yield f"金額はそれぞれ{UNIT}未満を四捨五入しているため、内訳の計と合計が一致しない年度がある（{rounded}）。"
    wrong = _years_with(balance, statements, Standing.WRONG)
    if wrong:
        yield f"合計が内訳の計と一致していない年度がある（{wrong}）。端数処理では説明できない。"


def _years_with(balance: Balance, statements: Iterable[StatementFacts], standing: Standing) -> str:
    return "・".join(
        statement.year.wareki
        for statement in statements
        if any(check.standing is standing for check in balance.checks(statement))
    )


def _account_notes(balance: Balance, line: Line, years: Sequence[FiscalYear]) -> Iterator[str]:
    """An account that turns into a sum within the years, or a contribution that begins within them."""
    account = line.account
    holds = [year for year in years if account and account.is_valid_in(year)]
    if account is None or not holds:
        return
    sums = [year for year in holds if balance.tree(year).is_sum(account)]
    if sums and len(sums) < len(holds):
        parts = "と".join(one.name for one in balance.tree(sums[0]).below(account))
        yield f"{account.name}は{sums[0].wareki}から{parts}に分けた。"
    elif account.measure_id is not None and holds[0] != years[0]:
        yield f"{account.name}は{holds[0].wareki}から。"


def _chart(lines: Sequence[Line], above: int) -> FormChart:
    """Revenue stacked by account; total expenditure and the balance of the year as lines."""
    rows = list(enumerate(lines, above))
    revenue = [
        ChartSeries(f"{line.group.name} {line.account.name}" if line.group else line.account.name, row)
        for row, line in rows
        if line.side is Side.REVENUE and line.account is not None and not line.depth
    ]
    lines_of = [
        ChartSeries(TOTAL[line.of], row)
        for row, line in rows
        if line.account is None and line.of is not TotalOf.REVENUE
    ]
    return FormChart(
        title=f"収入の内訳と支出合計・当期収支差額（{UNIT}）",
        first_column=3,
        bars=revenue,
        lines=lines_of,
        number_format=axis_format("#,##0"),
    )


# -- データ_収支 --


def balance_data(balance: Balance) -> DataSheet:
    """Every statement in force in long form, in 千円: its lines, 「－」, and its printed totals as rows of their own."""
    return long_form(BALANCE_DATA, _long_rows(balance))


def _long_rows(balance: Balance) -> Iterator[LongRow]:
    order = list(Stage)
    in_layout = {line.account for line in balance.lines(balance.years, Face)}
    for (year, stage), statement in sorted(
        balance.statements.items(), key=lambda item: (item[0][0], order.index(item[0][1]))
    ):
        make = _Rows(balance, year, stage, statement)
        for account in balance.accounts:
            if not account.side.is_in_statement:
                continue
            if account.pk in statement.lines:
                note = statement.line_notes.get(account.pk, "")
                if account.within_id is not None:
                    note = "；".join(filter(None, ["内数", note]))
                yield make.row(account.code, account.name, statement.lines[account.pk], note)
            elif account in in_layout and not account.is_valid_in(year):
                yield make.row(account.code, account.name, None, "該当なし（－）")
        for check in balance.checks(statement):
            if check.printed is None:
                continue
            code = check.account.code if check.account else str(check.of)
            name = f"{check.account.name}（計）" if check.account else TOTAL[check.of]
            yield make.row(code, name, check.printed, _total_note(check.computed, check.standing))


def _total_note(computed: int | None, standing: Standing) -> str:
    """How the printed total stands to its parts, with what they come to where it differs."""
    match standing:
        case Standing.EQUAL | Standing.NOT_PRINTED:
            return "合計（記載値）"
        case Standing.ROUNDING:
            why = "端数処理による差"
        case Standing.WRONG:
            why = "端数処理では説明できない差"
        case _:
            assert_never(standing)
    if computed is None:
        return "合計（記載値）"
    return f"合計（記載値）；内訳の計 {format_number(_thousands(computed))}、{why}"


def supplement_name(statement: StatementFacts) -> str:
    """第2号補正; empty for the other stages."""
    return f"第{statement.supplement}号補正" if statement.supplement else ""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Makes the rows of one statement."""

    balance: Balance
    year: FiscalYear
    stage: Stage
    statement: StatementFacts

    def row(self, code: str, name: str, amount: int | None, note: str) -> LongRow:
        number = supplement_name(self.statement)
        return LongRow(
            fiscal_year=self.year.start,
            fiscal_year_wareki=self.year.wareki,
            facility_code=self.balance.center.code,
            plan_code="",
            item_code=code,
            item_name=name,
            value=None if amount is None else _thousands(amount),
            unit=UNIT,
            status=STAGE[self.stage],
            as_of=self._as_of,
            note="；".join(filter(None, [number, note])),
        )

    @property
    def _as_of(self) -> date | None:
        """A settlement speaks of the year's last day; budgets and forecasts of no day."""
        return self.year.last_day if self.stage is Stage.SETTLEMENT else None


def _thousands(amount: int) -> Decimal:
    """In 千円, exactly: yen below it stay as decimals."""
    return in_unit(amount, MoneyUnit.THOUSAND, Rounding.HALF_UP, 0 if amount % 1000 == 0 else 3)


def definitions(balance: Balance) -> Iterator[tuple[str, str, str, str]]:
    """The rows of コード・定義: what the codes and words of データ_収支 stand for."""
    if not balance.statements:
        return
    for account in balance.accounts:
        if account.side.is_in_statement:
            last = account.last_year.wareki if account.last_year else ""
            yield (
                "item_code",
                account.code,
                account.name,
                f"{SIDE[account.side]}の科目、{span_of_years(account.first_year.wareki, last)}",
            )
    for of, name in TOTAL.items():
        if name:
            yield ("item_code", of.value, name, "予算書・決算書に記載された合計")
    for stage, word in STAGE.items():
        yield ("status", word, word, f"{BALANCE_DATA}：{_STAGE_WORDS[stage]}")


_STAGE_WORDS = {
    Stage.BUDGET: "財団が決定した当初の収支予算（千円）",
    Stage.SUPPLEMENTARY: "補正後の収支予算（千円）。年度の全体を改めて記載する。その時点で最も新しい号で、備考に号数を示す",
    Stage.FORECAST: "決算の見込み（千円）",
    Stage.SETTLEMENT: "収支決算（千円）。as_of は年度の末日",
}
