"""取組: what is done for the goals (T5, T7, and the three pillars), with a plan and a result per year."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from iconm_portal.history import guards
from iconm_portal.models import Center, CodeField, User, paired, ways
from iconm_portal.values.fields import FiscalYearField
from kpi.models.plans import Goal


class InitiativeScheme(models.Model):
    """A way of arranging what is done: T7's seven categories, T5's four items, the three pillars of the report's section 3."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="initiative_schemes")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    label = models.CharField(_("Name"), max_length=120)
    first_year = FiscalYearField(_("First fiscal year"))
    last_year = FiscalYearField(_("Last fiscal year"), null=True, blank=True)
    category_heading = models.CharField(_("Printed heading of the categories"), max_length=60, blank=True)
    goal_heading = models.CharField(_("Printed heading of the goals"), max_length=60, blank=True)
    note = models.CharField(_("Note"), max_length=300, blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="kpi_initiativescheme_code_unique",
                violation_error_message=_("The center has a scheme with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True) | Q(last_year__gte=F("first_year")),
                name="kpi_initiativescheme_years_in_order",
                violation_error_message=_("The last year does not come before the first."),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def history_key(self) -> str:
        return f"kpi.scheme/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.label


class InitiativeCategory(models.Model):
    """A heading of a scheme (T7: IV, IV-1), and the goals that it serves."""

    scheme = models.ForeignKey(InitiativeScheme, models.PROTECT, related_name="categories")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"))
    mark = models.CharField(_("Printed mark"), max_length=10, blank=True)
    label = models.CharField(_("Name"), max_length=120)
    goals = models.ManyToManyField(Goal, related_name="initiative_categories", blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "initiative categories"
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "code"],
                name="kpi_initiativecategory_code_unique",
                violation_error_message=_("The scheme has a category with this code already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.mark} {self.label}".strip()

    def history_key(self) -> str:
        return f"kpi.scheme/{self.scheme.center.code}/{self.scheme.code}/{self.code}"

    def history_label(self) -> str:
        return str(self)


class Initiative(models.Model):
    """取組: an activity under a category."""

    category = models.ForeignKey(InitiativeCategory, models.PROTECT, related_name="initiatives")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"))
    text = models.CharField(_("Activity"), max_length=300)
    is_new = models.BooleanField(_("Marked as new"), default=False)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "code"],
                name="kpi_initiative_code_unique",
                violation_error_message=_("The category has an activity with this code already."),
            )
        ]

    def __str__(self) -> str:
        return self.text

    def history_key(self) -> str:
        return f"{self.category.history_key()}/{self.code}"

    def history_label(self) -> str:
        return self.text


class InitiativeYear(models.Model):
    """What is planned for an activity in a year, and what came of it. The foundation keeps it; the history keeps each
    earlier text."""

    initiative = models.ForeignKey(Initiative, models.PROTECT, related_name="years")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    plan = models.TextField(_("Plan"), blank=True)
    result = models.TextField(_("Result"), blank=True)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["fiscal_year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "fiscal_year"],
                name="kpi_initiativeyear_once",
                violation_error_message=_("This year is there already."),
            ),
            paired("saved", "kpi_initiativeyear_saved_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.fiscal_year}"

    def history_key(self) -> str:
        return f"{self.initiative.history_key()}/{self.fiscal_year.start}"

    def history_label(self) -> str:
        return f"{self.fiscal_year} {self.initiative.text}"


# An activity of which a year's text or an official text stands.
_TOLD = (
    "EXISTS (SELECT 1 FROM kpi_initiativeyear y WHERE y.initiative_id = {of}) OR EXISTS (SELECT 1"
    " FROM kpi_officialtextline l JOIN kpi_officialtextproposal p ON p.id = l.proposal_id"
    " WHERE l.initiative_id = {of} AND p.state = 'confirmed')"
)
_TOLD_BELOW = (
    f"EXISTS (SELECT 1 FROM kpi_initiative i WHERE i.category_id = {{of}} AND ({_TOLD.format(of='i.id')}))"
)
_OPEN = {"position": "the order on pages and papers"}

guards.declare(
    guards.frozen(
        "kpi_initiative_told",
        "kpi.Initiative",
        "an activity of which something is told stays as it is",
        _TOLD.format(of="OLD.id"),
        stays_open=_OPEN,
    ),
    guards.frozen(
        "kpi_initiativecategory_told",
        "kpi.InitiativeCategory",
        "a heading of activities of which something is told stays as it is",
        _TOLD_BELOW.format(of="OLD.id"),
        stays_open=_OPEN,
    ),
    guards.frozen(
        "kpi_initiativecategory_goals_told",
        "kpi.InitiativeCategory_goals",
        "the goals of a heading stay where something is told of its activities",
        _TOLD_BELOW.format(of="OLD.initiativecategory_id"),
    ),
    guards.frozen(
        "kpi_initiativescheme_told",
        "kpi.InitiativeScheme",
        "an arrangement of activities of which something is told stays as it is",
        f"EXISTS (SELECT 1 FROM kpi_initiativecategory g WHERE g.scheme_id = OLD.id AND ({_TOLD_BELOW.format(of='g.id')}))",
        stays_open={**_OPEN, "last_year": "it may end"},
    ),
    guards.Guard(
        "kpi_initiativeyear_kept", "kpi.InitiativeYear", ("DELETE",), "what was told of a year is kept"
    ),
    guards.Guard(
        "kpi_initiativeyear_of",
        "kpi.InitiativeYear",
        ("UPDATE",),
        "what was told stays of its activity and its year",
        columns=("initiative", "fiscal_year"),
    ),
    guards.Guard(
        "kpi_initiativeyear_saved",
        "kpi.InitiativeYear",
        ("UPDATE",),
        "what is told changes with its version, by somebody of the operator",
        "NEW.version <> OLD.version + 1 OR "
        + ways.unless(
            ways.belongs_to(
                "NEW.saved_by_id",
                ways.OF_OPERATOR,
                "(SELECT s.center_id FROM kpi_initiative i JOIN kpi_initiativecategory g ON g.id = i.category_id"
                " JOIN kpi_initiativescheme s ON s.id = g.scheme_id WHERE i.id = NEW.initiative_id)",
            )
        ),
        columns=("plan", "result"),
    ),
)
