"""Writing the ledger: posting a line, posting many, and correcting by reversal (赤黒). Nothing is ever changed.

The monthly sums are written in the transaction of the lines themselves.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from finance.accounts import ledger_lock
from finance.ledger.month_sums import MonthSums, limits_are_kept
from finance.ledger.posting import Books, NewEntry
from finance.models import Entry
from iconm_portal.display import template_tags
from iconm_portal.history import history
from iconm_portal.imports.specs import Outdated
from iconm_portal.models import Center, TableImport, User
from iconm_portal.people.access import Right, require
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.many_rows import ManyRows
from iconm_portal.values.written.letters import folded

LONGEST_REASON: Final = 300


@transaction.atomic
def post(*, center: Center, new: NewEntry, by: User, at: datetime) -> Entry:
    """Append a line. ValidationError, by field, for what `Books.problems` finds and for a limit passed by the year's sum."""
    require(by, center, Right.KEEP)
    ledger_lock.lock(center)
    known = Books.load(center, today=clock.day_of(at))
    _refuse_problems(known, new)
    entry = _line(center, new, by, at)
    _append(known, entry)
    history.record(by=by, action="entry.post", subject=entry, center=center, after=_as_history(entry))
    return entry


@dataclass(frozen=True)
class PreparedLines:
    """Lines that can be posted as long as the books are as they were, ready to be put in."""

    known: Books
    lines: ManyRows
    sums: MonthSums
    imported: TableImport | None


def prepare(
    *,
    center: Center,
    rows: Iterable[NewEntry],
    by: User,
    at: datetime,
    imported: TableImport | None = None,
) -> PreparedLines:
    """Make many lines ready without writing anything, so that the transaction that puts them in is short.

    ValidationError names the first row that cannot be posted (counted from 1).
    """
    known, lines, sums = Books.load(center, today=clock.day_of(at)), ManyRows(Entry), MonthSums()
    for number, new in enumerate(rows, start=1):
        for problem in known.problems(new).values():
            raise ValidationError(
                _("Row %(row)s: %(problem)s"), params={"row": number, "problem": str(problem)}
            )
        line = _line(center, new, by, at, imported=imported)
        lines.add(line)
        sums.add(line)
    return PreparedLines(known, lines, sums, imported)


@transaction.atomic
def post_prepared(prepared: PreparedLines, *, by: User) -> int:
    """Append the lines, all or none; says how many.

    Outdated where accounts or closed years are no longer as they were: prepare them again. ValidationError for the limit that
    all of them pass.
    """
    center = prepared.known.center
    require(by, center, Right.KEEP)
    ledger_lock.lock(center)
    if not Books.load(center, today=prepared.known.today).is_same(prepared.known):
        raise Outdated
    prepared.lines.insert_all()
    prepared.sums.write(center)
    limits_are_kept(prepared.known, prepared.sums.risen())
    history.record(
        by=by,
        action="entry.post_many",
        subject=prepared.imported or _Ledger(center),
        center=center,
        after={"count": len(prepared.lines)},
    )
    return len(prepared.lines)


@transaction.atomic
def post_many(*, center: Center, rows: Iterable[NewEntry], by: User, at: datetime) -> int:
    """Append many lines, all or none; says how many.

    ValidationError names the first row that cannot be posted (counted from 1), or the limit that all of them pass.
    """
    require(by, center, Right.KEEP)
    ledger_lock.lock(center)
    return post_prepared(prepare(center=center, rows=rows, by=by, at=at), by=by)


@transaction.atomic
def reverse(*, entry: Entry, reason: str, by: User, at: datetime) -> Entry:
    """Append the red line that takes the entry back, under the entry's own date, so that its month is right again.

    ValidationError where it is a reversal itself, was reversed already, its year is closed, or no reason is given.
    """
    require(by, entry.center, Right.KEEP)
    ledger_lock.lock(entry.center)
    known = Books.load(entry.center, today=clock.day_of(at))
    red = _red(known, entry, reason, by, at)
    _append(known, red)
    history.record(
        by=by,
        action="entry.reverse",
        subject=entry,
        center=entry.center,
        after={"reverses": entry.pk, "amount": red.amount},
        reason=red.reason,
    )
    return red


