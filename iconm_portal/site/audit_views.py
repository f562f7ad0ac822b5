"""利用記録: who came in and failed to, who took personal data away, whose rights changed; for auditors and administrators."""

import json
from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_safe

from iconm_portal.display.sheets import Column, csv_rows
from iconm_portal.display.tables import AuditTable, configure
from iconm_portal.forms import files
from iconm_portal.models import AuditEvent, AuditKind
from iconm_portal.people.access import Right, administered_view, person
from iconm_portal.people.filters import AuditFilter
from iconm_portal.people.sign_in import audit
from iconm_portal.site.history_views import ROWS_AT_ONCE, as_download


@administered_view(Right.SEE_RIGHTS_HISTORY)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What the person may see of it, newest first."""
    found, rows = _asked(request)
    context = {
        "filter": found,
        "table": configure(AuditTable(rows), request),
        "query": request.GET.urlencode(),
    }
    return render(request, "iconm_portal/history/audit.html", context)


@administered_view(Right.SEE_RIGHTS_HISTORY)
@require_safe
def export_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The events asked for, one a line, oldest first; taking them away is one itself."""
    _taken(request, "audit.csv")
    return as_download(csv_rows(_COLUMNS, _oldest_first(request)), "audit", "csv", files.CSV)


@administered_view(Right.SEE_RIGHTS_HISTORY)
@require_safe
def export_json(request: HttpRequest) -> StreamingHttpResponse:
    """The same for machines, as the lines that go to the syslog."""
    _taken(request, "audit.jsonl")
    lines = (json.dumps(audit.as_json(event), ensure_ascii=False) + "\n" for event in _oldest_first(request))
    return as_download(lines, "audit", "jsonl", "application/x-ndjson")


def _taken(request: HttpRequest, what: str) -> None:
    audit.note(AuditKind.TAKEN_AWAY, person=person(request), request=request, what=what)


def _asked(request: HttpRequest) -> tuple[AuditFilter, QuerySet[AuditEvent]]:
    """The filter and what it leaves; nothing where it cannot be understood."""
    found = AuditFilter(request.GET or None, queryset=audit.known_to(person(request)))
    return found, found.qs if found.form.is_valid() or not found.is_bound else AuditEvent.objects.none()


def _oldest_first(request: HttpRequest) -> Iterator[AuditEvent]:
    _filter, rows = _asked(request)
    return rows.order_by("at", "pk").iterator(chunk_size=ROWS_AT_ONCE)


def _word(event: AuditEvent) -> str:
    """In Japanese, as everything that is taken away."""
    with translation.override("ja"):
        return str(event.kind.label)


_COLUMNS: tuple[Column[AuditEvent], ...] = (
    Column("番号", "number", value=lambda event: event.pk),
    Column("日時", "datetime", value=lambda event: event.at),
    Column("事項", value=_word),
    Column("事項コード", value=lambda event: event.kind.value),
    Column("利用者名", value=lambda event: event.username),
    Column("氏名", value=lambda event: event.name),
    Column("団体", value=lambda event: event.organisation),
    Column("接続元", value=lambda event: event.address or ""),
    Column("ブラウザー", value=lambda event: event.browser),
    Column("内容", value=lambda event: event.what),
)
