"""The kinds of things that something can rest on, as each app names them when it starts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from iconm_portal.models import Center, Side
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a thing: which, since when, by whom and why. `label` and `value_text` are in the reader's language.

    `value` is what it says, where only that matters to what rests on it.
    """

    revision: str
    label: str
    url: str
    known_from: date
    by: str = ""
    reason: str = ""
    value: str = ""
    value_text: str = ""
    figure: Decimal | None = None  # what it says as a number, in the base unit of what rests on it

    @property
    def says(self) -> tuple[str, str]:
        """What has to differ for a change."""
        return ("", self.value) if self.value else (self.revision, "")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """What a thing says, for the page of what rests on it: a table in ready words, whose first cell names the row."""

    title: str
    url: str
    known_from: date | None
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    key: str = ""  # of the thing, among those of its kind

    def beside(self, now: "Exhibit") -> "Exhibit":
        """With a column of what differs by now; itself where nothing does, or what differs is recorded in another unit."""
        if self.heads != now.heads:
            return self
        present = {_place(now.rows, number): row for number, row in enumerate(now.rows)}
        places = [_place(self.rows, number) for number in range(len(self.rows))]
        rows = [
            (*row, _differing(row, present.get(place, row)))
            for place, row in zip(places, self.rows, strict=True)
        ]
        blanks = ("",) * (len(self.heads) - 1)
        rows += [
            (row[0], *blanks, _differing(("",) * len(row), row))
            for place, row in present.items()
            if place not in places
        ]
        if not any(row[-1] for row in rows):
            return self
        return replace(self, heads=(*self.heads, _("Now, where it differs")), rows=tuple(rows))

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """The rows with the head of each cell, for a narrow screen."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


def _place(rows: Sequence[tuple[str, ...]], number: int) -> tuple[str, int]:
    """A row by its name, and which one of that name it is."""
    name = rows[number][0]
    return name, sum(row[0] == name for row in rows[:number])


def _differing(then: tuple[str, ...], now: tuple[str, ...]) -> str:
    """The cells that say something else by now; “none” where there is nothing any more."""
    cells = [new for old, new in zip(then[1:], now[1:], strict=True) if old != new]
    said = [cell for cell in cells if cell] or ([_("none by now")] if cells else [])
    return format_html_join(" ", "{}", ((cell,) for cell in said))


@dataclass(frozen=True, slots=True)
class Seen:
    """A thing in the revision that was seen; an empty one where there was nothing yet."""

    kind: str
    key: str
    revision: str = ""
    value: str = ""


Revisions = Mapping[str, Sequence[Revision]]
"""By key, in order: of those known on a day the last one holds. Nothing where there never was any."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing. `revisions` answers for many keys of a center at once, in a fixed number of queries.

    `of_year`: the keys of what there can be in a fiscal year, whether or not there is any yet; for what rests on a year.
    `absent` is what is said of one of which there was nothing yet. `exhibits`: what things say in the revisions given, or
    that there was nothing, as known on a day. `judge`: where more than the revision decides what has changed, what has
    (`changes.Unsettled`, by kind and key), as known on a day.
    """

    code: str
    revisions: Callable[[Center, Collection[str]], Revisions]
    of_year: Callable[[Center, FiscalYear], Sequence[str]] = lambda center, year: ()
    absent: Callable[[str], str] = lambda key: ""
    judge: Callable[[Center, date], Mapping[tuple[str, str], Any]] | None = None
    exhibits: Callable[[Center, Sequence[Seen], date], Sequence[Exhibit]] | None = None
    is_settled: bool = False  # whether it is one that rests on others
    changed: str | Promise = (
        ""  # of a settled one: what its page says when something that it rests on has changed
    )
    answered_by: Side | None = None  # the side that settled it alone, and alone says whether it stands
    # Of what is being settled anew, by key: the side whose step is next.
    anew: Callable[[Center], Mapping[str, Side]] | None = None


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Name kinds; each code once."""
    for kind in kinds:
        if kind.code in _kinds:
            raise ValueError(f"the kind {kind.code} is named twice")
        _kinds[kind.code] = kind


def kind(code: str) -> Kind:
    """KeyError for a kind that no app has named."""
    return _kinds[code]


def settled_kinds() -> list[Kind]:
    """Those that rest on others."""
    return [one for one in _kinds.values() if one.is_settled]


def known_on(revisions: Sequence[Revision], day: date) -> Revision | None:
    """The one that holds as known on the day."""
    return next((one for one in reversed(revisions) if one.known_from <= day), None)


def of_year(center: Center, year: FiscalYear, kinds: Sequence[str], *, day: date) -> list[Seen]:
    """All things of these kinds that there can be in the year, as known on the day."""
    found: list[Seen] = []
    for code in kinds:
        one = kind(code)
        keys = one.of_year(center, year)
        revisions: Revisions = one.revisions(center, keys) if keys else {}
        for key in keys:
            now = known_on(revisions.get(key, ()), day)
            found.append(Seen(code, key, now.revision, now.value) if now else Seen(code, key))
    return found


def exhibits(center: Center, seen: Sequence[Seen], *, day: date) -> list[Exhibit]:
    """What these things say, in the revisions that were seen; one without figures where there was nothing."""
    found: list[Exhibit] = []
    for code in dict.fromkeys(one.kind for one in seen):
        show = kind(code).exhibits
        if show is not None:
            found += show(center, [one for one in seen if one.kind == code], day)
    return found
