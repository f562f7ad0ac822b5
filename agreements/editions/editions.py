"""The editions of an agreement: which there are for whom, which holds on a day, what stands in one, how two differ."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import assert_never

from django.db.models import Q, QuerySet

from agreements.editions.obligations import amended
from agreements.editions.provisions import as_read, old_summaries
from agreements.instruments import agreements
from agreements.instruments.state import Facts, State, state_on
from agreements.models import Agreement, AgreementKind, Edition, Obligation, Provision, ProvisionKind
from agreements.wording import keys
from iconm_portal.models import Center, ProposalState, User
from iconm_portal.people.access import Right, allowed


class EditionStanding(Enum):
    """What an edition is on a day."""

    UNCONCLUDED = "unconcluded"  # 案: the wording of an agreement that is not concluded
    COMING = "coming"
    IN_FORCE = "in_force"
    PAST = "past"
    ENDED = "ended"  # nothing took its place: the agreement itself is over
    NEVER = "never"  # settled for a day that the agreement did not, or will not, live to see
    DRAFTED = "drafted"
    PROPOSED = "proposed"
    DECLINED = "declined"

    @property
    def is_settled(self) -> bool:
        """Whether it is, was or will be the wording that binds."""
        match self:
            case (
                EditionStanding.COMING
                | EditionStanding.IN_FORCE
                | EditionStanding.PAST
                | EditionStanding.ENDED
            ):
                return True
            case (
                EditionStanding.UNCONCLUDED
                | EditionStanding.NEVER
                | EditionStanding.DRAFTED
                | EditionStanding.PROPOSED
                | EditionStanding.DECLINED
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_open_amendment(self) -> bool:
        """Whether the parties still work on it."""
        match self:
            case EditionStanding.DRAFTED | EditionStanding.PROPOSED | EditionStanding.DECLINED:
                return True
            case (
                EditionStanding.UNCONCLUDED
                | EditionStanding.COMING
                | EditionStanding.IN_FORCE
                | EditionStanding.PAST
                | EditionStanding.ENDED
                | EditionStanding.NEVER
            ):
                return False
            case _:
                assert_never(self)


def visible(user: User, center: Center) -> QuerySet[Edition]:
    """The center's editions of which the person may know: amendments only once confirmed, but for both staffs."""
    found = Edition.objects.filter(agreement__center=center).select_related("agreement__center")
    if allowed(user, center, Right.SEE_SUBMITTED):
        return found
    # The terms of an annual agreement are proposed like an amendment.
    first = Q(number=1) & ~Q(agreement__kind=AgreementKind.ANNUAL)
    return found.filter(first | Q(state=ProposalState.CONFIRMED))


# -- Which one holds --


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition in a list, with what it is on the day."""

    edition: Edition
    standing: EditionStanding

    @property
    def number(self) -> int:
        return self.edition.number


@dataclass(frozen=True)
class Editions:
    """The editions of an agreement that a person may see, on a day, in order of number."""

    agreement: Agreement
    state: State
    lines: tuple[EditionLine, ...]
    last_day: date | None = None  # of the agreement, as both know it on the day

    def comes_too_late(self, line: EditionLine) -> bool:
        """Whether it is an amendment that nobody has settled, and that would take effect after the agreement's last day."""
        is_open = line.number > 1 and not line.edition.is_confirmed
        return is_open and self.last_day is not None and line.edition.in_force_from > self.last_day

    @property
    def in_force(self) -> EditionLine | None:
        """The wording that binds on the day; None of a draft agreement, before its start and after its end."""
        return next((line for line in self.lines if line.standing is EditionStanding.IN_FORCE), None)

    @property
    def current(self) -> EditionLine | None:
        """What a reader asks for: the wording in force, else that of the draft, else the last that was settled."""
        settled = [line for line in self.lines if line.standing.is_settled]
        return self.in_force or next(reversed(settled or self.lines[:1]), None)

    @property
    def last_settled(self) -> EditionLine | None:
        """What an amendment starts from."""
        settled = [line for line in self.lines if line.standing.is_settled]
        return max(settled, key=lambda line: line.edition.in_force_from, default=None)

    @property
    def open(self) -> EditionLine | None:
        """The amendment on which the parties work, if there is one."""
        return next((line for line in self.lines if line.standing.is_open_amendment), None)

    def line(self, number: int) -> EditionLine | None:
        """The edition of that number."""
        return next((line for line in self.lines if line.number == number), None)


