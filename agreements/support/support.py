"""Support measures with their amounts year by year, as known at the end of a day. Amounts in whole yen.

The pages, the sheets and the action that records an amount all ask here what a limit allows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from agreements.endings import free_use, grants
from agreements.endings.grants import Grant
from agreements.instruments import agreements as instrument_agreements
from agreements.models import (
    Agreement,
    AmountStage,
    LimitRule,
    MeasureChange,
    SupportAmount,
    SupportKind,
    SupportMeasure,
    as_amended,
    measure_changes,
)
from agreements.support import limits
from agreements.support.indirect_cost import NOT_RECORDED, IndirectCost, accounted_indirect_cost
from agreements.support.limits import Check, Standing, YearAmounts
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear


class Blank(StrEnum):
    """Why a year shows no amount. None of these is zero."""

    NOT_PRINTED = (
        "not_printed"  # the document that the measure's amounts come from gives none: 資料に記載なし
    )
    NOT_RECORDED = "not_recorded"  # 未記録


@dataclass(frozen=True, slots=True)
class AmountFact:
    """A revision of an amount, with who stands behind it."""

    year: FiscalYear
    stage: AmountStage
    revision: int
    amount: int
    known_from: date
    reason: str
    consultation: str
    consultation_number: int | None
    source: str
    recorded_by: str


@dataclass(frozen=True, slots=True)
class YearOfMeasure:
    """A fiscal year of a contribution: the revisions in force, and how they stand against the limit."""

    year: FiscalYear
    budget: AmountFact | None
    settled: AmountFact | None
    agreed: int | None  # the annual agreement's contribution
    indirect_cost: IndirectCost  # what the accounts say of the expenditure behind it
    checks: tuple[Check, ...]
    blank: Blank

    def at(self, stage: AmountStage) -> AmountFact | None:
        """What is in force at the stage."""
        match stage:
            case AmountStage.BUDGET:
                return self.budget
            case AmountStage.SETTLED:
                return self.settled
            case _:
                assert_never(stage)

    @property
    def amounts(self) -> YearAmounts:
        return _amounts(self.budget, self.settled, self.agreed, self.indirect_cost)

    @property
    def fact(self) -> AmountFact | None:
        """What was settled, before that the budget."""
        return self.settled or self.budget

    @property
    def worst(self) -> Check | None:
        return limits.worst(self.checks)

    @property
    def is_allowed(self) -> bool:
        """Whether a confirmed consultation allowed the amount that counts."""
        return self.fact is not None and self.fact.consultation_number is not None


@dataclass(frozen=True)
class Measure:
    """A support measure with everything known about it."""

    id: int
    code: str
    kind: SupportKind
    title: str
    conditions: str
    source: str
    agreement: Agreement
    contract: Agreement | None
    provision_label: str
    provision_key: str
    first_year: FiscalYear
    last_year: FiscalYear | None
    total: int | None
    limit_rule: LimitRule
    years: tuple[YearOfMeasure, ...]
    revisions: tuple[AmountFact, ...]
    agreed: Mapping[FiscalYear, int]  # what its annual agreements fix, also for years that have not begun
    grant: Grant  # from when until when, and what ends it
    drafts: tuple[Agreement, ...]  # of what it rests on: those that are not concluded
    known_at: date
    changes: tuple[MeasureChange, ...]  # by amendments that both had confirmed
    seen: int  # how many revisions there are at all: what an entry names as the state it saw

    @property
    def is_contribution(self) -> bool:
        """Only contributions have amounts year by year; a loan's is its total, and land has none."""
        return self.kind == SupportKind.CONTRIBUTION

    @property
    def is_draft(self) -> bool:
        """案: nobody has concluded what it rests on, so that nothing is granted, nothing limited, and it counts nowhere."""
        return bool(self.drafts)

    @property
    def is_land(self) -> bool:
        """Whether it is the use of land free of charge, on which the city judges."""
        return self.kind == SupportKind.LAND

    @property
    def is_over(self) -> bool:
        """Whether nothing is granted any more on the day."""
        return self.grant.is_over(self.known_at)

    @property
    def ends_in(self) -> FiscalYear | None:
        """The last fiscal year of which something is granted: that for which it was, or an earlier one in which it ends."""
        return self.grant.last_year

    @property
    def not_free_since(self) -> date | None:
        """Land: the day from which on the city's judgement has taken its being free of charge."""
        judgement = self.grant.judgement
        return judgement.takes_effect_on if judgement and self.is_over else None

    @property
    def recorded(self) -> tuple[YearOfMeasure, ...]:
        """The years with an amount."""
        return tuple(year for year in self.years if year.fact)

    @property
    def settled_years(self) -> tuple[YearOfMeasure, ...]:
        return tuple(year for year in self.years if year.settled)

    @property
    def settled_sum(self) -> int | None:
        """What was settled in all; None where nothing is recorded, which is not 0, and over a gap in the years."""
        return sum_without_gap({year.year: year.settled.amount for year in self.years if year.settled})

    @property
    def budget_sum(self) -> int | None:
        """What was budgeted in all, likewise."""
        return sum_without_gap({year.year: year.budget.amount for year in self.years if year.budget})

    @property
    def recorded_sum(self) -> int | None:
        """What was settled, and for other years the budget; likewise."""
        return sum_without_gap({year.year: year.fact.amount for year in self.years if year.fact})

    @property
    def has_budget_in_sum(self) -> bool:
        return any(year.fact is not None and year.settled is None for year in self.years)

    @property
    def missing(self) -> tuple[YearOfMeasure, ...]:
        """The years without any amount."""
        return tuple(year for year in self.years if year.fact is None)

    def is_partial(self, today: date) -> bool:
        """Whether a year that is over has no amount."""
        return any(year.year < FiscalYear.of(today) for year in self.missing)

    def has_ended(self, today: date) -> bool:
        """After it nothing more is to come, whatever a total says."""
        last = self.grant.last_day
        return last is not None and last < today

    def remaining(self, today: date) -> int | None:
        """What the period's total still allows while the period runs; None after its end, past it, and for other limits."""
        check = self.period_check
        if check is None or check.limit is None or check.standing is Standing.PASSED or self.has_ended(today):
            return None
        return check.limit - check.amount

    @property
    def period_check(self) -> Check | None:
        """The years' sum against the total, where the total is the limit and something is recorded."""
        if self.limit_rule != LimitRule.PERIOD_TOTAL or self.total is None or not self.recorded:
            return None
        return limits.period_check(self.total, (year.amounts for year in self.years))

    @property
    def checks(self) -> tuple[Check, ...]:
        period = self.period_check
        return (*((period,) if period else ()), *(check for year in self.years for check in year.checks))

    @property
    def passed(self) -> tuple[bool, ...]:
        """Of each limit that is passed, whether a consultation allowed it: a year counts once, whatever ceilings it passes, and
        so does the period, for which one of its years is enough. None did where an amendment lowered the total.
        """
        years = [
            year.is_allowed
            for year in self.years
            if any(check.standing is Standing.PASSED for check in year.checks)
        ]
        period = self.period_check
        if period is not None and period.standing is Standing.PASSED:
            years.append(any(year.is_allowed for year in self.years))
        return tuple(years)

    @property
    def unchecked_years(self) -> tuple[FiscalYear, ...]:
        """The years whose limit cannot be checked."""
        return tuple(
            year.year for year in self.years if year.worst and year.worst.standing is Standing.UNKNOWN
        )

    def year(self, year: FiscalYear) -> YearOfMeasure | None:
        return next((found for found in self.years if found.year == year), None)


