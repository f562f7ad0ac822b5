"""The entry page of a statement: typing, checking while typing, saving, and what happens when two people do."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from finance.models import Statement
from finance.statements import actions, draft_actions
from finance.statements import statements as read
from finance.statements import texts as statement_texts
from finance.statements.entry_forms import EntryForm, groups, name_of
from finance.statements.step_views import handed_in
from finance.statements.views import address, crumbs, shown
from iconm_portal.forms import unsent_input
from iconm_portal.forms.drafts import saved_since, with_choices, wrong_title
from iconm_portal.models import Center, StoredFile
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement import review
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.templatetags import portal
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> HttpResponse:
    """All accounts of the year on one page."""
    if request.method == "POST":
        return _save(request, center, year, stage, revision)
    found = shown(request, center, year, stage, revision)
    kept = unsent_input.kept_for(request)
    if kept is not None:
        return _page(
            request, _brought_up(request, found, kept), was_kept=True, conflict=saved_since(found, kept)
        )
    if not found.is_editable:
        return redirect(address("finance:statement", found))
    return _page(request, EntryForm(_sheet(request, found), today=clock.today()))


def _sheet(request: HttpRequest, found: Statement) -> read.Sheet:
    return read.load(found, person(request), today=clock.today())


def _save(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> HttpResponse:
    mine = read.visible(person(request), center).filter(fiscal_year=year, stage=stage, revision=revision)
    found = mine.first()
    if found is None:
        return _gone(request)
    if "give_up" in request.POST:
        unsent_input.forget(request)
        return redirect(request.path)
    if saved_since(found, request.POST):
        return _conflict(request, found)
    sheet = _sheet(request, found)
    data = with_choices(request.POST, groups(sheet))
    form = EntryForm(sheet, today=clock.today(), data=data, uploads=request.FILES)
    if not form.is_valid():
        return _page(request, form, files_again=bool(request.FILES))
    try:
        return _saved(request, found, form)
    except (review.Conflict, review.WrongStep):
        now = mine.first()
        return _conflict(request, now) if now else _gone(request)
    except ValidationError as error:
        return _refused(request, mine.get(), error)


def _refused(request: HttpRequest, found: Statement, error: ValidationError) -> HttpResponse:
    """The page as it was typed, with what the action found; nothing was saved."""
    form = _brought_up(request, found, request.POST)
    form.refuse(error)
    return _page(request, form, files_again=bool(request.FILES))


def _saved(request: HttpRequest, found: Statement, form: EntryForm) -> HttpResponse:
    """Keep the page, and hand it in where that was asked for. The database's version decides who comes first."""
    what: dict[str, Any] = {
        "statement": found,
        "version": seen_version(request),
        "content": form.content(),
        "new_files": form.new_files(),
        "removed_files": list(StoredFile.objects.filter(pk__in=form.removed_files())),
        "by": person(request),
        "at": clock.now(),
    }
    if form.is_submitting:
        actions.save_and_submit(**what, decision=form.decision_form.decision())
        unsent_input.forget(request)
        return handed_in(request, found)
    draft_actions.save_draft(**what)
    unsent_input.forget(request)
    messages.success(request, _saved_text(form))
    return redirect(address("finance:statement_entry", found))


def _saved_text(form: EntryForm) -> str:
    """That it is saved, and whether something is left to put right before it can be handed in."""
    number = len(form.warnings)
    if not number:
        return _("The draft was saved.")
    return ngettext(
        "The draft was saved. %(number)s place below has to be put right before it is submitted.",
        "The draft was saved. %(number)s places below have to be put right before it is submitted.",
        number,
    ) % {"number": number}


@center_view(Right.KEEP)
@require_POST
def check(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> HttpResponse:
    """What the page would say about what is being typed. Saves nothing."""
    found = shown(request, center, year, stage, revision)
    sheet = _sheet(request, found)
    form = EntryForm(sheet, today=clock.today(), data=with_choices(request.POST, groups(sheet)))
    stale = _conflict_text(request, found) if saved_since(found, request.POST) else ""
    return JsonResponse({"errors": form.errors(), "warnings": form.warnings, "stale": stale})


# -- Two people on one draft --


def _brought_up(request: HttpRequest, found: Statement, data: QueryDict) -> EntryForm:
    sheet, today = _sheet(request, found), clock.today()
    data = with_choices(data, groups(sheet))
    if saved_since(found, data):
        return EntryForm.merged(sheet, today=today, data=data)
    return EntryForm(sheet, today=today, data=data)


def _conflict(request: HttpRequest, found: Statement) -> HttpResponse:
    form = _brought_up(request, found, request.POST)
    return _page(request, form, status=409, conflict=True, files_again=bool(request.FILES))


def _conflict_text(request: HttpRequest, found: Statement) -> str:
    """Who was faster, and when."""
    by, at = found.last_moved
    words = {"name": by.name if by else "", "time": portal.era_time(at)}
    if not found.is_editable:
        return _("%(name)s submitted this statement at %(time)s.") % words
    if by == person(request):
        return _("You saved this statement yourself at %(time)s, in another window.") % words
    return _("%(name)s saved this statement at %(time)s.") % words


def _gone(request: HttpRequest) -> HttpResponse:
    """Somebody discarded the draft: what was typed is shown to be copied, since there is nothing to save it into."""
    messages.error(request, _("Someone discarded this draft, so there is nothing to save into any more."))
    typed = []
    for name, texts in request.POST.lists():
        code, _dash, field = name.rpartition("-")
        typed += [(code, text) for text in texts if field in ("amount", "note") and str(text).strip()]
    return render(request, "finance/statements/gone.html", {"typed": typed}, status=404)


def _page(
    request: HttpRequest,
    form: EntryForm,
    *,
    status: int = 200,
    was_kept: bool = False,
    conflict: bool = False,
    files_again: bool = False,
) -> HttpResponse:
    found = form.sheet.statement
    context = {
        "statement": found,
        "sheet": form.sheet,
        "form": form,
        "columns": form.sheet.columns,
        "removed": form.removed_files(),
        "title": statement_texts.title(found),
        "amount_unit": form.sheet.unit.label,
        "chip": statement_texts.chip(found),
        "crumbs": crumbs(found.center, found),
        "wrong_title": wrong_title(
            len(form.wrongs) if form.data is not None else 0, is_submitting=form.is_submitting
        ),
        "rounding_note": statement_texts.rounding_note(form.sheet.unit),
        "disputed": [(dispute, name_of(dispute.row) if dispute.row else "") for dispute in form.disputes],
        "was_kept": was_kept,
        "conflict": _conflict_text(request, found) if conflict else "",
        "files_again": files_again,
    }
    return render(request, "finance/statements/entry.html", context, status=status)
