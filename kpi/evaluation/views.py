"""The yearly 効果検証: the foundation assesses itself under each criterion, the city judges whether the land stays free."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from agreements.duties.duty_status import Fulfilment, Progress
from agreements.instruments.consequences import Falls
from agreements.models import Verdict, Verification, VerificationKind
from agreements.support import texts
from agreements.verifications import actions
from agreements.verifications import texts as verification_texts
from agreements.verifications.actions import ConsequencesUnconfirmed
from agreements.verifications.forms import AssessmentForm, JudgementForm, ReturnForm
from agreements.verifications.verification import Sheet
from iconm_portal.forms import unsent_input
from iconm_portal.forms.edited import both_versions, sent
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import DecisionForm, add_refusals, refusal_text, seen_version
from iconm_portal.settlement.step_views import step_on
from iconm_portal.site.crumbs import Crumb
from iconm_portal.templatetags.portal import chip, fiscal_year
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.evaluation import evaluation
from kpi.evaluation.evaluation import Evaluation, PlanResults
from kpi.initiatives import initiatives
from kpi.plans import findings
from kpi.plans import texts as plan_texts

Form = TypeVar("Form", AssessmentForm, JudgementForm)


@dataclass(frozen=True, slots=True)
class ResultRow:
    """An indicator's result in the year, in words."""

    code: str
    name: str
    value: str
    target: str
    as_of: str
    chip: SafeString


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


def _sheet(request: HttpRequest, center: Center, year: FiscalYear) -> Sheet:
    return _found(request, center, year).sheet


def _refused(request: HttpRequest, sheet: Sheet, error: Exception) -> HttpResponse:
    """The page as it is now with what was typed, and why the step was not taken."""
    now = evaluation.load(person(request), sheet.center, sheet.year, today=clock.today())
    row = now.sheet.row if now else None
    refusal = refusal_text(error, verification_texts.state_word(row) if row else "")
    if now is None:
        messages.error(request, refusal)
        return redirect("agreements:verifications", center=sheet.center.code)
    return _page(request, now, refusal=refusal, status=409)


_step = step_on("kpi:evaluation", _sheet, _refused)


# -- The foundation's side --


