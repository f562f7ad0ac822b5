"""義務: what a provision binds a party to, and with which documents it is fulfilled."""

from typing import assert_never

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models.agreements import Agreement
from agreements.models.rules import known
from agreements.models.wording import Provision
from iconm_portal.history import guards
from iconm_portal.models import CodeField, Side
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField


class Bound(models.TextChoices):
    SUPPORTER = "supporter", pgettext_lazy("bound", "city")
    OPERATOR = "operator", pgettext_lazy("bound", "foundation")
    BOTH = "both", pgettext_lazy("bound", "both")

    @property
    def sides(self) -> frozenset[Side]:
        match self:
            case Bound.SUPPORTER:
                return frozenset({Side.SUPPORTER})
            case Bound.OPERATOR:
                return frozenset({Side.OPERATOR})
            case Bound.BOTH:
                return frozenset(Side)
            case _:
                assert_never(self)


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

    @property
    def has_programme(self) -> bool:
        """Whether it falls due of its own accord; what holds always or is asked for on request does not."""
        match self:
            case Timing.YEARLY | Timing.ONCE:
                return True
            case Timing.CONTINUOUS | Timing.ON_REQUEST:
                return False
            case _:
                assert_never(self)


class VerificationKind(models.TextChoices):
    SETTLEMENT = "settlement", _("Verification of report and settlement")
    KPI = "kpi", _("Verification of KPIs")
    EFFECT = "effect", _("Evaluation of effects (free use of land)")

    @property
    def is_joint(self) -> bool:
        """Whether one side writes the result and the other confirms it; otherwise the foundation assesses itself and the
        city judges."""
        match self:
            case VerificationKind.SETTLEMENT | VerificationKind.KPI:
                return True
            case VerificationKind.EFFECT:
                return False
            case _:
                assert_never(self)


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
    bound = EnumField(Bound, _("Who is bound"))
    way = EnumField(Way, _("How it is decided"))
    timing = EnumField(Timing, _("When"))
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
    verification = EnumField(VerificationKind, _("Fulfilled by the verification"), blank=True)
    # The kind of deed in the portal that fulfils it, as `iconm_portal/standing/deeds.py` names it; mostly none.
    deed = models.CharField(_("Fulfilled by"), max_length=40, blank=True)
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

    def titled(self, number: int) -> str:
        """The title of one duty: of several requests of a year, which one it is."""
        return f"{self.title}（第{number}回）" if self.timing == Timing.ON_REQUEST else self.title

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


# A duty of it is stored; `of` is the obligation.
_STORED = "EXISTS (SELECT 1 FROM agreements_duty d WHERE d.obligation_id = {of}{which})"

guards.declare(
    guards.Guard(
        "agreements_obligation_rule",
        "agreements.Obligation",
        ("UPDATE",),
        "the rule of stored duties stays",
        _STORED.format(of="OLD.id", which=""),
        columns=(
            *("agreement", "code", "bound", "way", "timing", "verification"),
            *("due_month", "due_day", "due_year_offset", "due_on", "source"),
        ),
    ),
    guards.Guard(
        "agreements_obligation_years",
        "agreements.Obligation",
        ("UPDATE",),
        "an obligation holds in the years of its duties",
        _STORED.format(
            of="OLD.id", which=" AND (d.fiscal_year < NEW.first_year OR d.fiscal_year > NEW.last_year)"
        ),
        columns=("first_year", "last_year"),
    ),
    guards.Guard(
        "agreements_obligation_kept",
        "agreements.Obligation",
        ("DELETE",),
        "an obligation with stored duties, of which an amendment speaks, or that was concluded, is kept",
        _STORED.format(of="OLD.id", which="")
        + " OR OLD.source <> '' OR EXISTS (SELECT 1 FROM agreements_conclusion c"
        " WHERE c.agreement_id = OLD.agreement_id AND c.edition_id IS NULL AND c.state = 'confirmed')"
        + " OR EXISTS (SELECT 1 FROM agreements_obligationchange n WHERE n.obligation_id = OLD.id)",
    ),
    *(
        guards.Guard(
            f"agreements_requireddocument_{event.lower()}",
            "agreements.RequiredDocument",
            (event,),
            "what fulfils an obligation with stored duties stays",
            " OR ".join(_STORED.format(of=f"{row}.obligation_id", which=which) for row in rows),
        )
        for event, rows, which in (
            ("INSERT", ["NEW"], " AND d.state = 'accepted'"),
            ("UPDATE", ["OLD", "NEW"], ""),
            ("DELETE", ["OLD"], ""),
        )
    ),
)
