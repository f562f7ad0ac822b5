"""An amendment's way to the other side and back: proposed, taken back, confirmed, declined, discarded."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agreements.editions import actions, draft_actions, editions, side_by_side, texts
from agreements.editions.forms import ProposalForm
from agreements.editions.views import Place, back_to, edition_page, found, frame
from agreements.instruments.forms import DeclineForm
from iconm_portal.forms import unsent_input
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.proposal_workflow import OPEN
from iconm_portal.settlement.step_forms import Refused, add_refusals, refusal_text, seen_version
from iconm_portal.settlement.version_lock import Conflict, WrongStep
from iconm_portal.values import clock

READS_AND_WRITES = ["GET", "HEAD", "POST"]


# -- What the steps share --


def posted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A step that is posted. Whoever comes by the address alone, as after logging in again, lands on the edition."""

    @wraps(view)
    def checked(
        request: HttpRequest, center: Center, agreement: str, edition: int, **more: Any
    ) -> HttpResponse:
        if request.method != "POST":
            return redirect("agreements:edition", center=center.code, agreement=agreement, edition=edition)
        return view(request, center, found(request, center, agreement, edition), **more)

    return checked


def taken(
    request: HttpRequest, center: Center, place: Place, step: Callable[[], HttpResponse]
) -> HttpResponse:
    """What the step answers; where it is refused, the edition as it is now, saying why (409)."""
    try:
        return step()
    except Refused as error:
        code, number = place.entry.agreement.code, place.line.number
        known = editions.load(person(request), center, place.entry.agreement, day=clock.today())
        now = known.line(number)
        state = str(now.edition.get_state_display()) if now else ""
        messages.error(request, refusal_text(error, state))
        if now is None:
            return redirect("agreements:editions", center=center.code, agreement=code)
        return edition_page(request, center, Place(place.entry, known, now), status=409)


def tried(form: Form, step: Callable[[], object]) -> str | None:
    """None when the step was taken; otherwise why not: "" for what the form now says itself, or a conflict's text."""
    try:
        step()
    except ValidationError as error:
        add_refusals(form, error)
        return ""
    except (Conflict, WrongStep) as error:
        return refusal_text(error, "")
    return None


# -- Steps --


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(READS_AND_WRITES)
def propose(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """Put it before the other side, with what was concluded; side by side with what it amends."""
    place = found(request, center, agreement, edition)
    row = place.line.edition
    if row.state not in OPEN or edition == 1:
        return back_to(center, place)
    today = clock.today()
    form = ProposalForm(edition=row, today=today, initial=_concluded(place))
    kept = unsent_input.kept_for(request)
    if request.method == "POST":
        form = ProposalForm(request.POST, request.FILES, edition=row, today=today)
    elif kept is not None:
        form = ProposalForm(kept, edition=row, today=today)
    conflict = ""
    if request.method == "POST" and form.is_valid():
        refused = tried(
            form,
            lambda: actions.propose(
                edition=row,
                version=seen_version(request),
                by=person(request),
                at=clock.now(),
                **form.cleaned_data,
            ),
        )
        if refused is None:
            unsent_input.forget(request)
            messages.success(request, _("The amendment was put before the other side."))
            return back_to(center, place)
        conflict = refused
    row.refresh_from_db()
    compared = side_by_side.compare(row.based_on, row) if row.based_on else None
    context = {
        **frame(center, place, page=_("Propose the amendment")),
        "form": form,
        "compared": compared,
        "rows": compared.changed if compared else (),
        "finding": texts.difference(compared) if compared else "",
        "conflict": conflict,
    }
    status = 409 if conflict else 400 if request.method == "POST" else 200
    return render(request, "agreements/editions/propose.html", context, status=status)


def _concluded(place: Place) -> dict[str, Any]:
    edition = place.line.edition
    return {
        "consultation": edition.consultation_id,
        "concluded_on": edition.concluded_on,
        "document_number": edition.document_number,
    }


@center_view(Right.SETTLE_JOINTLY)
@posted
def take_back(request: HttpRequest, center: Center, place: Place) -> HttpResponse:
    """Before the other side has answered."""

    def step() -> HttpResponse:
        actions.take_back(
            edition=place.line.edition, version=seen_version(request), by=person(request), at=clock.now()
        )
        messages.success(request, _("The amendment was taken back. It can be changed again."))
        return back_to(center, place)

    return taken(request, center, place, step)


@center_view(Right.SETTLE_JOINTLY)
@posted
def confirm(request: HttpRequest, center: Center, place: Place) -> HttpResponse:
    """The other side agrees."""

    def step() -> HttpResponse:
        actions.confirm(
            edition=place.line.edition, version=seen_version(request), by=person(request), at=clock.now()
        )
        messages.success(request, _("The amendment was confirmed. Its wording can no longer be changed."))
        return back_to(center, place)

    return taken(request, center, place, step)


@center_view(Right.SETTLE_JOINTLY)
@posted
def decline(request: HttpRequest, center: Center, place: Place) -> HttpResponse:
    """The other side does not agree, and says why."""
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return edition_page(request, center, place, decline=form, status=400)

    def step() -> HttpResponse:
        actions.decline(
            edition=place.line.edition,
            version=seen_version(request),
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        unsent_input.forget(request)
        messages.success(request, _("The amendment was declined."))
        return back_to(center, place)

    return taken(request, center, place, step)


@center_view(Right.SETTLE_JOINTLY)
@posted
def discard(request: HttpRequest, center: Center, place: Place) -> HttpResponse:
    """Throw a draft away."""

    def step() -> HttpResponse:
        draft_actions.discard(
            edition=place.line.edition, version=seen_version(request), by=person(request), at=clock.now()
        )
        messages.success(request, _("The draft was discarded. The history keeps what it held."))
        return redirect("agreements:editions", center=center.code, agreement=place.entry.agreement.code)

    return taken(request, center, place, step)
