"""What the portal says in its own words, and the official texts that the parties put in their place.

A direct goal or an activity without a confirmed official text is shown by the portal's summary, marked 要旨. `groups`
gives all of them in six queries: the direct goals, and the activities of each scheme.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from iconm_portal.models import Center, ProposalState, User
from iconm_portal.people.access import Right, allowed
from iconm_portal.values.ordering import blanks_first
from kpi.models import (
    Initiative,
    InitiativeScheme,
    Kgi,
    OfficialTextLine,
    OfficialTextProposal,
    official_text,
)

KGI_GROUP = "kgi"


@dataclass(frozen=True, slots=True)
class Item:
    """A direct goal or an activity: our summary, and the official text where there is one."""

    subject: Kgi | Initiative
    summary: str
    official: str
    place: str = ""

    @property
    def field(self) -> str:
        """Its name on the form."""
        return f"text-{self.subject.pk}"

    @property
    def text(self) -> str:
        return self.official or self.summary


@dataclass(frozen=True, slots=True)
class Group:
    """What is put forward together: the direct goals (without a scheme), or the activities of a scheme."""

    scheme: InitiativeScheme | None
    source: str
    items: tuple[Item, ...]

    @property
    def code(self) -> str:
        """Its part of the address."""
        return f"scheme-{self.scheme.code}" if self.scheme else KGI_GROUP

    @property
    def summaries(self) -> int:
        """How many still stand in our words."""
        return sum(not item.official for item in self.items)


def groups(center: Center) -> list[Group]:
    """Those that have anything, the direct goals first."""
    goals = Kgi.objects.filter(center=center).annotate(official=official_text("kgi", None))
    activities: dict[int, list[Item]] = {}
    rows = Initiative.objects.filter(category__scheme__center=center).select_related(
        "category__scheme__center"
    )
    for row in rows.annotate(official=official_text("initiative", None)).order_by(
        "category__position", "category_id", "position", "pk"
    ):
        found = activities.setdefault(row.category.scheme_id, [])
        found.append(Item(row, row.text, row.official, str(row.category)))
    kgis = tuple(Item(row, row.text, row.official) for row in goals)
    found_groups = [Group(None, kgis[0].subject.source, kgis)] if kgis else []
    found_groups += [
        Group(scheme, scheme.source, tuple(activities[scheme.pk]))
        for scheme in InitiativeScheme.objects.filter(center=center)
        if scheme.pk in activities
    ]
    return found_groups


def group(center: Center, code: str) -> Group | None:
    """The group of that code."""
    return next((one for one in groups(center) if one.code == code), None)


def group_of(proposal: OfficialTextProposal) -> Group:
    """What the proposal speaks of."""
    code = f"scheme-{proposal.scheme.code}" if proposal.scheme else KGI_GROUP
    found = group(proposal.center, code)
    if found is None:
        raise LookupError(code)
    return found


def visible(person: User, center: Center) -> QuerySet[OfficialTextProposal]:
    """Confirmed ones for everyone of the two parties; the others for both sides' staff."""
    found = OfficialTextProposal.objects.filter(center=center).select_related(
        "center", "scheme", "proposed_by", "confirmed_by", "declined_by"
    )
    if allowed(person, center, Right.SEE_SUBMITTED):
        return found
    return found.filter(state=ProposalState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a proposal: our summary, the official text that stood before it (if any), and the one proposed."""

    summary: str
    before: str
    after: str


def changes(proposal: OfficialTextProposal) -> list[Change]:
    """What the proposal puts in whose place, in two queries."""
    lines = list(proposal.lines.select_related("kgi", "initiative"))
    earlier = _earlier(proposal, lines)
    return [
        Change((line.kgi or line.initiative).text, earlier.get(_subject(line), ""), line.text)  # type: ignore[union-attr]
        for line in lines
    ]


def _subject(line: OfficialTextLine) -> tuple[int | None, int | None]:
    return line.kgi_id, line.initiative_id


def _earlier(
    proposal: OfficialTextProposal, lines: Iterable[OfficialTextLine]
) -> dict[tuple[int | None, int | None], str]:
    """The latest confirmed texts before this proposal was confirmed, or until now."""
    of = list(lines)
    confirmed = OfficialTextLine.objects.filter(
        proposal__state=ProposalState.CONFIRMED, proposal__center=proposal.center
    ).exclude(proposal=proposal)
    if proposal.confirmed_at is not None:
        confirmed = confirmed.filter(proposal__confirmed_at__lt=proposal.confirmed_at)
    subjects = {_subject(line) for line in of}
    rows = confirmed.order_by(blanks_first("proposal__confirmed_at"), "pk")
    return {_subject(row): row.text for row in rows if _subject(row) in subjects}
