"""Verifications: the years of all three kinds; and what both sides verify, settlement and KPIs, with its steps.

The page of the third, the 効果検証, is the top floor's (`kpi:evaluation`), for it shows the year's KPI results.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from agreements.duties import texts
from agreements.models import SupportKind, Verification, VerificationKind
from agreements.support import support
from agreements.verifications import actions, resting, verification, verification_access, verification_years
from agreements.verifications import texts as verification_texts
from agreements.verifications.forms import AnewForm, ResultForm, ReturnForm
from agreements.verifications.verification import VerificationSheet
from agreements.verifications.verification_access import JOINT_KINDS
from agreements.verifications.verification_years import KindOfVerification, YearLine
from iconm_portal.display.template_tags import fiscal_year
from iconm_portal.forms import unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import DecisionForm, seen_version
from iconm_portal.settlement.step_views import StepViews, step_from
from iconm_portal.settlement.steps import SentForm
from iconm_portal.site.crumbs import Crumb
from iconm_portal.site.standing_views import notice
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@dataclass(frozen=True, slots=True)
class ListedYear:
    """A year in the list with its chip and its address."""

    line: YearLine
    chip: SafeString
    anew: SafeString | str  # that a new revision is under way
    url: str


@dataclass(frozen=True, slots=True)
class ListedKind:
    """A kind of verification with its years."""

    kind: KindOfVerification
    bases: tuple[tuple[str, str], ...]  # the article that asks for it, and what it asks
    lines: tuple[ListedYear, ...]


@center_view(Right.SEE_SETTLED)
@require_safe
def verifications(request: HttpRequest, center: Center) -> HttpResponse:
    """All three kinds, year by year."""
    today = clock.today()
    kinds = verification_years.kinds(person(request), center, today=today)
    land = [one for one in support.load(center, known_at=today) if one.kind == SupportKind.LAND]
    context = {
        "kinds": [
            ListedKind(
                kind,
                tuple((texts.basis(one), one.title) for one in kind.obligations),
                tuple(_line(center, line) for line in kind.lines),
            )
            for kind in kinds
            if kind.lines or kind.obligations
        ],
        "finding": verification_texts.finding(kinds, land),
    }
    return render(request, "agreements/verifications/list.html", context)


def _line(center: Center, line: YearLine) -> ListedYear:
    at = {"center": center.code, "year": line.year, "kind": line.kind.value}
    url = reverse("agreements:verification", kwargs=at)
    return ListedYear(
        line,
        verification_texts.line_chip(line),
        verification_texts.anew_chip(line.anew),
        url if line.is_page else "",
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def of_year(request: HttpRequest, center: Center, kind: str, year: FiscalYear) -> HttpResponse:
    """One verification by both: to write, to answer, or to read. The address of the third kind is the top floor's."""
    return _page(request, _shown(request, center, kind, year))


@center_view(Right.SEE_SETTLED)
@require_safe
def revision(
    request: HttpRequest, center: Center, kind: str, year: FiscalYear, revision: int
) -> HttpResponse:
    """A revision as both settled it, with what it rested on."""
    sheet = _shown(request, center, kind, year)
    settled = {row.revision: row for row in (*sheet.earlier, sheet.in_force) if row is not None}
    if revision not in settled or sheet.in_force is None:
        raise Http404(revision)
    shown = replace(sheet, row=settled[revision], comments=())
    context = {
        "sheet": shown,
        "confirmed_anew": resting.confirmed_anew(shown),
        "exhibits": resting.exhibits(shown, today=clock.today()),
        "by": verification_texts.side_word(verification_access.author_side(settled[revision])),
        "is_replaced": revision < sheet.in_force.revision,
        "crumbs": [*_crumbs(center), Crumb(fiscal_year(year), _address(sheet))],
        "year": fiscal_year(year),
    }
    return render(request, "agreements/verifications/revision.html", context)


@center_view(Right.SETTLE_JOINTLY)
def anew(request: HttpRequest, center: Center, kind: str, year: FiscalYear) -> HttpResponse:
    """Begin a new revision, for a reason, after what was verified was corrected."""
    sheet = _shown(request, center, kind, year)
    row = sheet.in_force
    if row is None or (request.method != "POST" and not sheet.may_verify_anew):
        return redirect(_address(sheet))  # begun or answered meanwhile, or the address alone

    def save(form: AnewForm) -> HttpResponse:
        actions.verify_anew(
            verification=row, reason=form.cleaned_data["reason"], by=person(request), at=clock.now()
        )
        messages.success(
            request, _("A new revision was begun. Write its result, and hand it to the other side.")
        )
        return redirect(_address(sheet))

    return form_page(
        request,
        "agreements/verifications/anew.html",
        form=lambda data, _files: AnewForm(data),
        save=save,
        context=lambda _form: {
            "sheet": sheet,
            "unsettled": row.unsettled,
            "crumbs": [*_crumbs(center), Crumb(fiscal_year(year), _address(sheet))],
            "year": fiscal_year(year),
        },
    )


