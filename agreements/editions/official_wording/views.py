"""Importing an official wording in two steps: the page shows what was understood and carries the text; then it is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from agreements.editions import comparison, editions, side_by_side, texts
from agreements.editions.forms import SaveForm, Source, WordingForm
from agreements.editions.official_wording import import_plan
from agreements.editions.official_wording.actions import STEPS as STEP_TABLE
from agreements.editions.official_wording.actions import import_wording
from agreements.editions.views import EditionPlace, back_to, found, frame
from agreements.models import WordingProposal
from agreements.wording import Provision, Wording, WordingTooLong
from agreements.wording import texts as wording_texts
from agreements.wording.files.extracted import from_data
from iconm_portal.forms import unsent_input
from iconm_portal.forms.refusals import Conflict, WrongStep, refusal_text
from iconm_portal.models import Center, ProposalState
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement import texts as settlement_texts
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.values import clock
from iconm_portal.values.written.letters import folded


@dataclass(frozen=True, slots=True)
class Branch:
    """A provision in the tree that was understood."""

    read: Provision
    depth: int
    is_new: bool
    was: str = ""  # the number that it had, where that is another one
    doubts: tuple[str, ...] = ()  # what looks wrong in its lines


@center_view(Right.SETTLE_JOINTLY)
@require_http_methods(["GET", "HEAD", "POST"])
def import_text(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """A form; what its text was understood as; and, posted again with the text, the saving."""
    place = found(request, center, agreement, edition)
    if not editions.can_import(place.line, person(request), place.entry):
        messages.error(request, _("No text can be imported into this wording now."))
        return back_to(center, place)
    if request.method != "POST":
        kept = unsent_input.kept_for(request)
        first = {"text": kept.get("text", "")} if kept is not None else None
        return _form_page(request, center, place, WordingForm(initial=first))
    if request.POST.get("step") == "save":
        return _save(request, center, place)
    form = WordingForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, center, place, form)
    try:
        wording = form.source.parsed()
    except WordingTooLong as error:
        form.add_error("text" if not form.cleaned_data.get("file") else "file", wording_texts.refusal(error))
        return _form_page(request, center, place, form)
    return _preview(request, center, place, wording, form.source)


def _form_page(request: HttpRequest, center: Center, place: EditionPlace, form: WordingForm) -> HttpResponse:
    context = {**frame(center, place, page=_("Import the official wording")), "form": form}
    return render(request, "agreements/editions/import.html", context, status=400 if form.is_bound else 200)


def _save(request: HttpRequest, center: Center, place: EditionPlace) -> HttpResponse:
    form = SaveForm(request.POST)
    if not form.is_valid():
        return _form_page(request, center, place, WordingForm(request.POST))
    source = form.source
    try:
        wording = source.parsed()
    except WordingTooLong as error:
        refused = WordingForm({"text": source.text})
        refused.add_error("text", wording_texts.refusal(error))
        return _form_page(request, center, place, refused)
    try:
        import_wording(
            edition=place.line.edition,
            version=seen_version(request),
            wording=wording,
            file_name=source.name,
            by=person(request),
            at=clock.now(),
            accept_problems=form.cleaned_data["accept"],
            notes=source.notes,
        )
    except ValidationError as error:
        return _preview(request, center, place, wording, source, refusal=" ".join(error.messages), status=400)
    except (Conflict, WrongStep) as error:
        again = found(request, center, place.entry.agreement.code, place.line.number)
        state = str(again.line.edition.get_state_display())
        said = refusal_text(error, state)
        return _preview(request, center, again, wording, source, refusal=said, status=409)
    unsent_input.forget(request)
    messages.success(
        request,
        _("The official wording was imported.")
        if place.line.number > 1
        else _(
            "The official wording was put before the other side. It is imported once that has confirmed it."
        ),
    )
    return back_to(center, place)


# -- What waits for the other side --


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edition with the official wording that waits for an answer; None where none does."""

    place: EditionPlace
    waiting: WordingProposal | None


def _proposal(request: HttpRequest, center: Center, agreement: str, edition: int) -> Proposal:
    place = found(request, center, agreement, edition)
    rows = place.line.edition.wording_proposals.filter(state=ProposalState.PROPOSED)
    return Proposal(place, rows.select_related("proposed_by", "edition__agreement__center").first())


