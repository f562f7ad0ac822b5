"""The center's first page: are we on track?"""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agreements.instruments import reported_facts
from agreements.pages import todo as agreements_todo
from finance import todo as finance_todo
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.standing_views import notice
from iconm_portal.standing import changes
from iconm_portal.standing.changes import Unsettled
from iconm_portal.values.clock import today
from iconm_portal.work import standing_todo
from iconm_portal.work.todo import Task, in_order
from kpi.dashboard import todo
from kpi.dashboard.overview import overview
from kpi.dashboard.set_up import steps
from kpi.plans import scorecard
from kpi.plans.filters import AsKnownOn, YearFilter


@center_view(Right.SEE_SETTLED)
@require_safe
def home(request: HttpRequest, center: Center) -> HttpResponse:
    """Every indicator of the current plan in one year, as known today or on an earlier day."""
    as_known_on = AsKnownOn(request.GET, today=today())
    day = as_known_on.day
    user = person(request)
    changed = changes.load(center, known_at=day)
    now = changes.load(center, known_at=today()) if as_known_on.is_past else changed
    board = scorecard.load(center, known_at=day, standing=changed)  # asked for once
    plan = board.current(day)
    choice = YearFilter(request.GET, years=plan.years if plan else ())
    context = {
        "as_known_on": as_known_on,
        "day": day,
        "choice": choice,
        "overview": overview(board, as_known_on.addresses(center.code), today=day, year=choice.chosen),
        "reported": reported_facts.of_the_center_itself(center),
        "changed": [notice(user, center, one, is_past=as_known_on.is_past) for one in changed.all],
        "tasks": tasks(user, center, now.all),
        "is_incomplete": not as_known_on.is_past
        and not center.is_closed(today())
        and steps.is_incomplete(center),
    }
    return render(request, "kpi/dashboard/home.html", context)


def tasks(user: User, center: Center, found: Iterable[Unsettled] = ()) -> list[Task] | None:
    """What waits for the person; None for those who only look, who have no such list, and at a center that is closed."""
    if center.is_closed(today()):
        return None
    if not any(allowed(user, center, right) for right in (Right.KEEP, Right.REVIEW)):
        return None
    asked = agreements_todo.tasks(user, center, today=today())
    known = {task.url for task in asked}  # what fulfils a duty is asked for once, with the duty's date
    others = [
        *todo.tasks(user, center, today=today()),
        *finance_todo.tasks(user, center, today=today()),
        *standing_todo.tasks(user, center, found),
    ]
    return in_order([*asked, *(task for task in others if task.url not in known)])
