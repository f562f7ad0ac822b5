"""The steps of the next plan: put forward, taken back, confirmed, declined, discarded."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from iconm_portal.forms import unsent_input
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import step_on
from iconm_portal.values import clock
from kpi.models import PlanProposal
from kpi.targets import new_plan_actions
from kpi.targets import next_plan_actions as actions
from kpi.targets.forms import AnswerForm
from kpi.targets.next_plan_views import address, found_for, proposal_page, refused

_step = step_on("kpi:plan_proposal", found_for, refused)


@center_view(Right.SETTLE_JOINTLY)
@_step
def propose(request: HttpRequest, found: PlanProposal) -> HttpResponse:
    """Put it before the other side."""
    actions.propose(proposal=found, version=seen_version(request), by=person(request), at=clock.now())
    return _done(request, found, _("The plan was put before the other side."))


@center_view(Right.SETTLE_JOINTLY)
@_step
def take_back(request: HttpRequest, found: PlanProposal) -> HttpResponse:
    """取下げ, as long as the other side has not answered."""
    actions.take_back(proposal=found, version=seen_version(request), by=person(request))
    return _done(request, found, _("You took it back. It can be changed again."))


@center_view(Right.SETTLE_JOINTLY)
@_step
def confirm(request: HttpRequest, found: PlanProposal) -> HttpResponse:
    """The other side agrees: the plan is made."""
    plan = new_plan_actions.confirm(
        proposal=found, version=seen_version(request), by=person(request), at=clock.now()
    )
    unsent_input.forget(request)
    messages.success(request, _("The plan is settled by both sides, and known from today on."))
    return redirect("kpi:plan", center=found.center.code, plan=plan.code)


@center_view(Right.SETTLE_JOINTLY)
@_step
def decline(request: HttpRequest, found: PlanProposal) -> HttpResponse:
    """The other side does not agree, and says why."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return proposal_page(request, found, answer=form, status=400)
    actions.decline(
        proposal=found,
        version=seen_version(request),
        reason=form.cleaned_data["reason"],
        by=person(request),
        at=clock.now(),
    )
    return _done(request, found, _("The proposal was declined; the other side reads why."))


@center_view(Right.SETTLE_JOINTLY)
@_step
def discard(request: HttpRequest, found: PlanProposal) -> HttpResponse:
    """Throw away a draft."""
    center = found.center.code
    actions.discard(proposal=found, version=seen_version(request), by=person(request))
    messages.success(request, _("The draft was discarded. The history keeps what it held."))
    return redirect("kpi:next_plan", center=center)


def _done(request: HttpRequest, found: PlanProposal, said: str) -> HttpResponse:
    unsent_input.forget(request)
    messages.success(request, said)
    return redirect(address("kpi:plan_proposal", found))
