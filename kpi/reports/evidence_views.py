"""Files behind the values, given out to those who may see the report."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from iconm_portal.forms import files
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view
from iconm_portal.values.fiscal import FiscalYear
from kpi.reports.views import shown_report


@center_view(Right.SEE_SETTLED)
@require_safe
def download(request: HttpRequest, center: Center, year: FiscalYear, report: int, file: int) -> HttpResponse:
    """A file that is attached to a value of a report of which the person may know; 404 otherwise."""
    found = shown_report(request, center, year, report)
    evidence = found.evidence.filter(file=file).select_related("file__content").first()
    if evidence is None:
        raise Http404(file)
    return files.download(evidence.file)