@center_view(Right.SEE_SUBMITTED)
@require_http_methods(["GET", "HEAD"])
def proposal(request: HttpRequest, center: Center, agreement: str, edition: int) -> HttpResponse:
    """What an official wording that waits for an answer would do, with the answer."""
    return _proposal_page(request, _proposal(request, center, agreement, edition))


def _proposal_page(
    request: HttpRequest, there: Proposal, *, refusal: str = "", status: int = 200, **sent: Form
) -> HttpResponse:
    center = there.place.entry.agreement.center
    if there.waiting is None:
        if refusal:
            messages.error(request, refusal)
        return back_to(center, there.place)
    waiting = there.waiting
    source = Source(waiting.text, waiting.file_name, notes=from_data(waiting.notes))
    more = {
        "proposal": there.waiting,
        "waits": settlement_texts.waits_for(there.waiting),
        "decline_form": None,
        **STEPS.shown(request, there, sent),
    }
    wording = source.parsed()
    return _preview(request, center, there.place, wording, source, refusal=refusal, status=status, more=more)


STEPS = StepViews(
    table=STEP_TABLE,
    page="agreements:wording",
    after="agreements:edition",
    find=_proposal,
    show=_proposal_page,
    item=lambda there: there.waiting,
    nothing=gettext_lazy("No official wording waits for an answer any more."),
    state_word=lambda there: str(there.waiting.get_state_display()) if there.waiting else "",
)


def _preview(
    request: HttpRequest,
    center: Center,
    place: EditionPlace,
    wording: Wording,
    source: Source,
    *,
    refusal: str = "",
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """What was understood, and what saving would do. Writes nothing."""
    edition = place.line.edition
    plan = import_plan.plan(edition, wording)
    has_text = any(row.text for row in plan.standing)
    compared = (
        side_by_side.compare_clauses(side_by_side.whole(edition, plan.standing), comparison.clauses(wording))
        if has_text
        else None
    )
    doubts = _doubts(plan)
    context: dict[str, Any] = {
        **frame(center, place, page=_("Import the official wording")),
        "plan": plan,
        "source": source,
        "branches": [
            Branch(
                read,
                read.key.count("/"),
                read.key not in plan.held,
                _was(plan, read),
                doubts.get(read.key, ()),
            )
            for read in plan.order[:_MOST_SHOWN]
        ],
        "left_out": max(0, len(plan.order) - _MOST_SHOWN),
        "problems": [wording_texts.problem(problem) for problem in plan.problems],
        "runs": [(run, wording_texts.USES[run.use]) for run in plan.runs],
        "compared": compared,
        "rows": compared.changed if compared else (),
        "difference": texts.difference(compared) if compared else "",
        "other_title": _other_title(place, wording),
        "form": SaveForm.of(source),
        "can_save": plan.is_agreement and not plan.is_too_long,
        "refusal": refusal,
        "counts": _counts(plan),
        "is_amendment": edition.number > 1,
        **(more or {}),
    }
    return render(request, "agreements/editions/preview.html", context, status=status)


def _other_title(place: EditionPlace, wording: Wording) -> str:
    """The title that the text bears where it is not the agreement's: it may be the text of another one."""
    is_same = folded(wording.title) == folded(place.entry.agreement.title)
    return "" if is_same else wording.title


_MOST_SHOWN = import_plan.MOST_PROVISIONS


def _doubts(plan: import_plan.Plan) -> dict[str, tuple[str, ...]]:
    """What looks wrong, by the provision to which its line went."""
    by_key: dict[str, tuple[str, ...]] = {}
    for problem in plan.problems:
        key = plan.wording.lines[problem.line - 1].belongs_to if problem.line else ""
        by_key[key] = (*by_key.get(key, ()), wording_texts.problem(problem))
    return by_key


def _was(plan: import_plan.Plan, read: Provision) -> str:
    held = plan.held.get(read.key)
    moved = held is not None and held.key != read.key and held.key.count("/") == 0
    return held.label if held is not None and moved else ""


def _counts(plan: import_plan.Plan) -> dict[str, int]:
    not_understood = sum(run.last - run.first + 1 for run in plan.not_understood)
    return {
        "articles": len(plan.wording.articles()),
        "provisions": len(plan.order),
        "lines": plan.line_count,
        "used": plan.line_count - not_understood,
        "not_understood": not_understood,
    }