def _address(sheet: VerificationSheet) -> str:
    at = {"center": sheet.center.code, "kind": sheet.kind.value, "year": sheet.year}
    return reverse("agreements:verification", kwargs=at)


def _crumbs(center: Center) -> list[Crumb]:
    return [Crumb(_("Verifications"), reverse("agreements:verifications", kwargs={"center": center.code}))]


# -- Steps --


def _shown(request: HttpRequest, center: Center, kind: str, year: FiscalYear) -> VerificationSheet:
    if kind not in JOINT_KINDS:
        raise Http404(kind)
    found = verification.sheet(person(request), center, VerificationKind(kind), year, today=clock.today())
    if found is None:
        raise Http404(year)
    return found


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:verification")
def save(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """Keep the draft; the first save begins it."""

    def take(sheet: VerificationSheet, **written: Any) -> HttpResponse:
        actions.save_draft(**sheet.named, **_seen(request), **written)
        messages.success(request, actions.JOINT["edit"].says)
        return redirect("agreements:verification", center=center.code, **parts)

    return STEPS.answered(request, center, parts, {"form": ResultForm}, take, needs_item=False)


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:verification")
def submit(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """Save what the form holds and put it before the other side, both or neither."""

    def take(sheet: VerificationSheet, **written: Any) -> HttpResponse:
        row = actions.save_and_submit(**sheet.named, **_seen(request), **written)
        messages.success(request, actions.JOINT["submit"].says(row, row))
        return redirect("agreements:verification", center=center.code, **parts)

    forms: dict[str, type[SentForm]] = {"form": ResultForm, "decision": DecisionForm}
    return STEPS.answered(request, center, parts, forms, take, needs_item=False)


def _seen(request: HttpRequest) -> dict[str, Any]:
    return {"version": seen_version(request), "by": person(request), "at": clock.now()}


def _page(
    request: HttpRequest, sheet: VerificationSheet, *, refusal: str = "", status: int = 200, **sent: Form
) -> HttpResponse:
    center, row, user, held = sheet.center, sheet.row, person(request), sheet.in_force
    at = {"center": center.code, "kind": sheet.kind.value, "year": sheet.year}
    steps = STEPS.shown(request, sheet, sent)
    may_write = sheet.may_begin or steps["steps"].edit
    if may_write:
        addresses = [reverse(f"agreements:verification_{step}", kwargs=at) for step in ("save", "submit")]
        kept = unsent_input.kept_for(request, *addresses)
        written = {"form": ResultForm.of(sheet, user, kept), "decision": DecisionForm.of(sheet, user, kept)}
        steps |= written | sent
    context: dict[str, Any] = {
        "sheet": sheet,
        "changed": notice(user, center, held.unsettled) if held and held.unsettled else None,
        "confirmed_anew": resting.confirmed_anew(sheet),
        "exhibits": resting.exhibits(sheet, today=clock.today()),
        "may_write": may_write,
        "chip": verification_texts.state_chip(shown) if (shown := held or row) else "",
        "anew_chip": verification_texts.anew_chip(row),
        "by": verification_texts.side_word(verification_access.author_side(row)) if row else "",
        "is_unsaved": "form" in steps and steps["form"].is_bound,
        "crumbs": _crumbs(center),
        "year": fiscal_year(sheet.year),
        "refusal": refusal,
        **steps,
    }
    return render(request, "agreements/verifications/joint.html", context, status=status)


def _gone(request: HttpRequest, center: Center, refusal: str) -> HttpResponse:
    messages.error(request, refusal)
    return redirect("agreements:verifications", center=center.code)


def _to_list(row: Verification, _result: Any) -> str:
    return reverse("agreements:verifications", args=[row.center.code])


STEPS = StepViews(
    table=actions.JOINT,
    page="agreements:verification",
    find=_shown,
    show=_page,
    item=lambda sheet: sheet.row,
    about=lambda sheet: sheet,
    # What the person may not read cannot be answered either.
    nothing=gettext_lazy("Nothing is handed in that could be answered."),
    state_word=lambda sheet: verification_texts.state_word(sheet.row) if sheet.row else "",
    forms={"confirm": {"decision": DecisionForm}, "return": {"returning": ReturnForm}},
    onward={"discard": _to_list, "return": _to_list},
    gone=_gone,
)
