"""The parties of an agreement, as it names them: entered for each side, and completed once both have concluded it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.instruments.actions import lock
from agreements.models import Agreement, AgreementKind, Party
from agreements.pages.master.rows import check, concluded_with, fingerprint, values_of
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import Side, User
from iconm_portal.people.access import Right, require


@dataclass(frozen=True, slots=True)
class PartyFacts:
    """How the agreement names a side, and who signs for it."""

    name: str
    address: str = ""
    representative_post: str = ""
    representative: str = ""


NOBODY = PartyFacts("")


@transaction.atomic
def set_party(
    *, agreement: Agreement, side: Side, seen: str, facts: PartyFacts, by: User, at: datetime
) -> Party:
    """Enter a side of the agreement, or change it; of one with which it is concluded only what is blank is completed.

    `seen`: the `fingerprint` of what the person saw. Conflict when it stands otherwise by now. ValidationError for an
    annual agreement, which takes over the parties of the one above it, and by field for what cannot be kept.
    """
    require(by, agreement.center, Right.PREPARE)
    current = lock(agreement)
    if current.kind == AgreementKind.ANNUAL:
        raise ValidationError(_("Annual agreements are made by the parties."))
    held = current.parties.select_for_update().filter(side=side).first()
    before = party_state(held)
    if fingerprint(before) != seen:
        raise Conflict
    wanted = values_of(facts)
    was, now = history.changed(before, wanted)
    if held is not None and not now and not was:
        return held
    stays = [name for name in fixed_fields(current, held) if before[name] != wanted[name]]
    if stays:
        said = _("The agreement is concluded with this, so it stays. Only what is blank can be completed.")
        raise ValidationError({name: [said] for name in stays})
    row = held or Party(agreement=current, side=side, recorded_at=at, recorded_by=by)
    for name, value in wanted.items():
        setattr(row, name, value)
    check(row, {})
    row.save()
    history.record(
        by=by,
        action="party.set",
        subject=current,
        center=current.center,
        before={str(side): was} if was else {},
        after={str(side): now},
    )
    return row


def party_state(party: Party | None) -> dict[str, Any]:
    """What the facts say of the party now, as the history keeps it; all blank where none is entered."""
    return {name: getattr(party, name) if party else "" for name in values_of(NOBODY)}


def fixed_fields(agreement: Agreement, party: Party | None) -> list[str]:
    """What stays as it is, because both concluded the agreement with it."""
    if party is None or not concluded_with(agreement, party.recorded_at):
        return []
    return [name for name, value in party_state(party).items() if value]
