"""An import of ledger entries is undone: each of its entries is taken back, as one batch of reversals that name the import."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from finance.accounts import ledger_lock
from finance.ledger import actions
from finance.ledger.month_sums import MonthSums, limits_are_kept
from finance.ledger.posting import Books
from finance.models import Entry, Stage, Statement
from iconm_portal.display import template_tags
from iconm_portal.imports.specs import Undo
from iconm_portal.models import ReviewState, TableImport, User
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.many_rows import ManyRows
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed

AT_ONCE: Final = 2_000
NAMED: Final = 3


@dataclass(frozen=True)
class PreparedReversals:
    """The red lines of an import, ready to be put in."""

    lines: ManyRows
    sums: MonthSums


def entries_of(table: TableImport) -> QuerySet[Entry]:
    """What the import entered, without what took it back."""
    return Entry.objects.filter(imported=table, reverses=None)


def in_the_way(table: TableImport) -> list[str]:
    """A closed year, a settlement that both sides have by now, and entries that somebody took back by themselves."""
    years = set(entries_of(table).order_by().values_list("fiscal_year", flat=True).distinct())
    books = Books.load(table.center, today=clock.today())
    closed = [str(problem) for year in sorted(years) if (problem := books.problem_of_year(year))]
    return [*closed, *_settled(table, years), *_taken_back(table)]


def _settled(table: TableImport, years: set[FiscalYear]) -> list[str]:
    settlements = Statement.objects.filter(
        center=table.center_id, fiscal_year__in=years, stage=Stage.SETTLEMENT, state=ReviewState.ACCEPTED
    )
    settled = sorted(set(settlements.order_by().values_list("fiscal_year", flat=True)))
    if not settled:
        return []
    named = listed(template_tags.fiscal_year(year) for year in settled)
    return [
        _("The settlement of %(years)s is accepted and rests on these entries.") % {"years": named},
    ]


def _taken_back(table: TableImport) -> list[str]:
    reversed_by_hand = entries_of(table).filter(reversed_by__isnull=False).order_by("pk")
    numbers = list(reversed_by_hand.values_list("pk", flat=True)[:NAMED])
    if not numbers:
        return []
    count = reversed_by_hand.count()
    said = ngettext(
        "%(count)s entry was taken back already (no. %(numbers)s). Take the others back one by one.",
        "%(count)s entries were taken back already (such as no. %(numbers)s). Take the others back one by one.",
        count,
    )
    return [said % {"count": format_number(count), "numbers": ", ".join(map(str, numbers))}]


def prepare(table: TableImport, reason: str, by: User, at: datetime) -> PreparedReversals:
    """A red line for each entry."""
    lines, sums = ManyRows(Entry), MonthSums()
    for entry in entries_of(table).order_by("pk").iterator(chunk_size=AT_ONCE):
        red = actions.red_line(entry, reason, by, at, imported=table)
        lines.add(red)
        sums.add(red)
    return PreparedReversals(lines, sums)


def take_back(
    table: TableImport, prepared: PreparedReversals, reason: str, by: User, at: datetime
) -> Mapping[str, Any]:
    """Put them in. ValidationError for what rests on the entries by now, and where a limit is passed without a reduction."""
    ledger_lock.lock(table.center)
    if reasons := in_the_way(table):
        raise ValidationError(reasons)
    prepared.lines.insert_all()
    prepared.sums.write(table.center)
    limits_are_kept(Books.load(table.center, today=clock.day_of(at)), prepared.sums.risen())
    return {"count": len(prepared.lines)}


UNDO: Final = Undo(
    told=gettext_lazy(
        "Each entry is taken back by a reversal (red) under its own date; entries and reversals stay readable."
    ),
    in_the_way=in_the_way,
    prepare=prepare,
    take_back=take_back,
)
