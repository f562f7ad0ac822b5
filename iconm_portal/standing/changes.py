"""What of the things that settled ones rest on has changed since, as known on a day.

A fixed number of queries for a center: one for what rests on what, one for the answers, and those of each kind.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from iconm_portal.models import Answer, Center, ProposalState, RestsOn, Side
from iconm_portal.standing import registry
from iconm_portal.standing.registry import Kind, Revision, Seen, known_on

Thing = tuple[str, str]
"""Kind and key of a settled thing."""


@dataclass(frozen=True, slots=True)
class Change:
    """A thing that is not any more what was seen: what it said then (None where there was nothing), and what now."""

    seen: Seen
    then: Revision | None
    now: Revision
    absent: str = ""  # the word for a thing of which there was nothing

    @property
    def was(self) -> str:
        """What was seen, in words."""
        return self.then.label if self.then else self.absent

    @property
    def replaces(self) -> Seen:
        """The thing as it is now, to be confirmed."""
        return Seen(self.seen.kind, self.seen.key, self.now.revision, self.now.value)


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A settled thing of which something that it rests on has changed, and the answer that waits, if one does."""

    kind: str
    key: str
    settled: Revision
    changes: tuple[Change, ...]
    answer: Answer | None = None
    proposers: frozenset[Side] = frozenset(Side)  # who can put it right
    said: str = ""  # what is said beside its value
    changed: str = ""  # that something has changed, where it is not said as its kind does
    anew: Side | None = None  # whose step is next while it is being settled anew

    @property
    def word(self) -> str:
        """That something has changed, as its page says it: 検証後に訂正あり."""
        return self.changed or str(registry.kind(self.kind).changed)

    @property
    def is_answered_alone(self) -> bool:
        """Whether the side that settled it alone also says alone that it stands."""
        return registry.kind(self.kind).answered_by is not None

    @property
    def since(self) -> date:
        """The day from which on it is known."""
        return min(change.now.known_from for change in self.changes)

    def waits_for(self, side: Side | None) -> bool:
        """Whether the side has to do something about it: with a new revision under way, the one whose step is next."""
        if self.answer is not None:
            return side is not None and side != self.answer.proposed_side
        return side == self.anew if self.anew else side in self.proposers

    def is_answered_by(self, side: Side | None) -> bool:
        """Whether the side can say that it stands as it is; not while it is being settled anew."""
        return self.answer is None and self.anew is None and side in self.proposers


@dataclass(frozen=True)
class Standing:
    """Everything of a center that has changed below something settled, by kind and key."""

    known_at: date
    unsettled: Mapping[tuple[str, str], Unsettled]

    def of(self, kind: str, key: str) -> Unsettled | None:
        """What has changed below this one; None where it still holds."""
        return self.unsettled.get((kind, key))

    @property
    def all(self) -> tuple[Unsettled, ...]:
        """What was changed first stands first."""
        return tuple(sorted(self.unsettled.values(), key=lambda one: (one.since, one.kind, one.key)))


def load(center: Center, *, known_at: date, kinds: Collection[str] = ()) -> Standing:
    """As known at the end of the day; of all kinds of settled things, or of these."""
    asked = [one for one in registry.settled_kinds() if not kinds or one.code in kinds]
    judged: dict[Thing, Unsettled] = {}
    for one in asked:
        if one.judge is not None:
            judged |= one.judge(center, known_at)
    return Standing(
        known_at, _compared(center, [one for one in asked if one.judge is None], known_at) | judged
    )


def _compared(center: Center, wanted: Sequence[Kind], known_at: date) -> dict[Thing, Unsettled]:
    """Those for which it decides that the revision is another one."""
    rows = latest(center, known_at=known_at, kinds=[one.code for one in wanted])
    if not rows:
        return {}
    settled = _settled(center, wanted, rows, known_at)
    holding = {
        thing: of_revision
        for thing, by_revision in rows.items()
        if thing in settled and (of_revision := by_revision.get(settled[thing].revision))
    }
    changed = _changed(center, holding, known_at)
    if not changed:
        return {}
    waiting, anew = waiting_answers(center), _settled_anew(center, wanted)
    return {
        thing: Unsettled(
            *thing,
            settled[thing],
            tuple(changes),
            waiting.get(thing),
            _proposers(thing),
            anew=anew.get(thing),
        )
        for thing, changes in changed.items()
    }


