"""The committee pack: which tables go into the workbook, in which order."""

from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db import transaction

from agreements import fulfilment, support
from agreements import sheets as agreement_sheets
from agreements.fulfilment import Fulfilment
from agreements.support import Measure
from finance import balance as money
from finance import sheets as money_sheets
from finance.balance import Balance, Face
from iconm_portal.fiscal import FiscalYear
from iconm_portal.models import Center
from iconm_portal.sheets import Book
from kpi import scorecard, sheets
from kpi.money import rates
from kpi.scorecard import Board, Scorecard


@dataclass(frozen=True)
class Contents:
    """What a pack shows as of a day: targets of the newest plan known, achievement of the last plan begun, the balance,
    what the city grants, and the duties of the day's fiscal year. What a center has none of has no sheet."""

    board: Board
    targets: Scorecard
    achievement: Scorecard
    year: FiscalYear
    measures: tuple[Measure, ...]
    duties: tuple[Fulfilment, ...]
    balance: Balance


class NothingKnownError(Exception):
    """Nothing was known of the center's KPIs on that day."""


@transaction.atomic
def contents(center: Center, *, as_of: date) -> Contents:
    """Read the pack's data as known at the end of `as_of`. Raises NothingKnownError before the first known figure."""
    board = scorecard.load(center, known_at=as_of)
    achievement = board.current(as_of)
    if achievement is None:
        raise NothingKnownError(as_of)
    year = FiscalYear.of(as_of)
    return Contents(
        board,
        targets=board.plans[-1],
        achievement=achievement,
        year=year,
        measures=support.load(center, known_at=as_of),
        duties=fulfilment.load(center, year, known_at=as_of),
        balance=money.load(center, known_at=as_of),
    )


def build(pack: Contents) -> bytes:
    """The workbook. The same contents give the same bytes."""
    board = pack.board
    book = Book(title=f"{board.center.short_name} KPI", created=board.known_at)
    book.form_sheet(sheets.targets_sheet(board, pack.targets))
    book.form_sheet(sheets.achievement_sheet(board, pack.achievement))
    center, day = board.center, board.known_at
    if pack.balance.years_of(Face.SETTLEMENT):
        book.form_sheet(money_sheets.balance_sheet(pack.balance, rates(board)))
    if pack.measures:
        book.form_sheet(agreement_sheets.support_sheet(center, pack.measures, known_at=day))
    if pack.duties:
        book.form_sheet(agreement_sheets.duties_sheet(center, pack.year, pack.duties, known_at=day))
    book.data_sheet(sheets.targets_data(board, pack.targets))
    book.data_sheet(sheets.achievement_data(board, pack.achievement))
    if pack.balance.statements:
        book.data_sheet(money_sheets.balance_data(pack.balance))
    if pack.measures:
        book.data_sheet(agreement_sheets.support_data(center, pack.measures))
    if pack.duties:
        book.data_sheet(agreement_sheets.duties_data(center, pack.duties, known_at=day))
    plans = list(dict.fromkeys([pack.targets.code, pack.achievement.code]))
    book.form_sheet(
        sheets.definitions_sheet(
            board,
            [board.plan(code) for code in plans],
            more=chain(
                money_sheets.definitions(pack.balance),
                agreement_sheets.definitions(pack.measures, pack.duties),
            ),
        )
    )
    return book.to_bytes()


def file_name(pack: Contents) -> str:
    """iconm-kpi-2022-01-27.xlsx."""
    return f"{pack.board.center.code}-kpi-{pack.board.known_at.isoformat()}.xlsx"
