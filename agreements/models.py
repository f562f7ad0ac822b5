"""What the two parties agreed, what it asks of whom each year, and what was settled in between."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from iconm_portal import guards, partial_date
from iconm_portal.fields import FiscalYearField
from iconm_portal.models import Center, CodeField, Proposed, Reviewed, Side, StoredFile, User, paired


def validate_partial_date(text: str) -> None:
    """ValidationError unless the text is a day, a month or a year of the calendar."""
    if not partial_date.is_valid(text):
        raise ValidationError(_("Enter a day, a month or a year, such as 2015-02-01, 2015-02 or 2015."))


def PartialDateField(label: Any, **kwargs: bool) -> models.CharField:  # noqa: N802 - stands where a field class stands
    """A date as precisely as it is known: 2015-02-01, 2015-02 or 2015."""
    return models.CharField(label, max_length=10, validators=[validate_partial_date], **kwargs)  # type: ignore[arg-type]


def known(field: str, values: list[str], name: str) -> models.CheckConstraint:
    """The field holds one of the known values."""
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": values}),
        name=name,
        violation_error_message=_("Choose one of the listed values."),
    )


def sourced(person: str, name: str) -> models.CheckConstraint:
    """A person or a source stands behind the row."""
    return models.CheckConstraint(
        condition=Q(**{f"{person}__isnull": False}) | ~Q(source=""),
        name=name,
        violation_error_message=_("Name the person who recorded it, or the source."),
    )


# -- Agreements --


class AgreementKind(models.TextChoices):
    BASIC = "basic", _("Basic agreement")
    RESEARCH_SUPPORT = "research_support", _("Research-support agreement")
    ANNUAL = "annual", _("Annual agreement")
    LAND_LOAN = "land_loan", _("Loan of land for use")


class Agreement(models.Model):
    """協定. Its state is never stored: it follows from conclusion, dates, notices and ending (`state.py`)."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="agreements")
    code = CodeField()
    kind = models.CharField(_("Kind"), max_length=20, choices=AgreementKind)
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
    side = models.CharField(_("Side"), max_length=20, choices=Side)
    name = models.CharField(_("Name"), max_length=120)
    address = models.CharField(_("Address"), max_length=200, blank=True)
    representative_post = models.CharField(_("Post of the representative"), max_length=60, blank=True)
    representative = models.CharField(_("Representative"), max_length=60, blank=True)

    class Meta:
        ordering = ["agreement_id", "-side"]  # supporter (甲) before operator (乙)
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "side"],
                name="agreements_party_one_per_side",
                violation_error_message=_("Each side is one party."),
            ),
            known("side", Side.values, "agreements_party_side_known"),
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
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_post_code_unique",
                violation_error_message=_("The center has a post with this code already."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class ConsultationType(models.TextChoices):
    DRAFT_TOGETHER = "draft_together", pgettext_lazy("consultation", "drawing up in consultation")
    COORDINATE = "coordinate", pgettext_lazy("consultation", "consultation and coordination")
    SET = "set", pgettext_lazy("consultation", "setting goals and indicators")
    CONCLUDE = "conclude", pgettext_lazy("consultation", "conclusion")
    CHANGE = "change", pgettext_lazy("consultation", "change")
    TERMINATE = "terminate", pgettext_lazy("consultation", "termination")
    NOT_PROVIDED = "not_provided", pgettext_lazy("consultation", "what the agreement does not provide for")


class Consultation(Proposed):
    """協議: a recorded talk and what it settled. One side records it, the other confirms that it was so."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="consultations")
    number = models.PositiveIntegerField(_("Number"))
    type = models.CharField(_("Type"), max_length=20, choices=ConsultationType)
    agreement = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="consultations"
    )
    held_on = models.DateField(_("Held on"))
    subject = models.CharField(_("Subject"), max_length=200)
    participants = models.CharField(_("Participants"), max_length=500, blank=True)
    outcome = models.TextField(_("Outcome"))

    class Meta(Proposed.Meta):
        ordering = ["-held_on", "-number"]
        constraints = [
            *Proposed.Meta.constraints,
            models.UniqueConstraint(
                fields=["center", "number"],
                name="agreements_consultation_number_unique",
                violation_error_message=_("The center has a consultation with this number already."),
            ),
            known("type", ConsultationType.values, "agreements_consultation_type_known"),
        ]

    def __str__(self) -> str:
        return f"協議{self.number}号 {self.subject}"

    @property
    def key(self) -> str:
        """What the history and other rows cite."""
        return f"{self.center.code}/consultations/{self.number}"

    def history_key(self) -> str:
        return f"agreements.consultation/{self.center.code}/{self.number}"

    def history_label(self) -> str:
        return str(self)


class ConsultationFile(models.Model):
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now)
    attached_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [paired("attached", "agreements_consultationfile_attached_pair")]

    def __str__(self) -> str:
        return f"{self.consultation_id}: {self.file_id}"


class Conclusion(models.Model):
    """締結: that the agreement was signed, when, under which document number, with the scan.

    What is recorded wrongly or only roughly (T6 gives months) is completed by a revision with a reason; the highest holds.
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="conclusions")
    revision = models.PositiveSmallIntegerField(default=1)
    concluded_on = PartialDateField(_("Concluded on"))
    document_number = models.CharField(_("Document number"), max_length=80, blank=True)
    scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["agreement_id", "revision"]
        constraints = [
            sourced("recorded_by", "agreements_conclusion_recorded_pair"),
            models.UniqueConstraint(
                fields=["agreement", "revision"],
                name="agreements_conclusion_revision_unique",
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


class Notice(models.Model):
    """解約の申し出 by one side. While it stands, the parties consult; it is withdrawn or ends in an ending."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="notices")
    side = models.CharField(_("Side"), max_length=20, choices=Side)
    given_on = models.DateField(_("Given on"))
    reason = models.TextField(_("Reason"))
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["given_on", "pk"]
        constraints = [
            known("side", Side.values, "agreements_notice_side_known"),
            paired("recorded", "agreements_notice_recorded_pair"),
            paired("withdrawn", "agreements_notice_withdrawn_pair"),
            models.UniqueConstraint(
                fields=["agreement"],
                condition=Q(withdrawn_at__isnull=True),
                name="agreements_notice_one_standing",
                violation_error_message=_("A notice of termination stands already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.given_on}"


class Ending(Proposed):
    """終了 by mutual consent (basic Art. 12(2)): one side proposes the day, the other confirms it."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="endings")
    ends_on = models.DateField(_("Ends on"))
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="+")
    reason = models.TextField(_("Reason"))

    class Meta(Proposed.Meta):
        ordering = ["pk"]
        constraints = [
            *Proposed.Meta.constraints,
            models.UniqueConstraint(
                fields=["agreement"],
                condition=~Q(state="declined"),
                name="agreements_ending_one_standing",
                violation_error_message=_("An ending is proposed or confirmed already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id}: {self.ends_on}"

    def history_key(self) -> str:
        return f"{self.agreement.history_key()}/ending"

    def history_label(self) -> str:
        return f"{self.agreement.short_title} 終了"


# -- Wording --


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
    concluded_on = models.DateField(_("Concluded on"), null=True, blank=True)
    document_number = models.CharField(_("Document number"), max_length=80, blank=True)
    scan = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, blank=True, related_name="editions"
    )
    preamble = models.TextField(_("Preamble"), blank=True)
    closing = models.TextField(_("Closing"), blank=True)
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
        ]

    def __str__(self) -> str:
        return f"{self.agreement} {self.number}版"

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


class Provision(models.Model):
    """条・項・号 of one edition. `text` is the official wording, there only by import; `summary` is in our own words."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="provisions")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    # In an amendment: the provision of the edition before that this one goes on from, whatever its number is now.
    continues = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(_("Kind"), max_length=20, choices=ProvisionKind)
    key = models.CharField(_("Key"), max_length=80)  # art8/par2/item1, as agreements.wording writes it
    position = models.PositiveSmallIntegerField(_("Position"))
    # 第8条, 2, (1), ア; empty for an article's unnumbered first paragraph
    label = models.CharField(_("Number"), max_length=40, blank=True)
    heading = models.CharField(_("Heading"), max_length=120, blank=True)
    text = models.TextField(_("Official wording"), blank=True)
    summary = models.TextField(_("Summary"), blank=True)

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


# -- Obligations and duties --


class Bound(models.TextChoices):
    SUPPORTER = "supporter", pgettext_lazy("bound", "city")
    OPERATOR = "operator", pgettext_lazy("bound", "foundation")
    BOTH = "both", pgettext_lazy("bound", "both")


class Way(models.TextChoices):
    REVIEW = "review", pgettext_lazy("way of deciding", "handed in and reviewed")
    JOINT = "joint", pgettext_lazy("way of deciding", "settled by both")
    OPERATOR_DECIDES = (
        "operator_decides",
        pgettext_lazy("way of deciding", "decided by the foundation after consultation"),
    )
    NONE = "none", pgettext_lazy("way of deciding", "nothing to decide")


class Timing(models.TextChoices):
    YEARLY = "yearly", pgettext_lazy("timing", "every fiscal year")
    ONCE = "once", pgettext_lazy("timing", "once")
    CONTINUOUS = "continuous", pgettext_lazy("timing", "continuously")
    ON_REQUEST = "on_request", pgettext_lazy("timing", "on request")


class VerificationKind(models.TextChoices):
    SETTLEMENT = "settlement", _("Verification of report and settlement")
    KPI = "kpi", _("Verification of KPIs")
    EFFECT = "effect", _("Evaluation of effects (free use of land)")


class Obligation(models.Model):
    """義務: what a provision binds a party to.

    A yearly due date is relative to the fiscal year N that it concerns: month, day, and the calendar year N + offset
    (31 August of the year before: 8, 31, -1; 31 May after it: 5, 31, 1). Without month and day the agreement prints no
    date; the parties enter their own for each duty.
    """

    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="obligations")
    provision = models.ForeignKey(
        Provision, models.PROTECT, null=True, blank=True, related_name="obligations"
    )
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    title = models.CharField(_("Title"), max_length=200)
    bound = models.CharField(_("Who is bound"), max_length=20, choices=Bound)
    way = models.CharField(_("How it is decided"), max_length=20, choices=Way)
    timing = models.CharField(_("When"), max_length=20, choices=Timing)
    due_month = models.PositiveSmallIntegerField(
        _("Due month"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    due_day = models.PositiveSmallIntegerField(
        _("Due day"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(31)]
    )
    due_year_offset = models.SmallIntegerField(
        _("Years from the fiscal year's first calendar year"),
        default=0,
        validators=[MinValueValidator(-2), MaxValueValidator(3)],
    )
    due_on = models.DateField(_("Due on"), null=True, blank=True)  # timing once
    # An obligation to verify is fulfilled by the year's verification of this kind.
    verification = models.CharField(
        _("Fulfilled by the verification"), max_length=20, choices=VerificationKind, blank=True
    )
    first_year = FiscalYearField(_("First fiscal year"), null=True, blank=True)
    last_year = FiscalYearField(_("Last fiscal year"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["agreement_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "code"],
                name="agreements_obligation_code_unique",
                violation_error_message=_("The agreement has an obligation with this code already."),
            ),
            known("bound", Bound.values, "agreements_obligation_bound_known"),
            known("way", Way.values, "agreements_obligation_way_known"),
            known("timing", Timing.values, "agreements_obligation_timing_known"),
            models.CheckConstraint(
                condition=Q(due_month__isnull=True, due_day__isnull=True)
                | Q(due_month__isnull=False, due_day__isnull=False, timing=Timing.YEARLY),
                name="agreements_obligation_due_whole",
                violation_error_message=_(
                    "A due date has a month and a day, and belongs to a yearly obligation."
                ),
            ),
            models.CheckConstraint(
                condition=Q(due_month__isnull=True) | Q(due_month__gte=1, due_month__lte=12, due_day__gte=1),
                name="agreements_obligation_due_month_known",
                violation_error_message=_("The calendar has no such day."),
            ),
            models.CheckConstraint(
                condition=Q(due_year_offset__gte=-2, due_year_offset__lte=3),
                name="agreements_obligation_offset_near",
                violation_error_message=_("The due date lies within a few years of the fiscal year."),
            ),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True)
                | Q(first_year__isnull=True)
                | Q(last_year__gte=F("first_year")),
                name="agreements_obligation_years_in_order",
                violation_error_message=_("The last year does not come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(verification__in=[*VerificationKind.values, ""]),
                name="agreements_obligation_verification_known",
                violation_error_message=_("Choose one of the listed values."),
            ),
            models.CheckConstraint(
                condition=Q(due_day__isnull=True)
                | Q(due_day__lte=29)
                | (Q(due_day=30) & ~Q(due_month=2))
                | Q(due_day=31, due_month__in=[1, 3, 5, 7, 8, 10, 12]),
                name="agreements_obligation_due_in_calendar",
                violation_error_message=_("The calendar has no such day."),
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(timing=Timing.ONCE),
                name="agreements_obligation_due_on_once",
                violation_error_message=_("Only an obligation that falls due once has a date of its own."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def history_key(self) -> str:
        return f"{self.agreement.history_key()}/obligations/{self.code}"

    def history_label(self) -> str:
        return self.title


class RequiredDocument(models.Model):
    """A document that fulfils an obligation: 事業実施計画書（案）, 収支決算書 …"""

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="required_documents")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    name = models.CharField(_("Name"), max_length=120)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["obligation", "code"],
                name="agreements_requireddocument_code_unique",
                violation_error_message=_("The obligation asks for this document already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Duty(Reviewed):
    """履行事項: one obligation in one fiscal year. Its first due date stays; extensions stand beside it.

    Review: the bound side submits, the other accepts. Joint: either side proposes (submits), the other confirms
    (accepts). Operator decides: handed in (submitted, opened), consultation recorded, then decided by the operator.
    """

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="duties")
    fiscal_year = FiscalYearField(_("Fiscal year"))
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

    class Meta(Reviewed.Meta):
        ordering = ["fiscal_year", "due_on", "pk"]
        constraints = [
            *(rule for rule in Reviewed.Meta.constraints if not rule.name.endswith("accepted_is_known")),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | Q(known_from__isnull=False, accepted_by__isnull=False)
                | Q(known_from__isnull=False, decided_by__isnull=False),
                name="agreements_duty_settled_by_someone",
                violation_error_message=_("What is settled says since when, and who accepted or decided it."),
            ),
            models.UniqueConstraint(
                fields=["obligation", "fiscal_year"],
                name="agreements_duty_once_a_year",
                violation_error_message=_("The duty of this year is stored already."),
            ),
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

    def history_key(self) -> str:
        return f"{self.obligation.history_key()}/{self.fiscal_year.start}"

    def history_label(self) -> str:
        return f"{self.obligation.title}（{self.fiscal_year}）"


class Extension(models.Model):
    """延長: a later due date, by a recorded consultation. The first date stays."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="extensions")
    due_on = models.DateField(_("New due date"))
    reason = models.CharField(_("Reason"), max_length=300)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="extensions")
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
        ordering = ["duty_id", "required_id", "version"]
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


# -- Support --


class SupportKind(models.TextChoices):
    CONTRIBUTION = "contribution", pgettext_lazy("support", "contribution")
    LOAN = "loan", pgettext_lazy("support", "loan")
    LAND = "land", pgettext_lazy("support", "land for free")


class LimitRule(models.TextChoices):
    PERIOD_TOTAL = "period_total", _("a total over the period")
    INDIRECT_COST_INCOME = (
        "indirect_cost_income",
        _("the research-support expenditure borne from that year's indirect-cost income, within the budget"),
    )
    ANNUAL_AGREEMENT = "annual_agreement", _("the amount of the annual agreement, within the budget")
    NONE = "none", _("no limit in yen")


class SupportMeasure(models.Model):
    """支援措置: what the city grants under an agreement, with the rule that limits it. Amounts in whole yen."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="support_measures")
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="support_measures")
    contract = models.ForeignKey(Agreement, models.PROTECT, null=True, blank=True, related_name="carries")
    provision = models.ForeignKey(
        Provision, models.PROTECT, null=True, blank=True, related_name="support_measures"
    )
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    kind = models.CharField(_("Kind"), max_length=20, choices=SupportKind)
    title = models.CharField(_("Title"), max_length=120)
    first_year = FiscalYearField(_("First fiscal year"))
    last_year = FiscalYearField(_("Last fiscal year"), null=True, blank=True)
    total = models.BigIntegerField(_("Total as printed (yen)"), null=True, blank=True)
    limit_rule = models.CharField(_("Limit"), max_length=30, choices=LimitRule)
    conditions = models.TextField(_("Conditions"), blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_supportmeasure_code_unique",
                violation_error_message=_("The center has a measure with this code already."),
            ),
            known("kind", SupportKind.values, "agreements_supportmeasure_kind_known"),
            known("limit_rule", LimitRule.values, "agreements_supportmeasure_limit_known"),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True) | Q(last_year__gte=F("first_year")),
                name="agreements_supportmeasure_years_in_order",
                violation_error_message=_("The last year does not come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gte=0),
                name="agreements_supportmeasure_total_positive",
                violation_error_message=_("An amount is not negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def history_key(self) -> str:
        return f"agreements.support/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.title


class AmountStage(models.TextChoices):
    BUDGET = "budget", pgettext_lazy("stage", "budget")
    SETTLED = "settled", pgettext_lazy("stage", "settled")


class SupportAmount(models.Model):
    """An amount for a fiscal year, in whole yen. A change is a new revision with a reason."""

    measure = models.ForeignKey(SupportMeasure, models.PROTECT, related_name="amounts")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    stage = models.CharField(_("Stage"), max_length=20, choices=AmountStage)
    revision = models.PositiveSmallIntegerField(default=1)
    amount = models.BigIntegerField(_("Amount (yen)"))
    known_from = models.DateField(_("Known from"))
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    consultation = models.ForeignKey(
        Consultation, models.PROTECT, null=True, blank=True, related_name="amounts"
    )
    source = models.CharField(_("Source"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["measure_id", "fiscal_year", "stage", "revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "fiscal_year", "stage", "revision"],
                name="agreements_supportamount_revision_unique",
                violation_error_message=_("This revision of the amount exists already."),
            ),
            known("stage", AmountStage.values, "agreements_supportamount_stage_known"),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="agreements_supportamount_not_negative",
                violation_error_message=_("An amount is not negative."),
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""),
                name="agreements_supportamount_revision_has_reason",
                violation_error_message=_("A changed amount needs a reason."),
            ),
            sourced("recorded_by", "agreements_supportamount_recorded_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.fiscal_year}"

    def history_key(self) -> str:
        return f"{self.measure.history_key()}/{self.fiscal_year.start}/{self.stage}/r{self.revision}"

    def history_label(self) -> str:
        return f"{self.measure.title} {self.fiscal_year}"


# -- Verification --


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

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_criterion_code_unique",
                violation_error_message=_("The center has a criterion with this code already."),
            )
        ]

    def __str__(self) -> str:
        return self.label


class Verification(Reviewed):
    """検証. Settlement and KPIs: one side submits the result, the other confirms (accepts) it. Effects: the foundation
    submits its self-assessment, the city judges."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="verifications")
    kind = models.CharField(_("Kind"), max_length=20, choices=VerificationKind)
    fiscal_year = FiscalYearField(_("Fiscal year"))
    result = models.TextField(_("Result"), blank=True)
    verdict = models.CharField(_("Verdict"), max_length=20, choices=Verdict, blank=True)
    follow_up = models.TextField(_("Follow-up"), blank=True)

    class Meta(Reviewed.Meta):
        ordering = ["fiscal_year", "kind", "pk"]
        constraints = [
            *Reviewed.Meta.constraints,
            models.UniqueConstraint(
                fields=["center", "kind", "fiscal_year"],
                name="agreements_verification_once_a_year",
                violation_error_message=_("The verification of this year is there already."),
            ),
            known("kind", VerificationKind.values, "agreements_verification_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=VerificationKind.EFFECT)
                | ~Q(state="accepted")
                | Q(verdict__in=Verdict.values),
                name="agreements_verification_effect_has_verdict",
                violation_error_message=_("The city's judgement says whether the conditions are met."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.fiscal_year}"

    def history_key(self) -> str:
        return f"agreements.verification/{self.center.code}/{self.kind}/{self.fiscal_year.start}"

    def history_label(self) -> str:
        return f"{self.fiscal_year} 検証（{self.kind}）"


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


# -- Chronology, calendar feed, reminders --


class ChronologyEntry(models.Model):
    """設立・経緯 (T6), as precisely dated as the report gives it."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="chronology")
    code = CodeField()
    happened_on = PartialDateField(_("Date"))
    text = models.CharField(_("Text"), max_length=400)
    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["happened_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="agreements_chronologyentry_code_unique",
                violation_error_message=_("The chronology has an entry with this code already."),
            )
        ]

    def __str__(self) -> str:
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
    """A mail about a duty's due date. Claimed before it is sent: a crash in between shows as unclear, never twice."""

    duty = models.ForeignKey(Duty, models.PROTECT, related_name="reminders")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=ReminderKind)
    due_on = models.DateField()
    claimed = models.DateTimeField()
    sent = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "person", "kind", "due_on"],
                name="agreements_reminder_once",
                violation_error_message=_("This reminder was claimed already."),
            ),
            known("kind", ReminderKind.values, "agreements_reminder_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.duty_id} {self.person_id}"


_APPEND_ONLY = ("UPDATE", "DELETE")


def _frozen(model: str, condition: str = "", message: str = "") -> guards.Guard:
    """No change and no deletion, always or once the condition holds."""
    name = model.lower()
    suffix = "_settled" if condition else ""
    return guards.Guard(
        f"agreements_{name}{suffix}",
        f"agreements.{model}",
        _APPEND_ONLY,
        message or f"{model} is append-only",
        condition,
    )


def _lines_locked(model: str, key: str, table: str, state: str) -> list[guards.Guard]:
    """No line of a settled row is added, changed or removed."""

    def settled(row: str) -> str:
        return f"EXISTS (SELECT 1 FROM {table} p WHERE p.id = {row}.{key} AND p.state = '{state}')"  # noqa: S608 - names of ours

    return [
        guards.Guard(
            f"agreements_{model.lower()}_{event.lower()}",
            f"agreements.{model}",
            (event,),
            "the lines of what is settled are locked",
            " OR ".join(settled(row) for row in rows),
        )
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ]


guards.declare(
    *map(
        _frozen,
        (
            "Conclusion",
            "Extension",
            "DutyDocument",
            "DutyComment",
            "SupportAmount",
            "ConsultationFile",
            "VerificationComment",
        ),
    ),
    *(
        _frozen(model, "OLD.state = 'confirmed'", "what both confirmed is frozen")
        for model in ("Consultation", "Ending", "Edition")
    ),
    *(
        _frozen(model, "OLD.state = 'accepted'", "what is settled is frozen")
        for model in ("Duty", "Verification")
    ),
    *_lines_locked("Provision", "edition_id", "agreements_edition", "confirmed"),
    *_lines_locked("Finding", "verification_id", "agreements_verification", "accepted"),
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
        "nothing is handed in for a settled duty",
        "EXISTS (SELECT 1 FROM agreements_duty p WHERE p.id = NEW.duty_id AND p.state = 'accepted')",
    ),
    guards.Guard(
        "agreements_consultationfile_after",
        "agreements.ConsultationFile",
        ("INSERT",),
        "a confirmed consultation takes no more files",
        "EXISTS (SELECT 1 FROM agreements_consultation p WHERE p.id = NEW.consultation_id AND p.state = 'confirmed')",
    ),
)
