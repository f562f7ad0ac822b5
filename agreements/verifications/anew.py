"""When what both verified can be settled anew: what it rests on was corrected since, and nothing else is under way."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from agreements.models import VERIFICATION, Verification, in_force
from agreements.verifications import verification_access, verification_years
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.standing import changes


def can_begin(row: Verification, reason: str, *, today: date) -> None:
    """Raises what stands in the way of a new revision of what is settled."""
    if not row.is_settled or not row.kind.is_joint:
        raise WrongStep(row.state)
    newest = verification_access.newest(row.center, row.kind, row.fiscal_year)
    if newest is None or newest.pk != row.pk:
        raise Conflict  # somebody began one, or both settled one, since
    in_force(row.center, [row], known_at=today)
    if row.unsettled is None:
        raise ValidationError(_("Nothing has changed that this rests on."))
    no_answer_waits(row)
    if not verification_years.is_open(row.center, row.kind, row.fiscal_year, today=today, even_ended=True):
        raise ValidationError(
            _("No agreement that is concluded and in force asks for the verification of this year.")
        )
    if not reason.strip():
        raise ValidationError({"reason": _("Say why it is verified anew.")})


def no_answer_waits(row: Verification) -> None:
    """ValidationError where one side has proposed that the verification stands as it is: that is answered first."""
    if (VERIFICATION, row.standing_key) in changes.waiting_answers(row.center):
        raise ValidationError(
            _("It was proposed that the verification stands as it is. Confirm or decline that first.")
        )
