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
from iconm_portal.models import Center, Job, JobState
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.work import jobs, kinds, workers
from iconm_portal.work.jobs import UnderWay

REFRESH_SECONDS: Final = 2

_HEADINGS: Final = {
    JobState.WAITING: gettext_lazy("Waiting for its turn"),
    JobState.RUNNING: gettext_lazy("At work"),
    JobState.FAILED: gettext_lazy("Not done"),
    JobState.DONE: pgettext_lazy("job", "Done"),
}


def to_open_job(request: HttpRequest, under_way: UnderWay) -> HttpResponse:
    """Whoever asks for the same a second time is led to the first."""
    messages.info(request, _("It is being done already, as you asked before: this is how far it is."))
    return redirect(jobs.page(under_way.job))


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
    if found.state is JobState.DONE and found.next_url:
        return redirect(found.next_url)
    context = {
        "job": found,
        "label": kinds.label(found),
        "heading": _HEADINGS[found.state],
        "is_done": found.state is JobState.DONE,
        "is_open": found.state.is_at_work,
        "is_left_alone": found.state.is_at_work and not workers.is_seen(),
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
    """Begin a failed job again."""
    found = _own(request, center, number)
    try:
        jobs.begin_again(job=found, by=person(request))
    except UnderWay as under_way:
        return to_open_job(request, under_way)
    except WrongStep:
        messages.error(request, _("It is at work, or done, so it was not begun again."))
    return redirect(jobs.page(found))
