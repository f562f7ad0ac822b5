"""収支明細: the append-only ledger in whole yen, its monthly sums, and the closing of a year."""

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.models.accounts import Account
from iconm_portal.history import guards, seen_by
from iconm_portal.models import Center, TableImport, User, paired, ways
from iconm_portal.values import fiscal
from iconm_portal.values.constraints import sourced
from iconm_portal.values.fields import FiscalYearField


class Entry(models.Model):
    """A ledger line. A mistake is reversed (赤) and, where needed, written anew (黒); no line is ever changed.

    `account` takes the line; `part` names the part of it that is told apart (内数), if any. `fiscal_year` is that of
    `date`. A line may lessen its account (減額: 戻入, 赤伝, 更正) and has a negative amount then. What makes a reversal is
    that it names the line that it takes back, never its sign: of a line that lessens, the reversal is positive.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="entries")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    date = models.DateField(_("Date"))
    account = models.ForeignKey(
        Account, models.PROTECT, related_name="entries", verbose_name=pgettext_lazy("money", "Account")
    )
    part = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="part_entries",
        verbose_name=_("Of which"),
    )
    amount = models.BigIntegerField(_("Amount (yen)"))
    counterparty = models.CharField(_("Counterparty"), max_length=120, blank=True)
    description = models.CharField(_("Description"), max_length=300)
    voucher = models.CharField(_("Voucher number"), max_length=40, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("Reverses")
    )
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name=_("Corrects")
    )
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    imported = models.ForeignKey(
        TableImport, models.PROTECT, null=True, blank=True, related_name="entries", verbose_name=_("Import")
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField(_("Source"), max_length=120, blank=True)
    # Counterparty, description and voucher as a search compares them: neither database folds NFKC itself.
    search_text = models.TextField(editable=False, default="")

    class Meta:
        ordering = ["date", "pk"]
        indexes = [
            # With the amount, so that a running total is added up from the index alone.
            models.Index(
                fields=["center", "fiscal_year", "account", "date", "id", "amount"],
                name="finance_entry_by_account",
            ),
            models.Index(fields=["center", "fiscal_year", "date", "id"], name="finance_entry_by_day"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(amount=0),
                name="finance_entry_of_something",
                violation_error_message=_("An amount of 0 is no entry."),
            ),
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, corrects__isnull=True) | ~Q(reason=""),
                name="finance_entry_reversal_has_reason",
                violation_error_message=_("Say why the entry is reversed or corrected."),
            ),
            sourced("recorded_by", "finance_entry_recorded_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.account_id} {self.amount}"

    @property
    def is_reduction(self) -> bool:
        """Whether it lessens its account without taking another line back."""
        return self.amount < 0 and self.reverses_id is None

    def history_key(self) -> str:
        return f"finance.entry/{self.center.code}/{self.pk}"

    def history_label(self) -> str:
        return f"{fiscal.era_date_short(self.date)} {self.description}"


class MonthTotal(models.Model):
    """The sum of a month's entries of an account (and part), written in the transaction of the entries themselves.

    It lets pages show running totals and yearly sums without adding up a million lines; a test holds it equal to the
    entries. `part` is null for what belongs to no part: an account's sum is the sum over all its rows.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="+")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    part = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="+")
    month = models.DateField(_("Month"))  # its first day
    amount = models.BigIntegerField(_("Amount (yen)"), default=0)
    count = models.PositiveIntegerField(_("Entries"), default=0)

    class Meta:
        ordering = ["month", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["center", "fiscal_year", "account", "month"],
                condition=Q(part__isnull=True),
                name="finance_monthtotal_once",
                violation_error_message=_("The month has its sum already."),
            ),
            models.UniqueConstraint(
                fields=["center", "fiscal_year", "account", "part", "month"],
                condition=Q(part__isnull=False),
                name="finance_monthtotal_part_once",
                violation_error_message=_("The month has its sum already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.month}: {self.amount}"


class YearClosing(models.Model):
    """A closed year takes no more entries. The operator closes it; the supporter reopens it, with a reason."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="year_closings")
    fiscal_year = FiscalYearField(_("Fiscal year"))
    closed_at = models.DateTimeField(default=timezone.now)
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("Reason for reopening"), max_length=300, blank=True)

    class Meta:
        ordering = ["fiscal_year", "closed_at"]
        constraints = [
            paired("closed", "finance_yearclosing_closed_pair"),
            paired("reopened", "finance_yearclosing_reopened_pair"),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True) | ~Q(reason=""),
                name="finance_yearclosing_reopening_has_reason",
                violation_error_message=_("Say why the year is reopened."),
            ),
            models.UniqueConstraint(
                fields=["center", "fiscal_year"],
                condition=Q(reopened_at__isnull=True),
                name="finance_yearclosing_closed_once",
                violation_error_message=_("The year is closed already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.center_id} {self.fiscal_year}"

    def history_key(self) -> str:
        return f"finance.year/{self.center.code}/{self.fiscal_year.start}"

    def history_label(self) -> str:
        return f"{self.fiscal_year} 収支明細"


@seen_by.opened_later
def _of_closed_years(center: str) -> Q:
    """Who posted and reversed what in a year that is closed now."""
    closed = YearClosing.objects.filter(center__code=center, reopened_at__isnull=True)
    entries = Entry.objects.filter(
        center__code=center, fiscal_year__in=closed.order_by().values("fiscal_year")
    )
    keys = entries.order_by().values_list(
        Concat(Value(f"finance.entry/{center}/"), Cast("pk", models.CharField()))
    )
    return Q(center=center, action__startswith="entry.", subject__in=keys)


_IN_CLOSED_YEAR = (
    "EXISTS (SELECT 1 FROM finance_yearclosing y WHERE y.center_id = NEW.center_id"
    " AND y.fiscal_year = NEW.fiscal_year AND y.reopened_at IS NULL)"
)
_ON_A_SUM = (
    "EXISTS (SELECT 1 FROM finance_account c WHERE c.parent_id = NEW.account_id"
    " AND c.first_year <= NEW.fiscal_year AND (c.last_year IS NULL OR c.last_year >= NEW.fiscal_year))"
)
_OUTSIDE_ITS_YEAR = (
    "CAST(NEW.date AS TEXT) < CAST(NEW.fiscal_year AS TEXT) || '-04-01'"
    " OR CAST(NEW.date AS TEXT) > CAST(NEW.fiscal_year + 1 AS TEXT) || '-03-31'"
)
# What it names is a line, and it takes back just that one: the same but for the sign.
_NO_EXACT_REVERSAL = (
    "NEW.reverses_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM finance_entry e WHERE e.id = NEW.reverses_id"
    " AND e.reverses_id IS NULL AND e.amount = -NEW.amount AND e.center_id = NEW.center_id"
    " AND e.account_id = NEW.account_id AND e.part_id IS NOT DISTINCT FROM NEW.part_id AND e.date = NEW.date)"
)
# The entries of a sum's month. The days are compared as texts, which both databases can.
_OF_MONTH = (
    "finance_entry e WHERE e.center_id = {row}.center_id AND e.fiscal_year = {row}.fiscal_year"
    " AND e.account_id = {row}.account_id AND e.part_id IS NOT DISTINCT FROM {row}.part_id AND e.date >= {row}.month"
    " AND substr(CAST(e.date AS TEXT), 1, 7) = substr(CAST({row}.month AS TEXT), 1, 7)"
)

# Of a year about to be closed: a month's sum is not that of its entries, or some entries are in no sum.
_SUMS_DIFFER = (
    "EXISTS (SELECT 1 FROM finance_monthtotal t WHERE t.center_id = NEW.center_id AND t.fiscal_year = NEW.fiscal_year"
    " AND (t.amount, t.count) <> (SELECT COALESCE(SUM(e.amount), 0), COUNT(*)"
    f" FROM {_OF_MONTH.format(row='t')}))"
    " OR (SELECT COUNT(*) FROM finance_entry e WHERE e.center_id = NEW.center_id AND e.fiscal_year = NEW.fiscal_year)"
    " <> (SELECT COALESCE(SUM(t.count), 0) FROM finance_monthtotal t"
    " WHERE t.center_id = NEW.center_id AND t.fiscal_year = NEW.fiscal_year)"
)

guards.declare(
    guards.append_only("finance.Entry"),
    ways.written_by("finance.Entry", ways.OF_OPERATOR, or_document=True),
    guards.Guard(
        "finance_entry_closed_year",
        "finance.Entry",
        ("INSERT",),
        "a closed year takes no entries",
        _IN_CLOSED_YEAR,
    ),
    guards.Guard(
        "finance_entry_leaf",
        "finance.Entry",
        ("INSERT",),
        "an account that is a sum in this year takes no entries",
        _ON_A_SUM,
    ),
    guards.Guard(
        "finance_entry_in_year",
        "finance.Entry",
        ("INSERT",),
        "an entry's date lies in its fiscal year",
        _OUTSIDE_ITS_YEAR,
    ),
    guards.Guard(
        "finance_entry_reversal",
        "finance.Entry",
        ("INSERT",),
        "a reversal takes back just the entry that it names",
        _NO_EXACT_REVERSAL,
    ),
    guards.Guard("finance_yearclosing_kept", "finance.YearClosing", ("DELETE",), "closings are kept"),
    guards.Guard(
        "finance_yearclosing_reopened",
        "finance.YearClosing",
        ("UPDATE",),
        "a reopening is not changed",
        "OLD.reopened_at IS NOT NULL",
    ),
    guards.Guard(
        "finance_yearclosing_closed",
        "finance.YearClosing",
        ("UPDATE",),
        "who closed which year stays",
        columns=("center", "fiscal_year", "closed_at", "closed_by"),
    ),
    guards.Guard(
        "finance_yearclosing_by_operator",
        "finance.YearClosing",
        ("INSERT",),
        "the operator closes a year",
        ways.unless(
            "NEW.reopened_at IS NULL AND "
            + ways.belongs_to("NEW.closed_by_id", ways.OF_OPERATOR, "NEW.center_id")
        ),
    ),
    guards.Guard(
        "finance_yearclosing_of_its_sums",
        "finance.YearClosing",
        ("INSERT",),
        "a year is closed on sums that are those of its entries",
        _SUMS_DIFFER,
    ),
    guards.Guard(
        "finance_yearclosing_by_supporter",
        "finance.YearClosing",
        ("UPDATE",),
        "the supporter reopens a year",
        ways.unless(
            "NEW.reopened_at IS NULL",
            ways.belongs_to("NEW.reopened_by_id", ways.OF_SUPPORTER, "NEW.center_id"),
        ),
    ),
    guards.Guard(
        "finance_monthtotal_is_the_sum",
        "finance.MonthTotal",
        ("INSERT", "UPDATE"),
        "a month's sum is that of its entries",
        ways.unless(
            "(NEW.amount, NEW.count) = (SELECT COALESCE(SUM(e.amount), 0), COUNT(*)"
            f" FROM {_OF_MONTH.format(row='NEW')})"
        ),
    ),
    guards.Guard(
        "finance_monthtotal_kept",
        "finance.MonthTotal",
        ("DELETE",),
        "the sum of a month with entries is kept",
        f"EXISTS (SELECT 1 FROM {_OF_MONTH.format(row='OLD')})",
    ),
)
