"""Wording an amendment: started as a copy of what holds, then provision by provision."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from agreements.editions import draft_actions as actions
from agreements.editions import editions, side_by_side, texts
from agreements.editions.amendment_views import READS_AND_WRITES
from agreements.editions.forms import AmendmentForm, AnnualAmendmentForm, NewProvisionForm, ProvisionForm
from agreements.editions.obligations import amended, measures
from agreements.editions.provisions import placing
from agreements.editions.views import STEPS, EditionPlace, address, back_to, found, frame, list_page
from agreements.models import Provision, ProvisionKind
from agreements.wording import Kind
from iconm_portal.forms import unsent_input
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.forms.refusals import Refused, add_refusals
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.proposal_workflow import OPEN
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import step_from
from iconm_portal.values import clock

# -- Starting --


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:editions")
def start(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """A draft copy of the wording that holds, and on to it."""
    form = AmendmentForm(request.POST)
    if form.is_valid():
        try:
            draft = actions.start_amendment(
                agreement=_agreement(center, agreement),
                in_force_from=form.cleaned_data["in_force_from"],
                reason=form.cleaned_data["reason"],
                by=person(request),
                at=clock.now(),
            )
        except ValidationError as error:
            add_refusals(form, error)
        else:
            unsent_input.forget(request)
            messages.success(request, _("The amendment was started with a copy of the wording that holds."))
            return redirect(
                "agreements:edition_draft", center=center.code, agreement=agreement, edition=draft.number
            )
    return list_page(request, center, agreement, start=form, status=400)


def _agreement(center: Center, code: str) -> Any:
    agreement = center.agreements.filter(code=code).select_related("center").first()
    if agreement is None:
        raise Http404(code)
    return agreement


# -- Wording --


def is_open(place: EditionPlace) -> bool:
    """Whether the wording can still be changed here."""
    return place.line.edition.state in OPEN and place.line.number > 1


def too_late(request: HttpRequest, center: Center, place: EditionPlace) -> HttpResponse:
    """Somebody proposed, removed or settled it meanwhile: what was typed is shown to be copied."""
    if request.method != "POST":
        return back_to(center, place)
    typed = [request.POST.get(name, "") for name in ("number", "heading", "text", "summary", "reason")]
    context = {
        **frame(center, place, page=_("What you typed")),
        "typed": [text for text in typed if text.strip()],
    }
    return render(request, "agreements/editions/gone.html", context, status=409)


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(READS_AND_WRITES)
def draft(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """The draft with what differs from the wording that it amends; its day and its reason."""
    place = found(request, center, agreement, edition)
    if not is_open(place):
        return too_late(request, center, place)

    def form(data: QueryDict | None, _files: Files | None) -> AmendmentForm:
        now = found(request, center, agreement, edition).line.edition
        stored = {"in_force_from": now.in_force_from, "reason": now.reason, "version": now.version}
        if not place.entry.is_annual:
            return AmendmentForm(data, initial=stored)
        thousands = None if now.contribution is None else Decimal(now.contribution) / 1000
        annual = {"contribution": thousands, "content": now.preamble}
        return AnnualAmendmentForm(data, initial=stored | annual)

    def save(form: AmendmentForm) -> HttpResponse:
        facts = form.facts() if isinstance(form, AnnualAmendmentForm) else form.cleaned_data
        actions.change_draft(edition=place.line.edition, **facts, by=person(request), at=clock.now())
        messages.success(request, _("The day and the reason were saved."))
        return back_to(center, place, "agreements:edition_draft")

    return form_page(
        request,
        "agreements/editions/draft.html",
        form=form,
        save=save,
        context=lambda _form: _draft_context(center, found(request, center, agreement, edition)),
    )


def _draft_context(center: Center, place: EditionPlace) -> dict[str, Any]:
    edition = place.line.edition
    compared = side_by_side.compare(edition.based_on, edition) if edition.based_on else None
    base = place.all.line(edition.based_on.number) if edition.based_on else None
    resting, granted = amended.of(edition), measures.of(edition)
    return {
        **frame(center, place, page=_("Wording of the amendment")),
        "base": base,
        "base_name": texts.name(base) if base else "",
        "text": editions.read(edition),
        "compared": compared,
        "finding": texts.of_draft(edition, compared),
        "caveats": texts.caveats(edition, compared),
        "resting": resting,
        "has_open": any(one.is_open for one in resting),
        "measures": granted,
        "has_open_measures": any(one.is_open for one in granted),
        "is_annual": place.entry.is_annual,
        "changes": {
            row.change.new.key: texts.CHANGES[row.kind]
            for row in (compared.changed if compared else ())
            if row.change.new
        },
    }


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(READS_AND_WRITES)
def provision(request: HttpRequest, center: Center, agreement: str, edition: int, key: str) -> HttpResponse:
    """The words of one provision of the draft."""
    place = found(request, center, agreement, edition)
    if not is_open(place):
        return too_late(request, center, place)
    row = place.line.edition.provisions.filter(key=key).first()
    if row is None and request.method == "POST":
        return too_late(request, center, place)
    if row is None:
        raise Http404(key)

    def form(data: QueryDict | None, _files: Files | None) -> ProvisionForm:
        now = found(request, center, agreement, edition).line.edition
        held = now.provisions.filter(key=key).first() or row
        stored = {"heading": held.heading, "text": held.text, "summary": held.summary}
        is_plain = (
            held.kind == ProvisionKind.ARTICLE and held.children.exists()
        )  # its text stands in its parts
        kind = Kind.PARAGRAPH if is_plain else Kind(held.kind)
        first = stored | {"version": now.version}
        return ProvisionForm(data, initial=first, kind=kind, provision_label=held.label)

    def save(form: ProvisionForm) -> HttpResponse:
        actions.change_provision(
            edition=place.line.edition,
            version=form.cleaned_data["version"],
            key=key,
            wanted=form.wanted(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The provision was saved."))
        return redirect(f"{address('agreements:edition_draft', center, place)}#{key}")

    return form_page(
        request,
        "agreements/editions/provision.html",
        form=form,
        save=save,
        context=lambda _form: _provision_context(center, found(request, center, agreement, edition), row),
    )


def _provision_context(center: Center, place: EditionPlace, row: Provision) -> dict[str, Any]:
    parts = {part.provision.key: part for part in editions.read(place.line.edition).parts}
    part = parts.get(row.key)
    current = _("Edit %(place)s") % {"place": part.place if part else row.label}
    below = sum(1 for key in parts if key.startswith(f"{row.key}/"))
    before = row.continues
    return {
        **frame(center, place, page=current),
        "row": row,
        "part": part,
        "before": before if before and (before.text or before.summary or before.heading) else None,
        "below": below,
    }


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(READS_AND_WRITES)
def add(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """A new article, or what stands under the provision that `within` names."""
    place = found(request, center, agreement, edition)
    if not is_open(place):
        return too_late(request, center, place)
    within = request.GET.get("within", "")
    rows = list(place.line.edition.provisions.all())
    place_of = placing.place_within(rows, within)
    if place_of is None:
        raise Http404(within)
    first = {"number": place_of.next_number}

    def form(data: QueryDict | None, _files: Files | None) -> NewProvisionForm:
        now = found(request, center, agreement, edition).line.edition
        return NewProvisionForm(data, initial=first | {"version": now.version}, kind=place_of.kind)

    def save(form: NewProvisionForm) -> HttpResponse:
        actions.add_provision(
            edition=place.line.edition,
            version=form.cleaned_data["version"],
            within=within,
            number=form.cleaned_data["number"],
            wanted=form.wanted(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The provision was added."))
        return back_to(center, place, "agreements:edition_draft")

    parts = {part.provision.key: part.place for part in editions.parts(rows)}
    return form_page(
        request,
        "agreements/editions/add.html",
        form=form,
        save=save,
        context=lambda _form: {
            **frame(center, place, page=_("Add a provision")),
            "within": within,
            "within_place": parts.get(within, place_of.parent.label if place_of.parent else ""),
        },
    )


@center_view(Right.SETTLE_JOINTLY)
@step_from("agreements:edition_draft")
def leave_the_rest(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """Every obligation of which nothing is said yet stays as it is."""
    place = found(request, center, agreement, edition)
    try:
        actions.leave_the_rest(
            edition=place.line.edition,
            version=seen_version(request),
            by=person(request),
            at=clock.now(),
        )
    except Refused as error:
        return STEPS.refused(request, center, place, {"agreement": agreement, "edition": edition}, error)
    messages.success(request, _("What becomes of the obligations was saved."))
    return redirect(f"{address('agreements:edition_draft', center, place)}#obligations")


@center_view(Right.SETTLE_JOINTLY)
def remove(request: HttpRequest, center: Center, agreement: str, edition: int, key: str) -> HttpResponse:
    """Take a provision out of the draft, with all below it."""
    place = found(request, center, agreement, edition)
    if request.method != "POST":
        return back_to(center, place)
    if not place.line.edition.provisions.filter(key=key).exists():
        raise Http404(key)
    try:
        gone = actions.remove_provision(
            edition=place.line.edition,
            version=seen_version(request),
            key=key,
            by=person(request),
            at=clock.now(),
        )
    except Refused as error:
        return STEPS.refused(request, center, place, {"agreement": agreement, "edition": edition}, error)
    said = ngettext("%(count)s provision was removed.", "%(count)s provisions were removed.", gone)
    messages.success(request, said % {"count": gone})
    return back_to(center, place, "agreements:edition_draft")
