"""Agreements to read: the list with its timeline, one agreement, the signed scan."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agreements.consultations import consultations
from agreements.editions import articles, editions, texts
from agreements.endings import consequences, free_use, grants
from agreements.endings.grants import Grant
from agreements.instruments import agreements as instrument_agreements
from agreements.instruments import annual_actions, ending_actions, labels, reported_facts, steps
from agreements.instruments import texts as instrument_texts
from agreements.instruments.addresses import crumbs, shown, state_word
from agreements.instruments.agreements import READING_ORDER, AgreementOnDay, AgreementsOnDay
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.instruments.sources import in_words
from agreements.models import SupportMeasure
from agreements.pages import timeline
from agreements.support import texts as support_texts
from iconm_portal.display import template_tags
from iconm_portal.forms import files
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement import texts as settlement_texts
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.values import clock


@dataclass(frozen=True, slots=True)
class ListedAgreement:
    """An agreement in the list, in words."""

    entry: AgreementOnDay
    chip: str
    concluded: str
    period: str
    above: AgreementOnDay | None


@center_view(Right.SEE_SETTLED)
@require_safe
def agreements(request: HttpRequest, center: Center) -> HttpResponse:
    """Which agreements are in force today, and all of them over time."""
    found = instrument_agreements.load(center, day=clock.today()).seen_by(person(request))
    said = instrument_texts.findings(found)
    context: dict[str, Any] = {
        "on_day": found,
        "finding": said[0],
        "remarks": said[1:],
        "tally": [
            (labels.state_chip(state), len(found.in_state(state)))
            for state in READING_ORDER
            if found.in_state(state)
        ],
        "rows": [_row(found, entry) for state in READING_ORDER for entry in found.in_state(state)],
        "chart": timeline.chart(found, caption=_("The agreements over time, with today, reviews and ends"))
        if found.entries
        else None,
    }
    return render(request, "agreements/pages/agreements/list.html", context)


def _row(found: AgreementsOnDay, entry: AgreementOnDay) -> ListedAgreement:
    return ListedAgreement(
        entry=entry,
        chip=labels.chip_of(entry.facts, entry.day),
        concluded=instrument_texts.partial(entry.conclusion.concluded_on) if entry.conclusion else "",
        period=timeline.period(entry, template_tags.era_date_short),
        above=found.parent(entry),
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def agreement(request: HttpRequest, center: Center, agreement: str) -> HttpResponse:
    """One agreement: its state in words, who, when, what it says, and what hangs on it."""
    return agreement_page(request, *shown(request, center, agreement))


@center_view(Right.SEE_SETTLED)
@require_safe
def scan(request: HttpRequest, center: Center, agreement: str, revision: int) -> HttpResponse:
    """The scan of the signed document, as it was recorded with that revision of the conclusion."""
    _found, entry = shown(request, center, agreement)
    found = entry.agreement.conclusions.filter(revision=revision, edition=None)
    conclusion = found.select_related("scan__content").first()
    sees_it = allowed(person(request), center, Right.SEE_SUBMITTED)
    if conclusion is None or conclusion.scan is None or not (conclusion.is_confirmed or sees_it):
        raise Http404(revision)
    return files.download(conclusion.scan)


def agreement_page(
    request: HttpRequest,
    found: AgreementsOnDay,
    entry: AgreementOnDay,
    *,
    refusal: str = "",
    status: int = 200,
    **sent: Form,
) -> HttpResponse:
    """The agreement to read, with the steps that the person can take; `refusal`: why one was not taken."""
    if refusal:
        messages.error(request, refusal)
    user, center = person(request), found.center
    said = instrument_texts.in_words(entry, found.ended_by(entry))
    sees_proposals = allowed(user, center, Right.SEE_SUBMITTED)
    granted = grants.of_agreements(found, free_use.load(center, known_at=found.day))
    talks = consultations.visible(user, center).filter(agreement=entry.agreement)
    context: dict[str, Any] = {
        "on_day": found,
        "entry": entry,
        "sees_proposals": sees_proposals,
        "agreement": entry.agreement,
        "reported": reported_facts.of_agreement(entry.agreement),
        "chip": labels.chip_of(entry.facts, entry.day),
        "finding": said[0],
        "remarks": said[1:],
        "period": timeline.period(entry),
        "concluded": instrument_texts.concluded(entry.conclusion),
        "conclusions": [
            (row, instrument_texts.partial(row.concluded_on), in_words(row.source))
            for row in entry.conclusions
            if row.is_confirmed or sees_proposals
        ],
        **_proposed_conclusion(entry, sees_proposals),
        "source": in_words(entry.agreement.source),
        "notices": [(notice, settlement_texts.side(notice.side)) for notice in entry.notices],
        "endings": [
            (
                ending,
                settlement_texts.proposal_chip(ending.state),
                settlement_texts.side(ending.proposed_side),
            )
            for ending in entry.endings
            if ending.is_confirmed or sees_proposals
        ],
        "terms_chip": settlement_texts.proposal_chip(entry.terms.state)
        if entry.is_annual and entry.terms
        else "",
        "posts": instrument_agreements.posts(center, found.day),
        "editions": _editions(entry, sees_proposals),
        "articles": articles.load(entry.edition, entry.measures),
        "has_official_wording": entry.edition is not None
        and entry.edition.pk in editions.with_official_wording(entry.editions),
        "parent": found.parent(entry),
        "replaced": found.replaced(entry),
        "replaced_by": found.replaced_by(entry),
        "children": [_row(found, child) for child in found.children(entry)],
        "measures": [(one, _granted_years(one, granted)) for one in entry.measures],
        "carried": [(one, _granted_years(one, granted)) for one in found.carried(entry)],
        "falls": consequences.falls_at_its_end(found, entry),
        "consultations": [(talk, settlement_texts.proposal_chip(talk.state)) for talk in talks],
        "can_record": allowed(user, center, Right.SETTLE_JOINTLY),
        "crumbs": crumbs(center),
        **ANNUAL.shown(request, (found, entry), sent),
        "steps": steps.steps(entry, user),
    }
    awaited = ending_actions.STEPS.awaited(entry.ending)
    if awaited := awaited | conclusion_actions.STEPS.awaited(entry.open_conclusion):
        context["nobody_answers"] = settlement_texts.nobody_answers(user, center, awaited)
    return render(request, "agreements/pages/agreements/agreement.html", context, status=status)


def _proposed_conclusion(entry: AgreementOnDay, sees_proposals: bool) -> dict[str, Any]:
    """What one side recorded and the other has not confirmed, for the two staffs."""
    row = entry.open_conclusion if sees_proposals else None
    if row is None:
        return {}
    return {
        "proposed_conclusion": row,
        "proposed_conclusion_day": instrument_texts.partial(row.concluded_on),
        "proposed_conclusion_chip": settlement_texts.proposal_chip(row.state),
        "proposed_conclusion_waits": settlement_texts.waits_for(row),
    }


def _granted_years(measure: SupportMeasure, granted: Mapping[int, Grant]) -> str:
    return support_texts.granted_years(measure.first_year, measure.last_year, granted[measure.pk])


def _editions(
    entry: AgreementOnDay, sees_proposals: bool
) -> list[tuple[editions.EditionLine, str, str, bool]]:
    """The editions that the person may know of, each with its name, what it is today, and whether the official wording is
    there."""
    shown_ = [
        edition for edition in entry.editions if edition.number == 1 or edition.is_confirmed or sees_proposals
    ]
    known = editions.of(entry.agreement, shown_, day=entry.day)
    worded = editions.with_official_wording(entry.editions)
    return [
        (line, texts.name(line), texts.standing_chip(line.standing), line.edition.pk in worded)
        for line in known.lines
    ]


def _page(request: HttpRequest, place: tuple[AgreementsOnDay, AgreementOnDay], **more: Any) -> HttpResponse:
    return agreement_page(request, *place, **more)


ANNUAL = StepViews(
    table=annual_actions.STEPS,
    page="agreements:agreement",
    names="agreements:annual",
    find=shown,
    show=_page,
    item=lambda place: place[1].terms if place[1].is_annual else None,
    state_word=lambda place: state_word(place[1]),
)
