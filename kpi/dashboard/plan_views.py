"""The plans, and one plan as the report prints it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.instruments import reported_facts
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.site.standing_views import Notice, notice
from iconm_portal.values.clock import today
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard.overview import after_the_end, crumbs
from kpi.indicators import outlook_texts
from kpi.initiatives import initiatives
from kpi.models import Indicator, Plan, PlanProposal
from kpi.plans import findings, scorecard, texts
from kpi.plans.filters import AsKnownOn, PlanFilter
from kpi.plans.scorecard import Row, Scorecard
from kpi.plans.tables.plan import legend, plan_table
from kpi.plans.tables.plans import plans_table


@center_view(Right.SEE_SETTLED)
@require_safe
def plans(request: HttpRequest, center: Center) -> HttpResponse:
    """The center's plans with their periods and states."""
    as_known_on = AsKnownOn(request.GET, today=today())
    board = scorecard.load(center, known_at=as_known_on.day)
    current = board.current(as_known_on.day)
    context = {
        "as_known_on": as_known_on,
        "day": as_known_on.day,
        "table": plans_table(board, as_known_on.addresses(center.code), today=as_known_on.day),
        "after_the_end": after_the_end(board, current, as_known_on.day) if current else "",
    }
    return render(request, "kpi/dashboard/plans.html", context)


@center_view(Right.SEE_SETTLED)
@require_safe
def plan(request: HttpRequest, center: Center, plan: str) -> HttpResponse:
    """Targets and actuals of one plan, by goal or sorted."""
    as_known_on = AsKnownOn(request.GET, today=today())
    day = as_known_on.day
    board, to = scorecard.load(center, known_at=day), as_known_on.addresses(center.code)
    context: dict[str, Any] = {"as_known_on": as_known_on, "day": day, "crumbs": crumbs(to)}
    try:
        card = board.plan(plan)
    except KeyError:
        return unknown_then(request, get_object_or_404(Plan, center=center, code=plan), context)
    choice = PlanFilter(request.GET, plan=card)
    focus = card.focus_year(day)
    context |= {
        "plan": card,
        "period": texts.period(card),
        "after_the_end": after_the_end(board, card, day),
        "year": focus,
        "changed": notices(request, card.rows, is_past=as_known_on.is_past),
        "finding": findings.plan_finding(card, focus, today=day),
        "tally": findings.tally(card.counts(focus)),
        "later_unreported": findings.later_unreported(card, focus, today=day),
        "choice": choice,
        "sorts": sort_links(request, choice.chosen_sort, focus),
        "table": plan_table(
            board,
            card,
            to,
            years=choice.years,
            goal=choice.chosen_goal,
            sort=choice.chosen_sort,
            focus=focus,
        ),
        "legend": legend(card),
        "made_from": PlanProposal.objects.filter(made=card.id).only("pk").first(),
        "outlook": (towards := outlook_texts.lines(card, to, today=day)),
        "outlook_of_all": outlook_texts.one_for_all(towards),
        "reported": reported_facts.beside_kpis(card.id),
        **_initiatives(center, card, day),
    }
    return render(request, "kpi/dashboard/plan.html", context)


def _initiatives(center: Center, card: Scorecard, day: date) -> dict[str, Any]:
    """What is done for each of the plan's goals in the year looked at."""
    year = initiatives.year_beside(card, today=day)
    goals = [group.goal for group in card.goals if group.goal.id is not None]
    served = initiatives.serving(center, [goal.id for goal in goals if goal.id is not None], year)
    return {
        "initiative_year": year,
        "goals_served": [(goal, served[goal.id]) for goal in goals if goal.id in served],
    }


def notices(request: HttpRequest, rows: Iterable[Row], *, is_past: bool) -> list[Notice]:
    """What the settlement says of the rows' values by now, where it says something else."""
    corrections = (cell.correction for row in rows for cell in row.cells)
    center: Center = request.center  # type: ignore[attr-defined]
    return [
        notice(person(request), center, one.unsettled, is_past=is_past)
        for one in corrections
        if one is not None
    ]


def unknown_then(request: HttpRequest, what: Plan | Indicator, context: dict[str, Any]) -> HttpResponse:
    """Of something that exists nothing was known on that day: the page says so."""
    return render(request, "kpi/dashboard/unknown_then.html", context | {"label": str(what)})


def sort_links(request: HttpRequest, chosen: str, focus: FiscalYear) -> list[Crumb]:
    """A link for each order that keeps the rest of the address; the chosen one has none."""
    year = texts.year_label(focus)
    names = {
        "position": _("as in the plan"),
        "-rate": _("rate in %(year)s, highest first") % {"year": year},
        "rate": _("rate in %(year)s, lowest first") % {"year": year},
        "band": _("verdict in %(year)s, what needs attention first") % {"year": year},
    }
    links = []
    for sort, name in names.items():
        address = request.GET.copy()
        address["sort"] = sort
        links.append(Crumb(name, "" if sort == chosen else f"?{address.urlencode()}"))
    return links
