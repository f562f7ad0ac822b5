"""Who sees what of the history: each kind of thing says by whom its deeds are seen, beside the app that keeps it.

An event is seen by whoever could see, when it happened, what it tells. So what was typed into a draft stays with the side
that drafted it, after the acceptance too. A kind that nobody declared is seen by auditors alone; a test names it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from django.db.models import Q


class Readers(Enum):
    """Of a center, for whom a deed is to be seen; auditors see every one."""

    ALL = "whoever sees what is settled"
    BOTH_STAFFS = "the staff of both sides: what is submitted or proposed"
    OWN_STAFF = (
        "the staff of the side that did it: its drafts, the ledger of an open year, papers being prepared"
    )


@dataclass(frozen=True)
class Deeds:
    """By whom the deeds of a kind are seen: by verb, the last part of an action's code, and those not named here."""

    otherwise: Readers
    named: dict[str, Readers] = field(default_factory=dict)

    def readers(self, verb: str) -> Readers:
        return self.named.get(verb, self.otherwise)


def _deeds(otherwise: Readers, **verbs: str) -> Deeds:
    return Deeds(otherwise, {verb: Readers[to] for to, named in verbs.items() for verb in named.split()})


PLAIN = Deeds(Readers.ALL)
"""What has no draft: master data, the register, what is recorded of an agreement."""

REVIEWED = _deeds(
    Readers.OWN_STAFF, ALL="accept decide judge", BOTH_STAFFS="submit take_back open return comment"
)
JOINT = _deeds(Readers.BOTH_STAFFS, ALL="confirm add")

JOINT_AND_REVIEWED = _deeds(
    Readers.ALL,
    BOTH_STAFFS="submit propose take_back open return decline comment ask discard",
    OWN_STAFF="save start",
)
"""A duty: handed in and accepted, or proposed and confirmed."""

VERIFIED = _deeds(
    Readers.OWN_STAFF,
    ALL="confirm accept judge",
    BOTH_STAFFS="submit propose take_back open return decline comment",
)
"""A verification: one side's draft, put before the other, settled by it."""

STANDING_WITH_TERMS = _deeds(Readers.ALL, BOTH_STAFFS="propose take_back decline discard save")
"""An agreement: its master data are plain, its yearly terms joint."""

PREPARED = _deeds(Readers.OWN_STAFF, ALL="freeze")
"""Papers that one side prepares and freezes."""

OWN = Deeds(Readers.OWN_STAFF)

_KINDS: dict[str, Deeds] = {}
_OPENED: list[Callable[[str], Q]] = []


def declare(deeds: Deeds, *codes: str) -> None:
    """The kinds ("report" of "report.accept") whose deeds are seen like this. ValueError for one that was declared
    otherwise; the same again is nothing new, since Django may ready an app twice (in tests of models that are not kept)."""
    for code in codes:
        if _KINDS.get(code, deeds) != deeds:
            raise ValueError(f"{code} is declared in two ways")
        _KINDS[code] = deeds


def opened_later(events: Callable[[str], Q]) -> Callable[[str], Q]:
    """Declares the events at a center (its code) that everyone sees by now, whoever they were for: a closed ledger's."""
    _OPENED.append(events)
    return events


def is_declared(action: str) -> bool:
    return action.partition(".")[0] in _KINDS


def shown_to(groups: Iterable[Readers], *, center: str, organisation: str) -> Q:
    """The events at a center that are for one of the groups, as seen from an organisation."""
    found = Q(pk__in=[])
    for events in _OPENED:
        found |= events(center)
    for group in groups:
        of_group = _of(group)
        found |= of_group & Q(actor_organisation=organisation) if group is Readers.OWN_STAFF else of_group
    return found


def _of(group: Readers) -> Q:
    """Every deed whose readers are this group."""
    kinds, named, others = Q(pk__in=[]), list[str](), list[str]()
    for code, deeds in _KINDS.items():
        if deeds.otherwise is group:
            kinds |= Q(action__startswith=f"{code}.")
        for verb, to in deeds.named.items():
            (named if to is group else others).append(f"{code}.{verb}")
    return (kinds & ~Q(action__in=others)) | Q(action__in=named)
