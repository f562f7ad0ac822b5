"""Work that takes longer than a page may: jobs with visible progress, and tables that are being imported."""

from typing import Final, assert_never

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from iconm_portal.history import guards
from iconm_portal.models.codes import paired
from iconm_portal.models.files import StoredFile, WaitingFile
from iconm_portal.models.people import Center, User
from iconm_portal.values.constraints import known
from iconm_portal.values.enum_field import EnumField


class JobState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")

    @property
    def is_at_work(self) -> bool:
        """Whether it has not ended yet."""
        match self:
            case JobState.WAITING | JobState.RUNNING:
                return True
            case JobState.DONE | JobState.FAILED:
                return False
            case _:
                assert_never(self)

    @property
    def may_begin_again(self) -> bool:
        """Whether it ended without a result."""
        match self:
            case JobState.FAILED:
                return True
            case JobState.WAITING | JobState.RUNNING | JobState.DONE:
                return False
            case _:
                assert_never(self)


OPEN_JOBS: Final = tuple(state for state in JobState if state.is_at_work)


class Job(models.Model):
    """A piece of long work: who asked for it, how far it is, and what came of it. A worker process does it.

    `subject` is what it works on: a person has one open job of a kind and subject. Nobody asked for nightly work; its
    subject is the day, and it is there once for good. `run` changes with every worker that it is given to, so that one who
    lost it sees that it is no longer his; `beat` counts the signs of life of the one who has it, because a time of day can
    go back; `losses` counts the workers that ended in the midst of it.
    """

    center = models.ForeignKey(Center, models.PROTECT, null=True, blank=True, related_name="jobs")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True)
    title = models.CharField(_("Work"), max_length=200)
    params = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    language = models.CharField(max_length=10, blank=True)  # of whoever asked for it, for what it says
    state = EnumField(JobState, _("State"), default=JobState.WAITING)
    done = models.PositiveIntegerField(_("Done"), default=0)
    total = models.PositiveIntegerField(_("Of"), null=True, blank=True)
    failure = models.CharField(_("What went wrong"), max_length=500, blank=True)
    next_url = models.CharField(max_length=300, blank=True)  # where the person goes on when it is done
    result = models.ForeignKey(WaitingFile, models.SET_NULL, null=True, blank=True, related_name="jobs")
    requested_at = models.DateTimeField(null=True, blank=True)
    requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended = models.DateTimeField(null=True, blank=True)
    run = models.PositiveIntegerField(default=1)
    beat = models.PositiveBigIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    task = models.UUIDField(null=True, blank=True)  # its place in the workers' queue

    class Meta:
        ordering = ["-pk"]
        constraints = [
            known("state", JobState.values, "portal_job_state_known"),
            paired("requested", "portal_job_requested_pair"),
            models.UniqueConstraint(
                fields=["requested_by", "kind", "subject"],
                condition=Q(state__in=OPEN_JOBS),
                name="portal_job_one_open",
                violation_error_message=_("It is being done already."),
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(requested_by__isnull=True),
                name="portal_job_nightly_once",
                violation_error_message=_("It is being done already."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def owner(self) -> User:
        """Who asked for it. ValueError for nightly work, which nobody did."""
        if self.requested_by is None:
            raise ValueError(f"nobody asked for {self.kind}")
        return self.requested_by


class Worker(models.Model):
    """A process that does jobs, as the database last saw it (by the database's own clock, which all hosts share)."""

    name = models.CharField(max_length=64, unique=True)
    host = models.CharField(max_length=200)
    seen = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} ({self.host})"


class ImportState(models.TextChoices):
    READING = "reading", _("Being read")
    CHECKED = "checked", _("Checked")
    REFUSED = "refused", _("Refused")
    APPLIED = "applied", _("Applied")
    DISCARDED = "discarded", _("Discarded")
    UNDONE = "undone", pgettext_lazy("import", "Undone")

    @property
    def may_be_applied(self) -> bool:
        """Whether it is, or will be, ready to be applied."""
        match self:
            case ImportState.READING | ImportState.CHECKED:
                return True
            case ImportState.REFUSED | ImportState.APPLIED | ImportState.DISCARDED | ImportState.UNDONE:
                return False
            case _:
                assert_never(self)

    @property
    def is_settled(self) -> bool:
        """Whether its rows were put where they belong, or given up."""
        match self:
            case ImportState.APPLIED | ImportState.DISCARDED | ImportState.UNDONE:
                return True
            case ImportState.READING | ImportState.CHECKED | ImportState.REFUSED:
                return False
            case _:
                assert_never(self)

    @property
    def may_be_discarded(self) -> bool:
        """Whether it waits for somebody to do something with it."""
        match self:
            case ImportState.READING | ImportState.CHECKED | ImportState.REFUSED:
                return True
            case ImportState.APPLIED | ImportState.DISCARDED | ImportState.UNDONE:
                return False
            case _:
                assert_never(self)

    @property
    def was_applied(self) -> bool:
        """Whether its rows were put where they belong, even if they were taken back since. Its file is kept from then on."""
        match self:
            case ImportState.APPLIED | ImportState.UNDONE:
                return True
            case ImportState.READING | ImportState.CHECKED | ImportState.REFUSED | ImportState.DISCARDED:
                return False
            case _:
                assert_never(self)


_WERE_APPLIED: Final = tuple(state for state in ImportState if state.was_applied)


class TableImport(models.Model):
    """A table that somebody uploaded: read and checked row by row, shown, then applied as a whole or not at all.

    The file itself waits until then, and is kept from then on; of one that is refused or given up, only its name and digest.
    What was applied may be undone as a whole, while nothing rests on it. `contents` is a digest of what was understood of
    the rows, so that a file that was only saved anew is known again.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="imports")
    kind = models.CharField(max_length=60)  # "finance.entries"
    params = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    name = models.CharField(_("File name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    contents = models.CharField(max_length=64, blank=True)
    waiting = models.OneToOneField(
        WaitingFile, models.SET_NULL, null=True, blank=True, related_name="table_import"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="imports")
    state = EnumField(ImportState, _("State"), default=ImportState.READING)
    refusal = models.JSONField(encoder=DjangoJSONEncoder, default=dict)  # why the file as a whole is not read
    row_count = models.PositiveIntegerField(_("Rows"), default=0)
    problem_count = models.PositiveIntegerField(_("Problems"), default=0)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="imports")
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undo_reason = models.CharField(_("Reason for undoing"), max_length=300, blank=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            known("state", ImportState.values, "portal_tableimport_state_known"),
            paired("uploaded", "portal_tableimport_uploaded_pair"),
            paired("applied", "portal_tableimport_applied_pair"),
            paired("undone", "portal_tableimport_undone_pair"),
            models.CheckConstraint(
                condition=Q(state=ImportState.UNDONE, undone_at__isnull=False) & ~Q(undo_reason="")
                | (~Q(state=ImportState.UNDONE) & Q(undone_at__isnull=True)),
                name="portal_tableimport_undone_has_reason",
                violation_error_message=_("Say why the import is undone."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_WERE_APPLIED) | Q(applied_at__isnull=False),
                name="portal_tableimport_applied_by_someone",
                violation_error_message=_("What is applied says when and by whom."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=_WERE_APPLIED, file__isnull=False, waiting__isnull=True)
                | (~Q(state__in=_WERE_APPLIED) & Q(file__isnull=True)),
                name="portal_tableimport_file_kept_when_applied",
                violation_error_message=_("The file of an import is kept from when it is applied."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def is_checked(self) -> bool:
        return self.state is ImportState.CHECKED

    @property
    def is_applied(self) -> bool:
        return self.state is ImportState.APPLIED

    def is_owned_by(self, user: User) -> bool:
        """Whether the person sent the file or applied it."""
        return user.pk in (self.uploaded_by_id, self.applied_by_id)

    def history_key(self) -> str:
        return f"portal.import/{self.center.code}/{self.pk}"

    def history_label(self) -> str:
        return self.name


class ImportRow(models.Model):
    """A row as it was read and understood; `number` is its row in the file. Gone when the import is settled."""

    table = models.ForeignKey(TableImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    values = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    problems = models.JSONField(encoder=DjangoJSONEncoder, default=list)
    has_problem = models.BooleanField(default=False)
    has_error = models.BooleanField(default=False)
    is_repeated = models.BooleanField(default=False)  # what it says is there already

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "number"],
                name="portal_importrow_once",
                violation_error_message=_("The row is there already."),
            )
        ]
        indexes = [
            models.Index(fields=["table", "has_problem", "number"], name="portal_importrow_problems"),
            models.Index(fields=["table", "has_error", "number"], name="portal_importrow_errors"),
        ]

    def __str__(self) -> str:
        return f"{self.table_id}/{self.number}"


guards.declare(
    guards.Guard(
        "tableimport_kept",
        "portal.TableImport",
        ("DELETE",),
        "an applied import is kept",
        "OLD.state IN ('applied', 'undone')",
    ),
    guards.Guard(
        "tableimport_applied",
        "portal.TableImport",
        ("UPDATE",),
        "an applied import stays as it is, or is undone once",
        "OLD.state = 'undone' OR (OLD.state = 'applied' AND NEW.state <> 'undone')",
    ),
    guards.Guard(
        "tableimport_undone",
        "portal.TableImport",
        ("UPDATE",),
        "what was applied stays readable after it was undone",
        "OLD.state = 'applied'",
        columns=tuple(
            one.name
            for one in TableImport._meta.concrete_fields
            if one.name not in ("state", "undone_at", "undone_by", "undo_reason")
        ),
    ),
    guards.Guard(
        "tableimport_way",
        "portal.TableImport",
        ("UPDATE",),
        "only what was checked is applied, and only what was applied undone",
        "(NEW.state = 'applied' AND OLD.state NOT IN ('checked', 'applied'))"
        " OR (NEW.state = 'undone' AND OLD.state NOT IN ('applied', 'undone'))",
    ),
    guards.Guard(
        "tableimport_begun",
        "portal.TableImport",
        ("INSERT",),
        "an import is applied after it was checked",
        "NEW.state IN ('applied', 'undone')",
    ),
    guards.Guard(
        "tableimport_file",
        "portal.TableImport",
        ("UPDATE",),
        "an import stays that of its file",
        columns=("center", "kind", "name", "sha256", "uploaded_at", "uploaded_by"),
    ),
)
guards.declare_free(
    "work in progress: it says how far a job is, and what comes of it is kept in tables of its own",
    "portal.Job",
)
guards.declare_free("a sign of life of a process that does jobs", "portal.Worker")
guards.declare_free(
    "the queue of jobs; which job is done is said by the job", "django_tasks_database.DBTaskResult"
)
guards.declare_free(
    "the keys of forms that may be sent a second time; old ones go at night", "portal.Sending"
)
guards.declare_free("what was read of a file until the import is applied or discarded", "portal.ImportRow")


class Sending(models.Model):
    """What was sent by a form and done, by the key of the form (`history/once.py`), and where its answer led.

    `contents` is a digest of what was sent; without a `status`, the answer is still being made.
    """

    key = models.CharField(max_length=64, unique=True)
    contents = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    location = models.CharField(max_length=2000, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.key
