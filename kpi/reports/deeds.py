"""What the KPIs have of what the agreements ask for: the year's report handed in, goals and targets set."""

from collections.abc import Iterator
from itertools import groupby

from django.db.models import F, Min
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from iconm_portal.models import Center, Side
from iconm_portal.standing import deeds
from iconm_portal.standing.deeds import Deed, DeedKind, DeedState
from kpi.models import Report, Target


def _reports(center: Center) -> Iterator[Deed]:
    """Reports of a whole year, under the agreement of their plan. One about a part of the year is none."""
    handed_in = deeds.HandedIn(center, "report")
    rows = Report.objects.filter(plan__center=center).select_related(
        "plan__under", "plan__center", "accepted_by"
    )
    ordered = rows.order_by("plan_id", "fiscal_year", "as_of", "revision")
    for (plan, year), of_year in groupby(ordered, lambda row: (row.plan, row.fiscal_year)):
        revisions = [row for row in of_year if row.as_of >= year.last_day]
        if not revisions:
            continue
        at = {"center": center.code, "year": year, "report": revisions[-1].pk}
        deed = deeds.of_review(
            revisions,
            year=year,
            name=revisions[0].history_label(),
            pages=(reverse("kpi:report", kwargs=at), reverse("kpi:report_entry", kwargs=at)),
            answers=Side.SUPPORTER,
            handed_in=handed_in,
            under=plan.under.code if plan.under else "",
        )
        if deed is not None:
            yield deed


def _targets(center: Center) -> Iterator[Deed]:
    """The targets of each year of a plan: set once both had settled the first of them."""
    plan = "indicator__plan__"
    rows = Target.objects.filter(indicator__plan__center=center).order_by()
    set_in = rows.values(
        "fiscal_year", of=F(f"{plan}code"), label=F(f"{plan}label"), under=F(f"{plan}under__code")
    ).annotate(since=Min("known_from"))
    for row in set_in:
        yield Deed(
            year=row["fiscal_year"],
            under=row["under"] or "",
            name=row["label"],
            url=reverse("kpi:plan", kwargs={"center": center.code, "plan": row["of"]}),
            state=DeedState.DONE,
            handed_in_on=row["since"],
            settled_on=row["since"],
        )


KINDS = (
    DeedKind(
        "report",
        _("the year's report of the actuals, handed in"),
        _reports,
        lambda center: reverse("kpi:reports", kwargs={"center": center.code}),
    ),
    DeedKind(
        "targets",
        _("goals and targets, set"),
        _targets,
        lambda center: reverse("kpi:plans", kwargs={"center": center.code}),
    ),
)
