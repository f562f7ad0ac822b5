"""Editions to read: the list of an agreement's, one of them, two side by side, the signed scan; and the search."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from agreements.editions import actions, editions, provision_search, side_by_side, texts
from agreements.editions.editions import EditionLine, Editions
from agreements.editions.forms import AmendmentForm, SearchForm
from agreements.editions.obligations import amended, measures
from agreements.editions.official_wording.actions import STEPS as WORDING
from agreements.editions.texts import standing_chip
from agreements.instruments import texts as instrument_texts
from agreements.instruments.addresses import shown
from agreements.instruments.agreements import AgreementOnDay
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.instruments.sources import in_words
from iconm_portal.forms import files, unsent_input
from iconm_portal.models import Center, ProposalState
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement import texts as settlement_texts
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock


@dataclass(frozen=True, slots=True)
class EditionPlace:
    """An edition with its agreement and the editions beside it, as far as the person may know of them."""

    entry: AgreementOnDay
    all: Editions
    line: EditionLine


@center_view(Right.SEE_SETTLED)
@require_safe
def all_editions(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """The editions of an agreement, and the beginning of an amendment."""
    return list_page(request, center, agreement)


@center_view(Right.SEE_SETTLED)
@require_safe
def edition(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """One edition to read, with the steps that the person can take now."""
    return _edition_page(request, found(request, center, agreement, edition))


@center_view(Right.SEE_SETTLED)
@require_safe
def compare(request: HttpRequest, center: Center, agreement: str, edition: int, other: int) -> HttpResponse:
    """Two editions side by side: `other` is the older one, `edition` the newer, whatever their numbers."""
    place = found(request, center, agreement, edition)
    old = place.all.line(other)
    if old is None:
        raise Http404(other)
    compared = side_by_side.compare(old.edition, place.line.edition)
    context = {
        **_frame(center, place, page=_("Comparison")),
        "old": old,
        "new": place.line,
        "compared": compared,
        "rows": compared.rows if "all" in request.GET else compared.changed,
        "shows_all": "all" in request.GET,
        "finding": texts.difference(compared),
        "caveats": texts.caveats(place.line.edition, compared),
        "others": [line for line in place.all.lines if line.number not in (edition, other)],
    }
    return render(request, "agreements/editions/compare.html", context)


@center_view(Right.SEE_SETTLED)
@require_safe
def scan(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """The signed amendment, as both confirmed its conclusion; what waits for that, for the two staffs only."""
    row = found(request, center, agreement, edition).line.edition
    signed = row.conclusions.filter(scan__isnull=False).select_related("scan__content").order_by("revision")
    if not allowed(person(request), center, Right.SEE_SUBMITTED):
        signed = signed.filter(state=ProposalState.CONFIRMED)
    last = signed.last()
    if last is None or last.scan is None:
        raise Http404(edition)
    return files.download(last.scan)


@center_view(Right.SEE_SETTLED)
@require_safe
def search(request: HttpRequest, center: Center) -> HttpResponse:
    """Words in all provisions of the center."""
    form = SearchForm(request.GET)
    query = form.cleaned_data["q"] if form.is_valid() else ""
    result = (
        provision_search.search(person(request), center, query, day=clock.today())
        if provision_search.words_of(query)
        else None
    )
    context = {
        "form": form,
        "query": query,
        "result": result,
        "finding": _search_finding(query, result) if result else "",
        "hits": [(hit, standing_chip(hit.line.standing)) for hit in result.hits] if result else [],
        "crumbs": [Crumb(_("Agreements"), reverse("agreements:agreements", kwargs={"center": center.code}))],
    }
    return render(request, "agreements/editions/search.html", context, status=200 if form.is_valid() else 400)


def _search_finding(query: str, result: provision_search.Found) -> str:
    return ngettext(
        "“%(query)s” stands in %(count)s provision.",
        "“%(query)s” stands in %(count)s provisions.",
        result.total,
    ) % {"query": query, "count": result.total}


# What the pages about editions share


def found(request: HttpRequest, center: Center, agreement: str, edition: int) -> EditionPlace:
    """The edition, if the person may know of it; Http404 otherwise, whether it exists or not."""
    _on_day, entry = shown(request, center, agreement)
    known = editions.load(person(request), center, entry.agreement, day=clock.today())
    line = known.line(edition)
    if line is None:
        raise Http404(edition)
    return EditionPlace(entry, known, line)


def address(name: str, center: Center, place: EditionPlace, **more: Any) -> str:
    """The address of a page or a step of an edition."""
    code, number = place.entry.agreement.code, place.line.number
    return reverse(name, kwargs={"center": center.code, "agreement": code, "edition": number, **more})


def crumbs(center: Center, entry: AgreementOnDay, line: EditionLine | None = None) -> list[Crumb]:
    """The way down to an agreement's editions, or to a page under one of them."""
    at = {"center": center.code}
    way = [
        Crumb(_("Agreements"), reverse("agreements:agreements", kwargs=at)),
        Crumb(
            entry.agreement.short_title,
            reverse("agreements:agreement", kwargs=at | {"agreement": entry.agreement.code}),
        ),
    ]
    if line is not None:
        number = at | {"agreement": entry.agreement.code, "edition": line.number}
        way.append(Crumb(texts.name(line), reverse("agreements:edition", kwargs=number)))
    return way


def _frame(center: Center, place: EditionPlace, *, page: str = "") -> dict[str, Any]:
    """What every page about an edition shows above its content."""
    return {
        "agreement": place.entry.agreement,
        "line": place.line,
        "edition": place.line.edition,
        "name": texts.name(place.line),
        "chip": standing_chip(place.line.standing),
        "crumbs": crumbs(center, place.entry, place.line if page else None),
        "current": page or texts.name(place.line),
    }


