"""Task 2: from the number to the things counted."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.display.tables import configure
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Record
from kpi.plans import texts
from kpi.register import texts as register_texts
from kpi.register.addresses import address
from kpi.register.forms import CountedForm
from kpi.register.tables import RecordsTable, by_day
from kpi.value_sources import drill_down as read
from kpi.value_sources import drill_down_texts

MOST_BESIDE = 100  # of the vague and the withdrawn; more of them are for the list


@center_view(Right.SEE_SETTLED)
@require_safe
def counted(
    request: HttpRequest, center: Center, plan: str, indicator: str, year: FiscalYear
) -> HttpResponse:
    """The reported value, who stands behind it, the register's number, and every record behind that."""
    today = clock.today()
    form = CountedForm(request.GET, fiscal_year=year, latest=today)
    try:
        found = read.load(center, plan, indicator, year, today=today, as_of=form.day)
    except KeyError:
        raise Http404(indicator) from None
    records = found.records.select_related("category").prefetch_related("files").order_by(*by_day())
    table = configure(
        RecordsTable(
            records,
            center=center.code,
            exclude=("category", "status"),
            empty_text=_("The register holds no record that counts."),
        ),
        request,
    )
    context: dict[str, Any] = {
        "found": found,
        "indicator": found.indicator,
        "kind": texts.kind_badge(found.indicator),
        "finding": drill_down_texts.finding(found),
        "rule": drill_down_texts.rule(found),
        "facts": drill_down_texts.facts(found),
        "table": table,
        "beside": [
            (title, note, _lines(center, rows[:MOST_BESIDE]))
            for title, note, rows in drill_down_texts.beside(found)
        ],
        "report_url": _report_url(center, found),
        "list_url": f"{reverse('kpi:records', kwargs={'center': center.code})}"
        f"?category={found.basis.category.code if found.basis.category else ''}",
        "form": form,
        "crumbs": _crumbs(center, found),
    }
    return render(request, "kpi/value_sources/drill_down.html", context)


def _lines(center: Center, rows: Any) -> list[tuple[Record, str, str]]:
    return [
        (record, address("kpi:record", record, center.code), register_texts.when(record))
        for record in rows.select_related("category")
    ]


def _report_url(center: Center, found: read.Counted) -> str:
    if found.cell.actual is None:
        return ""
    report = found.cell.actual.report
    kwargs = {"center": center.code, "year": found.cell.year, "report": report.id}
    return reverse("kpi:report", kwargs=kwargs)


def _crumbs(center: Center, found: read.Counted) -> list[Crumb]:
    to_plan = {"center": center.code, "plan": found.plan.code}
    to_indicator = to_plan | {"indicator": found.indicator.code}
    return [
        Crumb(_("KPI"), reverse("kpi:plans", kwargs={"center": center.code})),
        Crumb(found.plan.label, reverse("kpi:plan", kwargs=to_plan)),
        Crumb(found.indicator.name, reverse("kpi:indicator", kwargs=to_indicator)),
    ]
