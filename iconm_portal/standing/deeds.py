"""Deeds: what the portal itself has of what the agreements ask for, so that nobody is asked for it a second time.

Each app names its kinds of deeds when it starts (`register`): a settlement handed in, a budget decided, an annual
agreement concluded. An obligation names the kind that fulfils it by its code. A kind reads all deeds of a center at once;
whoever asks finds the one of an agreement and a fiscal year. Nothing is stored: a deed that is undone is no longer
found, and its duty is open again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import assert_never

from django.utils.functional import Promise

from iconm_portal.models import Center, HistoryEvent, Reviewed, Side
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


class DeedState(Enum):
    """How far a deed has come."""

    RETURNED = "returned"  # handed in, and sent back or declined
    HANDED_IN = "handed in"  # lies with whoever answers
    DONE = "done"

    @property
    def is_handed_in(self) -> bool:
        """Whether whoever owes it has done their part: it is done, or lies with whoever answers."""
        match self:
            case DeedState.HANDED_IN | DeedState.DONE:
                return True
            case DeedState.RETURNED:
                return False
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done in the portal, or is being done."""

    year: FiscalYear | None  # that it concerns; None where it is done once
    under: str  # the code of the agreement under which it was done; empty where it is the center's
    name: str  # 令和7年度 収支決算書; Japanese, as all that is kept
    url: str  # its page
    state: DeedState
    handed_in_on: date | None  # by which late or not late is judged
    settled_on: date | None = None
    settled_by: str = ""
    known_from: date | None = None  # where the portal knew of it later than it was settled
    corrected_on: date | None = None  # when it was last settled anew
    waits_for: frozenset[Side] = frozenset()  # whose step is next in it
    step_url: str = ""  # where that step is taken
    proposed_on: date | None = (
        None  # when it was put before the other side, where late or not is judged by another day
    )
    falls_with_agreement: bool = False  # whether nobody can do it any more once what it stands under is over
    handed_in_before: tuple[
        tuple[date, date], ...
    ] = ()  # from when until when it lay with the other side, and went back

    def as_known_on(self, day: date) -> "DeedState | None":
        """How far it had come by the end of a day; None where nothing was handed in by then."""
        known_from = self.known_from or self.settled_on
        if known_from is not None and known_from <= day:
            return DeedState.DONE
        handed_in_on = self.proposed_on or self.handed_in_on
        if handed_in_on is not None and handed_in_on <= day:
            return DeedState.RETURNED if self.state is DeedState.RETURNED else DeedState.HANDED_IN
        if any(first <= day < last for first, last in self.handed_in_before):
            return DeedState.HANDED_IN
        return None


class HandedIn:
    """When the things of a center were handed in, and when they went back: the things themselves keep the last time only,
    the history all. `code`: their word in it. One query."""

    def __init__(self, center: Center, code: str) -> None:
        self._found: dict[str, list[tuple[date, date]]] = defaultdict(list)
        lies: dict[str, date] = {}
        actions = [f"{code}.{step}" for step in ("submit", "take_back", "return")]
        events = HistoryEvent.objects.filter(center=center.code, action__in=actions).order_by("pk")
        for subject, action, at in events.values_list("subject", "action", "at"):
            day = clock.day_of(at)
            if action == actions[0]:
                lies[subject] = day
            elif subject in lies:
                self._found[subject].append((lies.pop(subject), day))

    def before(self, revisions: Iterable[Reviewed]) -> tuple[tuple[date, date], ...]:
        """From which day until which they lay with the other side and went back, of all the revisions."""
        return tuple(span for one in revisions for span in self._found.get(one.history_key(), ()))


