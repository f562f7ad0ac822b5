"""The lists of people and of events, and how a list reads its order and its page from the address."""

from typing import Any

import django_tables2 as tables
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from iconm_portal.history import texts
from iconm_portal.models import AuditEvent, HistoryEvent, User

ROWS_PER_PAGE = 50


def configure(table: tables.Table, request: HttpRequest, per_page: int = ROWS_PER_PAGE) -> tables.Table:
    """Sort and page by `sort` and `page` of the address; anything unusable there means the first order or page.

    In place of django-tables2's RequestConfig, which also believes `per_page`: 0 divides by zero, and a very
    large one overflows the database.
    """
    table.request = request
    order = request.GET.get(table.prefixed_order_by_field, "")
    if order.removeprefix("-") in table.columns.names():
        table.order_by = [order]
    table.paginate(per_page=per_page)
    table.page = table.paginator.get_page(request.GET.get(table.prefixed_page_field))
    total = table.paginator.count
    table.caption = ngettext("%(total)s entry", "%(total)s entries", total) % {"total": f"{total:,}"}
    return table


class PeopleTable(tables.Table):
    """Name, user name, organisation, role, account."""

    name = tables.Column(
        linkify=("person", {"person": tables.A("pk")}), orderable=False, attrs={"a": {"lang": "ja"}}
    )
    username = tables.Column()
    organisation = tables.Column(order_by=("organisation__code", "username"))
    role = tables.Column(order_by=("role", "username"))
    email = tables.Column(orderable=False, default="")
    is_active = tables.Column(verbose_name=_("Account"), order_by=("is_active", "username"))

    class Meta:
        model = User
        fields = ("name", "username", "organisation", "role", "email", "is_active")
        attrs = {"class": "table--stack"}
        empty_text = _("No people are found. Widen the search, or enter a new person.")
        order_by_field = "sort"

    def render_organisation(self, record: User) -> SafeString:
        return format_html('<span lang="ja">{}</span>', record.organisation.name)

    def render_role(self, record: User) -> str:
        return record.get_role_display()

    def render_is_active(self, record: User) -> Any:
        if not record.is_active:
            return _("deactivated")
        return _("active, temporary password") if record.must_change_password else _("active")


class EventTable(tables.Table):
    """A list of what happened, each with its time."""

    at = tables.Column(order_by=("at", "pk"), attrs={"td": {"class": "nowrap"}})

    class Meta:
        attrs = {"class": "table--stack table--top"}
        empty_text = _("Nothing is recorded for this choice. Widen the days, or leave a field open.")
        order_by_field = "sort"

    def render_at(self, record: HistoryEvent | AuditEvent) -> SafeString:
        return _cell("iconm_portal/history/_time.html", record)


class HistoryTable(EventTable):
    """Time, person, what was done to what, and the changes."""

    actor_name = tables.Column(verbose_name=_("Person"), orderable=False, empty_values=())
    action = tables.Column(orderable=False, attrs={"td": {"class": "nowrap"}})
    subject_label = tables.Column(verbose_name=_("Object"), orderable=False)
    after = tables.Column(verbose_name=_("Changes"), orderable=False, empty_values=())

    class Meta(EventTable.Meta):
        model = HistoryEvent
        fields = ("at", "actor_name", "action", "subject_label", "after")

    def render_actor_name(self, record: HistoryEvent) -> SafeString:
        return _cell("iconm_portal/history/_person.html", record)

    def render_action(self, record: HistoryEvent) -> str:
        return texts.verb(record)

    def render_subject_label(self, record: HistoryEvent) -> SafeString:
        return _cell("iconm_portal/history/_subject.html", record)

    def render_after(self, record: HistoryEvent) -> str:
        """Nothing at all where nothing is to be said: a list on a phone leaves empty cells out."""
        said = texts.changes(record)
        if not (said or record.reason or record.consultation):
            return ""
        return _cell("iconm_portal/history/_changes.html", record, {"changes": said})


class AuditTable(EventTable):
    """Time, event, person, from where, and what it was about."""

    kind = tables.Column(orderable=False, attrs={"td": {"class": "nowrap"}})
    name = tables.Column(orderable=False, empty_values=())
    address = tables.Column(orderable=False, default="")
    what = tables.Column(orderable=False, default="")

    class Meta(EventTable.Meta):
        model = AuditEvent
        fields = ("at", "kind", "name", "address", "what")

    def render_kind(self, record: AuditEvent) -> str:
        return str(record.kind.label)

    def render_name(self, record: AuditEvent) -> Any:
        if not record.username:
            return _("no person of this portal") if record.kind.is_a_try else ""
        return format_html('<span><span lang="ja">{}</span> ({})</span>', record.name, record.username)

    def render_what(self, record: AuditEvent) -> str:
        return texts.about(record)


def _cell(template: str, event: HistoryEvent | AuditEvent, more: dict[str, Any] | None = None) -> SafeString:
    return render_to_string(template, {"event": event, **(more or {})})