frame = _frame


def list_page(
    request: HttpRequest, center: Center, code: str, *, start: AmendmentForm | None = None, status: int = 200
) -> HttpResponse:
    """The editions of an agreement; `start` is a form that was refused."""
    _on_day, entry = shown(request, center, code)
    known = editions.load(person(request), center, entry.agreement, day=clock.today())
    can_start = editions.can_amend(known, person(request))
    kept = unsent_input.kept_for(
        request, reverse("agreements:amendment_start", kwargs={"center": center.code, "agreement": code})
    )
    context = {
        "agreement": entry.agreement,
        "known": known,
        "rows": [(line, standing_chip(line.standing), texts.name(line)) for line in reversed(known.lines)],
        "finding": texts.which_holds(known),
        "can_start": can_start,
        "can_begin": not entry.is_annual and allowed(person(request), center, Right.PREPARE),
        "start": start or (AmendmentForm(kept) if kept is not None else AmendmentForm()),
        "crumbs": crumbs(center, entry),
    }
    return render(request, "agreements/editions/list.html", context, status=status)


def _edition_page(
    request: HttpRequest, place: EditionPlace, *, refusal: str = "", status: int = 200, **sent: Form
) -> HttpResponse:
    """An edition to read, with the steps that the person can take; `refusal`: why one was not taken."""
    if refusal:
        messages.error(request, refusal)
    line = place.line
    text = editions.read(line.edition)
    lines = place.all.lines
    context: dict[str, Any] = {
        **_frame(place.entry.agreement.center, place),
        "text": text,
        "source": in_words(line.edition.source),
        "finding": texts.what_it_is(line, place.all),
        "comes_too_late": place.all.comes_too_late(line),
        "remarks": texts.remarks(text),
        **_amendment(request, place),
        **_wording(request, place),
        "before": next((other for other in reversed(lines) if other.number < line.number), None),
        "after": next((other for other in lines if other.number > line.number), None),
        "newer": texts.newer(line, place.all),
        "can_import": editions.can_import(line, person(request), place.entry),
        **STEPS.shown(request, place, sent),
    }
    awaited = conclusion_actions.STEPS.awaited(context.get("unsigned")) | WORDING.awaited(
        context.get("wording_proposal")
    )
    if awaited:
        context["nobody_answers"] = settlement_texts.nobody_answers(
            person(request), place.entry.agreement.center, awaited
        )
    return render(request, "agreements/editions/edition.html", context, status=status)


def _amendment(request: HttpRequest, place: EditionPlace) -> dict[str, Any]:
    """Of an amendment: what becomes of the obligations, what its comparison cannot say, and whether it was signed."""
    edition, center = place.line.edition, place.entry.agreement.center
    if edition.number == 1 or edition.based_on is None:
        return {}
    sees_open = allowed(person(request), center, Right.SEE_SUBMITTED)
    conclusions = [
        row
        for row in edition.conclusions.select_related("scan", "proposed_by").order_by("revision")
        if row.is_confirmed or sees_open
    ]
    signed = next((row for row in reversed(conclusions) if row.is_confirmed), None)
    unsigned = next((row for row in reversed(conclusions) if not row.is_confirmed), None)
    return {
        "resting": amended.of(edition),
        "measures": measures.said(edition),
        "caveats": texts.caveats(edition, side_by_side.compare(edition.based_on, edition), above_text=True),
        "signed": signed,
        "signed_on": instrument_texts.concluded(signed) if signed else "",
        "unsigned": unsigned,
        "waits": settlement_texts.waits_for(unsigned) if unsigned else "",
        "can_conclude": edition.is_confirmed and allowed(person(request), center, Right.SETTLE_JOINTLY),
        "contribution": edition.contribution,
    }


def _wording(request: HttpRequest, place: EditionPlace) -> dict[str, Any]:
    """The official wording that waits for an answer, for the two staffs."""
    edition, center = place.line.edition, place.entry.agreement.center
    if edition.number > 1 or not allowed(person(request), center, Right.SEE_SUBMITTED):
        return {}
    rows = list(edition.wording_proposals.select_related("proposed_by", "declined_by").order_by("pk"))
    last = rows[-1] if rows else None
    proposal = next((row for row in rows if row.state == ProposalState.PROPOSED), None)
    answers = proposal is not None and center.side_of(person(request)) != proposal.proposed_side
    return {
        "wording_proposal": proposal,
        "wording_declined": last if last and last.state == ProposalState.DECLINED else None,
        "wording_waits": settlement_texts.waits_for(proposal) if proposal else "",
        "see_wording": _("See what it would do and answer") if answers else _("See what it would do"),
    }


def back_to(center: Center, place: EditionPlace, name: str = "agreements:edition") -> HttpResponse:
    """To the page after a step."""
    return redirect(address(name, center, place))


def _gone(request: HttpRequest, center: Center, refusal: str) -> HttpResponse:
    """Somebody discarded it meanwhile."""
    messages.error(request, refusal)
    at = request.resolver_match.kwargs if request.resolver_match else {}
    return redirect("agreements:editions", center=center.code, agreement=at["agreement"])


STEPS = StepViews(
    table=actions.STEPS,
    page="agreements:edition",
    find=found,
    show=_edition_page,
    item=lambda place: place.line.edition,
    onward={
        "discard": lambda edition, _none: reverse(
            "agreements:editions", args=[edition.center.code, edition.agreement.code]
        )
    },
    state_word=lambda place: str(place.line.edition.get_state_display()),
    gone=_gone,
)