def _settled_anew(center: Center, kinds: Iterable[Kind]) -> dict[Thing, Side]:
    """Whose step is next in the new revisions that are under way; a query for each kind that has any."""
    return {
        (kind.code, key): side
        for kind in kinds
        if kind.anew is not None
        for key, side in kind.anew(center).items()
    }


def _proposers(thing: Thing) -> frozenset[Side]:
    """Who can put it right: either side what both settled, one side what it settled alone."""
    alone = registry.kind(thing[0]).answered_by
    return frozenset([alone]) if alone else frozenset(Side)


def latest(center: Center, *, known_at: date, kinds: Sequence[str]) -> dict[Thing, dict[str, list[RestsOn]]]:
    """What each revision of each settled thing rests on, as last confirmed by then; one query."""
    rows = RestsOn.objects.filter(center=center, settled_kind__in=kinds).select_related("answer")
    known = [(day, row) for row in rows if (day := _since(row)) is not None and day <= known_at]
    found: dict[Thing, dict[str, dict[tuple[str, str], RestsOn]]] = {}
    for _day, row in sorted(known, key=lambda one: (one[0], one[1].pk)):
        by_revision = found.setdefault((row.settled_kind, row.settled_key), {})
        by_revision.setdefault(row.settled_revision, {})[row.kind, row.key] = row
    return {
        thing: {revision: list(seen.values()) for revision, seen in by_revision.items()}
        for thing, by_revision in found.items()
    }


def _since(row: RestsOn) -> date | None:
    """From which day on it counts; an answer's once both have given it."""
    if row.answer is None:
        return row.known_from
    return row.answer.known_from if row.answer.state == ProposalState.CONFIRMED else None


def waiting_answers(center: Center) -> dict[Thing, Answer]:
    """The answers that the other side has not answered yet; one query."""
    rows = Answer.objects.filter(center=center, state=ProposalState.PROPOSED).select_related("proposed_by")
    return {(row.settled_kind, row.settled_key): row for row in rows}


def _settled(
    center: Center, kinds: Iterable[Kind], rows: Mapping[Thing, object], known_at: date
) -> dict[Thing, Revision]:
    """The settled things as they are known on the day."""
    found: dict[Thing, Revision] = {}
    for one in kinds:
        keys = [key for code, key in rows if code == one.code]
        if keys:
            for key, revisions in one.revisions(center, keys).items():
                if now := known_on(revisions, known_at):
                    found[one.code, key] = now
    return found


def _changed(
    center: Center, rows: Mapping[Thing, Sequence[RestsOn]], known_at: date
) -> dict[Thing, list[Change]]:
    keys: dict[str, set[str]] = defaultdict(set)
    for seen in rows.values():
        for row in seen:
            keys[row.kind].add(row.key)
    revisions = {code: registry.kind(code).revisions(center, of_kind) for code, of_kind in keys.items()}
    found: dict[Thing, list[Change]] = {}
    for thing, seen in rows.items():
        changes = [
            change
            for row in seen
            if (change := compare(row, revisions[row.kind].get(row.key, ()), known_at)) is not None
        ]
        if changes:
            found[thing] = changes
    return found


def compare(row: RestsOn, revisions: Sequence[Revision], known_at: date) -> Change | None:
    """What became of a thing since it was seen; None where it still says the same."""
    now = known_on(revisions, known_at)
    if now is None or now.says == ((row.revision, "") if not row.value else ("", row.value)):
        return None
    then = next((one for one in revisions if one.revision == row.revision), None)
    seen = Seen(row.kind, row.key, row.revision, row.value)
    return Change(seen, then, now, registry.kind(row.kind).absent(row.key))


def seen_by(
    center: Center, kind: str, key: str, revision: str, *, known_at: date
) -> tuple[list[Seen], date | None]:
    """What a revision of a settled thing rests on, as last confirmed by then, and the day of that; one query."""
    rows = latest(center, known_at=known_at, kinds=[kind]).get((kind, key), {}).get(revision, [])
    days = [day for row in rows if (day := _since(row)) is not None]
    return [Seen(row.kind, row.key, row.revision, row.value) for row in rows], max(days, default=None)


def confirmed_anew(center: Center, kind: str, key: str, revision: str | None = None) -> list[Answer]:
    """What was said of a revision after a correction, or of all of them, in order; one query."""
    rows = Answer.objects.filter(center=center, settled_kind=kind, settled_key=key)
    if revision is not None:
        rows = rows.filter(settled_revision=revision)
    return list(rows.filter(state=ProposalState.CONFIRMED).select_related("proposed_by", "confirmed_by"))
