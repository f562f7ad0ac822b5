"""An import of records is undone: all of them are withdrawn, as single ones are, with the reason of the undoing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import F, Min, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from iconm_portal.imports.specs import Undo
from iconm_portal.models import ReviewState, TableImport, User
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed
from kpi.models import Category, Record, RecordStatus, Report

NAMED: Final = 3


def records_of(table: TableImport) -> QuerySet[Record]:
    """What the import wrote down and nobody has withdrawn yet."""
    return Record.objects.filter(imported=table, status=RecordStatus.KEPT)


def in_the_way(table: TableImport) -> list[str]:
    """Records that somebody corrected or completed since, and accepted reports whose values count records of it."""
    return [*_worked_on(table), *_counted(table)]


def _worked_on(table: TableImport) -> list[str]:
    since = records_of(table).filter(Q(version__gt=1) | Q(files__isnull=False)).distinct().order_by("pk")
    titles = list(since.values_list("title", flat=True)[:NAMED])
    if not titles:
        return []
    count = since.count()
    said = ngettext(
        "%(count)s record was corrected or got files since: %(titles)s. Withdraw the records one by one.",
        "%(count)s records were corrected or got files since, such as %(titles)s. Withdraw the records one by one.",
        count,
    )
    return [said % {"count": format_number(count), "titles": listed(titles)}]


def _counted(table: TableImport) -> list[str]:
    """Reports accepted since, as of a day up to which they count at least one of the records."""
    counts = records_of(table).filter(is_level=False, is_period_total=False, latest__isnull=False)
    found = set()
    for category, first in counts.order_by().values_list("category").annotate(Min("latest")):
        reports = Report.objects.filter(
            plan__center=table.center_id,
            state=ReviewState.ACCEPTED,
            accepted_at__gte=table.applied_at,
            as_of__gte=first,
            actuals__indicator__basis__category=category,
        )
        found |= set(reports.select_related("plan", "plan__center").distinct())
    labels = sorted(report.history_label() for report in found)
    if not labels:
        return []
    return [_("Accepted reports count these records: %(reports)s.") % {"reports": listed(labels)}]


def withdraw_all(
    table: TableImport, prepared: None, reason: str, by: User, at: datetime
) -> Mapping[str, Any]:
    """Withdraw them. ValidationError for what rests on them by now."""
    of_center = Category.objects.select_for_update().filter(center=table.center_id).order_by("pk")
    list(of_center.values_list("pk"))
    if reasons := in_the_way(table):
        raise ValidationError(reasons)
    count = (
        records_of(table)
        .filter(version=1)
        .update(
            status=RecordStatus.WITHDRAWN,
            withdrawn_at=at,
            withdrawn_by=by,
            withdrawal_reason=reason,
            version=F("version") + 1,
        )
    )
    if reasons := in_the_way(table):  # somebody was faster by a moment
        raise ValidationError(reasons)
    return {"count": count}


UNDO: Final = Undo(
    told=gettext_lazy(
        "Each record is withdrawn with this reason: it stays readable, and is counted no more. "
        "Records that are withdrawn already stay as they are."
    ),
    in_the_way=in_the_way,
    prepare=lambda table, reason, by, at: None,
    take_back=withdraw_all,
)
