"""What stands behind an indicator's figures: every revision of its targets, and the files that show its values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db.models import Count

from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Evidence, Target
from kpi.plans.scorecard import Segment


class RevisionStanding(StrEnum):
    """What a revision was on the day asked for."""

    IN_FORCE = "in_force"
    TO_COME = "to_come"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class TargetRevision:
    """One revision of a target, in base units, and who agreed on it.

    `consultation` is its key; `proposed_by` is empty for what came from a source. The person who confirmed is the one
    who `recorded_by` it.
    """

    segment: Segment
    year: FiscalYear
    revision: int
    value: Decimal
    known_from: date
    reason: str
    consultation: str
    source: str
    recorded_by: str
    effective_from: date | None
    proposed_by: str
    standing: RevisionStanding

    @property
    def consultation_number(self) -> int | None:
        """The number in the consultation's key (lab/consultations/3); None for what names none in the portal."""
        number = self.consultation.rpartition("/")[2]
        return int(number) if "/consultations/" in self.consultation and number.isdigit() else None


def target_revisions(life: Iterable[Segment], *, known_at: date) -> list[TargetRevision]:
    """All revisions known on that day, by plan, year and revision; one query. None is ever lost or overwritten."""
    by_indicator = {segment.row.indicator.id: segment for segment in life}
    places = {indicator_id: place for place, indicator_id in enumerate(by_indicator)}
    rows = sorted(
        Target.objects.filter(indicator_id__in=by_indicator, known_from__lte=known_at).values_list(
            "indicator_id",
            "fiscal_year",
            "revision",
            "value",
            "known_from",
            "reason",
            "consultation",
            "source",
            "recorded_by__name",
            "effective_from",
            "made_from__proposal__proposed_by__name",
            "indicator__plan__made_from__proposed_by__name",
        ),
        key=lambda row: (places[row[0]], row[1], row[2]),
    )
    holding = {row[:2]: row[2] for row in rows if row[9] is None or row[9] <= known_at}
    return [
        TargetRevision(
            segment=by_indicator[indicator_id],
            year=year,
            revision=revision,
            value=value,
            known_from=known_from,
            reason=reason,
            consultation=consultation,
            source=source,
            recorded_by=recorded_by or "",
            effective_from=effective_from,
            # The first ones of a plan that both sides settled came with it.
            proposed_by=proposed_with_line or (proposed_with_plan if revision == 1 else "") or "",
            standing=_standing(revision, holding.get((indicator_id, year)), effective_from, known_at),
        )
        for (
            indicator_id,
            year,
            revision,
            value,
            known_from,
            reason,
            consultation,
            source,
            recorded_by,
            effective_from,
            proposed_with_line,
            proposed_with_plan,
        ) in rows
    ]


def _standing(revision: int, holding: int | None, effective_from: date | None, day: date) -> RevisionStanding:
    if revision == holding:
        return RevisionStanding.IN_FORCE
    is_later = holding is None or revision > holding
    return (
        RevisionStanding.TO_COME
        if is_later and effective_from is not None and effective_from > day
        else RevisionStanding.REPLACED
    )


def files_behind(life: Iterable[Segment]) -> dict[tuple[int, int], int]:
    """How many files stand behind each value, by the ids of report and indicator; one query."""
    segments = list(life)
    rows = (
        Evidence.objects.filter(
            indicator_id__in=[segment.row.indicator.id for segment in segments],
            report_id__in=[report.id for segment in segments for report in segment.plan.reports.values()],
        )
        .order_by()
        .values_list("report_id", "indicator_id")
        .annotate(number=Count("pk"))
    )
    return {(report_id, indicator_id): number for report_id, indicator_id, number in rows}
