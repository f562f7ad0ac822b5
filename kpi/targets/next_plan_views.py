"""The next plan: prepared from an earlier one by either side's staff, indicator by indicator."""

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.forms.form_page import Files, Make, form_page
from iconm_portal.forms.refusals import Refused, add_refusals, refusal_text
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.settlement.texts import proposal_chip, side
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import PlanProposal
from kpi.targets import next_plan as read
from kpi.targets import next_plan_actions as actions
from kpi.targets import pasted_grid
from kpi.targets.falling import field_name
from kpi.targets.next_plan_forms import LineForm, StartForm
from kpi.targets.next_plan_grid import GridForm, grid_names
from kpi.targets.next_plan_head import HeadForm
from kpi.targets.texts import state_in_words

Typed = TypeVar("Typed", HeadForm, LineForm, GridForm)


@center_view(Right.SEE_SETTLED)
@require_safe
def next_plan(request: HttpRequest, center: Center) -> HttpResponse:
    """The plan that is being prepared, or the form to begin one; and those that both sides settled."""
    return _list_page(request, center)


@center_view(Right.SETTLE_JOINTLY)
def start(request: HttpRequest, center: Center) -> HttpResponse:
    """Begin a draft from a plan, or empty."""
    if request.method != "POST":
        return redirect("kpi:next_plan", center=center.code)
    form = StartForm(request.POST, center=center)
    if not form.is_valid():
        return _list_page(request, center, form, status=400)
    try:
        made = actions.start(
            center=center, previous=form.cleaned_data["previous"], by=person(request), at=clock.now()
        )
    except ValidationError as error:
        add_refusals(form, error)
        return _list_page(request, center, form, status=409)
    messages.success(request, _("The draft was begun. Go through its goals and indicators."))
    return redirect(_address("kpi:plan_proposal", made))


@center_view(Right.SEE_SETTLED)
@require_safe
def proposal(request: HttpRequest, center: Center, proposal: int) -> HttpResponse:
    """A proposed plan: its years, goals and indicators, and where it stands."""
    return _page(request, _found(request, center, proposal))


@center_view(Right.SETTLE_JOINTLY)
def edit(request: HttpRequest, center: Center, proposal: int) -> HttpResponse:
    """The plan itself and its goals."""
    found = _found(request, center, proposal)

    def save(form: HeadForm) -> None:
        actions.save_head(
            proposal=found,
            version=form.cleaned_data["version"],
            head=form.head(),
            goals=form.goal_drafts(),
            kgis=form.kgi_drafts(),
            by=person(request),
        )

    return _edited(
        request,
        found,
        "kpi/targets/next_plan/head.html",
        lambda data, _files: HeadForm(data, proposal=_found(request, center, proposal)),
        save,
    )


@center_view(Right.SETTLE_JOINTLY)
def targets(request: HttpRequest, center: Center, proposal: int) -> HttpResponse:
    """The targets of all indicators on one grid, into which cells from a spreadsheet can be pasted."""
    found = _found(request, center, proposal)
    if request.method == "POST":
        names, years = grid_names(found), FiscalYear.range(found.first_year, found.last_year)
        request.POST = pasted_grid.put_in(request.POST, names, years, field_name)  # type: ignore[assignment]

    def save(form: GridForm) -> None:
        actions.save_targets(
            proposal=found, version=form.cleaned_data["version"], targets=form.targets(), by=person(request)
        )

    return _edited(
        request,
        found,
        "kpi/targets/next_plan/targets.html",
        lambda data, _files: GridForm(data, proposal=_found(request, center, proposal), today=clock.today()),
        save,
    )


@center_view(Right.SETTLE_JOINTLY)
def add_line(request: HttpRequest, center: Center, proposal: int) -> HttpResponse:
    """A new indicator."""
    return _line(request, _found(request, center, proposal), "")


@center_view(Right.SETTLE_JOINTLY)
def edit_line(request: HttpRequest, center: Center, proposal: int, indicator: str) -> HttpResponse:
    """What becomes of an indicator of the previous plan, or a new one once more."""
    return _line(request, _found(request, center, proposal), indicator)


