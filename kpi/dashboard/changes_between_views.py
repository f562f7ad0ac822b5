"""What changed between two days."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view
from iconm_portal.values.clock import today
from kpi.dashboard import changes_between, changes_between_page


@center_view(Right.SEE_SETTLED)
@require_safe
def changes(request: HttpRequest, center: Center) -> HttpResponse:
    """What is settled differently on the second day: what it was, what it is, since when, by whom and why."""
    form = changes_between_page.TwoDays(request.GET, today=today())
    days = form.days
    context: dict[str, object] = {"form": form}
    if days is not None:
        found = changes_between.load(center, earlier=days[0], later=days[1])
        context |= {
            "between": found,
            "finding": changes_between_page.finding(found),
            "groups": list(changes_between_page.groups(found, center.code)),
        }
    return render(request, "kpi/dashboard/changes_between.html", context, status=200 if days else 400)
