"""What the pages say of verifications: their state, in the reader's language."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agreements.models import Verdict, Verification, VerificationKind
from agreements.support.texts import joined
from agreements.verifications.verification import KindOfVerification, YearLine
from iconm_portal.models import ReviewState, Side
from iconm_portal.templatetags.portal import chip, fiscal_year

_CHIPS = {
    ReviewState.DRAFT: "unreported",
    ReviewState.SUBMITTED: "active",
    ReviewState.IN_REVIEW: "active",
    ReviewState.RETURNED: "nearly",
    ReviewState.ACCEPTED: "met",
}


def state_word(row: Verification) -> str:
    """The state: what both verify is confirmed, the effects are judged."""
    is_effect = row.kind == VerificationKind.EFFECT
    match row.state:
        case ReviewState.ACCEPTED if is_effect:
            return verdict_word(row)
        case ReviewState.ACCEPTED:
            return pgettext("verification", "confirmed by both")
        case ReviewState.IN_REVIEW:
            return pgettext("verification", "the city is judging")
        case ReviewState.SUBMITTED if is_effect:
            return pgettext("verification", "handed in to the city")
        case ReviewState.SUBMITTED:
            return pgettext("verification", "waits for the other side")
        case ReviewState.RETURNED:
            return pgettext("verification", "returned")
    return pgettext("verification", "draft")


def verdict_word(row: Verification) -> str:
    """The verdict as a chip's word; nothing before there is one."""
    return (
        {
            Verdict.MEETS: pgettext("verdict, short", "conditions met"),
            Verdict.DOES_NOT_MEET: pgettext("verdict, short", "conditions not met"),
        }.get(Verdict(row.verdict))
        or ""
        if row.verdict
        else ""
    )


def state_chip(row: Verification) -> SafeString:
    """The state as sign, word and colour."""
    is_negative = row.is_settled and row.verdict == Verdict.DOES_NOT_MEET
    return chip("not-met" if is_negative else _CHIPS[ReviewState(row.state)], state_word(row))


def line_chip(line: YearLine) -> SafeString:
    """The state of a year in the list."""
    if line.row is not None:
        return state_chip(line.row)
    if line.is_hidden:
        return chip("unreported", pgettext("verification", "not settled yet"))
    return chip("unreported", pgettext("verification", "not begun"))


def task(row: Verification) -> str:
    """What is to be done with one that has come to the person's side."""
    words = {"verification": row.get_kind_display(), "year": fiscal_year(row.fiscal_year)}
    if row.is_editable:
        return _("Revise what was returned: %(verification)s, %(year)s") % words
    if row.kind == VerificationKind.EFFECT:
        return _("Judge: %(verification)s, %(year)s") % words
    return _("Confirm or return: %(verification)s, %(year)s") % words


def side_word(side: Side | None) -> str:
    """Who has it in hand."""
    return _("the city") if side == Side.SUPPORTER else _("the foundation")


def finding(kinds: tuple[KindOfVerification, ...]) -> str:
    """How many years are settled, and the last verdict on the land, in sentences."""
    lines = [line for kind in kinds for line in kind.lines]
    if not lines:
        return _("No agreement of this center asks for a verification in a year that has begun.")
    settled = [line for line in lines if line.row is not None and line.row.is_settled]
    parts = [
        ngettext(
            "%(settled)s of %(number)s verification is settled.",
            "%(settled)s of %(number)s verifications are settled.",
            len(lines),
        )
        % {"settled": len(settled), "number": len(lines)}
    ]
    verdicts = [line for line in settled if line.kind == VerificationKind.EFFECT and line.row]
    if verdicts and verdicts[0].row:
        words = {"year": fiscal_year(verdicts[0].year)}
        if verdicts[0].row.verdict == Verdict.MEETS:
            parts.append(_("For %(year)s the city found that the land may stay free of charge.") % words)
        else:
            parts.append(_("For %(year)s the city found that the land may not stay free of charge.") % words)
    return joined(parts)
