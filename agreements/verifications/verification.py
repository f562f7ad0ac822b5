"""The verifications of a center: which years each kind asks for, how far each is, and what a person may do with it.

Settlement (basic agreement, Art. 9) and KPIs (research-support agreement, Art. 3) are verified by both: one side hands in
the result, the other confirms it. The 効果検証 is the foundation's self-assessment and the city's judgement on the land.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from agreements.endings import free_use, resting
from agreements.instruments import agreements as instrument_agreements
from agreements.instruments.state import Facts
from agreements.models import (
    Criterion,
    Finding,
    LandJudgement,
    Obligation,
    Verification,
    VerificationComment,
    VerificationKind,
    in_force,
)
from iconm_portal.models import EDITABLE_STATES, UNDER_REVIEW, Center, ReviewState, Side, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear

JOINT_KINDS = tuple(kind for kind in VerificationKind if kind.is_joint)


def right_to_write(kind: VerificationKind) -> Right:
    """Both sides may hand in what both verify; the self-assessment is the foundation's."""
    return Right.SETTLE_JOINTLY if kind.is_joint else Right.KEEP


def right_to_answer(kind: VerificationKind) -> Right:
    """The other side confirms what both verify; the judgement on the land is the city's."""
    return Right.SETTLE_JOINTLY if kind.is_joint else Right.REVIEW


def author_side(verification: Verification) -> Side | None:
    """The side that writes it or has handed it in."""
    if not verification.kind.is_joint:
        return Side.OPERATOR
    if verification.author_side:
        return verification.author_side
    author = verification.submitted_by or verification.saved_by
    return verification.center.side_of(author) if author else None


def visible(user: User, center: Center) -> QuerySet[Verification]:
    """What the person may read: settled ones, handed-in ones for staff, drafts for the side that writes them."""
    seen = Q(state=ReviewState.ACCEPTED)
    if allowed(user, center, Right.SEE_SUBMITTED):
        seen |= Q(state__in=UNDER_REVIEW)
    if allowed(user, center, Right.SETTLE_JOINTLY):
        own = Q(author_side=center.side_of(user) or "-")
        own |= Q(author_side="", saved_by__organisation_id=user.organisation_id)
        seen |= Q(state__in=EDITABLE_STATES, kind__in=JOINT_KINDS) & own
    if allowed(user, center, Right.SEE_DRAFTS) or allowed(user, center, Right.REVIEW):
        # The city owes the evaluation and sees that it is under way; what the foundation drafts it does not read.
        seen |= Q(state__in=EDITABLE_STATES, kind=VerificationKind.EFFECT)
    return _rows(center).filter(seen)


def newest(center: Center, kind: VerificationKind, year: FiscalYear) -> Verification | None:
    """The last revision of a year's, whatever its state."""
    return _rows(center).filter(kind=kind, fiscal_year=year).order_by("-revision").first()


def _rows(center: Center) -> QuerySet[Verification]:
    return Verification.objects.filter(center=center).select_related(
        "center",
        "saved_by",
        "begun_by",
        "asked_by",
        "submitted_by",
        "opened_by",
        "returned_by",
        "accepted_by",
    )


def of(center: Center) -> QuerySet[Verification]:
    """All of the center's, whatever their state, with the people of their steps."""
    return _rows(center).order_by("fiscal_year", "kind")


def waiting(user: User, center: Center, rows: Iterable[Verification]) -> list[Verification]:
    """Those that have come to the person's side: handed in by the other one, or returned by it."""
    side = center.side_of(user)
    return [
        row
        for row in rows
        if (row.state.is_under_review or row.state is ReviewState.RETURNED or _is_asked_for(row))
        and allowed(user, center, right_to_write(row.kind) if row.is_editable else right_to_answer(row.kind))
        and (author_side(row) == side) == row.is_editable
    ]


def _is_asked_for(row: Verification) -> bool:
    """Whether the city has asked for a self-assessment that is not there yet."""
    return row.asked_at is not None and row.is_editable


