"""The pages of an import, for the apps' views: a form to upload, the preview, applying, discarding.

Each app's view names its right and its crumbs and calls one of these; the address names are built from `spec.pages`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, assert_never

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from iconm_portal.forms import files
from iconm_portal.forms.file_fields import OutsideFileField
from iconm_portal.forms.form_page import form_page
from iconm_portal.forms.inspection.kinds import TABLES, FileKind
from iconm_portal.forms.inspection.refusals import Limits, Refusal, UploadRefused
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.imports import importing, specs, table_reader, texts
from iconm_portal.imports.deciding import marked_files, undoing
from iconm_portal.imports.importing import ChangedSince, Repeated
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


class RowsForm(forms.Form):
    """Which rows of a checked table are listed."""

    rows = forms.ChoiceField(
        label=gettext_lazy("Rows shown"),
        choices=[
            ("", gettext_lazy("Only rows with something wrong")),
            ("all", gettext_lazy("All rows of which something is said")),
        ],
        required=False,
    )

    @property
    def with_warnings(self) -> bool:
        return bool(self.cleaned_data["rows"])


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
    people = ("center", "waiting", "job", "uploaded_by", "applied_by", "undone_by")
    table = (
        TableImport.objects.filter(center=center, kind__in=kinds, pk=number).select_related(*people).first()
    )
    if table is None:
        raise Http404(number)
    return table


def preview(request: HttpRequest, table: TableImport, frame: Frame) -> HttpResponse:
    """What was read, what is wrong with it, what applying would do; afterwards, what became of it."""
    rows = RowsForm(request.GET)
    shown = load(
        table, person(request), request.GET.get("page"), with_warnings=rows.is_valid() and rows.with_warnings
    )
    if shown.is_at_work and table.job and table.job.requested_by_id == person(request).pk:
        return redirect(jobs.page(table.job))
    context = _context(shown, frame) | {"rows_form": rows}
    return render(request, "iconm_portal/imports/preview.html", context, status=400 if rows.errors else 200)


def address(table: TableImport) -> str:
    """Where the import stands."""
    return specs.spec_of(table).page(table)


def marked(table: TableImport) -> HttpResponse:
    """The file as it came, with a column that says what is wrong; where it waits no more, or nothing is said of it, its page."""
    if (
        table.waiting is None
        or "read" not in table.params
        or not table.rows.filter(has_problem=True).exists()
    ):
        return redirect(address(table))
    stem, _dot, ending = table.name.rpartition(".")
    name = _("%(file)s_checked.%(ending)s") % {"file": stem, "ending": ending.lower()}
    data = marked_files.marked(table, specs.spec_of(table))
    kind = files.MADE_TYPES.get(ending.lower(), files.CSV)
    return files.as_made(HttpResponse(data, content_type=kind), name)


def _context(shown: Preview, frame: Frame) -> dict[str, Any]:
    prefix = shown.spec.pages
    return {
        **frame,
        "preview": shown,
        "table": shown.table,
        "finding": _finding(shown),
        "apply_url": f"{prefix}_apply",
        "discard_url": f"{prefix}_discard",
        "undo_url": f"{prefix}_undo",
        "marked_url": f"{prefix}_marked",
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
        case ImportState.UNDONE:
            return _("Undone: %(rows)s, all of them. They count no more.") % {"rows": rows}
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
            is_meant=request.POST.get("is_meant") == "yes",
        )
    except UnderWay as under_way:
        return to_open_job(request, under_way)
    except Repeated as repeated:
        messages.error(request, texts.repeated(repeated.applied, repeated.rows))
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


class UndoForm(forms.Form):
    """Why an applied import is taken back: it stands with everything that takes it back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=undoing.LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


def undo(request: HttpRequest, table: TableImport, frame: Frame) -> HttpResponse:
    """Take an applied import back as a whole; 403 for others than who sent or applied it."""
    spec = specs.spec_of(table)
    if not table.is_owned_by(person(request)):
        raise PermissionDenied("an import is undone by who sent or applied it")
    if not table.is_applied:
        messages.error(request, _("The import was undone meanwhile, so nothing was done now."))
        return redirect(spec.page(table))

    def save(form: UndoForm) -> HttpResponse:
        try:
            job = undoing.undo(
                table=table, reason=form.cleaned_data["reason"], by=person(request), at=clock.now()
            )
        except UnderWay as under_way:
            return to_open_job(request, under_way)
        except WrongStep:
            messages.error(request, _("The import was undone meanwhile, so nothing was done now."))
            return redirect(spec.page(table))
        if job is not None and job.state.is_at_work:
            return redirect(jobs.page(job))
        messages.success(request, _("The import is undone."))
        return redirect(spec.page(table))

    return form_page(
        request,
        "iconm_portal/imports/undo.html",
        form=lambda data, _files: UndoForm(data),
        save=save,
        context=lambda _form: {
            **frame,
            "table": table,
            "told": spec.undo.told if spec.undo else "",
            "in_the_way": undoing.in_the_way(table),
            "page": spec.page(table),
        },
    )
