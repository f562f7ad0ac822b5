"""Drafts of statements: begun, corrected anew from what is settled, and what is written into them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from finance.accounts import ledger_lock
from finance.balance.totals import TotalKey
from finance.models import (
    BUDGETS,
    Account,
    RecordedUnit,
    Stage,
    Statement,
    StatementFile,
    StatementLine,
    StatementTotal,
)
from finance.statements import checks
from iconm_portal.forms import files
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history import history
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement.steps import Taking
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered for one account: whole yen (0 is a figure; a blank has no entry at all), and a note."""

    amount: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """All that a draft holds. An account without an entry was not recorded; a total that is missing was not printed."""

    lines: Mapping[Account, Entered] = field(default_factory=dict)
    printed: Mapping[TotalKey, int] = field(default_factory=dict)
    note: str = ""


# -- Drafts --


@transaction.atomic
def start(
    *, center: Center, fiscal_year: FiscalYear, stage: Stage, unit: RecordedUnit, by: User, at: datetime
) -> Statement:
    """A new draft in the unit of recording; a supplementary budget begins with the figures of the budget in force.

    After a supplementary budget was decided, another one gets the next number. ValidationError while another one of the
    year and stage is open or (but for supplementary ones) settled, for the settlement of a year that has not ended, the
    forecast of one that has not begun, and for a supplementary budget without a budget.
    """
    require(by, center, Right.KEEP)
    ledger_lock.lock(center)
    _may_begin(center, fiscal_year, stage, at)
    if stage != Stage.SUPPLEMENTARY:
        return _new_draft(center, fiscal_year, stage, unit, reason="", by=by)
    budgets = Statement.objects.filter(
        center=center, fiscal_year=fiscal_year, stage__in=BUDGETS, state=ReviewState.ACCEPTED
    )
    base = budgets.order_by("-supplement", "-revision").first()  # the first budget has the number 0
    if base is None:
        raise ValidationError(
            {"stage": _("No budget of that year is decided yet, so there is nothing to supplement.")}
        )
    number = base.supplement + 1
    draft = _new_draft(center, fiscal_year, stage, base.unit, reason="", by=by, supplement=number)
    _copy_lines(base, draft)
    return draft


def may_start(*, center: Center, fiscal_year: FiscalYear, stage: Stage, at: datetime) -> None:
    """The ValidationError of `start` for what is there already and for the day, before anything is entered."""
    _may_begin(center, fiscal_year, stage, at)
    of_stage = Statement.objects.filter(center=center, fiscal_year=fiscal_year, stage=stage)
    _may_be_added(of_stage, is_first=stage == Stage.SUPPLEMENTARY or not of_stage.exists())


def _may_be_added(of_stage: QuerySet[Statement], *, is_first: bool) -> None:
    """`is_first`: it takes the place of no settled one, or says why it does."""
    if of_stage.exclude(state=ReviewState.ACCEPTED).exists():
        raise ValidationError(_("A statement of this year and stage is being worked on already."))
    if not is_first:
        raise ValidationError(
            _(
                "There is a settled statement of this year and stage. Correct it instead of starting another one."
            )
        )


def _may_begin(center: Center, fiscal_year: FiscalYear, stage: Stage, at: datetime) -> None:
    if stage == Stage.SETTLEMENT and clock.day_of(at) <= fiscal_year.last_day:
        raise ValidationError(
            {"stage": _("The year has not ended yet. Until then enter a settlement forecast.")}
        )
    if stage == Stage.FORECAST and clock.day_of(at) < fiscal_year.first_day:
        raise ValidationError({"stage": _("The year has not begun yet. Until then enter a budget.")})
    if not Account.objects.filter(center=center).valid_in(fiscal_year).exists():
        raise ValidationError(
            {"fiscal_year": _("No account holds in that year, so there is nothing to enter.")}
        )


@transaction.atomic
def start_correction(*, statement: Statement, reason: str, by: User) -> Statement:
    """A new revision of a settled statement, with its figures, totals, note and files, for the reason given.

    ValidationError for a budget after which a (further) supplementary one was decided: that one is corrected instead.
    """
    center = statement.center
    require(by, center, Right.KEEP)
    ledger_lock.lock(center)
    if not statement.is_settled:
        raise WrongStep(statement.state)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the settled figures are corrected.")})
    require_not_supplemented(statement)
    unit = statement.unit
    draft = _new_draft(
        center,
        statement.fiscal_year,
        statement.stage,
        unit,
        reason=reason.strip(),
        by=by,
        note=statement.note,
        supplement=statement.supplement,
    )
    _copy_lines(statement, draft)
    StatementTotal.objects.bulk_create(
        StatementTotal(statement=draft, of=total.of, account_id=total.account_id, amount=total.amount)
        for total in statement.totals.all()
    )
    StatementFile.objects.bulk_create(
        StatementFile(
            statement=draft,
            file_id=attached.file_id,
            attached_at=attached.attached_at,
            attached_by_id=attached.attached_by_id,
        )
        for attached in statement.files.all()
    )
    return draft


