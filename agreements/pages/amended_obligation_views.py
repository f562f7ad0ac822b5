"""What becomes of an obligation, or of a support measure, by an amendment that is being drafted."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.duties import timings
from agreements.editions import draft_actions, draft_views, measure_actions
from agreements.editions.forms import MeasureChangeForm, ObligationChangeForm
from agreements.editions.obligations import amended, measures
from agreements.editions.obligations.amended import Resting
from agreements.editions.obligations.measures import RestingMeasure
from agreements.editions.views import STEPS, address, found, frame
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.forms.refusals import Refused
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import step_from
from iconm_portal.values import clock


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(["GET", "HEAD", "POST"])
def obligation(
    request: HttpRequest, center: Center, agreement: str, edition: int, obligation: str
) -> HttpResponse:
    """Whether it stays, falls due otherwise, or is no longer asked for, and from which fiscal year on."""
    place = found(request, center, agreement, edition)
    if not draft_views.is_open(place):
        return draft_views.too_late(request, center, place)
    resting = _resting(place.line.edition, obligation)

    def form(data: QueryDict | None, _files: Files | None) -> ObligationChangeForm:
        now = found(request, center, agreement, edition).line.edition
        held = _resting(now, obligation)
        return ObligationChangeForm(
            data,
            edition=now,
            obligation=held.obligation,
            change=held.change,
            offsets=timings.OFFSETS.items(),
        )

    def save(form: ObligationChangeForm) -> HttpResponse:
        draft_actions.settle_obligation(
            edition=place.line.edition,
            version=form.cleaned_data["version"],
            obligation=resting.obligation,
            wanted=form.wanted(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("What becomes of the obligation was saved."))
        return redirect(f"{address('agreements:edition_draft', center, place)}#obligations")

    return form_page(
        request,
        "agreements/editions/obligation.html",
        form=form,
        save=save,
        context=lambda _form: {
            **frame(center, place, page=_("What becomes of an obligation")),
            "resting": resting,
        },
    )


def _resting(edition: Any, code: str) -> Resting:
    for one in amended.of(edition):
        if one.obligation.code == code:
            return one
    raise Http404(code)


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(["GET", "HEAD", "POST"])
def measure(request: HttpRequest, center: Center, agreement: str, edition: int, measure: str) -> HttpResponse:
    """Whether it stays, has another amount or end, or is no longer granted."""
    place = found(request, center, agreement, edition)
    if not draft_views.is_open(place):
        return draft_views.too_late(request, center, place)
    resting = _resting_measure(place.line.edition, measure)

    def form(data: QueryDict | None, _files: Files | None) -> MeasureChangeForm:
        now = found(request, center, agreement, edition).line.edition
        return MeasureChangeForm(data, edition=now, resting=_resting_measure(now, measure))

    def save(form: MeasureChangeForm) -> HttpResponse:
        measure_actions.settle_measure(
            edition=place.line.edition,
            version=form.cleaned_data["version"],
            measure=resting.measure,
            wanted=form.wanted(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("What becomes of the support measure was saved."))
        return redirect(f"{address('agreements:edition_draft', center, place)}#measures")

    return form_page(
        request,
        "agreements/editions/measure.html",
        form=form,
        save=save,
        context=lambda _form: {
            **frame(center, place, page=_("What becomes of a support measure")),
            "resting": resting,
        },
    )


def _resting_measure(edition: Any, code: str) -> RestingMeasure:
    for one in measures.of(edition):
        if one.measure.code == code:
            return one
    raise Http404(code)


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:edition_draft")
def leave_the_rest(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """Every support measure of which nothing is said yet stays as it is."""
    place = found(request, center, agreement, edition)
    try:
        measure_actions.leave_the_rest(
            edition=place.line.edition, version=seen_version(request), by=person(request), at=clock.now()
        )
    except Refused as error:
        return STEPS.refused(request, center, place, {"agreement": agreement, "edition": edition}, error)
    messages.success(request, _("What becomes of the support measures was saved."))
    return redirect(f"{address('agreements:edition_draft', center, place)}#measures")
