"""Tables that a person uploaded, that were checked, and that then were neither applied nor discarded."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from iconm_portal.imports import specs
from iconm_portal.models import Center, ImportState, TableImport, User
from iconm_portal.values import clock
from iconm_portal.work.todo import Task


def staged(user: User, center: Center) -> QuerySet[TableImport]:
    """The person's own."""
    return TableImport.objects.filter(center=center, uploaded_by=user, state=ImportState.CHECKED).order_by()


def tasks(user: User, center: Center) -> list[Task]:
    """A task for each; one query."""
    return [
        Task(
            _("Apply or discard the checked table “%(file)s”") % {"file": table.name},
            specs.spec_of(table).page(table),
            since=clock.day_of(table.uploaded_at),
        )
        for table in staged(user, center).select_related("center")
    ]
