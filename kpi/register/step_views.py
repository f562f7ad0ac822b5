"""The register to write: entering, correcting, withdrawing, reinstating, and files."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from iconm_portal.forms import unsent_input
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import Refused, add_refusals, refusal_text, seen_version
from iconm_portal.settlement.step_views import step_on
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from kpi.models import Category, Record
from kpi.register import actions, merging, texts
from kpi.register.addresses import address
from kpi.register.forms import FilesForm, ReasonForm, RecordForm
from kpi.register.views import crumbs, record_page, shown


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, center: Center, category: str) -> HttpResponse:
    """Enter one record after the other: the page stays for the next one."""
    of = get_object_or_404(Category.objects.select_related("center"), center=center, code=category)
    kept = None if request.method == "POST" else unsent_input.kept_for(request)
    if request.method != "POST":
        form = RecordForm(kept, category=of) if kept else RecordForm(category=of)
        return _page(request, of, form, was_kept=kept is not None)
    form = RecordForm(request.POST, request.FILES, category=of)
    if not form.is_valid():
        return _page(request, of, form, status=400)
    try:
        made = actions.add(
            category=of,
            facts=form.facts(),
            new_files=form.cleaned_data["documents"],
            is_another=form.is_sure,
            by=person(request),
            at=clock.now(),
        )
    except ValidationError as error:
        add_refusals(form, error)
        return _page(request, of, form, status=400)
    except actions.Alike as alike:
        asking = RecordForm(request.POST, category=of, asks_again=True)
        return _page(request, of, asking, alike=alike.records, status=409)
    unsent_input.forget(request)
    link = format_html('<a href="{}" lang="ja">{}</a>', address("kpi:record", made), made.title)
    messages.success(request, format_html("{} {}", _("Recorded:"), link))
    if "show" in request.POST:
        return redirect(address("kpi:record", made))
    return redirect(request.path)


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, center: Center, category: str, number: int) -> HttpResponse:
    """Correct a record; whoever saves second sees both versions field by field."""
    found = shown(center, category, number)
    of = found.category
    if request.method != "POST":
        if found.is_withdrawn:
            return redirect(address("kpi:record", found))
        kept = unsent_input.kept_for(request)
        form = RecordForm(kept, category=of, record=found)
        return _page(request, of, form, was_kept=kept is not None)
    form = RecordForm(request.POST, request.FILES, category=of, record=found)
    if not form.is_valid():
        return _page(request, of, form, status=400)
    try:
        actions.change(
            record=found,
            version=form.seen,
            facts=form.facts(),
            new_files=form.cleaned_data["documents"],
            is_another=form.is_sure,
            by=person(request),
            at=clock.now(),
        )
    except ValidationError as error:
        add_refusals(form, error)
        return _page(request, of, form, status=400)
    except actions.Alike as alike:
        asking = RecordForm(request.POST, category=of, record=found, asks_again=True)
        return _page(request, of, asking, alike=alike.records, status=409)
    except Refused as refused:
        return _overtaken(request, found, form, refused)
    unsent_input.forget(request)
    messages.success(request, _("The changes are saved."))
    return redirect(address("kpi:record", found))


def _overtaken(request: HttpRequest, found: Record, form: RecordForm, refused: Exception) -> HttpResponse:
    """What was typed stays beside what is saved now; sent again, it replaces that."""
    now = shown(found.center, found.category.code, found.number)
    typed = request.POST.copy()
    typed["version"] = str(now.version)
    again = RecordForm(typed, category=form.category, record=now)
    refusal = refusal_text(refused, str(now.get_status_display()))
    differences = merging.differences(form, now)
    return _page(
        request, form.category, again, refusal=refusal, differences=differences, stored=now, status=409
    )


def _page(
    request: HttpRequest,
    category: Category,
    form: RecordForm,
    *,
    alike: list[Record] | None = None,
    refusal: str = "",
    differences: list[merging.Difference] | None = None,
    stored: Record | None = None,
    was_kept: bool = False,
    status: int = 200,
) -> HttpResponse:
    found = form.record
    more = [Crumb(found.title, address("kpi:record", found))] if found else []
    context = {
        "form": form,
        "category": category,
        "record": found,
        "alike": [
            (record, address("kpi:record", record), texts.when(record), texts.chip(record))
            for record in alike or []
        ],
        "refusal": refusal,
        "differences": differences or [],
        "stored": stored,
        "was_kept": was_kept,
        "files_again": bool(request.FILES),
        "crumbs": crumbs(category.center, category, more),
        "others": [] if found else Category.objects.filter(center=category.center).exclude(pk=category.pk),
    }
    return render(request, "kpi/register/form.html", context, status=status)


# Steps on one record


def _found(request: HttpRequest, center: Center, category: str, number: int) -> Record:
    return shown(center, category, number)


def _refused(request: HttpRequest, found: Record, error: Exception) -> HttpResponse:
    """The record as it is now with what was typed, and why the step was not taken."""
    now = shown(found.center, found.category.code, found.number)
    messages.error(request, refusal_text(error, str(now.get_status_display())))
    reason = ReasonForm(request.POST) if "reason" in request.POST else None
    return record_page(request, now, reason_form=reason, status=409)


_step = step_on("kpi:record", _found, _refused)


@center_view(Right.KEEP)
@_step
def withdraw(request: HttpRequest, found: Record) -> HttpResponse:
    """Take a record back, with the reason."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return record_page(request, found, reason_form=form, status=400)
    actions.withdraw(
        record=found,
        version=seen_version(request),
        reason=form.cleaned_data["reason"],
        by=person(request),
        at=clock.now(),
    )
    messages.success(
        request, _("The record is withdrawn. It stays here with the reason, and is not counted.")
    )
    return redirect(address("kpi:record", found))


@center_view(Right.KEEP)
@_step
def reinstate(request: HttpRequest, found: Record) -> HttpResponse:
    """Let it count again, with the reason."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return record_page(request, found, reason_form=form, status=400)
    actions.reinstate(
        record=found, version=seen_version(request), reason=form.cleaned_data["reason"], by=person(request)
    )
    messages.success(request, _("The record is valid again."))
    return redirect(address("kpi:record", found))


@center_view(Right.KEEP)
@_step
def attach(request: HttpRequest, found: Record) -> HttpResponse:
    """Add files to a record."""
    form = FilesForm(request.POST, request.FILES)
    if not form.is_valid():
        return record_page(request, found, files_form=form, status=400)
    actions.attach(record=found, new_files=form.cleaned_data["documents"], by=person(request), at=clock.now())
    messages.success(request, _("The files are attached."))
    return redirect(address("kpi:record", found))
