"""準備 of a center, for everybody who sees it: who may goes on from here, all others read whom to ask."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.people.centers.setting_up import next_of
from iconm_portal.values import clock
from kpi.dashboard.set_up.steps import steps


@center_view(Right.SEE_SETTLED)
@require_safe
def set_up(request: HttpRequest, center: Center) -> HttpResponse:
    """The steps, with what is there, what is missing and what works already."""
    found = steps(person(request), center, today=clock.today())
    return render(request, "kpi/dashboard/set_up/set_up.html", {"steps": found, "next": next_of(found)})
