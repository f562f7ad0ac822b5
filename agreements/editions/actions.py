"""Amendments settled: proposed with what was concluded, taken back, confirmed or declined by the other side."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from agreements.editions import side_by_side
from agreements.models import Agreement, Consultation, ConsultationType, Edition
from iconm_portal.forms import files
from iconm_portal.forms.files import CheckedFile
from iconm_portal.history import history
from iconm_portal.models import Side, User
from iconm_portal.people.access import Right, require
from iconm_portal.settlement import proposal_workflow
from iconm_portal.values import clock, fiscal


@transaction.atomic
def propose(
    *,
    edition: Edition,
    version: int,
    consultation: Consultation,
    concluded_on: date,
    document_number: str,
    scan: CheckedFile | None,
    by: User,
    at: datetime,
) -> Edition:
    """Put the amendment before the other side, with the consultation and the 変更協定 that settled it.

    `scan` may be left out where an earlier proposal brought it. ValidationError where something is missing.
    """
    require_amendment(edition, by)
    center = edition.agreement.center
    today = clock.day_of(at)
    if edition.based_on is not None:
        check_start(edition.agreement, edition.based_on, edition.in_force_from)
        if not side_by_side.compare(edition.based_on, edition).changed:
            raise ValidationError(_("The draft says the same as the edition that it amends."))
    _check_consultation(edition, consultation)
    if concluded_on > today:
        raise ValidationError({"concluded_on": _("The day of the conclusion is not in the future.")})
    if not document_number.strip():
        raise ValidationError({"document_number": _("Give the document number of the signed amendment.")})
    if scan is None and edition.scan_id is None:
        raise ValidationError({"scan": _("Attach the scan of the signed amendment.")})
    stored = files.store(scan, center=center, by=by) if scan else edition.scan
    proposal_workflow.propose(
        edition,
        version=version,
        by=by,
        side=_side(edition, by),
        at=at,
        consultation=consultation,
        concluded_on=concluded_on,
        document_number=document_number.strip(),
        scan=stored,
    )
    after = {
        "state": str(edition.state),
        "concluded_on": concluded_on,
        "document_number": edition.document_number,
        "scan": stored.name if stored else "",
    }
    record(edition, "edition.propose", by, after=after, consultation=consultation.key)
    return edition


def _check_consultation(edition: Edition, consultation: Consultation) -> None:
    """Confirmed by both, about a change, and not about another agreement."""
    fits = (
        consultation.center_id == edition.agreement.center_id
        and consultation.is_confirmed
        and consultation.type == ConsultationType.CHANGE
        and consultation.agreement_id in (None, edition.agreement_id)
    )
    if not fits:
        raise ValidationError(
            {"consultation": _("Choose a consultation about a change that both sides have confirmed.")}
        )


@transaction.atomic
def take_back(*, edition: Edition, version: int, by: User, at: datetime) -> Edition:
    """The proposing side takes it back; it is a draft again."""
    require_amendment(edition, by)
    if edition.proposed_side and edition.proposed_side != _side(edition, by):
        raise ValidationError(_("Only the side that proposed it takes it back. Decline it instead."))
    proposal_workflow.take_back(edition, version=version)
    record(edition, "edition.take_back", by, after={"state": str(edition.state)})
    return edition


@transaction.atomic
def confirm(*, edition: Edition, version: int, by: User, at: datetime) -> Edition:
    """The other side agrees: the amendment is settled, and holds from its day."""
    require_amendment(edition, by)
    if edition.based_on is not None:
        check_start(edition.agreement, edition.based_on, edition.in_force_from)
    proposal_workflow.confirm(
        edition,
        version=version,
        by=by,
        side=_side(edition, by),
        at=at,
        known_from=clock.day_of(at),
    )
    after = {"state": str(edition.state), "in_force_from": edition.in_force_from}
    key = edition.consultation.key if edition.consultation else ""
    record(edition, "edition.confirm", by, after=after, consultation=key)
    return edition


@transaction.atomic
def decline(*, edition: Edition, version: int, reason: str, by: User, at: datetime) -> Edition:
    """The other side does not agree, and says why; the draft is open again for both."""
    require_amendment(edition, by)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why you decline.")})
    proposal_workflow.decline(
        edition, version=version, by=by, side=_side(edition, by), at=at, reason=reason.strip()
    )
    record(edition, "edition.decline", by, after={"state": str(edition.state)}, reason=reason.strip())
    return edition


# -- What drafting asks as well --


def check_start(agreement: Agreement, base: Edition, day: date) -> None:
    """Within the agreement, and after the edition that it amends."""
    if day < agreement.starts_on:
        said = _("An amendment does not take effect before the agreement, which starts on %(day)s.")
        _refuse_day(said, agreement.starts_on)
    if day <= base.in_force_from:
        said = _("An amendment takes effect after the edition that it amends, which holds from %(day)s.")
        _refuse_day(said, base.in_force_from)
    if agreement.ends_on and day > agreement.ends_on:
        said = _("An amendment takes effect before the agreement's end on %(day)s.")
        _refuse_day(said, agreement.ends_on)


def _refuse_day(message: str, day: date) -> None:
    raise ValidationError({"in_force_from": ValidationError(message, params={"day": fiscal.era_date(day)})})


def require_amendment(edition: Edition, by: User) -> None:
    """The first edition is the agreement's own: it is settled by the conclusion, never here."""
    require(by, edition.agreement.center, Right.SETTLE_JOINTLY)
    if edition.number == 1:
        raise ValidationError(_("This is the agreement's first wording, not an amendment."))


def _side(edition: Edition, by: User) -> Side:
    side = edition.agreement.center.side_of(by)
    if side is None:  # `require` has refused them already
        raise ValueError("a person of neither side")
    return side


def record(
    edition: Edition,
    action: str,
    by: User,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    consultation: str = "",
) -> None:
    history.record(
        by=by,
        action=action,
        subject=edition,
        center=edition.agreement.center,
        before=before,
        after=after,
        reason=reason,
        consultation=consultation,
    )
