"""The wording of an agreement: its editions, and the provisions of each."""

from typing import assert_never

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models.agreements import Agreement
from agreements.models.consultations import Consultation
from agreements.models.rules import BEFORE_BOTH, frozen_once, known, lines_locked
from iconm_portal.history import guards
from iconm_portal.models import Center, ProposalState, Proposed, User, paired, ways
from iconm_portal.values.enum_field import EnumField


class Edition(Proposed):
    """改定版: the wording in force from a day on. The first is the agreement's own, every later one an amendment.

    An amendment is drafted, proposed by one side and confirmed by the other; `state` is that of the proposal, and the
    first edition is confirmed by the agreement's conclusion instead (its `source` or the agreement itself stands for it).
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField(_("Number"))
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    in_force_from = models.DateField(_("In force from"))
    reason = models.TextField(_("Reason for the amendment"), blank=True)
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, blank=True, related_name="editions"
    )
    preamble = models.TextField(_("Preamble"), blank=True)
    closing = models.TextField(_("Closing"), blank=True)
    # Drafted before the official wording of what it amends was there: what it does not change is read from that.
    is_over_summaries = models.BooleanField(default=False)
    removes: models.ManyToManyField = models.ManyToManyField("Provision", blank=True, related_name="+")
    # Of an amended annual agreement: what the city contributes from then on, in whole yen; None leaves it as it was.
    contribution = models.BigIntegerField(_("Contribution (yen)"), null=True, blank=True)
    imported_at = models.DateTimeField(null=True, blank=True)
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    imported_from = models.CharField(_("Imported from"), max_length=200, blank=True)

    class Meta(Proposed.Meta):
        ordering = ["agreement_id", "number"]
        constraints = [
            *Proposed.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="agreements_edition_number_unique",
                violation_error_message=_("The agreement has an edition with this number already."),
            ),
            models.CheckConstraint(
                condition=Q(number=1) | (Q(based_on__isnull=False) & ~Q(reason="")),
                name="agreements_edition_amends_another",
                violation_error_message=_("An amendment says what it amends, and why."),
            ),
            paired("imported", "agreements_edition_imported_pair"),
            models.CheckConstraint(
                condition=Q(contribution__isnull=True) | Q(contribution__gte=0, number__gt=1),
                name="agreements_edition_contribution_amended",
                violation_error_message=_("A contribution is never negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.number}版"

    @property
    def center(self) -> Center:
        return self.agreement.center

    def history_key(self) -> str:
        return f"{self.agreement.history_key()}/editions/{self.number}"

    def history_label(self) -> str:
        return f"{self.agreement.short_title} 第{self.number}版"


class ProvisionKind(models.TextChoices):
    CHAPTER = "chapter", pgettext_lazy("provision", "chapter")
    ARTICLE = "article", pgettext_lazy("provision", "article")
    PARAGRAPH = "paragraph", pgettext_lazy("provision", "paragraph")
    ITEM = "item", pgettext_lazy("provision", "item")
    SUBITEM = "subitem", pgettext_lazy("provision", "sub-item")
    SUPPLEMENT = "supplement", pgettext_lazy("provision", "supplement")

    @property
    def takes_parts(self) -> bool:
        """Whether people may add something below it."""
        match self:
            case (
                ProvisionKind.CHAPTER
                | ProvisionKind.ARTICLE
                | ProvisionKind.PARAGRAPH
                | ProvisionKind.ITEM
                | ProvisionKind.SUPPLEMENT
            ):
                return True
            case ProvisionKind.SUBITEM:
                return False
            case _:
                assert_never(self)

    @property
    def stands_alone(self) -> bool:
        """Whether readers cite what stands in it by its number."""
        match self:
            case ProvisionKind.ARTICLE | ProvisionKind.SUPPLEMENT:
                return True
            case ProvisionKind.CHAPTER | ProvisionKind.PARAGRAPH | ProvisionKind.ITEM | ProvisionKind.SUBITEM:
                return False
            case _:
                assert_never(self)


class Provision(models.Model):
    """条・項・号 of one edition. `text` is the official wording, there only by import; `summary` is in our own words."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="provisions")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # In an amendment: the provision of the edition before that this one goes on from, whatever its number is now.
    continues = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    kind = EnumField(ProvisionKind, _("Kind"))
    key = models.CharField(_("Key"), max_length=80)  # art8/par2/item1, as agreements.wording writes it
    position = models.PositiveSmallIntegerField(_("Position"))
    # 第8条, 2, (1), ア; empty for an article's unnumbered first paragraph
    label = models.CharField(_("Number"), max_length=40, blank=True)
    heading = models.CharField(_("Heading"), max_length=120, blank=True)
    text = models.TextField(_("Official wording"), blank=True)
    summary = models.TextField(_("Summary"), blank=True)
    # In an amendment: it says this itself. Else it is a copy, and where that holds a summary only, it reads as what it
    # goes on from does by now (`agreements/editions/provisions/as_read.py`).
    is_amended = models.BooleanField(default=False)
    # Kept nowhere: `agreements/editions/provisions/old_summaries.py` says it where the provision is read.
    is_summary_old = False

    class Meta:
        ordering = ["edition_id", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "key"],
                name="agreements_provision_key_unique",
                violation_error_message=_("The edition has this provision already."),
            ),
            known("kind", ProvisionKind.values, "agreements_provision_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.heading}".strip()


_CENTER = "(SELECT a.center_id FROM agreements_agreement a WHERE a.id = NEW.agreement_id)"

guards.declare(
    frozen_once("Edition", ProposalState.CONFIRMED),
    *ways.proposal_way(
        "agreements.Edition",
        center=_CENTER,
        content=(
            *("agreement", "number", "based_on", "in_force_from", "reason", "consultation", "contribution"),
            *("preamble", "closing", "is_over_summaries", "imported_at", "imported_by", "imported_from"),
        ),
        further={
            "the first wording is settled with the conclusion": (
                "OLD.state = 'draft' AND NEW.state = 'confirmed' AND NEW.number = 1 AND NEW.imported_from <> ''"
                " AND NEW.version > OLD.version AND EXISTS (SELECT 1 FROM agreements_conclusion s"
                " WHERE s.agreement_id = NEW.agreement_id AND s.edition_id IS NULL AND s.state = 'confirmed')"
            )
        },
        discarded_from="'draft', 'declined'",
    ),
    *lines_locked("Provision", "edition_id", "agreements_edition", *BEFORE_BOTH),
    *lines_locked("Edition_removes", "edition_id", "agreements_edition", *BEFORE_BOTH),
)
