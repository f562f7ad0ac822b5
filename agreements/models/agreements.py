"""協定: agreements, their parties and posts, and that they were concluded."""

from datetime import date
from typing import assert_never

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models.rules import (
    PartialDateField,
    concluded_with,
    entered_by,
    frozen_once,
    known,
    printed,
    sourced,
)
from iconm_portal.history import guards
from iconm_portal.models import (
    Center,
    CodeField,
    ProposalState,
    Proposed,
    Side,
    StoredFile,
    User,
    paired,
    ways,
)
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField


class AgreementKind(models.TextChoices):
    BASIC = "basic", _("Basic agreement")
    RESEARCH_SUPPORT = "research_support", _("Research-support agreement")
    ANNUAL = "annual", _("Annual agreement")
    LAND_LOAN = "land_loan", _("Loan of land for use")

    @property
    def has_annual(self) -> bool:
        """Whether an annual agreement of each year stands under it."""
        match self:
            case AgreementKind.RESEARCH_SUPPORT:
                return True
            case AgreementKind.BASIC | AgreementKind.ANNUAL | AgreementKind.LAND_LOAN:
                return False
            case _:
                assert_never(self)

    @property
    def ends_with_above(self) -> bool:
        """Whether it ends with the agreement under which it stands. The contract for the land stays: what ends with the
        basic agreement is the use free of charge (its Art. 11(3))."""
        match self:
            case AgreementKind.BASIC | AgreementKind.RESEARCH_SUPPORT | AgreementKind.ANNUAL:
                return True
            case AgreementKind.LAND_LOAN:
                return False
            case _:
                assert_never(self)


class Agreement(models.Model):
    """協定. Its state is never stored: it follows from conclusion, dates, notices and ending (`state.py`)."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="agreements")
    code = CodeField()
    kind = EnumField(AgreementKind, _("Kind"))
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    title = models.CharField(_("Title"), max_length=200)
    short_title = models.CharField(_("Short title"), max_length=80)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Stands under")
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name=_("Replaces")
    )
    starts_on = models.DateField(_("In force from"))
    ends_on = models.DateField(_("In force until"), null=True, blank=True)
    fiscal_year = FiscalYearField(_("Fiscal year"), null=True, blank=True)
    # What the city contributes by an annual agreement (research-support agreement, Art. 6(2)), in whole yen.
    contribution = models.BigIntegerField(_("Contribution (yen)"), null=True, blank=True)
    review_on = models.DateField(_("To be reviewed at"), null=True, blank=True)
    review_reason = models.CharField(_("Why it is reviewed then"), max_length=200, blank=True)
    legal_basis = models.CharField(_("Legal basis"), max_length=200, blank=True)
    summary = models.TextField(_("Summary"), blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "starts_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_agreement_code_unique",
                violation_error_message=_("The center has an agreement with this code already."),
            ),
            known("kind", AgreementKind.values, "agreements_agreement_kind_known"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="agreements_agreement_ends_after_start",
                violation_error_message=_("The end does not come before the start."),
            ),
            models.CheckConstraint(
                condition=Q(review_on__isnull=True) | Q(review_on__gte=F("starts_on")),
                name="agreements_agreement_reviewed_after_start",
                violation_error_message=_("The review does not come before the start."),
            ),
            models.CheckConstraint(
                condition=Q(kind=AgreementKind.ANNUAL, fiscal_year__isnull=False, parent__isnull=False)
                | (~Q(kind=AgreementKind.ANNUAL) & Q(fiscal_year__isnull=True)),
                name="agreements_agreement_annual_has_year",
                violation_error_message=_(
                    "An annual agreement, and only that, names its fiscal year and its parent."
                ),
            ),
            models.CheckConstraint(
                condition=Q(contribution__isnull=True) | Q(kind=AgreementKind.ANNUAL, contribution__gte=0),
                name="agreements_agreement_contribution_is_annual",
                violation_error_message=_(
                    "Only an annual agreement names a contribution, and never a negative one."
                ),
            ),
            sourced("recorded_by", "agreements_agreement_recorded_pair"),
            models.CheckConstraint(
                condition=(Q(parent__isnull=True) | ~Q(parent=F("pk")))
                & (Q(replaces__isnull=True) | ~Q(replaces=F("pk"))),
                name="agreements_agreement_not_its_own_parent",
                violation_error_message=_("An agreement does not stand under itself or replace itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.short_title

    def history_key(self) -> str:
        return f"agreements.agreement/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.title


class Party(models.Model):
    """甲 or 乙 as the agreement names it: address and representative."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="parties")
    side = EnumField(Side, _("Side"))
    name = models.CharField(_("Name"), max_length=120)
    address = models.CharField(_("Address"), max_length=200, blank=True)
    representative_post = models.CharField(_("Post of the representative"), max_length=60, blank=True)
    representative = models.CharField(_("Representative"), max_length=60, blank=True)
    # Who entered it; nobody where it came with the agreement's source, or from the agreement above.
    recorded_at = models.DateTimeField(null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["agreement_id", "-side"]  # supporter (甲) before operator (乙)
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "side"],
                name="agreements_party_one_per_side",
                violation_error_message=_("Each side is one party."),
            ),
            known("side", Side.values, "agreements_party_side_known"),
            paired("recorded", "agreements_party_recorded_pair"),
        ]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """センターの役職: センター長, 副センター長 (basic agreement, Art. 5(1))."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="posts")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    title = models.CharField(_("Title"), max_length=60)
    task = models.CharField(_("Task"), max_length=200, blank=True)
    since = models.DateField(_("First day"), null=True, blank=True)
    until = models.DateField(_("Last day"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    # Who entered it; nobody where it came with its source.
    recorded_at = models.DateTimeField(null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_post_code_unique",
                violation_error_message=_("The center has a post with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="agreements_post_days_in_order",
                violation_error_message=_("The end does not come before the start."),
            ),
            paired("recorded", "agreements_post_recorded_pair"),
        ]

    def __str__(self) -> str:
        return self.title

    def is_there(self, day: date) -> bool:
        """Whether the center has the post on the day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def history_key(self) -> str:
        return f"agreements.post/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.title


