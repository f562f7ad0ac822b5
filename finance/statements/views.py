"""Statements: the list by year, beginning one, one of them with its steps, and its files."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.instruments import sources
from agreements.models import VerificationKind
from agreements.verifications import verification
from finance.models import Account, RecordedUnit, Stage, Statement
from finance.statements import actions, draft_actions, texts
from finance.statements import statements as read
from finance.statements.forms import AnswerForm, CorrectionForm, DecideForm, ListFilter, StartForm
from finance.statements.statement_table import lines_of, list_of
from iconm_portal.forms import files, unsent_input
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.refusals import Refused
from iconm_portal.models import Center
from iconm_portal.people.access import Right, allowed, center_view, person
from iconm_portal.settlement.sent_back import SentBack
from iconm_portal.settlement.step_forms import DecisionForm
from iconm_portal.settlement.step_views import StepViews, step_from
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.text import listed


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
        "lacks_accounts": not years and not Account.objects.filter(center=center).exists(),
        "finding": texts.list_finding(years),
        "sent_back": [
            SentBack(texts.title(one), one.returned_at, one.returned_by.name, one.comments.all())
            for one in read.sent_back(person(request), center)
            if one.returned_at and one.returned_by
        ],
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
    return _page(request, shown(request, center, year, stage, revision))


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


@center_view(Right.KEEP)
@step_from("finance:statement")
def correct(request: HttpRequest, center: Center, **parts: Any) -> HttpResponse:
    """Begin a new revision of settled figures, with the reason.

    No step of the table: the settled statement is frozen, its version too, and the history row is the new draft's.
    """
    found = shown(request, center, **parts)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, found, status=400, correction=form)
    try:
        made = draft_actions.start_correction(
            statement=found, reason=form.cleaned_data["reason"], by=person(request)
        )
    except Refused as error:
        return STEPS.refused(request, center, found, parts, error, {"correction": form})
    unsent_input.forget(request)
    return redirect(address("finance:statement_entry", made))


# -- What the pages about one statement share --


def shown(request: HttpRequest, center: Center, year: FiscalYear, stage: str, revision: int) -> Statement:
    """The statement, if the person may know of it; Http404 otherwise, whether it exists or not."""
    return get_object_or_404(
        read.visible(person(request), center).at(stage), fiscal_year=year, revision=revision
    )


def _page(
    request: HttpRequest, found: Statement, *, status: int = 200, refusal: str = "", **sent: Form
) -> HttpResponse:
    """The statement as it is now; `sent` holds the forms that were refused, by name."""
    user, center = person(request), found.center
    sheet = read.load(found, user, today=clock.today())
    forms = STEPS.shown(request, found, sent)
    if sheet.may_correct:
        kept = unsent_input.kept_for(request, address("finance:statement_correct", found))
        forms["correction"] = sent.get("correction") or CorrectionForm(kept)
    if refusal:
        messages.error(request, refusal)
    context: dict[str, Any] = {
        "statement": found,
        "sheet": sheet,
        "columns": sheet.columns,
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
        "was_kept": not sent and any(isinstance(form, Form) and form.is_bound for form in forms.values()),
        **forms,
    }
    return render(request, "finance/statements/statement.html", context, status=status)


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
            "stage": found.slug,
            "revision": found.revision,
        },
    )


def crumbs(center: Center, found: Statement | None = None) -> list[Crumb]:
    """The way down to a statement, or to a page under it."""
    way = [Crumb(_("Statements"), reverse("finance:statements", kwargs={"center": center.code}))]
    if found is not None:
        way.append(Crumb(texts.title(found), address("finance:statement", found)))
    return way


# -- Steps --


def tell_what_is_missing(request: HttpRequest, found: Statement, _submitted: Statement) -> None:
    """What was left blank; it may be handed in all the same."""
    missing = read.load(found, person(request), today=clock.today()).missing
    if missing:
        names = listed(account.name for account in missing)
        messages.warning(request, _("Not recorded: %(names)s") % {"names": names})


def _gone(request: HttpRequest, center: Center, refusal: str) -> HttpResponse:
    messages.error(request, refusal)
    return redirect("finance:statements", center=center.code)


def _to_list(found: Statement, _result: Statement | None) -> str:
    return reverse("finance:statements", args=[found.center.code])


STEPS = StepViews(
    table=actions.STEPS,
    page="finance:statement",
    find=shown,
    show=_page,
    state_word=texts.state_name,
    forms={
        "decide": {"decide": DecideForm, "decision": DecisionForm},
        "return": {"answer": AnswerForm},
        "accept": {"answer": AnswerForm, "decision": DecisionForm},
    },
    tells={"submit": tell_what_is_missing},
    onward={
        "take_back": lambda found, _result: address("finance:statement_entry", found),
        "open": lambda found, _result: address("finance:statement", found) + "#answer",
        "return": _to_list,
        "discard": _to_list,
    },
    gone=_gone,
)
