"""Search across all provisions of a center: NFKC-normalised, hits marked, what holds now before what is past."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from agreements.editions import editions
from agreements.editions.editions import ArticlePart, EditionLine, EditionStanding
from agreements.editions.provisions import as_read, old_summaries
from agreements.instruments import agreements as instrument_agreements
from agreements.models import Agreement, Edition, Provision
from iconm_portal.models import Center, User
from iconm_portal.values.written.letters import same_letters

MOST_HITS: Final = 100
MOST_LETTERS: Final = 160
"""So much of a provision is shown around its first hit."""

_ORDER: Final = (
    EditionStanding.IN_FORCE,
    EditionStanding.UNCONCLUDED,
    EditionStanding.COMING,
    EditionStanding.PROPOSED,
    EditionStanding.DRAFTED,
    EditionStanding.DECLINED,
    EditionStanding.ENDED,
    EditionStanding.PAST,
    EditionStanding.NEVER,
)
_VOICED: Final = "ﾞﾟ"
"""Marks that change the letter before them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of letters; `is_hit` where it is one of the words looked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A provision in which the words stand."""

    agreement: Agreement
    line: EditionLine
    place: str
    heading: tuple[Piece, ...]
    text: tuple[Piece, ...]
    summary: tuple[Piece, ...]
    is_summary_old: bool  # written for the wording before an amendment
    key: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: the first hits, and how many there are in all."""

    hits: tuple[Hit, ...]
    total: int
    searched: int  # provisions


def words_of(query: str) -> tuple[str, ...]:
    """The words that must all occur, as they are compared; at most eight."""
    return tuple(dict.fromkeys(same_letters(query).split()))[:8]


def search(user: User, center: Center, query: str, *, day: date) -> Found:
    """Provisions with all the words in heading, official text or summary. A fixed number of queries."""
    words = words_of(query)
    lines = _lines(user, center, day)
    rows = Provision.objects.filter(edition__in=[line.edition for _agreement, line in lines])
    by_edition: dict[int, list[Provision]] = {}
    for row in rows.order_by("edition_id", "position"):
        by_edition.setdefault(row.edition_id, []).append(row)
    for _agreement, line in lines:
        if line.edition.is_over_summaries:
            by_edition[line.edition.pk] = as_read.of(line.edition).provisions
    old_summaries.mark_all([line.edition for _agreement, line in lines], by_edition)
    hits = [
        hit
        for agreement, line in lines
        for hit in _hits_in(agreement, line, by_edition.get(line.edition.pk, []), words)
    ]
    return Found(tuple(hits[:MOST_HITS]), len(hits), sum(map(len, by_edition.values())))


def _lines(user: User, center: Center, day: date) -> list[tuple[Agreement, EditionLine]]:
    """The editions to search, what holds now first; within that, agreements in their order."""
    by_agreement: dict[int, list[Edition]] = {}
    for edition in editions.visible(user, center):
        by_agreement.setdefault(edition.agreement_id, []).append(edition)
    agreements = instrument_agreements.with_state(Agreement.objects.filter(center=center)).select_related(
        "center"
    )
    facts = instrument_agreements.linked(agreements)
    lines = [
        (agreement, line)
        for agreement in agreements
        for line in editions.of(
            agreement, by_agreement.get(agreement.pk, ()), day=day, facts=facts[agreement.pk]
        ).lines
    ]
    return sorted(lines, key=lambda pair: (_ORDER.index(pair[1].standing), pair[0].position, -pair[1].number))


def _hits_in(
    agreement: Agreement, line: EditionLine, provisions: Sequence[Provision], words: Sequence[str]
) -> Iterator[Hit]:
    headings: dict[int, str] = {}
    matching = set()
    for row in provisions:
        headings[row.pk] = row.heading or headings.get(row.parent_id or 0, "")
        if words and all(any(word in same_letters(text) for text in _texts(row)) for word in words):
            matching.add(row.pk)
    if not matching:
        return
    for part in editions.parts(provisions):
        row = part.provision
        if row.pk in matching:
            yield _hit(agreement, line, part, headings[row.pk], words)


def _texts(row: Provision) -> tuple[str, ...]:
    return row.label + " " + row.heading, row.text, row.summary


def _hit(
    agreement: Agreement, line: EditionLine, part: ArticlePart, heading: str, words: Sequence[str]
) -> Hit:
    row = part.provision
    return Hit(
        agreement=agreement,
        line=line,
        place=part.place,
        heading=marked(heading, words),
        text=_around(marked(row.text, words)),
        summary=_around(marked(row.summary, words)),
        is_summary_old=row.is_summary_old,
        key=row.key,
    )


def marked(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """The text as it is, cut where a word begins and ends; what is compared is its normalised form."""
    folded, origin = _mapped(text)
    is_hit = [False] * len(text)
    for word in words:
        start = folded.find(word)
        while start >= 0:
            first, last = origin[start], origin[start + len(word) - 1]
            end = last + 1
            while end < len(text) and text[end] in _VOICED:
                end += 1
            is_hit[first:end] = [True] * (end - first)
            start = folded.find(word, start + 1)
    pieces: list[Piece] = []
    for letter, hit in zip(text, is_hit, strict=True):
        if pieces and pieces[-1].is_hit is hit:
            pieces[-1] = Piece(pieces[-1].text + letter, hit)
        else:
            pieces.append(Piece(letter, hit))
    return tuple(pieces)


def _mapped(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters the place in the text that it comes from."""
    folded, origin, index = "", [], 0
    while index < len(text):
        end = index + 1
        while end < len(text) and (text[end] in _VOICED or unicodedata.combining(text[end])):
            end += 1
        part = same_letters(text[index:end])
        folded += part
        origin += [index] * len(part)
        index = end
    return folded, origin


def _around(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """What is near the first hit, of a long text."""
    text = "".join(piece.text for piece in pieces)
    if len(text) <= MOST_LETTERS:
        return pieces
    before = 0
    for piece in pieces:
        if piece.is_hit:
            break
        before += len(piece.text)
    else:
        before = 0
    start = max(0, min(before - MOST_LETTERS // 3, len(text) - MOST_LETTERS))
    return tuple(_cut(pieces, start, start + MOST_LETTERS))


def _cut(pieces: Sequence[Piece], start: int, end: int) -> Iterator[Piece]:
    if start:
        yield Piece("…", is_hit=False)
    place = 0
    for piece in pieces:
        part = piece.text[max(0, start - place) : max(0, end - place)]
        place += len(piece.text)
        if part:
            yield Piece(part, piece.is_hit)
    if place > end:
        yield Piece("…", is_hit=False)
