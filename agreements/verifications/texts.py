"""What the pages say of verifications: their state, in the reader's language."""

from collections.abc import Sequence
from typing import assert_never

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agreements.models import LandJudgement, Verdict, Verification
from agreements.support.support import Measure
from agreements.support.texts import end_in_words, joined
from agreements.verifications.verification_years import KindOfVerification, YearLine
from iconm_portal.display.template_tags import chip, fiscal_year
from iconm_portal.models import ReviewState, Side

_CHIPS = {
    ReviewState.DRAFT: "unreported",
    ReviewState.SUBMITTED: "active",
    ReviewState.IN_REVIEW: "active",
    ReviewState.RETURNED: "nearly",
    ReviewState.ACCEPTED: "met",
}


def state_word(row: Verification, judged: LandJudgement | None = None) -> str:
    """The state: what both verify is confirmed, the effects are judged. `judged`: the judgement that holds."""
    match row.state:
        case ReviewState.ACCEPTED if row.unsettled is not None and row.kind.is_joint:
            return row.unsettled.word
        case ReviewState.ACCEPTED if row.kind.is_joint:
            return pgettext("verification", "confirmed by both")
        case ReviewState.ACCEPTED if row.unsettled is not None:
            words = {"verdict": verdict_word(judged or row), "changed": row.unsettled.word}
            return _("%(verdict)s (%(changed)s)") % words
        case ReviewState.ACCEPTED:
            return verdict_word(judged or row)
        case ReviewState.IN_REVIEW:
            return pgettext("verification", "the city is judging")
        case ReviewState.SUBMITTED if row.kind.is_joint:
            return pgettext("verification", "waits for confirmation")
        case ReviewState.SUBMITTED:
            return pgettext("verification", "handed in to the city")
        case ReviewState.RETURNED:
            return pgettext("verification", "returned")
        case ReviewState.DRAFT if row.asked_at is not None:
            return pgettext("verification", "self-assessment asked for")
        case ReviewState.DRAFT if row.begun_at is not None:
            return pgettext("verification", "begun by the city")
        case ReviewState.DRAFT:
            return pgettext("verification", "draft")
        case _:
            assert_never(row.state)


def verdict_word(row: Verification | LandJudgement) -> str:
    """The verdict as a chip's word; nothing before there is one."""
    match row.verdict:
        case Verdict.MEETS:
            return pgettext("verdict, short", "conditions met")
        case Verdict.DOES_NOT_MEET:
            return pgettext("verdict, short", "conditions not met")
        case "":
            return ""
        case _:
            assert_never(row.verdict)


def state_chip(row: Verification, judged: LandJudgement | None = None) -> SafeString:
    """The state as sign, word and colour."""
    if row.is_settled and (judged or row).verdict == Verdict.DOES_NOT_MEET:
        return chip("not-met", state_word(row, judged))
    return chip("warning" if row.unsettled is not None else _CHIPS[row.state], state_word(row, judged))


def line_chip(line: YearLine) -> SafeString:
    """The state of a year in the list."""
    if line.has_ended:
        return chip("neutral", pgettext("verification", "ended with the agreement"))
    if line.row is not None:
        return state_chip(line.row, line.judged)
    if line.is_hidden:
        return chip("unreported", pgettext("verification", "not settled yet"))
    return chip("unreported", pgettext("verification", "not begun"))


def anew_chip(row: Verification | None) -> SafeString | str:
    """That a new revision is being written or answered; nothing where none is."""
    if row is None or row.is_settled or not row.is_anew:
        return ""
    words = {"state": state_word(row)}
    return chip(_CHIPS[row.state], pgettext("verification", "anew: %(state)s") % words)


def task(row: Verification) -> str:
    """What is to be done with one that has come to the person's side."""
    words = {"verification": row.get_kind_display(), "year": fiscal_year(row.fiscal_year)}
    if row.state is ReviewState.DRAFT:
        return _("Write the self-assessment that the city asks for: %(verification)s, %(year)s") % words
    if row.is_anew and row.is_under_review:
        return _("Confirm or return what was verified anew: %(verification)s, %(year)s") % words
    if row.is_editable:
        return _("Revise what was returned: %(verification)s, %(year)s") % words
    if row.kind.is_joint:
        return _("Confirm or return: %(verification)s, %(year)s") % words
    return _("Judge: %(verification)s, %(year)s") % words


def side_word(side: Side | None) -> str:
    """Who has it in hand."""
    match side:
        case Side.SUPPORTER:
            return _("the city")
        case Side.OPERATOR | None:
            return _("the foundation")
        case _:
            assert_never(side)


def finding(kinds: tuple[KindOfVerification, ...], land: Sequence[Measure] = ()) -> str:
    """How many years are settled, and the last verdict on the land, in sentences. `land`: the land that is or was free:
    where the free use ends on another ground, the verdict alone would say what is not so."""
    lines = [line for kind in kinds for line in kind.lines]
    if not lines:
        if any(kind.obligations for kind in kinds) and not any(kind.is_asked for kind in kinds):
            return _(
                "No agreement that asks for verifications is concluded and in force; there is nothing to verify."
            )
        return _("No agreement of this center asks for a verification in a year that has begun.")
    lines = [line for line in lines if not line.has_ended]
    settled = [line for line in lines if line.row is not None and line.row.is_settled]
    corrected = [line for line in lines if line.row is not None and line.row.unsettled is not None]
    parts = [
        ngettext(
            "%(settled)s of %(number)s verification is settled.",
            "%(settled)s of %(number)s verifications are settled.",
            len(lines),
        )
        % {"settled": len(settled), "number": len(lines)}
    ]
    if corrected:
        parts.append(
            ngettext(
                "Of these, what %(number)s rests on was corrected afterwards.",
                "Of these, what %(number)s rest on was corrected afterwards.",
                len(corrected),
            )
            % {"number": len(corrected)}
        )
    verdicts = [line for line in settled if not line.kind.is_joint and line.row and line.row.holds]
    if verdicts and verdicts[0].row:
        words = {"year": fiscal_year(verdicts[0].year)}
        is_free = (verdicts[0].judged or verdicts[0].row).verdict == Verdict.MEETS
        parts.append(
            _("For %(year)s the city found that the land may stay free of charge.") % words
            if is_free
            else _("For %(year)s the city found that the land may not stay free of charge.") % words
        )
        parts += _ended_free_use(land)
    return joined(parts)


def _ended_free_use(land: Sequence[Measure]) -> list[str]:
    """By what the free use of land ended, or will by a judgement; nothing while some land is free and stays so."""
    granted = [one for one in land if one.grant.is_concluded]
    free = [one for one in granted if not one.is_over]
    if not free:
        ended = granted
    elif all(one.grant.ended_by is not None and one.grant.ended_by.is_judgement for one in free):
        ended = free
    else:
        ended = []
    return [said for said in dict.fromkeys(end_in_words(one) for one in ended) if said]