@transaction.atomic
def correct(*, entry: Entry, new: NewEntry, reason: str, by: User, at: datetime) -> Entry:
    """Take the entry back and write it anew (赤 and 黒) in one step; gives the black line.

    ValidationError as for `reverse` and `post`, and where nothing would change.
    """
    require(by, entry.center, Right.KEEP)
    ledger_lock.lock(entry.center)
    known = Books.load(entry.center, today=clock.day_of(at))
    red = _red(known, entry, reason, by, at)
    _refuse_problems(known, new)
    black = _line(entry.center, new, by, at, corrects=entry, reason=red.reason)
    before, after = history.changed(_as_history(entry), _as_history(black))
    if not before and not after:
        raise ValidationError(_("Nothing differs from the entry as it is."))
    _append(known, red, black)
    history.record(
        by=by,
        action="entry.correct_entry",
        subject=entry,
        center=entry.center,
        before=before,
        after=after | {"corrected_by": black.pk},
        reason=black.reason,
    )
    return black


# -- Lines --


def _line(center: Center, new: NewEntry, by: User, at: datetime, **more: Any) -> Entry:
    texts = {name: getattr(new, name).strip() for name in ("counterparty", "description", "voucher")}
    return Entry(
        center=center,
        fiscal_year=FiscalYear.of(new.date),
        date=new.date,
        account=new.account,
        part=new.part,
        amount=new.amount,
        recorded_at=at,
        recorded_by=by,
        **texts,
        search_text=searched(**texts),
        **more,
    )


def searched(*, counterparty: str, description: str, voucher: str) -> str:
    """What a search in the ledger looks into."""
    return "\n".join(folded(text) for text in (counterparty, description, voucher))


def _red(known: Books, entry: Entry, reason: str, by: User, at: datetime) -> Entry:
    _can_be_reversed(known, entry, reason.strip())
    return red_line(entry, reason.strip(), by, at)


_KEPT = ("center_id", "fiscal_year", "date", "account_id", "part_id")
_KEPT_TEXTS = ("counterparty", "description", "voucher", "search_text")


def red_line(
    entry: Entry, reason: str, by: User, at: datetime, *, imported: TableImport | None = None
) -> Entry:
    """What takes the entry back, not yet saved; nothing is checked here."""
    return Entry(
        **{name: getattr(entry, name) for name in (*_KEPT, *_KEPT_TEXTS)},
        amount=-entry.amount,
        reverses=entry,
        reason=reason,
        imported=imported,
        recorded_at=at,
        recorded_by=by,
    )


def _can_be_reversed(known: Books, entry: Entry, reason: str) -> None:
    if entry.reverses_id is not None:
        raise ValidationError(_("This is a reversal itself. Write the entry anew instead of reversing it."))
    earlier = Entry.objects.filter(reverses=entry).select_related("recorded_by").first()
    if earlier is not None:
        raise ValidationError(
            _("%(person)s reversed this entry already, on %(time)s. Nothing was done now.")
            % {
                "person": earlier.recorded_by.name if earlier.recorded_by else earlier.source,
                "time": template_tags.era_time(earlier.recorded_at),
            }
        )
    if (problem := known.problem_of_year(entry.fiscal_year)) is not None:
        raise ValidationError(str(problem))
    if not reason:
        raise ValidationError({"reason": _("Say why the entry is reversed or corrected.")})
    if len(reason) > LONGEST_REASON:
        raise ValidationError({"reason": _("At most %(letters)s characters.") % {"letters": LONGEST_REASON}})


def _append(known: Books, *lines: Entry) -> None:
    """Put them in, in this order. A limit is asked of what they come to together: a red line alone may pass it."""
    sums = MonthSums()
    for line in lines:
        line.save(force_insert=True)
        sums.add(line)
    sums.write(known.center)
    limits_are_kept(known, sums.risen())


def _refuse_problems(known: Books, new: NewEntry) -> None:
    if found := known.problems(new):
        raise ValidationError({field: [str(problem)] for field, problem in found.items()})


def _as_history(entry: Entry) -> dict[str, Any]:
    return {
        "date": entry.date,
        "account": entry.account.name,
        "part": entry.part.name if entry.part else None,
        "amount": entry.amount,
        "counterparty": entry.counterparty,
        "description": entry.description,
        "voucher": entry.voucher,
    }


@dataclass(frozen=True)
class _Ledger:
    """The subject of an event about many lines that come from no import."""

    center: Center

    def history_key(self) -> str:
        return f"finance.ledger/{self.center.code}"

    def history_label(self) -> str:
        return "収支明細"
