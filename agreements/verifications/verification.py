"""One verification, and what a person may do with it.

Settlement (basic agreement, Art. 9) and KPIs (research-support agreement, Art. 3) are verified by both: one side hands in
the result, the other confirms it. The 効果検証 is the foundation's self-assessment and the city's judgement on the land.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from agreements.endings import resting
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
from agreements.verifications.verification_access import may_begin, right_to_write, rows_of, visible
from agreements.verifications.verification_years import obligations, open_years
from iconm_portal.models import Center, ReviewState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.fiscal import FiscalYear


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
    returned: Verification | None  # by this side to the other, until it comes again
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
    revisions = list(rows_of(center).filter(kind=kind, fiscal_year=year).order_by("-revision"))
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
    sees_submitted = allowed(user, center, Right.SEE_SUBMITTED)
    is_elsewhere = existing is not row and sees_submitted
    returned = existing if is_elsewhere and existing and existing.state is ReviewState.RETURNED else None
    if row is not None and not kind.is_joint and row.state is ReviewState.RETURNED and reviews:
        returned = row
    told = returned or row
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
        comments=tuple(told.comments.select_related("written_by")) if told and sees_submitted else (),
        may_begin=existing is None and allowed(user, center, right_to_write(kind)),
        may_start=existing is None and not kind.is_joint and reviews,
        is_elsewhere=is_elsewhere,
        returned=returned,
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
