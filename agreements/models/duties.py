"""履行事項: an obligation in one fiscal year, and what was handed in for it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agreements.models.consultations import Consultation
from agreements.models.obligations import Obligation, RequiredDocument
from agreements.models.rules import append_only, frozen_once, known
from agreements.models.wording import Edition
from iconm_portal.history import guards
from iconm_portal.models import Center, Reviewed, ReviewState, Side, StoredFile, User, paired, ways
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.ordering import blanks_first


def in_address(code: str, number: int) -> str:
    """How addresses name one of an obligation's duties in a year; codes hold no dot."""
    return f"{code}.{number}" if number > 1 else code


def from_address(place: str) -> tuple[str, int]:
    """The obligation's code and the duty's number."""
    code, _dot, number = place.partition(".")
    return code, int(number or 1)


class Duty(Reviewed):
    """履行事項: one obligation in one fiscal year. Its first due date stays; extensions stand beside it.

    Review: the bound side submits, the other accepts. Joint: either side proposes (submits), the other confirms
    (accepts). Operator decides: handed in (submitted, opened), consultation recorded, then decided by the operator.
    """

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="duties")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    # Which one of its year: what is owed on request can be asked for any number of times (basic Art. 10).
    number = models.PositiveSmallIntegerField(_("Number"), default=1)
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    due_is_own = models.BooleanField(_("The parties' own date"), default=False)
    stored_at = models.DateTimeField(default=timezone.now)
    stored_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, blank=True, related_name="duties"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(_("Note"), blank=True)
    # The side for which it was handed in: people move, and a side must not answer what was its own.
    author_side = EnumField(Side, blank=True)

    class Meta(Reviewed.Meta):
        ordering = ["fiscal_year", blanks_first("due_on"), "number", "pk"]
        constraints = [
            *(rule for rule in Reviewed.Meta.constraints if not rule.name.endswith("accepted_is_known")),
            models.CheckConstraint(
                condition=~Q(state=ReviewState.ACCEPTED)
                | Q(known_from__isnull=False, accepted_by__isnull=False)
                | Q(known_from__isnull=False, decided_by__isnull=False),
                name="agreements_duty_settled_by_someone",
                violation_error_message=_("What is settled says since when, and who accepted or decided it."),
            ),
            models.UniqueConstraint(
                fields=["obligation", "fiscal_year", "number"],
                name="agreements_duty_once_a_year",
                violation_error_message=_("The duty of this year is stored already."),
            ),
            known("author_side", [*Side.values, ""], "agreements_duty_author_side_known"),
            paired("stored", "agreements_duty_stored_pair"),
            paired("decided", "agreements_duty_decided_pair"),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True) | Q(consultation__isnull=False),
                name="agreements_duty_decided_after_consultation",
                violation_error_message=_("It is decided after a recorded consultation."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation} {self.fiscal_year}"

    @property
    def center(self) -> Center:
        return self.obligation.agreement.center

    @property
    def title(self) -> str:
        """The obligation's title; of several requests of a year, which one it is."""
        return self.obligation.titled(self.number)

    def history_key(self) -> str:
        further = f"/{self.number}" if self.number > 1 else ""
        return f"{self.obligation.history_key()}/{self.fiscal_year.start}{further}"

    def history_label(self) -> str:
        further = f"・第{self.number}回" if self.number > 1 else ""
        return f"{self.obligation.title}（{self.fiscal_year}分{further}）"

    @property
    def place(self) -> str:
        """The obligation's code in the duty's address: on-request, and of the second request of the year on-request.2."""
        return in_address(self.obligation.code, self.number)


class Extension(models.Model):
    """延長: a later due date, by a recorded consultation; or, with `edition`, the due date that an amendment brought.

    The first date stays.
    """

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="extensions")
    due_on = models.DateField(_("New due date"))
    reason = models.CharField(_("Reason"), max_length=300)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="extensions")
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [paired("recorded", "agreements_extension_recorded_pair")]

    def __str__(self) -> str:
        return f"{self.duty_id}: {self.due_on}"


class DutyDocument(models.Model):
    """A version of a document handed in for a duty."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="documents")
    required = models.ForeignKey(RequiredDocument, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveSmallIntegerField(_("Version"))
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField(default=timezone.now)
    handed_in_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["duty_id", blanks_first("required_id"), "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "required", "version"],
                name="agreements_dutydocument_version_unique",
                violation_error_message=_("This version of the document was handed in already."),
            ),
            models.UniqueConstraint(
                fields=["duty", "version"],
                condition=Q(required__isnull=True),
                name="agreements_dutydocument_other_version_unique",
                violation_error_message=_("This version of the document was handed in already."),
            ),
            paired("handed_in", "agreements_dutydocument_handed_in_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.duty_id}: {self.file_id} v{self.version}"


class DutyComment(models.Model):
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="comments")
    text = models.CharField(_("Comment"), max_length=1000)
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [paired("written", "agreements_dutycomment_written_pair")]

    def __str__(self) -> str:
        return self.text


_CENTER = (
    "(SELECT a.center_id FROM agreements_agreement a JOIN agreements_obligation o ON o.agreement_id = a.id"
    " WHERE o.id = NEW.obligation_id)"
)

guards.declare(
    frozen_once("Duty", ReviewState.ACCEPTED),
    *ways.review_way(
        "agreements.Duty",
        center=_CENTER,
        acceptor=ways.other_than("NEW.author_side"),
        content=(
            *("obligation", "fiscal_year", "number", "stored_at", "stored_by", "note", "author_side"),
            *("submission_decided_on", "submission_decided_post"),
        ),
        further={
            "the operator decides after a consultation": (
                "OLD.state = 'submitted' AND NEW.state = 'accepted' AND NEW.version > OLD.version"
                " AND EXISTS (SELECT 1 FROM agreements_obligation o WHERE o.id = NEW.obligation_id"
                " AND o.way = 'operator_decides')"
                f" AND {ways.belongs_to('NEW.decided_by_id', ways.OF_OPERATOR, _CENTER)}"
                " AND EXISTS (SELECT 1 FROM agreements_consultation t WHERE t.id = NEW.consultation_id"
                " AND t.state = 'confirmed')"
            )
        },
        discarded_from="",
    ),
    append_only("Extension"),
    ways.written_by(
        "agreements.Extension",
        ways.EITHER_SIDE,
        center="(SELECT a.center_id FROM agreements_agreement a JOIN agreements_obligation o ON o.agreement_id = a.id"
        " JOIN agreements_duty d ON d.obligation_id = o.id WHERE d.id = NEW.duty_id)",
    ),
    append_only("DutyDocument"),
    append_only("DutyComment"),
    guards.Guard(
        "agreements_duty_first_date",
        "agreements.Duty",
        ("UPDATE",),
        "a duty's first due date stays",
        "OLD.due_on IS NOT NULL AND (NEW.due_on IS NULL OR NEW.due_on <> OLD.due_on)",
    ),
    guards.Guard(
        "agreements_dutydocument_after",
        "agreements.DutyDocument",
        ("INSERT",),
        "nothing is added to what was handed in or settled",
        "EXISTS (SELECT 1 FROM agreements_duty p WHERE p.id = NEW.duty_id AND p.state IN ('submitted', 'in_review', 'accepted'))",
    ),
)