def require_not_supplemented(statement: Statement) -> None:
    if not statement.is_budget:
        return
    supplementary = Statement.objects.filter(
        center=statement.center,
        fiscal_year=statement.fiscal_year,
        stage=Stage.SUPPLEMENTARY,
        supplement__gt=statement.supplement,
        state=ReviewState.ACCEPTED,
    )
    if supplementary.exists():
        raise ValidationError(
            _("A supplementary budget of this year has been decided since. Correct that one instead.")
        )


def _new_draft(
    center: Center,
    fiscal_year: FiscalYear,
    stage: Stage,
    unit: RecordedUnit,
    *,
    reason: str,
    by: User,
    note: str = "",
    supplement: int = 0,
) -> Statement:
    of_stage = Statement.objects.filter(center=center, fiscal_year=fiscal_year, stage=stage)
    same = of_stage.filter(supplement=supplement)
    revision = (same.aggregate(highest=Max("revision"))["highest"] or 0) + 1
    _may_be_added(of_stage, is_first=revision == 1 or bool(reason))
    draft = Statement(
        center=center,
        fiscal_year=fiscal_year,
        stage=stage,
        supplement=supplement,
        revision=revision,
        reason=reason,
        unit=unit,
        note=note,
    )
    draft.full_clean()
    try:
        with transaction.atomic():
            draft.save()
    except IntegrityError as error:  # somebody began it a moment ago
        raise ValidationError(_("A statement of this year and stage is being worked on already.")) from error
    history.record(
        by=by,
        action="statement.correct" if reason else "statement.start",
        subject=draft,
        center=center,
        after={"unit": str(unit), "revision": revision} | ({"supplement": supplement} if supplement else {}),
        reason=reason,
    )
    return draft


def _copy_lines(source: Statement, draft: Statement) -> None:
    """All but those on accounts that have become sums in that year since: these have to be entered below them."""
    tree = checks.tree_of(source)
    taking = {account.pk for account in tree.accounts if tree.takes_line(account)}
    StatementLine.objects.bulk_create(
        StatementLine(statement=draft, account_id=line.account_id, amount=line.amount, note=line.note)
        for line in source.lines.all()
        if line.account_id in taking
    )


# -- Written into a draft: hooks of its steps --


def check_content(taking: Taking[Statement]) -> None:
    """ValidationError for an amount that cannot be one, or on an account that takes no line in the year."""
    statement, content = taking.item, taking.given["content"]
    ledger_lock.lock(statement.center)
    amounts = {account: entry.amount for account, entry in content.lines.items()}
    checks.require_keepable(statement, amounts, content.printed)
    keep_what_it_held(taking)
    taking.changes = {"note": content.note.strip()}


def write_content(taking: Taking[Statement]) -> None:
    """Make the draft hold exactly the content, and add or remove files."""
    statement, content, removed = taking.item, taking.given["content"], taking.given["removed_files"]
    _write_lines(statement, content)
    _write_totals(statement, content.printed)
    now = _as_history(statement)
    stored = [files.store(file, center=statement.center, by=taking.by) for file in taking.given["new_files"]]
    StatementFile.objects.bulk_create(
        StatementFile(statement=statement, file=file, attached_at=taking.at, attached_by=taking.by)
        for file in stored
    )
    if stored:
        now["files"] = [file.name for file in stored]
    if removed:
        taking.before["removed_files"] = [file.name for file in removed]
        statement.files.filter(file__in=removed).delete()
    taking.before, taking.after = history.changed(taking.before, now)


def keep_what_it_held(taking: Taking[Statement]) -> None:
    """For the history, before it is gone."""
    taking.before = _as_history(taking.item)


def _write_lines(statement: Statement, content: Content) -> None:
    """Make the rows what was entered: written and deleted together, whatever their number."""
    statement.lines.exclude(account__in=content.lines).delete()
    StatementLine.objects.bulk_create(
        [
            StatementLine(statement=statement, account=account, amount=entry.amount, note=entry.note.strip())
            for account, entry in content.lines.items()
        ],
        update_conflicts=True,
        unique_fields=["statement", "account"],
        update_fields=["amount", "note"],
    )


def _write_totals(statement: Statement, printed: Mapping[TotalKey, int]) -> None:
    """All anew: their two partial unique indexes cannot be named in one ON CONFLICT."""
    statement.totals.all().delete()
    StatementTotal.objects.bulk_create(
        StatementTotal(statement=statement, of=of, account_id=account, amount=amount)
        for (of, account), amount in printed.items()
    )


def _as_history(statement: Statement) -> dict[str, Any]:
    """What the draft holds, as the history keeps it: by the accounts' codes."""
    held: dict[str, Any] = {"note": statement.note}
    for line in statement.lines.select_related("account"):
        held[line.account.code] = {"amount": line.amount, "note": line.note}
    for total in statement.totals.select_related("account"):
        name = f"{total.account.code}.total" if total.account else f"total_{total.of}"
        held[name] = {"amount": total.amount}
    return held
