"""What both verified rests on the settlement and the reports of the year that they saw (basic agreement, Art. 9;
research-support agreement, Art. 3). Those stand on the floors above, and are asked for by their kinds."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.models import VERIFICATION, Verification
from agreements.verifications.verification import VerificationSheet
from agreements.verifications.verification_access import author_side
from iconm_portal.display import template_tags
from iconm_portal.models import Answer, Center, ReviewState, Side
from iconm_portal.settlement.steps import Taking
from iconm_portal.standing import changes, registry
from iconm_portal.standing.registry import Exhibit, Kind, Revision, Revisions, Seen
from iconm_portal.standing.resting import Settled

RESTS_ON = ("finance.settlement", "kpi.report")


def rests_on(taking: Taking[Verification]) -> Iterator[Settled]:
    """What the year's settlement and reports are at this moment."""
    row = taking.item
    seen = registry.of_year(row.center, row.fiscal_year, RESTS_ON, day=taking.known_from)
    yield Settled(VERIFICATION, row.standing_key, row.standing_revision, tuple(seen))


def exhibits(sheet: VerificationSheet, *, today: date) -> list[Exhibit]:
    """What is verified: the year's settlement and reports as both saw them, beside what differs by now; or as they are
    while it is not settled."""
    row, seen, day = sheet.row, list[Seen](), None
    if row is not None and row.is_settled:
        seen, day = changes.seen_by(
            sheet.center, VERIFICATION, row.standing_key, row.standing_revision, known_at=today
        )
    present = registry.of_year(sheet.center, sheet.year, RESTS_ON, day=today)
    shown = registry.exhibits(sheet.center, seen or present, day=day or today)
    if not seen:
        return shown
    now = {one.key: one for one in registry.exhibits(sheet.center, present, day=today) if one.key}
    return [one.beside(now[one.key]) if one.key in now else one for one in shown]


def confirmed_anew(sheet: VerificationSheet) -> list[Answer]:
    """What both said of it after a correction; no query before it is settled."""
    if sheet.row is None or not sheet.row.is_settled:
        return []
    return changes.confirmed_anew(
        sheet.center, VERIFICATION, sheet.row.standing_key, sheet.row.standing_revision
    )


def _revisions(center: Center, keys: Collection[str]) -> Revisions:
    rows = Verification.objects.filter(
        center=center, state=ReviewState.ACCEPTED, known_from__isnull=False
    ).select_related("accepted_by")
    found: dict[str, list[Revision]] = defaultdict(list)
    for row in rows.order_by("revision"):
        key = row.standing_key
        if key in keys and row.known_from is not None:
            at = {"center": center.code, "kind": row.kind.value, "year": row.fiscal_year}
            words = {
                "verification": row.kind.label,
                "year": template_tags.fiscal_year(row.fiscal_year),
                "number": row.revision,
            }
            label = (
                _("%(verification)s, %(year)s, revision %(number)s")
                if row.is_anew
                else _("%(verification)s, %(year)s")
            )
            found[key].append(
                Revision(
                    revision=row.standing_revision,
                    label=label % words,
                    url=reverse("agreements:verification", kwargs=at),
                    known_from=row.known_from,
                    by=row.accepted_by.name if row.accepted_by else row.source,
                    reason=row.reason,
                )
            )
    return found


def _anew(center: Center) -> dict[str, Side]:
    """Of what is being verified anew: the side that writes it, or once it is handed in the other one."""
    rows = Verification.objects.filter(center=center, revision__gt=1).exclude(state=ReviewState.ACCEPTED)
    found = {}
    for row in rows.select_related("center", "submitted_by", "saved_by"):
        writer = author_side(row)
        if writer is not None:
            found[row.standing_key] = (
                writer if row.is_editable else next(side for side in Side if side != writer)
            )
    return found


KINDS = (
    Kind(
        VERIFICATION,
        _revisions,
        is_settled=True,
        changed=gettext_lazy("Corrected after the verification"),
        anew=_anew,
    ),
)
