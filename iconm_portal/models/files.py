"""Files: what is settled stays as evidence, what is not waits for a while in tables of its own. Their bytes stand apart."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models.codes import paired
from iconm_portal.models.people import Center, User


class StoredFile(models.Model):
    """A file as evidence. What it is called, how large, by whom; its bytes stand in `FileContent`."""

    center = models.ForeignKey(Center, models.PROTECT)
    name = models.CharField(_("File name"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [paired("uploaded", "portal_storedfile_uploaded_pair")]

    def __str__(self) -> str:
        return self.name


class FileContent(models.Model):
    """The bytes of a file, apart, so that listing files never reads them."""

    file = models.OneToOneField(StoredFile, models.PROTECT, primary_key=True, related_name="content")
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"content of {self.file_id}"


class WaitingFile(models.Model):
    """A file that waits for somebody: to be applied, or to be fetched. Nothing rests on it, so it goes: at once when it is
    refused or given up, by itself after `waits_until`. What is applied becomes a `StoredFile`.

    `subject` is the key of what it was sent for, where that is no row that names it.
    """

    center = models.ForeignKey(Center, models.PROTECT)
    name = models.CharField(_("File name"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    subject = models.CharField(max_length=200, blank=True)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    waits_until = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [paired("uploaded", "portal_waitingfile_uploaded_pair")]

    def __str__(self) -> str:
        return self.name


class WaitingContent(models.Model):
    """The bytes of a file that waits."""

    file = models.OneToOneField(WaitingFile, models.CASCADE, primary_key=True, related_name="content")
    data = models.BinaryField()

    def __str__(self) -> str:
        return f"content of {self.file_id}"


guards.declare_free(
    "not settled: it goes when it is refused, given up, or nobody has come for it",
    "portal.WaitingFile",
    "portal.WaitingContent",
)
guards.declare(
    guards.Guard("file", "portal.StoredFile", ("UPDATE", "DELETE"), "files are append-only"),
    guards.Guard("file_content", "portal.FileContent", ("UPDATE", "DELETE"), "files are append-only"),
)
