"""The history's targets and reports (`tests.generated.chronicle`): interim, forecast and final values, blanks, corrections."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, Plan, Report
from kpi.plans import actions as plan_actions
from kpi.plans.achievement import Certainty
from kpi.reports import actions
from kpi.targets import actions as target_proposals
from kpi.targets.actions import Terms
from kpi.value_sources.entry_values import Comment, Entered
from tests.generated.chronicle_log import ReportKnown, TargetKnown
from tests.generated.frame import COUNTED, TAKEN
from tests.generated.pen import Pen, Steps
from tests.generated.reckoned_sources import Sources

Values = dict[Indicator, int | str | None]
Sheet = dict[Indicator, Entered]


class OfReports(Pen):
    """What is aimed at and what is reported."""

    plans: dict[str, Plan]

    def _figure(self, indicator: Indicator, most: int) -> int:
        """A value in base units that its indicator can have."""
        if indicator.unit == "%":
            return self.random.randint(1, min(most, 100))
        if indicator.scale == 1000:  # also what is not whole in the unit that it is shown in
            return self.random.randint(1, most) * 1000 + self.random.choice([0, 0, 499, 500])
        return self.random.randint(1, most)

    # -- Targets --

    def _first_targets(self, code: str) -> Steps[None]:
        plan = self.plans[code]
        at = yield self._on(date(plan.first_year.start, 2, 10))
        for indicator in plan.indicators.order_by("position"):
            for year in FiscalYear.range(plan.first_year, plan.last_year):
                self._add(plan, indicator, year, at, reason="")

    def _add(self, plan: Plan, indicator: Indicator, year: FiscalYear, at: datetime, *, reason: str) -> None:
        """Settled in one step, in force at once."""
        value, day = self._figure(indicator, 90), self._day(at)
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

    def _revised_targets(self, code: str, year: int) -> Steps[None]:
        """One side proposes the plan's last year anew, for a later day or an earlier one; the other confirms, declines or
        nobody answers."""
        plan, last = self.plans[code], self.plans[code].last_year
        settled = self._later(date(year, 9, 1))
        in_force = settled + timedelta(days=self.random.choice([0, 0, 1, 40, 250, 700, -30, -160]))
        proposer, other = self.sides()
        reason = f"{year}年の見直し"
        values = {
            # Never the value that is in force already.
            (indicator, last): Decimal(91 + year % 9 if indicator.unit == "%" else 100 * year + number)
            for number, indicator in enumerate(plan.indicators.order_by("position"))
            if self.random.random() < 0.6
        }
        if not values:
            return
        answer = self.random.choice(["confirm", "confirm", "decline", "wait"])
        at = yield self._on(date(year, 8, 30))
        paper = ("targets", code, year)
        made = self.tried(
            target_proposals.start,
            plan=plan,
            terms=Terms(reason, in_force, self.talk, may_move=True),
            values=values,
            by=proposer,
            at=at,
        )
        if made is None:
            return
        target_proposals.propose(proposal=made, version=made.version, by=proposer, at=at)
        self.note(paper, "submitted", at, proposer)
        at = yield self._on(settled, after=at)
        if answer == "decline":
            target_proposals.decline(proposal=made, version=made.version, reason="時期尚早", by=other, at=at)
            self.note(paper, "declined", at, other)
        elif answer == "confirm":
            target_proposals.confirm(proposal=made, version=made.version, by=other, at=at)
            self.note(paper, "accepted", at, other)
            who, known = frozenset({proposer.name, other.name}), self._day(at)
            self.log.targets += [
                TargetKnown(code, indicator.code, of.start, int(value), known, in_force, reason, who)
                for (indicator, of), value in values.items()
            ]

    # -- Reports --

    def _reports(self, code: str, year: int) -> Steps[None]:
        """An interim report in some years, a forecast in some, the year's own, and sometimes a correction of either."""
        plan, interim = self.plans[code], None
        if plan.baseline_year and year == plan.first_year.start:
            yield from self._report(plan, 2015, date(2016, 3, 31), date(2016, 5, 2), Certainty.FINAL)
        if self.random.random() < 0.5:
            called = self.random.choice([Certainty.INTERIM, Certainty.FINAL])
            interim = yield from self._report(plan, year, date(year, 9, 30), date(year, 10, 20), called)
        if self.random.random() < 0.25:
            last = Certainty.FORECAST
            yield from self._report(plan, year, date(year + 1, 2, 28), date(year + 1, 3, 5), last)
        if self.random.random() < 0.1:
            return  # nobody reports what the year came to
        # Sometimes the year's own set holds forecasts still, which are corrected, or stay.
        called = self.random.choice([Certainty.FINAL] * 4 + [Certainty.FORECAST])
        late = self.random.choice([0, 0, 0, 120])
        day = date(year + 1, 5, 10) + timedelta(days=late)
        final = yield from self._report(plan, year, date(year + 1, 3, 31), day, called)
        if interim and self.random.random() < 0.5:  # the year's own report holds all the same
            yield from self._correction(interim, date(year + 1, 6, 10), Certainty.INTERIM)
        for number in range(self.random.choice([0, 0, 1, 2])):
            final = yield from self._correction(
                final, date(year + 1, 7 + number, 20) + timedelta(days=late), Certainty.FINAL
            )

    def _values(self, draft: Report, at: datetime) -> Values:
        """At least one of them a number; mostly what they are taken from or counted in says, where that says anything."""
        found: Values = {
            indicator: self.random.choice([self._figure(indicator, 120)] * 6 + ["-", None])
            for indicator in draft.plan.indicators.order_by("position")
        }
        first = next(iter(found))
        found |= {first: self._figure(first, 120)}
        for indicator in found:
            proposed = self._proposed(draft, indicator, at)
            if proposed is not None and self.random.random() < 0.7:
                found[indicator] = proposed
        return found

    def _proposed(self, draft: Report, indicator: Indicator, at: datetime) -> int | None:
        """By the log alone; of a count sometimes less."""
        key = (draft.plan.code, indicator.code, draft.fiscal_year.start)
        sources = Sources(self.log, self._day(at))
        if key[:2] in TAKEN:
            line = sources.line(key, draft.as_of)
            return line[1] if line else None
        if key[:2] in COUNTED:
            count = sources.count(key, draft.as_of)
            return max(count.least - self.random.choice([0, 0, 0, 1, 2]), 1) if count else None
        return None

    def _report(self, plan: Plan, year: int, as_of: date, day: date, called: Certainty) -> Steps[Report]:
        at = yield self._on(day)
        draft = actions.start_report(plan=plan, fiscal_year=FiscalYear(year), as_of=as_of, by=self.foundation)
        return (yield from self._on_its_way(draft, at, called))

    def _correction(self, report: Report, day: date, called: Certainty) -> Steps[Report]:
        at = yield self._on(day)
        draft = actions.start_correction(report=report, reason=f"{day}の訂正", by=self.foundation)
        return (yield from self._on_its_way(draft, at, called))

    def _on_its_way(self, draft: Report, at: datetime, called: Certainty) -> Steps[Report]:
        """Handed in; perhaps taken back, or returned with a comment and other values; accepted in the end."""
        paper = ("report", draft.plan.code, draft.fiscal_year.start, draft.as_of, draft.revision)
        self.note(paper, "draft", at, self.foundation)
        sheet, handed_in = self._hand_in(draft, at, called), self._day(at)
        self.note(paper, "submitted", at, self.foundation)
        if self.random.random() < 0.4:
            actions.take_back(report=draft, version=draft.version, by=self.foundation)
            self.note(paper, "draft", at, self.foundation)
            at = yield self._on(self._later(self._day(at), 3), after=at)
            sheet, handed_in = self._hand_in(draft, at, called), self._day(at)
            self.note(paper, "submitted", at, self.foundation)
        if self.random.random() < 0.5:
            at = yield self._on(self._later(self._day(at), 5), after=at)
            actions.open_review(report=draft, version=draft.version, by=self.city, at=at)
            comments = [Comment("確認してください。")]
            actions.send_back(report=draft, version=draft.version, comments=comments, by=self.city, at=at)
            self.note(paper, "returned", at, self.city)
            at = yield self._on(self._later(self._day(at), 5), after=at)
            sheet, handed_in = self._hand_in(draft, at, called), self._day(at)
            self.note(paper, "submitted", at, self.foundation)
        at = yield self._on(self._later(self._day(at)), after=at)
        actions.open_review(report=draft, version=draft.version, by=self.city, at=at)
        actions.accept(report=draft, version=draft.version, by=self.city, at=at)
        self.note(paper, "accepted", at, self.city)
        said = {one.code: "-" if entered.not_applicable else entered.value for one, entered in sheet.items()}
        self.log.reports.append(
            ReportKnown(
                draft.plan.code,
                draft.fiscal_year.start,
                draft.as_of,
                draft.revision,
                {
                    code: value if value == "-" else int(value)
                    for code, value in said.items()
                    if value is not None
                },
                {code: called.value for code, value in said.items() if value not in (None, "-")},
                self._day(at),
                draft.reason,
                noted=frozenset(one.code for one, entered in sheet.items() if entered.note),
                handed_in=handed_in,
                statements=len(self.log.statements),
                records=len(self.log.records),
            )
        )
        return draft

    def _hand_in(self, draft: Report, at: datetime, called: Certainty) -> Sheet:
        sheet = {
            indicator: Entered(not_applicable=True)
            if value == "-"
            else Entered()
            if value is None
            else Entered(
                Decimal(value), certainty=called, note=self._note(draft, indicator, int(value), called, at)
            )
            for indicator, value in self._values(draft, at).items()
        }
        actions.save_and_submit(
            report=draft, version=draft.version, as_of=draft.as_of, entered=sheet, by=self.foundation, at=at
        )
        return sheet

    def _note(self, draft: Report, indicator: Indicator, value: int, called: Certainty, at: datetime) -> str:
        """Always, but for what is taken from the settlement and says the same: then sometimes."""
        key = (draft.plan.code, indicator.code, draft.fiscal_year.start)
        if key[:2] in TAKEN and self.random.random() < 0.5:
            sources = Sources(self.log, self._day(at))
            line = sources.line(key, draft.as_of)
            if line is None or not sources.differs(key, value, called.value, line):
                return ""
        return "集計し直した"
