"""One duty: what obliges whom, where it stands, what was handed in, and its steps; and asking for one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.duties import actions, due_rules, duty_page, programme_actions, texts
from agreements.duties.duty_page import DutyPage
from agreements.duties.forms import (
    AnswerForm,
    AskForm,
    CommentForm,
    DecideForm,
    DocumentsForm,
    ExtensionForm,
    OwnDateForm,
)
from agreements.duties.items import Item
from agreements.duties.parties import is_joint
from agreements.instruments import sources
from agreements.models import Duty, Obligation, Timing, VerificationKind
from agreements.models.duties import from_address
from agreements.pages import todo
from agreements.verifications import verification
from iconm_portal.forms import files, unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.review import Decision
from iconm_portal.settlement.step_forms import DecisionForm, seen_version
from iconm_portal.settlement.step_views import StepViews, step_from
from iconm_portal.site.crumbs import Crumb
from iconm_portal.standing import deeds
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


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


# -- Beside the table of steps --


@center_view(Right.SETTLE_JOINTLY)
def store(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """Store this one duty, and go on with it. Opening its page never does."""
    code, number = from_address(obligation)
    rows = Obligation.objects.filter(agreement__center=center, agreement__code=agreement, code=code)
    found = rows.select_related("agreement__center").first()
    if found is None or number > 1:
        raise Http404(obligation)
    page = reverse(
        "agreements:duty",
        kwargs={"center": center.code, "year": year, "agreement": agreement, "obligation": code},
    )
    if request.method == "POST":
        try:
            made = programme_actions.store(
                obligation=found, fiscal_year=year, by=person(request), at=clock.now()
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("“%(duty)s” is stored.") % {"duty": made.history_label()})
    return redirect(page)


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:duty")
def save(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """Keep documents and the note; with the other button, hand them in as well."""

    def take(duty: Duty, *, decision: Decision, **given: Any) -> HttpResponse:
        given |= {"duty": duty, "version": seen_version(request), "by": person(request), "at": clock.now()}
        if "submit" in request.POST:
            handed_in = actions.save_and_submit(**given, decision=decision)
            messages.success(request, actions.STEPS["submit"].says(handed_in, handed_in))
        else:
            actions.save(**given)
            messages.success(request, _("Saved. Nothing was handed in yet."))
        return redirect(address("agreements:duty", duty))

    return STEPS.answered(request, center, parts, STEPS.forms["save"], take)


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:duty")
def comment(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """A remark on what was handed in."""

    def take(duty: Duty, *, text: str) -> HttpResponse:
        actions.comment(duty=duty, text=text, by=person(request), at=clock.now())
        messages.success(request, _("Your comment was added."))
        return redirect(address("agreements:duty", duty))

    return STEPS.answered(request, center, parts, {"comment": CommentForm}, take)


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
    if not programme_actions.may_ask(found, user):
        return redirect("agreements:calendar_of_year", center=center.code, year=year)

    def save(form: AskForm) -> HttpResponse:
        made = programme_actions.ask(
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


# -- What the pages and the steps share --


def _found(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> DutyPage:
    found = duty_page.find(
        center,
        person(request),
        agreement=agreement,
        place=obligation,
        year=year,
        today=clock.today(),
    )
    if found is None:
        raise Http404(obligation)
    return found


def _stored(request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str) -> Duty:
    """The duty; Http404 while it is only a preview."""
    code, number = from_address(obligation)
    found = (
        Duty.objects.filter(
            obligation__agreement__center=center,
            obligation__agreement__code=agreement,
            obligation__code=code,
            fiscal_year=year,
            number=number,
        )
        .select_related("obligation__agreement__center", "submitted_by")
        .first()
    )
    if found is None:
        raise Http404(obligation)
    return found


def address(name: str, duty: Duty) -> str:
    """The address of a duty's page or of a step."""
    obligation = duty.obligation
    kwargs = {
        "center": obligation.agreement.center.code,
        "year": duty.fiscal_year,
        "agreement": obligation.agreement.code,
        "obligation": duty.place,
    }
    return reverse(name, kwargs=kwargs)