def of(
    agreement: Agreement, editions: Iterable[Edition], *, day: date, facts: Facts | None = None
) -> Editions:
    """An agreement's editions on the day. `facts` saves the queries where the agreement's are there already."""
    known = facts or agreements.facts_of(agreement)
    state = state_on(known, day)
    last = known.last_day(day)
    own = sorted(editions, key=lambda edition: edition.number)
    # After the end: the one that held on the last day, whatever was to follow it.
    holding = agreements.edition_on(own, min(day, last) if last else day)
    return Editions(
        agreement,
        state,
        tuple(EditionLine(edition, _standing(edition, state, holding, day, last)) for edition in own),
        last,
    )


def load(user: User, center: Center, agreement: Agreement, *, day: date) -> Editions:
    """The editions of an agreement that the person may see."""
    seen = visible(user, center).filter(agreement=agreement).select_related("based_on", "consultation")
    return of(agreement, seen, day=day)


def with_official_wording(rows: Iterable[Edition]) -> set[int]:
    """The editions of an agreement that read in the official wording: it was imported into them, or into one that they
    amend."""
    found: set[int] = set()
    for edition in sorted(rows, key=lambda one: one.number):
        if edition.imported_from or edition.based_on_id in found:
            found.add(edition.pk)
    return found


def can_import(line: EditionLine, user: User, entry: agreements.AgreementOnDay) -> bool:
    """Whether the person can import the official wording; of a concluded agreement, into its first edition once."""
    edition = line.edition
    return (
        allowed(user, edition.center, Right.SETTLE_JOINTLY)
        and edition.state.is_open
        and (edition.number > 1 or not (edition.imported_from and entry.conclusion))
        and not any(one.state == ProposalState.PROPOSED for one in edition.wording_proposals.all())
    )


def can_amend(known: Editions, user: User) -> bool:
    """Whether the person can start an amendment."""
    return (
        allowed(user, known.agreement.center, Right.SETTLE_JOINTLY)
        and known.state.is_alive
        and known.last_settled is not None
        and known.open is None
    )


def _standing(
    edition: Edition, state: State, holding: Edition | None, day: date, last: date | None
) -> EditionStanding:
    """`last`: the agreement's last day, as known on the day."""
    if edition.number > 1:
        match edition.state:
            case ProposalState.DRAFT:
                return EditionStanding.DRAFTED
            case ProposalState.PROPOSED:
                return EditionStanding.PROPOSED
            case ProposalState.DECLINED:
                return EditionStanding.DECLINED
            case ProposalState.CONFIRMED:
                pass  # as the agreement itself stands
            case _:
                assert_never(edition.state)
    match state:
        case State.DRAFT:
            return EditionStanding.UNCONCLUDED
        case State.CONCLUDED:
            return EditionStanding.COMING
        case State.IN_FORCE | State.TERMINATING | State.ENDED:
            if last is not None and edition.in_force_from > last:
                return EditionStanding.NEVER
            if edition.in_force_from > day:
                return EditionStanding.COMING
            if edition != holding:
                return EditionStanding.PAST
            return EditionStanding.IN_FORCE if state.binds else EditionStanding.ENDED
        case _:
            assert_never(state)


# -- What stands in one --


@dataclass(frozen=True, slots=True)
class ArticlePart:
    """A paragraph, item or sub-item under an article; `depth` is 0 for a paragraph."""

    provision: Provision
    depth: int
    place: str  # 第8条第2項(1), as a reader cites it
    obligations: tuple[Obligation, ...] = ()
    is_missing: bool = False  # the official text that was imported does not have it


@dataclass(frozen=True, slots=True)
class Article:
    """An article or a supplement with all that stands in it; chapters are headings above."""

    head: ArticlePart
    chapters: tuple[Provision, ...]
    parts: tuple[ArticlePart, ...]