def gap_in(years: Collection[FiscalYear]) -> tuple[FiscalYear, ...]:
    """The years between the first and the last that are not among them."""
    if not years:
        return ()
    return tuple(year for year in FiscalYear.range(min(years), max(years)) if year not in years)


def sum_without_gap(amounts: Mapping[FiscalYear, int]) -> int | None:
    """The sum of the years' amounts; None where there is none, or where a year between them has none."""
    return None if not amounts or gap_in(amounts) else sum(amounts.values())


def load(
    center: Center,
    *,
    known_at: date,
    code: str = "",
    indirect_cost: Mapping[FiscalYear, IndirectCost] | None = None,
) -> tuple[Measure, ...]:
    """The center's measures, or the one with the code, as known at the end of the day (Japan); ten queries.

    Where a limit rests on the indirect-cost income, the accounts are asked too (`agreements.support.indirect_cost`),
    unless the caller says by `indirect_cost` what they say.
    """
    rows = SupportMeasure.objects.filter(center=center, **({"code": code} if code else {}))
    rows = rows.select_related("agreement", "contract", "provision").prefetch_related(
        "changes__edition__agreement"
    )
    measures = as_amended(rows, day=known_at, known_at=known_at)
    revisions: dict[int, list[AmountFact]] = defaultdict(list)
    seen: dict[int, int] = defaultdict(int)
    for measure_id, fact in _revisions(center):
        seen[measure_id] += 1
        if fact.known_from <= known_at:
            revisions[measure_id].append(fact)
    agreed = _agreed_contributions(center, known_at)
    facts = instrument_agreements.of_center(center) if measures else {}
    judgements = free_use.load(center, known_at=known_at)
    if indirect_cost is None:
        of_income = any(measure.limit_rule == LimitRule.INDIRECT_COST_INCOME for measure in measures)
        indirect_cost = accounted_indirect_cost(center, known_at=known_at) if of_income else {}
    return tuple(
        _measure(
            measure,
            revisions[measure.pk],
            seen[measure.pk],
            agreed[measure.agreement_id],
            indirect_cost,
            grants.grant_on(measure, known_at, facts=facts, judgements=judgements, known_at=known_at),
            tuple(
                one
                for one in (measure.agreement, measure.contract)
                if one is not None and not facts[one.pk].is_concluded(known_at)
            ),
            known_at,
        )
        for measure in measures
    )


