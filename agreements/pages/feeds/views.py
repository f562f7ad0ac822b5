"""The calendar feed, and the page on which a person issues and revokes its secret address."""

import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from agreements.duties import calendar
from agreements.duties import feed_actions as actions
from agreements.instruments import dates
from agreements.pages.feeds import feed as ical
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock


@login_not_required
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The due dates of whoever the secret belongs to: all their centers, as far as they may see them."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise PermissionDenied("in the clear")
    owner = actions.person_of(secret)
    if owner is None:
        raise Http404("no such calendar")
    today = clock.today()
    centers = [one for one in Center.objects.seen_by(owner) if allowed(owner, one, Right.SEE_SETTLED)]
    entries = [
        ical.FeedEntry(center, item)
        for center in centers
        for item in calendar.for_feed(center, owner, today=today)
    ]
    days = [day for center in centers for day in dates.load(center, today=today)]
    body = ical.render(entries, owner, site=_site(request), days=days)
    etag = f'"{hashlib.sha256(body).hexdigest()}"'
    whole = HttpResponse(body, content_type=ical.CONTENT_TYPE)
    response = get_conditional_response(request, etag=etag, response=whole) or whole
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, no-cache"  # ask again every time, and be told 304
    response.headers["Content-Disposition"] = 'inline; filename="duties.ics"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@center_view(Right.SEE_SETTLED)
@require_safe
@never_cache
def subscription(request: HttpRequest, center: Center) -> HttpResponse:
    """How to subscribe, and whether there is an address."""
    context = {"standing": actions.standing(person(request)), "crumbs": _crumbs(center)}
    return render(request, "agreements/pages/calendar/subscription.html", context)


@center_view(Right.SEE_SETTLED)
@never_cache
def issue(request: HttpRequest, center: Center) -> HttpResponse:
    """A new address, shown in this answer and never again."""
    if request.method != "POST":
        return redirect("agreements:calendar_subscription", center=center.code)
    try:
        secret = actions.issue(by=person(request), at=clock.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("agreements:calendar_subscription", center=center.code)
    address = _site(request) + reverse("calendar_feed", kwargs={"secret": secret})
    context = {
        "address": address,
        "standing": actions.standing(person(request)),
        "crumbs": _crumbs(center),
    }
    return render(request, "agreements/pages/calendar/subscription.html", context)


@center_view(Right.SEE_SETTLED)
def revoke(request: HttpRequest, center: Center) -> HttpResponse:
    """Close the address: calendar programs that have it get nothing more."""
    if request.method == "POST":
        if actions.revoke(by=person(request), at=clock.now()):
            messages.success(
                request, _("The address is closed. Remove the calendar from your calendar program.")
            )
        else:
            messages.info(request, _("There is no address to close."))
    return redirect("agreements:calendar_subscription", center=center.code)


def _site(request: HttpRequest) -> str:
    """How the portal is reached: as configured, otherwise as this request reached it."""
    return settings.PORTAL_URL or f"{request.scheme}://{request.get_host()}"


def _crumbs(center: Center) -> list[Crumb]:
    return [Crumb(_("Calendar"), reverse("agreements:calendar", kwargs={"center": center.code}))]
