"""収支予算書・収支決算書: what was planned and what came of it, per account, as it was printed."""

import re
from typing import assert_never

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models import Consultation
from finance.models.accounts import Account, Side
from iconm_portal.history import guards
from iconm_portal.models import Center, Reviewed, ReviewState, StoredFile, User, paired, ways
from iconm_portal.values.constraints import known
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.money import MoneyUnit


class Stage(models.TextChoices):
    """予算 and 補正 are decided by the operator (basic Art. 8(2)); 決算見込 and 決算 are verified by both (Art. 9)."""

    BUDGET = "budget", pgettext_lazy("stage of a statement", "budget")
    SUPPLEMENTARY = "supplementary", pgettext_lazy("stage of a statement", "supplementary budget")
    FORECAST = "forecast", pgettext_lazy("stage of a statement", "settlement forecast")
    SETTLEMENT = "settlement", pgettext_lazy("stage of a statement", "settlement")

    @property
    def is_budget(self) -> bool:
        """Whether the operator decides it, after a recorded consultation; the others go through review."""
        match self:
            case Stage.BUDGET | Stage.SUPPLEMENTARY:
                return True
            case Stage.FORECAST | Stage.SETTLEMENT:
                return False
            case _:
                assert_never(self)


BUDGETS = [stage for stage in Stage if stage.is_budget]


class RecordedUnit(models.TextChoices):
    """The unit in which a statement's figures were recorded; the database holds whole yen all the same."""

    YEN = "yen", "円"
    THOUSAND = "thousand", "千円"
    MILLION = "million", "百万円"

    @property
    def unit(self) -> MoneyUnit:
        return MoneyUnit(str(self.label))


def slug_of(stage: Stage, supplement: int) -> str:
    """How addresses and the history name a stage: `supplementary` is 第1号補正, `supplementary-2` 第2号補正."""
    return f"{stage}-{supplement}" if supplement > 1 else str(stage)


class StatementQuerySet(models.QuerySet["Statement"]):
    """Statements by what names them."""

    def at(self, slug: str) -> "StatementQuerySet":
        """Those at the stage of an address; none where the address names no stage."""
        named = re.fullmatch(r"supplementary-([2-9]|[1-9][0-9]{1,3})", slug)
        if named:
            return self.filter(stage=Stage.SUPPLEMENTARY, supplement=int(named[1]))
        return self.filter(stage=slug, supplement__lte=1)


