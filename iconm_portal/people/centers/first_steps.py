"""What an administrator has to enter before anybody can work: 団体 → センター → 利用者."""

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext as _

from iconm_portal.models import Center, Organisation, Role, Side, User
from iconm_portal.people import administered
from iconm_portal.people.centers.setting_up import Link, SetUpStep
from iconm_portal.values import clock
from iconm_portal.values.text import listed

Held = dict[int, dict[Role, list[str]]]
"""The names of who is active, by organisation and role."""


def first_steps(by: User) -> list[SetUpStep]:
    """The three steps as they stand for the administrator's organisation; a fixed number of queries.

    A center that is closed needs nobody any more.
    """
    own = by.organisation
    organisations = list(administered.organisations(own))
    centers = [one for one in administered.centers(own) if not one.is_closed(clock.today())]
    held: Held = defaultdict(lambda: defaultdict(list))
    for person in User.objects.filter(organisation__in=organisations, is_active=True):
        held[person.organisation_id][person.role].append(person.name)
    return [
        _organisations(own, organisations),
        _centers(own, organisations, centers),
        _people(own, centers, held),
    ]


def has_begun(by: User) -> bool:
    """Whether people of both sides can work at one center at least; until then the way in is an administrator's first page."""
    staffed = User.objects.filter(role=Role.STAFF, is_active=True).values("organisation")
    return administered.centers(by.organisation).filter(supporter__in=staffed, operator__in=staffed).exists()


def _organisations(own: Organisation, organisations: list[Organisation]) -> SetUpStep:
    missing = []
    if len(organisations) == 1:
        missing.append(
            _("The other party is missing: enter the organisation with which %(organisation)s runs a center.")
            % {"organisation": own.name}
        )
    return SetUpStep(
        "organisations",
        _("Organisations"),
        there=(listed(one.name for one in organisations),),
        missing=tuple(missing),
        works=_("People of %(organisation)s can be entered.") % {"organisation": own.name},
        links=(
            Link(_("Enter an organisation"), reverse("organisation_new")),
            Link(_("All organisations"), reverse("organisations")),
        ),
    )


def _centers(own: Organisation, organisations: list[Organisation], centers: list[Center]) -> SetUpStep:
    missing = []
    if not centers:
        missing.append(
            _("No center is entered yet: it has a supporter (甲) and an operator (乙).")
            if len(organisations) > 1
            else _("No center can be entered before the other party is: see the step before.")
        )
    return SetUpStep(
        "centers",
        _("Centers"),
        there=tuple(
            _("%(center)s: 甲 %(supporter)s, 乙 %(operator)s")
            % {"center": one.name, "supporter": one.supporter.name, "operator": one.operator.name}
            for one in centers
        ),
        missing=tuple(missing),
        works=_("The pages of the center are there for the people of both sides.") if centers else "",
        links=(Link(_("Enter a center"), reverse("center_new")), Link(_("All centers"), reverse("centers"))),
    )


def _people(own: Organisation, centers: list[Center], held: Held) -> SetUpStep:
    """Of both sides of every center. The people of an organisation with administrators of its own are entered by these."""
    there, missing, ask = list[str](), list[str](), list[str]()
    links: list[Link] = []
    for side, party in _parties(centers):
        words = {"side": side.printed, "organisation": party.name}
        of_party = held.get(party.pk, {})
        counted = [
            _("%(role)s %(number)d") % {"role": role.label, "number": len(of_party[role])}
            for role in Role
            if role in of_party
        ]
        there.append(_("%(side)s %(organisation)s: ") % words + (listed(counted) or _("nobody")))
        if Role.STAFF not in of_party:
            missing.append(
                _("%(side)s %(organisation)s has no staff: nobody can prepare, hand in or settle for it.")
                % words
            )
        if party != own and (administrators := of_party.get(Role.ADMINISTRATOR)):
            ask.append(
                _("The people of %(organisation)s are entered by its own administrators: %(people)s")
                % {"organisation": party.name, "people": listed(administrators)}
            )
        else:
            label = _("Enter a person of %(organisation)s") % {"organisation": party.name}
            at = {"organisation": party.code}
            link = Link(label, reverse("organisation_person_new", kwargs=at))
            links.insert(0 if Role.STAFF not in of_party else len(links), link)
    if not centers:
        missing.append(_("No center has people before there is one: see the step before."))
    return SetUpStep(
        "people",
        _("People"),
        there=tuple(there),
        missing=tuple(missing),
        works=""
        if missing
        else _("The staff of both sides log in and go on with the agreements of their center."),
        links=(*links, Link(_("All people"), reverse("people"))),
        ask=tuple(ask),
    )


def _parties(centers: list[Center]) -> list[tuple[Side, Organisation]]:
    """Each party to any of the centers once, with the side on which it stands first."""
    sides: dict[int, tuple[Side, Organisation]] = {}
    for center in centers:
        for side, party in ((Side.SUPPORTER, center.supporter), (Side.OPERATOR, center.operator)):
            sides.setdefault(party.pk, (side, party))
    return list(sides.values())
