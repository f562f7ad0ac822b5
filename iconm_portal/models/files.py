"""Files as evidence, with their bytes apart."""

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


guards.declare(
    guards.Guard("file", "portal.StoredFile", ("UPDATE", "DELETE"), "files are append-only"),
    guards.Guard("file_content", "portal.FileContent", ("UPDATE", "DELETE"), "files are append-only"),
)
