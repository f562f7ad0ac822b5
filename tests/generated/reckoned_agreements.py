"""What is true of the agreements on a day: their states, what is verified, and which duties are done, late or still to come.

Plain loops over the log, and nothing of the portal. The rules are those of docs/domain.md, "Agreements".
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from tests.generated.chronicle_log import Log, PaperStep
from tests.generated.frame import (
    CONCLUDED,
    OBLIGATIONS,
    STARTS,
    VERIFIES,
    fiscal_year,
    last_of,
)
from tests.generated.reckoned import Day

ALONE = ("basic", "research")
ALIVE = ("in_force", "terminating")
JOINT = ("kpi", "settlement")
SOON = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a duty stands: `state` is settled, in, returned, open or not_stored; `since` the day of its last step."""

    obligation: str
    year: int
    state: str
    first_due: date | None
    due: date | None
    since: date | None = None
    is_stored: bool = True


class Agreements:
    """The agreements on a day."""

    def __init__(self, log: Log, day: date) -> None:
        self.log, self.day = log, day
        self.running = fiscal_year(day)
        self._day = Day(log, day)

    # -- Papers: drafts and proposals on their way --

    @cached_property
    def papers(self) -> dict[tuple[object, ...], PaperStep]:
        """The last step of each."""
        return {one.paper: one for one in self.log.papers if one.on <= self.day}

    def papers_of(self, kind: str) -> dict[tuple[object, ...], PaperStep]:
        return {paper: step for paper, step in self.papers.items() if paper[0] == kind}

    # -- States --

    def known(self) -> list[str]:
        """The agreements that there are on the day, proposed ones with them."""
        return [*ALONE, *(str(paper[1]) for paper in self.papers_of("annual"))]

    def _steps(self, code: str) -> list[str]:
        return [one.what for one in self.log.agreements if one.agreement == code and one.on <= self.day]

    def concluded_on(self, code: str) -> date | None:
        if code in ALONE:
            return CONCLUDED if self.day >= CONCLUDED else None
        days = [one.on for one in self.log.agreements if (one.agreement, one.what) == (code, "concluded")]
        return next((day for day in days if day <= self.day), None)

    def starts_on(self, code: str) -> date:
        return STARTS if code in ALONE else date(int(code[-4:]), 4, 1)

    def last_day(self, code: str) -> date | None:
        """Its own end, and the end of what it stands under."""
        own = None if code in ALONE else last_of(int(code[-4:]))
        agreed = [
            one.last_day
            for one in self.log.agreements
            if one.what == "ended" and one.on <= self.day and one.agreement == code
        ]
        above = self.last_day_above(code)
        return min((day for day in (own, above, *agreed) if day), default=None)

    def last_day_above(self, code: str) -> date | None:
        if code == "basic":
            return None
        return self.last_day("basic" if code == "research" else "research")

    def has_ended(self, code: str) -> bool:
        """Whether it is over; what was never concluded is over with what it would have stood under."""
        is_concluded = (concluded := self.concluded_on(code)) is not None and concluded <= self.day
        last = self.last_day(code) if is_concluded else self.last_day_above(code)
        return last is not None and last < self.day

    def state(self, code: str) -> str:
        if self.has_ended(code):
            return "ended"
        concluded = self.concluded_on(code)
        if concluded is None or concluded > self.day:
            return "draft"
        if self.day < self.starts_on(code):
            return "concluded"
        is_agreed = "ended" in self._steps(code)
        notices = [what for what in self._steps(code) if what in ("notice", "withdrawn")]
        return "terminating" if notices and notices[-1] == "notice" and not is_agreed else "in_force"

    def in_state(self, *states: str) -> list[str]:
        return [code for code in self.known() if self.state(code) in states]

    # -- Verifications --

    def verification(self, kind: str, year: int) -> PaperStep | None:
        return self.papers.get(("verification", kind, year))

    def in_force(self, kind: str, year: int) -> PaperStep | None:
        """The last revision that is settled; of what the city judged its judgement."""
        settled = [
            step
            for paper, step in self.papers.items()
            if paper[0] in ("verification", "anew")
            and paper[1:3] == (kind, year)
            and step.state == "accepted"
        ]
        return settled[-1] if settled else None

    def anew(self, kind: str, year: int) -> PaperStep | None:
        """The next revision, while it is written or answered."""
        found = [step for paper, step in self.papers_of("anew").items() if paper[1:3] == (kind, year)]
        return found[-1] if found and found[-1].state not in ("accepted", "gone") else None

    def revision_in_force(self, kind: str, year: int) -> int:
        """The number of the revision that is settled last; 1 where none was settled anew."""
        held = self.in_force(kind, year)
        return int(str(held.paper[3])) if held is not None and held.paper[0] == "anew" else 1

    def answer(self, kind: str, year: int) -> PaperStep | None:
        """What one side has proposed, that it stands as it is, while the other has not answered."""
        found = [step for paper, step in self.papers_of("answer").items() if paper[1:3] == (kind, year)]
        return found[-1] if found and found[-1].state == "submitted" else None

    def can_answer(self, kind: str, year: int) -> set[str]:
        """Who can say that it stands as it is, while no such answer waits, nor a new revision is under way."""
        if self.answer(kind, year) or (kind != "effect" and self.anew(kind, year)):
            return set()
        return {"city"} if kind == "effect" else {"foundation", "city"}

    def can_put_right(self, kind: str, year: int) -> set[str]:
        """Who says whether what was corrected stands, or settles it anew: the city what it judged alone, otherwise either side;
        once one of them has begun, whoever has the next step."""
        both = {"foundation", "city"}
        if kind == "effect":
            return {"city"}
        if waits := self.answer(kind, year):
            return both - {waits.side}
        step = self.anew(kind, year)
        if step is None:
            return both
        writer = self.writer_anew(kind, year)
        return both - {writer} if step.state == "submitted" else {writer}

    def corrected(self, kind: str, year: int) -> list[date]:
        """When what it was settled on became something else."""
        return self._day.corrected(kind, year)

    def is_dropped(self, kind: str, year: int) -> bool:
        """Whether the agreement that asks for it is over, and it was neither settled nor handed in before: that is still answered."""
        step = self.verification(kind, year)
        is_handed_in = step is not None and step.state in ("accepted", "submitted", "in_review")
        return self.state("basic") == "ended" and not is_handed_in

    def all_corrected(self) -> list[tuple[str, int]]:
        """Every verification of which something was corrected."""
        every = [(kind, year) for kind in (*JOINT, "effect") for year in self.years_to_verify(kind)]
        return [key for key in every if self.corrected(*key)]

    def years_to_verify(self, kind: str) -> list[int]:
        """Of the agreement's time: those that have ended; the effects of the running year can be judged too."""
        last = self.running if kind == "effect" else self.running - 1
        end = self.last_day("basic")
        begun = {int(str(paper[2])) for paper in self.papers_of("verification") if paper[1] == kind}
        if self.state("basic") in ("draft", "ended"):
            return sorted(begun)
        if end is not None:
            last = min(last, fiscal_year(end))
        return sorted({*range(fiscal_year(STARTS), last + 1)} | begun)

    # -- Duties --

    @cached_property
    def duties(self) -> dict[tuple[str, int], Stand]:
        """Every one that is owed or stored."""
        found = {}
        for obligation in OBLIGATIONS:
            for year in range(2014, self.running + 4):
                if stand := self._duty(obligation, year):
                    found[obligation, year] = stand
        return found

    def _duty(self, obligation: str, year: int) -> Stand | None:
        """What is not settled ends with the agreement, and what would be due after its end is not owed."""
        found, end = self._while_it_lasts(obligation, year), self.last_day("basic")
        if found is None or found.state in ("settled", "dropped") or end is None or end >= self.day:
            return found
        return replace(found, state="in" if found.state == "in" else "ended")

    def _while_it_lasts(self, obligation: str, year: int) -> Stand | None:
        printed = self._day.due_by_rule(obligation, year)
        end = self.last_day("basic")
        steps = self._day.steps(obligation, year)
        is_owed = last_of(year) >= STARTS and not (printed and printed < STARTS)
        is_dropped = self._day.is_dropped(obligation, year)
        is_owed = (
            is_owed
            and not is_dropped
            and not (end and (date(year, 4, 1) > end or (printed and printed > end)))
        )
        if not steps and not is_owed:
            return None
        dates = [one.due for one in steps if one.due]
        first, due = (dates[0], dates[-1]) if dates else (None, None)
        if not steps:
            first = due = printed
        if obligation in VERIFIES:
            step = self.verification(VERIFIES[obligation], year)
            states = {"accepted": "settled", "submitted": "in", "in_review": "in", "returned": "returned"}
            if step is not None:
                return Stand(obligation, year, states[step.state], first, due, step.on, is_stored=bool(steps))
        deed = self._day.deed(obligation, year)
        if deed is not None and self.state("basic") != "draft":
            return Stand(obligation, year, deed.state, first, due, deed.since, is_stored=bool(steps))
        ways = [one for one in steps if one.what in ("in", "back", "returned", "settled")]
        if not steps:
            return Stand(obligation, year, "not_stored", first, due, is_stored=False)
        if is_dropped and not (ways and ways[-1].what == "settled"):
            return Stand(obligation, year, "dropped", first, due)
        if not ways or ways[-1].what == "back":
            return Stand(obligation, year, "open", first, due)
        return Stand(obligation, year, ways[-1].what, first, due, ways[-1].on)

    def amended_to(self, obligation: str, year: int) -> date | None:
        """The date that an amendment brought since the duty was stored, and that nobody has taken over or replaced since."""
        rule = self._day.rule(obligation, year)
        done = list(self._day.steps(obligation, year))
        stand = self.duties.get((obligation, year))
        if rule is None or rule.due is None or not done or stand is None:
            return None
        if stand.state in ("ended", "dropped") or (
            stand.state != "settled" and self.state("basic") == "ended"
        ):
            return None
        since = self.log.duties[rule.done :]
        if done[0] in since or any(one.what == "extended" for one in done if one in since):
            return None
        due = self._day.due_by_rule(obligation, year)
        return due if due != stand.due else None

    def is_pending(self, one: Stand) -> bool:
        """Whether it is late once its date has passed: what was handed in for review or decision is not, what both must
        settle is until they have."""
        if one.state == "not_stored":
            return self.is_recent(one) and self.state("basic") != "draft"
        if one.state in ("settled", "ended", "dropped") or self.falls_with_the_end(one):
            return False
        return one.obligation in ("annual", *VERIFIES) or one.state in ("open", "returned")

    def falls_with_the_end(self, one: Stand) -> bool:
        """Whether its date comes after the last day on which both have agreed: nobody is asked for it any more."""
        end = self.last_day("basic")
        is_late = end is not None and one.due is not None and one.due > end
        return is_late and one.state in ("open", "returned")

    def overdue(self) -> list[Stand]:
        return [one for one in self.duties.values() if self.is_overdue(one)]

    def is_overdue(self, one: Stand) -> bool:
        return self.is_pending(one) and one.due is not None and one.due < self.day

    def asks(self, one: Stand, side: str) -> bool:
        """Whether the side has something to do about it now: what is to begin, from two months before its date on, or within its
        year where it has none; what came back or lies with the other side, at once."""
        if side not in self.waits_for(one) or self.state("basic") == "draft":
            return False
        if one.state not in ("open", "not_stored"):
            return True
        if one.due is None:
            return one.state == "open" and one.year <= self.running
        return self.is_recent(one) and one.due <= self.day + SOON

    def is_recent(self, one: Stand) -> bool:
        """What nobody has stored is asked for as far as it fell due in this fiscal year or the one before."""
        return one.state == "open" or (one.due is not None and fiscal_year(one.due) >= self.running - 1)

    def waits_for(self, one: Stand) -> set[str]:
        """Whose step is next."""
        both = {"foundation", "city"}
        if one.state in ("settled", "ended", "dropped") or self.falls_with_the_end(one):
            return set()
        if one.obligation in VERIFIES:
            return self._verification_waits_for(one)
        if one.obligation == "annual":
            return both - {"foundation"} if one.state == "in" else both
        if one.obligation in ("report", "account") and one.state == "in":
            return {"city"}
        return {"foundation"}

    def _verification_waits_for(self, one: Stand) -> set[str]:
        kind = VERIFIES[one.obligation]
        step = self.verification(kind, one.year)
        if last_of(one.year) >= self.day and one.state in ("open", "not_stored", "returned"):
            return set()
        if kind == "effect":  # the city owes it, and can begin it without the foundation
            return {"foundation"} if one.state == "returned" else {"city"}
        if step is None:
            return {"foundation", "city"}
        return (
            {self.writer(kind, one.year)} if one.state == "returned" else {"foundation", "city"} - {step.side}
        )

    def writer(self, kind: str, year: int) -> str:
        """The side that hands it in."""
        return self._writer(("verification", kind, year))

    def writer_anew(self, kind: str, year: int) -> str:
        """The side that writes the next revision."""
        return self._writer(("anew", kind, year))

    def _writer(self, paper: tuple[object, ...]) -> str:
        """Of the last revision that was begun."""
        steps = [one for one in self.papers.values() if one.paper[:3] == paper]
        last = steps[-1].paper
        written = ("draft", "submitted")
        begun = [one for one in self.log.papers if one.paper == last and one.on <= self.day]
        return next(one.side for one in reversed(begun) if one.state in written)
