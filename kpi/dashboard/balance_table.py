"""T2 on screen: occupancy, revenue, expenditure and balance by fiscal year, drawn as ready rows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from finance.balance import texts as said
from finance.balance.balance import Absent, Amount, Balance, Cell, Face, Line, yen
from finance.balance.totals import Standing
from finance.models import TotalOf
from finance.models.accounts import IN_STATEMENT
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit
from kpi.indicators.occupancy import OccupancyOfYear
from kpi.plans import labels, texts
from kpi.plans.achievement import Certainty
from kpi.plans.addresses import Addresses
from kpi.plans.cells import joined
from kpi.plans.facts import ActualFact


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """A row: what it is called (data stay Japanese), how deep it stands, its finished cells."""

    name: str
    is_japanese: bool
    css: str
    cells: SafeString
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class BalanceGroup:
    """入居率, 収入, 支出, or the balance, which has no heading."""

    label: str
    rows: tuple[BalanceRow, ...]


@dataclass(frozen=True, slots=True)
class YearHeading:
    """A year with the address of its page and a word where it has no such statement."""

    label: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class BalanceTable:
    years: tuple[YearHeading, ...]
    columns: tuple[str, ...]  # below each year; empty where a year is one column
    groups: tuple[BalanceGroup, ...]

    @property
    def span(self) -> int:
        """How many columns a year takes."""
        return len(self.columns) or 1

    @property
    def width(self) -> int:
        return 1 + self.span * len(self.years)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn and how: the figures, the years, budget beside settlement or one statement, the unit, the links."""

    balance: Balance
    years: tuple[FiscalYear, ...]
    face: Face
    is_compared: bool
    unit: MoneyUnit
    to: Addresses

    @property
    def faces(self) -> tuple[Face, ...]:
        return (Face.BUDGET, Face.SETTLEMENT) if self.is_compared else (self.face,)


def balance_table(drawing: Drawing, occupancy: Mapping[FiscalYear, OccupancyOfYear]) -> BalanceTable:
    """The rows of T2 for the years; occupancy first, where the plans have any."""
    columns = (
        (
            _("Budget"),
            pgettext("stage of a statement", "settlement"),
            _("Difference"),
            _("Rate of the budget"),
        )
        if drawing.is_compared
        else ()
    )
    groups = [*_occupancy_group(drawing, occupancy), *_money_groups(drawing)]
    return BalanceTable(
        tuple(_heading(drawing, year) for year in drawing.years), tuple(map(str, columns)), tuple(groups)
    )


def _heading(drawing: Drawing, year: FiscalYear) -> YearHeading:
    has_any = any(drawing.balance.statement(year, face) for face in drawing.faces)
    return YearHeading(
        texts.year_short(year), drawing.to.balance_year(year), "" if has_any else _("not recorded")
    )


# -- Occupancy --


def _occupancy_group(
    drawing: Drawing, occupancy: Mapping[FiscalYear, OccupancyOfYear]
) -> Iterator[BalanceGroup]:
    found = [occupancy.get(year) for year in drawing.years]
    named = next((one for one in found if one), None)
    if named is None:
        return
    span = ' colspan="4"' if drawing.is_compared else ""
    targets = BalanceRow(_("Target"), False, "", joined([_target(one, span) for one in found]))
    actuals = BalanceRow(_("Actual"), False, "", joined([_actual(drawing, one, span) for one in found]))
    yield BalanceGroup(named.indicator.name, (targets, actuals))


def _target(one: OccupancyOfYear | None, span: str) -> str:
    if one is None:
        return f'<td class="num"{span}></td>'
    now = texts.moved_target(one.indicator, one.cell)
    note = f'<span class="sub">{escape(now)}</span>' if now else ""
    return f'<td class="num"{span}>{escape(texts.target(one.indicator, one.cell))}{note}</td>'