@dataclass(frozen=True)
class Text:
    """All of an edition to be read."""

    edition: Edition
    articles: tuple[Article, ...]
    in_our_words: tuple[int, ...] = ()  # what an amendment changes, and of which only a summary is there
    preamble: str = ""
    closing: str = ""

    @property
    def paraphrased(self) -> list[ArticlePart]:
        """What the amendment changes in our own words only, while the rest is official wording."""
        return [part for part in self.parts if part.provision.pk in self.in_our_words]

    @cached_property
    def parts(self) -> list[ArticlePart]:
        """Every provision but chapters, in order."""
        return [part for article in self.articles for part in (article.head, *article.parts)]

    @property
    def has_official_text(self) -> bool:
        """Whether an official wording was imported."""
        return any(part.provision.text for part in self.parts)

    @property
    def has_summaries(self) -> bool:
        """Whether anything is said in our own words."""
        return any(part.provision.summary for part in self.parts)

    @property
    def missing(self) -> list[ArticlePart]:
        """What the imported text does not have."""
        return [part for part in self.parts if part.is_missing]


def read(edition: Edition) -> Text:
    """An edition with its obligations, each found through the provisions that its own goes on from. One query more
    for every amendment before it."""
    read_ = as_read.of(edition)
    provisions = old_summaries.mark(edition, read_.provisions)
    carried = amended.obligations_by_provision(edition.agreement_id, provisions)
    return Text(
        edition,
        tuple(_articles(provisions, carried)),
        tuple(sorted(as_read.paraphrased(read_))),
        read_.preamble,
        read_.closing,
    )


def parts(provisions: Sequence[Provision]) -> list[ArticlePart]:
    """All provisions of an edition but chapters, with their places; without what rests on them."""
    return [part for article in _articles(provisions, {}) for part in (article.head, *article.parts)]


def _articles(
    provisions: Sequence[Provision], obligations: Mapping[int, Sequence[Obligation]]
) -> Iterator[Article]:
    by_id = {provision.pk: provision for provision in provisions}
    several = {row.parent_id for row in provisions if row.kind == ProvisionKind.PARAGRAPH and row.label}
    has_text = any(row.text for row in provisions)
    below = _texts_below(provisions, by_id)
    head: ArticlePart | None = None
    inside: list[ArticlePart] = []
    over: list[Provision] = []
    chapters: list[Provision] = []
    for row in provisions:
        above = by_id.get(row.parent_id or 0)
        if row.kind == ProvisionKind.CHAPTER:
            chapters.append(row)
            continue
        is_top = above is None or above.kind == ProvisionKind.CHAPTER
        part = ArticlePart(
            row,
            0 if is_top else _depth(row, by_id),
            _place(row, several, by_id),
            tuple(obligations.get(row.pk, ())),
            is_missing=has_text
            and row.pk not in below
            and not row.is_amended
            and not row.heading.startswith("削除")
            and (is_top or above is None or above.pk in below),
        )
        if not is_top:
            inside.append(part)
            continue
        if head is not None:
            yield Article(head, tuple(over), tuple(inside))
        head, inside, over, chapters = part, [], chapters, []
    if head is not None:
        yield Article(head, tuple(over), tuple(inside))


def _texts_below(provisions: Iterable[Provision], by_id: dict[int, Provision]) -> set[int]:
    """The provisions that have an official text, or stand over one."""
    found: set[int] = set()
    for row in provisions:
        here: Provision | None = row if row.text else None
        while here is not None and here.pk not in found:
            found.add(here.pk)
            here = by_id.get(here.parent_id or 0)
    return found


def _depth(row: Provision, by_id: dict[int, Provision]) -> int:
    depth, here = -1, row
    while here.parent_id in by_id and by_id[here.parent_id].kind != ProvisionKind.CHAPTER:
        depth, here = depth + 1, by_id[here.parent_id]
    return depth


def _place(row: Provision, several: set[int | None], by_id: dict[int, Provision]) -> str:
    """第8条第2項(1): the numbers down to it, as printed; `several` are the articles with more than one paragraph."""
    words: list[str] = []
    here: Provision | None = row
    while here is not None and here.kind != ProvisionKind.CHAPTER:
        if here.kind == ProvisionKind.PARAGRAPH:
            number = "-".join(map(str, keys.numbers_of(here.key))) if here.parent_id in several else ""
            words.append(f"第{number}項" if number else "")
        else:
            words.append(here.label)
        here = by_id.get(here.parent_id or 0)
    return "".join(reversed(words))
