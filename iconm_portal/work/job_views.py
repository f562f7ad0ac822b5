"""The page of a job: how far it is, what came of it. Only whoever began it has it."""

from typing import Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from iconm_portal.forms import files
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.models import Center, Job
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.values import clock
from iconm_portal.work import jobs
from iconm_portal.work.jobs import JobProgress

REFRESH_SECONDS: Final = 2

_HEADINGS: Final = {
    JobProgress.WAITING: gettext_lazy("Waiting for its turn"),
    JobProgress.RUNNING: gettext_lazy("At work"),
    JobProgress.STOPPED: gettext_lazy("Stopped"),
    JobProgress.FAILED: gettext_lazy("Not done"),
    JobProgress.DONE: pgettext_lazy("job", "Done"),
}


def _own(request: HttpRequest, center: Center, number: int) -> Job:
    found = (
        Job.objects.filter(pk=number, center=center, requested_by=person(request))
        .select_related("result", "center")
        .first()
    )
    if found is None:
        raise Http404(number)
    return found


@center_view(Right.SEE_SETTLED)
@require_safe
def job(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Shows itself anew while the job runs, without JavaScript; goes on when it is done."""
    found = _own(request, center, number)
    standing = jobs.standing(found, clock.now())
    if standing is JobProgress.DONE and found.next_url:
        return redirect(found.next_url)
    context = {
        "job": found,
        "label": jobs.label(found),
        "heading": _HEADINGS[standing],
        "is_done": standing is JobProgress.DONE,
        "is_stopped": standing is JobProgress.STOPPED,
        "is_open": standing.is_at_work,
        "percent": min(100, found.done * 100 // found.total) if found.total else None,
        "failure": _(found.failure) if found.failure else "",
    }
    response = render(request, "iconm_portal/jobs/job.html", context)
    if context["is_open"]:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


@center_view(Right.SEE_SETTLED)
@require_safe
def result(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """The file that the job made."""
    found = _own(request, center, number)
    if found.result is None:
        raise Http404(number)
    return files.download(found.result)


@center_view(Right.SEE_SETTLED)
@require_POST
def again(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Begin a failed or stopped job again."""
    found = _own(request, center, number)
    try:
        jobs.begin_again(job=found, by=person(request), at=clock.now())
    except WrongStep:
        messages.error(request, _("It is at work, or done, so it was not begun again."))
    return redirect(jobs.page(found))
