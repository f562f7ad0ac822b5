"""Contributions and the rules that limit them: what may be drawn in a year. Amounts in whole yen.

The rules are those of the agreements' support measures (T8; docs/decisions/0006). A limit that cannot be checked refuses
nothing, and is never called kept. Statements and the ledger ask `excess` before they keep an amount.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from django.utils.translation import gettext as _

from agreements.models import LimitRule, SupportMeasure
from agreements.support import limits, support
from agreements.support.indirect_cost import NOT_RECORDED, Borne
from agreements.support.limits import Ceiling, Check, Standing
from agreements.support.support import Measure
from agreements.support.texts import joined, large, thousand_yen
from finance.limits import settled_amounts
from finance.models import Account, Statement
from iconm_portal.models import Center
from iconm_portal.templatetags.portal import fiscal_year_short
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class Excess:
    """An amount above what its rule allows. Of a period's total, amount and limit are those of all its years."""

    account: str
    fiscal_year: FiscalYear
    rule: Ceiling
    amount: int
    limit: int
    is_raised: bool  # the limit is already one that a consultation raised

    @property
    def by(self) -> int:
        return self.amount - self.limit


def hold(accounts: Iterable[Account]) -> None:
    """Let nobody else draw on the same contributions until this transaction ends; call it before summing the year.

    A limit is judged by all amounts of a measure, so that two people who each stay within it could pass it together.
    """
    ids = {account.measure_id for account in accounts if account.measure_id is not None}
    if ids:
        list(SupportMeasure.objects.select_for_update().filter(pk__in=ids).order_by("pk").values("pk"))


def excess(
    *,
    account: Account,
    fiscal_year: FiscalYear,
    amount: int,
    today: date,
    statement: Statement | None = None,
) -> Excess | None:
    """By how much the year's amount of the account passes the limit of the contribution that it receives.

    None where it stays within it, where there is no limit or none that can be checked, and where a confirmed
    consultation allowed the amount. `amount` is the whole year's; `statement` the one, saved, that says so: its own
    research-support expenditure is then the one that counts.
    """
    if account.measure_id is None:
        return None
    measure = SupportMeasure.objects.get(pk=account.measure_id)
    (known,) = support.load(account.center, known_at=today, code=measure.code)
    raised = raised_to(known, fiscal_year)
    if raised is not None and amount <= raised:
        return None
    checks = _checks(account, known, fiscal_year, amount, today, statement)
    passed = next((check for check in checks if check.standing is Standing.PASSED), None)
    if passed is None or passed.limit is None:
        return None
    limit, of_all = passed.limit, passed.amount
    if raised is not None:
        # The year's own share of the limit, or what the consultation allowed for the year, whichever is more.
        limit = max(limit, raised + of_all - amount)
    return Excess(account.name, fiscal_year, passed.ceiling, of_all, limit, limit > passed.limit)


def raised_to(measure: Measure, year: FiscalYear) -> int | None:
    """The highest amount in force for the year that was recorded with a confirmed consultation."""
    of_year = measure.year(year)
    facts = (of_year.budget, of_year.settled) if of_year else ()
    amounts = [fact.amount for fact in facts if fact is not None and fact.consultation_number is not None]
    return max(amounts, default=None)


def refusal(found: Excess) -> str:
    """Why the amount is not taken, and what to do, in the reader's language."""
    words = {
        "account": found.account,
        "year": fiscal_year_short(found.fiscal_year),
        "amount": thousand_yen(found.amount),
        "limit": large(found.limit) if found.rule is Ceiling.PERIOD_TOTAL else thousand_yen(found.limit),
        "excess": thousand_yen(found.by),
    }
    return joined([_sentence(found) % words, _what_to_do()])


