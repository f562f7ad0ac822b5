"""Pages on which staff of both sides enter the parts of an agreement: its parties, its support measures, and summaries."""

from typing import Any, assert_never

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from agreements.editions import editions
from agreements.editions.provisions import placing
from agreements.models import Agreement, Edition, Provision
from agreements.pages.master import measure_actions, party_actions, summary_actions
from agreements.pages.master.deletions import reasons
from agreements.pages.master.part_forms import MeasureForm, NewSummaryForm, PartyForm, SummaryForm
from agreements.pages.master.places import (
    agreement_or_404,
    back_to,
    crumbs,
    edition_today,
    measure_or_404,
)
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.forms.refusals import Refused, refusal_text
from iconm_portal.models import Center, Side
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.values import clock

READS_AND_WRITES = ["GET", "HEAD", "POST"]
TEMPLATE = "agreements/pages/master/part.html"


# -- Parties --


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def party(request: HttpRequest, center: Center, agreement: str, side: str) -> HttpResponse:
    """A side of the agreement, as it names it."""
    found = agreement_or_404(center, agreement)
    if side not in Side.values:
        raise Http404(side)
    which = Side(side)

    def form(data: QueryDict | None, _files: Files | None) -> PartyForm:
        held = found.parties.filter(side=which).first()
        fixed = party_actions.fixed_fields(found, held)
        return PartyForm(data, party=held, organisation=_organisation(center, which), fixed=fixed)

    def save(form: PartyForm) -> HttpResponse:
        party_actions.set_party(
            agreement=found,
            side=which,
            seen=form.cleaned_data["seen"],
            facts=form.facts(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The party is saved."))
        return back_to(found)

    def context(form: PartyForm) -> dict[str, Any]:
        stands = form.what_stays()
        return _context(found, _("Party %(side)s") % {"side": which.printed}) | {
            "stands": stands,
            "is_whole": len(stands) == len(form.standing),
            "note": _("The agreement is concluded with this, so it stays.") if stands else "",
        }

    return form_page(request, TEMPLATE, form=form, save=save, context=context)


def _organisation(center: Center, side: Side) -> str:
    match side:
        case Side.SUPPORTER:
            return center.supporter.name
        case Side.OPERATOR:
            return center.operator.name
        case _:
            assert_never(side)


# -- Support measures --


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def new_measure(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """Enter a support measure of the agreement."""
    found = agreement_or_404(center, agreement)

    def save(form: MeasureForm) -> HttpResponse:
        measure_actions.add_measure(
            agreement=found,
            code=form.cleaned_data["code"],
            facts=form.facts(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The support measure is added."))
        return back_to(found)

    return form_page(
        request,
        TEMPLATE,
        form=lambda data, _files: MeasureForm(data, agreement=found, edition=edition_today(found)),
        save=save,
        context=lambda _form: _context(found, _("Add a support measure")),
    )


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def measure(request: HttpRequest, center: Center, agreement: str, measure: str) -> HttpResponse:
    """Correct a support measure; its terms only until something rests on it."""
    found = agreement_or_404(center, agreement)
    row = measure_or_404(found, measure)

    def form(data: QueryDict | None, _files: Files | None) -> MeasureForm:
        now = measure_or_404(found, measure)
        return MeasureForm(
            data,
            agreement=found,
            edition=edition_today(found),
            measure=now,
            is_fixed=measure_actions.is_settled(now),
        )

    def save(form: MeasureForm) -> HttpResponse:
        measure_actions.change_measure(
            measure=row, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The changes are saved."))
        return back_to(found)

    def context(form: MeasureForm) -> dict[str, Any]:
        return _context(found, row.title, is_data=True) | {
            "deletes": row.code,
            "why_kept": reasons.of_measure(row),
            "note": ""
            if "limit_rule" in form.fields
            else _(
                "Something rests on the measure: what is granted, from when until when and how much stays."
                " An amendment of the agreement changes it."
            ),
        }

    return form_page(request, TEMPLATE, form=form, save=save, context=context)


# -- Summaries of provisions --


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def new_summary(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """A new article in our own words, or what stands under the provision that `within` names."""
    found, edition = _open_edition_or_404(center, agreement, request.method == "POST")
    within = request.GET.get("within", "")
    rows = summary_actions.provisions_of(edition)
    place = placing.place_within(rows, within)
    if place is None:
        raise Http404(within)

    def form(data: QueryDict | None, _files: Files | None) -> NewSummaryForm:
        now = summary_actions.edition_of(found)
        return NewSummaryForm(data, initial={"number": place.next_number, "version": now.version})

    def save(form: NewSummaryForm) -> HttpResponse:
        typed = form.cleaned_data
        summary_actions.add_summary(
            edition=edition, within=within, **typed, by=person(request), at=clock.now()
        )
        messages.success(request, _("The provision was added."))
        return back_to(found)

    above = {part.provision.key: part.place for part in editions.parts(rows)}.get(within, "")
    heading = _("Add to %(place)s") % {"place": above} if above else _("Add an article")
    return form_page(request, TEMPLATE, form=form, save=save, context=lambda _form: _context(found, heading))


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def summary(request: HttpRequest, center: Center, agreement: str, key: str) -> HttpResponse:
    """What a provision says, in our own words."""
    found, edition = _open_edition_or_404(center, agreement, request.method == "POST")
    row = get_object_or_404(Provision, edition=edition.pk, key=key)
    return _summary_page(request, found, edition, row)


def _summary_page(
    request: HttpRequest, found: Agreement, edition: Edition, row: Provision, refusal: str = ""
) -> HttpResponse:
    def form(data: QueryDict | None, _files: Files | None) -> SummaryForm:
        now = summary_actions.edition_of(found)
        held = now.provisions.filter(key=row.key).first() or row
        stored = {"heading": held.heading, "summary": held.summary}
        return SummaryForm(data, initial=stored | {"version": now.version})

    def save(form: SummaryForm) -> HttpResponse:
        summary_actions.change_summary(
            edition=edition, key=row.key, **form.cleaned_data, by=person(request), at=clock.now()
        )
        messages.success(request, _("The provision was saved."))
        return back_to(found)

    parts = {part.provision.key: part.place for part in editions.parts(list(edition.provisions.all()))}
    below = sum(1 for key in parts if key.startswith(f"{row.key}/"))
    context = _context(found, _("Edit %(place)s") % {"place": parts.get(row.key, row.label)})
    removal = {"removes": row.key, "below": below, "version": edition.version}
    if refusal:
        shown = {"form": form(None, None), "not_removed": refusal}
        return render(request, TEMPLATE, context | removal | shown, status=409)
    return form_page(request, TEMPLATE, form=form, save=save, context=lambda _form: context | removal)


@center_view(Right.PREPARE)
@require_POST
def remove_summary(request: HttpRequest, center: Center, agreement: str, key: str) -> HttpResponse:
    """Take a provision out, with all below it."""
    found, edition = _open_edition_or_404(center, agreement, True)
    row = get_object_or_404(Provision, edition=edition.pk, key=key)
    try:
        gone = summary_actions.remove_summary(
            edition=edition, version=seen_version(request), key=key, by=person(request), at=clock.now()
        )
    except Refused as error:
        request.method = "GET"
        return _summary_page(request, found, edition, row, refusal_text(error, ""))
    said = ngettext("%(count)s provision was removed.", "%(count)s provisions were removed.", gone)
    messages.success(request, said % {"count": gone})
    return back_to(found)


def _open_edition_or_404(center: Center, agreement: str, is_sent: bool) -> tuple[Agreement, Edition]:
    """The first edition as long as summaries are written into it; what is sent too late the action refuses."""
    found = agreement_or_404(center, agreement)
    edition = summary_actions.edition_of(found)
    if not is_sent and summary_actions.why_fixed(edition):
        raise Http404(agreement)
    return found, edition


# -- What they share --


def _context(found: Agreement, heading: str, *, is_data: bool = False) -> dict[str, Any]:
    return {
        "agreement": found,
        "current": heading,
        "is_data": is_data,
        "crumbs": crumbs(found.center, found),
    }
