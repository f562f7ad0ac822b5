"""The pages of an import, for the apps' views: a form to upload, the preview, applying, discarding.

Each app's view names its right and its crumbs and calls one of these; the address names are built from `spec.pages`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from iconm_portal.forms.file_fields import OutsideFileField
from iconm_portal.forms.inspection.kinds import TABLES, FileKind
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.imports import importing, specs, table_reader, texts
from iconm_portal.imports.importing import ChangedSince, SameFile
from iconm_portal.imports.preview import Preview, load
from iconm_portal.imports.specs import Spec
from iconm_portal.models import Center, ImportState, TableImport
from iconm_portal.people.access import person
from iconm_portal.values import clock
from iconm_portal.work import jobs
from iconm_portal.work.job_views import to_open_job
from iconm_portal.work.jobs import UnderWay

Frame = Mapping[str, Any]


class TableFileField(OutsideFileField):
    """A table to import: .xlsx, or CSV."""

    kinds: Iterable[FileKind] = TABLES

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Table"))
        kwargs.setdefault(
            "help_text",
            gettext_lazy(
                ".xlsx, or CSV with commas or tabs in UTF-8, UTF-16, Shift_JIS or EUC-JP; up to 100,000 rows and 20 MB."
            ),
        )
        super().__init__(**kwargs)

    @property
    def limits(self) -> Limits:
        return table_reader.LIMITS

    @staticmethod
    def refusal_text(refused: UploadRefused) -> str:
        if refused.code is Refusal.NOT_ACCEPTED:
            return texts.refusal(Refusal.NOT_A_TABLE_NAME, refused.params)
        return OutsideFileField.refusal_text(refused)


class TableForm(forms.Form):
    """A table to import."""

    file = TableFileField()


def upload(
    request: HttpRequest,
    spec: Spec,
    center: Center,
    form: forms.Form,
    params: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Read the `file` of a valid form, and go on to the job that reads it or to what was read."""
    try:
        table = importing.upload(
            spec=spec,
            center=center,
            file=form.cleaned_data["file"],
            params=dict(params or {}),
            by=person(request),
            at=clock.now(),
        )
    except UnderWay as under_way:
        return to_open_job(request, under_way)
    return redirect(jobs.page(table.job) if table.job else spec.page(table))


def found(center: Center, number: int, *specs: Spec) -> TableImport:
    """The import, if it is one of these kinds at the center; 404 otherwise."""
    kinds = [spec.kind for spec in specs]
    people = ("center", "waiting", "job", "uploaded_by", "applied_by")
    table = (
        TableImport.objects.filter(center=center, kind__in=kinds, pk=number).select_related(*people).first()
    )
    if table is None:
        raise Http404(number)
    return table


def preview(request: HttpRequest, table: TableImport, frame: Frame) -> HttpResponse:
    """What was read, what is wrong with it, what applying would do; afterwards, what became of it."""
    shown = load(table, request.GET.get("page"))
    if shown.is_at_work and table.job and table.job.requested_by_id == person(request).pk:
        return redirect(jobs.page(table.job))
    return render(request, "iconm_portal/imports/preview.html", _context(shown, frame))


def _context(shown: Preview, frame: Frame) -> dict[str, Any]:
    prefix = shown.spec.pages
    return {
        **frame,
        "preview": shown,
        "table": shown.table,
        "finding": _finding(shown),
        "apply_url": f"{prefix}_apply",
        "discard_url": f"{prefix}_discard",
        "list_url": f"{prefix}s",
        "page_url": prefix,
    }


def _finding(shown: Preview) -> str:
    """Where the import stands, in a sentence."""
    table = shown.table
    rows = ngettext("%(count)s row", "%(count)s rows", table.row_count) % {"count": f"{table.row_count:,}"}
    match table.state:
        case ImportState.READING:
            return _("The table was not read to its end.") if shown.is_stopped else _("It is being read.")
        case ImportState.REFUSED:
            return _("The file was not read. Nothing was changed.")
        case ImportState.DISCARDED:
            return _("This import was discarded. Nothing was changed.")
        case ImportState.APPLIED:
            return _("Applied: %(rows)s.") % {"rows": rows}
        case ImportState.CHECKED if table.problem_count:
            return ngettext(
                "%(count)s cell is wrong in %(rows)s, so nothing can be applied.",
                "%(count)s cells are wrong in %(rows)s, so nothing can be applied.",
                table.problem_count,
            ) % {"count": f"{table.problem_count:,}", "rows": rows}
        case ImportState.CHECKED:
            return _("%(rows)s are in order. Nothing is applied yet.") % {"rows": rows}
        case _:
            assert_never(table.state)


def apply(request: HttpRequest, table: TableImport) -> HttpResponse:
    """Apply all of it or nothing, and say what came of it."""
    spec = specs.spec_of(table)
    try:
        done = importing.apply(
            table=table,
            by=person(request),
            at=clock.now(),
            same_file_is_meant=request.POST.get("same_file") == "yes",
        )
    except UnderWay as under_way:
        return to_open_job(request, under_way)
    except SameFile:
        messages.error(
            request, _("This file was imported before. If it is meant, tick the box and apply it again.")
        )
    except ChangedSince:
        messages.error(
            request,
            _("Something changed after the table was read, so nothing was applied. See what is wrong now."),
        )
    except WrongStep:
        messages.error(request, _("The import was applied or discarded meanwhile, so nothing was done now."))
    except ValidationError as refused:
        messages.error(request, " ".join([*refused.messages, _("Nothing was applied.")]))
    else:
        if done.state != ImportState.APPLIED and done.job:
            return redirect(jobs.page(done.job))
        messages.success(request, _("The table was applied."))
    return redirect(spec.page(table))


def discard(request: HttpRequest, table: TableImport) -> HttpResponse:
    """Give it up."""
    spec = specs.spec_of(table)
    try:
        importing.discard(table=table, by=person(request))
    except WrongStep:
        messages.error(request, _("The import was applied or discarded meanwhile, so nothing was done now."))
        return redirect(spec.page(table))
    messages.success(request, _("The import was discarded. Nothing was changed."))
    return redirect(f"{spec.pages}s", center=table.center.code)