def _agreed_contributions(center: Center, known_at: date) -> Mapping[int, dict[FiscalYear, int]]:
    """The contributions of the annual agreements whose conclusion both had confirmed by then, by parent and fiscal year:
    each as the last amendment in force on the day has it. Two queries."""
    rows = instrument_agreements.concluded_annual(center, known_at=known_at)
    found: dict[int, dict[FiscalYear, int]] = defaultdict(dict)
    for agreement in rows:
        amount = instrument_agreements.contribution_on(agreement, agreement.editions.all(), known_at)
        if agreement.parent_id is not None and agreement.fiscal_year is not None and amount is not None:
            found[agreement.parent_id][agreement.fiscal_year] = amount
    return found


def year_checks(rule: LimitRule, amounts: YearAmounts) -> tuple[Check, ...]:
    """A year's amounts against its own limit; a total over the period is no limit of a year."""
    match rule:
        case LimitRule.INDIRECT_COST_INCOME:
            return limits.indirect_cost_checks(amounts)
        case LimitRule.ANNUAL_AGREEMENT:
            return limits.annual_agreement_checks(amounts)
        case LimitRule.PERIOD_TOTAL | LimitRule.NONE:
            return ()
        case _:
            assert_never(rule)


def _revisions(center: Center) -> Iterable[tuple[int, AmountFact]]:
    rows = (
        SupportAmount.objects.filter(measure__center=center)
        .order_by("measure_id", "fiscal_year", "stage", "revision")
        .values_list(
            "measure_id",
            "fiscal_year",
            "stage",
            "revision",
            "amount",
            "known_from",
            "reason",
            "consultation__subject",
            "consultation__number",
            "source",
            "recorded_by__name",
            named=True,
        )
    )
    for row in rows:
        yield (
            row.measure_id,
            AmountFact(
                year=row.fiscal_year,
                stage=AmountStage(row.stage),
                revision=row.revision,
                amount=row.amount,
                known_from=row.known_from,
                reason=row.reason,
                consultation=row.consultation__subject or "",
                consultation_number=row.consultation__number,
                source=row.source,
                recorded_by=row.recorded_by__name or "",
            ),
        )


def _measure(
    measure: SupportMeasure,
    revisions: list[AmountFact],
    seen: int,
    agreed: Mapping[FiscalYear, int],
    indirect_cost: Mapping[FiscalYear, IndirectCost],
    grant: Grant,
    drafts: tuple[Agreement, ...],
    known_at: date,
) -> Measure:
    provision = measure.provision
    # What an annual agreement fixes for a year that the measure no longer comes to, nobody grants.
    agreed = {
        year: amount for year, amount in agreed.items() if grant.last_year is None or year <= grant.last_year
    }
    return Measure(
        id=measure.pk,
        code=measure.code,
        kind=measure.kind,
        title=measure.title,
        conditions=measure.conditions,
        source=measure.source,
        agreement=measure.agreement,
        contract=measure.contract,
        provision_label=provision.label if provision else "",
        provision_key=provision.key if provision else "",
        first_year=measure.first_year,
        last_year=measure.last_year,
        total=measure.total,
        limit_rule=LimitRule(measure.limit_rule),
        years=tuple(_years(measure, grant, revisions, agreed, indirect_cost, known_at)),
        revisions=tuple(revisions),
        agreed=agreed,
        grant=grant,
        drafts=drafts,
        known_at=known_at,
        changes=tuple(measure_changes(measure, known_at=known_at)),
        seen=seen,
    )


def _years(
    measure: SupportMeasure,
    grant: Grant,
    revisions: list[AmountFact],
    agreed: Mapping[FiscalYear, int],
    indirect_cost: Mapping[FiscalYear, IndirectCost],
    known_at: date,
) -> Iterable[YearOfMeasure]:
    """The years of a contribution that have begun, and later ones that have an amount already; a draft has none."""
    if measure.kind != SupportKind.CONTRIBUTION or not grant.is_concluded:
        return
    in_force = {(fact.year, fact.stage): fact for fact in revisions}  # ordered by revision: the highest stays
    begun = min(grant.last_year or FiscalYear.of(known_at), FiscalYear.of(known_at))
    years = FiscalYear.range(measure.first_year, begun) if measure.first_year <= begun else ()
    # Where a document gives the amounts, a year without one is a year of which it says nothing.
    blank = Blank.NOT_PRINTED if any(fact.source for fact in revisions) else Blank.NOT_RECORDED
    for year in sorted({*years, *(fact.year for fact in revisions)}):
        budget = in_force.get((year, AmountStage.BUDGET))
        settled = in_force.get((year, AmountStage.SETTLED))
        spent = indirect_cost.get(year, NOT_RECORDED)
        checks = year_checks(measure.limit_rule, _amounts(budget, settled, agreed.get(year), spent))
        yield YearOfMeasure(year, budget, settled, agreed.get(year), spent, checks, blank)


def _amounts(
    budget: AmountFact | None, settled: AmountFact | None, agreed: int | None, indirect_cost: IndirectCost
) -> YearAmounts:
    return YearAmounts(_yen(budget), _yen(settled), agreed, indirect_cost.income, indirect_cost.expenditure)


def _yen(fact: AmountFact | None) -> int | None:
    return fact.amount if fact else None