# -- The years of each kind --


@dataclass(frozen=True, slots=True)
class YearLine:
    """A fiscal year of a kind; `row` is None where nothing was begun, or nothing that the person may know of."""

    kind: VerificationKind
    year: FiscalYear
    row: Verification | None
    is_hidden: bool  # somebody is at it, but the person may not read it
    may_begin: bool
    has_ended: bool = False  # no agreement asks for it any more, nor was it settled or handed in before
    judged: LandJudgement | None = None  # the city's judgement that holds
    anew: Verification | None = None  # the next revision, while it is being written or answered

    @property
    def is_page(self) -> bool:
        """Whether there is something behind the link."""
        return self.row is not None or self.may_begin


@dataclass(frozen=True, slots=True)
class KindOfVerification:
    """A kind with the obligations that ask for it, and its years, the latest first."""

    kind: VerificationKind
    obligations: tuple[Obligation, ...]
    lines: tuple[YearLine, ...]
    is_asked: bool = True  # whether an agreement that is concluded and not over asks for it


def kinds(user: User, center: Center, *, today: date) -> tuple[KindOfVerification, ...]:
    """All three kinds with their years, in a fixed number of queries."""
    asked, facts = obligations(center), instrument_agreements.of_center(center)
    judged = free_use.load(center, known_at=today)
    everything = list(_rows(center))
    holding = list(in_force(center, everything, known_at=today))
    resting.mark(center, holding, known_at=today)
    rows = {(row.kind, row.fiscal_year): row for row in holding}
    anew = {(row.kind, row.fiscal_year): row for row in everything if row.is_anew and not row.is_settled}
    readable = {row.pk for row in visible(user, center)}
    found = []
    for kind in VerificationKind:
        open_ones = set(open_years(kind, asked, today=today, facts=facts))
        past = set(open_years(kind, asked, today=today, facts=facts, even_ended=True)) - open_ones
        years = open_ones | {year for of, year in rows if of == kind}
        begins = may_begin(user, center, kind)
        lines = []
        for year in sorted(years, reverse=True):
            row = rows.get((kind, year))
            shown = row if row is not None and row.pk in readable else None
            lines.append(
                YearLine(
                    kind,
                    year,
                    shown,
                    is_hidden=row is not None and shown is None,
                    may_begin=begins and row is None,
                    has_ended=year in past and not (row and (row.is_settled or row.is_under_review)),
                    judged=judged.of(shown) if shown else None,
                    anew=again if (again := anew.get((kind, year))) and again.pk in readable else None,
                )
            )
        found.append(
            KindOfVerification(
                kind,
                tuple(one for one in asked if one.verification == kind),
                tuple(lines),
                is_asked=any(
                    one.verification == kind
                    and facts[one.agreement_id].is_concluded(today)
                    and not facts[one.agreement_id].has_ended(today)
                    for one in asked
                ),
            )
        )
    return tuple(found)


def may_begin(user: User, center: Center, kind: VerificationKind) -> bool:
    """Whether the person may begin one: what both verify either side; the 効果検証 the city, which owes it, or the
    foundation with its self-assessment."""
    return allowed(user, center, right_to_write(kind)) or allowed(user, center, right_to_answer(kind))


def obligations(center: Center) -> list[Obligation]:
    """The obligations that ask for a verification, with agreement and provision."""
    rows = Obligation.objects.filter(agreement__center=center).exclude(verification="")
    return list(rows.select_related("agreement", "provision").order_by("agreement__position", "position"))


