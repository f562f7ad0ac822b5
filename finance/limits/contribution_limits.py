"""Contributions and the rules that limit them: what may be drawn in a year. Amounts in whole yen.

The rules are those of the agreements' support measures (T8; docs/decisions/0006). A limit that cannot be checked refuses
nothing, and is never called kept. Before they keep amounts, statements and the ledger ask `ContributionLimits.hold`:
once, however many accounts, years and lines they are about.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from django.utils.translation import gettext as _

from agreements.models import LimitRule, SupportMeasure
from agreements.support import limits, support
from agreements.support.indirect_cost import NOT_RECORDED, IndirectCost
from agreements.support.limits import Ceiling, Check
from agreements.support.support import Measure
from agreements.support.texts import exact_yen, joined, large
from finance.limits import settled_amounts
from finance.limits.settled_amounts import Accounted
from finance.models import Account, Statement
from iconm_portal.display.template_tags import fiscal_year_short
from iconm_portal.models import Center
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


@dataclass(frozen=True)
class ContributionLimits:
    """The rules of some contributions and all that these rest on, as known on a day; then asked without queries."""

    _measures: Mapping[int, Measure]
    _receiving: Mapping[int, Collection[int]]  # accounts by measure
    _accounted: Accounted  # of contributions with a total over the period
    _indirect_cost: Mapping[FiscalYear, IndirectCost]

    @classmethod
    def hold(
        cls, center: Center, measures: Collection[int], *, today: date, statement: Statement | None = None
    ) -> "ContributionLimits":
        """Let nobody else draw on the contributions until this transaction ends, then see what limits them.

        Call it before summing a year: a limit is judged by all amounts of a measure, so that two people who each stay
        within it could pass it together. `statement`: the one, saved, whose amounts are to be held against the limits;
        its own research-support expenditure is then the one that counts. As many queries for many contributions.
        """
        held = SupportMeasure.objects.select_for_update().filter(pk__in=measures).order_by("pk")
        rules = dict(held.values_list("pk", "limit_rule"))
        indirect_cost = (
            _indirect_cost(center, today, statement)
            if LimitRule.INDIRECT_COST_INCOME in rules.values()
            else {}
        )
        known = support.load(center, known_at=today, indirect_cost=indirect_cost)
        of_periods = [measure for measure, rule in rules.items() if rule == LimitRule.PERIOD_TOTAL]
        accounts = list(Account.objects.filter(measure__in=of_periods).only("measure_id"))
        receiving = {pk: [one.pk for one in accounts if one.measure_id == pk] for pk in of_periods}
        drawn = settled_amounts.load(center, [one.pk for one in accounts], known_at=today)
        in_force = {one.id: one for one in known if one.id in rules and not one.is_draft}
        return cls(in_force, receiving, drawn, indirect_cost)

    def excess(self, account: Account, year: FiscalYear, amount: int) -> Excess | None:
        """By how much the year's whole amount of the account passes the limit of the contribution that it receives.

        None where it stays within it, where there is no limit, none in force or none that can be checked, and where a
        confirmed consultation allowed the amount.
        """
        known = self._measures.get(account.measure_id or 0)
        if known is None:
            return None
        raised = raised_to(known, year)
        if raised is not None and amount <= raised:
            return None
        checks = self._checks(known, year, amount)
        passed = limits.lowest_passed(checks)
        if passed is None or passed.limit is None:
            return None
        limit, of_all = passed.limit, passed.amount
        if raised is not None:
            # The year's own share of the limit, or what the consultation allowed for the year, whichever is more.
            limit = max(limit, raised + of_all - amount)
        return Excess(account.name, year, passed.ceiling, of_all, limit, limit > passed.limit)

    def _checks(self, known: Measure, year: FiscalYear, amount: int) -> tuple[Check, ...]:
        match known.limit_rule:
            case LimitRule.PERIOD_TOTAL:
                of_all = sum(self._of_other_years(known, year)) + amount
                return (Check(Ceiling.PERIOD_TOTAL, of_all, known.total),)
            case LimitRule.INDIRECT_COST_INCOME | LimitRule.ANNUAL_AGREEMENT | LimitRule.NONE:
                return year_checks(
                    known, year, amount, indirect_cost=self._indirect_cost.get(year, NOT_RECORDED)
                )
            case _:
                assert_never(known.limit_rule)

    def _of_other_years(self, known: Measure, year: FiscalYear) -> Iterator[int]:
        """What was drawn in the measure's other years; where no account says, what was granted for them."""
        accounts = self._receiving[known.id]
        for other in {*(of_year.year for of_year in known.recorded), *self._accounted.years} - {year}:
            amount = self._accounted.drawn(accounts, other)
            granted = known.year(other)
            if amount is not None:
                yield amount
            elif granted is not None and granted.fact is not None:
                yield granted.fact.amount


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
        "amount": exact_yen(found.amount),
        "limit": large(found.limit) if found.rule is Ceiling.PERIOD_TOTAL else exact_yen(found.limit),
        "excess": exact_yen(found.by),
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


def year_checks(
    measure: Measure, year: FiscalYear, amount: int, *, indirect_cost: IndirectCost
) -> tuple[Check, ...]:
    """A year's amount against the measure's own rule and the city's budget; none where only the years' sum is limited."""
    of_year = measure.year(year)
    budget = Check(Ceiling.BUDGET, amount, of_year.budget.amount if of_year and of_year.budget else None)
    match measure.limit_rule:
        case LimitRule.INDIRECT_COST_INCOME:
            return (
                limits.indirect_cost_check(amount, indirect_cost.income, indirect_cost.expenditure),
                budget,
            )
        case LimitRule.ANNUAL_AGREEMENT:
            return (Check(Ceiling.ANNUAL_AGREEMENT, amount, measure.agreed.get(year)), budget)
        case LimitRule.PERIOD_TOTAL | LimitRule.NONE:
            return ()
        case _:
            assert_never(measure.limit_rule)


def _indirect_cost(
    center: Center, today: date, statement: Statement | None
) -> dict[FiscalYear, IndirectCost]:
    """What the accounts say; of the statement that is being handed in, its own lines first."""
    found = settled_amounts.indirect_cost(center, known_at=today, for_operator=True)
    if statement is None:
        return found
    income, expenditure = settled_amounts.purposes(center)
    own = dict(statement.lines.order_by().values_list("account_id", "amount"))

    def of(accounts: frozenset[int], otherwise: int | None) -> int | None:
        amounts = [own[account] for account in accounts if account in own]
        return sum(amounts) if amounts else otherwise

    otherwise = found.get(statement.fiscal_year, NOT_RECORDED)
    of_year = IndirectCost(of(income, otherwise.income), of(expenditure, otherwise.expenditure))
    return found | {statement.fiscal_year: of_year}
