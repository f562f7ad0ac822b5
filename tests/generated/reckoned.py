"""What each page must show at the end of a day, reckoned from a log of what became known: plain loops, no models."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.generated.chronicle_log import (
    DutyStep,
    Log,
    ReportKnown,
    RuleStep,
    StatementKnown,
    TargetKnown,
    VerifiedStep,
)
from tests.generated.frame import (
    CONCLUDED,
    DEEDS,
    DUE,
    OBLIGATIONS,
    PLANS,
    REVENUE,
    SPENT_BELOW_RUNNING,
    STARTS,
    VERIFIES,
    fiscal_year,
    last_of,
)

FACES = {
    "budget": ("supplementary", "budget"),
    "forecast": ("forecast",),
    "settlement": ("settlement",),
}


@dataclass(frozen=True, slots=True)
class Deed:
    """A statement that fulfils a duty: returned, in or settled since a day; handed in on that day, and settled anew on the last."""

    state: str
    since: date
    handed_in: date
    corrected: date | None = None
    side: str = ""


@dataclass(frozen=True, slots=True)
class Day:
    """A day, and the log of which only what was known at its end counts."""

    log: Log
    day: date

    # -- KPIs: (plan, indicator, year) --

    def targets(self) -> dict[tuple[str, str, int], TargetKnown]:
        """Of those that are known and in force, the one recorded last."""
        found = {}
        for one in self.log.targets:
            if one.known <= self.day and one.in_force <= self.day:
                found[one.plan, one.indicator, one.year] = one
        return found

    def judged_on(self, plan: str, code: str, year: int) -> date | None:
        """The first day on which a value of the whole year was accepted: a final one as of its end, or a forecast, which is
        none before the year is over. A later correction is judged by the same target."""
        days = []
        for one in self.log.reports:
            if (
                (one.plan, one.year) != (plan, year)
                or one.known > self.day
                or one.values.get(code, "-") == "-"
            ):
                continue
            if one.certainty[code] == "forecast" or (one.certainty[code], one.as_of) == (
                "final",
                last_of(year),
            ):
                days.append(max(one.known, last_of(year)))
        return min(days, default=None)

    def target_judging(self, key: tuple[str, str, int]) -> TargetKnown | None:
        """The target that the year is judged by: the one in force when it was first judged; before that the one of today."""
        judged, now = self.judged_on(*key), self.targets().get(key)
        then = now if judged is None or judged > self.day else Day(self.log, judged).targets().get(key)
        return now if then and now and then.value == now.value else then

    def judging(self) -> dict[tuple[str, str, int], int]:
        """The targets that the years are judged by."""
        found = {key: self.target_judging(key) for key in self.targets()}
        return {key: one.value for key, one in found.items() if one is not None}

    def reports(self) -> dict[tuple[str, int], ReportKnown]:
        """Of each plan and year the one as of the latest day, in its highest revision."""
        found: dict[tuple[str, int], ReportKnown] = {}
        for one in self.log.reports:
            if one.known > self.day:
                continue
            best = found.get((one.plan, one.year))
            if best is None or (one.as_of, one.revision) > (best.as_of, best.revision):
                found[one.plan, one.year] = one
        return found

    def actuals(self) -> dict[tuple[str, str, int], tuple[int | str, date]]:
        """The value (or "-") and the day it is of; blanks are missing, but within the year the value of an earlier day
        stands."""
        found = {}
        for (plan, year), report in self.reports().items():
            if report.as_of < date(year + 1, 3, 31):
                for one in self.by_day(plan, year):
                    found |= {(plan, code, year): (value, one.as_of) for code, value in one.values.items()}
            for code, value in report.values.items():
                found[plan, code, year] = (value, report.as_of)
        return found

    def by_day(self, plan: str, year: int) -> list[ReportKnown]:
        """Of each as-of day the highest revision known, the earliest day first."""
        known = [
            one for one in self.log.reports if (one.plan, one.year) == (plan, year) and one.known <= self.day
        ]
        known.sort(key=lambda one: (one.as_of, one.revision))
        return list({one.as_of: one for one in known}.values())

    def plans(self) -> list[str]:
        """Those of which anything is known."""
        known = {key[0] for key in (*self.targets(), *self.actuals())}
        return [code for code in PLANS if code in known]

    # -- Money: (year, face, account or total) --

    def statements(self) -> dict[tuple[int, str], StatementKnown]:
        """By year and face; a supplementary budget goes before the first one."""
        latest: dict[tuple[int, str], StatementKnown] = {}
        for one in self.log.statements:
            if one.known <= self.day:
                before = latest.get((one.year, one.stage))
                if before is None or (one.supplement, one.revision) > (before.supplement, before.revision):
                    latest[one.year, one.stage] = one
        found = {}
        for year in {year for year, _stage in latest}:
            for face, stages in FACES.items():
                in_force = [latest[year, stage] for stage in stages if (year, stage) in latest]
                if in_force:
                    found[year, face] = in_force[0]
        return found

    def money(self) -> dict[tuple[int, str, str], int | None]:
        """Yen, None where nothing is recorded; what does not hold in the year is missing."""
        found: dict[tuple[int, str, str], int | None] = {}
        for (year, face), statement in self.statements().items():
            for code, yen in self._figures(statement).items():
                found[year, face, code] = yen
        return found

    def _figures(self, statement: StatementKnown) -> dict[str, int | None]:
        get = statement.yen.get
        found = {code: get(code) for code in (*REVENUE, "indirect", "research")}
        if statement.year >= 2022:
            below = {code: get(code) for code in SPENT_BELOW_RUNNING}
            found |= below
            found["running"] = _added(below.values())
        else:
            found["running"] = get("running")
        received = _added(found[code] for code in REVENUE)
        spent = _added([found["research"], found["running"]])
        found["revenue"], found["expenditure"] = received, spent
        found["balance"] = None if received is spent is None else (received or 0) - (spent or 0)
        return found

    def money_years(self) -> list[int]:
        years = [year for year, _face in self.statements()]
        return list(range(min(years), max(years) + 1)) if years else []

    def support(self) -> dict[int, int]:
        return {year: yen for year, yen, known in self.log.support if known <= self.day}

    # -- Verifications --

    def verified(self, kind: str, year: int) -> list[VerifiedStep]:
        """When it was settled, settled anew, or said to stand, by the day."""
        return [
            one for one in self.log.verified if (one.kind, one.year) == (kind, year) and one.on <= self.day
        ]

    def corrected(self, kind: str, year: int) -> list[date]:
        """The days on which what both verified became something else since: the year's settlement, and its report in each
        plan; what the city judged alone rests on what there was to see. Empty while it holds, or before it is settled."""
        steps = self.verified(kind, year)
        if not steps:
            return []
        shown = _seen_at(self.log, [one for one in steps if one.how != "answered"][-1]).rests_on(year)
        seen = _seen_at(self.log, steps[-1]).rests_on(year)
        return [
            now.known
            for first, was, now in zip(shown, seen, self.rests_on(year), strict=True)
            if now is not None and now is not was and not (kind == "effect" and first is None)
        ]

    def rests_on(self, year: int) -> list[ReportKnown | StatementKnown | None]:
        """What a verification of the year rests on: its report in each plan, and its settlement."""
        plans = [plan for plan, (first, last) in PLANS.items() if first <= year <= last]
        reports = [self.reports().get((plan, year)) for plan in plans]
        return [*reports, self.statements().get((year, "settlement"))]

    # -- Duties: (obligation, year) --

    def deed(self, obligation: str, year: int) -> Deed | None:
        """What fulfils it: the first statement of the year that was handed in; a correction of one that is settled leaves it so."""
        stage = DEEDS.get(obligation)
        steps = [
            one
            for one in self.log.papers
            if stage and one.paper[:3] == ("statement", year, stage) and one.on <= self.day
        ]
        settled = [one for one in steps if one.state == "accepted"]
        handed_in = [one for one in steps if one.state == "submitted" and one.paper[-1] == 1]
        if settled:
            corrected = settled[-1].on if len(settled) > 1 else None
            return Deed("settled", settled[0].on, handed_in[-1].on, corrected)
        if not handed_in:
            return None
        state = "returned" if steps[-1].state == "returned" else "in"
        return Deed(state, steps[-1].on, handed_in[-1].on)

    def steps(self, obligation: str, year: int) -> list[DutyStep]:
        return [
            one
            for one in self.log.duties
            if (one.obligation, one.year) == (obligation, year) and one.on <= self.day
        ]

    def due(self) -> dict[tuple[str, int], date]:
        """The due dates that hold, of what is stored."""
        return {(one.obligation, one.year): one.due for one in self._until() if one.due is not None}

    def _until(self) -> Iterator[DutyStep]:
        return (one for one in self.log.duties if one.on <= self.day)

    def settled(self) -> set[tuple[str, int, date]]:
        """Duties and verifications (by their kind) with the day."""
        duties = {(one.obligation, one.year, one.on) for one in self._until() if one.what == "settled"}
        told = [one for one in self.log.verified if one.how == "verified" or _is_settled_anew(one)]
        return duties | {(one.kind, one.year, one.on) for one in told if one.on <= self.day}

    def duties(self) -> dict[tuple[str, int], tuple[str, date | None]]:
        """Of the running fiscal year's: how each stands, and until when it is due."""
        running = fiscal_year(self.day)
        found = {}
        for obligation in OBLIGATIONS:
            for year in range(running - 3, running + 4):
                one = self.duty(obligation, year)
                if one is not None and self._is_of(one[0], one[1], programme_year(obligation, year), running):
                    found[obligation, year] = (one[2], one[1])
        return found

    def _is_of(self, first: date | None, due: date | None, year: int, running: int) -> bool:
        days = [day for day in (first, due) if day]
        return any(fiscal_year(day) == running for day in days) if days else year == running

    def rule(self, obligation: str, year: int) -> RuleStep | None:
        """What the last amendment that speaks of the year made of it; None where the printed rule still holds."""
        found = [
            one
            for one in self.log.rules
            if one.obligation == obligation and one.from_year <= year and one.on <= self.day
        ]
        return max(found, key=lambda one: one.edition, default=None)

    def is_dropped(self, obligation: str, year: int) -> bool:
        rule = self.rule(obligation, year)
        return rule is not None and rule.due is None

    def due_by_rule(self, obligation: str, year: int) -> date | None:
        """The due date of what concerns the fiscal year, as amended; None where no article prints one."""
        rule = self.rule(obligation, year)
        due = rule.due if rule else DUE.get(obligation)
        if due is None:
            return None
        offset, month, day = due
        return date(year + offset, month, day)

    def duty(self, obligation: str, year: int) -> tuple[date | None, date | None, str] | None:
        """The first and the present due date and the state; None where the agreement does not ask for it."""
        printed = self.due_by_rule(obligation, year)
        is_stored = bool(self.steps(obligation, year))
        if not is_stored and self.is_dropped(obligation, year):
            return None
        if not is_stored and (date(year + 1, 3, 31) < STARTS or (printed and printed < STARTS)):
            return None
        deed = self.deed(obligation, year)
        kind = VERIFIES.get(obligation)
        is_verified = bool(kind and self.verified(kind, year))
        steps = self.steps(obligation, year)
        settled = "settled"
        if is_verified and kind and self.corrected(kind, year):
            settled = "changed" if kind == "effect" else "corrected"
        if not steps:
            unsettled = "not_stored" if self.day >= CONCLUDED else "draft"
            if printed and printed < self.day and unsettled == "not_stored":
                unsettled = "overdue"  # due all the same
            if deed is not None and unsettled != "draft" and deed.state != "returned":
                return printed, printed, "settled" if deed.state == "settled" else "handed_in"
            return printed, printed, settled if is_verified else unsettled
        dates = [one.due for one in steps if one.due]
        first, due = (dates[0], dates[-1]) if dates else (None, None)
        ways = [one.what for one in steps if one.what in ("in", "back", "returned", "settled")]
        if deed is not None and deed.state != "returned":
            return first, due, "settled" if deed.state == "settled" else "handed_in"
        if is_verified or "settled" in ways:
            return first, due, settled
        if self.is_dropped(obligation, year):
            return first, due, "dropped"
        if ways and ways[-1] == "in":
            return first, due, "handed_in"
        return first, due, "overdue" if due and due < self.day else "open"


