"""Summaries of the provisions of a first edition, for an agreement that was entered by hand.

They are our own words (要旨), until the official wording is imported. Once an amendment goes on from them, they stay.
"""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.duties.texts import provision_name
from agreements.editions.provisions import placing
from agreements.instruments.actions import lock
from agreements.models import Agreement, AgreementKind, Edition, Provision
from agreements.pages.master.rows import rests_on
from iconm_portal.forms.refusals import Conflict
from iconm_portal.history import history
from iconm_portal.models import ProposalState, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import proposal_workflow
from iconm_portal.values.text import listed


def edition_of(agreement: Agreement) -> Edition:
    """The agreement's own wording: its first edition; a new one, version 0, where it came without any."""
    held = agreement.editions.filter(number=1).select_related("agreement__center").first()
    return held or Edition(agreement=agreement, number=1, in_force_from=agreement.starts_on, version=0)


def provisions_of(edition: Edition) -> list[Provision]:
    """What the edition holds, in order."""
    return list(edition.provisions.all()) if not edition._state.adding else []


def why_fixed(edition: Edition) -> str:
    """Why no summaries are written into the edition any more; empty while they are."""
    agreement = edition.agreement
    if agreement.kind == AgreementKind.ANNUAL:
        return _("Annual agreements are made by the parties.")
    if edition._state.adding:
        return ""
    if edition.imported_from or edition.is_confirmed:
        return _("The official wording is here: it changes by an amendment.")
    if edition.wording_proposals.filter(state=ProposalState.PROPOSED).exists():
        return _("An official wording waits for an answer already.")
    if agreement.editions.filter(number__gt=1).exists():
        return _("An amendment goes on from these summaries, so they stay.")
    return ""


@transaction.atomic
def add_summary(
    *,
    edition: Edition,
    version: int,
    within: str,
    number: str,
    heading: str,
    summary: str,
    by: User,
    at: datetime,
) -> Provision:
    """A provision in our own words at the place of its number: an article, or what stands under `within`.

    Conflict where the edition moved on; ValidationError, by field, for what cannot be kept, and where `why_fixed`.
    """
    if edition._state.adding:
        edition = _first_edition(edition, at)
        version = edition.version
    _begin(edition, version, by)
    rows = provisions_of(edition)
    words = _words(heading, summary)
    row = placing.numbered(rows, within=within, number=number, edition=edition, **words)
    if not any(words.values()):
        raise ValidationError({"summary": _("Write what the provision says, in your own words.")})
    row.full_clean(exclude=["edition", "parent", "position"])
    placing.insert(rows, [row])
    record(edition, by, before={}, after={row.key: words})
    return row


@transaction.atomic
def change_summary(
    *, edition: Edition, version: int, key: str, heading: str, summary: str, by: User, at: datetime
) -> Provision:
    """Another heading or summary. As for a new one; Provision.DoesNotExist where it is gone."""
    _begin(edition, version, by)
    row = edition.provisions.get(key=key)
    before, after = history.changed(_words(row.heading, row.summary), _words(heading, summary))
    if not any(_words(heading, summary).values()):
        raise ValidationError({"summary": _("A provision is not left empty. Remove it instead.")})
    row.heading, row.summary = heading.strip(), summary.strip()
    row.full_clean(exclude=["edition", "parent"])
    row.save(update_fields=["heading", "summary"])
    if before or after:
        record(edition, by, before={key: before}, after={key: after})
    return row


@transaction.atomic
def remove_summary(*, edition: Edition, version: int, key: str, by: User, at: datetime) -> int:
    """Take a provision out with all that stands under it; how many went. ValidationError where something is tied to one
    of them."""
    _begin(edition, version, by)
    leaving = placing.with_all_below(list(edition.provisions.all()), key)
    own = Provision.objects.filter(pk__in=[row.pk for row in leaving])
    before = {row.key: _words(row.heading, row.summary) for row in leaving}
    own.update(parent=None)
    tied = [provision_name(row) for row in leaving if rests_on(row)]
    if tied:
        raise ValidationError(
            _("Something is tied to it, so it stays: %(names)s"), params={"names": listed(tied)}
        )
    own.delete()
    record(edition, by, before=before, after={})
    return len(leaving)


def _first_edition(wanted: Edition, at: datetime) -> Edition:
    """Stored under the agreement's lock: Conflict where somebody else was first."""
    agreement = lock(wanted.agreement)
    if agreement.editions.exists():
        raise Conflict
    return Edition.objects.create(
        agreement=agreement, number=1, in_force_from=agreement.starts_on, recorded_at=at
    )


def _begin(edition: Edition, version: int, by: User) -> None:
    require(by, edition.agreement.center, Right.PREPARE)
    lock(edition.agreement)
    proposal_workflow.save_draft(edition, version=version)
    refused = why_fixed(edition)
    if refused:
        raise ValidationError(refused)


def _words(heading: str, summary: str) -> dict[str, str]:
    return {"heading": heading.strip(), "summary": summary.replace("\r\n", "\n").strip()}


def record(edition: Edition, by: User, *, before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """What summaries said, and say now, by their keys."""
    history.record(
        by=by,
        action="provision.summarise",
        subject=edition,
        center=edition.agreement.center,
        before=dict(before),
        after=dict(after),
    )
