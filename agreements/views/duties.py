"""One duty: what obliges whom, what was handed in, and the steps that both sides take with it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements import duty_page, duty_phrases, owed, sources, todo
from agreements.actions import duties as actions
from agreements.duty_page import Page
from agreements.duty_steps import Step, is_joint
from agreements.forms.duties import (
    AnswerForm,
    AskForm,
    CommentForm,
    DecideForm,
    DocumentsForm,
    ExtensionForm,
    OwnDateForm,
)
from agreements.models import Duty, Obligation, Timing
from agreements.views.agreements import add_refusals
from iconm_portal import clock, files, typed_input
from iconm_portal.access import Right, allowed, center_view, person
from iconm_portal.crumbs import Crumb
from iconm_portal.fiscal import FiscalYear
from iconm_portal.models import Center
from iconm_portal.step_forms import DecisionForm, Refused, refusal_text, seen_version
from iconm_portal.templatetags import portal

DutyView = Callable[Concatenate[HttpRequest, Center, FiscalYear, str, str, ...], HttpResponse]
Forms = dict[str, forms.Form]


@center_view(Right.SEE_SETTLED)
@require_safe
def duty(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """What it is, where it stands, and what the person can do now."""
    return _page(request, center, _found(request, center, year, agreement, obligation))


@center_view(Right.SEE_SETTLED)
@require_safe
def download(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str, document: int
) -> HttpResponse:
    """A document that the person may read; 404 otherwise."""
    found = _stored(request, center, year, agreement, obligation)
    visible = duty_page.visible_documents(found, person(request), center)
    attached = next((one for one in visible if one.pk == document), None)
    if attached is None:
        raise Http404(document)
    return files.download(attached.file)


# -- Steps --


def step(view: DutyView) -> Callable[..., HttpResponse]:
    """A step that is posted. Whoever comes by the address alone lands on the duty's page."""

    @wraps(view)
    def posted(
        request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
    ) -> HttpResponse:
        if request.method != "POST":
            return redirect(
                "agreements:duty",
                center=center.code,
                year=year,
                agreement=agreement,
                obligation=obligation,
            )
        return view(request, center, year, agreement, obligation)

    return posted


