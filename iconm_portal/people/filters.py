"""What the lists of people and of events can be narrowed to. Every value is validated; a wrong one shows no rows."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.models import AuditEvent, AuditKind, Center, HistoryEvent, Organisation, Role, User
from iconm_portal.values.fields import EraDateFormField
from iconm_portal.values.text import normalised
from iconm_portal.values.written.letters import folded

LONGEST_SEARCH = 100
LONGEST_SUBJECT = 200


class ListFilter(django_filters.FilterSet):
    """What a list is narrowed to by its address."""

    @property
    def is_wrong(self) -> bool:
        """Whether it cannot be understood what is asked for: then the field says so, and there is no list and no file."""
        return bool(self.form.errors)


class PeopleFilter(ListFilter):
    """Search in names, user names and addresses; organisation, role, and whether the account is open."""

    q = django_filters.CharFilter(label=_("Search"), method="search", max_length=LONGEST_SEARCH)
    organisation = django_filters.ModelChoiceFilter(
        label=_("Organisation"), queryset=Organisation.objects.none(), empty_label=_("All")
    )
    role = django_filters.ChoiceFilter(label=_("Role"), choices=Role.choices, empty_label=_("All"))
    active = django_filters.ChoiceFilter(
        label=_("Account"),
        field_name="is_active",
        method="by_active",
        choices=[("yes", _("active")), ("no", _("deactivated"))],
        empty_label=_("All"),
    )

    class Meta:
        model = User
        fields: list[str] = []

    def __init__(self, data: Any, *, queryset: QuerySet[User], organisations: QuerySet[Organisation]) -> None:
        super().__init__(data, queryset=queryset)
        self.filters["organisation"].queryset = organisations

    def search(self, people: QuerySet[User], name: str, typed: str) -> QuerySet[User]:
        """In Python, because neither database compares NFKC, and the people whom somebody administers are few."""
        wanted = folded(typed)
        found = [
            person.pk
            for person in people
            if wanted in folded(person.name) or wanted in folded(f"{person.username} {person.email}")
        ]
        return people.filter(pk__in=found)

    def by_active(self, people: QuerySet[User], name: str, answer: str) -> QuerySet[User]:
        return people.filter(is_active=answer == "yes")


class EraDateFilter(django_filters.Filter):
    """A day as people write it."""

    field_class = EraDateFormField


class OrderedDays(forms.Form):
    """The form of a filter with a first and a last day."""

    def clean(self) -> dict[str, Any]:
        begin, end = self.cleaned_data.get("begin"), self.cleaned_data.get("end")
        if begin and end and end < begin:
            self.add_error("end", _("The last day does not come before the first."))
        return self.cleaned_data


class OfDays(ListFilter):
    """The days from … to …, both included, in Japan, of what has its moment in `at`; they stand last in the form."""

    begin = EraDateFilter(label=_("From"), method="by_begin")
    end = EraDateFilter(label=_("To"), method="by_end")

    class Meta:
        fields: list[str] = []
        form = OrderedDays

    @classmethod
    def get_filters(cls) -> Any:
        found = super().get_filters()
        for name in ("begin", "end"):
            found.move_to_end(name)
        return found

    def by_begin(self, events: QuerySet[Any], name: str, day: Any) -> QuerySet[Any]:
        return events.filter(at__gte=_midnight(day))

    def by_end(self, events: QuerySet[Any], name: str, day: Any) -> QuerySet[Any]:
        return events.filter(at__lt=_midnight(day + timedelta(days=1)))


class AuditFilter(OfDays):
    """Event, user name, and days."""

    kind = django_filters.ChoiceFilter(label=_("Event"), choices=AuditKind.choices, empty_label=_("All"))
    username = django_filters.CharFilter(label=_("User name"), method="by_username", max_length=60)

    class Meta(OfDays.Meta):
        model = AuditEvent

    def by_username(self, events: QuerySet[AuditEvent], name: str, typed: str) -> QuerySet[AuditEvent]:
        """A part of the user name, or of the name that the person bore."""
        wanted = folded(typed)
        names = events.order_by().values_list("name", flat=True).distinct()
        alike = [name for name in names if wanted in folded(name)]
        return events.filter(Q(username__contains=normalised(typed).lower()) | Q(name__in=alike))


class HistoryFilter(OfDays):
    """Object, person, center, and days."""

    subject = django_filters.CharFilter(label=_("Object"), method="by_subject", max_length=LONGEST_SUBJECT)
    person = django_filters.ChoiceFilter(label=_("Person"), field_name="actor", empty_label=_("All"))
    center = django_filters.ChoiceFilter(label=_("Center"), empty_label=_("All"))

    class Meta(OfDays.Meta):
        model = HistoryEvent

    def __init__(
        self,
        data: Any,
        *,
        queryset: QuerySet[HistoryEvent],
        centers: Iterable[Center],
    ) -> None:
        super().__init__(data, queryset=queryset)
        # Those who did something that is seen here; under the name that they bore last.
        doers = queryset.exclude(actor="").order_by().values_list("actor").annotate(last=Max("pk"))
        names = dict(
            HistoryEvent.objects.filter(pk__in=[last for _actor, last in doers]).values_list(
                "actor", "actor_name"
            )
        )
        self.filters["person"].extra["choices"] = [
            (username, f"{name} ({username})") for username, name in sorted(names.items())
        ]
        self.filters["center"].extra["choices"] = [(center.code, center.short_name) for center in centers]

    def by_subject(self, events: QuerySet[HistoryEvent], name: str, typed: str) -> QuerySet[HistoryEvent]:
        """In the key or in what readers call it, as typed or as normalised: labels keep their full-width signs."""
        wanted = Q()
        for text in {typed.strip(), normalised(typed)}:
            wanted |= Q(subject__icontains=text) | Q(subject_label__icontains=text)
        return events.filter(wanted)


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
