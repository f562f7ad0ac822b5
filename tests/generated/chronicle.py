"""Ten fiscal years of a center, made through the real actions at moments of their own, and what became known when.

The log is written while the steps are taken and never read from the models, so that a reconstruction of any past day
(`tests.generated.reckoned`) can be held against the read models. The same seed makes the same history.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import time_machine

from agreements.models import Bound, VerificationKind, Way
from finance.models import RecordedUnit, Stage, Statement
from finance.statements import actions as statement_actions
from finance.statements import draft_actions
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Continuity, Indicator, Plan, Report
from kpi.plans import actions as plan_actions
from kpi.reports import actions
from kpi.targets import actions as target_proposals
from kpi.targets.actions import Terms
from kpi.value_sources.entry_values import Comment, Entered
from tests.builders.agreements import ANNUAL, DRAFT_PLAN, REPORT, make_agreement, make_obligation
from tests.builders.finance import entered as lines_of
from tests.builders.finance import make_accounts
from tests.builders.plans import INCOME, OCCUPANCY, PATENTS, TRIALS, make_plan, tokyo
from tests.builders.support import make_measure
from tests.generated.chronicle_duties import OfDuties
from tests.generated.chronicle_log import Log, ReportKnown, StatementKnown, TargetKnown

PLANS = {"first": (2016, 2018), "second": (2019, 2021), "third": (2022, 2025)}


class Chronicle(OfDuties):
    """Writes the history, a fiscal year after the other."""

    def __init__(self, center: Center, *, foundation: User, city: User, seed: int) -> None:
        super().__init__(center, foundation=foundation, city=city, seed=seed)
        self.plans = self._plans()
        make_accounts(center)
        self._agreement()

    def write(self) -> Log:
        """All of it."""
        for code, (first, _last) in PLANS.items():
            self._first_targets(code, self._on(date(first, 2, 10)))
        for year in range(2016, 2026):
            self._budget(year)
            self._duties(year)
            self._verification(year - 1)
            for code, plan in self.plans.items():
                if plan.first_year.start <= year - 1 <= plan.last_year.start:
                    self._reports(code, year - 1)
                    self._revised_targets(code, year)
            if year > 2016:
                self._settlement(year - 1)
        return self.log

    # -- The frame: three plans, two obligations of each way, one measure --

    def _plans(self) -> dict[str, Plan]:
        """Trials continue twice; patents are counted otherwise from the second plan on; occupancy comes with the third."""
        made = {}
        for code, years in PLANS.items():
            shapes = [TRIALS, PATENTS, INCOME] + ([OCCUPANCY] if code == "third" else [])
            baseline = {"baseline_year": 2015} if code == "first" else {}
            made[code] = make_plan(self.center, code=code, years=years, indicators=shapes, **baseline)
        for before, after in (("first", "second"), ("second", "third")):
            self._follows(made[before], made[after], "trials", Continuity.CONTINUES)
        self._follows(made["first"], made["second"], "patents", Continuity.BREAKS)
        return made

    def _follows(self, before: Plan, after: Plan, code: str, how: Continuity) -> None:
        Indicator.objects.filter(plan=after, code=code).update(
            predecessor=before.indicators.get(code=code), continuity=how, continuity_reason="前計画から"
        )

    def _agreement(self) -> None:
        agreement = make_agreement(self.center, concluded=date(2016, 3, 25), starts_on=date(2016, 4, 1))
        made = [make_obligation(agreement, REPORT, documents=1), make_obligation(agreement, DRAFT_PLAN)]
        made.append(make_obligation(agreement, ANNUAL))
        make_obligation(
            agreement,
            {**ANNUAL, "code": "verified", "title": "検証", "bound": Bound.BOTH, "way": Way.JOINT},
            verification=VerificationKind.KPI,
        )
        self.measure = make_measure(agreement, first_year=2016)
        self.support_revisions: dict[int, int] = {}

    # -- Targets --

    def _first_targets(self, code: str, at: datetime) -> None:
        plan = self.plans[code]
        for indicator in plan.indicators.order_by("position"):
            for year in FiscalYear.range(plan.first_year, plan.last_year):
                self._add(plan, indicator, year, at, reason="")

    def _add(self, plan: Plan, indicator: Indicator, year: FiscalYear, at: datetime, *, reason: str) -> None:
        """Settled in one step, in force at once."""
        value, day = self.random.randint(1, 90), self._day(at)
        with time_machine.travel(at, tick=False):
            plan_actions.add_target(
                indicator=indicator,
                fiscal_year=year,
                value=Decimal(value),
                known_from=day,
                by=self.city,
                reason=reason,
            )
        who = frozenset({self.city.name})
        self.log.targets.append(
            TargetKnown(plan.code, indicator.code, year.start, value, day, day, reason, who)
        )

    def _revised_targets(self, code: str, year: int) -> None:
        """One side proposes the plan's last year anew, for a later day; the other confirms, declines or nobody answers."""
        plan, last = self.plans[code], self.plans[code].last_year
        settled = self._later(date(year, 9, 1))
        in_force = settled + timedelta(days=self.random.choice([0, 0, 1, 40, 250, 700]))
        proposer, other = self.random.sample([self.foundation, self.city], 2)
        reason = f"{year}年の見直し"
        values = {
            # Never the value that is in force already.
            (indicator, last): Decimal(91 + year % 9 if indicator.unit == "%" else 100 * year + number)
            for number, indicator in enumerate(plan.indicators.order_by("position"))
            if self.random.random() < 0.6
        }
        if not values:
            return
        answer, at = self.random.choice(["confirm", "confirm", "decline", "wait"]), self._on(settled)
        with time_machine.travel(tokyo(date(year, 8, 30)), tick=False) as clock:
            made = target_proposals.start(
                plan=plan,
                terms=Terms(reason, in_force, self.talk),
                values=values,
                by=proposer,
                at=tokyo(date(year, 8, 30)),
            )
            target_proposals.propose(
                proposal=made, version=made.version, by=proposer, at=tokyo(date(year, 8, 30))
            )
            clock.move_to(at)
            if answer == "confirm":
                target_proposals.confirm(proposal=made, version=made.version, by=other, at=at)
            elif answer == "decline":
                target_proposals.decline(
                    proposal=made, version=made.version, reason="時期尚早", by=other, at=at
                )
        if answer == "confirm":
            who = frozenset({proposer.name, other.name})
            for (indicator, of), value in values.items():
                self.log.targets.append(
                    TargetKnown(
                        code, indicator.code, of.start, int(value), self._day(at), in_force, reason, who
                    )
                )

    # -- Reports --

    def _reports(self, code: str, year: int) -> None:
        """An interim report in some years, the year's own, and sometimes a correction of either."""
        plan = self.plans[code]
        if plan.baseline_year and year == plan.first_year.start:
            self._report(plan, 2015, date(2016, 3, 31), date(2016, 5, 2))
        interim = None
        if self.random.random() < 0.5:
            interim = self._report(plan, year, date(year, 9, 30), date(year, 10, 20))
        final = self._report(plan, year, date(year + 1, 3, 31), date(year + 1, 5, 10))
        if interim and self.random.random() < 0.5:  # the year's own report holds all the same
            self._correction(interim, date(year + 1, 6, 10))
        for number in range(self.random.choice([0, 0, 1, 2])):
            final = self._correction(final, date(year + 1, 7 + number, 20))

    def _values(self, plan: Plan) -> dict[Indicator, int | str | None]:
        """At least one of them a number."""
        found: dict[Indicator, int | str | None] = {
            indicator: self.random.choice(
                [self.random.randint(0, 100 if indicator.unit == "%" else 120)] * 6 + ["-", None]
            )
            for indicator in plan.indicators.order_by("position")
        }
        first = next(iter(found))
        return found | {first: self.random.randint(0, 120)}

    def _report(self, plan: Plan, year: int, as_of: date, day: date) -> Report:
        with time_machine.travel(tokyo(day), tick=False):
            draft = actions.start_report(
                plan=plan, fiscal_year=FiscalYear(year), as_of=as_of, by=self.foundation
            )
        return self._on_its_way(draft, day)

    def _correction(self, report: Report, day: date) -> Report:
        with time_machine.travel(tokyo(day), tick=False):
            draft = actions.start_correction(report=report, reason=f"{day}の訂正", by=self.foundation)
        return self._on_its_way(draft, day)

    def _on_its_way(self, draft: Report, day: date) -> Report:
        """Handed in; perhaps taken back, or returned with a comment and other values; accepted in the end."""
        values = self._hand_in(draft, day)
        if self.random.random() < 0.4:
            with time_machine.travel(tokyo(day), tick=False):
                actions.take_back(report=draft, version=draft.version, by=self.foundation)
            values = self._hand_in(draft, day)
        if self.random.random() < 0.5:
            at = tokyo(day := self._later(day, 5))
            with time_machine.travel(at, tick=False):
                actions.open_review(report=draft, version=draft.version, by=self.city, at=at)
                comments = [Comment("確認してください。")]
                actions.send_back(report=draft, version=draft.version, comments=comments, by=self.city, at=at)
            values = self._hand_in(draft, day)
        at = self._on(self._later(day), after=tokyo(day))
        with time_machine.travel(at, tick=False):
            actions.open_review(report=draft, version=draft.version, by=self.city, at=at)
            actions.accept(report=draft, version=draft.version, by=self.city, at=at)
        said = {indicator.code: value for indicator, value in values.items() if value is not None}
        self.log.reports.append(
            ReportKnown(
                draft.plan.code,
                draft.fiscal_year.start,
                draft.as_of,
                draft.revision,
                said,
                self._day(at),
                draft.reason,
            )
        )
        return draft

    def _hand_in(self, draft: Report, day: date) -> dict[Indicator, int | str | None]:
        values, at = self._values(draft.plan), tokyo(day)
        sheet = {
            indicator: Entered(not_applicable=True)
            if value == "-"
            else Entered(
                None if value is None else Decimal(value), note="" if value is None else "集計し直した"
            )
            for indicator, value in values.items()
        }
        with time_machine.travel(at, tick=False):
            actions.save_and_submit(
                report=draft,
                version=draft.version,
                as_of=draft.as_of,
                entered=sheet,
                by=self.foundation,
                at=at,
            )
        return values

    # -- Statements --

    def _amounts(self, year: int) -> dict[str, int]:
        """Some accounts only; a part never exceeds its whole."""
        leaves = ["rent", "other", "research"] + (["building", "support"] if year >= 2022 else ["running"])
        found = {code: 1000 * self.random.randint(0, 900) for code in leaves if self.random.random() < 0.8}
        found["research-income"] = 1000 * self.random.randint(100, 900)
        if self.random.random() < 0.5:
            found["indirect"] = found["research-income"] // 10_000 * 1000
        return found

    def _budget(self, year: int) -> None:
        """Decided before the year; sometimes corrected or supplemented within it, and the forecast at its end."""
        statement = self._started(year, Stage.BUDGET, date(year, 2, 15))
        self._decided(statement, date(year, 2, 20))
        if self.random.random() < 0.3:
            self._decided(self._corrected(statement, date(year, 3, 10)), date(year, 3, 12))
        if self.random.random() < 0.5:
            self._decided(self._started(year, Stage.SUPPLEMENTARY, date(year, 11, 1)), date(year, 11, 10))
        if self.random.random() < 0.5:
            self._accepted(self._started(year, Stage.FORECAST, date(year + 1, 1, 10)), date(year + 1, 1, 20))
        yen, known = self.random.randint(1, 9) * 10**7, self._later(date(year, 3, 1), 60)
        for _revision in range(self.random.choice([1, 1, 2, 3])):
            self._support(year, yen, known)
            yen, known = self.random.choice([yen, yen * 2]), self._later(known, 40)

    def _support(self, year: int, yen: int, known: date) -> None:
        revision = self.support_revisions[year] = self.support_revisions.get(year, 0) + 1
        self.measure.amounts.create(
            fiscal_year=FiscalYear(year),
            stage="budget",
            revision=revision,
            amount=yen,
            known_from=known,
            reason="改定" if revision > 1 else "",
            source="T8",
        )
        self.log.support.append((year, yen, known))

    def _settlement(self, year: int) -> None:
        statement = self._started(year, Stage.SETTLEMENT, date(year + 1, 5, 20))
        self._accepted(statement, date(year + 1, 5, 25))
        if self.random.random() < 0.5:
            self._accepted(self._corrected(statement, date(year + 1, 8, 1)), date(year + 1, 8, 2))

    def _started(self, year: int, stage: Stage, day: date) -> Statement:
        with time_machine.travel(tokyo(day), tick=False):
            return draft_actions.start(
                center=self.center,
                fiscal_year=FiscalYear(year),
                stage=stage,
                unit=RecordedUnit.THOUSAND,
                by=self.foundation,
                at=tokyo(day),
            )

    def _corrected(self, statement: Statement, day: date) -> Statement:
        with time_machine.travel(tokyo(day), tick=False):
            return draft_actions.start_correction(
                statement=statement, reason=f"{day}の訂正", by=self.foundation
            )

    def _filled(self, statement: Statement, day: date) -> dict[str, int]:
        yen, at = self._amounts(statement.fiscal_year.start), tokyo(day)
        with time_machine.travel(at, tick=False):
            statement_actions.save_and_submit(
                statement=statement,
                version=statement.version,
                content=draft_actions.Content(lines_of(self.center, yen)),
                by=self.foundation,
                at=at,
            )
        return yen

    def _decided(self, statement: Statement, day: date) -> None:
        yen, at = self._filled(statement, day), self._on(self._later(day, 4), after=tokyo(day))
        with time_machine.travel(at, tick=False):
            statement_actions.decide(
                statement=statement,
                version=statement.version,
                consultation=self.talk,
                by=self.foundation,
                at=at,
            )
        self._settled_statement(statement, yen, at)

    def _accepted(self, statement: Statement, day: date) -> None:
        """Perhaps returned before, with other amounts."""
        yen = self._filled(statement, day)
        if self.random.random() < 0.4:
            with time_machine.travel(tokyo(day), tick=False):
                open_ = {"statement": statement, "by": self.city, "at": tokyo(day)}
                statement_actions.open_review(version=statement.version, **open_)
                statement_actions.send_back(version=statement.version, text="？", **open_)
            yen = self._filled(statement, day)
        at = self._on(self._later(day), after=tokyo(day))
        with time_machine.travel(at, tick=False):
            seen: dict[str, Any] = {"statement": statement, "by": self.city, "at": at}
            statement_actions.open_review(version=statement.version, **seen)
            statement_actions.accept(version=statement.version, **seen)
        self._settled_statement(statement, yen, at)

    def _settled_statement(self, statement: Statement, yen: dict[str, int], at: datetime) -> None:
        self.log.statements.append(
            StatementKnown(
                statement.fiscal_year.start,
                str(statement.stage),
                statement.revision,
                yen,
                self._day(at),
                statement.reason,
            )
        )
