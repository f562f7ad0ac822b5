"""One indicator through all plans."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agreements.support.texts import joined
from finance.balance import balance
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view
from iconm_portal.values.clock import today
from kpi.dashboard.overview import crumbs
from kpi.dashboard.plan_views import notices, unknown_then
from kpi.indicators import outlook_texts, provenance
from kpi.indicators.charts import indicator_chart
from kpi.indicators.figures_table import figures_table, revisions_table
from kpi.indicators.occupancy import OCCUPANCY, rent_beside
from kpi.indicators.outlook import outlook
from kpi.initiatives import initiatives
from kpi.models import Indicator
from kpi.plans import findings, scorecard, texts
from kpi.plans.filters import AsKnownOn
from kpi.plans.scorecard import Row, Scorecard
from kpi.value_sources import value_sources
from kpi.value_sources.drill_down import counted_indicators


@center_view(Right.SEE_SETTLED)
@require_safe
def indicator(request: HttpRequest, center: Center, plan: str, indicator: str) -> HttpResponse:
    """Finding, chart, every figure with its origin, every revision of its targets, and what it means."""
    as_known_on = AsKnownOn(request.GET, today=today())
    day = as_known_on.day
    board, to = scorecard.load(center, known_at=day), as_known_on.addresses(center.code)
    context: dict[str, Any] = {"as_known_on": as_known_on, "day": day}
    try:
        card = board.plan(plan)
        row = card.row(indicator)
    except KeyError:
        what = get_object_or_404(Indicator, plan__center=center, plan__code=plan, code=indicator)
        return unknown_then(request, what, context | {"crumbs": crumbs(to)})
    life = board.life_of(row.indicator)
    focus = card.focus_year(day)
    finding = joined([findings.indicator_finding(row, focus), *findings.interim_findings(row, focus)])
    context |= {
        "crumbs": crumbs(to, card),
        "plan": card,
        "indicator": row.indicator,
        "changed": notices(request, (segment.row for segment in life), is_past=as_known_on.is_past),
        "kind": texts.kind_badge(row.indicator),
        "finding": finding,
        "chart": indicator_chart(life, caption=texts.chart_caption(life), today=day),
        "figures": figures_table(life, provenance.files_behind(life), to, counted_indicators(life)),
        "revisions": revisions_table(provenance.target_revisions(life, known_at=day), center.code),
        "continuities": texts.continuities(life),
        "facts": texts.definition(row.indicator),
        "basis": value_sources.load(row, today=day, with_register=not as_known_on.is_past),
        **_ahead(center, card, row, day),
        "rent": rent_beside(balance.load(center, known_at=day)) if row.indicator.code == OCCUPANCY else "",
        "balance_url": to.balance(),
    }
    return render(request, "kpi/dashboard/indicator.html", context)


def _ahead(center: Center, card: Scorecard, row: Row, day: date) -> dict[str, Any]:
    """Where it stands against the plan's last year, and what is done for the goal that it measures."""
    year, goal = initiatives.year_beside(card, today=day), row.indicator.goal_id
    return {
        "outlook": outlook_texts.said(row, outlook(row, card.last_year, today=day)),
        "initiative_year": year,
        "servings": initiatives.serving(center, [goal], year).get(goal) if goal else (),
    }
