"""締結: recorded by one side, confirmed by the other; corrected in the same way. Of an agreement or of an amendment."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.instruments import texts
from agreements.instruments.addresses import address, crumbs, shown
from agreements.instruments.agreements import AgreementOnDay, is_known
from agreements.instruments.conclusions import actions
from agreements.instruments.forms import ChangedConclusionForm, ConclusionForm, CorrectedConclusionForm
from agreements.models import Conclusion, Edition
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.forms.refusals import Conflict, refusal_text
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement import texts as settlement_texts
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock

TEMPLATE = "agreements/instruments/conclusion.html"


@dataclass(frozen=True)
class Signing:
    """What was signed, or is to be, and what is recorded of it; `back`: where its reader comes from."""

    entry: AgreementOnDay
    edition: Edition | None
    conclusions: tuple[Conclusion, ...]
    back: str
    crumbs: list[Crumb]
    url: str  # of the page itself; those of its steps stand under it

    @property
    def center(self) -> Center:
        return self.entry.agreement.center

    @property
    def conclusion(self) -> Conclusion | None:
        """What both have confirmed."""
        known = [one for one in self.conclusions if is_known(one, self.entry.day)]
        return known[-1] if known else None

    @property
    def open(self) -> Conclusion | None:
        """What one side has recorded, and the other not confirmed."""
        return next((one for one in reversed(self.conclusions) if not one.is_confirmed), None)

    @property
    def is_signable(self) -> bool:
        """Whether the terms are agreed, where they have to be first."""
        if self.edition is not None:
            return self.edition.is_confirmed
        return not self.entry.is_annual or bool(self.entry.terms and self.entry.terms.is_confirmed)


def _of_agreement(request: HttpRequest, center: Center, agreement: str) -> Signing:
    _found, entry = shown(request, center, agreement)
    return Signing(
        entry,
        None,
        entry.conclusions,
        address("agreements:agreement", center, entry.agreement),
        crumbs(center, entry.agreement),
        address("agreements:conclusion", center, entry.agreement),
    )


@center_view(Right.SETTLE_JOINTLY)
def conclusion(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The conclusion with date, number and scan; its answer by the other side; and its correction with a reason."""
    return page(request, lambda: _of_agreement(request, center, agreement), STEPS)


def page(request: HttpRequest, find: Callable[[], Signing], views: StepViews) -> HttpResponse:
    """The page of what is signed: with a form where the person can write, otherwise what waits for whom."""
    signing = find()
    if _form(signing, person(request)) is None:
        if request.method == "POST":
            refusal = refusal_text(Conflict(), state_word(signing))
            return answered(request, signing, views, refusal=refusal, status=409)
        return answered(request, signing, views) if signing.open else redirect(signing.back)

    def save(form: Form) -> HttpResponse:
        _write(request, signing, form)
        messages.success(
            request, _("The conclusion was put before the other side. It counts once that has confirmed it.")
        )
        return redirect(signing.back)

    def form(data: QueryDict | None, uploaded: Files | None) -> Any:
        user = person(request)
        return _form(find(), user, data, uploaded) or _form(signing, user, data, uploaded)

    return form_page(
        request,
        TEMPLATE,
        form=form,
        save=save,
        context=lambda _form: {**_context(find()), **views.shown(request, find(), {})},
    )


def answered(
    request: HttpRequest,
    signing: Signing,
    views: StepViews,
    *,
    refusal: str = "",
    status: int = 200,
    **sent: Form,
) -> HttpResponse:
    """The page without a form to write in: after a step that was refused, or while it lies with the other side."""
    if refusal:
        messages.error(request, refusal)
    words = [request.POST.get(name, "") for name in ("concluded_on", "document_number", "reason")]
    typed = [word for word in words if word.strip()] if refusal and not sent else []
    context = {**_context(signing), **views.shown(request, signing, sent), "form": None, "typed": typed}
    return render(request, TEMPLATE, context, status=status)


def _context(signing: Signing) -> dict[str, Any]:
    entry, open_one = signing.entry, signing.open
    return {
        "entry": entry,
        "agreement": entry.agreement,
        "edition": signing.edition,
        "signing": signing,
        "concluded": texts.concluded(signing.conclusion),
        "proposed": open_one,
        "proposed_on": texts.partial(open_one.concluded_on) if open_one else "",
        "proposed_chip": settlement_texts.proposal_chip(open_one.state) if open_one else "",
        "waits": settlement_texts.waits_for(open_one) if open_one else "",
        "crumbs": signing.crumbs,
        "wants_wording": signing.edition is None
        and entry.terms is not None
        and entry.terms.imported_at is None
        and not entry.is_annual,
    }


def _form(
    signing: Signing, user: Any, data: QueryDict | None = None, uploaded: Files | None = None
) -> ConclusionForm | None:
    """What the person can write now; None where there is nothing."""
    if not allowed(user, signing.center, Right.SETTLE_JOINTLY):
        return None
    if signing.open is not None:
        if not actions.STEPS.possible(signing.open, user).edit:
            return None
        stored = _stored(signing.open) | {"version": signing.open.version}
        return ChangedConclusionForm(data, uploaded, initial=stored)
    last = signing.conclusion
    if last is None:
        return ConclusionForm(data, uploaded) if signing.is_signable else None
    return CorrectedConclusionForm(
        data, uploaded, initial=_stored(last) | {"reason": "", "revision": last.revision}
    )


def _stored(row: Conclusion) -> dict[str, Any]:
    return {
        "concluded_on": row.concluded_on,
        "document_number": row.document_number,
        "reason": row.reason,
    }


def _write(request: HttpRequest, signing: Signing, form: Form) -> None:
    typed = form.cleaned_data
    facts: dict[str, Any] = {
        "concluded_on": typed["concluded_on"],
        "document_number": typed["document_number"],
        "scan": typed["scan"],
        "by": person(request),
        "at": clock.now(),
    }
    about: dict[str, Any] = {"agreement": signing.entry.agreement, "edition": signing.edition}
    match form:
        case ChangedConclusionForm():
            actions.change(conclusion=signing.open, version=typed["version"], reason=typed["reason"], **facts)
        case CorrectedConclusionForm():
            actions.correct_conclusion(revision=typed["revision"], reason=typed["reason"], **about, **facts)
        case _:
            actions.record_conclusion(**about, **facts)


def _step_page(request: HttpRequest, signing: Signing, **more: Any) -> HttpResponse:
    return answered(request, signing, STEPS, **more)


def state_word(signing: Signing) -> str:
    return str(signing.open.get_state_display()) if signing.open else ""


STEPS = StepViews(
    table=actions.STEPS,
    page="agreements:conclusion",
    after="agreements:agreement",
    find=_of_agreement,
    show=_step_page,
    item=lambda signing: signing.open,
    nothing=gettext_lazy("No conclusion waits for an answer any more."),
    state_word=state_word,
)
