"""The steps that both sides take with a duty: hand in, review, settle, move the date, comment, and ask."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from agreements.duties import actions, texts
from agreements.duties.forms import (
    AnswerForm,
    AskForm,
    CommentForm,
    DecideForm,
    DocumentsForm,
    ExtensionForm,
    OwnDateForm,
)
from agreements.duties.steps import is_joint
from agreements.models import Duty, Obligation, Timing
from agreements.pages.duty_views import Forms, address, again, crumbs, stored
from iconm_portal.forms import unsent_input
from iconm_portal.forms.edited import both_versions, undecided, with_choices
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import Undecided
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import DecisionForm, Refused, add_refusals, refusal_text, seen_version
from iconm_portal.settlement.step_views import step_from
from iconm_portal.templatetags import portal
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

DutyStep = Callable[[HttpRequest, Center, Duty], HttpResponse]


def step(view: DutyStep) -> Callable[..., HttpResponse]:
    """A step that is posted for a stored duty. Whoever comes by the address alone lands on the duty's page."""

    @step_from("agreements:duty")
    @wraps(view)
    def posted(
        request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
    ) -> HttpResponse:
        return view(request, center, stored(center, year, agreement, obligation))

    return posted


@center_view(Right.SETTLE_JOINTLY)
@step
def save(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """Keep documents and the note; with the other button, hand them in as well."""

    def documents(data: QueryDict | None) -> DocumentsForm:
        return DocumentsForm(data, request.FILES, duty=found)

    form = documents(with_choices(request.POST, lambda: [documents(None)]))
    decision = DecisionForm(request.POST, today=clock.today())
    is_handing_in = "submit" in request.POST

    def take() -> str:
        if undecided(request.POST):
            raise Undecided
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

    def late() -> Forms:
        return {"documents": both_versions(request.POST, documents), "decision": decision}

    return _taken(request, center, found, take, {"documents": form, "decision": decision}, late)


@center_view(Right.SETTLE_JOINTLY)
@step
def take_back(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """取下げ."""

    def take() -> str:
        actions.take_back(duty=found, version=seen_version(request), by=person(request))
        return _("You took it back. It can be changed again.")

    return _taken(request, center, found, take)


@center_view(Right.SETTLE_JOINTLY)
@step
def open_review(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """Begin the review."""

    def take() -> str:
        actions.open_review(duty=found, version=seen_version(request), by=person(request), at=clock.now())
        return _("The review has begun. Accept or return it below.")

    return _taken(request, center, found, take)


@center_view(Right.SETTLE_JOINTLY)
@step
def send_back(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """差戻し, or declining a proposal."""
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
def accept(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """受理, or confirming a proposal."""
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
def decide(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """The foundation's decision after the consultation."""
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
def set_date(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """The parties' own date."""
    form = OwnDateForm(request.POST)

    def take() -> str:
        due_on = form.cleaned_data["due_on"]
        actions.set_own_date(duty=found, version=seen_version(request), due_on=due_on, by=person(request))
        return _("Due on %(day)s.") % {"day": portal.era_date(due_on)}

    return _taken(request, center, found, take, {"own_date": form})


@center_view(Right.SETTLE_JOINTLY)
@step
def extend(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """延長 by a confirmed consultation."""
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
def comment(request: HttpRequest, center: Center, found: Duty) -> HttpResponse:
    """A remark on what was handed in."""
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

    def save(form: AskForm) -> HttpResponse:
        made = actions.ask(
            obligation=found,
            fiscal_year=year,
            due_on=form.cleaned_data["due_on"],
            reason=form.cleaned_data["reason"],
            by=user,
            at=clock.now(),
        )
        messages.success(request, _("The request stands in the calendar."))
        return redirect(address("agreements:duty", made))

    return form_page(
        request,
        "agreements/duties/ask.html",
        form=lambda data, _files: AskForm(data),
        save=save,
        context=lambda _form: {
            "obligation": found,
            "basis": texts.basis(found),
            "year": year,
            "crumbs": crumbs(center, year),
        },
    )


def _taken(
    request: HttpRequest,
    center: Center,
    duty: Duty,
    take: Callable[[], str],
    bound: Forms | None = None,
    late: Callable[[], Forms] | None = None,
) -> HttpResponse:
    """What the step says; where it is refused, the duty as it is now with what was typed, saying why.

    `late`: the forms of what was sent too late, where they edit what is stored.
    """
    sent = bound or {}
    if not all(form.is_valid() for form in sent.values()):
        return again(request, center, duty, sent, status=400)
    try:
        said = take()
    except ValidationError as error:
        if not sent:
            messages.error(request, " ".join(error.messages))
        else:
            add_refusals(next(iter(sent.values())), error)
        return again(request, center, duty, sent, status=400)
    except Refused as error:
        duty.refresh_from_db()
        messages.error(request, refusal_text(error, duty.get_state_display()))
        return again(request, center, duty, late() if late else sent, status=409)
    unsent_input.forget(request)
    messages.success(request, said)
    return redirect(address("agreements:duty", duty))
