"""The entry page of a statement: typing, checking while typing, saving, and handing in."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from finance.models import Statement
from finance.statements import actions
from finance.statements import statements as read
from finance.statements import texts as statement_texts
from finance.statements.entry_forms import EntryForm
from finance.statements.views import address, crumbs, tell_what_is_missing
from iconm_portal.display import template_tags
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.draft_page import DraftPage
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> HttpResponse:
    """All accounts of the year on one page."""
    return EntryPage(request, _named(request, center, year, stage, revision)).entry()


@center_view(Right.KEEP)
@require_POST
def check(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> HttpResponse:
    """What the page would say about what is being typed. Saves nothing."""
    return EntryPage(request, _named(request, center, year, stage, revision)).check()


def _named(
    request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int
) -> QuerySet[Statement]:
    return read.visible(person(request), center).at(stage).filter(fiscal_year=year, revision=revision)


class EntryPage(DraftPage[Statement, read.StatementSheet, EntryForm]):
    """The draft of a statement."""

    template = "finance/statements/entry.html"
    gone_template = "finance/statements/gone.html"
    typed_fields = ("amount", "note")

    def sheet(self, draft: Statement) -> read.StatementSheet:
        return read.load(draft, person(self.request), today=clock.today())

    def form(
        self, sheet: read.StatementSheet, data: QueryDict | None = None, uploads: Any = None
    ) -> EntryForm:
        return EntryForm(sheet, today=clock.today(), data=data, uploads=uploads)

    def _entered(self, draft: Statement, form: EntryForm) -> dict[str, Any]:
        return {"statement": draft, "content": form.content(), "new_files": form.new_files()}

    def keep(self, draft: Statement, form: EntryForm, **what: Any) -> Statement:
        saved: Statement = actions.save_draft(**self._entered(draft, form), **what)
        return saved

    def save(self, draft: Statement, form: EntryForm, **what: Any) -> HttpResponse:
        if self.is_submitting:
            decision = form.decision_form.decision()
            actions.save_and_submit(**self._entered(draft, form), **what, decision=decision)
            messages.success(self.request, actions.STEPS["submit"].says)
            tell_what_is_missing(self.request, draft, draft)
            return redirect(address("finance:statement", draft))
        self.keep(draft, form, **what)
        messages.success(self.request, _saved_text(form))
        return redirect(address("finance:statement_entry", draft))

    def moved_on(self, draft: Statement) -> str:
        by, at = draft.last_moved
        words = {"name": by.name if by else "", "time": template_tags.era_time(at)}
        if not draft.is_editable:
            return _("%(name)s submitted this statement at %(time)s.") % words
        if by == person(self.request):
            return _("You saved this statement yourself at %(time)s, in another window.") % words
        return _("%(name)s saved this statement at %(time)s.") % words

    def reading_address(self, draft: Statement) -> str:
        return address("finance:statement", draft)

    def context(self, draft: Statement, form: EntryForm) -> dict[str, Any]:
        unit = form.sheet.unit
        return {
            "statement": draft,
            "sheet": form.sheet,
            "columns": form.sheet.columns,
            "removed": form.removed_files(),
            "title": statement_texts.title(draft),
            "amount_unit": unit.label,
            "chip": statement_texts.chip(draft),
            "crumbs": crumbs(draft.center, draft),
            "rounding_note": statement_texts.rounding_note(unit),
        }


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
