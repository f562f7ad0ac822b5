"""科目 of a center, kept by the staff of both sides: added, renamed, ended; never so that lines or entries lose their account."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from agreements.models import SupportMeasure, known_days
from agreements.pages.master.actions import fingerprint
from finance.accounts import ledger_lock
from finance.models import Account, MonthTotal, Side, StatementLine, StatementTotal
from iconm_portal.display import template_tags
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, require
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed

# Codes that are words in the addresses below /<center>/finance/ledger/<year>/ and /<center>/finance/accounts/.
RESERVED_CODES: Final = ("close", "export", "new", "reopen")

# Where an account stands; fixed as soon as anything is recorded on it or stands below it.
PLACE: Final = ("side", "parent", "within")
# What it means to a rule or a picture; once it means something, it does so for all that is recorded on it.
MEANING: Final = ("purpose", "measure")


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What staff say of an account; its code stands beside it and never changes."""

    name: str
    side: str
    first_year: FiscalYear
    last_year: FiscalYear | None = None
    parent: Account | None = None
    within: Account | None = None
    position: int | None = None
    prints_subtotal: bool = True
    purpose: str = ""
    measure: SupportMeasure | None = None


@transaction.atomic
def add_account(*, center: Center, code: str, facts: AccountFacts, by: User) -> Account:
    """A new account. ValidationError, by field, for what cannot be kept; also where lines or entries stand in its way."""
    require(by, center, Right.PREPARE)
    ledger_lock.lock(center)
    account = Account(center=center, code=code)
    _take_over(account, facts)
    if code in RESERVED_CODES:
        raise ValidationError({"code": _("This code is reserved for an address of the portal.")})
    _check(account)
    account.save()
    history.record(
        by=by,
        action="account.add",
        subject=account,
        center=center,
        after={"code": code, **account_state(account)},
    )
    return account


@transaction.atomic
def change_account(*, account: Account, seen: str, facts: AccountFacts, by: User) -> Account:
    """Rename, end or otherwise change an account; where it stands only while nothing is recorded on it or below it.

    `seen`: the fingerprint of the state that the person saw. Conflict when it stands otherwise by now.
    """
    require(by, account.center, Right.PREPARE)
    ledger_lock.lock(account.center)
    current = Account.objects.select_related("center", "parent", "within", "measure").get(pk=account.pk)
    before = account_state(current)
    if fingerprint(before) != seen:
        raise Conflict
    _take_over(current, facts)
    after = account_state(current)
    _check_place(current, [name for name in PLACE if before[name] != after[name]])
    _check_meaning(current, [name for name in MEANING if before[name] and before[name] != after[name]])
    _check(current)
    was, now = history.changed(before, after)
    if was or now:
        current.save()
        history.record(
            by=by, action="account.change", subject=current, center=current.center, before=was, after=now
        )
    return current


def account_state(account: Account) -> dict[str, Any]:
    """What the facts say of the account now, as the history keeps it."""
    state = {one.name: getattr(account, one.name) for one in fields(AccountFacts)}
    for name in ("parent", "within", "measure"):
        state[name] = state[name].code if state[name] else None
    first, last = account.first_year, account.last_year
    return state | {"first_year": first.start, "last_year": last.start if last else None}


def used_years(account: Account) -> list[FiscalYear]:
    """The years in which lines of statements or entries stand on the account itself, in order; three queries."""
    lines = StatementLine.objects.filter(account=account).order_by()
    totals = StatementTotal.objects.filter(account=account).order_by()
    sums = MonthTotal.objects.filter(Q(account=account) | Q(part=account), count__gt=0).order_by()
    return sorted(
        {
            *lines.values_list("statement__fiscal_year", flat=True),
            *totals.values_list("statement__fiscal_year", flat=True),
            *sums.values_list("fiscal_year", flat=True),
        }
    )


def _take_over(account: Account, facts: AccountFacts) -> None:
    for one in fields(AccountFacts):
        setattr(account, one.name, getattr(facts, one.name))
    if facts.position is None:
        last = Account.objects.filter(center=account.center).aggregate(last=Max("position"))["last"]
        account.position = (last or 0) + 1