@center_view(Right.SETTLE_JOINTLY)
@step
def save(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """Keep documents and the note; with the other button, hand them in as well."""
    found = _stored(request, center, year, agreement, obligation)
    form = DocumentsForm(request.POST, request.FILES, duty=found)
    decision = DecisionForm(request.POST, today=clock.today())
    is_handing_in = "submit" in request.POST

    def take() -> str:
        given = {
            "duty": found,
            "version": seen_version(request),
            "note": form.cleaned_data["note"],
            "documents": form.documents(),
            "by": person(request),
            "at": clock.now(),
        }
        if not is_handing_in:
            actions.save(**given)
            return _("Saved. Nothing was handed in yet.")
        actions.save_and_submit(**given, decision=decision.decision())
        joint = is_joint(found.obligation)
        return _("Your proposal is before the other side.") if joint else _("It was handed in.")

    return _taken(request, center, found, take, {"documents": form, "decision": decision})


@center_view(Right.SETTLE_JOINTLY)
@step
def take_back(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """取下げ."""
    found = _stored(request, center, year, agreement, obligation)

    def take() -> str:
        actions.take_back(duty=found, version=seen_version(request), by=person(request))
        return _("You took it back. It can be changed again.")

    return _taken(request, center, found, take)


@center_view(Right.SETTLE_JOINTLY)
@step
def open_review(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """Begin the review."""
    found = _stored(request, center, year, agreement, obligation)

    def take() -> str:
        actions.open_review(duty=found, version=seen_version(request), by=person(request), at=clock.now())
        return _("The review has begun. Accept or return it below.")

    return _taken(request, center, found, take)


@center_view(Right.SETTLE_JOINTLY)
@step
def send_back(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """差戻し, or declining a proposal."""
    found = _stored(request, center, year, agreement, obligation)
    form = AnswerForm(request.POST)

    def take() -> str:
        actions.send_back(
            duty=found,
            version=seen_version(request),
            text=form.cleaned_data["text"],
            by=person(request),
            at=clock.now(),
        )
        return _("It was returned; the other side reads why.")

    return _taken(request, center, found, take, {"answer": form})


@center_view(Right.SETTLE_JOINTLY)
@step
def accept(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """受理, or confirming a proposal."""
    found = _stored(request, center, year, agreement, obligation)
    form, decision = AnswerForm(request.POST), DecisionForm(request.POST, today=clock.today())

    def take() -> str:
        actions.accept(
            duty=found,
            version=seen_version(request),
            text=form.cleaned_data["text"],
            decision=decision.decision(),
            by=person(request),
            at=clock.now(),
        )
        joint = is_joint(found.obligation)
        return _("Both sides have agreed.") if joint else _("It was accepted and is settled from today on.")

    return _taken(request, center, found, take, {"answer": form, "decision": decision})


@center_view(Right.SETTLE_JOINTLY)
@step
def decide(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """The foundation's decision after the consultation."""
    found = _stored(request, center, year, agreement, obligation)
    form = DecideForm(request.POST, center=center, user=person(request))
    decision = DecisionForm(request.POST, today=clock.today())

    def take() -> str:
        actions.decide(
            duty=found,
            version=seen_version(request),
            consultation=form.cleaned_data["consultation"],
            decision=decision.decision(),
            by=person(request),
            at=clock.now(),
        )
        return _("The foundation's decision is recorded.")

    return _taken(request, center, found, take, {"decide": form, "decision": decision})


@center_view(Right.SETTLE_JOINTLY)
@step
def set_date(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """The parties' own date."""
    found = _stored(request, center, year, agreement, obligation)
    form = OwnDateForm(request.POST)

    def take() -> str:
        due_on = form.cleaned_data["due_on"]
        actions.set_own_date(duty=found, version=seen_version(request), due_on=due_on, by=person(request))
        return _("Due on %(day)s.") % {"day": portal.era_date(due_on)}

    return _taken(request, center, found, take, {"own_date": form})


@center_view(Right.SETTLE_JOINTLY)
@step
def extend(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """延長 by a confirmed consultation."""
    found = _stored(request, center, year, agreement, obligation)
    form = ExtensionForm(request.POST, center=center, user=person(request))

    def take() -> str:
        extension = actions.extend(
            duty=found,
            version=seen_version(request),
            due_on=form.cleaned_data["due_on"],
            reason=form.cleaned_data["reason"],
            consultation=form.cleaned_data["consultation"],
            by=person(request),
            at=clock.now(),
        )
        return _("Extended until %(day)s.") % {"day": portal.era_date(extension.due_on)}

    return _taken(request, center, found, take, {"extension": form})


@center_view(Right.SETTLE_JOINTLY)
@step
def comment(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """A remark on what was handed in."""
    found = _stored(request, center, year, agreement, obligation)
    form = CommentForm(request.POST)

    def take() -> str:
        actions.comment(duty=found, text=form.cleaned_data["text"], by=person(request), at=clock.now())
        return _("Your comment was added.")

    return _taken(request, center, found, take, {"comment": form})


@center_view(Right.SETTLE_JOINTLY)
def ask(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """Ask for what the agreement promises on request."""
    user = person(request)
    found = (
        Obligation.objects.filter(
            agreement__center=center,
            agreement__code=agreement,
            code=obligation,
            timing=Timing.ON_REQUEST,
        )
        .select_related("agreement__center", "provision")
        .first()
    )
    if found is None:
        raise Http404(obligation)
    if not actions.may_ask(found, user):
        return redirect("agreements:calendar_of_year", center=center.code, year=year)
    kept = typed_input.kept_for(request) if request.method != "POST" else None
    form = AskForm(request.POST or kept or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.ask(
                obligation=found,
                fiscal_year=year,
                due_on=form.cleaned_data["due_on"],
                reason=form.cleaned_data["reason"],
                by=user,
                at=clock.now(),
            )
        except ValidationError as error:
            add_refusals(form, error)
        else:
            typed_input.forget(request)
            messages.success(request, _("The request stands in the calendar."))
            return redirect(_address("agreements:duty", made))
    context = {
        "obligation": found,
        "basis": duty_phrases.basis(found),
        "year": year,
        "form": form,
        "crumbs": _crumbs(center, year),
    }
    status = 400 if request.method == "POST" else 200
    return render(request, "agreements/calendar/ask.html", context, status=status)


# -- What the pages share --


def _found(request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str) -> Page:
    found = duty_page.find(
        center,
        person(request),
        agreement=agreement,
        obligation=obligation,
        year=year,
        today=clock.today(),
    )
    if found is None:
        raise Http404(obligation)
    return found


def _stored(request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str) -> Duty:
    """The duty; Http404 while it is only a preview."""
    found = (
        Duty.objects.filter(
            obligation__agreement__center=center,
            obligation__agreement__code=agreement,
            obligation__code=obligation,
            fiscal_year=year,
        )
        .select_related("obligation__agreement__center", "submitted_by")
        .first()
    )
    if found is None:
        raise Http404(obligation)
    return found


def _address(name: str, duty: Duty) -> str:
    obligation = duty.obligation
    kwargs = {
        "center": obligation.agreement.center.code,
        "year": duty.fiscal_year,
        "agreement": obligation.agreement.code,
        "obligation": obligation.code,
    }
    return reverse(name, kwargs=kwargs)


def _taken(
    request: HttpRequest,
    center: Center,
    duty: Duty,
    take: Callable[[], str],
    bound: Forms | None = None,
) -> HttpResponse:
    """What the step says; where it is refused, the duty as it is now with what was typed, saying why."""
    sent = bound or {}
    if not all(form.is_valid() for form in sent.values()):
        return _again(request, center, duty, sent, status=400)
    try:
        said = take()
    except ValidationError as error:
        if not sent:
            messages.error(request, " ".join(error.messages))
        else:
            add_refusals(next(iter(sent.values())), error)
        return _again(request, center, duty, sent, status=400)
    except Refused as error:
        duty.refresh_from_db()
        messages.error(request, refusal_text(error, duty.get_state_display()))
        return _again(request, center, duty, sent, status=409)
    typed_input.forget(request)
    messages.success(request, said)
    return redirect(_address("agreements:duty", duty))


def _again(request: HttpRequest, center: Center, duty: Duty, sent: Forms, *, status: int) -> HttpResponse:
    obligation = duty.obligation
    found = _found(request, center, duty.fiscal_year, obligation.agreement.code, obligation.code)
    return _page(request, center, found, sent=sent, status=status)


def _page(
    request: HttpRequest, center: Center, found: Page, *, sent: Forms | None = None, status: int = 200
) -> HttpResponse:
    user = person(request)
    item = found.item
    typed = sent or {}
    shown = _forms(request, center, found) if item.duty else {}
    context: dict[str, Any] = {
        "page": found,
        "item": item,
        "duty": item.duty,
        "chip": duty_phrases.chip(item),
        "late": duty_phrases.late(item),
        "when": duty_phrases.when(item),
        "beside_the_date": duty_phrases.beside_the_date(item),
        "missing": duty_phrases.missing(item),
        "finding": duty_phrases.standing(item, center.side_of(user)),
        "basis": duty_phrases.basis(item.obligation),
        "bound": duty_phrases.bound(item.obligation),
        "way": duty_phrases.way(item.obligation),
        "source": sources.in_words(item.obligation.source),
        "programme_year": owed.programme_year(item.obligation, item.fiscal_year, item.first_due),
        "can_store": not item.is_stored and item.is_concluded and allowed(user, center, Right.SETTLE_JOINTLY),
        "verification_url": todo.address_of(item, center) if item.obligation.verification else "",
        "sees_steps": allowed(user, center, Right.SEE_SUBMITTED),
        "is_joint": is_joint(item.obligation),
        "can": {one.name.lower(): one in found.steps for one in Step},
        "forms": shown | typed,
        "was_kept": any(form.is_bound for form in shown.values()) and not typed,
        "crumbs": _crumbs(center, item.fiscal_year),
    }
    return render(request, "agreements/calendar/duty.html", context, status=status)


def _forms(request: HttpRequest, center: Center, found: Page) -> Forms:
    """A form for each step that the person can take, with what they had typed when their session ended."""
    duty, user = found.item.duty, person(request)
    assert duty is not None  # noqa: S101 - asked for stored ones only

    def kept(name: str) -> Any:
        return typed_input.kept_for(request, _address(name, duty))

    made: dict[Step, Callable[[], tuple[str, forms.Form]]] = {
        Step.SAVE: lambda: ("documents", DocumentsForm(kept("agreements:duty_save"), duty=duty)),
        Step.SET_DATE: lambda: ("own_date", OwnDateForm(kept("agreements:duty_date"))),
        Step.EXTEND: lambda: (
            "extension",
            ExtensionForm(kept("agreements:duty_extend"), center=center, user=user),
        ),
        Step.ACCEPT: lambda: (
            "answer",
            AnswerForm(kept("agreements:duty_accept") or kept("agreements:duty_return")),
        ),
        Step.DECIDE: lambda: ("decide", DecideForm(kept("agreements:duty_decide"), center=center, user=user)),
        Step.COMMENT: lambda: ("comment", CommentForm(kept("agreements:duty_comment"))),
    }
    shown = dict(make() for one, make in made.items() if one in found.steps)
    return shown | {"decision": DecisionForm(today=clock.today())}


def _crumbs(center: Center, year: FiscalYear) -> list[Crumb]:
    url = reverse("agreements:calendar_of_year", kwargs={"center": center.code, "year": year})
    return [Crumb(_("Calendar"), url)]
