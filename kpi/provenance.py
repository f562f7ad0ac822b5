"""What stands behind an indicator's figures: every revision of its targets, and the files that show its values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count

from iconm_portal.fiscal import FiscalYear
from kpi.models import Evidence, Target
from kpi.scorecard import Segment


@dataclass(frozen=True, slots=True)
class TargetRevision:
    """One revision of a target, in base units; `in_force` is the one that counted on the day asked for."""

    segment: Segment
    year: FiscalYear
    revision: int
    value: Decimal
    known_from: date
    reason: str
    consultation: str
    source: str
    recorded_by: str
    in_force: bool


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
        ),
        key=lambda row: (places[row[0]], row[1], row[2]),
    )
    highest = {(indicator_id, year): revision for indicator_id, year, revision, *_rest in rows}
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
            in_force=highest[indicator_id, year] == revision,
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
        ) in rows
    ]


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