def _check_place(account: Account, changed: list[str]) -> None:
    if not changed:
        return
    stands_under_it = Account.objects.filter(Q(parent=account) | Q(within=account)).exists()
    if stands_under_it or used_years(account):
        said = _(
            "Lines, entries or other accounts rest on it, so this stays. End it, and add another account."
        )
        raise ValidationError({name: [said] for name in changed})


def _check_meaning(account: Account, changed: list[str]) -> None:
    if changed and used_years(account):
        said = _("Lines or entries stand on it, so it keeps its meaning. End it, and add another account.")
        raise ValidationError({name: [said] for name in changed})


def _check(account: Account) -> None:
    """ValidationError, by field, for everything that is wrong with the row itself, then with what rests on it."""
    if account.last_year is not None and account.last_year < account.first_year:
        raise ValidationError({"last_year": _("The last year does not come before the first.")})
    if not Account.objects.filter(pk=account.pk, first_year=account.first_year).exists():
        days = known_days.of(account.center, today=clock.today())
        days.refuse_too_early(account.first_year.last_day, "first_year")
    account.full_clean()
    _check_above(account)
    if account.measure is not None and (
        account.measure.center_id != account.center_id or account.side != Side.REVENUE
    ):
        raise ValidationError(
            {"measure": _("A contribution of this center is received by an account of the revenue.")}
        )
    if account.pk is not None:
        _check_years_used(account)
        _check_years_below(account)


def _check_above(account: Account) -> None:
    """Inside the years of what it stands under or in; nothing recorded there in the years that it makes a sum."""
    for name, above in (("parent", account.parent), ("within", account.within)):
        if above is None:
            continue
        if above.pk == account.pk or any(one.pk == account.pk for one in _upwards(above)):
            raise ValidationError({name: _("An account does not stand under itself.")})
        if not _lies_inside(account, above):
            raise ValidationError(
                {
                    "first_year": _("“%(account)s” holds %(years)s; stay inside these years.")
                    % {"account": above.name, "years": years_text(above)}
                }
            )
    if account.parent is not None:
        in_the_way = [year for year in _recorded_years(account.parent) if account.is_valid_in(year)]
        if in_the_way:
            raise ValidationError(
                {
                    "parent": _(
                        "“%(account)s” has lines or entries of its own in %(years)s. An account can stand under it"
                        " only in other years."
                    )
                    % {"account": account.parent.name, "years": _listed(in_the_way)}
                }
            )


def _recorded_years(account: Account) -> list[FiscalYear]:
    """The years in which the account itself takes lines or entries; a printed sum does not stand in the way of parts."""
    lines = StatementLine.objects.filter(account=account).order_by()
    sums = MonthTotal.objects.filter(account=account, count__gt=0).order_by()
    return sorted(
        {
            *lines.values_list("statement__fiscal_year", flat=True),
            *sums.values_list("fiscal_year", flat=True),
        }
    )


def _check_years_used(account: Account) -> None:
    outside = [year for year in used_years(account) if not account.is_valid_in(year)]
    if outside:
        field = "first_year" if outside[0] < account.first_year else "last_year"
        raise ValidationError(
            {
                field: _("Lines or entries of %(years)s stand on it, so it holds in these years.")
                % {"years": _listed(outside)}
            }
        )


def _check_years_below(account: Account) -> None:
    for below in Account.objects.filter(Q(parent=account) | Q(within=account)):
        if not _lies_inside(below, account):
            raise ValidationError(
                {
                    "last_year" if below.first_year >= account.first_year else "first_year": _(
                        "“%(account)s” rests on it and holds %(years)s. Change that one first."
                    )
                    % {"account": below.name, "years": years_text(below)}
                }
            )


def _upwards(account: Account) -> Iterable[Account]:
    current: Account | None = account
    while current is not None:
        yield current
        current = current.parent


def _lies_inside(account: Account, above: Account) -> bool:
    if account.first_year < above.first_year:
        return False
    return above.last_year is None or (account.last_year is not None and account.last_year <= above.last_year)


def years_text(account: Account) -> str:
    """From when to when an account holds, in the reader's language."""
    words = {
        "first": template_tags.fiscal_year(account.first_year),
        "last": template_tags.fiscal_year(account.last_year),
    }
    if account.last_year is None:
        return _("from %(first)s on") % words
    return _("from %(first)s to %(last)s") % words


def _listed(years: list[FiscalYear]) -> str:
    return listed(template_tags.fiscal_year(year) for year in years)
