"""What the addresses of steps share: a step is posted, and refused it answers with the page as it is now."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from iconm_portal.models import Center
from iconm_portal.settlement.step_forms import Refused

View = Callable[..., HttpResponse]
Found = TypeVar("Found")


def step_from(page: str) -> Callable[[View], View]:
    """A step that is posted. Whoever comes by the address alone, as after logging in again, lands on the page.

    `page` names an address with the same parts as the step's.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def posted(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(page, center=center.code, **parts)
            return view(request, center, **parts)

        return posted

    return decorate


def step_on(
    page: str,
    find: Callable[..., Found],
    refused: Callable[[HttpRequest, Found, Exception], HttpResponse],
) -> Callable[[Callable[[HttpRequest, Found], HttpResponse]], View]:
    """A step from the page on what `find` makes of the address (Http404 where the person may not know of it).

    `refused` answers with that thing as it is now and why the step was not taken, status 409.
    """

    def decorate(view: Callable[[HttpRequest, Found], HttpResponse]) -> View:
        @step_from(page)
        @wraps(view)
        def taken(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
            found = find(request, center, **parts)
            try:
                return view(request, found)
            except Refused as error:
                return refused(request, found, error)

        return taken

    return decorate
