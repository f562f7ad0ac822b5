"""Who may write, answer, begin and read a verification, and whose turn it is."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from agreements.models import Verification, VerificationKind
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
    return rows_of(center).filter(seen)


def newest(center: Center, kind: VerificationKind, year: FiscalYear) -> Verification | None:
    """The last revision of a year's, whatever its state."""
    return rows_of(center).filter(kind=kind, fiscal_year=year).order_by("-revision").first()


def rows_of(center: Center) -> QuerySet[Verification]:
    """All of the center's, with the people of their steps."""
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
    return rows_of(center).order_by("fiscal_year", "kind")


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


def may_begin(user: User, center: Center, kind: VerificationKind) -> bool:
    """Whether the person may begin one: what both verify either side; the 効果検証 the city, which owes it, or the
    foundation with its self-assessment."""
    return allowed(user, center, right_to_write(kind)) or allowed(user, center, right_to_answer(kind))