def _is_settled_anew(step: VerifiedStep) -> bool:
    """A revision of what both verify; a judgement that the city corrected is none of the evaluation."""
    return step.how == "anew" and step.kind != "effect"


def _seen_at(log: Log, step: VerifiedStep) -> Day:
    """What was known when it was done."""
    return Day(
        Log(reports=log.reports[: step.reports], statements=log.statements[: step.statements]), step.on
    )


def programme_year(obligation: str, year: int) -> int:
    """The fiscal year in whose programme it stands without a date: a verification follows the year that it concerns."""
    return year + 1 if obligation in VERIFIES else year


def _added(parts: Any) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if known else None


# -- What differs between two days, as (kind, …) --


def differences(earlier: Day, later: Day) -> set[tuple[Any, ...]]:
    """Every figure that the pages of the two days show differently, with the day since when and why it does."""
    return {
        *_targets(earlier, later),
        *_actuals(earlier, later),
        *_money(earlier, later),
        *_support(earlier, later),
        *_duties(earlier, later),
    }


def _targets(earlier: Day, later: Day) -> Iterator[tuple[Any, ...]]:
    was = earlier.targets()
    for key, one in later.targets().items():
        before = was.get(key)
        if before is not one:
            since = max(one.known, one.in_force)
            yield "target", key, before and before.value, one.value, since, one.reason, one.who


