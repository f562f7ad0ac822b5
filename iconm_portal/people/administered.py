"""Whom and what an administrator looks after: the administered organisations, their people, and the centers.

These are the centers to which the administrator's own organisation is a party, and every party to one of those. It is
the same seen from either side: if the foundation administers the city's people, the city administers the foundation's.
And, until they are a party to a center, the organisations that its own administrators entered (decision record 33).
"""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from iconm_portal.models import Center, CenterQuerySet, Organisation, Role, User

_HAS_CENTER = Exists(
    Center.objects.filter(Q(supporter=OuterRef("pk")) | Q(operator=OuterRef("pk"))).order_by()
)


def centers(organisation: Organisation) -> CenterQuerySet:
    """The centers to which the organisation is a party."""
    return Center.objects.of(organisation)


def organisations(organisation: Organisation) -> QuerySet[Organisation]:
    """The parties to those centers and who audits them from outside, the organisation itself, and what it entered and has
    no center yet; in order of code."""
    own = Center.objects.filter(
        Q(supporter=organisation) | Q(operator=organisation) | Q(auditors=organisation)
    ).order_by()
    return Organisation.objects.filter(
        Q(pk=organisation.pk)
        | Q(pk__in=own.values("supporter"))
        | Q(pk__in=own.values("operator"))
        | Q(pk__in=own.filter(auditors__isnull=False).values("auditors"))
        | Q(keeper=organisation) & ~_HAS_CENTER
    )


def keepers(organisation: Organisation) -> QuerySet[Organisation]:
    """The organisations whose administrators look after it: seen from there it is one of `organisations`."""
    entered = Organisation.objects.filter(~_HAS_CENTER, pk=organisation.pk).values("keeper")
    return organisations(organisation) | Organisation.objects.filter(pk__in=entered)


def partners(organisation: Organisation) -> QuerySet[Organisation]:
    """With whom it can run another center: the other parties to its centers, and what it entered and has no center yet.

    Not who audits a center from outside: an auditor is no party, and its people can only be auditors.
    """
    own = Center.objects.of(organisation).order_by()
    parties = Q(pk__in=own.values("supporter")) | Q(pk__in=own.values("operator"))
    found = Organisation.objects.filter(parties | Q(keeper=organisation) & ~_HAS_CENTER)
    return found.exclude(pk=organisation.pk).filter(audited_centers=None)


def people(organisation: Organisation) -> QuerySet[User]:
    """The people of those organisations."""
    return User.objects.filter(organisation__in=organisations(organisation)).select_related("organisation")


def person_or_404(by: User, key: int) -> User:
    """One of the people that the administrator keeps; nobody else is there for them."""
    return get_object_or_404(people(by.organisation), pk=key)


def has_center(organisation: Organisation) -> bool:
    """Whether it is a party to any."""
    return Center.objects.of(organisation).exists()


def only_audits(organisation: Organisation) -> bool:
    """Whether it audits centers from outside and is a party to none."""
    return organisation.audited_centers.exists() and not Center.objects.of(organisation).exists()


def keeps_itself(organisation: Organisation, by: User, *, but: User | None = None) -> bool:
    """Whether it is another organisation than the administrator's, and has administrators of its own (beside `but`).

    Then these alone enter its people and open accounts anew: nobody opens accounts on both sides. Decision records 4, 25.
    """
    if organisation.pk == by.organisation_id:
        return False
    return administrators_of(organisation).exclude(pk__in=[but.pk] if but else []).exists()


def entered_by(by: User) -> QuerySet[Organisation]:
    """The organisations whose people the administrator enters."""
    own = User.objects.filter(organisation=OuterRef("pk"), role=Role.ADMINISTRATOR, is_active=True)
    return organisations(by.organisation).filter(Q(pk=by.organisation_id) | ~Exists(own.order_by()))


def administrators_of(organisation: Organisation) -> QuerySet[User]:
    return User.objects.filter(organisation=organisation, role=Role.ADMINISTRATOR, is_active=True)


def who_administer(organisation: Organisation) -> QuerySet[User]:
    """The administrators who look after it, whichever organisation they are of."""
    return User.objects.filter(
        organisation__in=keepers(organisation), role=Role.ADMINISTRATOR, is_active=True
    ).select_related("organisation")
