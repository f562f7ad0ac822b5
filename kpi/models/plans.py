"""Plans with their goals and indicators, and the targets that were set."""

from decimal import Decimal
from typing import assert_never

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from agreements.models import Agreement
from iconm_portal.history import guards
from iconm_portal.models import Center, CodeField, User, ways
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.money import MoneyUnit, Rounding, format_number
from kpi.models.values import ValueField
from kpi.plans import labels
from kpi.plans.achievement import Comparator, Kind

# The second and third parts of addresses that are neither plans nor indicators.
RESERVED_PLAN_CODES = ("next",)
RESERVED_INDICATOR_CODES = ("corrections", "new", "outlook", "targets")


def refuse_reserved(code: str, reserved: tuple[str, ...]) -> None:
    """ValidationError for a code whose address is taken by a page of the portal."""
    if code in reserved:
        raise ValidationError({"code": _("This code is taken by a page of the portal. Choose another one.")})


class Continuity(models.TextChoices):
    NONE = "none", _("New")
    CONTINUES = "continues", _("Continues")
    BREAKS = "breaks", _("Same name, other definition")

    @property
    def follows(self) -> bool:
        """Whether there is an indicator before it."""
        match self:
            case Continuity.CONTINUES | Continuity.BREAKS:
                return True
            case Continuity.NONE:
                return False
            case _:
                assert_never(self)


BELOW_LOWEST = gettext_noop("This indicator is never below %(limit)s.")
ABOVE_HIGHEST = gettext_noop("This indicator is never above %(limit)s.")
TARGET_BELOW_LOWEST = gettext_noop("A target of this indicator is never below %(limit)s.")
ROUNDINGS = {Rounding.HALF_UP: _("half up"), Rounding.TRUNCATE: _("truncated")}


