"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from iconm_portal.access import Right, center_view
from iconm_portal.models import Center


@center_view(Right.REVIEW)
def open_review(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.REVIEW)
def review(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.REVIEW)
def send_back(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError


@center_view(Right.REVIEW)
def accept(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError
