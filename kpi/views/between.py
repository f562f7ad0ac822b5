"""What changed between two days."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from iconm_portal.access import Right, center_view
from iconm_portal.clock import today
from iconm_portal.models import Center
from kpi import between, between_page


@center_view(Right.SEE_SETTLED)
@require_safe
def changes(request: HttpRequest, center: Center) -> HttpResponse:
    """What is settled differently on the second day: what it was, what it is, since when, by whom and why."""
    form = between_page.TwoDays(request.GET, today=today())
    days = form.days
    context: dict[str, object] = {"form": form}
    if days is not None:
        found = between.load(center, earlier=days[0], later=days[1])
        context |= {
            "between": found,
            "finding": between_page.finding(found),
            "groups": list(between_page.groups(found, center.code)),
        }
    return render(request, "kpi/changes.html", context, status=200 if days else 400)
