"""What stands on dates beside the duties: the chronology, the calendar feed, and reminders."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models.agreements import Agreement
from agreements.models.rules import PartialDateField, entered_by, known, printed
from iconm_portal.history import guards
from iconm_portal.models import Center, CodeField, User, paired
from iconm_portal.values.enum_field import EnumField


class ChronologyEntry(models.Model):
    """設立・経緯 (T6), as precisely dated as the report gives it."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="chronology")
    code = CodeField()
    happened_on = PartialDateField(_("Date"))
    text = models.CharField(_("Text"), max_length=400)
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(_("Source"), max_length=120, blank=True)
    # Who entered it; nobody where it came with its source.
    recorded_at = models.DateTimeField(null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["happened_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_chronologyentry_code_unique",
                violation_error_message=_("The chronology has an entry with this code already."),
            ),
            paired("recorded", "agreements_chronologyentry_recorded_pair"),
        ]

    def __str__(self) -> str:
        return self.text

    def history_key(self) -> str:
        return f"agreements.chronologyentry/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.text


class CalendarFeed(models.Model):
    """A person's secret address of the calendar feed. Only its digest is kept; revoked ones stay."""

    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    issued = models.DateTimeField(default=timezone.now)
    revoked = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(revoked__isnull=True),
                name="agreements_calendarfeed_one_standing",
                violation_error_message=_("There is a calendar address already."),
            )
        ]

    def __str__(self) -> str:
        return f"feed of {self.person_id}"


class ReminderKind(models.TextChoices):
    AHEAD = "ahead", pgettext_lazy("reminder", "ahead of the due date")
    OVERDUE = "overdue", pgettext_lazy("reminder", "overdue")


class Reminder(models.Model):
    """A mail about a day: of a duty, stored or not, or of an agreement. Claimed before it is sent: a crash in between
    shows as unclear, never twice."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    # What it is about, as the history names it: that of a duty is the same before and after it is stored.
    about = models.CharField(max_length=300)
    title = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = EnumField(ReminderKind)
    due_on = models.DateField()
    claimed = models.DateTimeField()
    sent = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["about", "person", "kind", "due_on"],
                name="agreements_reminder_once",
                violation_error_message=_("This reminder was claimed already."),
            ),
            known("kind", ReminderKind.values, "agreements_reminder_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about} {self.person_id}"


guards.declare(
    printed("ChronologyEntry", is_ordered=False, is_entered=True),
    entered_by("ChronologyEntry"),
    guards.Guard(
        "agreements_calendarfeed_kept", "agreements.CalendarFeed", ("DELETE",), "addresses are revoked"
    ),
    guards.Guard(
        "agreements_calendarfeed_revoked",
        "agreements.CalendarFeed",
        ("UPDATE",),
        "a revoked address stays revoked",
        "OLD.revoked IS NOT NULL",
    ),
    guards.Guard(
        "agreements_calendarfeed_of",
        "agreements.CalendarFeed",
        ("UPDATE",),
        "an address stays its person's",
        columns=("person", "digest", "issued"),
    ),
    guards.Guard("agreements_reminder_kept", "agreements.Reminder", ("DELETE",), "reminders are kept"),
    guards.Guard(
        "agreements_reminder_claimed",
        "agreements.Reminder",
        ("UPDATE",),
        "of a reminder only what became of it changes",
        columns=("center", "about", "title", "person", "kind", "due_on", "claimed"),
    ),
)
