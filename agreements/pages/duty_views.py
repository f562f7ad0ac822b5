"""One duty: what obliges whom, where it stands, and what was handed in."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.duties import due_rules, duty_page, texts
from agreements.duties.calendar import Item
from agreements.duties.duty_page import Page
from agreements.duties.forms import (
    AnswerForm,
    CommentForm,
    DecideForm,
    DocumentsForm,
    ExtensionForm,
    OwnDateForm,
)
from agreements.duties.steps import Step, is_joint
from agreements.instruments import sources
from agreements.models import Duty, VerificationKind
from agreements.pages import todo
from agreements.verifications import verification
from iconm_portal.forms import files, unsent_input
from iconm_portal.models import Center, User
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_forms import DecisionForm
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear

Forms = dict[str, forms.Form]


@center_view(Right.SEE_SETTLED)
@require_safe
def duty(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str
) -> HttpResponse:
    """What it is, where it stands, and what the person can do now."""
    return _page(request, center, _found(request, center, year, agreement, obligation))


@center_view(Right.SEE_SETTLED)
@require_safe
def download(
    request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str, document: int
) -> HttpResponse:
    """A document that the person may read; 404 otherwise."""
    found = stored(center, year, agreement, obligation)
    visible = duty_page.visible_documents(found, person(request), center)
    attached = next((one for one in visible if one.pk == document), None)
    if attached is None:
        raise Http404(document)
    return files.download(attached.file)


# -- What the pages and the steps share --


def _found(request: HttpRequest, center: Center, year: FiscalYear, agreement: str, obligation: str) -> Page:
    found = duty_page.find(
        center,
        person(request),
        agreement=agreement,
        obligation=obligation,
        year=year,
        today=clock.today(),
    )
    if found is None:
        raise Http404(obligation)
    return found


def stored(center: Center, year: FiscalYear, agreement: str, obligation: str) -> Duty:
    """The duty; Http404 while it is only a preview."""
    found = (
        Duty.objects.filter(
            obligation__agreement__center=center,
            obligation__agreement__code=agreement,
            obligation__code=obligation,
            fiscal_year=year,
        )
        .select_related("obligation__agreement__center", "submitted_by")
        .first()
    )
    if found is None:
        raise Http404(obligation)
    return found


def address(name: str, duty: Duty) -> str:
    """The address of a duty's page or of a step."""
    obligation = duty.obligation
    kwargs = {
        "center": obligation.agreement.center.code,
        "year": duty.fiscal_year,
        "agreement": obligation.agreement.code,
        "obligation": obligation.code,
    }
    return reverse(name, kwargs=kwargs)


def again(request: HttpRequest, center: Center, duty: Duty, sent: Forms, *, status: int) -> HttpResponse:
    """The duty as it is now, with what was sent."""
    obligation = duty.obligation
    found = _found(request, center, duty.fiscal_year, obligation.agreement.code, obligation.code)
    return _page(request, center, found, sent=sent, status=status)


def _page(
    request: HttpRequest, center: Center, found: Page, *, sent: Forms | None = None, status: int = 200
) -> HttpResponse:
    user = person(request)
    item = found.item
    typed = sent or {}
    shown = _forms(request, center, found) if item.duty else {}
    context: dict[str, Any] = {
        "page": found,
        "item": item,
        "duty": item.duty,
        "chip": texts.chip(item),
        "late": texts.late(item),
        "when": texts.when(item),
        "beside_the_date": texts.beside_the_date(item),
        "missing": texts.missing(item),
        "finding": texts.standing(item, center.side_of(user)),
        "basis": texts.basis(item.obligation),
        "bound": texts.bound(item.obligation),
        "way": texts.way(item.obligation),
        "source": sources.in_words(item.obligation.source),
        "programme_year": due_rules.programme_year(item.obligation, item.fiscal_year, item.first_due),
        "can_store": not item.is_stored and item.is_concluded and allowed(user, center, Right.SETTLE_JOINTLY),
        "verification_url": _verification_address(user, center, item),
        "sees_steps": allowed(user, center, Right.SEE_SUBMITTED),
        "is_joint": is_joint(item.obligation),
        "can": {one.name.lower(): one in found.steps for one in Step},
        "forms": shown | typed,
        "was_kept": any(form.is_bound for form in shown.values()) and not typed,
        "crumbs": crumbs(center, item.fiscal_year),
    }
    return render(request, "agreements/duties/duty.html", context, status=status)


def _verification_address(user: User, center: Center, item: Item) -> str:
    """The verification that fulfils the duty; empty where the person would find no page there yet."""
    if not item.obligation.verification:
        return ""
    kind = VerificationKind(item.obligation.verification)
    there = verification.sheet(user, center, kind, item.fiscal_year, today=clock.today())
    return todo.address_of(item, center) if there else ""


def _forms(request: HttpRequest, center: Center, found: Page) -> Forms:
    """A form for each step that the person can take, with what they had typed when their session ended."""
    duty, user = found.item.duty, person(request)
    assert duty is not None  # noqa: S101 - asked for stored ones only

    def kept(name: str) -> Any:
        return unsent_input.kept_for(request, address(name, duty))

    # The other steps are mere buttons.
    made: list[tuple[Step, Callable[[], tuple[str, forms.Form]]]] = [
        (Step.SAVE, lambda: ("documents", DocumentsForm(kept("agreements:duty_save"), duty=duty))),
        (Step.SET_DATE, lambda: ("own_date", OwnDateForm(kept("agreements:duty_date")))),
        (
            Step.EXTEND,
            lambda: (
                "extension",
                ExtensionForm(kept("agreements:duty_extend"), center=center, user=user),
            ),
        ),
        (
            Step.ACCEPT,
            lambda: (
                "answer",
                AnswerForm(kept("agreements:duty_accept") or kept("agreements:duty_return")),
            ),
        ),
        (
            Step.DECIDE,
            lambda: ("decide", DecideForm(kept("agreements:duty_decide"), center=center, user=user)),
        ),
        (Step.COMMENT, lambda: ("comment", CommentForm(kept("agreements:duty_comment")))),
    ]
    shown = dict(make() for one, make in made if one in found.steps)
    return shown | {"decision": DecisionForm(today=clock.today())}


def crumbs(center: Center, year: FiscalYear) -> list[Crumb]:
    """The way down to a duty of the year."""
    url = reverse("agreements:calendar_of_year", kwargs={"center": center.code, "year": year})
    return [Crumb(_("Calendar"), url)]
