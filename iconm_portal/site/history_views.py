"""The history page: who did what to which object, and when."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from iconm_portal.display.tables import HistoryTable, configure
from iconm_portal.models import HistoryEvent
from iconm_portal.people import administered
from iconm_portal.people.access import Right, circle_view, person
from iconm_portal.people.filters import HistoryFilter


@circle_view(Right.SEE_HISTORY)
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """The events of the person's circle, newest first."""
    organisation = person(request).organisation
    found = HistoryFilter(
        request.GET or None,
        queryset=administered.events(organisation),
        people=administered.people(organisation),
        centers=administered.centers(organisation),
    )
    rows = found.qs if found.form.is_valid() or not found.is_bound else HistoryEvent.objects.none()
    table = configure(HistoryTable(rows), request)
    return render(request, "iconm_portal/history/history.html", {"filter": found, "table": table})
