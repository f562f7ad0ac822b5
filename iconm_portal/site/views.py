"""The first page after the login, and the answer to a monitor."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from iconm_portal.history import database_triggers
from iconm_portal.people import administered
from iconm_portal.people.access import Right, everyone_view, own_centers, permits, person
from iconm_portal.people.centers.first_steps import has_begun
from iconm_portal.work import workers

PLAIN = "text/plain; charset=utf-8"


@everyone_view
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where a person's work is: the people or the way in, the only center, a choice, or a page that says there is none."""
    if permits(None, person(request).role, Right.ADMINISTER):
        return redirect("people" if has_begun(person(request)) else "begin")
    centers = own_centers(request)
    if len(centers) == 1:
        return redirect("kpi:home", center=centers[0].code)
    organisation = person(request).organisation
    administrators = [] if centers else administered.who_administer(organisation)
    context = {"centers": centers, "administrators": administrators}
    return render(request, "iconm_portal/people/home.html", context)


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Whether the portal and its database answer, and the database refuses what it must: 200 ok, or 503.

    Where jobs wait and no worker is seen, it says so beside the ok.
    """
    try:
        names = database_triggers.missing(connection)
        jobs_are_left = not names and workers.are_wanted()
    except DatabaseError:
        return HttpResponse("no database\n", status=503, content_type=PLAIN)
    if names:
        # Their names are for the log and `manage.py check`: this address is open to everybody.
        return HttpResponse("not ready: guards missing, run migrate\n", status=503, content_type=PLAIN)
    # Pages are served all the same, so the answer is 200; a monitor reads what it says.
    lacking = "ok, but jobs wait and no worker is seen\n"
    return HttpResponse(lacking if jobs_are_left else "ok\n", content_type=PLAIN)
