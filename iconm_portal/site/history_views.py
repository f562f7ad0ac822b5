"""履歴: who did what, and when, as far as one may see it; searched on the page, and taken away as CSV or JSON lines."""

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from iconm_portal.display.sheets import Column, csv_rows
from iconm_portal.display.tables import HistoryTable, configure
from iconm_portal.forms import files
from iconm_portal.history import texts
from iconm_portal.models import AuditEvent, AuditKind, Center, HistoryEvent
from iconm_portal.people import administered, known_history
from iconm_portal.people.access import Right, administered_view, own_centers, permits_somewhere, person
from iconm_portal.people.filters import HistoryFilter
from iconm_portal.people.sign_in import audit
from iconm_portal.values import clock

ROWS_AT_ONCE = 1_000
Event = TypeVar("Event", HistoryEvent, AuditEvent)


@administered_view(Right.SEE_HISTORY)
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """What the person may see of it, newest first."""
    return _page(request, *_asked(request))


def _page(
    request: HttpRequest, found: HistoryFilter, rows: QuerySet[HistoryEvent], status: int = 200
) -> HttpResponse:
    _stay_at_center(request)
    context = {
        "filter": found,
        "table": configure(HistoryTable(rows), request),
        "query": request.GET.urlencode(),
        "is_whole": permits_somewhere(person(request).role, Right.SEE_WHOLE_HISTORY),
        "is_of_rights": permits_somewhere(person(request).role, Right.ADMINISTER),
    }
    return render(request, "iconm_portal/history/history.html", context, status=status)


@administered_view(Right.SEE_HISTORY)
@require_safe
@never_cache
def export_csv(request: HttpRequest) -> HttpResponseBase:
    """The events asked for, one a line, oldest first, however many there are. 400 where it cannot be understood what is
    asked for."""
    found, rows = _asked(request)
    if found.is_wrong:
        return _page(request, found, rows, status=400)
    audit.note(AuditKind.TAKEN_AWAY, person=person(request), request=request, what="history.csv")
    return as_download(csv_rows(_COLUMNS, oldest_first(rows)), "history", "csv", files.CSV)


@administered_view(Right.SEE_HISTORY)
@require_safe
@never_cache
def export_json(request: HttpRequest) -> HttpResponseBase:
    """The same for machines: one JSON object a line, with what each field was and became."""
    found, rows = _asked(request)
    if found.is_wrong:
        return _page(request, found, rows, status=400)
    audit.note(AuditKind.TAKEN_AWAY, person=person(request), request=request, what="history.jsonl")
    lines = (_dumped(_as_json(event)) + "\n" for event in oldest_first(rows))
    return as_download(lines, "history", "jsonl", "application/x-ndjson")


def _asked(request: HttpRequest) -> tuple[HistoryFilter, QuerySet[HistoryEvent]]:
    """The filter and what it leaves; nothing where it cannot be understood."""
    seen = known_history.events(person(request))
    found = HistoryFilter(request.GET or None, queryset=seen, centers=_centers(request))
    return found, HistoryEvent.objects.none() if found.is_wrong else found.qs


def _centers(request: HttpRequest) -> list[Center]:
    if permits_somewhere(person(request).role, Right.ADMINISTER):
        return list(administered.centers(person(request).organisation))
    return own_centers(request)


def _stay_at_center(request: HttpRequest) -> None:
    """The page belongs to no center; whoever has only one, or asked for one, keeps its navigation."""
    centers = own_centers(request)
    asked = [one for one in centers if one.code == request.GET.get("center")]
    if len(centers) == 1 or asked:
        request.center = (asked or centers)[0]  # type: ignore[attr-defined]


def oldest_first(rows: QuerySet[Event]) -> Iterator[Event]:
    """For a file, however many they are: a part at a time."""
    return rows.order_by("at", "pk").iterator(chunk_size=ROWS_AT_ONCE)


def as_download(lines: Iterator[Any], name: str, ending: str, content_type: str) -> StreamingHttpResponse:
    """Lines as a file with the day in its name, sent as they come."""
    response = StreamingHttpResponse(lines, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}-{clock.today().isoformat()}.{ending}"'
    return response


def _as_json(event: HistoryEvent) -> dict[str, Any]:
    return {
        "number": event.pk,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "actor_name": event.actor_name,
        "actor_organisation": event.actor_organisation,
        "source": event.source,
        "action": event.action,
        "center": event.center,
        "organisation": event.organisation,
        "subject": event.subject,
        "subject_label": event.subject_label,
        "before": event.before,
        "after": event.after,
        "reason": event.reason,
        "consultation": event.consultation,
    }


def _state(value: Any) -> str:
    return _dumped(value) if value else ""


def _dumped(value: Any) -> str:
    """Sorted: SQLite keeps the order in which a state was recorded, PostgreSQL does not."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _verb(event: HistoryEvent) -> str:
    """In Japanese, as everything that is taken away; it is written after the reader's language is put away."""
    with translation.override("ja"):
        return texts.verb(event)


_COLUMNS: tuple[Column[HistoryEvent], ...] = (
    Column("番号", "number", value=lambda event: event.pk),
    Column("日時", "datetime", value=lambda event: event.at),
    Column("ユーザー名", value=lambda event: event.actor),
    Column("氏名", value=lambda event: event.actor_name),
    Column("団体", value=lambda event: event.actor_organisation),
    Column("出典", value=lambda event: event.source),
    Column("操作", value=_verb),
    Column("操作コード", value=lambda event: event.action),
    Column("センター", value=lambda event: event.center),
    Column("対象", value=lambda event: event.subject_label),
    Column("対象コード", value=lambda event: event.subject),
    Column("変更前", value=lambda event: _state(event.before)),
    Column("変更後", value=lambda event: _state(event.after)),
    Column("理由", value=lambda event: event.reason),
    Column("協議", value=lambda event: event.consultation),
)
