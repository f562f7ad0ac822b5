"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from iconm_portal.access import Right, center_view
from iconm_portal.models import Center


@center_view(Right.SEE_SETTLED)
def reports(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.SEE_SETTLED)
def year(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.SEE_SETTLED)
def report(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.KEEP)
def start(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.KEEP)
def entry(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.KEEP)
def check(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.KEEP)
def submit(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.KEEP)
def take_back(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.KEEP)
def discard(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.KEEP)
def correct(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError
