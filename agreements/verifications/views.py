"""Verifications: the years of all three kinds; and what both sides verify, settlement and KPIs, with its steps.

The page of the third, the 効果検証, is the top floor's (`kpi:evaluation`), for it shows the year's KPI results.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.duties import texts
from agreements.models import Verification, VerificationKind
from agreements.verifications import actions, verification
from agreements.verifications import texts as verification_texts
from agreements.verifications.forms import ResultForm, ReturnForm
from agreements.verifications.verification import JOINT_KINDS, KindOfVerification, Sheet, YearLine
from iconm_portal.forms import unsent_input
from iconm_portal.forms.edited import both_versions, sent
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import DecisionForm, refusal_text, seen_version
from iconm_portal.settlement.step_views import step_on
from iconm_portal.site.crumbs import Crumb
from iconm_portal.templatetags.portal import fiscal_year
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class Line:
    """A year in the list with its chip and its address."""

    line: YearLine
    chip: SafeString
    url: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of verification with its years."""

    kind: KindOfVerification
    bases: tuple[tuple[str, str], ...]  # the article that asks for it, and what it asks
    lines: tuple[Line, ...]


@center_view(Right.SEE_SETTLED)
@require_safe
def verifications(request: HttpRequest, center: Center) -> HttpResponse:
    """All three kinds, year by year."""
    kinds = verification.kinds(person(request), center, today=clock.today())
    context = {
        "kinds": [
            Kind(
                kind,
                tuple((texts.basis(one), one.title) for one in kind.obligations),
                tuple(_line(center, line) for line in kind.lines),
            )
            for kind in kinds
            if kind.lines or kind.obligations
        ],
        "finding": verification_texts.finding(kinds),
    }
    return render(request, "agreements/verifications/list.html", context)


def _line(center: Center, line: YearLine) -> Line:
    at = {"center": center.code, "year": line.year, "kind": line.kind.value}
    url = reverse("agreements:verification", kwargs=at)
    return Line(line, verification_texts.line_chip(line), url if line.is_page else "")


@center_view(Right.SEE_SETTLED)
@require_safe
def of_year(request: HttpRequest, center: Center, kind: str, year: FiscalYear) -> HttpResponse:
    """One verification by both: to write, to answer, or to read. The address of the third kind is the top floor's."""
    return _page(request, _shown(request, center, kind, year))


# -- Steps --


def _shown(request: HttpRequest, center: Center, kind: str, year: FiscalYear) -> Sheet:
    if kind not in JOINT_KINDS:
        raise Http404(kind)
    found = verification.sheet(person(request), center, VerificationKind(kind), year, today=clock.today())
    if found is None:
        raise Http404(year)
    return found


def _refused(request: HttpRequest, shown: Sheet, error: Exception) -> HttpResponse:
    """The page as it is now with what was typed, and why the step was not taken."""
    center = shown.center
    now = verification.sheet(person(request), center, shown.kind, shown.year, today=clock.today())
    refusal = refusal_text(error, verification_texts.state_word(now.row) if now and now.row else "")
    if now is None:
        messages.error(request, refusal)
        return redirect("agreements:verifications", center=center.code)
    return _page(request, now, refusal=refusal, status=409)


_step = step_on("agreements:verification", _shown, _refused)


@center_view(Right.SETTLE_JOINTLY)
@_step
def save(request: HttpRequest, shown: Sheet) -> HttpResponse:
    """Keep the draft; the first save begins it."""
    form = sent(request.POST, partial(_form, shown))
    if not form.is_valid():
        return _page(request, shown, status=400)
    actions.save_draft(**_written(request, shown, form))
    unsent_input.forget(request)
    messages.success(request, _("The draft was saved."))
    return _back(shown)


@center_view(Right.SETTLE_JOINTLY)
@_step
def submit(request: HttpRequest, shown: Sheet) -> HttpResponse:
    """Save what the form holds and put it before the other side, both or neither."""
    form = sent(request.POST, partial(_form, shown))
    decision = DecisionForm(request.POST, today=clock.today())
    if not form.is_valid() or not decision.is_valid():
        return _page(request, shown, status=400)
    actions.save_and_submit(**_written(request, shown, form), decision=decision.decision())
    unsent_input.forget(request)
    messages.success(request, _("The result was handed in. The other side can confirm it now."))
    return _back(shown)


@center_view(Right.SETTLE_JOINTLY)
@_step
def take_back(request: HttpRequest, shown: Sheet) -> HttpResponse:
    """取下げ, before the other side has answered."""
    actions.take_back(verification=_row(shown), version=seen_version(request), by=person(request))
    messages.success(request, _("You took it back. It can be changed again."))
    return _back(shown)


@center_view(Right.SETTLE_JOINTLY)
@_step
def discard(request: HttpRequest, shown: Sheet) -> HttpResponse:
    """Throw away a draft that was never handed in."""
    actions.discard(
        verification=_row(shown), version=seen_version(request), by=person(request), at=clock.now()
    )
    messages.success(request, _("The draft was discarded. The history keeps what it held."))
    return redirect("agreements:verifications", center=shown.center.code)


@center_view(Right.SETTLE_JOINTLY)
@_step
def confirm(request: HttpRequest, shown: Sheet) -> HttpResponse:
    """The other side confirms: settled by both."""
    decision = DecisionForm(request.POST, today=clock.today())
    if not decision.is_valid():
        return _page(request, shown, decision=decision, status=400)
    actions.confirm(
        verification=_row(shown),
        version=seen_version(request),
        by=person(request),
        at=clock.now(),
        decision=decision.decision(),
    )
    messages.success(request, _("The verification is settled by both sides, from today on."))
    return _back(shown)


@center_view(Right.SETTLE_JOINTLY)
@_step
def send_back(request: HttpRequest, shown: Sheet) -> HttpResponse:
    """差戻し with a comment."""
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, returning=form, status=400)
    actions.send_back(
        verification=_row(shown),
        version=seen_version(request),
        comment=form.cleaned_data["comment"],
        by=person(request),
        at=clock.now(),
    )
    unsent_input.forget(request)
    messages.success(request, _("It was returned with your comment."))
    return redirect("agreements:verifications", center=shown.center.code)


# -- What the pages share --


def _written(request: HttpRequest, shown: Sheet, form: ResultForm) -> dict[str, Any]:
    return {
        "center": shown.center,
        "kind": shown.kind,
        "fiscal_year": shown.year,
        "version": seen_version(request),
        "result": form.cleaned_data["result"],
        "by": person(request),
        "at": clock.now(),
    }


def _row(shown: Sheet) -> Verification:
    """The row of a step that needs one; what the person may not read cannot be answered either."""
    if shown.row is None:
        raise ValidationError(_("Nothing is handed in that could be answered."))
    return shown.row


def _back(shown: Sheet) -> HttpResponse:
    return redirect(
        "agreements:verification", center=shown.center.code, kind=shown.kind.value, year=shown.year
    )


def _form(shown: Sheet, data: QueryDict | None) -> ResultForm:
    stored = {"result": shown.row.result if shown.row else "", "version": shown.version}
    return ResultForm(data, initial=stored)


def _page(
    request: HttpRequest,
    shown: Sheet,
    *,
    returning: ReturnForm | None = None,
    decision: DecisionForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    center, row = shown.center, shown.row
    at = {"center": center.code, "kind": shown.kind.value, "year": shown.year}
    addresses = [reverse(f"agreements:verification_{step}", kwargs=at) for step in ("save", "submit")]
    kept = request.POST if request.method == "POST" else unsent_input.kept_for(request, *addresses)
    data = kept if kept is not None and "result" in kept else None
    make = partial(_form, shown)
    context: dict[str, Any] = {
        "sheet": shown,
        "chip": verification_texts.state_chip(row) if row else "",
        "by": verification_texts.side_word(verification.author_side(row)) if row else "",
        "form": make(data) if data is None or status != 409 else both_versions(data, make),
        "returning": returning or ReturnForm(request.POST if "comment" in request.POST else None),
        "decision": decision or DecisionForm(data, today=clock.today()),
        "is_unsaved": data is not None,
        "crumbs": [
            Crumb(_("Verifications"), reverse("agreements:verifications", kwargs={"center": center.code}))
        ],
        "year": fiscal_year(shown.year),
        "refusal": refusal,
    }
    return render(request, "agreements/verifications/joint.html", context, status=status)
