"""Corrections of a settled plan's wording, proposed by one side and confirmed by the other."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.settlement.texts import proposal_chip, side
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from kpi.models import Plan, PlanCorrection
from kpi.targets.corrections import actions
from kpi.targets.corrections import corrections as read
from kpi.targets.corrections.forms import CorrectionForm
from kpi.targets.texts import state_in_words


@center_view(Right.SEE_SETTLED)
@require_safe
def corrections(request: HttpRequest, center: Center, plan: str) -> HttpResponse:
    """The corrections of a plan, the latest first."""
    of, user = get_object_or_404(Plan, center=center, code=plan), person(request)
    context = {
        "plan": of,
        "rows": [(row, proposal_chip(row.state)) for row in read.visible(user, center).filter(plan=of)],
        "can_propose": allowed(user, center, Right.SETTLE_JOINTLY),
        "crumbs": _crumbs(of)[:-1],
    }
    return render(request, "kpi/targets/corrections/list.html", context)


@center_view(Right.SETTLE_JOINTLY)
def new(request: HttpRequest, center: Center, plan: str) -> HttpResponse:
    """Begin a correction: every wording as it stands."""
    of = get_object_or_404(Plan.objects.select_related("center"), center=center, code=plan)

    def save(form: CorrectionForm) -> HttpResponse:
        made = actions.start(
            plan=of,
            reason=form.cleaned_data["reason"],
            texts=form.texts(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The draft was saved. Look at what would change, and put it forward."))
        return redirect(_address("kpi:plan_correction", made))

    return form_page(
        request,
        "kpi/targets/corrections/form.html",
        form=lambda data, _files: CorrectionForm(data, plan=of),
        save=save,
        context=lambda _form: {"plan": of, "crumbs": _crumbs(of)},
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def correction(request: HttpRequest, center: Center, plan: str, correction: int) -> HttpResponse:
    """One correction: what it changes, why, and where it stands."""
    return _page(request, _found(request, center, plan, correction))


@center_view(Right.SETTLE_JOINTLY)
def edit(request: HttpRequest, center: Center, plan: str, correction: int) -> HttpResponse:
    """Change a draft, or what was declined."""
    found = _found(request, center, plan, correction)
    if request.method != "POST" and not actions.STEPS.possible(found, person(request)).edit:
        return redirect(_address("kpi:plan_correction", found))

    def save(form: CorrectionForm) -> HttpResponse:
        actions.save(
            correction=found,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            texts=form.texts(),
            by=person(request),
        )
        messages.success(request, _("The draft was saved."))
        return redirect(_address("kpi:plan_correction", found))

    return form_page(
        request,
        "kpi/targets/corrections/form.html",
        form=lambda data, _files: _form(_found(request, center, plan, correction), data),
        save=save,
        context=lambda _form: {"plan": found.plan, "correction": found, "crumbs": _crumbs(found.plan, found)},
        state=lambda _form: _found(request, center, plan, correction).get_state_display(),
    )


# -- What the pages share --


def _address(name: str, found: PlanCorrection) -> str:
    at = {"center": found.center.code, "plan": found.plan.code, "correction": found.pk}
    return reverse(name, kwargs=at)


def _found(request: HttpRequest, center: Center, plan: str, correction: int) -> PlanCorrection:
    return get_object_or_404(read.visible(person(request), center), plan__code=plan, pk=correction)


def _form(found: PlanCorrection, data: Any) -> CorrectionForm:
    lines = {(line.goal_id, line.indicator_id, str(line.wording)): line.after for line in found.lines.all()}
    stored = {"reason": found.reason, "version": found.version}
    for item in (item for group in read.groups(found.plan) for item in group.items):
        key = (item.goal and item.goal.pk, item.indicator and item.indicator.pk, str(item.wording))
        if key in lines:
            stored[item.field] = lines[key]
    return CorrectionForm(data, plan=found.plan, initial=stored)


def _crumbs(plan: Plan, found: PlanCorrection | None = None) -> list[Crumb]:
    at = {"center": plan.center.code, "plan": plan.code}
    crumbs = [
        Crumb(_("KPI"), reverse("kpi:plans", kwargs={"center": plan.center.code})),
        Crumb(plan.label, reverse("kpi:plan", kwargs=at)),
        Crumb(_("Corrections of wording"), reverse("kpi:plan_corrections", kwargs=at)),
    ]
    if found is not None:
        title = _("Correction %(number)s") % {"number": found.pk}
        crumbs.append(Crumb(title, _address("kpi:plan_correction", found)))
    return crumbs


def _page(
    request: HttpRequest, found: PlanCorrection, *, refusal: str = "", status: int = 200, **sent: Form
) -> HttpResponse:
    context = {
        "changes": read.changes(found),
        "correction": found,
        "proposal": found,
        "plan": found.plan,
        "chip": proposal_chip(found.state),
        "finding": state_in_words(found),
        "side": side(found.proposed_side),
        "refusal": refusal,
        "crumbs": _crumbs(found.plan),
        **STEPS.shown(request, found, sent),
    }
    return render(request, "kpi/targets/corrections/correction.html", context, status=status)


STEPS = StepViews(
    table=actions.STEPS,
    page="kpi:plan_correction",
    find=_found,
    show=_page,
    onward={
        "discard": lambda found, _none: reverse(
            "kpi:plan_corrections", args=[found.center.code, found.plan.code]
        )
    },
)
