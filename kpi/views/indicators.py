"""Being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from iconm_portal.access import Right, center_view
from iconm_portal.models import Center


@center_view(Right.SEE_SETTLED)
def indicator(request: HttpRequest, center: Center, **kwargs: Any) -> HttpResponse:
    raise NotImplementedError
