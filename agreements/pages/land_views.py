"""The free use of land: how it stands, on which of the three grounds it ended, and the city's judgements."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.endings import free_use, judgement_actions
from agreements.endings import texts as land_texts
from agreements.endings.consequences import Falls
from agreements.endings.forms import CorrectionOfPerformanceForm, PerformanceForm
from agreements.endings.judgement_actions import ConsequencesUnconfirmed, falls_key
from agreements.instruments import agreements as instrument_agreements
from agreements.models import Agreement, AgreementKind, LandGround, LandJudgement, SupportKind
from agreements.support import support
from agreements.support import texts as support_texts
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import Conflict
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock

JUDGE = "agreements/pages/land/judge.html"


@center_view(Right.SEE_SETTLED)
@require_safe
def land(request: HttpRequest, center: Center) -> HttpResponse:
    """How each piece of land stands today, and every judgement of the city."""
    today = clock.today()
    judges = allowed(person(request), center, Right.REVIEW)
    lands = [one for one in support.load(center, known_at=today) if one.kind == SupportKind.LAND]
    every = [one for one in free_use.all_of(center) if one.known_from <= today]
    context = {
        "lands": [(one, support_texts.period(one), support_texts.sum_in_words(one, today)) for one in lands],
        "judgements": land_texts.judgement_lines(every),
        "judges": judges,
        "may_judge": judges and _agreement(center) is not None,
    }
    return render(request, "agreements/pages/land/land.html", context)


@center_view(Right.REVIEW)
def judge(request: HttpRequest, center: Center) -> HttpResponse:
    """An act of the city: that the foundation does not perform the agreement, or that it does again."""
    agreement = _agreement(center)
    if agreement is None:
        return redirect("agreements:land", center=center.code)
    last = free_use.load(center, known_at=clock.today()).last(LandGround.NON_PERFORMANCE)

    def act(form: PerformanceForm, confirmed: list[str] | None) -> str:
        judgement_actions.judge_performance(
            agreement=agreement,
            judged=form.judged(),
            seen=form.cleaned_data["seen"],
            falls_seen=confirmed,
            by=person(request),
            at=clock.now(),
        )
        return _("The judgement is recorded, and known from today on.")

    return _judged(request, center, lambda data: PerformanceForm(data, last=last), act, agreement=agreement)


@center_view(Right.REVIEW)
def correct(request: HttpRequest, center: Center, judgement: int) -> HttpResponse:
    """A wrong act is replaced by a new one; the old one stays readable."""
    held = next((one for one in free_use.all_of(center) if one.pk == judgement), None)
    if held is None or held.ground != LandGround.NON_PERFORMANCE:
        raise Http404(judgement)

    def act(form: PerformanceForm, confirmed: list[str] | None) -> str:
        if form.cleaned_data["seen"] != held.pk:
            raise Conflict
        judgement_actions.correct(
            judgement=held, judged=form.judged(), falls_seen=confirmed, by=person(request), at=clock.now()
        )
        return _("The judgement was corrected. The earlier one stays readable.")

    return _judged(
        request,
        center,
        lambda data: CorrectionOfPerformanceForm(data, last=held),
        act,
        agreement=held.agreement,
        corrected=held,
    )


def _judged(
    request: HttpRequest,
    center: Center,
    form: Any,
    act: Any,
    *,
    agreement: Agreement | None,
    corrected: LandJudgement | None = None,
) -> HttpResponse:
    """The form; what falls, to be confirmed; then the act."""
    falls: list[Falls] = []

    def context(_form: PerformanceForm) -> dict[str, Any]:
        return {
            "agreement": agreement,
            "corrected": land_texts.judgement_word(corrected) if corrected else "",
            "falls": falls[0] if falls else None,
            "falls_keys": falls_key(falls[0]) if falls else [],
            "crumbs": [Crumb(_("Free use of land"), reverse("agreements:land", args=[center.code]))],
        }

    def save(typed: PerformanceForm) -> HttpResponse:
        confirmed = request.POST.getlist("falls") if "confirmed" in request.POST else None
        try:
            said = act(typed, confirmed)
        except ConsequencesUnconfirmed as unconfirmed:
            falls.append(unconfirmed.falls)
            return render(request, JUDGE, context(typed) | {"form": typed})
        messages.success(request, said)
        return redirect("agreements:land", center=center.code)

    return form_page(request, JUDGE, form=lambda data, _files: form(data), save=save, context=context)


def _agreement(center: Center) -> Agreement | None:
    """The basic agreement that binds today: what the foundation performs, or does not."""
    found = instrument_agreements.load(center, day=clock.today())
    binding = (one for one in found.entries if one.state.binds and one.agreement.kind == AgreementKind.BASIC)
    return next((one.agreement for one in binding), None)
