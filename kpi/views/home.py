"""The center's first page: are we on track?"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from iconm_portal.access import Right, center_view, person
from iconm_portal.clock import today
from iconm_portal.models import Center
from kpi import scorecard, todo
from kpi.filters import AsKnownOn, YearFilter
from kpi.overview import overview


@center_view(Right.SEE_SETTLED)
@require_safe
def home(request: HttpRequest, center: Center) -> HttpResponse:
    """Every indicator of the current plan in one year, as known today or on an earlier day."""
    as_known_on = AsKnownOn(request.GET, today=today())
    day = as_known_on.day
    board = scorecard.load(center, known_at=day)
    plan = board.current(day)
    choice = YearFilter(request.GET, years=plan.years if plan else ())
    context = {
        "as_known_on": as_known_on,
        "day": day,
        "choice": choice,
        "overview": overview(board, today=day, year=choice.chosen),
        "tasks": todo.tasks(person(request), center, today=today()),
    }
    return render(request, "kpi/home.html", context)
