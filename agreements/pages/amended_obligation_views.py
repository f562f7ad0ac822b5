"""What becomes of an obligation by an amendment that is being drafted."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.duties import timings
from agreements.editions import draft_actions, draft_views
from agreements.editions.forms import ObligationChangeForm
from agreements.editions.obligations import amended
from agreements.editions.obligations.amended import Resting
from agreements.editions.views import address, found, frame
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
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
