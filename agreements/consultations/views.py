"""Consultations: recorded by one side, confirmed or declined by the other."""

from typing import Any, assert_never

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from agreements.consultations import actions
from agreements.consultations import consultations as read
from agreements.consultations.forms import ConsultationForm
from agreements.models import Consultation, ConsultationType
from iconm_portal.display.tables import ROWS_PER_PAGE
from iconm_portal.forms import files
from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center, ProposalState
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement import texts
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock


class FilterForm(forms.Form):
    """Which consultations are listed."""

    type = forms.ChoiceField(choices=[("", ""), *ConsultationType.choices], required=False)
    agreement = forms.SlugField(required=False)


@center_view(Right.SEE_SETTLED)
@require_safe
def consultations(request: HttpRequest, center: Center) -> HttpResponse:
    """All that the person may know of, the latest first."""
    user = person(request)
    choice = FilterForm(request.GET)
    chosen = choice.cleaned_data if choice.is_valid() else {}
    found = read.visible(user, center)
    if chosen.get("type"):
        found = found.filter(type=chosen["type"])
    if chosen.get("agreement"):
        found = found.filter(agreement__code=chosen["agreement"])
    page = Paginator(found, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    waiting = list(read.to_answer(center, user))
    context = {
        "page": page,
        "rows": [(row, texts.proposal_chip(row.state)) for row in page],
        "finding": _finding(
            page.paginator.count, len(waiting), sees_all=allowed(user, center, Right.SEE_SUBMITTED)
        ),
        "waiting": waiting,
        "types": ConsultationType.choices,
        "chosen": chosen,
        "more": f"&type={chosen.get('type', '')}&agreement={chosen.get('agreement', '')}",
        "agreements": center.agreements.values_list("code", "short_title"),
        "can_record": allowed(user, center, Right.SETTLE_JOINTLY),
    }
    return render(request, "agreements/consultations/list.html", context)


def _finding(number: int, waiting: int, *, sees_all: bool) -> str:
    """Whoever only looks is told of what both sides confirmed."""
    total = (
        ngettext("%(count)s consultation is recorded.", "%(count)s consultations are recorded.", number)
        if sees_all
        else ngettext(
            "%(count)s consultation is confirmed by both sides.",
            "%(count)s consultations are confirmed by both sides.",
            number,
        )
    ) % {"count": number}
    if not waiting:
        return total
    return total + ngettext(
        " %(count)s waits for your side's answer.", " %(count)s wait for your side's answer.", waiting
    ) % {"count": waiting}


@center_view(Right.SETTLE_JOINTLY)
def new(request: HttpRequest, center: Center) -> HttpResponse:
    """Record a talk, and put it before the other side."""
    asked = {name: request.GET[name] for name in ("type", "agreement") if name in request.GET}

    def save(form: ConsultationForm) -> HttpResponse:
        made = actions.record(center=center, **_written(request, form))
        messages.success(request, _("The consultation was recorded. The other side is asked to confirm it."))
        return redirect(address("agreements:consultation", made))

    return form_page(
        request,
        "agreements/consultations/form.html",
        form=lambda data, sent: _form(center, data, sent, initial=asked),
        save=save,
        context=lambda _form: {"crumbs": _crumbs(center)},
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def consultation(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """One talk: what it settled, and who confirmed it."""
    return _page(request, _found(request, center, number))


@center_view(Right.SETTLE_JOINTLY)
def edit(request: HttpRequest, center: Center, number: int) -> HttpResponse:
    """Correct what was taken back or declined, and put it forward again."""
    found = _found(request, center, number)
    if request.method != "POST" and not actions.STEPS.possible(found, person(request)).edit:
        return redirect(address("agreements:consultation", found))

    def save(form: ConsultationForm) -> HttpResponse:
        actions.change(consultation=found, version=form.cleaned_data["version"], **_written(request, form))
        messages.success(request, _("The consultation was put before the other side again."))
        return redirect(address("agreements:consultation", found))

    return form_page(
        request,
        "agreements/consultations/form.html",
        form=lambda data, sent: _form(center, data, sent, initial=_stored(_found(request, center, number))),
        save=save,
        context=lambda _form: {"consultation": found, "crumbs": _crumbs(center, found)},
        state=lambda _form: _found(request, center, number).get_state_display(),
    )


def _written(request: HttpRequest, form: ConsultationForm) -> dict[str, Any]:
    return {
        "details": form.details(),
        "new_files": form.cleaned_data["documents"],
        "by": person(request),
        "at": clock.now(),
    }


@center_view(Right.SEE_SETTLED)
@require_safe
def download(request: HttpRequest, center: Center, number: int, file: int) -> HttpResponse:
    """A document of a consultation of which the person may know; 404 otherwise."""
    attached = _found(request, center, number).files.filter(file=file).select_related("file__content").first()
    if attached is None:
        raise Http404(file)
    return files.download(attached.file)


def address(name: str, consultation: Consultation) -> str:
    """The address of a page or a step of a consultation."""
    return reverse(name, kwargs={"center": consultation.center.code, "number": consultation.number})


def _found(request: HttpRequest, center: Center, number: int) -> Consultation:
    return get_object_or_404(read.visible(person(request), center), number=number)


def _form(
    center: Center,
    data: QueryDict | None,
    uploaded: MultiValueDict[str, Any] | None = None,
    initial: dict[str, Any] | None = None,
) -> ConsultationForm:
    return ConsultationForm(data, uploaded, initial=initial, center=center, today=clock.today())


def _stored(found: Consultation) -> dict[str, Any]:
    return {
        "type": found.type,
        "agreement": found.agreement.code if found.agreement else "",
        "held_on": found.held_on,
        "subject": found.subject,
        "participants": found.participants,
        "outcome": found.outcome,
        "version": found.version,
    }


def _crumbs(center: Center, found: Consultation | None = None) -> list[Crumb]:
    url = reverse("agreements:consultations", kwargs={"center": center.code})
    crumbs = [Crumb(_("Consultations"), url)]
    if found is not None:
        crumbs.append(Crumb(str(found), address("agreements:consultation", found)))
    return crumbs


def _page(
    request: HttpRequest, found: Consultation, *, refusal: str = "", status: int = 200, **sent: forms.Form
) -> HttpResponse:
    if refusal:
        messages.error(request, refusal)
    context = {
        "consultation": found,
        "chip": texts.proposal_chip(found.state),
        "finding": _state_in_words(found),
        "side": texts.side(found.proposed_side),
        "files": list(found.files.select_related("file", "attached_by")),
        "settled": read.settled_by(found),
        "proposed": read.put_forward_on(found, person(request)),
        "crumbs": _crumbs(found.center),
        **STEPS.shown(request, found, sent),
    }
    return render(request, "agreements/consultations/consultation.html", context, status=status)


STEPS = StepViews(table=actions.STEPS, page="agreements:consultation", find=_found, show=_page)


def _state_in_words(found: Consultation) -> str:
    match found.state:
        case ProposalState.CONFIRMED:
            return _("Confirmed by both sides.")
        case ProposalState.PROPOSED:
            return _("Recorded by %(side)s; %(other)s has not confirmed it yet.") % texts.both_sides(found)
        case ProposalState.DECLINED:
            return _("Declined by %(other)s; %(side)s corrects it or leaves it.") % texts.both_sides(found)
        case ProposalState.DRAFT:
            return _("Taken back. It can be corrected and put forward again.")
        case _:
            assert_never(found.state)