def _what_it_speaks_of(one: OccupancyOfYear, actual: ActualFact) -> str:
    """How certain it is, and of which day where that is within the year; nothing of the year's final value."""
    if actual.as_of != one.cell.year.last_day:
        return texts.as_of(actual)
    return "" if actual.certainty is Certainty.FINAL else str(labels.CERTAINTY[actual.certainty])


def _actual(drawing: Drawing, one: OccupancyOfYear | None, span: str) -> str:
    actual = one.actual if one else None
    if one is None or actual is None or actual.value is None:
        absent = _("not reported") if actual is None or not actual.not_applicable else said.NOT_APPLICABLE
        return f'<td class="num quiet"{span}>{escape(absent) if one else ""}</td>'
    url = escape(drawing.to.indicator(one.plan, one.row))
    text = escape(texts.value(one.indicator, one.cell))
    said_of_it = _what_it_speaks_of(one, actual)
    note = f'<span class="sub">{escape(said_of_it)}</span>' if said_of_it else ""
    return f'<td class="num"{span}><a class="figure-link" href="{url}">{text}</a>{note}</td>'


# -- Money --


def _money_groups(drawing: Drawing) -> Iterator[BalanceGroup]:
    lines = drawing.balance.lines(drawing.years, drawing.faces)
    for side in IN_STATEMENT:
        of_side = [line for line in lines if line.side == side]
        yield BalanceGroup(str(side.label), tuple(_rows(drawing, of_side)))
    yield BalanceGroup("", tuple(_rows(drawing, [line for line in lines if line.side is None])))


def _rows(drawing: Drawing, lines: Iterable[Line]) -> Iterator[BalanceRow]:
    group = None
    for line in lines:
        if line.group is not group and line.group is not None:
            blank = format_html(
                '<td colspan="{}"></td>', len(drawing.years) * (4 if drawing.is_compared else 1)
            )
            yield BalanceRow(line.group.name, True, f"depth-{line.depth} shared", blank)
        group = line.group
        depth = line.depth + (group is not None)
        css = "total" if line.is_total else f"depth-{min(depth, 3)}"
        yield BalanceRow(row_name(line), not line.is_total, css, _cells(drawing, line))


def row_name(line: Line) -> str:
    if line.account is None:
        return (
            str(TotalOf.BALANCE.label) if line.of is TotalOf.BALANCE else pgettext("sum of a side", "Total")
        )
    return _("of which %(account)s") % {"account": line.account.name} if line.is_part else line.account.name


def _cells(drawing: Drawing, line: Line) -> SafeString:
    anchor = f"#{line.account.code}" if line.account else f"#{line.of}"
    cells: list[str] = []
    for year in drawing.years:
        url = escape(drawing.to.balance_year(year) + anchor)
        figures = [drawing.balance.of_line(line, year, face) for face in drawing.faces]
        cells += [_figure(drawing, figure, url) for figure in figures]
        if drawing.is_compared:
            cells += _comparison(drawing, *figures, with_rate=line.of is not TotalOf.BALANCE)
    return joined(cells)


def _figure(drawing: Drawing, cell: Cell, url: str) -> str:
    if not isinstance(cell, Amount):
        word = said.NOT_APPLICABLE if cell is Absent.NOT_APPLICABLE else ""
        return f'<td class="num quiet">{word}</td>'
    wrong = _("does not agree with its parts") if cell.standing is Standing.WRONG else ""
    mark = f' <span class="warning" title="{escape(wrong)}">!</span>' if wrong else ""
    return f'<td class="num"><a class="figure-link" href="{url}">{said.figure(cell.yen, drawing.unit)}</a>{mark}</td>'


def _comparison(drawing: Drawing, budget: Cell, settled: Cell, *, with_rate: bool) -> list[str]:
    """Settlement less budget, and the execution rate; both empty unless both sides are recorded."""
    planned, spent = yen(budget), yen(settled)
    difference = "" if planned is None or spent is None else said.figure(spent - planned, drawing.unit)
    rate = said.rate_text(planned, spent, drawing.unit) if with_rate else ""
    return [f'<td class="num">{difference}</td>', f'<td class="num rate">{rate}</td>']
