"""What a statement may hold, and what it must be before it is handed in or settled. Reads, never writes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from finance.balance import totals
from finance.balance.totals import TotalKey, Tree
from finance.limits import contribution_limits
from finance.limits.contribution_limits import ContributionLimits
from finance.models import Account, RecordedUnit, Statement, TotalOf
from finance.statements import texts

LARGEST: Final = 10**15 - 1  # yen: 15 digits, as in every figure of the portal


def tree_of(statement: Statement) -> Tree:
    """The accounts of the statement's year; one query."""
    return Tree.of(Account.objects.filter(center=statement.center).valid_in(statement.fiscal_year))


def require_keepable(
    statement: Statement, amounts: Mapping[Account, int], printed: Mapping[TotalKey, int]
) -> None:
    """ValidationError unless every amount is one in the unit of recording, on an account, or of a sum, of the year."""
    tree, unit, problems = tree_of(statement), statement.unit, []
    year = statement.fiscal_year
    held, sums = {one.pk for one in tree.accounts}, {one.pk for one in tree.sums()}
    for account, amount in amounts.items():
        if account.pk not in held:
            problems.append(texts.does_not_hold(account, year))
        elif not tree.takes_line(account):
            problems.append(texts.is_a_sum(account, tree))
        problems += _amount_problems(account.name, amount, unit)
        if amount < 0:
            problems.append(texts.is_negative(account.name))
    names = {account.pk: account.name for account in tree.accounts}
    for (of, key), amount in printed.items():
        name = names.get(key, "") if key else str(TotalOf(of).label)
        if of == TotalOf.ACCOUNT and key not in sums:
            problems.append(_("“%(account)s” has no printed sum in this year.") % {"account": name})
        problems += _amount_problems(name, amount, unit)
        if amount < 0 and of != TotalOf.BALANCE:
            problems.append(texts.is_negative(name))
    if problems:
        raise ValidationError(problems)


def _amount_problems(name: str, amount: int, unit: RecordedUnit) -> list[str]:
    found = []
    if abs(amount) > LARGEST:
        found.append(_("%(name)s: the amount is too large.") % {"name": name})
    if amount % unit.unit.yen:
        found.append(
            _("%(name)s: the amount is not a whole number of %(unit)s.") % {"name": name, "unit": unit.label}
        )
    return found


def require_fitting(statement: Statement, *, today: date) -> None:
    """ValidationError where printed totals are not explained, parts exceed their whole, contributions their limits.

    Asked under the version lock, so that what is handed in or settled is what was looked at.
    """
    tree = tree_of(statement)
    lines = dict(statement.lines.values_list("account_id", "amount"))
    if not lines:
        raise ValidationError(_("Nothing is entered yet: there is no amount to submit."))
    printed: dict[TotalKey, int] = {
        (TotalOf(of), account): amount
        for of, account, amount in statement.totals.values_list("of", "account_id", "amount")
    }
    unit = statement.unit
    checks = totals.check_all(tree.accounts, lines, printed, unit)
    over = totals.excesses(tree.accounts, lines, unit)
    problems = [
        *(texts.wrong_total(check, unit) for check in checks if check.is_wrong),
        *(texts.parts_exceed(excess, unit) for excess in over),
        *_limit_problems(statement, tree, lines, today),
    ]
    if problems:
        raise ValidationError(problems)


def _limit_problems(
    statement: Statement, tree: Tree, lines: Mapping[int, int], today: date
) -> Iterator[ValidationError]:
    """Contributions of the city above what their period's rule allows."""
    receiving = [one for one in tree.accounts if one.measure_id is not None and one.within_id is None]
    if not receiving:
        return
    held = {one.measure_id or 0 for one in receiving}
    limits = ContributionLimits.hold(statement.center, held, today=today, statement=statement)
    drawn: dict[int, dict[int, int]] = defaultdict(dict)  # measure → leaf → amount
    first: dict[int, Account] = {}
    for account in receiving:
        measure = account.measure_id or 0
        first.setdefault(measure, account)
        drawn[measure] |= {leaf.pk: lines[leaf.pk] for leaf in tree.leaves(account) if leaf.pk in lines}
    for measure, account in first.items():
        amounts = drawn[measure].values()
        found = limits.excess(account, statement.fiscal_year, sum(amounts)) if amounts else None
        if found is not None:
            # The code says to which row the refusal belongs.
            yield ValidationError(contribution_limits.refusal(found), code=account.code)