def _actuals(earlier: Day, later: Day) -> Iterator[tuple[Any, ...]]:
    was, now = earlier.actuals(), later.actuals()
    for key in was.keys() | now.keys():
        if was.get(key) != now.get(key):
            plan, _code, year = key
            report, told = later.reports()[plan, year], now.get(key)
            if told is not None:  # the report that tells of it, which a later one may leave standing
                report = next(one for one in later.by_day(plan, year) if one.as_of == told[1])
            yield "actual", key, was.get(key), now.get(key), report.known, report.reason


def _money(earlier: Day, later: Day) -> Iterator[tuple[Any, ...]]:
    was, now, statements = earlier.money(), later.money(), later.statements()
    for key, yen in now.items():
        if was.get(key) != yen:
            statement = statements[key[:2]]
            yield "statement", key, was.get(key), yen, statement.known, statement.reason


def _support(earlier: Day, later: Day) -> Iterator[tuple[Any, ...]]:
    was = earlier.support()
    for year, yen in later.support().items():
        if was.get(year) != yen:
            yield "support", year, was.get(year), yen


def _duties(earlier: Day, later: Day) -> Iterator[tuple[Any, ...]]:
    for settled in later.settled() - earlier.settled():
        yield "duty", *settled
    extended = {
        (one.obligation, one.year)
        for one in later.log.duties
        if one.what == "extended" and earlier.day < one.on <= later.day
    }
    for key in extended:
        # What was stored or dated only since has its first date beside the extended one.
        first = next(one.due for one in later.steps(*key) if one.due)
        yield "extension", *key, earlier.due().get(key, first), later.due()[key]
