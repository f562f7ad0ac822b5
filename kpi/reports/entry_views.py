"""The year's entry sheet: typing, checking while typing, saving, and handing in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.draft_page import DraftPage
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Report
from kpi.reports import actions
from kpi.reports.entry import EntrySheet, load, visible_reports
from kpi.reports.entry_forms import EntryForm, with_proposals
from kpi.reports.views import address, crumbs, tell_what_is_missing
from kpi.value_sources import check_messages


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """All indicators of the report on one sheet."""
    found = visible_reports(person(request), center).filter(fiscal_year=year, pk=report)
    return EntryPage(request, found).entry()


@center_view(Right.KEEP)
@require_POST
def check(request: HttpRequest, center: Center, year: FiscalYear, report: int) -> HttpResponse:
    """What the sheet would say about what is being typed. Saves nothing."""
    found = visible_reports(person(request), center).filter(fiscal_year=year, pk=report)
    return EntryPage(request, found).check()


class EntryPage(DraftPage[Report, EntrySheet, EntryForm]):
    """The draft of a report. Blank fields may be filled with what the accounts and the register say."""

    template = "kpi/reports/entry.html"
    gone_template = "kpi/reports/gone.html"
    typed_fields = ("value", "note")
    taken_over: int | None = None

    def sheet(self, draft: Report) -> EntrySheet:
        return load(draft, today=clock.today())

    def form(self, sheet: EntrySheet, data: QueryDict | None = None, uploads: Any = None) -> EntryForm:
        if data is not None and data.get("step") == "take_over":
            data, self.taken_over = with_proposals(data, sheet)
        return EntryForm(sheet, today=clock.today(), data=data, uploads=uploads)

    def _entered(self, draft: Report, form: EntryForm) -> dict[str, Any]:
        return {
            "report": draft,
            "as_of": form.head.cleaned_data["as_of"],
            "entered": form.entered(),
            "new_files": form.new_files(),
        }

    def keep(self, draft: Report, form: EntryForm, **what: Any) -> Report:
        saved: Report = actions.save_draft(**self._entered(draft, form), **what)
        return saved

    def save(self, draft: Report, form: EntryForm, **what: Any) -> HttpResponse:
        center = draft.plan.center
        if self.is_submitting:
            decision = form.decision_form.decision()
            actions.save_and_submit(**self._entered(draft, form), **what, decision=decision)
            messages.success(self.request, actions.STEPS["submit"].says)
            tell_what_is_missing(self.request, draft, draft)
            return redirect(address("kpi:report", center, draft))
        self.keep(draft, form, **what)
        said = _saved_text(form) if self.taken_over is None else _taken_over_text(self.taken_over)
        messages.success(self.request, said)
        return redirect(address("kpi:report_entry", center, draft))

    def moved_on(self, draft: Report) -> str:
        by, at = draft.last_moved
        words = {"name": by.name if by else "", "time": check_messages.moment(at, clock.today())}
        if not draft.is_editable:
            return _("%(name)s submitted this report at %(time)s.") % words
        if by == person(self.request):
            return _("You saved this report yourself at %(time)s, in another window.") % words
        return _("%(name)s saved this report at %(time)s.") % words

    def reading_address(self, draft: Report) -> str:
        return address("kpi:report", draft.plan.center, draft)

    def context(self, draft: Report, form: EntryForm) -> dict[str, Any]:
        return {
            "report": draft,
            "sheet": form.sheet,
            "crumbs": crumbs(draft.plan.center, draft, with_report=True),
            "saved_time": check_messages.moment(draft.saved_at, clock.today()),
        }


def _taken_over_text(number: int) -> str:
    """How many blank fields were filled from the register and the accounts."""
    if not number:
        return _("The draft was saved. No blank field has a proposal.")
    return ngettext(
        "The draft was saved with %(number)s proposal taken over. Look at it before you submit.",
        "The draft was saved with %(number)s proposals taken over. Look at them before you submit.",
        number,
    ) % {"number": number}


def _saved_text(form: EntryForm) -> str:
    """That it is saved, and whether something is left to look at."""
    number = len(form.warnings)
    if not number:
        return _("The draft was saved.")
    return ngettext(
        "The draft was saved. There is a remark on %(number)s place below.",
        "The draft was saved. There are remarks on %(number)s places below.",
        number,
    ) % {"number": number}
