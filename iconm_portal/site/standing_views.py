"""What has changed below something settled, and the answer of both sides: one page for all, one to propose, one to answer."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Answer, Center, ProposalState, Side, User
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement import answers, texts
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.site.crumbs import Crumb
from iconm_portal.standing import changes
from iconm_portal.standing.changes import Unsettled
from iconm_portal.values import clock


class ReasonForm(forms.Form):
    """Why it stands as it is."""

    reason = forms.CharField(
        label=gettext_lazy("Why it stands as it is"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def changed(request: HttpRequest, center: Center) -> HttpResponse:
    """Everything settled of the center of which something that it rests on has changed."""
    found = changes.load(center, known_at=clock.today()).all
    return render(
        request, "settlement/changed.html", {"found": [notice(person(request), center, one) for one in found]}
    )


@center_view(Right.SETTLE_JOINTLY)
def propose(request: HttpRequest, center: Center) -> HttpResponse:
    """Put before the other side that something settled stands as it is. What has changed stands above the reason."""
    kind, key = request.GET.get("kind", ""), request.GET.get("key", "")
    found = changes.load(center, known_at=clock.today()).of(kind, key)
    if found is None:  # answered meanwhile, or the address alone
        return redirect("standing:changed", center=center.code)
    if found.answer is not None:
        return redirect(_address(found.answer))

    def save(form: ReasonForm) -> HttpResponse:
        given = answers.propose(
            center=center,
            kind=kind,
            key=key,
            reason=form.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
        messages.success(
            request,
            _("Your side has said that it stands as it is.")
            if given.is_confirmed
            else _("It was put before the other side."),
        )
        return redirect(found.settled.url)

    return form_page(
        request,
        "settlement/confirm_anew.html",
        form=lambda data, _files: ReasonForm(data),
        save=save,
        context=lambda _form: {"unsettled": found, "crumbs": _crumbs(center)},
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def answer(request: HttpRequest, center: Center, answer: int) -> HttpResponse:
    """What one side proposed, to be answered by the other, or as both gave it."""
    return _page(request, _found(request, center, answer))


def _found(request: HttpRequest, center: Center, answer: int) -> Answer:
    """What both confirmed is for everyone; before that it is between those who settle."""
    rows = Answer.objects.filter(center=center).select_related(
        "center", "proposed_by", "confirmed_by", "declined_by"
    )
    if not allowed(person(request), center, Right.SEE_SUBMITTED):
        rows = rows.filter(state=ProposalState.CONFIRMED)
    return get_object_or_404(rows, pk=answer)


def _page(
    request: HttpRequest, found: Answer, *, refusal: str = "", status: int = 200, **sent: forms.Form
) -> HttpResponse:
    context: dict[str, Any] = {
        "answer": found,
        "chip": texts.proposal_chip(found.state),
        "side": texts.side(found.proposed_side),
        "unsettled": changes.load(found.center, known_at=clock.today()).of(
            found.settled_kind, found.settled_key
        ),
        "crumbs": _crumbs(found.center),
        "refusal": refusal,
        **STEPS.shown(request, found, sent),
    }
    return render(request, "settlement/answer.html", context, status=status)


def _crumbs(center: Center) -> list[Crumb]:
    return [Crumb(_("Corrected afterwards"), reverse("standing:changed", kwargs={"center": center.code}))]


def _address(found: Answer) -> str:
    return reverse("standing:answer", kwargs={"center": found.center.code, "answer": found.pk})


@dataclass(frozen=True, slots=True)
class Notice:
    """What has changed, and where the person can do something about it."""

    unsettled: Unsettled
    url: str

    @property
    def whose(self) -> str:
        """Whose step is next, for who has none here: 市, 財団, 市又は財団."""
        sides = [texts.side(side) for side in Side if not self.url and self.unsettled.waits_for(side)]
        if len(sides) > 1:
            return _("%(one)s or %(other)s") % {"one": sides[0], "other": sides[1]}
        return "".join(sides)


def notice(user: User, center: Center, unsettled: Unsettled, *, is_past: bool = False) -> Notice:
    """For `components/changed_since.html`. On a page of a past day nothing is done, and what waits today did not wait then."""
    url = ""
    if is_past:
        return Notice(replace(unsettled, answer=None, anew=None, proposers=frozenset()), url)
    if unsettled.answer is not None and allowed(user, center, Right.SEE_SUBMITTED):
        url = _address(unsettled.answer)
    elif allowed(user, center, Right.SETTLE_JOINTLY) and unsettled.is_answered_by(center.side_of(user)):
        asked = urlencode({"kind": unsettled.kind, "key": unsettled.key})
        url = f"{reverse('standing:propose', kwargs={'center': center.code})}?{asked}"
    return Notice(unsettled, url)


STEPS = StepViews(
    table=answers.STEPS,
    page="standing:answer",
    find=_found,
    show=_page,
    onward={"take_back": lambda found, _none: reverse("standing:changed", args=[found.center.code])},
)
