"""検証: what the parties verify each year, under which criteria, and what they find."""

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models.obligations import VerificationKind
from agreements.models.rules import append_only, entered_by, frozen_once, known, lines_locked, printed
from iconm_portal.history import guards
from iconm_portal.models import Center, CodeField, Reviewed, ReviewState, Side, User, paired, ways
from iconm_portal.standing import changes
from iconm_portal.standing.changes import Unsettled
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.fiscal import FiscalYear


class Verdict(models.TextChoices):
    MEETS = "meets", pgettext_lazy("verdict on the land", "meets the conditions")
    DOES_NOT_MEET = "does_not_meet", pgettext_lazy("verdict on the land", "no longer meets the conditions")


class Criterion(models.Model):
    """A heading of the 効果検証 (report 6(1)a)."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="criteria")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"))
    label = models.CharField(_("Name"), max_length=200)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    # Who entered it; nobody where it came with its source.
    recorded_at = models.DateTimeField(null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_criterion_code_unique",
                violation_error_message=_("The center has a criterion with this code already."),
            ),
            paired("recorded", "agreements_criterion_recorded_pair"),
        ]

    def __str__(self) -> str:
        return self.label

    def history_key(self) -> str:
        return f"agreements.criterion/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.label


class Verification(Reviewed):
    """検証. Settlement and KPIs: one side submits the result, the other confirms (accepts) it. Effects: the foundation
    submits its self-assessment, the city judges."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="verifications")
    kind = EnumField(VerificationKind, _("Kind"))
    fiscal_year = FiscalYearField(_("Fiscal year"))
    result = models.TextField(_("Result"), blank=True)
    verdict = EnumField(Verdict, _("Verdict"), blank=True)
    follow_up = models.TextField(_("Follow-up"), blank=True)
    # The side that began it: people move, and a side must neither answer what was its own nor read the other's draft.
    author_side = EnumField(Side, blank=True)
    # What both verify can be settled anew, for a reason, after what it rests on was corrected: each time a row of its own.
    revision = models.PositiveSmallIntegerField(_("Revision"), default=1)
    reason = models.TextField(_("Reason"), blank=True)
    # What was corrected since both verified it, and when it was first handed in and settled, once `in_force` has asked.
    unsettled: Unsettled | None = None
    first: "Verification | None" = None

    # The city owes the 効果検証 and may begin it; the foundation's self-assessment is its part, for which it is asked.
    begun_at = models.DateTimeField(null=True, blank=True)
    begun_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(Reviewed.Meta):
        ordering = ["fiscal_year", "kind", "pk"]
        constraints = [
            *Reviewed.Meta.constraints,
            models.UniqueConstraint(
                fields=["center", "kind", "fiscal_year", "revision"],
                name="agreements_verification_revision_unique",
                violation_error_message=_("The verification of this year is there already."),
            ),
            models.UniqueConstraint(
                fields=["center", "kind", "fiscal_year"],
                condition=~Q(state=ReviewState.ACCEPTED),
                name="agreements_verification_one_open",
                violation_error_message=_("The verification of this year is being written already."),
            ),
            models.CheckConstraint(
                condition=Q(revision=1, reason="")
                | (Q(revision__gt=1) & ~Q(reason="") & ~Q(kind=VerificationKind.EFFECT)),
                name="agreements_verification_anew_has_reason",
                violation_error_message=_("Say why it is verified anew."),
            ),
            known("kind", VerificationKind.values, "agreements_verification_kind_known"),
            known("author_side", [*Side.values, ""], "agreements_verification_author_side_known"),
            paired("begun", "agreements_verification_begun_pair"),
            paired("asked", "agreements_verification_asked_pair"),
            models.CheckConstraint(
                condition=~Q(kind=VerificationKind.EFFECT)
                | ~Q(state=ReviewState.ACCEPTED)
                | Q(verdict__in=Verdict.values),
                name="agreements_verification_effect_has_verdict",
                violation_error_message=_("The city's judgement says whether the conditions are met."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.fiscal_year}"

    @property
    def standing_key(self) -> str:
        """Its key among the things that rest on others (`iconm_portal/standing`)."""
        return f"{self.kind.value}/{self.fiscal_year.start}"

    @property
    def standing_revision(self) -> str:
        """Its revision among them."""
        return f"r{self.revision}" if self.revision > 1 else ""

    @property
    def is_anew(self) -> bool:
        return self.revision > 1

    @property
    def holds(self) -> bool:
        """Whether it is settled and, of rows that were asked about, nothing was corrected since."""
        return self.is_settled and self.unsettled is None

    def history_key(self) -> str:
        return f"agreements.verification/{self.center.code}/{self.kind}/{self.fiscal_year.start}"

    def history_label(self) -> str:
        again = f"第{self.revision}版" if self.is_anew else ""
        with translation.override("ja"):
            return f"{self.fiscal_year} {self.kind.label}{again}"


VERIFICATION = "agreements.verification"
"""Their kind among the things that rest on others."""


def in_force(center: Center, rows: Iterable[Verification], *, known_at: date) -> list[Verification]:
    """Of each kind and year the revision that holds as known on the day, and on it what was corrected since (`unsettled`);
    the one that is being written where none is settled. No query where nothing is settled by both."""
    held: dict[tuple[VerificationKind, FiscalYear], Verification] = {}
    for row in sorted(rows, key=lambda one: one.revision):
        before = held.get((row.kind, row.fiscal_year))
        if before is None or (row.is_settled and row.known_from is not None and row.known_from <= known_at):
            row.first = (before and before.first) or row
            held[row.kind, row.fiscal_year] = row
    found = list(held.values())
    settled = [row for row in found if row.is_settled and row.kind.is_joint]
    if settled:
        standing = changes.load(center, known_at=known_at, kinds=[VERIFICATION])
        for row in settled:
            unsettled = standing.of(VERIFICATION, row.standing_key)
            is_its = unsettled is not None and unsettled.settled.revision == row.standing_revision
            row.unsettled = unsettled if is_its else None
    return found


class Finding(models.Model):
    """What the foundation says of itself under a criterion, and what the city judges."""

    verification = models.ForeignKey(Verification, models.PROTECT, related_name="findings")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    self_assessment = models.TextField(_("Self-assessment"), blank=True)
    judgement = models.TextField(_("Judgement"), blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["verification", "criterion"],
                name="agreements_finding_one_per_criterion",
                violation_error_message=_("There is a finding under this criterion already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.verification_id}/{self.criterion_id}"


class VerificationComment(models.Model):
    """Why the other side returned it."""

    verification = models.ForeignKey(Verification, models.PROTECT, related_name="comments")
    text = models.CharField(_("Comment"), max_length=1000)
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [paired("written", "agreements_verificationcomment_written_pair")]

    def __str__(self) -> str:
        return self.text


guards.declare(
    frozen_once("Verification", ReviewState.ACCEPTED),
    *ways.review_way(
        "agreements.Verification",
        center="NEW.center_id",
        acceptor=ways.other_than("NEW.author_side"),
        content=(
            *("center", "kind", "fiscal_year", "revision", "reason", "author_side"),
            *("submission_decided_on", "submission_decided_post"),
        ),
        further={
            "the city judges what it has begun itself": (
                "OLD.state IN ('draft', 'returned') AND NEW.state = 'accepted' AND NEW.kind = 'effect'"
                " AND OLD.begun_at IS NOT NULL AND NEW.version > OLD.version"
                f" AND {ways.belongs_to('NEW.accepted_by_id', ways.OF_SUPPORTER, 'NEW.center_id')}"
            )
        },
    ),
    *lines_locked("Finding", "verification_id", "agreements_verification", ReviewState.ACCEPTED),
    append_only("VerificationComment"),
    printed("Criterion", is_entered=True),
    entered_by("Criterion"),
    guards.frozen(
        "agreements_criterion_judged",
        "agreements.Criterion",
        "a criterion under which was judged stays as it is",
        "EXISTS (SELECT 1 FROM agreements_finding f JOIN agreements_verification v ON v.id = f.verification_id"
        " WHERE f.criterion_id = OLD.id AND v.state = 'accepted')",
        stays_open={"position": "the order on pages and papers"},
    ),
)
