"""Being written."""

from django.http import HttpRequest, HttpResponse

from iconm_portal.access import Right, center_view
from iconm_portal.models import Center


@center_view(Right.SEE_SETTLED)
def agreements(request: HttpRequest, center: Center) -> HttpResponse:
    raise NotImplementedError
