"""Targets that one side proposes and the other confirms or declines."""

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
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Plan, TargetProposal
from kpi.targets import actions, pasted_grid
from kpi.targets import target_proposals as read
from kpi.targets.falling import field_name
from kpi.targets.forms import TargetsForm, initial_of
from kpi.targets.texts import state_in_words


@center_view(Right.SEE_SETTLED)
@require_safe
def proposals(request: HttpRequest, center: Center, plan: str) -> HttpResponse:
    """The proposals about a plan's targets, the latest first."""
    of, user = get_object_or_404(Plan, center=center, code=plan), person(request)
    rows = [(row, proposal_chip(row.state)) for row in read.visible(user, center).filter(plan=of)]
    context = {
        "plan": of,
        "rows": rows,
        "can_propose": allowed(user, center, Right.SETTLE_JOINTLY),
        "crumbs": _crumbs(of)[:-1],
    }
    return render(request, "kpi/targets/proposals/list.html", context)


@center_view(Right.SETTLE_JOINTLY)
def new(request: HttpRequest, center: Center, plan: str) -> HttpResponse:
    """Begin a proposal: the whole sheet with the present targets beside."""
    of, today = (
        get_object_or_404(Plan.objects.select_related("center"), center=center, code=plan),
        clock.today(),
    )
    sheet = read.sheet(of, read.present(of, today=today), today=today)
    _take_pasted(request, of)

    def save(form: TargetsForm) -> HttpResponse:
        made = actions.start(
            plan=of, terms=form.terms(), values=form.values(), by=person(request), at=clock.now()
        )
        messages.success(request, _("The draft was saved. Look at what would change, and put it forward."))
        return redirect(_address("kpi:target_proposal", made))

    return form_page(
        request,
        "kpi/targets/proposals/form.html",
        form=lambda data, _files: TargetsForm(data, sheet=sheet, initial={"effective_from": today}),
        save=save,
        context=lambda form: {"plan": of, "years": form.sheet.years, "crumbs": _crumbs(of)},
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def proposal(request: HttpRequest, center: Center, plan: str, proposal: int) -> HttpResponse:
    """One proposal: what it changes, why, and where it stands."""
    return _page(request, _found(request, center, plan, proposal))


@center_view(Right.SETTLE_JOINTLY)
def edit(request: HttpRequest, center: Center, plan: str, proposal: int) -> HttpResponse:
    """Change a draft, or what was declined."""
    found = _found(request, center, plan, proposal)
    if request.method != "POST" and not actions.STEPS.possible(found, person(request)).edit:
        return redirect(_address("kpi:target_proposal", found))

    _take_pasted(request, found.plan)

    def save(form: TargetsForm) -> HttpResponse:
        actions.save(
            proposal=found,
            version=form.cleaned_data["version"],
            terms=form.terms(),
            values=form.values(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The draft was saved."))
        return redirect(_address("kpi:target_proposal", found))

    return form_page(
        request,
        "kpi/targets/proposals/form.html",
        form=lambda data, _files: _form(_found(request, center, plan, proposal), data),
        save=save,
        context=lambda form: {
            "plan": found.plan,
            "proposal": found,
            "years": form.sheet.years,
            "crumbs": _crumbs(found.plan, found),
        },
        state=lambda _form: _found(request, center, plan, proposal).get_state_display(),
    )


# -- What the pages share --


def _address(name: str, found: TargetProposal) -> str:
    at = {"center": found.plan.center.code, "plan": found.plan.code, "proposal": found.pk}
    return reverse(name, kwargs=at)


def _found(request: HttpRequest, center: Center, plan: str, proposal: int) -> TargetProposal:
    return get_object_or_404(read.visible(person(request), center), plan__code=plan, pk=proposal)


def _form(found: TargetProposal, data: Any) -> TargetsForm:
    rows = list(found.lines.select_related("indicator"))
    lines = {(line.indicator, line.fiscal_year): line.value for line in rows}
    stand = read.present(found.plan, today=clock.today(), from_day=found.effective_from)
    sheet = read.sheet(found.plan, stand, today=clock.today())
    stored = initial_of(
        found.reason,
        found.effective_from,
        found.consultation,
        lines,
        found.version,
        may_fall=bool(read.falls_of(rows, stand)),
        may_move=any((line.indicator_id, line.fiscal_year) in sheet.judged for line in rows),
    )
    return TargetsForm(data, sheet=sheet, initial=stored)


def _take_pasted(request: HttpRequest, plan: Plan) -> None:
    """Cells that were pasted go into their fields, before anything looks at what was sent."""
    if request.method == "POST":
        names = dict(plan.indicators.values_list("code", "name"))
        years = FiscalYear.range(plan.first_year, plan.last_year)
        request.POST = pasted_grid.put_in(request.POST, names, years, field_name)  # type: ignore[assignment]


def _crumbs(plan: Plan, found: TargetProposal | None = None) -> list[Crumb]:
    at = {"center": plan.center.code, "plan": plan.code}
    crumbs = [
        Crumb(_("KPI"), reverse("kpi:plans", kwargs={"center": plan.center.code})),
        Crumb(plan.label, reverse("kpi:plan", kwargs=at)),
        Crumb(_("Proposed targets"), reverse("kpi:target_proposals", kwargs=at)),
    ]
    if found is not None:
        crumbs.append(
            Crumb(_("Proposal %(number)s") % {"number": found.pk}, _address("kpi:target_proposal", found))
        )
    return crumbs


def _page(
    request: HttpRequest, found: TargetProposal, *, refusal: str = "", status: int = 200, **sent: Form
) -> HttpResponse:
    context = {
        "shown": read.shown(found, today=clock.today()),
        "proposal": found,
        "plan": found.plan,
        "chip": proposal_chip(found.state),
        "finding": state_in_words(found),
        "side": side(found.proposed_side),
        "refusal": refusal,
        "crumbs": _crumbs(found.plan),
        **STEPS.shown(request, found, sent),
    }
    return render(request, "kpi/targets/proposals/proposal.html", context, status=status)


STEPS = StepViews(
    table=actions.STEPS,
    page="kpi:target_proposal",
    find=_found,
    show=_page,
    onward={
        "discard": lambda found, _none: reverse(
            "kpi:target_proposals", args=[found.center.code, found.plan.code]
        )
    },
)
