"""Ledger entries from a table: each row is held against the accounts, the closed years and the ledger itself."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from finance.accounts.account_lookup import AMOUNT_HEADINGS, CODE, NAME, AccountFinder
from finance.ledger import actions
from finance.ledger.actions import PreparedLines
from finance.ledger.imports import undoing
from finance.ledger.posting import LONGEST, MOST_YEN, Books, NewEntry
from finance.models import Account, Entry, Side
from iconm_portal.display import template_tags
from iconm_portal.imports.cell_values import Day, Number, Text
from iconm_portal.imports.reading.asides import RunningSums, held_against, sum_word
from iconm_portal.imports.reading.chosen import Chosen
from iconm_portal.imports.reading.figure_years import FigureStage
from iconm_portal.imports.reading.tables import OF_SHEET, Column
from iconm_portal.imports.specs import SUM, Description, ReadRow, Spec, register
from iconm_portal.models import ImportState, TableImport, User
from iconm_portal.people.access import Right
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed
from iconm_portal.values.written.letters import folded

ZERO: Final = gettext_noop("The amount is 0, so there is nothing to enter.")
TOO_MUCH: Final = gettext_noop("Up to this row the amounts come to more than %(most)s yen. Check them.")
IN_LEDGER: Final = gettext_noop("The ledger has this very line already: no. %(number)s, entered on %(day)s.")
LIKE_A_TOTAL: Final = gettext_noop(
    "“%(found)s” looks like a total of other rows. It would be entered as a line."
)
IN_TABLE: Final = gettext_noop("Row %(row)s says the very same, under the same voucher number.")

_Key = tuple[date, int, int, int, str, str, str]
"""All that a line says: date, account, part (0 for none), yen, counterparty, description, voucher. Less is a likeness:
two fares on one day."""


class EntryChecker:
    """Two queries for the whole table, and one for each chunk of rows."""

    def __init__(self, table: TableImport, today: date) -> None:
        self._center = table.center
        self._books = Books.load(table.center, today=today)
        self._accounts = AccountFinder(self._books.accounts.values())
        self._warns = table.state == ImportState.READING  # warnings are for whoever decides
        self._met: Counter[int] = Counter()  # how often each line stood in the table; by hash, as below
        self._seen: dict[int, int] = {}  # the hash of a key → its first row: 100,000 keys would be large
        self._sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
        self._reductions = [0, 0]
        self._total = 0
        self._running = RunningSums()

    def check(self, rows: Sequence[ReadRow]) -> None:
        """What cannot be posted is an error; what seems to be there already, a warning."""
        for row in rows:
            if row.get(SUM):
                self._leave_out(row)
                continue
            self._understand(row)
            entry: NewEntry | None = row.resolved
            self._running.add(entry.amount if entry else None, *self._groups(row, entry))
        sound = [(row, _key(row.resolved)) for row in rows if row.resolved is not None]
        there = self._in_ledger([key for _row, key in sound])
        for row, key in sound:
            self._count(row)
            if self._warns and sum_word(row.get("description")):
                row.warn("description", LIKE_A_TOTAL, found=row.get("description"))
            self._look_for_twins(row, key, there)

    def summary(self) -> dict[str, Any]:
        """Entries and yen, by fiscal year and side; how many of all entries are negative, and what these come to."""
        return {
            "groups": [[year, side, *sums] for (year, side), sums in sorted(self._sums.items())],
            "reductions": self._reductions,
        }

    def _understand(self, row: ReadRow) -> None:
        self._check_amount(row)
        if not row.is_sound("date") or not row.get("date"):
            return
        day = date.fromisoformat(row.get("date"))
        year = FiscalYear.of(day)
        if (problem := self._books.problem_of_date(day)) is not None:
            row.error("date", problem.message, **problem.params)
        found = self._accounts.find(row, year)
        if found is None:
            return
        account, part = self._whole_and_part(found)
        for problem in self._books.problems_of_account(account, part, year).values():
            row.error(_column(row), problem.message, **problem.params)
        if row.is_sound():
            row.resolved = NewEntry(
                date=day,
                account=account,
                part=part,
                amount=int(row.get("amount")),
                counterparty=row.get("counterparty"),
                description=row.get("description"),
                voucher=row.get("voucher"),
            )

    def _leave_out(self, row: ReadRow) -> None:
        row.is_left_out = True
        amount = int(row.get("amount")) if row.get("amount") else None
        message, params = held_against(self._running, row.get(SUM), amount)
        if self._warns:
            row.warn("amount", message, **params)

    @staticmethod
    def _groups(row: ReadRow, entry: NewEntry | None) -> list[str]:
        """What a row of sums may be of: a sheet, a side, a month."""
        if entry is None:
            return []
        return [f"sheet {row.number // OF_SHEET}", str(entry.account.side), f"{entry.date:%Y-%m}"]

    def _check_amount(self, row: ReadRow) -> None:
        if not row.is_sound("amount") or not row.get("amount"):
            return
        amount = int(row.get("amount"))
        if amount == 0:
            row.error("amount", ZERO)
        self._total += abs(amount)
        if self._total > MOST_YEN:
            row.error("amount", TOO_MUCH, most={"number": MOST_YEN})

    def _whole_and_part(self, account: Account) -> tuple[Account, Account | None]:
        """内数 are entered on the account that they are a part of, and told apart there."""
        if account.within_id is None:
            return account, None
        return self._books.accounts[account.within_id], account

    def _in_ledger(self, keys: Sequence[_Key]) -> dict[_Key, list[tuple[int, date]]]:
        """Which of these the ledger has, reversed ones and reversals apart: their numbers, and when they were entered."""
        found: dict[_Key, list[tuple[int, date]]] = defaultdict(list)
        if not keys:
            return found
        there = Entry.objects.filter(
            center=self._center,
            fiscal_year__in={FiscalYear.of(key[0]).start for key in keys},
            date__in={key[0] for key in keys},
            amount__in={key[3] for key in keys},
            reverses=None,
            reversed_by=None,
        ).order_by("pk")
        said = ("date", "account_id", "part_id", "amount", "counterparty", "description", "voucher")
        for number, at, *key in there.values_list("pk", "recorded_at", *said):
            found[_same(*key)].append((number, clock.day_of(at)))
        return found

    def _look_for_twins(self, row: ReadRow, key: _Key, there: Mapping[_Key, list[tuple[int, date]]]) -> None:
        """As many rows as the ledger has of the line are there already; a further one is another one."""
        if entered := there.get(key, ()):
            before, self._met[hash(key)] = self._met[hash(key)], self._met[hash(key)] + 1
            if before < len(entered):
                number, day = entered[before]
                row.repeat("amount", day, IN_LEDGER, number=number)
        if self._warns and key[-1]:  # without a voucher number, equal lines are common
            first = self._seen.setdefault(hash(key), row.number)
            if first != row.number:
                row.warn("voucher", IN_TABLE, row={"row": first})

    def _count(self, row: ReadRow) -> None:
        new: NewEntry = row.resolved
        sums = self._sums[FiscalYear.of(new.date).start, new.account.side]
        sums[0] += 1
        sums[1] += new.amount
        if new.amount < 0:
            self._reductions[0] += 1
            self._reductions[1] += new.amount


def _key(new: NewEntry) -> _Key:
    part = new.part.pk if new.part else None
    return _same(new.date, new.account.pk, part, new.amount, new.counterparty, new.description, new.voucher)


def _same(day: date, account: int, part: int | None, yen: int, *texts: str) -> _Key:
    counterparty, description, voucher = map(folded, texts)
    return day, account, part or 0, yen, counterparty, description, voucher


def _column(row: ReadRow) -> str:
    """The column that named the account."""
    return "code" if row.get("code") else "name"


def prepare(table: TableImport, rows: Iterator[ReadRow], by: User, at: datetime) -> PreparedLines:
    """Make the lines ready."""
    resolved = (row.resolved for row in rows if not row.is_left_out)
    return actions.prepare(center=table.center, rows=resolved, by=by, at=at, imported=table)


def apply(table: TableImport, prepared: PreparedLines, by: User, at: datetime) -> Mapping[str, Any]:
    """Post them all."""
    return {"count": actions.post_prepared(prepared, by=by)}


def describe(table: TableImport) -> Description:
    """Entries and sums by year and side."""
    summary = table.params["summary"]
    groups = summary["groups"]
    years = listed(
        template_tags.fiscal_year(FiscalYear(year)) for year in sorted({group[0] for group in groups})
    )
    applied = table.state.was_applied
    told = (
        _("Entries were appended to the ledger of %(years)s.")
        if applied
        else _(
            "Entries are appended to the ledger of %(years)s. A mistake can be reversed there, but not deleted."
        )
    )
    return Description(
        sentences=(told % {"years": years}, *_of_reductions(*summary.get("reductions", (0, 0))))
        if groups
        else (),
        headers=(_("Fiscal year"), _("Revenue or expenditure"), _("Entries"), _("Amount (yen)")),
        rows=tuple(
            (
                template_tags.fiscal_year(FiscalYear(year)),
                str(Side(side).label),
                format_number(count),
                format_number(yen),
            )
            for year, side, count, yen in groups
        ),
    )


def _of_reductions(count: int, yen: int) -> list[str]:
    """That lines are negative, so that nobody takes them for reversals."""
    if not count:
        return []
    said = ngettext(
        "%(count)s line is negative (refund, adjustment): %(yen)s yen. "
        "It is entered as it stands, and takes no other entry back.",
        "%(count)s lines are negative (refund, adjustment), together %(yen)s yen. "
        "They are entered as they stand, and take no other entries back.",
        count,
    )
    return [said % {"count": format_number(count), "yen": format_number(yen)}]


ENTRIES: Final = register(
    Spec(
        kind="finance.entries",
        title=gettext_lazy("Import of ledger entries"),
        columns=(
            Column("date", ("日付", "Date", "年月日", "取引日", "計上日"), Day(), required=True),
            CODE,
            NAME,
            Column(
                "amount",
                AMOUNT_HEADINGS,
                Number(unit="円", minimum=-MOST_YEN, maximum=MOST_YEN),
                required=True,
            ),
            Column(
                "counterparty",
                ("相手方", "Counterparty", "相手先", "取引先", "支払先"),
                Text(LONGEST["counterparty"]),
            ),
            Column(
                "description",
                ("摘要", "Description", "内容", "件名"),
                Text(LONGEST["description"]),
                required=True,
            ),
            Column(
                "voucher",
                ("証憑番号", "Voucher number", "伝票番号", "証憑No.", "Voucher"),
                Text(LONGEST["voucher"]),
            ),
        ),
        one_of=(("code", "name"),),
        checker=EntryChecker,
        prepare=prepare,
        apply=apply,
        describe=describe,
        pages="finance:import",
        chosen=lambda table: Chosen(stage=FigureStage.SETTLEMENT, dated_by="date"),
        undo=undoing.UNDO,
        right=Right.KEEP,
        sums_lack=(("date",), ("code", "name")),
    )
)
