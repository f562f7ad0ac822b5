"""利用記録: who came in and failed to, who took personal data away, whose rights changed; for auditors and administrators."""

import json

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from iconm_portal.display.sheets import Column, csv_rows
from iconm_portal.display.tables import AuditTable, configure
from iconm_portal.forms import files
from iconm_portal.history import texts
from iconm_portal.models import AuditEvent, AuditKind
from iconm_portal.people.access import Right, administered_view, person
from iconm_portal.people.filters import AuditFilter
from iconm_portal.people.sign_in import audit
from iconm_portal.site.history_views import as_download, oldest_first


@administered_view(Right.SEE_RIGHTS_HISTORY)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What the person may see of it, newest first."""
    return _page(request, *_asked(request))


def _page(
    request: HttpRequest, found: AuditFilter, rows: QuerySet[AuditEvent], status: int = 200
) -> HttpResponse:
    context = {
        "filter": found,
        "table": configure(AuditTable(rows), request),
        "query": request.GET.urlencode(),
    }
    return render(request, "iconm_portal/history/audit.html", context, status=status)


@administered_view(Right.SEE_RIGHTS_HISTORY)
@require_safe
def export_csv(request: HttpRequest) -> HttpResponseBase:
    """The events asked for, one a line, oldest first; taking them away is one itself. 400 where it cannot be understood
    what is asked for."""
    found, rows = _asked(request)
    if found.is_wrong:
        return _page(request, found, rows, status=400)
    _taken(request, "audit.csv")
    return as_download(csv_rows(_COLUMNS, oldest_first(rows)), "audit", "csv", files.CSV)


@administered_view(Right.SEE_RIGHTS_HISTORY)
@require_safe
def export_json(request: HttpRequest) -> HttpResponseBase:
    """The same for machines, as the lines that go to the syslog."""
    found, rows = _asked(request)
    if found.is_wrong:
        return _page(request, found, rows, status=400)
    _taken(request, "audit.jsonl")
    lines = (json.dumps(audit.as_json(event), ensure_ascii=False) + "\n" for event in oldest_first(rows))
    return as_download(lines, "audit", "jsonl", "application/x-ndjson")


def _taken(request: HttpRequest, what: str) -> None:
    audit.note(AuditKind.TAKEN_AWAY, person=person(request), request=request, what=what)


def _asked(request: HttpRequest) -> tuple[AuditFilter, QuerySet[AuditEvent]]:
    """The filter and what it leaves; nothing where it cannot be understood."""
    found = AuditFilter(request.GET or None, queryset=audit.known_to(person(request)))
    return found, AuditEvent.objects.none() if found.is_wrong else found.qs


def _word(event: AuditEvent) -> str:
    """In Japanese, as everything that is taken away."""
    with translation.override("ja"):
        return str(event.kind.label)


def _about(event: AuditEvent) -> str:
    with translation.override("ja"):
        return texts.about(event)


_COLUMNS: tuple[Column[AuditEvent], ...] = (
    Column("番号", "number", value=lambda event: event.pk),
    Column("日時", "datetime", value=lambda event: event.at),
    Column("事項", value=_word),
    Column("事項コード", value=lambda event: event.kind.value),
    Column("ユーザー名", value=lambda event: event.username),
    Column("氏名", value=lambda event: event.name),
    Column("団体", value=lambda event: event.organisation),
    Column("接続元", value=lambda event: event.address or ""),
    Column("ブラウザー", value=lambda event: event.browser),
    Column("内容", value=_about),
    Column("内容コード", value=lambda event: event.what),
)