class Statement(Reviewed):
    """収支予算書／収支決算書 of a center's fiscal year at a stage. A supplementary budget states the whole year anew.

    A year may have several (第1号補正, 第2号補正): each is a thing of its own, not a correction of the one before it.

    A budget is accepted by the operator's own decision, for which `consultation` names the talk before it; a settlement
    by the supporter's review. A correction afterwards is a new revision with a reason.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="statements")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    stage = EnumField(Stage, _("Stage"))
    # Which supplementary budget of its year; 0 for the other stages.
    supplement = models.PositiveSmallIntegerField(_("Number of the supplementary budget"), default=0)
    revision = models.PositiveSmallIntegerField(default=1)
    reason = models.CharField(_("Reason for the correction"), max_length=300, blank=True)
    unit = EnumField(RecordedUnit, _("Unit of recording"), default=RecordedUnit.YEN)
    note = models.TextField(_("Note"), blank=True)
    consultation = models.ForeignKey(
        Consultation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="statements",
        verbose_name=_("Consultation"),
    )

    objects = StatementQuerySet.as_manager()

    class Meta(Reviewed.Meta):
        ordering = ["fiscal_year", "stage", "supplement", "revision"]
        constraints = [
            *(
                constraint
                for constraint in Reviewed.Meta.constraints
                if not constraint.name.endswith("_two_people")
            ),
            # A budget is decided by the operator alone, so the same person may hand it in and record the decision.
            models.CheckConstraint(
                condition=Q(stage__in=BUDGETS)
                | Q(submitted_by__isnull=True)
                | Q(accepted_by__isnull=True)
                | ~Q(submitted_by=models.F("accepted_by")),
                name="finance_statement_two_people",
                violation_error_message=_("Whoever submitted it cannot accept it."),
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=BUDGETS)
                | ~Q(state=ReviewState.ACCEPTED)
                | Q(consultation__isnull=False)
                | ~Q(source=""),
                name="finance_statement_budget_after_consultation",
                violation_error_message=_("A budget is decided after a recorded consultation."),
            ),
            models.UniqueConstraint(
                fields=["center", "fiscal_year", "stage", "supplement", "revision"],
                name="finance_statement_revision_unique",
                violation_error_message=_("This revision of the statement exists already."),
            ),
            models.CheckConstraint(
                condition=(
                    Q(stage=Stage.SUPPLEMENTARY, supplement__gte=1)
                    | (~Q(stage=Stage.SUPPLEMENTARY) & Q(supplement=0))
                ),
                name="finance_statement_supplement_numbered",
                violation_error_message=_("A supplementary budget has a number, and nothing else has."),
            ),
            models.UniqueConstraint(
                fields=["center", "fiscal_year", "stage"],
                condition=~Q(state=ReviewState.ACCEPTED),
                name="finance_statement_one_open",
                violation_error_message=_("A statement of this year and stage is being worked on already."),
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""),
                name="finance_statement_correction_has_reason",
                violation_error_message=_("A correction needs a reason."),
            ),
            known("stage", Stage.values, "finance_statement_stage_known"),
            known("unit", RecordedUnit.values, "finance_statement_unit_known"),
        ]

    def __str__(self) -> str:
        return self.history_label()

    def history_key(self) -> str:
        return f"finance.statement/{self.center.code}/{self.fiscal_year.start}/{self.slug}/r{self.revision}"

    def history_label(self) -> str:
        supplementary = f"第{self.supplement}号補正予算書"
        label = {"budget": "収支予算書", "supplementary": supplementary, "forecast": "決算見込"}
        revision = "" if self.revision == 1 else f"（第{self.revision}版）"
        return f"{self.fiscal_year} {label.get(self.stage, '収支決算書')}{revision}"

    @property
    def is_budget(self) -> bool:
        return self.stage.is_budget

    @property
    def slug(self) -> str:
        """Its stage and number, as addresses name them."""
        return slug_of(self.stage, self.supplement)


class StatementLine(models.Model):
    """The amount of one account in whole yen; only on accounts with none below them in that year.

    An account without a line was not recorded; 0 is 0; an account that does not hold in the year is 「-」.
    """

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="lines")
    account = models.ForeignKey(Account, models.PROTECT, related_name="statement_lines")
    amount = models.BigIntegerField(_("Amount (yen)"))
    note = models.CharField(_("Note"), max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "account"],
                name="finance_statementline_one_per_account",
                violation_error_message=_("The statement has a line for this account already."),
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="finance_statementline_not_negative",
                violation_error_message=_("An amount is not negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.amount}"


class TotalOf(models.TextChoices):
    REVENUE = "revenue", _("total revenue")
    EXPENDITURE = "expenditure", _("total expenditure")
    BALANCE = "balance", _("balance of the year")
    ACCOUNT = "account", _("sum of an account")

    @property
    def side(self) -> Side | None:
        """The side of the statement that it sums up."""
        match self:
            case TotalOf.REVENUE:
                return Side.REVENUE
            case TotalOf.EXPENDITURE:
                return Side.EXPENDITURE
            case TotalOf.BALANCE | TotalOf.ACCOUNT:
                return None
            case _:
                assert_never(self)


class StatementTotal(models.Model):
    """A total as it was printed, kept beside the computed one (T2: R1 and R2 differ by one, from rounding)."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="totals")
    of = EnumField(TotalOf, _("Total of"))
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.BigIntegerField(_("Amount (yen)"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            known("of", TotalOf.values, "finance_statementtotal_of_known"),
            models.CheckConstraint(
                condition=Q(of=TotalOf.ACCOUNT, account__isnull=False)
                | (~Q(of=TotalOf.ACCOUNT) & Q(account__isnull=True)),
                name="finance_statementtotal_account_named",
                violation_error_message=_(
                    "The sum of an account names the account, and no other total does."
                ),
            ),
            models.UniqueConstraint(
                fields=["statement", "of"],
                condition=Q(account__isnull=True),
                name="finance_statementtotal_once",
                violation_error_message=_("The statement has this total already."),
            ),
            models.UniqueConstraint(
                fields=["statement", "account"],
                condition=Q(account__isnull=False),
                name="finance_statementtotal_account_once",
                violation_error_message=_("The statement has this total already."),
            ),
            models.CheckConstraint(
                condition=Q(of=TotalOf.BALANCE) | Q(amount__gte=0),
                name="finance_statementtotal_not_negative",
                violation_error_message=_("An amount is not negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of}: {self.amount}"


class StatementComment(models.Model):
    """Why the supporter returned it."""

    statement = models.ForeignKey(Statement, models.PROTECT, related_name="comments")
    text = models.CharField(_("Comment"), max_length=1000)
    written_at = models.DateTimeField(default=timezone.now)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [paired("written", "finance_statementcomment_written_pair")]

    def __str__(self) -> str:
        return self.text


class StatementFile(models.Model):
    """The statement as a document: the signed scan, the auditor's letter."""

    statement = models.ForeignKey(Statement, models.CASCADE, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now)
    attached_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [paired("attached", "finance_statementfile_attached_pair")]

    def __str__(self) -> str:
        return f"{self.statement_id}: {self.file_id}"


_LOCKED = "('submitted', 'in_review', 'accepted')"


def _statement(row: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM finance_statement s WHERE s.id = {row}.statement_id AND {condition})"


_IS_A_SUM = (
    "EXISTS (SELECT 1 FROM finance_account c JOIN finance_statement s ON s.id = NEW.statement_id"
    " WHERE c.parent_id = NEW.account_id AND c.first_year <= s.fiscal_year"
    " AND (c.last_year IS NULL OR c.last_year >= s.fiscal_year))"
)

guards.declare(
    guards.Guard(
        "finance_statement_accepted",
        "finance.Statement",
        ("UPDATE",),
        "a settled statement is frozen",
        "OLD.state = 'accepted'",
    ),
    *ways.review_way(
        "finance.Statement",
        center="NEW.center_id",
        submitter=ways.OF_OPERATOR,
        acceptor=ways.OF_SUPPORTER,
        content=(
            *("center", "fiscal_year", "stage", "supplement", "revision", "reason", "unit", "note"),
            *("submission_decided_on", "submission_decided_post"),
        ),
        further={
            "the operator decides a budget after a consultation": (
                "OLD.state = 'submitted' AND NEW.state = 'accepted' AND NEW.version > OLD.version"
                f" AND NEW.stage IN ({', '.join(repr(str(stage)) for stage in BUDGETS)})"
                f" AND {ways.belongs_to('NEW.accepted_by_id', ways.OF_OPERATOR, 'NEW.center_id')}"
                " AND EXISTS (SELECT 1 FROM agreements_consultation t WHERE t.id = NEW.consultation_id"
                " AND t.center_id = NEW.center_id AND t.state = 'confirmed')"
            )
        },
    ),
    guards.append_only("finance.StatementComment"),
    guards.Guard(
        "finance_statementline_leaf",
        "finance.StatementLine",
        ("INSERT",),
        "an account that is a sum in this year takes no line",
        _IS_A_SUM,
    ),
    *(
        guards.Guard(
            f"finance_{name}_{event.lower()}",
            f"finance.{model}",
            (event,),
            "what belongs to a submitted or settled statement is locked",
            " OR ".join(_statement(row, f"s.state IN {_LOCKED}") for row in rows),
        )
        for name, model in (
            ("line", "StatementLine"),
            ("total", "StatementTotal"),
            ("file", "StatementFile"),
        )
        for event, rows in (("INSERT", ["NEW"]), ("UPDATE", ["OLD", "NEW"]), ("DELETE", ["OLD"]))
    ),
)
