"""How an agreement ends: a notice, its withdrawal, the ending that one side proposes and the other confirms."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.instruments import actions as notices
from agreements.instruments import consequences, labels, texts
from agreements.instruments import ending_actions as actions
from agreements.instruments import steps as instrument_steps
from agreements.instruments.agreements import Entry, Register
from agreements.instruments.forms import DeclineForm, EndingForm, NoticeForm
from agreements.models import ConsultationType, Ending
from agreements.pages.agreement_views import address, agreement_page, crumbs, shown
from iconm_portal.forms import unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center, ProposalState
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import Refused, add_refusals, refusal_text, seen_version
from iconm_portal.settlement.step_views import step_from
from iconm_portal.values import clock

# Notices


@center_view(Right.SETTLE_JOINTLY)
def notice(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """解約の申し出 by the person's side."""
    found, entry = shown(request, center, agreement)
    page = address("agreements:agreement", center, entry.agreement)
    if request.method != "POST" and not instrument_steps.steps(entry, person(request)).give_notice:
        return redirect(page)

    def save(form: NoticeForm) -> HttpResponse:
        notices.give_notice(
            agreement=entry.agreement,
            given_on=form.cleaned_data["given_on"],
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The notice of termination was recorded. The parties now consult."))
        return redirect(page)

    return form_page(
        request,
        "agreements/instruments/notice.html",
        form=lambda data, _files: NoticeForm(data, today=clock.today()),
        save=save,
        context=lambda _form: {
            "agreement": entry.agreement,
            "side": texts.side(found.center.side_of(person(request)) or ""),
            "falls": _falls(found, entry, clock.today()),
            "crumbs": crumbs(found.center, entry.agreement),
        },
    )


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:agreement")
def withdraw_notice(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The side that gave the notice withdraws it."""
    _found, entry = shown(request, center, agreement)
    try:
        notices.withdraw_notice(agreement=entry.agreement, by=person(request), at=clock.now())
    except Refused as error:
        return refused(request, center, agreement, error)
    messages.success(request, _("The notice was withdrawn. The agreement goes on."))
    return redirect(address("agreements:agreement", center, entry.agreement))


# Endings


@center_view(Right.SETTLE_JOINTLY)
def ending(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """What would end and fall, before anyone proposes or confirms it."""
    found, entry = shown(request, center, agreement)
    if request.method != "POST":
        steps = instrument_steps.steps(entry, person(request))
        if not (steps.propose_ending or steps.answer_ending or steps.take_back_ending):
            return redirect(address("agreements:agreement", center, entry.agreement))
        kept = unsent_input.kept_for(request)
        return _page(request, found, entry, form=_form(entry, kept) if kept else None)
    form = _form(entry, request.POST)
    if not form.is_valid():
        return _page(request, found, entry, form=form, status=400)
    try:
        actions.propose(
            agreement=entry.agreement,
            ends_on=form.cleaned_data["ends_on"],
            consultation=form.cleaned_data["consultation"],
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
            by=person(request),
            at=clock.now(),
        )
    except ValidationError as error:
        add_refusals(form, error)
        return _page(request, found, entry, form=form, status=400)
    except Refused as error:
        found, now = shown(request, center, agreement)
        return _page(request, found, now, refusal=_said(error, now), typed=request.POST, status=409)
    unsent_input.forget(request)
    messages.success(request, _("The ending was proposed. It takes effect once the other side confirms it."))
    return redirect(address("agreements:agreement", center, entry.agreement))


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:ending")
def confirm(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The other side agrees, having seen what falls."""

    def step(proposed: Ending) -> str:
        actions.confirm(ending=proposed, version=seen_version(request), by=person(request), at=clock.now())
        return _("The ending is agreed.")

    return _taken(request, center, agreement, step)


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:ending")
def decline(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The other side does not agree, and says why."""
    form = DeclineForm(request.POST)
    if not form.is_valid():
        found, entry = shown(request, center, agreement)
        return _page(request, found, entry, decline_form=form, status=400)

    def step(proposed: Ending) -> str:
        actions.decline(
            ending=proposed,
            version=seen_version(request),
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        return _("The ending was declined; the other side reads why.")

    return _taken(request, center, agreement, step)


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:ending")
def take_back(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """取下げ, as long as the other side has not answered."""

    def step(proposed: Ending) -> str:
        actions.take_back(ending=proposed, version=seen_version(request), by=person(request))
        return _("You took the proposal back.")

    return _taken(request, center, agreement, step)


def _taken(
    request: HttpRequest, center: Center, agreement: str, step: Callable[[Ending], str]
) -> HttpResponse:
    """What the step says; where it is refused, the page as it is now, saying why (409)."""
    found, entry = shown(request, center, agreement)
    if entry.ending is None:
        return refused(request, center, agreement, None)
    try:
        said = step(entry.ending)
    except Refused as error:
        found, now = shown(request, center, agreement)
        return _page(request, found, now, refusal=_said(error, now), typed=request.POST, status=409)
    unsent_input.forget(request)
    messages.success(request, said)
    return redirect(address("agreements:agreement", center, entry.agreement))


def refused(request: HttpRequest, center: Center, agreement: str, error: Exception | None) -> HttpResponse:
    """The agreement as it is now, saying why the step was not taken."""
    found, now = shown(request, center, agreement)
    said = _said(error, now) if error else _("No ending is proposed any more.")
    messages.error(request, said)
    return agreement_page(request, found, now, status=409)


def _said(error: Exception, entry: Entry) -> str:
    ending = entry.ending
    return refusal_text(error, ending.get_state_display() if ending else str(labels.STATE[entry.state]))


def _form(entry: Entry, data: QueryDict | None) -> EndingForm:
    ending = entry.ending
    stored = (
        {
            "ends_on": ending.ends_on,
            "consultation": ending.consultation_id,
            "reason": ending.reason,
            "version": ending.version,
        }
        if ending is not None and ending.state == ProposalState.DRAFT
        else {}
    )
    return EndingForm(data, agreement=entry.agreement, initial=stored)


def _falls(found: Register, entry: Entry, last_day: date) -> consequences.Falls:
    return consequences.falls_with(entry.agreement, last_day=last_day, day=found.day, known=found)


def _page(
    request: HttpRequest,
    found: Register,
    entry: Entry,
    *,
    form: EndingForm | None = None,
    decline_form: DeclineForm | None = None,
    refusal: str = "",
    typed: QueryDict | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or _form(entry, None)
    proposed = entry.ending if entry.ending and entry.ending.state != ProposalState.DRAFT else None
    typed_day = form.cleaned_data.get("ends_on") if form.is_bound and hasattr(form, "cleaned_data") else None
    last_day = proposed.ends_on if proposed else typed_day or found.day
    record = reverse("agreements:consultation_new", kwargs={"center": found.center.code})
    context = {
        "entry": entry,
        "agreement": entry.agreement,
        "proposed": proposed,
        "proposed_side": texts.side(proposed.proposed_side) if proposed else "",
        "falls": _falls(found, entry, last_day),
        "form": form,
        "decline_form": decline_form
        or DeclineForm(
            unsent_input.kept_for(
                request, address("agreements:ending_decline", found.center, entry.agreement)
            )
        ),
        "has_consultations": form.fields["consultation"].queryset.exists(),  # type: ignore[attr-defined]
        "record_url": f"{record}?type={ConsultationType.TERMINATE}&agreement={entry.agreement.code}",
        "steps": instrument_steps.steps(entry, person(request)),
        "refusal": refusal,
        "typed": [text for name in ("reason",) if typed and (text := typed.get(name, ""))],
        "crumbs": crumbs(found.center, entry.agreement),
    }
    return render(request, "agreements/instruments/ending.html", context, status=status)