def _again(
    request: HttpRequest, duty: Duty, *, status: int = 200, refusal: str = "", **sent: forms.Form
) -> HttpResponse:
    """The duty as it is now, with what was sent."""
    obligation = duty.obligation
    if refusal:
        messages.error(request, refusal)
    center = duty.center
    found = _found(request, center, duty.fiscal_year, obligation.agreement.code, duty.place)
    return _page(request, center, found, status=status, **sent)


def _page(
    request: HttpRequest, center: Center, found: DutyPage, *, status: int = 200, **sent: forms.Form
) -> HttpResponse:
    user, item = person(request), found.item
    # Nothing is asked for once a verification or a deed has settled it, or its agreement has ended; what was handed in
    # before is still answered.
    is_left = item.duty is not None and item.duty.is_under_review and (item.deed is not None or item.is_ended)
    open_duty = item.duty if is_left or not item.status.is_over else None
    steps = STEPS.shown(request, open_duty, sent)
    if open_duty and actions.may_comment(open_duty, user):
        kept = unsent_input.kept_for(request, address("agreements:duty_comment", open_duty))
        steps["comment"] = sent.get("comment") or CommentForm(kept)
    context: dict[str, Any] = {
        "page": found,
        "item": item,
        "duty": item.duty,
        "chip": texts.chip(item),
        "late": texts.late(item),
        "when": texts.when(item),
        "beside_the_date": texts.beside_the_date(item),
        "amended": texts.amended(item),
        "missing": texts.missing(item),
        "finding": texts.standing(item, center.side_of(user)),
        "basis": texts.basis(item.obligation),
        "bound": texts.bound(item.obligation),
        "way": texts.way(item.obligation),
        "source": sources.in_words(item.obligation.source),
        "programme_year": due_rules.programme_year(item.obligation, item.fiscal_year, item.first_due),
        "concerns": texts.concerns(item),
        "fulfilled": texts.fulfilled(item) if item.deed else "",
        "verified_anew": texts.fulfilled(item) if item.verified_anew_on else "",
        "fulfilled_by": texts.fulfilled_by(item.obligation),
        "fulfilled_where": _where(center, item),
        "can_store": not item.is_stored
        and not item.status.is_over
        and item.is_concluded
        and allowed(user, center, Right.SETTLE_JOINTLY),
        "verification_url": _verification_address(user, center, item),
        "sees_steps": allowed(user, center, Right.SEE_SUBMITTED),
        "is_joint": is_joint(item.obligation),
        "was_kept": not sent
        and any(isinstance(form, forms.Form) and form.is_bound for form in steps.values()),
        "crumbs": crumbs(center, item.fiscal_year),
        **steps,
    }
    return render(request, "agreements/duties/duty.html", context, status=status)


def _where(center: Center, item: Item) -> str:
    """Where the deed is, or is to be done, that fulfils the duty; empty where none does."""
    kind = deeds.kind(item.obligation.deed)
    return item.deed.url if item.deed else kind.page(center) if kind and not item.is_settled else ""


def _verification_address(user: User, center: Center, item: Item) -> str:
    """The verification that fulfils the duty; empty where the person would find no page there yet."""
    if not item.obligation.verification:
        return ""
    kind = VerificationKind(item.obligation.verification)
    there = verification.sheet(user, center, kind, item.fiscal_year, today=clock.today())
    return todo.address_of(item, center) if there else ""


def crumbs(center: Center, year: FiscalYear) -> list[Crumb]:
    """The way down to a duty of the year."""
    url = reverse("agreements:calendar_of_year", kwargs={"center": center.code, "year": year})
    return [Crumb(_("Calendar"), url)]


STEPS = StepViews(
    table=actions.STEPS,
    page="agreements:duty",
    find=_stored,
    show=_again,
    forms={
        "save": {"documents": DocumentsForm, "decision": DecisionForm},
        "return": {"answer": AnswerForm},
        "accept": {"answer": AnswerForm, "decision": DecisionForm},
        "decide": {"decide": DecideForm, "decision": DecisionForm},
        "date": {"own_date": OwnDateForm},
        "extend": {"extension": ExtensionForm},
    },
    fields_refuse=True,
)
