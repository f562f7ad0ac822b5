"""A statement's amounts from a table: a line for each account, and the totals as they are printed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from finance.accounts.account_lookup import AMOUNT_HEADINGS, CODE, NAME, AccountFinder, bare
from finance.balance.totals import BALANCE, EXPENDITURE, REVENUE, TotalKey, Tree
from finance.ledger.posting import MOST_YEN
from finance.models import Account, RecordedUnit, Stage, Statement, TotalOf
from finance.statements import actions, draft_actions, texts, undoing
from finance.statements.draft_actions import Content, Entered
from iconm_portal.display import template_tags
from iconm_portal.forms.refusals import Conflict, Gone, WrongStep
from iconm_portal.imports.cell_values import Number, Text
from iconm_portal.imports.reading.asides import RunningSums, held_against, sum_word
from iconm_portal.imports.reading.chosen import Chosen as FigureChoice
from iconm_portal.imports.reading.figure_years import FigureStage
from iconm_portal.imports.reading.stated import A_YEAR
from iconm_portal.imports.reading.tables import MOST_NAMED, Column
from iconm_portal.imports.specs import Description, ReadRow, Spec, register
from iconm_portal.models import EDITABLE_STATES, Center, TableImport, User
from iconm_portal.people.access import Right
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed
from iconm_portal.values.written.letters import folded

NEGATIVE: Final = gettext_noop("An amount is not negative.")
TAKES_NONE: Final = gettext_noop("“%(account)s” takes no amount in a statement.")
TWICE: Final = gettext_noop("“%(account)s” stands in row %(row)s already.")

_TOTALS: Final[Mapping[str, TotalKey]] = {
    **dict.fromkeys(
        ("収入合計", "収入計", "収入の部合計", "収入の部計", "収入総額", "当期収入合計", "totalrevenue"),
        REVENUE,
    ),
    **dict.fromkeys(
        (
            "支出合計",
            "支出計",
            "支出の部合計",
            "支出の部計",
            "支出総額",
            "当期支出合計",
            "totalexpenditure",
        ),
        EXPENDITURE,
    ),
    **dict.fromkeys(
        ("当期収支差額", "収支差額", "当期収支差額合計", "差引", "差引残高", "balanceoftheyear", "balance"),
        BALANCE,
    ),
}
"""Printed totals by name, folded as headings are."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The statement that a table is for, as chosen when it was uploaded."""

    year: FiscalYear
    stage: Stage
    unit: RecordedUnit

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Chosen":
        return cls(FiscalYear(params["year"]), Stage(params["stage"]), RecordedUnit(params["unit"]))

    @property
    def figures(self) -> "FigureChoice":
        """What the file must not contradict."""
        return FigureChoice(self.year, FigureStage(str(self.stage)), str(self.unit.label))

    def as_params(self) -> dict[str, Any]:
        """For the import's own params."""
        return {"year": self.year.start, "stage": str(self.stage), "unit": str(self.unit)}


def draft_of(center: Center, chosen: Chosen) -> Statement | None:
    """The draft that would take the amounts, if it was begun already."""
    return Statement.objects.filter(
        center=center,
        fiscal_year=chosen.year,
        stage=chosen.stage,
        state__in=EDITABLE_STATES,
    ).first()


class StatementChecker:
    """One query for the whole table."""

    def __init__(self, table: TableImport, today: date) -> None:
        self._chosen = Chosen.of(table.params)
        accounts = list(Account.objects.filter(center=table.center))
        self._accounts = AccountFinder(accounts)
        self._tree = Tree.of([one for one in accounts if one.is_valid_in(self._chosen.year)])
        self._sums = {one.pk for one in self._tree.sums()}
        self._rows: dict[str, int] = {}
        self._counts = {"lines": 0, "totals": 0, "blank": 0}
        self._printed: dict[str, int] = {}
        self._titles: list[str] = []
        self._running = RunningSums()

    def check(self, rows: Sequence[ReadRow]) -> None:
        """Resolves rows to an `Entered` of an account or to a printed total; blank ones to nothing."""
        for row in rows:
            total = _total(row.get("name")) if not row.get("code") else None
            if total is not None and (row.get("amount") or not row.is_sound("amount")):
                self._take_total(row, total, row.get("name"))
            elif row.get("code") or self._accounts.knows(row.get("name")):
                self._understand(row)
            elif row.get("name") and not row.get("amount") and row.is_sound():
                self._titles.append(row.get("name"))
                row.is_left_out = True
            elif sum_word(row.get("name")):
                self._leave_out(row)
            else:
                self._understand(row)

    def summary(self) -> dict[str, Any]:
        """How many lines, totals and blanks; the printed totals in yen, by what they are of."""
        return {**self._counts, "printed": self._printed, "titles": self._titles[:MOST_NAMED]}

    def _leave_out(self, row: ReadRow) -> None:
        """小計, and 合計 of whatever stands above it."""
        row.is_left_out = True
        amount = int(row.get("amount")) if row.get("amount") else None
        message, params = held_against(self._running, row.get("name"), amount)
        row.warn("name", message, **params)

    def _understand(self, row: ReadRow) -> None:
        account = self._accounts.find(row, self._chosen.year)
        if account is None:
            return
        if account.pk in self._sums:
            self._take_total(row, (TotalOf.ACCOUNT, account.pk), account.name)
            return
        if not (account.side.is_in_statement and self._tree.takes_line(account)):
            row.error("code" if row.get("code") else "name", TAKES_NONE, account=account.name)
            return
        if not self._is_first(row, f"account {account.pk}", account.name):
            return
        yen = self._yen(row)
        if yen is not None and row.is_sound():
            row.resolved = (account, Entered(yen, row.get("note")))
            self._counts["lines"] += 1
            if account.within_id is None:
                self._running.add(int(row.get("amount")), str(account.side))

    def _take_total(self, row: ReadRow, total: TotalKey, name: str) -> None:
        if not self._is_first(row, f"{total[0]} {total[1]}", name):
            return
        yen = self._yen(row, may_be_negative=total == BALANCE)
        if yen is not None and row.is_sound():
            row.resolved = (total, yen)
            self._counts["totals"] += 1
            if total[1] is None:
                self._printed[str(total[0])] = yen

    def _is_first(self, row: ReadRow, key: str, name: str) -> bool:
        first = self._rows.setdefault(key, row.number)
        if first != row.number:
            row.error("code" if row.get("code") else "name", TWICE, account=name, row={"row": first})
        return first == row.number

    def _yen(self, row: ReadRow, *, may_be_negative: bool = False) -> int | None:
        """The amount in yen; None for a blank, which is no 0."""
        if not row.is_sound("amount"):
            return None
        if not row.get("amount"):
            self._counts["blank"] += 1
            return None
        amount = int(row.get("amount"))
        if amount < 0 and not may_be_negative:
            row.error("amount", NEGATIVE)
            return None
        return amount * self._chosen.unit.unit.yen


