"""The yearly 効果検証: the foundation assesses itself under each criterion, the city judges whether the land stays free."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_safe

from agreements.duties.duty_status import Fulfilment, Progress
from agreements.endings import judgement_actions, resting
from agreements.endings import texts as land_texts
from agreements.endings.consequences import Falls
from agreements.endings.judgement_actions import ConsequencesUnconfirmed, falls_key
from agreements.models import Verification, VerificationKind
from agreements.models.duties import in_address
from agreements.support import texts
from agreements.verifications import actions
from agreements.verifications import texts as verification_texts
from agreements.verifications.forms import (
    AssessmentForm,
    CorrectionForm,
    JudgementForm,
    ReturnForm,
    VerdictForm,
)
from iconm_portal.display.template_tags import chip, fiscal_year
from iconm_portal.forms import unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import Conflict, add_refusals
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_forms import DecisionForm, seen_version
from iconm_portal.settlement.step_views import StepViews, step_from
from iconm_portal.settlement.steps import SentForm
from iconm_portal.site.crumbs import Crumb
from iconm_portal.site.standing_views import notice
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed
from kpi.evaluation import evaluation
from kpi.evaluation.evaluation import Evaluation, PlanResults
from kpi.initiatives import initiatives
from kpi.plans import findings
from kpi.plans import texts as plan_texts
from kpi.plans.scorecard import Cell

CORRECT = "kpi/evaluation/correct.html"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """An indicator's result in the year, in words."""

    code: str
    name: str
    value: str
    target: str
    as_of: str
    chip: SafeString
    note: str  # beside the verdict
    changed: str  # what the target became after the year was judged