def _line(request: HttpRequest, found: PlanProposal, code: str) -> HttpResponse:
    lines = found.lines.filter(code=code).select_related("previous")
    line = lines.first()
    if code and line is None:
        raise Http404(code)

    def form(data: QueryDict | None, _files: Files | None) -> LineForm:
        now = _found(request, found.center, found.pk)
        return LineForm(data, proposal=now, line=lines.first() or line)

    def save(form: LineForm) -> None:
        actions.save_line(
            proposal=found,
            version=form.cleaned_data["version"],
            code=code,
            draft=form.draft(),
            by=person(request),
        )

    return _edited(request, found, "kpi/targets/next_plan/line.html", form, save)


@center_view(Right.SETTLE_JOINTLY)
def remove_line(request: HttpRequest, center: Center, proposal: int, indicator: str) -> HttpResponse:
    """Take out an indicator that was new."""
    found = _found(request, center, proposal)
    if request.method == "POST":
        try:
            actions.remove_line(
                proposal=found, version=seen_version(request), code=indicator, by=person(request)
            )
        except Refused as error:
            now = _found(request, center, proposal)
            return _page(request, now, refusal=refusal_text(error, now.get_state_display()), status=409)
        messages.success(request, _("The indicator was taken out."))
    return redirect(_address("kpi:plan_proposal", found))


# -- What the pages share --


def _found(request: HttpRequest, center: Center, proposal: int) -> PlanProposal:
    return get_object_or_404(read.visible(person(request), center), pk=proposal)


def _address(name: str, found: PlanProposal) -> str:
    return reverse(name, kwargs={"center": found.center.code, "proposal": found.pk})


def _edited(
    request: HttpRequest,
    found: PlanProposal,
    template: str,
    form: Make[Typed],
    save: Callable[[Typed], None],
) -> HttpResponse:
    """A form of the draft: shown, or saved."""
    if request.method != "POST" and not actions.STEPS.possible(found, person(request)).edit:
        return redirect(_address("kpi:plan_proposal", found))

    def saved(typed: Typed) -> HttpResponse:
        save(typed)
        messages.success(request, _("The draft was saved."))
        return redirect(_address("kpi:plan_proposal", found))

    return form_page(
        request,
        template,
        form=form,
        save=saved,
        context=lambda form: {
            "proposal": form.proposal,
            "line": getattr(form, "line", None),
            "crumbs": _crumbs(found),
        },
        state=lambda form: form.proposal.get_state_display(),
    )


def _crumbs(found: PlanProposal, *, is_here: bool = False) -> list[Crumb]:
    at = {"center": found.center.code}
    crumbs = [
        Crumb(_("KPI"), reverse("kpi:plans", kwargs=at)),
        Crumb(_("Next plan"), reverse("kpi:next_plan", kwargs=at)),
    ]
    return crumbs if is_here else [*crumbs, Crumb(found.label, _address("kpi:plan_proposal", found))]


def _list_page(
    request: HttpRequest, center: Center, form: StartForm | None = None, *, status: int = 200
) -> HttpResponse:
    user = person(request)
    rows = list(read.visible(user, center))
    open_one = next((row for row in rows if not row.is_confirmed), None)
    can_start = open_one is None and allowed(user, center, Right.SETTLE_JOINTLY)
    newest = center.plans.order_by("-first_year", "-pk").values_list("code", flat=True).first()
    context = {
        "rows": [(row, proposal_chip(row.state), state_in_words(row)) for row in rows],
        "open": open_one,
        "sees_proposals": allowed(user, center, Right.SEE_SUBMITTED),
        "form": form or StartForm(center=center, initial={"previous": newest}) if can_start or form else None,
        "crumbs": [Crumb(_("KPI"), reverse("kpi:plans", kwargs={"center": center.code}))],
    }
    return render(request, "kpi/targets/next_plan/list.html", context, status=status)


def _page(
    request: HttpRequest, found: PlanProposal, *, refusal: str = "", status: int = 200, **sent: Form
) -> HttpResponse:
    context = {
        "shown": read.shown(found),
        "proposal": found,
        "chip": proposal_chip(found.state),
        "finding": state_in_words(found),
        "side": side(found.proposed_side),
        "refusal": refusal,
        "crumbs": _crumbs(found, is_here=True),
        **STEPS.shown(request, found, sent),
    }
    return render(request, "kpi/targets/next_plan/proposal.html", context, status=status)


STEPS = StepViews(
    table=actions.STEPS,
    page="kpi:plan_proposal",
    find=_found,
    show=_page,
    onward={
        "confirm": lambda found, plan: reverse("kpi:plan", args=[found.center.code, plan.code]),
        "discard": lambda found, _none: reverse("kpi:next_plan", args=[found.center.code]),
    },
)