def _total(name: str) -> TotalKey | None:
    """Which printed total a name is of: 収入合計, 【収入合計】, 収入合計（A）."""
    plain = folded(name).strip("【】[]<>〔〕")
    return _TOTALS.get(plain) or _TOTALS.get(bare(plain))


def apply(table: TableImport, rows: Iterator[ReadRow], by: User, at: datetime) -> Mapping[str, Any]:
    """Fill the draft, begun here where there is none. Accounts that the table leaves out keep their amounts."""
    chosen = Chosen.of(table.params)
    there = draft_of(table.center, chosen)
    draft = there or draft_actions.start(
        center=table.center,
        fiscal_year=chosen.year,
        stage=chosen.stage,
        unit=chosen.unit,
        by=by,
        at=at,
    )
    if draft.unit != chosen.unit:
        raise ValidationError(other_unit(draft))
    lines, printed = _held(draft)
    before = undoing.before(draft, Content(lines, printed, draft.note), is_new=there is None)
    for row in rows:
        match row.resolved:
            case (Account() as account, Entered() as entered):
                lines[account] = entered
            case (tuple() as total, int() as yen):
                printed[total] = yen
    try:
        saved = actions.save_draft(
            statement=draft,
            version=draft.version,
            content=Content(lines, printed, draft.note),
            by=by,
            at=at,
        )
    except (Conflict, Gone, WrongStep) as changed:
        raise ValidationError(_("Somebody is working on the statement just now. Try again.")) from changed
    return {"lines": len(lines), undoing.KEPT: undoing.left_at(before, saved)}


def _held(draft: Statement) -> tuple[dict[Account, Entered], dict[TotalKey, int]]:
    lines = {line.account: Entered(line.amount, line.note) for line in draft.lines.select_related("account")}
    printed: dict[TotalKey, int] = {
        (total.of, total.account_id): total.amount for total in draft.totals.all()
    }
    return lines, printed


def other_unit(draft: Statement) -> str:
    """Why a table in another unit does not go into the draft."""
    return _("The draft is recorded in %(unit)s. Choose that unit, or discard the draft first.") % {
        "unit": draft.unit.label
    }


def describe(table: TableImport) -> Description:
    """Lines and printed totals, in the unit of recording."""
    chosen, summary = Chosen.of(table.params), table.params["summary"]
    words = {
        "year": template_tags.fiscal_year(chosen.year),
        "stage": chosen.stage.label,
        "unit": chosen.unit.label,
        "lines": summary["lines"],
        "totals": summary["totals"],
        "blank": summary["blank"],
    }
    if table.state.was_applied:
        told = [_("The draft of %(year)s, %(stage)s, was filled.") % words]
    else:
        told = [
            _("The draft of %(year)s, %(stage)s, gets %(lines)s amounts and %(totals)s printed totals.")
            % words,
            _("Amounts are read in %(unit)s. Accounts that the table leaves out keep the amounts they have.")
            % words,
        ]
    if summary["blank"]:
        told.append(_("Rows without an amount, which are taken as not recorded: %(blank)s.") % words)
    if titles := summary.get("titles"):
        told.append(
            _("Rows without an amount that name no account are taken for headings: %(names)s.")
            % {"names": listed(titles)}
        )
    printed = summary["printed"]
    return Description(
        sentences=tuple(told),
        headers=(_("Printed total"), _("Amount (%(unit)s)") % words) if printed else (),
        rows=tuple((str(TotalOf(of).label), texts.figure(yen, chosen.unit)) for of, yen in printed.items()),
    )


STATEMENT: Final = register(
    Spec(
        kind="finance.statement",
        title=gettext_lazy("Import of a statement's amounts"),
        columns=(
            CODE,
            NAME,
            Column(
                "amount",
                (*AMOUNT_HEADINGS, A_YEAR, "当年度", "本年度", "当期", "当年度決算額", "本年度決算額"),
                Number(minimum=-MOST_YEN, maximum=MOST_YEN, is_blank_when_dashed=True),
            ),
            Column("note", ("備考", "Note", "摘要"), Text(300)),
        ),
        one_of=(("code", "name"), ("amount",)),
        checker=StatementChecker,
        apply=apply,
        describe=describe,
        pages="finance:import",
        chosen=lambda table: Chosen.of(table.params).figures,
        undo=undoing.UNDO,
        right=Right.KEEP,
        takes_lines=True,
    )
)