def of_review(
    revisions: Sequence[Reviewed],
    *,
    year: FiscalYear,
    name: str,
    pages: tuple[str, str],
    answers: Side,
    handed_in: HandedIn,
    under: str = "",
) -> Deed | None:
    """The deed of what is handed in and accepted, from its revisions in order; None while it is only a draft.

    Once one is accepted it is done, on the day on which the first was handed in: a correction does not make it late.
    `pages`: where it is read, and where it is revised. `handed_in`: when such things were. `answers`: the side that has the
    next step once it is handed in.
    """
    first, last = revisions[0], revisions[-1]
    page, revising = pages
    settled = [one for one in revisions if one.is_settled]
    before = handed_in.before(revisions)
    handed_in_on = clock.day_of(first.submitted_at) if first.submitted_at else first.known_from
    if settled:
        accepted, newest = settled[0], settled[-1]
        return Deed(
            year,
            under,
            name,
            page,
            DeedState.DONE,
            handed_in_on,
            settled_on=accepted.known_from,
            settled_by=str(accepted.accepted_by or accepted.source),
            corrected_on=newest.known_from if newest is not accepted else None,
            handed_in_before=before,
        )
    if last.state.is_under_review:
        on = frozenset({answers})
        return Deed(
            year,
            under,
            name,
            page,
            DeedState.HANDED_IN,
            handed_in_on,
            waits_for=on,
            step_url=page,
            handed_in_before=before,
        )
    if last.returned_at is not None and last.state.is_editable:
        on = frozenset({Side.OPERATOR})
        return Deed(
            year,
            under,
            name,
            page,
            DeedState.RETURNED,
            None,
            waits_for=on,
            step_url=revising,
            handed_in_before=before,
        )
    return None


@dataclass(frozen=True, slots=True)
class DeedKind:
    """A kind of deeds: its code, as obligations name it, its name, its deeds at a center, and where one is done."""

    code: str
    name: Promise | str
    read: Callable[[Center], Iterable[Deed]]
    page: Callable[[Center], str]


_KINDS: dict[str, DeedKind] = {}


def register(*kinds: DeedKind) -> None:
    """Name kinds; each code once. Called by `naming.name_deeds` in each app's `AppConfig.ready`."""
    for one in kinds:
        if one.code in _KINDS:
            raise ValueError(f"the kind of deeds {one.code} is named twice")
        _KINDS[one.code] = one


def choices() -> list[tuple[str, Promise | str]]:
    """The kinds to choose from, with nothing as the first choice."""
    return [("", "—"), *((kind.code, kind.name) for kind in _KINDS.values())]


def kind(code: str) -> DeedKind | None:
    """The kind by its code; None for none, and for a code that no app names."""
    return _KINDS.get(code)


def name_of(code: str) -> str:
    """What the kind is called; empty for a code that no app names."""
    return str(_KINDS[code].name) if code in _KINDS else ""


class Deeds:
    """The deeds of a center; a kind is read when somebody first asks for one of it, and once."""

    def __init__(self, center: Center) -> None:
        self._center = center
        self._found: dict[str, Mapping[tuple[str, FiscalYear | None], list[Deed]]] = {}

    def _places(self, code: str) -> Mapping[tuple[str, FiscalYear | None], list[Deed]]:
        if code not in self._found:
            one = kind(code)
            self._found[code] = _by_place(one.read(self._center)) if one else {}
        return self._found[code]

    def find(self, code: str, agreement: str, year: FiscalYear) -> Deed | None:
        """The deed of a fiscal year: one under the agreement before one of the center, the year's before one done once."""
        places = self._places(code)
        found = (places.get((under, of), []) for of in (year, None) for under in (agreement, ""))
        return next((_furthest(deeds) for deeds in found if deeds), None)

    def first_since(self, code: str, agreement: str, day: date) -> Deed | None:
        """The first one done on the day or later, whatever its year: what answers a request."""
        since = [
            deed
            for (under, _year), deeds in self._places(code).items()
            if under in ("", agreement)
            for deed in deeds
            if deed.handed_in_on is not None and deed.handed_in_on >= day
        ]
        return min(since, key=lambda deed: deed.handed_in_on or day, default=None)


def _furthest(deeds: Sequence[Deed]) -> Deed:
    """What is done comes before what is being done; of several the last."""
    return next((deed for deed in reversed(deeds) if deed.state is DeedState.DONE), deeds[-1])


def _by_place(deeds: Iterable[Deed]) -> Mapping[tuple[str, FiscalYear | None], list[Deed]]:
    found: dict[tuple[str, FiscalYear | None], list[Deed]] = defaultdict(list)
    for deed in deeds:
        found[deed.under, deed.year].append(deed)
    return found
