"""How an agreement ends: a notice, its withdrawal, the ending that one side proposes and the other confirms."""

from collections.abc import Mapping
from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.endings import consequences
from agreements.instruments import actions as notices
from agreements.instruments import ending_actions as actions
from agreements.instruments import labels
from agreements.instruments import steps as instrument_steps
from agreements.instruments.addresses import address, crumbs, shown
from agreements.instruments.agreements import AgreementOnDay, AgreementsOnDay
from agreements.instruments.forms import EndingForm, NoticeForm
from agreements.models import ConsultationType
from agreements.pages.agreement_views import agreement_page
from iconm_portal.forms import unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import Refused, add_refusals, refusal_text
from iconm_portal.models import Center, ProposalState
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement import texts
from iconm_portal.settlement.step_views import StepViews, step_from
from iconm_portal.values import clock

# Notices


@center_view(Right.SETTLE_JOINTLY)
def notice(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """解約の申出 by the person's side."""
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
        "agreements/pages/endings/notice.html",
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
        return _refused(request, center, agreement, error)
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
        return _page(request, found, now, refusal=refusal_text(error, _state_word(now)), status=409)
    unsent_input.forget(request)
    messages.success(request, _("The ending was proposed. It takes effect once the other side confirms it."))
    return redirect(address("agreements:agreement", center, entry.agreement))


def _refused(request: HttpRequest, center: Center, agreement: str, error: Exception) -> HttpResponse:
    """The agreement as it is now, saying why the step was not taken."""
    found, now = shown(request, center, agreement)
    return agreement_page(request, found, now, refusal=refusal_text(error, _state_word(now)), status=409)


def _state_word(entry: AgreementOnDay) -> str:
    return str(
        entry.ending.get_state_display() if entry.ending else labels.state_word(entry.facts, entry.day)
    )


def _form(entry: AgreementOnDay, data: QueryDict | None) -> EndingForm:
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


def _falls(found: AgreementsOnDay, entry: AgreementOnDay, last_day: date) -> consequences.Falls:
    return consequences.falls_with(entry.agreement, last_day=last_day, day=found.day, known=found)


def _page(
    request: HttpRequest,
    found: AgreementsOnDay,
    entry: AgreementOnDay,
    *,
    form: EndingForm | None = None,
    refusal: str = "",
    status: int = 200,
    sent: Mapping[str, Form] | None = None,
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
        **STEPS.shown(request, (found, entry), sent or {}),
        "has_consultations": form.fields["consultation"].queryset.exists(),  # type: ignore[attr-defined]
        "record_url": f"{record}?type={ConsultationType.TERMINATE}&agreement={entry.agreement.code}",
        "steps": instrument_steps.steps(entry, person(request)),
        "refusal": refusal,
        "typed": [text] if refusal and sent is None and (text := request.POST.get("reason", "")) else [],
        "crumbs": crumbs(found.center, entry.agreement),
    }
    return render(request, "agreements/pages/endings/ending.html", context, status=status)


def _step_page(
    request: HttpRequest,
    place: tuple[AgreementsOnDay, AgreementOnDay],
    *,
    refusal: str = "",
    status: int = 200,
    **sent: Form,
) -> HttpResponse:
    """The ending, or the agreement where none is proposed any more."""
    found, entry = place
    if entry.ending is None:
        return agreement_page(request, found, entry, refusal=refusal, status=status)
    return _page(request, found, entry, refusal=refusal, status=status, sent=sent)


STEPS = StepViews(
    table=actions.STEPS,
    page="agreements:ending",
    after="agreements:agreement",
    find=shown,
    show=_step_page,
    item=lambda place: place[1].ending,
    nothing=gettext_lazy("No ending is proposed any more."),
    state_word=lambda place: _state_word(place[1]),
)