def open_years(
    kind: VerificationKind,
    asked: Sequence[Obligation],
    *,
    today: date,
    facts: Mapping[int, Facts] | None = None,
    even_ended: bool = False,
) -> tuple[FiscalYear, ...]:
    """The fiscal years that can be verified: those within the time of an agreement that is concluded and not over, as far
    as they have ended. Nothing is verified under a draft, and nothing more under what has ended.

    The effects of the running year can be judged too, for no article says when in the year the city does so.
    `facts` saves queries; `even_ended`: also where the agreement is over, of what was handed in before.
    """
    own = [obligation for obligation in asked if obligation.verification == kind]
    if facts is None:
        facts = instrument_agreements.linked([obligation.agreement for obligation in own])
    last = FiscalYear.of(today) - 1 if kind.is_joint else FiscalYear.of(today)
    years: set[FiscalYear] = set()
    for obligation in own:
        known = facts[obligation.agreement_id]
        if not known.is_concluded(today) or (known.has_ended(today) and not even_ended):
            continue
        first = obligation.first_year or FiscalYear.of(known.starts_on)
        ends = [last, *([obligation.last_year] if obligation.last_year else [])]
        if (last_day := known.last_day(today)) is not None:
            ends.append(FiscalYear.of(last_day))
        if first <= min(ends):
            years.update(FiscalYear.range(first, min(ends)))
    return tuple(sorted(years))


def is_open(
    center: Center, kind: VerificationKind, year: FiscalYear, *, today: date, even_ended: bool = False
) -> bool:
    """Whether the year can be verified today."""
    return year in open_years(kind, obligations(center), today=today, even_ended=even_ended)


# -- One verification --


@dataclass(frozen=True, slots=True)
class Heading:
    """A criterion with what is said under it; the city's judgement only where the person may read it."""

    criterion: Criterion
    self_assessment: str
    judgement: str


@dataclass(frozen=True)
class VerificationSheet:
    """A verification as one person sees it; `row` is None before it was begun, or while it is the other side's draft."""

    center: Center
    kind: VerificationKind
    year: FiscalYear
    row: Verification | None
    headings: tuple[Heading, ...]
    comments: tuple[VerificationComment, ...]
    may_begin: bool  # by writing its result, or its self-assessment
    may_start: bool  # the city, which owes the 効果検証
    is_elsewhere: bool  # the other side is writing it
    sees_assessment: bool  # what the foundation says of itself
    is_open: bool  # whether an agreement that stands asks for it
    ended_on: date | None = None  # the last day of the agreement that asked for it, where none does any more
    judgements: tuple[LandJudgement, ...] = ()  # the city's, as they followed one another
    in_force: Verification | None = (
        None  # what is settled; `row` is the next revision while the person may read that
    )
    earlier: tuple[Verification, ...] = ()  # settled before, the last one first
    may_verify_anew: bool = False

    @property
    def named(self) -> dict[str, Any]:
        """Which one it is, for the actions that may begin it."""
        return {"center": self.center, "kind": self.kind, "fiscal_year": self.year}

    @property
    def is_of_indicators(self) -> bool:
        return self.kind is VerificationKind.KPI

    @property
    def version(self) -> int:
        """The state that the person sees; 0 before there is any."""
        return self.row.version if self.row else 0

    @property
    def judgement(self) -> LandJudgement | None:
        """The city's judgement that holds: the last correction of it."""
        return self.judgements[-1] if self.judgements else None

    @property
    def is_negative(self) -> bool:
        """Whether the city found that the land may no longer be free."""
        return self.judgement is not None and not self.judgement.is_free

    @property
    def result(self) -> str:
        """The result, or the foundation's summary, as far as the person may read it."""
        return self.row.result if self.row and self.sees_assessment else ""

    @property
    def missing(self) -> tuple[Criterion, ...]:
        """The criteria under which the foundation has written nothing."""
        return tuple(heading.criterion for heading in self.headings if not heading.self_assessment.strip())


