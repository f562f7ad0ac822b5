"""設定一式: a workbook with which one side puts a center's set-up and past before the other, and both settle it in one step."""

from datetime import date
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models import ways
from iconm_portal.models.codes import paired
from iconm_portal.models.files import StoredFile, WaitingFile
from iconm_portal.models.people import Center, User
from iconm_portal.models.settling import ProposalState, Proposed
from iconm_portal.models.work import Job
from iconm_portal.values import fiscal

LONGEST_DOCUMENT: Final = 90
"""With its date it is the source of every row, which has room for 120 letters."""


class SetUp(Proposed):
    """An uploaded set-up workbook. Uploaded and checked it is a draft, and its file waits; put before the other side the
    file is kept; confirmed, all of its rows are in.

    `findings` is what the check found, and later what came of it (`kpi/loading/set_up/findings.py`); empty until it is checked.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="set_ups")
    name = models.CharField(_("File name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    waiting = models.OneToOneField(WaitingFile, models.SET_NULL, null=True, blank=True, related_name="set_up")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="set_ups")
    document = models.CharField(_("Document"), max_length=LONGEST_DOCUMENT)
    document_on = models.DateField(_("Date of the document"))
    findings = models.JSONField(encoder=DjangoJSONEncoder, default=dict, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="set_ups")
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta(Proposed.Meta):
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            *Proposed.Meta.constraints,
            paired("uploaded", "portal_setup_uploaded_pair"),
            models.CheckConstraint(
                condition=Q(state=ProposalState.DRAFT) | Q(file__isnull=False, waiting__isnull=True),
                name="portal_setup_file_kept_when_proposed",
                violation_error_message=_("The file is kept from when it is put before the other side."),
            ),
            models.CheckConstraint(
                condition=~Q(document=""),
                name="portal_setup_document_named",
                violation_error_message=_("Say in which document it was settled."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source_words(self) -> str:
        """What its rows name as their source."""
        day: date = self.document_on
        return f"{self.document}（{fiscal.era_date_short(day)}）"

    @property
    def data(self) -> bytes:
        """The file. ValueError where it is gone."""
        kept: Any = self.file or self.waiting
        if kept is None:
            raise ValueError(f"the file of {self.pk} is gone")
        return bytes(kept.content.data)

    def history_key(self) -> str:
        return f"portal.set_up/{self.center.code}/{self.pk}"

    def history_label(self) -> str:
        return f"設定一式 {self.name}"


guards.declare(
    guards.Guard(
        "setup_settled",
        "portal.SetUp",
        ("UPDATE", "DELETE"),
        "what both confirmed is frozen",
        "OLD.state = 'confirmed'",
    ),
    guards.Guard(
        "setup_file",
        "portal.SetUp",
        ("UPDATE",),
        "a set-up stays that of its file and document",
        columns=("center", "name", "sha256", "document", "document_on", "uploaded_at", "uploaded_by"),
    ),
    *ways.proposal_way(
        "portal.SetUp", center="NEW.center_id", content=("file",), discarded_from="'draft', 'declined'"
    ),
)
