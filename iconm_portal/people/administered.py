"""Whom and what an administrator looks after: the administered organisations, their people, and the centers.

These are the centers to which the administrator's own organisation is a party, and every party to one of those. It is
the same seen from either side: if the foundation administers the city's people, the city administers the foundation's.
"""

from django.db.models import Q, QuerySet

from iconm_portal.models import Center, CenterQuerySet, HistoryEvent, Organisation, User


def centers(organisation: Organisation) -> CenterQuerySet:
    """The centers to which the organisation is a party."""
    return Center.objects.of(organisation)


def organisations(organisation: Organisation) -> QuerySet[Organisation]:
    """The parties to those centers, and the organisation itself; in order of code."""
    own = Center.objects.of(organisation)
    return Organisation.objects.filter(
        Q(pk=organisation.pk) | Q(pk__in=own.values("supporter")) | Q(pk__in=own.values("operator"))
    )


def people(organisation: Organisation) -> QuerySet[User]:
    """The people of those organisations."""
    return User.objects.filter(organisation__in=organisations(organisation)).select_related("organisation")


def events(organisation: Organisation) -> QuerySet[HistoryEvent]:
    """The history of those centers, and what happened to those organisations and their people."""
    of_center = Q(center__in=Center.objects.of(organisation).values("code"))
    of_people = Q(center="", organisation__in=organisations(organisation).values("code"))
    return HistoryEvent.objects.filter(of_center | of_people)
