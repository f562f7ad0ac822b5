"""The city's 効果検証 rests on the year's settlement and reports that its page showed. Where these have changed since, the city
says alone whether its judgement stands: it answers with a reason, or corrects the judgement."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import LandGround, LandJudgement, Verification
from iconm_portal.display import template_tags
from iconm_portal.models import Answer, Center, RestsOn, Side
from iconm_portal.standing import changes, registry
from iconm_portal.standing.registry import Kind, Revision, Revisions
from iconm_portal.standing.resting import Settled

EFFECT = "agreements.effect_judgement"
SHOWN = ("finance.settlement", "kpi.report")


def rests_on(judgement: LandJudgement, *, day: date) -> Settled:
    """What its page showed on the day. What nobody had recorded yet is no figure that it showed."""
    row = judgement.verification
    if row is None:
        raise ValueError("only the evaluation of a year shows its figures")
    seen = registry.of_year(row.center, row.fiscal_year, SHOWN, day=day)
    return Settled(EFFECT, row.standing_key, str(judgement.pk), tuple(one for one in seen if one.revision))


def mark(center: Center, rows: Iterable[Verification], *, known_at: date) -> None:
    """Say on the evaluations that are settled what has changed since (`unsettled`). No query where none is."""
    settled = [row for row in rows if row.is_settled and not row.kind.is_joint]
    if settled:
        standing = changes.load(center, known_at=known_at, kinds=[EFFECT])
        for row in settled:
            row.unsettled = standing.of(EFFECT, row.standing_key)


def has_grounds(judgement: LandJudgement) -> bool:
    """Whether it is recorded on which settlement or reports the judgement rests; one query."""
    kept = RestsOn.objects.filter(center=judgement.center_id, settled_kind=EFFECT)
    return kept.filter(settled_revision=str(judgement.pk)).exists()


def confirmed_anew(row: Verification) -> list[Answer]:
    """What the city said of it after a change; one query."""
    return changes.confirmed_anew(row.center, EFFECT, row.standing_key)


def _revisions(center: Center, keys: Collection[str]) -> Revisions:
    rows = LandJudgement.objects.filter(center=center, ground=LandGround.EFFECT)
    found: dict[str, list[Revision]] = defaultdict(list)
    for row in rows.select_related("verification", "recorded_by").order_by("known_from", "pk"):
        evaluation = row.verification
        if evaluation is None or evaluation.standing_key not in keys:
            continue
        at = {"center": center.code, "kind": evaluation.kind.value, "year": evaluation.fiscal_year}
        words = {
            "verification": evaluation.kind.label,
            "year": template_tags.fiscal_year(evaluation.fiscal_year),
        }
        found[evaluation.standing_key].append(
            Revision(
                revision=str(row.pk),
                label=_("%(verification)s, %(year)s") % words,
                url=reverse("agreements:verification", kwargs=at),
                known_from=row.known_from,
                by=row.recorded_by.name if row.recorded_by else row.source,
                reason=row.reason,
            )
        )
    return found


KINDS = (
    Kind(
        EFFECT,
        _revisions,
        is_settled=True,
        changed=gettext_lazy("Figures changed after the judgement"),
        answered_by=Side.SUPPORTER,
    ),
)
