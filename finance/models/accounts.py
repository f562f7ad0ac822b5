"""科目: what money comes from and goes to, as trees that hold for a run of fiscal years."""

from typing import assert_never

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models import SupportMeasure
from iconm_portal.history import guards
from iconm_portal.models import Center, CodeField
from iconm_portal.values.constraints import known
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.fiscal import FiscalYear


class Side(models.TextChoices):
    REVENUE = "revenue", pgettext_lazy("account", "revenue")
    EXPENDITURE = "expenditure", pgettext_lazy("account", "expenditure")
    # Deposits of tenants (預かり保証金) stand in the ledger but outside every statement (T2, note 2).
    DEPOSIT_RECEIVED = "deposit_received", _("deposits received")
    DEPOSIT_REPAID = "deposit_repaid", _("deposits repaid")

    @property
    def is_in_statement(self) -> bool:
        """Whether its accounts stand in budgets and settlements."""
        match self:
            case Side.REVENUE | Side.EXPENDITURE:
                return True
            case Side.DEPOSIT_RECEIVED | Side.DEPOSIT_REPAID:
                return False
            case _:
                assert_never(self)


IN_STATEMENT = [side for side in Side if side.is_in_statement]


class Purpose(models.TextChoices):
    """What an account means to a rule or a picture; most mean nothing special."""

    NONE = "", pgettext_lazy("account", "none in particular")
    RENT = "rent", _("rent of tenants")
    RESEARCH_INCOME = "research_income", _("research income")
    INDIRECT_COST_INCOME = "indirect_cost_income", _("indirect-cost income")
    RESEARCH_SUPPORT = "research_support", _("research-support expenditure")


class AccountQuerySet(models.QuerySet["Account"]):
    def valid_in(self, year: FiscalYear) -> "AccountQuerySet":
        """The accounts that hold in the year."""
        return self.filter(
            Q(last_year__isnull=True) | Q(last_year__gte=year.start), first_year__lte=year.start
        )


class Account(models.Model):
    """科目. In a year in which accounts stand below it, it is a sum and takes neither lines nor entries itself.

    `within` marks an account whose money is a part of another's (内数, such as 研究間接費収入 inside 研究費): it is
    told apart, and counted once, in the account that it is a part of.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="accounts")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    side = EnumField(Side, pgettext_lazy("account", "Side"))
    name = models.CharField(_("Name"), max_length=120)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("Under")
    )
    within = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("Part of")
    )
    first_year = FiscalYearField(_("First fiscal year"))
    last_year = FiscalYearField(_("Last fiscal year"), null=True, blank=True)
    prints_subtotal = models.BooleanField(_("Print the sum of the accounts below it"), default=True)
    purpose = EnumField(Purpose, _("Meaning"), max_length=30, blank=True)
    measure = models.ForeignKey(
        SupportMeasure,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="accounts",
        verbose_name=_("Contribution that it receives"),
    )
    source = models.CharField(_("Source"), max_length=120, blank=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="finance_account_code_unique",
                violation_error_message=_("The center has an account with this code already."),
            ),
            known("side", Side.values, "finance_account_side_known"),
            known("purpose", Purpose.values, "finance_account_purpose_known"),
            models.CheckConstraint(
                condition=Q(last_year__isnull=True) | Q(last_year__gte=F("first_year")),
                name="finance_account_years_in_order",
                violation_error_message=_("The last year does not come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(within__isnull=True),
                name="finance_account_under_or_within",
                violation_error_message=_(
                    "An account stands under another one or is a part of one, not both."
                ),
            ),
            models.CheckConstraint(
                condition=Q(side__in=IN_STATEMENT) | Q(parent__isnull=True, within__isnull=True),
                name="finance_account_deposits_apart",
                violation_error_message=_("Deposits stand under no other account."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def history_key(self) -> str:
        return f"finance.account/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.name

    def is_valid_in(self, year: FiscalYear) -> bool:
        return self.first_year <= year and (self.last_year is None or year <= self.last_year)

    def clean(self) -> None:
        """ValidationError where it stands under, or in, an account of another center or another side."""
        for field, other in (("parent", self.parent), ("within", self.within)):
            if other is None:
                continue
            if other.center_id != self.center_id or other.side != self.side:
                raise ValidationError({field: _("Choose an account of the same center and side.")})
            if other.within_id is not None or other.pk == self.pk:
                raise ValidationError({field: _("Nothing stands under, or in, a part of an account.")})


def _lines(*, outside: str = "") -> str:
    """Lines of statements, printed totals or entries of the ledger stand on it; `outside`: of years outside of it."""
    year = f" AND ({outside})" if outside else ""
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM {tables} AND x.{column} = OLD.id{year.format(year=of)})"
        for tables, column, of in (
            (
                "finance_statementline x JOIN finance_statement s ON s.id = x.statement_id WHERE 1 = 1",
                "account_id",
                "s",
            ),
            (
                "finance_statementtotal x JOIN finance_statement s ON s.id = x.statement_id WHERE 1 = 1",
                "account_id",
                "s",
            ),
            ("finance_entry x WHERE 1 = 1", "account_id", "x"),
            ("finance_entry x WHERE 1 = 1", "part_id", "x"),
        )
    )


guards.declare(
    guards.Guard(
        "finance_account_code",
        "finance.Account",
        ("UPDATE",),
        "an account's code never changes",
        columns=("center", "code", "source"),
    ),
    guards.Guard(
        "finance_account_place",
        "finance.Account",
        ("UPDATE",),
        "an account on which lines or entries stand keeps its place",
        _lines(),
        columns=("side", "parent", "within"),
    ),
    guards.Guard(
        "finance_account_meaning",
        "finance.Account",
        ("UPDATE",),
        "an account on which lines or entries stand keeps the meaning that it has",
        "(OLD.purpose <> '' AND NEW.purpose <> OLD.purpose"
        " OR OLD.measure_id IS NOT NULL AND NEW.measure_id IS DISTINCT FROM OLD.measure_id)"
        f" AND ({_lines()})",
    ),
    guards.Guard(
        "finance_account_years",
        "finance.Account",
        ("UPDATE",),
        "an account holds in the years of its lines and entries",
        _lines(outside="{year}.fiscal_year < NEW.first_year OR {year}.fiscal_year > NEW.last_year"),
        columns=("first_year", "last_year"),
    ),
    guards.Guard(
        "finance_account_no_sum_over_lines",
        "finance.Account",
        ("INSERT", "UPDATE"),
        "nothing comes under an account in years in which it has lines or entries of its own",
        " OR ".join(
            f"EXISTS (SELECT 1 FROM {tables} AND x.account_id = NEW.parent_id AND {of}.fiscal_year >= NEW.first_year"
            f" AND (NEW.last_year IS NULL OR {of}.fiscal_year <= NEW.last_year))"
            for tables, of in (
                (
                    "finance_statementline x JOIN finance_statement s ON s.id = x.statement_id WHERE 1 = 1",
                    "s",
                ),
                ("finance_entry x WHERE 1 = 1", "x"),
            )
        ),
        columns=("parent", "first_year", "last_year"),
    ),
    guards.Guard(
        "finance_account_kept",
        "finance.Account",
        ("DELETE",),
        "an account on which lines or entries stand is kept",
        f"{_lines()} OR EXISTS (SELECT 1 FROM finance_account x WHERE x.parent_id = OLD.id OR x.within_id = OLD.id)",
    ),
)
