"""The history as a person may know it: of their centers what they may see, of people and rights where that is their affair."""

from django.db.models import Q, QuerySet

from iconm_portal.history import seen_by
from iconm_portal.history.seen_by import Readers
from iconm_portal.models import Center, HistoryEvent, User
from iconm_portal.people import administered
from iconm_portal.people.access import Right, allowed, permits_somewhere


def events(user: User) -> QuerySet[HistoryEvent]:
    """Every event that the person may see, newest first."""
    shown = Q(pk__in=[])
    for center in Center.objects.seen_by(user):
        shown |= Q(center=center.code) & _at(center, user)
    if permits_somewhere(user.role, Right.SEE_RIGHTS_HISTORY):
        # Who made a center or opened it to somebody is about rights, and holds no figure.
        organisations = administered.organisations(user.organisation).values("code")
        centers = administered.centers(user.organisation).values("code")
        shown |= Q(center="", organisation__in=organisations)
        shown |= Q(center__in=centers, action__startswith="center.")
    return HistoryEvent.objects.filter(shown)


def _at(center: Center, user: User) -> Q:
    if allowed(user, center, Right.SEE_WHOLE_HISTORY):
        return Q()
    if not allowed(
        user, center, Right.SEE_SETTLED
    ):  # administrators: what is done at a center holds its figures
        return Q(pk__in=[])
    groups = [Readers.ALL]
    if allowed(user, center, Right.SEE_SUBMITTED):
        groups += [Readers.BOTH_STAFFS, Readers.OWN_STAFF]
    return seen_by.shown_to(groups, center=center.code, organisation=user.organisation.code)