class Conclusion(Proposed):
    """締結: that the agreement, or an amendment of it, was signed, when, under which document number, with the scan.

    One side records it, the other confirms it; only then it counts. What is recorded wrongly or only roughly (T6 gives
    months) is completed by a revision with a reason; the highest confirmed one holds.
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="conclusions")
    # Of an amendment: which one. Its signing follows the wording, which both have confirmed by then.
    edition = models.ForeignKey(
        "agreements.Edition", models.PROTECT, null=True, blank=True, related_name="conclusions"
    )
    revision = models.PositiveSmallIntegerField(default=1)
    concluded_on = PartialDateField(_("Concluded on"))
    document_number = models.CharField(_("Document number"), max_length=80, blank=True)
    scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Proposed.Meta):
        ordering = ["agreement_id", "revision"]
        constraints = [
            *(rule for rule in Proposed.Meta.constraints if not rule.name.endswith("confirmed_is_known")),
            sourced("recorded_by", "agreements_conclusion_recorded_pair"),
            # Until both had to confirm it, one side alone recorded it: such a row names nobody who proposed it.
            models.CheckConstraint(
                condition=~Q(state=ProposalState.CONFIRMED)
                | (
                    Q(known_from__isnull=False)
                    & (Q(confirmed_by__isnull=False) | ~Q(source="") | Q(proposed_by__isnull=True))
                ),
                name="agreements_conclusion_confirmed_is_known",
                violation_error_message=_(
                    "What is confirmed says since when and by whom, or from which source."
                ),
            ),
            models.UniqueConstraint(
                fields=["agreement", "revision"],
                condition=Q(edition__isnull=True),
                name="agreements_conclusion_revision_unique",
                violation_error_message=_("This revision of the conclusion exists already."),
            ),
            models.UniqueConstraint(
                fields=["edition", "revision"],
                condition=Q(edition__isnull=False),
                name="agreements_conclusion_of_edition_unique",
                violation_error_message=_("This revision of the conclusion exists already."),
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""),
                name="agreements_conclusion_revision_has_reason",
                violation_error_message=_("A corrected conclusion needs a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.concluded_on}"

    @property
    def center(self) -> Center:
        return self.agreement.center

    def history_key(self) -> str:
        return self.edition.history_key() if self.edition else self.agreement.history_key()

    def history_label(self) -> str:
        return self.edition.history_label() if self.edition else self.agreement.history_label()


_OF_AGREEMENT = "(SELECT a.center_id FROM agreements_agreement a WHERE a.id = NEW.agreement_id)"
# Concluded by both, or, of an annual agreement, with the terms that both confirmed.
_CONCLUDED = (
    "EXISTS (SELECT 1 FROM agreements_conclusion c WHERE c.agreement_id = {of} AND c.edition_id IS NULL"
    " AND c.state = 'confirmed') OR EXISTS (SELECT 1 FROM agreements_edition e JOIN agreements_agreement a"
    " ON a.id = e.agreement_id WHERE e.agreement_id = {of} AND e.number = 1 AND e.state = 'confirmed'"
    " AND a.kind = 'annual')"
)

guards.declare(
    frozen_once("Conclusion", ProposalState.CONFIRMED),
    *ways.proposal_way(
        "agreements.Conclusion",
        center=_OF_AGREEMENT,
        content=("agreement", "edition", "revision", "concluded_on", "document_number", "scan", "reason"),
        discarded_from="'draft', 'declined'",
    ),
    guards.frozen(
        "agreements_agreement_concluded",
        "agreements.Agreement",
        "a concluded agreement changes by amendment",
        _CONCLUDED.format(of="OLD.id"),
        stays_open={"position": "the order on pages and papers"},
    ),
    guards.Guard(
        "agreements_agreement_kept",
        "agreements.Agreement",
        ("DELETE",),
        "an agreement that comes with a document is kept",
        "OLD.source <> ''",
    ),
    guards.Guard(
        "agreements_agreement_code",
        "agreements.Agreement",
        ("UPDATE",),
        "an agreement's code never changes",
        columns=("center", "code", "recorded_at", "recorded_by", "source"),
    ),
    # What both concluded it with; what was left blank may still be completed.
    guards.Guard(
        "agreements_party_concluded",
        "agreements.Party",
        ("UPDATE",),
        "what a concluded agreement says of a party stays",
        "("
        + " OR ".join(
            f"OLD.{name} <> '' AND NEW.{name} <> OLD.{name}"
            for name in ("name", "address", "representative_post", "representative")
        )
        + f") AND {concluded_with('OLD')}",
    ),
    guards.Guard(
        "agreements_party_of",
        "agreements.Party",
        ("UPDATE",),
        "a party stays that of its agreement and its side",
        columns=("agreement", "side", "recorded_at", "recorded_by"),
    ),
    guards.Guard(
        "agreements_party_kept",
        "agreements.Party",
        ("DELETE",),
        "the parties of a concluded agreement are kept",
        concluded_with("OLD"),
    ),
    printed("Post", is_entered=True),
    entered_by("Post"),
)
