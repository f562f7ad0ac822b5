"""The committee pack: which tables go into the workbook, in which order."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from iconm_portal.models import Center
from iconm_portal.sheets import Book
from kpi import scorecard, sheets
from kpi.scorecard import Board, Scorecard


@dataclass(frozen=True)
class Contents:
    """What a pack shows as of a day: targets of the newest plan known, achievement of the last plan begun."""

    board: Board
    targets: Scorecard
    achievement: Scorecard


class NothingKnownError(Exception):
    """Nothing was known of the center's KPIs on that day."""


@transaction.atomic
def contents(center: Center, *, as_of: date) -> Contents:
    """Read the pack's data as known at the end of `as_of`. Raises NothingKnownError before the first known figure."""
    board = scorecard.load(center, known_at=as_of)
    achievement = board.current(as_of)
    if achievement is None:
        raise NothingKnownError(as_of)
    return Contents(board, targets=board.plans[-1], achievement=achievement)


def build(pack: Contents) -> bytes:
    """The workbook. The same contents give the same bytes."""
    board = pack.board
    book = Book(title=f"{board.center.short_name} KPI", created=board.known_at)
    book.form_sheet(sheets.targets_sheet(board, pack.targets))
    book.form_sheet(sheets.achievement_sheet(board, pack.achievement))
    book.data_sheet(sheets.targets_data(board, pack.targets))
    book.data_sheet(sheets.achievement_data(board, pack.achievement))
    plans = list(dict.fromkeys([pack.targets.code, pack.achievement.code]))
    book.form_sheet(sheets.definitions_sheet(board, [board.plan(code) for code in plans]))
    return book.to_bytes()


def file_name(pack: Contents) -> str:
    """iconm-kpi-2022-01-27.xlsx."""
    return f"{pack.board.center.code}-kpi-{pack.board.known_at.isoformat()}.xlsx"
