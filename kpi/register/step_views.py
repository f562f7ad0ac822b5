"""The register to write: entering, correcting, withdrawing, reinstating, and files."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from iconm_portal.forms.form_page import Files, Make, form_page
from iconm_portal.forms.refusals import refusal_text
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.settlement.step_forms import seen_version
from iconm_portal.settlement.step_views import step_on
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from kpi.models import Category, Record
from kpi.register import actions, texts
from kpi.register.addresses import address
from kpi.register.forms import FilesForm, ReasonForm, RecordForm
from kpi.register.views import crumbs, record_page, shown


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, center: Center, category: str) -> HttpResponse:
    """Enter one record after the other: the page stays for the next one."""
    of = get_object_or_404(Category.objects.select_related("center"), center=center, code=category)

    def save(form: RecordForm) -> HttpResponse:
        made = actions.add(category=of, **_written(request, form))
        link = format_html('<a href="{}" lang="ja">{}</a>', address("kpi:record", made), made.title)
        messages.success(request, format_html("{} {}", _("Recorded:"), link))
        return redirect(address("kpi:record", made) if "show" in request.POST else request.path)

    return _form_page(request, lambda data, sent: RecordForm(data, sent, category=of), save)


@center_view(Right.KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, center: Center, category: str, number: int) -> HttpResponse:
    """Correct a record; whoever saves second sees both versions field by field."""
    found = shown(center, category, number)
    if found.is_withdrawn and request.method != "POST":
        return redirect(address("kpi:record", found))

    def form(data: QueryDict | None, sent: Files | None) -> RecordForm:
        now = shown(center, category, number)
        return RecordForm(data, sent, category=now.category, record=now)

    def save(form: RecordForm) -> HttpResponse:
        actions.change(record=found, version=form.cleaned_data["version"], **_written(request, form))
        messages.success(request, _("The changes are saved."))
        return redirect(address("kpi:record", found))

    return _form_page(request, form, save)


def _written(request: HttpRequest, form: RecordForm) -> dict[str, Any]:
    return {
        "facts": form.facts(),
        "new_files": form.cleaned_data["documents"],
        "is_another": form.is_sure,
        "by": person(request),
        "at": clock.now(),
    }


def _form_page(
    request: HttpRequest,
    form: Make[RecordForm],
    save: Callable[[RecordForm], HttpResponse],
) -> HttpResponse:
    """What is alike is shown before it is saved all the same."""
    template = "kpi/register/form.html"

    def save_if_new(typed: RecordForm) -> HttpResponse:
        try:
            return save(typed)
        except actions.Alike as alike:
            asking = RecordForm(request.POST, category=typed.category, record=typed.record, asks_again=True)
            context = _context(asking, alike.records) | {"form": asking, "files_again": bool(request.FILES)}
            return render(request, template, context, status=409)

    return form_page(
        request,
        template,
        form=form,
        save=save_if_new,
        context=_context,
        state=lambda form: str(form.record.get_status_display()) if form.record else "",
    )


def _context(form: RecordForm, alike: Sequence[Record] = ()) -> dict[str, Any]:
    found, category = form.record, form.category
    more = [Crumb(found.title, address("kpi:record", found))] if found else []
    return {
        "category": category,
        "record": found,
        "alike": [
            (record, address("kpi:record", record), texts.when(record), texts.chip(record))
            for record in alike
        ],
        "crumbs": crumbs(category.center, category, more),
        "others": [] if found else Category.objects.filter(center=category.center).exclude(pk=category.pk),
    }


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
