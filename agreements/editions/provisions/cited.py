"""Where an obligation stands in the edition that rules: a later one may have another number or say it otherwise."""

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from agreements.editions.provisions import as_read, lineage, old_summaries
from agreements.instruments import agreements
from agreements.models import Edition, Obligation, Provision
from iconm_portal.models import Center, ProposalState


@dataclass(frozen=True)
class Citations:
    """Of agreements that were amended: the edition in force on a day, and what its provisions and later ones carry on."""

    in_force: Mapping[int, Edition] = field(default_factory=dict)
    places: Mapping[int, Mapping[int, Provision]] = field(default_factory=dict)  # by edition

    def of(self, obligation: Obligation, ruling: Edition | None = None) -> Obligation:
        """The obligation with its provision as the edition in force has it, or the amendment that rules, if that is later.

        It rests on none where the provision was taken out.
        """
        editions = [one for one in (self.in_force.get(obligation.agreement_id), ruling) if one is not None]
        edition = max(editions, key=lambda one: one.number, default=None)
        if edition is None or edition.pk not in self.places or obligation.provision_id is None:
            return obligation
        row = copy.copy(obligation)
        row.provision = self.places[edition.pk].get(obligation.provision_id)
        return row


def load(center: Center, *, day: date) -> Citations:
    """As known at the end of the day. One query where nothing was amended; else four, and two or more for each amendment."""
    amendments = Edition.objects.filter(
        agreement__center=center, number__gt=1, state=ProposalState.CONFIRMED, known_from__lte=day
    )
    by_agreement: dict[int, list[Edition]] = defaultdict(list)
    for edition in amendments.select_related("based_on").order_by("number"):
        by_agreement[edition.agreement_id].append(edition)
    if not by_agreement:
        return Citations()
    known = lineage.load(by_agreement)
    wording = _wording(by_agreement)
    on_day = ((agreement, agreements.edition_on(rows, day)) for agreement, rows in by_agreement.items())
    in_force = {agreement: edition for agreement, edition in on_day if edition is not None}
    return Citations(
        in_force,
        {
            edition.pk: known.places(wording[edition.pk])
            for editions in by_agreement.values()
            for edition in editions
        },
    )


def _wording(by_agreement: Mapping[int, Sequence[Edition]]) -> dict[int, Sequence[Provision]]:
    """The provisions of every amendment, with the summaries marked that one of them has left behind."""
    firsts = Edition.objects.filter(agreement__in=by_agreement, number=1).prefetch_related("provisions")
    rows: dict[int, Sequence[Provision]] = {one.pk: list(one.provisions.all()) for one in firsts}
    amendments = [edition for editions in by_agreement.values() for edition in editions]
    rows |= {edition.pk: as_read.of(edition).provisions for edition in amendments}
    old_summaries.mark_all([*firsts, *amendments], rows)
    return rows