@dataclass(frozen=True, slots=True)
class Results:
    """A plan's results in the year, in words."""

    plan: PlanResults
    finding: str
    rows: tuple[ResultRow, ...]


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A duty of the year, in words."""

    duty: Fulfilment
    chip: SafeString
    url: str


@center_view(Right.SEE_SETTLED)
@require_safe
def of_year(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """The evaluation: to write, to judge, or to read."""
    return _page(request, _found(request, center, year))


def _found(request: HttpRequest, center: Center, year: FiscalYear) -> Evaluation:
    found = evaluation.load(person(request), center, year, today=clock.today())
    if found is None:
        raise Http404(year)
    return found


# -- Beside the table of steps --


@center_view(Right.KEEP)
@step_from("kpi:evaluation")
def save(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """Keep the self-assessment as far as it is written; the first save begins it."""

    def take(shown: Evaluation, **written: Any) -> HttpResponse:
        actions.save_draft(**shown.sheet.named, **_seen(request), **written)
        messages.success(request, actions.EFFECT["edit"].says)
        return redirect("kpi:evaluation", center=center.code, **parts)

    return STEPS.answered(request, center, parts, {"form": AssessmentForm}, take, needs_item=False)


@center_view(Right.KEEP)
@step_from("kpi:evaluation")
def submit(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """Save the self-assessment and hand it to the city, both or neither."""

    def take(shown: Evaluation, **written: Any) -> HttpResponse:
        row = actions.save_and_submit(**shown.sheet.named, **_seen(request), **written)
        messages.success(request, actions.EFFECT["submit"].says(row, row))
        return redirect("kpi:evaluation", center=center.code, **parts)

    forms: dict[str, type[SentForm]] = {"form": AssessmentForm, "decision": DecisionForm}
    return STEPS.answered(request, center, parts, forms, take, needs_item=False)


@center_view(Right.REVIEW)
@step_from("kpi:evaluation")
def begin(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """The city begins the evaluation that it owes, and with the other button asks the foundation for its part."""

    def take(shown: Evaluation) -> HttpResponse:
        asks = "ask" in request.POST
        actions.begin(center=center, fiscal_year=shown.sheet.year, ask=asks, **_seen(request))
        messages.success(request, actions.EFFECT["ask" if asks else "begin"].says)
        return redirect("kpi:evaluation", center=center.code, **parts)

    return STEPS.answered(request, center, parts, {}, take, needs_item=False)


@center_view(Right.REVIEW)
def correct(request: HttpRequest, center: Center, year: FiscalYear) -> HttpResponse:
    """A wrong judgement is replaced by a new one, with the reason; what a negative one takes is shown first."""
    shown = _found(request, center, year)
    sheet, held = shown.sheet, shown.sheet.judgement
    if held is None:
        return redirect("kpi:evaluation", center=center.code, year=year)
    falls: list[Falls] = []

    def save(form: CorrectionForm) -> HttpResponse:
        confirmed = request.POST.getlist("falls") if "confirmed" in request.POST else None
        if form.cleaned_data["judgement"] != held.pk:
            raise Conflict
        try:
            judgement_actions.correct(
                judgement=held, judged=form.judged(), falls_seen=confirmed, by=person(request), at=clock.now()
            )
        except ConsequencesUnconfirmed as unconfirmed:
            falls.append(unconfirmed.falls)
            return render(request, CORRECT, context(form) | {"form": form})
        messages.success(request, _("The judgement was corrected. The earlier one stays readable."))
        return redirect("kpi:evaluation", center=center.code, year=year)

    def context(form: CorrectionForm) -> dict[str, Any]:
        return {
            "sheet": sheet,
            "year": fiscal_year(year),
            "falls": falls[0] if falls else None,
            "falls_keys": falls_key(falls[0]) if falls else [],
            "judge_url": reverse("kpi:evaluation_correct", kwargs={"center": center.code, "year": year}),
            "crumbs": _crumbs(center, year),
        }

    return form_page(
        request,
        CORRECT,
        form=lambda data, _files: CorrectionForm.of(sheet, person(request), data),
        save=save,
        context=context,
    )


@center_view(Right.REVIEW)
@step_from("kpi:evaluation")
def judge(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """The verdict. A negative one shows first what falls with it, and is given when that was confirmed."""

    def take(shown: Evaluation, **written: Any) -> HttpResponse:
        confirmed = request.POST.getlist("falls") if "confirmed" in request.POST else None
        try:
            actions.judge(verification=shown.sheet.row, **_seen(request), falls_seen=confirmed, **written)
        except ConsequencesUnconfirmed as unconfirmed:
            return _page(
                request, _found(request, center, **parts), falls=unconfirmed.falls, **_typed(request, shown)
            )
        except ValidationError as error:
            typed = _typed(request, shown)
            add_refusals(typed["judgement"], error)
            return _page(request, _found(request, center, **parts), status=400, **typed)
        messages.success(request, actions.EFFECT["judge"].says)
        return redirect("kpi:evaluation", center=center.code, **parts)

    return STEPS.answered(request, center, parts, STEPS.forms["judge"], take)


def _typed(request: HttpRequest, shown: Evaluation) -> dict[str, Any]:
    """The judgement as it was sent."""
    forms = STEPS.forms["judge"].items()
    return {name: form.of(shown.sheet, person(request), request.POST) for name, form in forms}


def _seen(request: HttpRequest) -> dict[str, Any]:
    return {"version": seen_version(request), "by": person(request), "at": clock.now()}


# -- What the pages share --


def _page(
    request: HttpRequest,
    shown: Evaluation,
    *,
    falls: Falls | None = None,
    refusal: str = "",
    status: int = 200,
    **sent: Any,
) -> HttpResponse:
    sheet, user = shown.sheet, person(request)
    row = sheet.row
    steps = STEPS.shown(request, shown, sent)
    may_write = sheet.may_begin or steps["steps"].edit
    if may_write:
        at = {"center": sheet.center.code, "year": sheet.year}
        addresses = [reverse(f"kpi:evaluation_{step}", kwargs=at) for step in ("save", "submit")]
        kept = unsent_input.kept_for(request, *addresses)
        written = {
            "form": AssessmentForm.of(sheet, user, kept),
            "decision": DecisionForm.of(sheet, user, kept),
        }
        steps |= written | sent
    context: dict[str, Any] = {
        "evaluation": shown,
        "sheet": sheet,
        "judgements": land_texts.judgement_lines(sheet.judgements),
        "changed": notice(user, sheet.center, row.unsettled) if row and row.unsettled else None,
        "has_no_grounds": sheet.judgement is not None and not resting.has_grounds(sheet.judgement),
        "confirmed_anew": resting.confirmed_anew(row) if row and row.is_settled else [],
        "may_correct": sheet.judgement is not None and allowed(user, sheet.center, Right.REVIEW),
        "judge_url": reverse(
            "kpi:evaluation_judge", kwargs={"center": sheet.center.code, "year": sheet.year}
        ),
        "may_write": may_write,
        "year": fiscal_year(sheet.year),
        "chip": verification_texts.state_chip(sheet.row, sheet.judgement) if sheet.row else "",
        "duties": [_duty(duty, sheet.center) for duty in shown.duties],
        "results": [_results(plan, sheet.year) for plan in shown.results],
        "done": initiatives.kept_in(shown.initiatives, sheet.year),
        "contributions": [
            (granted, texts.thousand_yen(granted.year.fact.amount if granted.year.fact else 0))
            for granted in shown.contributions
        ],
        "crumbs": _crumbs(sheet.center),
        "falls": falls,
        "falls_keys": falls_key(falls) if falls else [],
        "is_unsaved": any(steps[name].is_bound for name in ("form", "judgement") if name in steps),
        "refusal": refusal,
        **steps,
    }
    return render(request, "kpi/evaluation/evaluation.html", context, status=status)


def _crumbs(center: Center, year: FiscalYear | None = None) -> list[Crumb]:
    """The way down to the evaluation of a year, or to a page under it."""
    at = {"center": center.code}
    found = [Crumb(_("Verifications"), reverse("agreements:verifications", kwargs=at))]
    if year is not None:
        found.append(Crumb(fiscal_year(year), reverse("kpi:evaluation", kwargs=at | {"year": year})))
    return found


def _duty(duty: Fulfilment, center: Center) -> DutyLine:
    not_stored = ("unreported", pgettext("duty", "not stored"))
    kind, word = {
        Progress.SETTLED: ("met", pgettext("duty", "settled")),
        Progress.CORRECTED: ("warning", pgettext("duty", "corrected after the verification")),
        Progress.CHANGED: ("warning", _("Figures changed after the judgement")),
        Progress.HANDED_IN: ("active", pgettext("duty", "handed in")),
        Progress.OVERDUE: ("not-met", pgettext("duty", "overdue")),
        Progress.OPEN: ("neutral", pgettext("duty", "open")),
        Progress.NOT_STORED: not_stored,
        Progress.DRAFT: not_stored,
        Progress.DROPPED: ("neutral", pgettext("duty", "no longer asked for (amended)")),
        Progress.ENDED: ("neutral", pgettext("duty", "ended with the agreement")),
        Progress.FALLS: ("neutral", pgettext("duty", "falls with the agreement's end")),
    }[duty.progress]
    at = {
        "center": center.code,
        "year": duty.year,
        "agreement": duty.agreement.code,
        "obligation": in_address(duty.obligation.code, duty.number),
    }
    is_this_page = duty.obligation.verification == VerificationKind.EFFECT
    return DutyLine(duty, chip(kind, word), "" if is_this_page else reverse("agreements:duty", kwargs=at))


def _results(results: PlanResults, year: FiscalYear) -> Results:
    return Results(
        plan=results,
        finding=findings.finding(results.counts, plan_texts.year_label(year)),
        rows=tuple(
            ResultRow(
                code=row.indicator.code,
                name=f"{row.indicator.name}{row.indicator.printed_kind}",
                value=plan_texts.value(row.indicator, cell) if cell.actual else plan_texts.absent(cell),
                target=plan_texts.target(row.indicator, cell),
                as_of=_beside(cell),
                chip=plan_texts.verdict_chip(cell),
                note=plan_texts.verdict_note(cell),
                changed=plan_texts.moved_target(row.indicator, cell),
            )
            for row, cell in results.cells
        ),
    )


def _beside(cell: Cell) -> str:
    """As of when, how certain, and what the settlement says by now."""
    if cell.actual is None or cell.value is None:
        return ""
    return listed(filter(None, (plan_texts.as_of(cell.actual), plan_texts.beside_value(cell))))


def _gone(request: HttpRequest, center: Center, refusal: str) -> HttpResponse:
    messages.error(request, refusal)
    return redirect("agreements:verifications", center=center.code)


def _to_list(row: Verification, _result: Any) -> str:
    return reverse("agreements:verifications", args=[row.center.code])


def _state_word(shown: Evaluation) -> str:
    sheet = shown.sheet
    return verification_texts.state_word(sheet.row, sheet.judgement) if sheet.row else ""


STEPS = StepViews(
    table=actions.EFFECT,
    page="kpi:evaluation",
    find=_found,
    show=_page,
    item=lambda shown: shown.sheet.row,
    about=lambda shown: shown.sheet,
    # What the person may not read cannot be answered either.
    nothing=gettext_lazy("Nothing is handed in that could be answered."),
    state_word=_state_word,
    forms={
        "return": {"returning": ReturnForm},
        "save_judgement": {"judgement": JudgementForm},
        "judge": {"judgement": VerdictForm, "decision": DecisionForm},
    },
    onward={"discard": _to_list, "return": _to_list},
    gone=_gone,
)
