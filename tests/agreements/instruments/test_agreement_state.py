"""The state of an agreement: every case of domain.md, with the days on which it turns."""

from datetime import date

import pytest

from agreements.instruments.state import AgreedEnding, Facts, Signed, StandingNotice, State, state_on

START, END = date(2022, 4, 1), date(2027, 3, 31)
SIGNED = (Signed("2022-03-25"),)


def day(text: str) -> date:
    return date.fromisoformat(text)


def notice(given: str, withdrawn: str | None = None) -> StandingNotice:
    return StandingNotice(day(given), day(withdrawn) if withdrawn else None)


def ending(last: str, known: str) -> AgreedEnding:
    return AgreedEnding(day(last), day(known))


UNSIGNED = Facts(START, END)
OPEN = Facts(START, None, SIGNED)
TERM = Facts(START, END, SIGNED)
NOTICED = Facts(START, END, SIGNED, [notice("2025-06-01")])
WITHDRAWN = Facts(START, END, SIGNED, [notice("2025-06-01", "2025-07-01")])
AGREED = Facts(START, None, SIGNED, [notice("2025-06-01")], ending("2026-03-31", "2025-09-10"))

CASES = [
    # 案: no conclusion, whatever the dates say
    (UNSIGNED, "2022-03-31", State.DRAFT),
    (UNSIGNED, "2022-04-01", State.DRAFT),
    (UNSIGNED, "2026-11-24", State.DRAFT),
    (UNSIGNED, "2027-04-01", State.DRAFT),
    (Facts(START, END, (), [notice("2025-06-01")]), "2025-06-01", State.DRAFT),
    # 発効前: signed, not yet begun
    (TERM, "2022-03-24", State.DRAFT),
    (TERM, "2022-03-25", State.CONCLUDED),
    (TERM, "2022-03-31", State.CONCLUDED),
    (Facts(START, END, SIGNED, [notice("2022-03-28")]), "2022-03-30", State.CONCLUDED),
    # 有効: from the first to the last day, or without end
    (TERM, "2022-04-01", State.IN_FORCE),
    (TERM, "2027-03-31", State.IN_FORCE),
    (OPEN, "2099-01-01", State.IN_FORCE),
    # signed after its start: a draft until then
    (Facts(START, END, [Signed("2022-04-10")]), "2022-04-09", State.DRAFT),
    (Facts(START, END, [Signed("2022-04-10")]), "2022-04-10", State.IN_FORCE),
    # a month or a year counts from its first day (T6: 2015-02, in force from 1 February)
    (Facts(day("2015-02-01"), None, [Signed("2015-02")]), "2015-01-31", State.DRAFT),
    (Facts(day("2015-02-01"), None, [Signed("2015-02")]), "2015-02-01", State.IN_FORCE),
    (Facts(START, END, [Signed("2022")]), "2022-01-01", State.CONCLUDED),
    # 終了 by date
    (TERM, "2027-04-01", State.ENDED),
    (NOTICED, "2027-04-01", State.ENDED),
    # 解約協議中 from the day of the notice, until it is withdrawn
    (NOTICED, "2025-05-31", State.IN_FORCE),
    (NOTICED, "2025-06-01", State.TERMINATING),
    (NOTICED, "2027-03-31", State.TERMINATING),
    (WITHDRAWN, "2025-06-30", State.TERMINATING),
    (WITHDRAWN, "2025-07-01", State.IN_FORCE),
    # 終了 by mutual consent: talks go on until both confirmed, then it is in force to its last day
    (AGREED, "2025-09-09", State.TERMINATING),
    (AGREED, "2025-09-10", State.IN_FORCE),
    (AGREED, "2026-03-31", State.IN_FORCE),
    (AGREED, "2026-04-01", State.ENDED),
    (Facts(START, END, SIGNED, (), ending("2028-03-31", "2025-09-10")), "2027-04-01", State.ENDED),
    # confirmed after the agreed last day: nobody knew before
    (Facts(START, None, SIGNED, (), ending("2026-03-31", "2026-04-02")), "2026-04-01", State.IN_FORCE),
    (Facts(START, None, SIGNED, (), ending("2026-03-31", "2026-04-02")), "2026-04-02", State.ENDED),
]


@pytest.mark.parametrize(("facts", "on", "state"), CASES)
def test_the_state_on_a_day(facts: Facts, on: str, state: State) -> None:
    assert state_on(facts, day(on)) is state


def test_the_parties_are_bound_while_they_talk_about_an_end() -> None:
    assert {state for state in State if state.binds} == {State.IN_FORCE, State.TERMINATING}


@pytest.mark.parametrize(
    ("facts", "last"),
    [(OPEN, None), (TERM, END), (AGREED, day("2026-03-31"))],
)
def test_the_last_day_in_force(facts: Facts, last: date | None) -> None:
    assert facts.last_day(day("2026-11-24")) == last