class Plan(models.Model):
    """計画期間: a set of KPIs for a run of fiscal years, with at most one baseline year before it."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="plans")
    code = CodeField()
    label = models.CharField(_("Name"), max_length=120)
    first_year = FiscalYearField(_("First year"))
    last_year = FiscalYearField(_("Last year"))
    baseline_year = FiscalYearField(_("Baseline year"), null=True, blank=True)
    goal_heading = models.CharField(_("Printed heading of the goals"), max_length=60, blank=True)
    agreement = models.CharField(_("Agreement as printed"), max_length=200, blank=True)
    under = models.ForeignKey(
        Agreement, models.PROTECT, null=True, blank=True, related_name="plans", verbose_name=_("Agreement")
    )
    nearly_threshold = models.DecimalField(
        _("Rate from which a target counts as nearly met"),
        max_digits=4,
        decimal_places=3,
        null=True,
        blank=True,
    )
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["first_year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="kpi_plan_code_unique",
                violation_error_message=_("The center has a plan with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(first_year__lte=F("last_year")),
                name="kpi_plan_years_in_order",
                violation_error_message=_("The last year does not come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(baseline_year__isnull=True) | Q(baseline_year__lt=F("first_year")),
                name="kpi_plan_baseline_before",
                violation_error_message=_("The baseline year comes before the first year."),
            ),
            models.CheckConstraint(
                condition=Q(nearly_threshold__isnull=True)
                | Q(nearly_threshold__gt=0, nearly_threshold__lt=1),
                name="kpi_plan_threshold_below_one",
                violation_error_message=_("The threshold lies between 0 and 1."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        refuse_reserved(self.code, RESERVED_PLAN_CODES)

    def history_key(self) -> str:
        return f"kpi.plan/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.label


class Kgi(models.Model):
    """直接目標（KGI）: what is to be true by a target year (T4)."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="kgis")
    plans = models.ManyToManyField(Plan, related_name="kgis")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"))
    text = models.CharField(_("Text"), max_length=300)
    target_year = FiscalYearField(_("Target year"))
    set_in = FiscalYearField(_("Set in"))
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="kpi_kgi_code_unique",
                violation_error_message=_("The center has a KGI with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(set_in__lte=F("target_year")),
                name="kpi_kgi_years_in_order",
                violation_error_message=_(
                    "The target year does not come before the year in which it was set."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def history_key(self) -> str:
        return f"kpi.kgi/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.text


class Goal(models.Model):
    """実現する目標／成果, with its plan's printed label (T1 新産業の創出, T3 新産業振興)."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="goals")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"))
    label = models.CharField(_("Name"), max_length=120)
    continues = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="continued_by")
    continuity_reason = models.CharField(_("Reason"), max_length=300, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="kpi_goal_code_unique",
                violation_error_message=_("The plan has a goal with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(continues__isnull=True) | ~Q(continuity_reason=""),
                name="kpi_goal_continuity_has_reason",
                violation_error_message=_("Say why it counts as the same goal."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def history_key(self) -> str:
        return f"kpi.goal/{self.plan.center.code}/{self.plan.code}/{self.code}"

    def history_label(self) -> str:
        return self.label


class IndicatorShape(models.Model):
    """How an indicator is printed, counted and shown; shared by those of plans and those proposed for the next plan."""

    name = models.CharField(_("Name"), max_length=120)
    printed_kind = models.CharField(_("Printed mark of the kind"), max_length=20, blank=True)
    is_new = models.BooleanField(_("Marked as new"), default=False)
    significance = models.CharField(_("Significance"), max_length=200, blank=True)
    unit = models.CharField(_("Unit"), max_length=10)
    kind = EnumField(Kind, _("Kind"), words=labels.KIND)
    comparator = EnumField(Comparator, _("Comparator"), words=labels.COMPARATOR, default=Comparator.AT_LEAST)
    prints_comparator = models.BooleanField(_("Print the comparator"), default=False)
    decimals = models.PositiveSmallIntegerField(_("Decimals shown"), default=0)
    entry_decimals = models.PositiveSmallIntegerField(_("Decimals accepted"), default=0)
    scale = models.PositiveIntegerField(
        _("Base units per display unit"), default=1, validators=[MinValueValidator(1)]
    )
    rounding = EnumField(Rounding, _("Rounding"), words=ROUNDINGS, default=Rounding.HALF_UP)
    lowest = ValueField(verbose_name=_("Lowest possible value"), null=True, blank=True)
    highest = ValueField(verbose_name=_("Highest possible value"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_money(self) -> bool:
        return self.unit in {unit.value for unit in MoneyUnit}

    @property
    def bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """The lowest and the highest value that can be, in base units; None where there is no such bound.

        What the indicator says itself, or else: a ratio lies between 0 and 100, a count of things is not below 0. Money
        can be (what is paid back may exceed what came in).
        """
        is_ratio = Kind(self.kind).is_percentage
        lowest, highest = (None if self.is_money else Decimal(0)), (Decimal(100) if is_ratio else None)
        return (
            lowest if self.lowest is None else self.lowest,
            highest if self.highest is None else self.highest,
        )

    def out_of_bounds(self, value: Decimal) -> tuple[str, dict[str, str]] | None:
        """Why a value (in base units) cannot be: the message to be translated, and what fills it."""
        lowest, highest = self.bounds
        if lowest is not None and value < lowest:
            return BELOW_LOWEST, {"limit": self._limit(lowest)}
        if highest is not None and value > highest:
            return ABOVE_HIGHEST, {"limit": self._limit(highest)}
        return None

    def target_out_of_bounds(self, value: Decimal) -> tuple[str, dict[str, str]] | None:
        """The same of a target. Money may be paid back, but nobody aims at less than nothing, unless the indicator itself
        says how low it goes."""
        found = self.out_of_bounds(value)
        if found is None and self.lowest is None and value < 0:
            return TARGET_BELOW_LOWEST, {"limit": self._limit(Decimal(0))}
        return found

    def refuse_outside(self, value: Decimal) -> None:
        """ValidationError for a value (in base units) that cannot be."""
        _refuse(self.out_of_bounds(value))

    def refuse_as_target(self, value: Decimal) -> None:
        """ValidationError for a target (in base units) that cannot be."""
        _refuse(self.target_out_of_bounds(value))

    def _limit(self, value: Decimal) -> str:
        return f"{format_number(value / self.scale, strip_zeros=True)}{self.unit}"


def _refuse(found: tuple[str, dict[str, str]] | None) -> None:
    if found is not None:
        message, params = found
        raise ValidationError(_(message), params=params)


def shape_constraints(prefix: str) -> list[models.CheckConstraint]:
    """What the database holds of an indicator's shape."""
    return [
        models.CheckConstraint(
            condition=Q(kind__in=list(Kind)),
            name=f"{prefix}_kind_known",
            violation_error_message=_("Choose one of the kinds."),
        ),
        models.CheckConstraint(
            condition=Q(comparator__in=list(Comparator)),
            name=f"{prefix}_comparator_known",
            violation_error_message=_("Choose one of the comparators."),
        ),
        models.CheckConstraint(
            condition=Q(rounding__in=list(Rounding)),
            name=f"{prefix}_rounding_known",
            violation_error_message=_("Choose one of the rounding modes."),
        ),
        models.CheckConstraint(
            condition=Q(scale__in=[1, 1_000, 1_000_000]),
            name=f"{prefix}_scale_known",
            violation_error_message=_("The display unit is one, a thousand or a million base units."),
        ),
        models.CheckConstraint(
            condition=Q(lowest__isnull=True) | Q(highest__isnull=True) | Q(lowest__lte=F("highest")),
            name=f"{prefix}_bounds_in_order",
            violation_error_message=_("The lowest value lies below the highest."),
        ),
    ]


class Indicator(IndicatorShape):
    """成果指標（KPI）, as its plan printed it.

    Values are stored in base units: yen for money (`scale` is yen per display unit), the count, or the printed
    percentage. `decimals` are shown, `entry_decimals` are accepted from people, both in the display unit.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="indicators")
    goal = models.ForeignKey(Goal, models.PROTECT, null=True, blank=True, related_name="indicators")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"))
    continuity = EnumField(Continuity, _("Continuity"), default=Continuity.NONE)
    predecessor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="successors")
    continuity_reason = models.CharField(_("Reason"), max_length=300, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"],
                name="kpi_indicator_code_unique",
                violation_error_message=_("The plan has an indicator with this code already."),
            ),
            *shape_constraints("kpi_indicator"),
            models.CheckConstraint(
                condition=Q(continuity=Continuity.NONE, predecessor__isnull=True)
                | (
                    Q(continuity__in=[one for one in Continuity if one.follows], predecessor__isnull=False)
                    & ~Q(continuity_reason="")
                ),
                name="kpi_indicator_continuity_has_reason",
                violation_error_message=_("Say which indicator it continues or breaks from, and why."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        refuse_reserved(self.code, RESERVED_INDICATOR_CODES)

    def history_key(self) -> str:
        return f"kpi.indicator/{self.plan.center.code}/{self.plan.code}/{self.code}"

    def history_label(self) -> str:
        return self.name


class Target(models.Model):
    """目標 of an indicator for a fiscal year. A change is a new revision with a reason; none is ever overwritten."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="targets")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    revision = models.PositiveSmallIntegerField(default=1)
    value = ValueField()
    known_from = models.DateField(_("Known from"))
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    effective_from = models.DateField(_("In force from"), null=True, blank=True)
    consultation = models.CharField(_("Consultation"), max_length=80, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["indicator_id", "fiscal_year", "revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "fiscal_year", "revision"],
                name="kpi_target_revision_unique",
                violation_error_message=_("This revision of the target exists already."),
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""),
                name="kpi_target_revision_has_reason",
                violation_error_message=_("A revised target needs a reason."),
            ),
            models.CheckConstraint(
                condition=Q(recorded_by__isnull=False) | ~Q(source=""),
                name="kpi_target_recorded_pair",
                violation_error_message=_("Name the person who recorded it, or the source."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.fiscal_year}"

    def clean(self) -> None:
        if self.value is not None:
            self.indicator.refuse_as_target(self.value)

    def history_key(self) -> str:
        return f"{self.indicator.history_key()}/target/{self.fiscal_year.start}/r{self.revision}"

    def history_label(self) -> str:
        return f"{self.indicator.name} {self.fiscal_year} 目標"


# An indicator of which a target or an accepted value stands; a plan in which there is such an indicator.
_INDICATOR = (
    "EXISTS (SELECT 1 FROM kpi_target t WHERE t.indicator_id = {of}) OR EXISTS (SELECT 1 FROM kpi_actual a"
    " JOIN kpi_report r ON r.id = a.report_id WHERE a.indicator_id = {of} AND r.state = 'accepted')"
)
_PLAN = (
    f"EXISTS (SELECT 1 FROM kpi_indicator i WHERE i.plan_id = {{of}} AND ({_INDICATOR.format(of='i.id')}))"
)


def measured_indicator(of: str) -> str:
    """SQL: whether a target or an accepted value of the indicator stands."""
    return _INDICATOR.format(of=of)


def measured_plan(of: str) -> str:
    """SQL: whether one of any of the plan's indicators stands."""
    return _PLAN.format(of=of)


_CENTER_OF_TARGET = "(SELECT p.center_id FROM kpi_plan p JOIN kpi_indicator i ON i.plan_id = p.id WHERE i.id = NEW.indicator_id)"
# As `Target.history_key` says it.
_TOLD = (
    "EXISTS (SELECT 1 FROM portal_historyevent h JOIN kpi_indicator i ON i.id = NEW.indicator_id"
    " JOIN kpi_plan p ON p.id = i.plan_id JOIN portal_center c ON c.id = p.center_id"
    " WHERE h.subject = 'kpi.indicator/' || c.code || '/' || p.code || '/' || i.code || '/target/'"
    " || CAST(NEW.fiscal_year AS TEXT) || '/r' || CAST(NEW.revision AS TEXT))"
)
_ORDER = {"position": "the order on pages and papers"}
# What both sides may correct is held by guards of its own (kpi/models/corrections.py).
_CORRECTED = ("name", "unit", "significance", "printed_kind")
_KEPT = tuple(
    one.name for one in Indicator._meta.concrete_fields if one.name not in ("position", *_CORRECTED)
)

guards.declare(
    guards.Guard("kpi_target", "kpi.Target", ("UPDATE", "DELETE"), "targets are append-only"),
    guards.Guard(
        "kpi_target_told",
        "kpi.Target",
        ("INSERT",),
        "a target comes from a document, or is told in the history first, by somebody of either side",
        ways.unless(
            "NEW.source <> '' AND NEW.recorded_by_id IS NULL",
            f"{_TOLD} AND {ways.belongs_to('NEW.recorded_by_id', ways.EITHER_SIDE, _CENTER_OF_TARGET)}",
        ),
    ),
    guards.frozen(
        "kpi_plan_measured",
        "kpi.Plan",
        "a plan with targets or accepted values stays as it is",
        _PLAN.format(of="OLD.id"),
        stays_open={"label": "names may change, codes never do"},
    ),
    guards.Guard(
        "kpi_indicator_measured",
        "kpi.Indicator",
        ("UPDATE", "DELETE"),
        "an indicator with targets or accepted values stays as it is",
        _INDICATOR.format(of="OLD.id"),
        columns=_KEPT,
    ),
    guards.Guard(
        "kpi_indicator_of_accepted_plan",
        "kpi.Indicator",
        ("INSERT",),
        "a plan of which values were accepted takes no further indicator",
        "EXISTS (SELECT 1 FROM kpi_report r WHERE r.plan_id = NEW.plan_id AND r.state = 'accepted')",
    ),
    guards.Guard(
        "kpi_goal_measured",
        "kpi.Goal",
        ("UPDATE", "DELETE"),
        "a goal of a plan with targets or accepted values stays as it is",
        _PLAN.format(of="OLD.plan_id"),
        columns=tuple(
            one.name for one in Goal._meta.concrete_fields if one.name not in ("position", "label")
        ),
    ),
    guards.frozen(
        "kpi_kgi_measured",
        "kpi.Kgi",
        "a direct goal of a plan with targets or accepted values stays as it is",
        f"EXISTS (SELECT 1 FROM kpi_kgi_plans k WHERE k.kgi_id = OLD.id AND ({_PLAN.format(of='k.plan_id')}))",
        stays_open=_ORDER,
    ),
    guards.frozen(
        "kpi_kgi_plans_measured",
        "kpi.Kgi_plans",
        "a direct goal of a plan with targets or accepted values stays one",
        _PLAN.format(of="OLD.plan_id"),
    ),
)
