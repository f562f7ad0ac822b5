"""What pages say of the city's judgements on the free use of land, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agreements.models import LandGround, LandJudgement
from iconm_portal.display.template_tags import chip, fiscal_year


@dataclass(frozen=True, slots=True)
class JudgementLine:
    """A judgement in words. `corrected_by`: the one in its place, where it was wrong."""

    judgement: LandJudgement
    ground: str
    chip: SafeString
    corrected_by: LandJudgement | None


def judgement_lines(judgements: Sequence[LandJudgement]) -> list[JudgementLine]:
    """The latest first, each with the correction that took its place."""
    corrections = {one.replaces_id: one for one in judgements if one.replaces_id}
    return [
        JudgementLine(one, ground_in_words(one), judgement_chip(one), corrections.get(one.pk))
        for one in reversed(judgements)
    ]


def ground_in_words(judgement: LandJudgement) -> str:
    """On what it rests."""
    match judgement.ground:
        case LandGround.EFFECT:
            year = fiscal_year(judgement.verification.fiscal_year) if judgement.verification else ""
            return _("Evaluation of effects for %(year)s") % {"year": year}
        case LandGround.NON_PERFORMANCE:
            name = judgement.agreement.short_title if judgement.agreement else ""
            return _("Performance of %(agreement)s") % {"agreement": name}
        case _:
            assert_never(judgement.ground)


def judgement_word(judgement: LandJudgement) -> str:
    """What it finds, in a few words."""
    match judgement.ground:
        case LandGround.EFFECT:
            return (
                pgettext("verdict, short", "conditions met")
                if judgement.is_free
                else pgettext("verdict, short", "conditions not met")
            )
        case LandGround.NON_PERFORMANCE:
            return (
                pgettext("verdict, short", "the agreement is performed")
                if judgement.is_free
                else pgettext("verdict, short", "the agreement is not performed")
            )
        case _:
            assert_never(judgement.ground)


def judgement_chip(judgement: LandJudgement) -> SafeString:
    """The same as sign, word and colour."""
    return chip("met" if judgement.is_free else "not-met", judgement_word(judgement))