def _sentence(found: Excess) -> str:
    if found.is_raised:
        return _(
            "%(account)s, %(year)s: %(amount)s passes %(limit)s, to which a consultation raised the limit, by %(excess)s."
        )
    match found.rule:
        case Ceiling.PERIOD_TOTAL:
            return _(
                "%(account)s, %(year)s: with it the years of the period come to %(amount)s and pass their total of"
                " %(limit)s by %(excess)s."
            )
        case Ceiling.INDIRECT_COST_INCOME:
            return _(
                "%(account)s, %(year)s: %(amount)s passes by %(excess)s the research-support expenditure of %(limit)s"
                " that the foundation can bear from the year's indirect-cost income."
            )
        case Ceiling.ANNUAL_AGREEMENT:
            return _(
                "%(account)s, %(year)s: %(amount)s passes the annual agreement's %(limit)s by %(excess)s."
            )
        case Ceiling.BUDGET:
            return _("%(account)s, %(year)s: %(amount)s passes the city's budget of %(limit)s by %(excess)s.")
        case _:
            assert_never(found.rule)


def _what_to_do() -> str:
    return _(
        "More needs a consultation that both sides have confirmed: record the amount with it under support measures first."
    )


def _checks(
    account: Account,
    known: Measure,
    year: FiscalYear,
    amount: int,
    today: date,
    statement: Statement | None,
) -> tuple[Check, ...]:
    match known.limit_rule:
        case LimitRule.PERIOD_TOTAL:
            others = sum(_other_years(account, known, year, today))
            return (Check(Ceiling.PERIOD_TOTAL, others + amount, known.total),)
        case LimitRule.INDIRECT_COST_INCOME:
            spent = _borne(account.center, year, today, statement)
            return year_checks(known, year, amount, borne=spent)
        case LimitRule.ANNUAL_AGREEMENT:
            # A year that has not begun is no year of the measure yet, and may have its agreement already.
            agreed = support.agreed_contributions(account.center, known_at=today)
            return year_checks(known, year, amount, agreed=agreed.get((known.agreement.pk, year)))
        case LimitRule.NONE:
            return ()
        case _:
            assert_never(known.limit_rule)


def year_checks(
    measure: Measure,
    year: FiscalYear,
    amount: int,
    *,
    borne: Borne = NOT_RECORDED,
    agreed: int | None = None,
) -> tuple[Check, ...]:
    """A year's amount against the measure's own rule and the city's budget; none where only the years' sum is limited."""
    of_year = measure.year(year)
    budget = Check(Ceiling.BUDGET, amount, of_year.budget.amount if of_year and of_year.budget else None)
    match measure.limit_rule:
        case LimitRule.INDIRECT_COST_INCOME:
            return (limits.indirect_cost_check(amount, borne.income, borne.expenditure), budget)
        case LimitRule.ANNUAL_AGREEMENT:
            return (Check(Ceiling.ANNUAL_AGREEMENT, amount, agreed), budget)
        case LimitRule.PERIOD_TOTAL | LimitRule.NONE:
            return ()
        case _:
            assert_never(measure.limit_rule)


def _other_years(account: Account, known: Measure, year: FiscalYear, today: date) -> Iterable[int]:
    """What was drawn in the measure's other years; where no account says, what was granted for them."""
    accounts = list(
        Account.objects.filter(measure_id=account.measure_id).order_by().values_list("pk", flat=True)
    )
    drawn = settled_amounts.load(account.center, accounts, known_at=today)
    for other in sorted({*(of_year.year for of_year in known.recorded), *drawn.years} - {year}):
        amount = drawn.drawn(accounts, other)
        granted = known.year(other)
        if amount is not None:
            yield amount
        elif granted is not None and granted.fact is not None:
            yield granted.fact.amount


def _borne(center: Center, year: FiscalYear, today: date, statement: Statement | None) -> Borne:
    """What the accounts say of the year; of the statement that is being handed in, its own lines first."""
    found = settled_amounts.borne(center, known_at=today, for_operator=True).get(year, NOT_RECORDED)
    if statement is None:
        return found
    income, expenditure = settled_amounts.purposes(center)
    own = dict(statement.lines.order_by().values_list("account_id", "amount"))

    def of(accounts: frozenset[int], otherwise: int | None) -> int | None:
        amounts = [own[account] for account in accounts if account in own]
        return sum(amounts) if amounts else otherwise

    return Borne(of(income, found.income), of(expenditure, found.expenditure))
