"""The steps of a statement: taken back, decided, reviewed, returned, accepted, corrected, discarded."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from finance.models import Statement
from finance.statements import actions, draft_actions, texts
from finance.statements import statements as read
from finance.statements.forms import AnswerForm, CorrectionForm, DecideForm
from finance.statements.views import address, page, shown
from iconm_portal.forms import unsent_input
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import DecisionForm, Refused, refusal_text, seen_version
from iconm_portal.settlement.step_views import step_from
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

# -- The foundation's --


@center_view(Right.KEEP)
@step_from("finance:statement")
def submit(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> HttpResponse:
    """Hand in what is saved."""
    found = shown(request, center, year, stage, revision)

    def step() -> HttpResponse:
        actions.submit(statement=found, **_seen(request), at=clock.now())
        return handed_in(request, found)

    return taken(request, found, step)


@center_view(Right.KEEP)
@step_from("finance:statement")
def take_back(
    request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int
) -> HttpResponse:
    """取下げ, before the city has opened it or the foundation has decided."""
    found = shown(request, center, year, stage, revision)

    def step() -> HttpResponse:
        actions.take_back(statement=found, **_seen(request))
        messages.success(request, _("You took the statement back. It can be changed again."))
        return redirect(address("finance:statement_entry", found))

    return taken(request, found, step)


@center_view(Right.KEEP)
@step_from("finance:statement")
def decide(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> HttpResponse:
    """The foundation decides the budget after the recorded consultation."""
    found = shown(request, center, year, stage, revision)
    form = DecideForm(request.POST, center=center, user=person(request))
    decision = DecisionForm(request.POST, today=clock.today())

    def step() -> HttpResponse:
        actions.decide(
            statement=found,
            consultation=form.cleaned_data["consultation"],
            decision=decision.decision(),
            at=clock.now(),
            **_seen(request),
        )
        messages.success(request, _("The decision was recorded. The budget holds from today on."))
        return redirect(address("finance:statement", found))

    return taken(request, found, step, decide=form, decision=decision)


@center_view(Right.KEEP)
@step_from("finance:statement")
def correct(
    request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int
) -> HttpResponse:
    """Begin a new revision of settled figures, with the reason."""
    found = shown(request, center, year, stage, revision)
    form = CorrectionForm(request.POST)

    def step() -> HttpResponse:
        made = draft_actions.start_correction(
            statement=found, reason=form.cleaned_data["reason"], by=person(request)
        )
        return redirect(address("finance:statement_entry", made))

    return taken(request, found, step, correction=form)


@center_view(Right.KEEP)
@step_from("finance:statement")
def discard(
    request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int
) -> HttpResponse:
    """Throw away a draft that was never handed in."""
    found = shown(request, center, year, stage, revision)

    def step() -> HttpResponse:
        draft_actions.discard(statement=found, **_seen(request))
        messages.success(request, _("The draft was discarded. The history keeps what it held."))
        return redirect("finance:statements", center=center.code)

    return taken(request, found, step)


# -- The city's --


@center_view(Right.REVIEW)
@step_from("finance:statement")
def open_review(
    request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int
) -> HttpResponse:
    """Begin the review; the foundation cannot take the statement back any more."""
    found = shown(request, center, year, stage, revision)

    def step() -> HttpResponse:
        actions.open_review(statement=found, **_seen(request), at=clock.now())
        return redirect(address("finance:statement", found) + "#answer")

    return taken(request, found, step)


@center_view(Right.REVIEW)
@step_from("finance:statement")
def send_back(
    request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int
) -> HttpResponse:
    """差戻し with a comment."""
    found = shown(request, center, year, stage, revision)
    form = AnswerForm(request.POST)

    def step() -> HttpResponse:
        actions.send_back(statement=found, text=form.cleaned_data["text"], at=clock.now(), **_seen(request))
        messages.success(request, _("The statement was returned to the foundation with your comment."))
        return redirect("finance:statements", center=center.code)

    return taken(request, found, step, answer=form)


@center_view(Right.REVIEW)
@step_from("finance:statement")
def accept(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> HttpResponse:
    """受理: verified by both, and settled from today on."""
    found = shown(request, center, year, stage, revision)
    form, decision = AnswerForm(request.POST), DecisionForm(request.POST, today=clock.today())

    def step() -> HttpResponse:
        actions.accept(
            statement=found,
            text=form.cleaned_data["text"],
            decision=decision.decision(),
            at=clock.now(),
            **_seen(request),
        )
        messages.success(request, _("The statement was accepted. Its figures are settled from today on."))
        return redirect(address("finance:statement", found))

    return taken(request, found, step, answer=form, decision=decision)


# -- What the steps share --


def _seen(request: HttpRequest) -> dict[str, Any]:
    return {"version": seen_version(request), "by": person(request)}


def taken(
    request: HttpRequest, found: Statement, step: Callable[[], HttpResponse], **sent: forms.Form
) -> HttpResponse:
    """What the step answers; where a form or the step is refused, the statement as it is now, with what was typed."""
    if any(form.errors for form in sent.values()):
        return page(request, found, status=400, sent=sent)
    try:
        answer = step()
    except Refused as error:
        now = read.visible(person(request), found.center).filter(pk=found.pk).first()
        state = texts.state_name(now or found)
        messages.error(request, refusal_text(error, state))
        if now is None:
            return redirect("finance:statements", center=found.center.code)
        return page(request, now, status=409, sent=sent)
    unsent_input.forget(request)
    return answer


def handed_in(request: HttpRequest, found: Statement) -> HttpResponse:
    """To the statement's page, which says what was left blank."""
    messages.success(request, _("The statement was submitted. The city sees it from now on."))
    missing = read.load(found, person(request), today=clock.today()).missing
    if missing:
        names = "、".join(account.name for account in missing)
        messages.warning(request, _("Not recorded: %(names)s") % {"names": names})
    return redirect(address("finance:statement", found))