def sheet(
    user: User, center: Center, kind: VerificationKind, year: FiscalYear, *, today: date
) -> VerificationSheet | None:
    """One verification for the person; None where there is nothing that they may read or begin."""
    revisions = list(_rows(center).filter(kind=kind, fiscal_year=year).order_by("-revision"))
    existing = revisions[0] if revisions else None
    own = visible(user, center).filter(kind=kind, fiscal_year=year)
    readable = set(own.values_list("pk", flat=True)) if revisions else set()
    row = next((one for one in revisions if one.pk in readable), None)
    settled = in_force(center, [one for one in revisions if one.is_settled], known_at=today)
    held = settled[0] if settled else None
    asked = [one for one in obligations(center) if one.verification == kind]
    facts = instrument_agreements.linked([one.agreement for one in asked])
    is_open_ = year in open_years(kind, asked, today=today, facts=facts)
    if existing is None and not (may_begin(user, center, kind) and is_open_):
        return None
    if row is None and not allowed(user, center, Right.SEE_SUBMITTED):
        return None
    if row is not None:
        resting.mark(center, [row], known_at=today)
    reviews = allowed(user, center, Right.REVIEW)
    sees_judgement = row is not None and (row.is_settled or reviews)
    sees_comments = row is not None and allowed(user, center, Right.SEE_SUBMITTED)
    # What was never handed in, or came back, is the foundation's own; settled without it, it stays that.
    sees_assessment = kind.is_joint or (row is not None and row.submitted_at is not None)
    sees_assessment = sees_assessment or allowed(user, center, Right.SEE_DRAFTS)
    judgements = _judgements(row, today) if row is not None and not kind.is_joint else ()
    return VerificationSheet(
        center=center,
        kind=kind,
        year=year,
        row=row,
        headings=()
        if kind.is_joint
        else _headings(center, row, sees_assessment, sees_judgement, judgements[-1] if judgements else None),
        comments=tuple(row.comments.select_related("written_by")) if row and sees_comments else (),
        may_begin=existing is None and allowed(user, center, right_to_write(kind)),
        may_start=existing is None and not kind.is_joint and reviews,
        is_elsewhere=existing is not row and allowed(user, center, Right.SEE_SUBMITTED),
        sees_assessment=sees_assessment,
        is_open=is_open_,
        ended_on=None if is_open_ else _ended_on(kind, year, asked, facts, today),
        judgements=judgements,
        in_force=held,
        earlier=tuple(one for one in revisions if one.is_settled and one is not row),
        may_verify_anew=held is not None
        and existing is held
        and held.unsettled is not None
        and held.unsettled.answer is None
        and allowed(user, center, right_to_write(kind)),
    )


def _ended_on(
    kind: VerificationKind,
    year: FiscalYear,
    asked: Sequence[Obligation],
    facts: Mapping[int, Facts],
    today: date,
) -> date | None:
    """The last day on which an agreement that is over asked for the year's; None where none ever did."""
    days = [
        day
        for one in asked
        if (day := facts[one.agreement_id].binds_until(today)) is not None
        and day < today
        and year in open_years(kind, [one], today=today, facts=facts, even_ended=True)
    ]
    return max(days, default=None)


def _judgements(row: Verification, today: date) -> tuple[LandJudgement, ...]:
    """The city's judgement with its corrections, oldest first."""
    rows = row.land_judgements.filter(known_from__lte=today).select_related("recorded_by")
    return tuple(rows.order_by("known_from", "pk"))


def _headings(
    center: Center,
    row: Verification | None,
    sees_assessment: bool,
    sees_judgement: bool,
    corrected: LandJudgement | None,
) -> tuple[Heading, ...]:
    """`corrected`: the judgement that holds, where there is one; it says what the city judges under each criterion."""
    said: dict[int, Finding] = {}
    if row is not None:
        said = {finding.criterion_id: finding for finding in row.findings.all()}
    found = []
    for criterion in Criterion.objects.filter(center=center):
        finding = said.get(criterion.pk)
        judged = finding.judgement if finding else ""
        if corrected is not None:
            judged = corrected.said.get(criterion.code, judged)
        found.append(
            Heading(
                criterion,
                finding.self_assessment if finding and sees_assessment else "",
                judged if sees_judgement else "",
            )
        )
    return tuple(found)
