"""What became known when, written down by the history itself (`tests.generated.chronicle`) while its steps are taken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class TargetKnown:
    """A revision of a target, in the order in which they were recorded."""

    plan: str
    indicator: str
    year: int
    value: int
    known: date
    in_force: date
    reason: str
    who: frozenset[str]


@dataclass(frozen=True, slots=True)
class ReportKnown:
    """An accepted report; a value is a number, "-" or missing. `certainty` of each that is a number, `noted` those that have
    a note. It was handed in on a day, and accepted when the log held so many statements and steps of the register."""

    plan: str
    year: int
    as_of: date
    revision: int
    values: Mapping[str, int | str]
    certainty: Mapping[str, str]
    known: date
    reason: str
    noted: frozenset[str]
    handed_in: date
    statements: int
    records: int


@dataclass(frozen=True, slots=True)
class RecordStep:
    """What happened with the register of a category: a record (with its number, the days between which it happened, and for
    how many things it stands) was added or withdrawn, or the number that stood at the end of a day was said (opening)."""

    category: str
    what: str
    on: date
    number: int = 0
    earliest: date | None = None
    latest: date | None = None
    things: int = 0


@dataclass(frozen=True, slots=True)
class StatementKnown:
    """A settled statement, in whole yen by account."""

    year: int
    stage: str
    revision: int
    yen: Mapping[str, int]
    known: date
    reason: str
    supplement: int = 0  # the number of a supplementary budget


@dataclass(frozen=True, slots=True)
class DutyStep:
    """What happened with a duty: stored, dated, extended (with the day that holds from then on), in, back or settled.

    `edition`: the amendment whose date was taken over, of an extended one that is none by consultation.
    """

    obligation: str
    year: int
    what: str
    on: date
    due: date | None = None
    edition: int = 0


@dataclass(frozen=True, slots=True)
class PaperStep:
    """Where a draft, a proposal or a verification stood from a day on.

    `paper` names it: ("report", plan, year, as-of day, revision), ("statement", year, stage, revision),
    ("verification", kind, year), ("anew", kind, year, revision), ("answer", kind, year, number),
    ("targets", plan, number), ("annual", year), ("talk", number).
    `state`: draft, submitted, in_review, returned, accepted, declined, gone. `side` is the side that last acted.
    """

    paper: tuple[object, ...]
    state: str
    on: date
    side: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class VerifiedStep:
    """A verification or the city's judgement was settled, settled anew, or both (or the city) said that it stands as it is.

    `how`: verified, anew or answered. It rests on the first so many reports, statements and steps of the register: within one day the order counts.
    """

    kind: str
    year: int
    on: date
    how: str
    reports: int
    statements: int
    records: int


@dataclass(frozen=True, slots=True)
class LandStep:
    """A judgement of the city on the free use of land: on its own ground (effect, with the year, or non_performance), with its
    day of effect; `replaces` is the number of the one that was wrong."""

    number: int
    ground: str
    year: int
    is_free: bool
    on: date
    effect: date
    replaces: int | None


@dataclass(frozen=True, slots=True)
class RuleStep:
    """What an amendment that both confirmed makes of an obligation, from a fiscal year on: due on another day (calendar year
    from the fiscal year's first, month, day), or no longer asked for. `done`: how many steps of duties came before it."""

    obligation: str
    from_year: int
    due: tuple[int, int, int] | None
    on: date
    edition: int
    done: int


@dataclass(frozen=True, slots=True)
class EntryStep:
    """A line of a year's ledger on the account that receives the contribution, in whole yen; below 0 where it takes one back."""

    year: int
    yen: int
    on: date


@dataclass(frozen=True, slots=True)
class ClosingStep:
    """A year's ledger was closed, or reopened."""

    year: int
    is_closed: bool
    on: date


@dataclass(frozen=True, slots=True)
class TotalStep:
    """An amendment that both confirmed makes another total of the contribution, in whole yen, from its first day on."""

    yen: int
    on: date
    first_day: date
    edition: int


@dataclass(frozen=True, slots=True)
class AgreementStep:
    """What happened with an agreement: concluded, notice, withdrawn, ending (proposed), ended (agreed, with its last day)."""

    agreement: str
    what: str
    on: date
    last_day: date | None = None
    side: str = ""


@dataclass
class Log:
    """Everything that became known, in the order in which it was done."""

    targets: list[TargetKnown] = field(default_factory=list)
    reports: list[ReportKnown] = field(default_factory=list)
    statements: list[StatementKnown] = field(default_factory=list)
    records: list[RecordStep] = field(default_factory=list)
    duties: list[DutyStep] = field(default_factory=list)
    verified: list[VerifiedStep] = field(default_factory=list)
    support: list[tuple[int, int, date]] = field(default_factory=list)  # year, yen, known
    land: list[LandStep] = field(default_factory=list)
    rules: list[RuleStep] = field(default_factory=list)
    entries: list[EntryStep] = field(default_factory=list)
    closings: list[ClosingStep] = field(default_factory=list)
    totals: list[TotalStep] = field(default_factory=list)
    papers: list[PaperStep] = field(default_factory=list)
    agreements: list[AgreementStep] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # what was tried in vain

    def verify(self, kind: str, year: int, day: date, how: str = "verified") -> None:
        """A verification is settled, or said to stand, on what is known at this moment."""
        step = VerifiedStep(kind, year, day, how, len(self.reports), len(self.statements), len(self.records))
        self.verified.append(step)

    @property
    def days(self) -> list[date]:
        """Every day on which something became known."""
        found = {one.known for one in (*self.reports, *self.statements)}
        found |= {one.on for one in self.records}
        found |= {day for one in self.targets for day in (one.known, one.in_force)}
        found |= {one.on for one in self.duties} | {one.on for one in self.verified}
        return sorted(found | {day for _year, _yen, day in self.support})
