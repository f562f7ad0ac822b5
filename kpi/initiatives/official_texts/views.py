"""What stands in the portal's own words, and the official texts that the parties put in its place."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_views import StepViews
from iconm_portal.settlement.texts import proposal_chip, side
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from kpi.initiatives.official_texts import actions
from kpi.initiatives.official_texts import official_texts as read
from kpi.initiatives.official_texts.forms import OfficialTextsForm
from kpi.models import OfficialTextProposal
from kpi.plans.sources import in_words
from kpi.targets.texts import state_in_words


@center_view(Right.SEE_SETTLED)
@require_safe
def texts(request: HttpRequest, center: Center) -> HttpResponse:
    """Every direct goal and activity with its summary and its official text, and what was proposed."""
    user = person(request)
    context = {
        "groups": [(one, in_words(one.source) if one.source else "") for one in read.groups(center)],
        "rows": [(row, proposal_chip(row.state)) for row in read.visible(user, center)],
        "can_propose": allowed(user, center, Right.SETTLE_JOINTLY),
    }
    return render(request, "kpi/initiatives/official_texts/list.html", context)


@center_view(Right.SETTLE_JOINTLY)
def new(request: HttpRequest, center: Center, group: str) -> HttpResponse:
    """Begin a proposal: the group's summaries with a field for each official text."""
    of = read.group(center, group)
    if of is None:
        raise Http404(group)

    def save(form: OfficialTextsForm) -> HttpResponse:
        made = actions.start(
            center=center,
            scheme=of.scheme,
            document=form.cleaned_data["document"],
            texts=form.texts(),
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The draft was saved. Look at what would change, and put it forward."))
        return redirect(_address("kpi:official_text_proposal", made))

    return form_page(
        request,
        "kpi/initiatives/official_texts/form.html",
        form=lambda data, _files: OfficialTextsForm(data, group=of),
        save=save,
        context=lambda _form: {"group": of, "crumbs": _crumbs(center)},
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def proposal(request: HttpRequest, center: Center, proposal: int) -> HttpResponse:
    """One proposal: which texts, from which document, and where it stands."""
    return _page(request, _found(request, center, proposal))


@center_view(Right.SETTLE_JOINTLY)
def edit(request: HttpRequest, center: Center, proposal: int) -> HttpResponse:
    """Change a draft, or what was declined."""
    found = _found(request, center, proposal)
    if request.method != "POST" and not actions.STEPS.possible(found, person(request)).edit:
        return redirect(_address("kpi:official_text_proposal", found))

    def save(form: OfficialTextsForm) -> HttpResponse:
        actions.save(
            proposal=found,
            version=form.cleaned_data["version"],
            document=form.cleaned_data["document"],
            texts=form.texts(),
            by=person(request),
        )
        messages.success(request, _("The draft was saved."))
        return redirect(_address("kpi:official_text_proposal", found))

    return form_page(
        request,
        "kpi/initiatives/official_texts/form.html",
        form=lambda data, _files: _form(_found(request, center, proposal), data),
        save=save,
        context=lambda form: {"group": form.group, "proposal": found, "crumbs": _crumbs(center, found)},
        state=lambda _form: _found(request, center, proposal).get_state_display(),
    )


# -- What the pages share --


def _address(name: str, found: OfficialTextProposal) -> str:
    return reverse(name, kwargs={"center": found.center.code, "proposal": found.pk})


def _found(request: HttpRequest, center: Center, proposal: int) -> OfficialTextProposal:
    return get_object_or_404(read.visible(person(request), center), pk=proposal)


def _form(found: OfficialTextProposal, data: Any) -> OfficialTextsForm:
    stored = {f"text-{line.kgi_id or line.initiative_id}": line.text for line in found.lines.all()}
    return OfficialTextsForm(
        data,
        group=read.group_of(found),
        initial={"document": found.document, "version": found.version, **stored},
    )


def _crumbs(center: Center, found: OfficialTextProposal | None = None) -> list[Crumb]:
    crumbs = [Crumb(_("Official texts"), reverse("kpi:official_texts", kwargs={"center": center.code}))]
    if found is not None:
        title = _("Proposal %(number)s") % {"number": found.pk}
        crumbs.append(Crumb(title, _address("kpi:official_text_proposal", found)))
    return crumbs


def _page(
    request: HttpRequest, found: OfficialTextProposal, *, refusal: str = "", status: int = 200, **sent: Form
) -> HttpResponse:
    context = {
        "changes": read.changes(found),
        "proposal": found,
        "chip": proposal_chip(found.state),
        "finding": state_in_words(found),
        "side": side(found.proposed_side),
        "refusal": refusal,
        "crumbs": _crumbs(found.center),
        **STEPS.shown(request, found, sent),
    }
    return render(request, "kpi/initiatives/official_texts/proposal.html", context, status=status)


STEPS = StepViews(
    table=actions.STEPS,
    page="kpi:official_text_proposal",
    find=_found,
    show=_page,
    onward={"discard": lambda found, _none: reverse("kpi:official_texts", args=[found.center.code])},
)
