"""Statements: the list by year, one of them, beginning one, and its files."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.instruments import sources
from agreements.models import VerificationKind
from agreements.verifications import verification
from finance.models import RecordedUnit, Stage, Statement
from finance.statements import draft_actions, texts
from finance.statements import statements as read
from finance.statements.forms import AnswerForm, CorrectionForm, DecideForm, ListFilter, StartForm
from finance.statements.statement_table import lines_of, list_of
from iconm_portal.forms import files, unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.step_forms import DecisionForm
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear


@center_view(Right.SEE_SETTLED)
@require_safe
def statements(request: HttpRequest, center: Center) -> HttpResponse:
    """All that the person may know of, by year."""
    choice = ListFilter(request.GET)
    chosen = choice.cleaned_data if choice.is_valid() else None
    years = [] if chosen is None else read.by_year(person(request), center, **chosen)
    context = {
        "choice": choice,
        "years": list_of(years),
        "is_narrowed": chosen is None or any(chosen.values()),
        "finding": texts.list_finding(years),
        "can_start": allowed(person(request), center, Right.KEEP),
    }
    return render(request, "finance/statements/list.html", context)


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, center: Center) -> HttpResponse:
    """Begin a statement, and go on to its entry page."""

    def save(form: StartForm) -> HttpResponse:
        made = draft_actions.start(
            center=center,
            fiscal_year=form.cleaned_data["fiscal_year"],
            stage=Stage(form.cleaned_data["stage"]),
            unit=RecordedUnit(form.cleaned_data["unit"]),
            by=person(request),
            at=clock.now(),
        )
        return redirect(address("finance:statement_entry", made))

    return form_page(
        request,
        "finance/statements/new.html",
        form=lambda data, _files: StartForm(data, initial=request.GET.dict()),
        save=save,
        context=lambda _form: {"crumbs": crumbs(center)},
    )


@center_view(Right.SEE_SETTLED)
@require_safe
def statement(
    request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int
) -> HttpResponse:
    """One statement to read, with the steps that the person can take now."""
    return page(request, shown(request, center, year, stage, revision))


@center_view(Right.SEE_SETTLED)
@require_safe
def download(
    request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int, file: int
) -> HttpResponse:
    """A file of a statement of which the person may know; 404 otherwise."""
    found = shown(request, center, year, stage, revision)
    attached = found.files.filter(file=file).select_related("file__content").first()
    if attached is None:
        raise Http404(file)
    return files.download(attached.file)


# -- What the pages about one statement share --


def shown(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> Statement:
    """The statement, if the person may know of it; Http404 otherwise, whether it exists or not."""
    return get_object_or_404(
        read.visible(person(request), center), fiscal_year=year, stage=stage, revision=revision
    )


def page(
    request: HttpRequest, found: Statement, *, status: int = 200, sent: dict[str, Any] | None = None
) -> HttpResponse:
    """The statement as it is now; `sent` holds the forms that were refused, by name."""
    user, center = person(request), found.center
    sheet = read.load(found, user, today=clock.today())
    shown_forms = _forms(request, sheet)
    context: dict[str, Any] = {
        "statement": found,
        "sheet": sheet,
        "lines": lines_of(sheet),
        "title": texts.title(found),
        "finding": texts.finding(sheet),
        "wrong": [texts.wrong_total(check, sheet.unit) for check in sheet.wrong],
        "note_on_rounding": texts.rounding_note(sheet.unit) if sheet.has_rounding else "",
        "chip": texts.chip(found),
        "others": [(one, texts.name_in_year(one), texts.chip(one)) for one in sheet.others],
        "duties": list(read.duties(found)),
        "verification_url": _verification_address(request, found),
        "source": sources.in_words(found.source),
        "crumbs": crumbs(center),
        "sees_steps": allowed(user, center, Right.SEE_SUBMITTED),
        "forms": shown_forms | (sent or {}),
        "was_kept": any(form.is_bound for form in shown_forms.values()) and not sent,
    }
    context["columns"] = sheet.columns
    return render(request, "finance/statements/statement.html", context, status=status)


def _forms(request: HttpRequest, sheet: read.Sheet) -> dict[str, Any]:
    """A form for each step that the person can take, with what they had typed when their session ended."""
    found = sheet.statement

    def kept(*names: str) -> Any:
        return unsent_input.kept_for(
            request, *(address(f"finance:statement_{name}", found) for name in names)
        )

    made: dict[str, Any] = {"decision": DecisionForm(today=clock.today())}
    if sheet.steps.correct:
        made["correction"] = CorrectionForm(kept("correct"))
    if sheet.steps.answer:
        made["answer"] = AnswerForm(kept("return", "accept"))
    if sheet.steps.decide:
        made["decide"] = DecideForm(kept("decide"), center=found.center, user=person(request))
    return made


def _verification_address(request: HttpRequest, found: Statement) -> str:
    """Where both verify the year's report and settlement; empty where the person would find no page."""
    if found.stage != Stage.SETTLEMENT:
        return ""
    kind, year = VerificationKind.SETTLEMENT, found.fiscal_year
    if verification.sheet(person(request), found.center, kind, year, today=clock.today()) is None:
        return ""
    return reverse(
        "agreements:verification", kwargs={"center": found.center.code, "kind": kind.value, "year": year}
    )


def address(name: str, found: Statement) -> str:
    """The address of a page or a step of a statement."""
    return reverse(
        name,
        kwargs={
            "center": found.center.code,
            "year": found.fiscal_year,
            "stage": found.stage,
            "revision": found.revision,
        },
    )


def crumbs(center: Center, found: Statement | None = None) -> list[Crumb]:
    """The way down to a statement, or to a page under it."""
    way = [Crumb(_("Statements"), reverse("finance:statements", kwargs={"center": center.code}))]
    if found is not None:
        way.append(Crumb(texts.title(found), address("finance:statement", found)))
    return way
