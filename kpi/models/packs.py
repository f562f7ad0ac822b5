"""委員会資料: a pack while it is prepared, and frozen with its bytes and its data; and what a center opens to all."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from iconm_portal.history import guards
from iconm_portal.models import Center, Job, StoredFile, User, paired, ways
from iconm_portal.values.constraints import known
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField


class PackState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("pack", "being prepared")
    FROZEN = "frozen", pgettext_lazy("pack", "frozen")


class Pack(models.Model):
    """A committee pack: what it shows, and once frozen, the very bytes and data that it had that day.

    `sections` is the ordered choice, a list of {"key": …, "comment": …}. `data` is the canonical JSON of everything that
    the workbook shows; `data_digest` and `workbook_digest` are SHA-256 in hexadecimal.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="packs")
    number = models.PositiveIntegerField(_("Number"))
    title = models.CharField(_("Title"), max_length=200)
    committee = models.CharField(_("Committee"), max_length=120, blank=True)
    presented_on = models.DateField(_("Date of the committee"), null=True, blank=True)
    department = models.CharField(_("Department"), max_length=120, blank=True)
    fiscal_year = FiscalYearField(_("Fiscal year"))
    as_of = models.DateField(_("As known at the end of"))
    sections = models.JSONField(encoder=DjangoJSONEncoder, default=list)
    state = EnumField(PackState, _("State"), default=PackState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    frozen_at = models.DateTimeField(null=True, blank=True)
    frozen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    workbook = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    data = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    workbook_digest = models.CharField(max_length=64, blank=True)
    data_digest = models.CharField(max_length=64, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="packs")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "number"],
                name="kpi_pack_number_unique",
                violation_error_message=_("The center has a pack with this number already."),
            ),
            known("state", PackState.values, "kpi_pack_state_known"),
            models.CheckConstraint(
                condition=~Q(state=PackState.FROZEN)
                | (
                    Q(frozen_at__isnull=False, workbook__isnull=False, data__isnull=False)
                    & ~Q(workbook_digest="")
                    & ~Q(data_digest="")
                ),
                name="kpi_pack_frozen_whole",
                violation_error_message=_("A frozen pack has its workbook, its data and their digests."),
            ),
            paired("created", "kpi_pack_created_pair"),
            paired("saved", "kpi_pack_saved_pair"),
            paired("frozen", "kpi_pack_frozen_pair"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_frozen(self) -> bool:
        return self.state == PackState.FROZEN

    def history_key(self) -> str:
        return f"kpi.pack/{self.center.code}/{self.number}"

    def history_label(self) -> str:
        return self.title


class Publication(models.Model):
    """Whether a center's accepted figures are open to everybody; the city switches it."""

    center = models.OneToOneField(Center, models.PROTECT, related_name="publication")
    is_open = models.BooleanField(_("Open to everybody"), default=False)
    version = models.PositiveIntegerField(default=1)
    switched_at = models.DateTimeField(default=timezone.now)
    switched_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [paired("switched", "kpi_publication_switched_pair")]

    def __str__(self) -> str:
        return f"{self.center_id}: {self.is_open}"

    def history_key(self) -> str:
        return f"kpi.publication/{self.center.code}"

    def history_label(self) -> str:
        return f"{self.center.short_name} オープンデータ"


guards.declare(
    guards.Guard(
        "kpi_pack_frozen",
        "kpi.Pack",
        ("UPDATE", "DELETE"),
        "a frozen pack is never changed or deleted",
        "OLD.state = 'frozen'",
    ),
    guards.Guard(
        "kpi_pack_begun", "kpi.Pack", ("INSERT",), "a pack begins as a draft", "NEW.state <> 'draft'"
    ),
    guards.Guard(
        "kpi_pack_way",
        "kpi.Pack",
        ("UPDATE",),
        "somebody of the supporter freezes a pack",
        "NEW.state <> OLD.state AND "
        + ways.unless(
            "NEW.version > OLD.version AND "
            + ways.belongs_to("NEW.frozen_by_id", ways.OF_SUPPORTER, "NEW.center_id")
        ),
    ),
    guards.Guard(
        "kpi_pack_number",
        "kpi.Pack",
        ("UPDATE",),
        "a pack keeps its number, and who began it",
        columns=("center", "number", "created_at", "created_by"),
    ),
    guards.Guard(
        "kpi_publication_kept", "kpi.Publication", ("DELETE",), "what a center opens to all is kept"
    ),
    guards.Guard(
        "kpi_publication_switched",
        "kpi.Publication",
        ("INSERT", "UPDATE"),
        "somebody of the supporter opens a center's figures to all",
        ways.unless(ways.belongs_to("NEW.switched_by_id", ways.OF_SUPPORTER, "NEW.center_id")),
    ),
    guards.Guard(
        "kpi_publication_version",
        "kpi.Publication",
        ("UPDATE",),
        "what a center opens to all changes with its version",
        "NEW.center_id <> OLD.center_id OR NEW.version <> OLD.version + 1",
        columns=("center", "is_open", "switched_at", "switched_by"),
    ),
)