@center_view(Right.KEEP)
@_step
def save(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Keep the self-assessment as far as it is written; the first save begins it."""
    form = sent(request.POST, partial(_assessment, sheet))
    if not form.is_valid():
        return _again(request, sheet, status=400)
    actions.save_draft(**_written(request, sheet, form))
    unsent_input.forget(request)
    messages.success(request, _("The draft was saved."))
    return _back(sheet)


@center_view(Right.KEEP)
@_step
def submit(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Save the self-assessment and hand it to the city, both or neither."""
    form = sent(request.POST, partial(_assessment, sheet))
    decision = DecisionForm(request.POST, today=clock.today())
    if not form.is_valid() or not decision.is_valid():
        return _again(request, sheet, status=400)
    actions.save_and_submit(**_written(request, sheet, form), decision=decision.decision())
    unsent_input.forget(request)
    messages.success(request, _("The self-assessment was handed in to the city."))
    return _back(sheet)


@center_view(Right.KEEP)
@_step
def take_back(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """取下げ, before the city has begun its judgement."""
    actions.take_back(verification=_row(sheet), version=seen_version(request), by=person(request))
    messages.success(request, _("You took it back. It can be changed again."))
    return _back(sheet)


@center_view(Right.KEEP)
@_step
def discard(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Throw away a draft that was never handed in."""
    actions.discard(
        verification=_row(sheet), version=seen_version(request), by=person(request), at=clock.now()
    )
    messages.success(request, _("The draft was discarded. The history keeps what it held."))
    return redirect("agreements:verifications", center=sheet.center.code)


def _written(request: HttpRequest, sheet: Sheet, form: AssessmentForm) -> dict[str, Any]:
    return {
        "center": sheet.center,
        "kind": VerificationKind.EFFECT,
        "fiscal_year": sheet.year,
        "version": seen_version(request),
        "result": form.cleaned_data["result"],
        "self_assessments": form.texts(),
        "by": person(request),
        "at": clock.now(),
    }


# -- The city's side --


@center_view(Right.REVIEW)
@_step
def open_review(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Begin the judgement; the foundation cannot take its self-assessment back any more."""
    actions.open_review(
        verification=_row(sheet), version=seen_version(request), by=person(request), at=clock.now()
    )
    return _back(sheet)


@center_view(Right.REVIEW)
@_step
def send_back(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """差戻し with a comment."""
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _again(request, sheet, returning=form, status=400)
    actions.send_back(
        verification=_row(sheet),
        version=seen_version(request),
        comment=form.cleaned_data["comment"],
        by=person(request),
        at=clock.now(),
    )
    unsent_input.forget(request)
    messages.success(request, _("It was returned with your comment."))
    return redirect("agreements:verifications", center=sheet.center.code)


@center_view(Right.REVIEW)
@_step
def save_judgement(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """Keep the judgement as far as it is written."""
    form = sent(request.POST, partial(_judgement, sheet))
    if not form.is_valid():
        return _again(request, sheet, judgement=form, status=400)
    actions.save_judgement(
        verification=_row(sheet),
        version=seen_version(request),
        judgements=form.texts(),
        follow_up=form.cleaned_data["follow_up"],
        by=person(request),
    )
    unsent_input.forget(request)
    messages.success(request, _("The judgement was saved as far as it is written."))
    return _back(sheet)


@center_view(Right.REVIEW)
@_step
def judge(request: HttpRequest, sheet: Sheet) -> HttpResponse:
    """The verdict. A negative one shows first what falls with it, and is given when that was confirmed."""
    form = sent(request.POST, partial(_judgement, sheet, needs_verdict=True))
    decision = DecisionForm(request.POST, today=clock.today())
    if not form.is_valid() or not decision.is_valid():
        return _again(request, sheet, judgement=form, decision=decision, status=400)
    confirmed = request.POST.getlist("falls") if "confirmed" in request.POST else None
    try:
        actions.judge(
            verification=_row(sheet),
            version=seen_version(request),
            verdict=Verdict(form.cleaned_data["verdict"]),
            judgements=form.texts(),
            follow_up=form.cleaned_data["follow_up"],
            falls_seen=confirmed,
            by=person(request),
            at=clock.now(),
            decision=decision.decision(),
        )
    except ConsequencesUnconfirmed as unconfirmed:
        context = {"falls": unconfirmed.falls, "falls_keys": actions.falls_key(unconfirmed.falls)}
        return _again(request, sheet, judgement=form, decision=decision, **context)
    except ValidationError as error:
        add_refusals(form, error)
        return _again(request, sheet, judgement=form, decision=decision, status=400)
    unsent_input.forget(request)
    messages.success(request, _("The verdict is settled, and known from today on."))
    return _back(sheet)


# -- What the pages share --


def _row(sheet: Sheet) -> Verification:
    """The row of a step that needs one; what the person may not read cannot be answered either."""
    if sheet.row is None:
        raise ValidationError(_("Nothing is handed in that could be answered."))
    return sheet.row


def _back(sheet: Sheet) -> HttpResponse:
    return redirect("kpi:evaluation", center=sheet.center.code, year=sheet.year)


def _again(request: HttpRequest, sheet: Sheet, **more: Any) -> HttpResponse:
    return _page(request, _found(request, sheet.center, sheet.year), **more)


def _page(
    request: HttpRequest,
    shown: Evaluation,
    *,
    judgement: JudgementForm | None = None,
    returning: ReturnForm | None = None,
    decision: DecisionForm | None = None,
    falls: Falls | None = None,
    falls_keys: list[str] | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    sheet = shown.sheet
    typed = _typed(request, sheet)
    context: dict[str, Any] = {
        "evaluation": shown,
        "sheet": sheet,
        "year": fiscal_year(sheet.year),
        "chip": verification_texts.state_chip(sheet.row) if sheet.row else "",
        "duties": [_duty(duty, sheet.center) for duty in shown.duties],
        "results": [_results(plan, sheet.year) for plan in shown.results],
        "done": initiatives.kept_in(shown.initiatives, sheet.year),
        "contributions": [
            (granted, texts.thousand_yen(granted.year.fact.amount if granted.year.fact else 0))
            for granted in shown.contributions
        ],
        "crumbs": [
            Crumb(
                _("Verifications"),
                reverse("agreements:verifications", kwargs={"center": sheet.center.code}),
            )
        ],
        "returning": returning or ReturnForm(request.POST if "comment" in request.POST else None),
        "decision": decision or DecisionForm(typed, today=clock.today()),
        "falls": falls,
        "falls_keys": falls_keys or [],
        "is_unsaved": typed is not None,
        "refusal": refusal,
    }
    if sheet.steps.edit:
        context["form"] = _shown(partial(_assessment, sheet), typed, status)
    if sheet.steps.answer:
        context["judgement"] = judgement or _shown(partial(_judgement, sheet), typed, status)
    return render(request, "kpi/evaluation/evaluation.html", context, status=status)


def _shown(make: Callable[[QueryDict | None], Form], typed: QueryDict | None, status: int) -> Form:
    """Of what was sent too late, with both versions."""
    return both_versions(typed, make) if typed is not None and status == 409 else make(typed)


def _assessment(sheet: Sheet, data: QueryDict | None) -> AssessmentForm:
    stored = {"result": sheet.row.result if sheet.row else "", "version": sheet.version}
    return AssessmentForm(sheet.headings, data, initial=stored)


def _judgement(sheet: Sheet, data: QueryDict | None, *, needs_verdict: bool = False) -> JudgementForm:
    stored = {"follow_up": sheet.row.follow_up if sheet.row else "", "version": sheet.version}
    return JudgementForm(sheet.headings, data, initial=stored, needs_verdict=needs_verdict)


def _typed(request: HttpRequest, sheet: Sheet) -> Any:
    """What was sent to a step of this page and not kept: now, or before the session ended."""
    if request.method == "POST":
        return request.POST if sheet.headings and sheet.headings[0].criterion.code in request.POST else None
    at = {"center": sheet.center.code, "year": sheet.year}
    steps = ("save", "submit") if sheet.steps.edit else ("save_judgement", "judge")
    return unsent_input.kept_for(request, *(reverse(f"kpi:evaluation_{step}", kwargs=at) for step in steps))


def _duty(duty: Fulfilment, center: Center) -> DutyLine:
    not_stored = ("unreported", pgettext("duty", "not stored"))
    kind, word = {
        Progress.SETTLED: ("met", pgettext("duty", "settled")),
        Progress.HANDED_IN: ("active", pgettext("duty", "handed in")),
        Progress.OVERDUE: ("not-met", pgettext("duty", "overdue")),
        Progress.OPEN: ("neutral", pgettext("duty", "open")),
        Progress.NOT_STORED: not_stored,
        Progress.DRAFT: not_stored,
    }[duty.progress]
    at = {
        "center": center.code,
        "year": duty.year,
        "agreement": duty.agreement.code,
        "obligation": duty.obligation.code,
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
                as_of=plan_texts.as_of(cell.actual) if cell.actual and cell.value is not None else "",
                chip=plan_texts.chip(cell.band),
            )
            for row, cell in results.cells
        ),
    )
