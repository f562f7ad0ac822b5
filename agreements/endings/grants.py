"""From when until when each support measure is granted, as known on a day, and what ends it. Pure.

Everything that shows, limits or counts a measure asks here, and so does the list of what falls with an ending; so that
what was shown before is what is shown afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import assert_never

from agreements.endings.free_use import Judgements
from agreements.instruments.agreements import AgreementsOnDay
from agreements.instruments.state import Facts, earliest
from agreements.models import LandGround, LandJudgement, SupportKind, SupportMeasure
from iconm_portal.values.fiscal import FiscalYear


class EndedBy(Enum):
    """What ends a measure."""

    TERM = "term"  # the last year for which it was granted
    AGREEMENT = "agreement"  # it stands under
    CONTRACT = "contract"  # that carries it
    NON_PERFORMANCE = "non_performance"  # the city's judgement under Art. 11(3)
    EFFECT = "effect"  # the yearly 効果検証

    @property
    def is_judgement(self) -> bool:
        """Whether the city judged so."""
        match self:
            case EndedBy.NON_PERFORMANCE | EndedBy.EFFECT:
                return True
            case EndedBy.TERM | EndedBy.AGREEMENT | EndedBy.CONTRACT:
                return False
            case _:
                assert_never(self)


_OF_GROUND = {LandGround.NON_PERFORMANCE: EndedBy.NON_PERFORMANCE, LandGround.EFFECT: EndedBy.EFFECT}


@dataclass(frozen=True, slots=True)
class Grant:
    """A measure's time. `last_day` is None where no end is known; `judgement`: the one that ends it."""

    starts_on: date
    last_day: date | None
    ended_by: EndedBy | None
    judgement: LandJudgement | None = None
    is_concluded: bool = True  # what it rests on: an agreement and a contract that are signed

    def is_over(self, day: date) -> bool:
        """Whether nothing is granted any more on the day."""
        return self.last_day is not None and self.last_day < day

    @property
    def ends_early(self) -> bool:
        """Whether something else ends it than the last year for which it was granted."""
        return self.ended_by not in (None, EndedBy.TERM)

    @property
    def last_year(self) -> FiscalYear | None:
        """The last fiscal year of which some days were granted."""
        return FiscalYear.of(self.last_day) if self.last_day else None


def of_agreements(on_day: AgreementsOnDay, judgements: Judgements) -> Mapping[int, Grant]:
    """How every measure of the center stands on the day, by key."""
    facts = {entry.agreement.pk: entry.facts for entry in on_day.entries}
    day = on_day.day
    return {
        measure.pk: grant_on(measure, day, facts=facts, judgements=judgements, known_at=day)
        for entry in on_day.entries
        for measure in entry.measures
    }


def is_concluded(measure: SupportMeasure, facts: Mapping[int, Facts], day: date) -> bool:
    """Whether what it rests on is signed, its agreement and the contract that carries it; else it is a draft (案)."""
    of = (measure.agreement_id, *([measure.contract_id] if measure.contract_id else []))
    return all(facts[one].is_concluded(day) for one in of)


def grant_on(
    measure: SupportMeasure, day: date, *, facts: Mapping[int, Facts], judgements: Judgements, known_at: date
) -> Grant:
    """How the measure stands on the day, as known at the end of `known_at`. `facts`: of the center's agreements."""
    agreement = facts[measure.agreement_id]
    contract = facts.get(measure.contract_id or 0)
    term = measure.last_year.last_day if measure.last_year else None
    ends: list[tuple[date | None, EndedBy, LandJudgement | None]] = [
        (term, EndedBy.TERM, None),
        (agreement.binds_until(known_at), EndedBy.AGREEMENT, None),
        (contract.binds_until(known_at) if contract else None, EndedBy.CONTRACT, None),
    ]
    if measure.kind == SupportKind.LAND:
        for ground, ended_by in _OF_GROUND.items():
            negative = judgements.negative(measure.history_key(), ground, day)
            last = negative.takes_effect_on - timedelta(days=1) if negative else None
            ends.append((last, ended_by, negative))
    last_day = earliest(*(last for last, _ended_by, _judgement in ends))
    # Of several that end it on one day, the first above says so: its own term needs no other reason.
    ending = next((one for one in ends if last_day is not None and one[0] == last_day), None)
    starts = [measure.first_year.first_day, agreement.starts_on, *([contract.starts_on] if contract else [])]
    return Grant(
        starts_on=max(starts),
        last_day=last_day,
        ended_by=ending[1] if ending else None,
        judgement=ending[2] if ending else None,
        is_concluded=is_concluded(measure, facts, known_at),
    )
