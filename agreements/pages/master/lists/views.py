"""Pages of a center's lists for the staff of both sides: posts, chronology, criteria."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agreements.instruments import texts
from agreements.instruments.sources import in_words
from agreements.models import ChronologyEntry, Post
from agreements.pages.master.deletions.page import Asked, deletion_page
from agreements.pages.master.lists import actions, lists
from agreements.pages.master.lists.forms import FORMS, RowForm
from agreements.pages.master.lists.lists import KeptList, Row
from agreements.pages.master.places import crumbs
from agreements.pages.master.rows import fingerprint
from iconm_portal.display.template_tags import era_date
from iconm_portal.forms.form_page import Files, form_page
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock

READS_AND_WRITES = ["GET", "HEAD", "POST"]
FORM = "agreements/pages/master/lists/form.html"


@center_view(Right.PREPARE)
@require_safe
def rows(request: HttpRequest, center: Center, which: str) -> HttpResponse:
    """All rows of a list."""
    kept = _list_or_404(which)
    shown = [(row, _days(row), in_words(row.source)) for row in _rows(kept, center)]
    context = {"kept": kept, "rows": shown, "crumbs": crumbs(center)}
    return render(request, "agreements/pages/master/lists/list.html", context)


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def new(request: HttpRequest, center: Center, which: str) -> HttpResponse:
    """Add a row to a list."""
    kept = _list_or_404(which)

    def save(form: RowForm) -> HttpResponse:
        actions.add_row(kept=kept, center=center, facts=form.facts(), by=person(request), at=clock.now())
        messages.success(request, _("The row is added."))
        return _back_to(kept, center)

    return form_page(
        request,
        FORM,
        form=lambda data, _files: FORMS[which](data, center=center, kept=kept),
        save=save,
        context=lambda _form: {"kept": kept, "current": kept.add, "crumbs": _crumbs(kept, center)},
    )


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def row(request: HttpRequest, center: Center, which: str, row: str) -> HttpResponse:
    """Correct a row; what a document says is only shown."""
    kept = _list_or_404(which)
    found = _row_or_404(kept, center, row)
    context = _row_context(kept, found)
    if request.method != "POST" and context["why_fixed"]:
        return render(request, FORM, context | {"form": None})

    def form(data: QueryDict | None, _files: Files | None) -> RowForm:
        return FORMS[which](data, center=center, kept=kept, row=_row_or_404(kept, center, row))

    def save(form: RowForm) -> HttpResponse:
        actions.change_row(
            kept=kept, row=found, seen=form.cleaned_data["seen"], facts=form.facts(), by=person(request)
        )
        messages.success(request, _("The changes are saved."))
        return _back_to(kept, center)

    return form_page(request, FORM, form=form, save=save, context=lambda _form: context)


@center_view(Right.PREPARE)
@require_http_methods(READS_AND_WRITES)
def delete(request: HttpRequest, center: Center, which: str, row: str) -> HttpResponse:
    """Delete a row on which nothing rests."""
    kept = _list_or_404(which)
    found = _row_or_404(kept, center, row)

    def ask() -> Asked:
        return Asked(
            heading=str(kept.delete),
            name=str(found),
            seen=fingerprint(lists.state_of(kept, found)),
            why_kept=lists.why_kept(kept, found),
            back=_address("master_list_row", kept, center, row=found.code),
            crumbs=_crumbs(kept, center),
        )

    def go(seen: str) -> HttpResponse:
        actions.delete_row(kept=kept, row=found, seen=seen, by=person(request))
        messages.success(request, _("The row is deleted."))
        return _back_to(kept, center)

    return deletion_page(request, ask, go)


def _row_context(kept: KeptList, row: Row) -> dict[str, Any]:
    return {
        "kept": kept,
        "row": row,
        "days": _days(row),
        "source": in_words(row.source),
        "why_fixed": lists.why_fixed(row),
        "why_kept": lists.why_kept(kept, row),
        "current": str(row),
        "crumbs": _crumbs(kept, row.center),
    }


def _days(row: Row) -> str:
    """When it was, or from when until when it is there."""
    if isinstance(row, ChronologyEntry):
        return texts.partial(row.happened_on)
    if isinstance(row, Post) and (row.since or row.until):
        return f"{era_date(row.since)}～{era_date(row.until)}"
    return ""


def _list_or_404(which: str) -> KeptList:
    if which not in lists.LISTS:
        raise Http404(which)
    return lists.LISTS[which]


def _rows(kept: KeptList, center: Center) -> Any:
    return kept.model._default_manager.filter(center=center).select_related("center")


def _row_or_404(kept: KeptList, center: Center, code: str) -> Row:
    found: Row = get_object_or_404(_rows(kept, center), code=code)
    return found


def _address(page: str, kept: KeptList, center: Center, **parts: str) -> str:
    return reverse(f"agreements:{page}", kwargs={"center": center.code, "which": kept.slug, **parts})


def _crumbs(kept: KeptList, center: Center) -> list[Crumb]:
    return [*crumbs(center), Crumb(str(kept.title), _address("master_list", kept, center))]


def _back_to(kept: KeptList, center: Center) -> HttpResponse:
    return redirect(_address("master_list", kept, center))
