"""The facts of the source report that stand beside its tables, with their places."""

from dataclasses import dataclass

from django.db.models import QuerySet

from agreements.instruments.sources import in_words
from agreements.models import Agreement, ReportedFact, SupportKind, SupportMeasure
from iconm_portal.models import Center


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact in the portal's own words, and where the report has it."""

    heading: str
    text: str
    place: str
    code: str
    measure: int | None  # the key of the support measure that it is about
    about: str  # the name of the measure, or else of the agreement; empty where it is about the center itself


def of_center(center: Center) -> list[Fact]:
    """All of them, in order."""
    return _facts(ReportedFact.objects.filter(center=center))


def of_agreement(agreement: Agreement | int) -> list[Fact]:
    """Those about what was agreed there, its support measures included."""
    return _facts(ReportedFact.objects.filter(agreement=agreement))


def of_measure(measure: SupportMeasure | int) -> list[Fact]:
    """Those about what the city grants."""
    return _facts(ReportedFact.objects.filter(measure=measure))


def of_the_center_itself(center: Center) -> list[Fact]:
    """Those about nothing that was agreed: how it is organised, and who reported."""
    return _facts(ReportedFact.objects.filter(center=center, agreement=None, measure=None))


def beside_kpis(plan: int) -> list[Fact]:
    """Those about the agreement under which the KPIs of the plan stand; not about its land."""
    rows = ReportedFact.objects.filter(agreement__plans=plan)
    return _facts(rows.exclude(measure__kind=SupportKind.LAND))


def _facts(rows: QuerySet[ReportedFact]) -> list[Fact]:
    return [
        Fact(
            row.heading,
            row.text,
            in_words(row.source),
            row.code,
            row.measure_id,
            row.measure.title if row.measure else row.agreement.short_title if row.agreement else "",
        )
        for row in rows.select_related("measure", "agreement")
    ]
