"""活動実績台帳: the things that happened, and what an indicator's value is counted or taken from."""

from datetime import datetime
from typing import assert_never

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from finance.models import Account
from iconm_portal.history import guards
from iconm_portal.models import Center, CodeField, StoredFile, TableImport, User, paired, ways
from iconm_portal.values import partial_date
from iconm_portal.values.constraints import PartialDateField, known, sourced
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.ordering import blanks_last
from iconm_portal.values.written.letters import folded
from kpi.models.plans import Indicator


class Category(models.Model):
    """A kind of thing that happens: ventures, trials, lectures, visits. It says what its records are asked for, and by what
    two of them are the same: by all that is chosen together (`kpi/register/duplicates.py`)."""

    center = models.ForeignKey(Center, models.PROTECT, related_name="categories")
    code = CodeField()
    position = models.PositiveSmallIntegerField(_("Position"), default=0)
    name = models.CharField(_("Name"), max_length=120)
    unit = models.CharField(_("Unit"), max_length=10, blank=True)
    reference_label = models.CharField(_("What its reference is called"), max_length=60, blank=True)
    asks_people = models.BooleanField(_("Asks for the number of people"), default=False)
    asks_satisfaction = models.BooleanField(_("Asks for the share of the satisfied"), default=False)
    asks_stage = models.BooleanField(_("Asks for theme and stage"), default=False)
    same_reference = models.BooleanField(_("The same by reference"), default=False)
    same_title = models.BooleanField(_("The same by title"), default=True)
    same_date = models.BooleanField(_("The same by date"), default=True)
    same_partner = models.BooleanField(_("The same by institution"), default=False)
    source = models.CharField(_("Source"), max_length=120, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(
                fields=["center", "code"],
                name="kpi_category_code_unique",
                violation_error_message=_("The center has a category with this code already."),
            ),
            models.CheckConstraint(
                condition=Q(same_reference=True) | Q(same_title=True) | Q(same_date=True),
                name="kpi_category_same_by_something",
                violation_error_message=_("Records are the same by their reference, title or date at least."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def history_key(self) -> str:
        return f"kpi.category/{self.center.code}/{self.code}"

    def history_label(self) -> str:
        return self.name


class RecordStatus(models.TextChoices):
    KEPT = "kept", pgettext_lazy("record", "valid")
    WITHDRAWN = "withdrawn", pgettext_lazy("record", "withdrawn")


class Record(models.Model):
    """Something that happened. It is never deleted: a mistaken one is withdrawn with a reason, a company that was renamed
    or absorbed stays and says what it `became`.

    `earliest` and `latest` are the days between which it happened: of `happened` (a day, a month or a year), or, where
    only that is known, `latest` alone. A period total (約4,200人, H27–R2) stands for many and is counted by no indicator;
    nor is a level: how many there were at a time (70機関), which is no sum of what happened.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="records")
    category = models.ForeignKey(Category, models.PROTECT, related_name="records", verbose_name=_("Category"))
    number = models.PositiveIntegerField(_("Number"))
    title = models.CharField(pgettext_lazy("record", "Title"), max_length=200)
    reference = models.CharField(_("Reference"), max_length=120, blank=True)
    partner = models.CharField(_("Institution"), max_length=120, blank=True)
    happened = PartialDateField(_("Date"), blank=True)
    earliest = models.DateField(null=True, blank=True)
    latest = models.DateField(_("At the latest on"), null=True, blank=True)
    is_period_total = models.BooleanField(_("Total of a period"), default=False)
    is_level = models.BooleanField(_("Level at a time"), default=False)
    first_year = FiscalYearField(_("First fiscal year"), null=True, blank=True)
    last_year = FiscalYearField(_("Last fiscal year"), null=True, blank=True)
    quantity = models.PositiveIntegerField(_("How many"), null=True, blank=True, default=1)
    people = models.PositiveIntegerField(pgettext_lazy("record", "People"), null=True, blank=True)
    is_approximate = models.BooleanField(_("About so many"), default=False)
    people_are_approximate = models.BooleanField(_("About so many people"), default=False)
    satisfaction = models.DecimalField(
        _("Satisfied (%)"), max_digits=4, decimal_places=1, null=True, blank=True
    )
    theme = models.CharField(_("Theme"), max_length=120, blank=True)
    stage = models.CharField(_("Stage"), max_length=120, blank=True)
    became = models.CharField(_("Renamed or absorbed"), max_length=200, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    status = EnumField(RecordStatus, _("Status"), default=RecordStatus.KEPT)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawal_reason = models.CharField(_("Reason for withdrawing"), max_length=300, blank=True)
    search_text = models.CharField(max_length=900, editable=False, default="")
    title_key = models.CharField(max_length=400, editable=False, default="")
    reference_key = models.CharField(max_length=240, editable=False, default="")
    version = models.PositiveIntegerField(default=1)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    imported = models.ForeignKey(TableImport, models.PROTECT, null=True, blank=True, related_name="records")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = [blanks_last("-latest"), "-pk"]
        indexes = [
            models.Index(fields=["center", "category", "-latest", "-id"], name="kpi_record_by_category"),
            models.Index(fields=["center", "-latest", "-id"], name="kpi_record_by_day"),
            models.Index(fields=["category", "title_key"], name="kpi_record_by_title"),
            models.Index(fields=["category", "reference_key"], name="kpi_record_by_reference"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "number"],
                name="kpi_record_number_unique",
                violation_error_message=_("The category has a record with this number already."),
            ),
            known("status", RecordStatus.values, "kpi_record_status_known"),
            models.CheckConstraint(
                condition=Q(earliest__isnull=True) | Q(latest__isnull=True) | Q(earliest__lte=F("latest")),
                name="kpi_record_days_in_order",
                violation_error_message=_("The last day does not come before the first."),
            ),
            models.CheckConstraint(
                condition=Q(is_period_total=False, first_year__isnull=True, last_year__isnull=True)
                | Q(is_period_total=True, first_year__lte=F("last_year")),
                name="kpi_record_period_has_years",
                violation_error_message=_("The total of a period names its first and its last fiscal year."),
            ),
            models.CheckConstraint(
                condition=Q(is_level=False) | Q(is_period_total=False),
                name="kpi_record_level_is_no_total",
                violation_error_message=_("A level stands at a time; it is no total of a period."),
            ),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__gte=0, satisfaction__lte=100),
                name="kpi_record_satisfaction_is_percent",
                violation_error_message=_("A share lies between 0 and 100 %."),
            ),
            models.CheckConstraint(
                condition=Q(status=RecordStatus.KEPT, withdrawn_at__isnull=True)
                | (Q(status=RecordStatus.WITHDRAWN, withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="kpi_record_withdrawal_has_reason",
                violation_error_message=_("Say why the record is withdrawn."),
            ),
            paired("withdrawn", "kpi_record_withdrawn_pair"),
            paired("saved", "kpi_record_saved_pair"),
            sourced("recorded_by", "kpi_record_recorded_pair"),
        ]

    def __str__(self) -> str:
        return self.title

    def history_key(self) -> str:
        return f"kpi.record/{self.center.code}/{self.category.code}/{self.number}"

    def history_label(self) -> str:
        return f"{self.category.name} {self.title}"

    @property
    def is_withdrawn(self) -> bool:
        return self.status == RecordStatus.WITHDRAWN

    @property
    def stands_for_many(self) -> bool:
        """Whether it is a total or a level, and so nothing that happened once."""
        return self.is_period_total or self.is_level

    def set_keys(self) -> None:
        """Derive what searches and counts use from what people typed; actions call it before saving."""
        self.title_key, self.reference_key = folded(self.title), folded(self.reference)
        words = (self.title, self.reference, self.partner, self.theme, self.became, self.note)
        self.search_text = folded("\n".join(word for word in words if word))[:900]
        if self.happened:
            self.earliest = partial_date.first_day(self.happened)
            self.latest = partial_date.last_day(self.happened)


class RecordFile(models.Model):
    record = models.ForeignKey(Record, models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now)
    attached_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [paired("attached", "kpi_recordfile_attached_pair")]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.file_id}"


class Measured(models.TextChoices):
    """What of the records makes the indicator's value."""

    RECORDS = "records", _("the number of things recorded")
    QUANTITY = "quantity", _("the sum of how many")
    PEOPLE = "people", _("the sum of people")
    SATISFACTION = "satisfaction", _("the share of the satisfied, weighted by people")

    @property
    def adds_up(self) -> bool:
        """Whether what stood at a day and what came since make a sum."""
        match self:
            case Measured.RECORDS | Measured.QUANTITY | Measured.PEOPLE:
                return True
            case Measured.SATISFACTION:
                return False
            case _:
                assert_never(self)


class IndicatorBasis(models.Model):
    """What an indicator's value is proposed from: an account of the ledger, or a category of the register."""

    indicator = models.OneToOneField(Indicator, models.PROTECT, related_name="basis")
    account = models.ForeignKey(Account, models.PROTECT, null=True, blank=True, related_name="indicators")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="indicators")
    measured = EnumField(Measured, _("Counted"), blank=True)
    source = models.CharField(_("Source"), max_length=120, blank=True)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    chosen_at = models.DateTimeField(null=True, blank=True)
    chosen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "indicator bases"
        constraints = [
            paired("chosen", "kpi_indicatorbasis_chosen_pair"),
            known("measured", [*Measured.values, ""], "kpi_indicatorbasis_measured_known"),
            models.CheckConstraint(
                condition=Q(account__isnull=False, category__isnull=True, measured="")
                | (Q(account__isnull=True, category__isnull=False) & ~Q(measured="")),
                name="kpi_indicatorbasis_one",
                violation_error_message=_("A value is taken from one account, or counted in one category."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id}"

    def was_chosen_after(self, accepted_at: datetime | None) -> bool:
        """Whether a report had been accepted before; one without a time came from a document, before everything here."""
        return self.chosen_at is not None and (accepted_at is None or self.chosen_at > accepted_at)

    def history_key(self) -> str:
        return f"{self.indicator.history_key()}/basis"

    def history_label(self) -> str:
        return f"{self.indicator.name} 算定の基礎"


class OpeningBalance(models.Model):
    """期首累計: what stood at the end of a day before the register counts on, and the document that says so.

    Of all that a category counts in one way, or of one indicator, which goes before it. A change is a new revision with a
    reason; one without a value takes the balance away.
    """

    center = models.ForeignKey(Center, models.PROTECT, related_name="opening_balances")
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="opening_balances"
    )
    measured = EnumField(Measured, _("Counted"), blank=True)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="opening_balances"
    )
    revision = models.PositiveSmallIntegerField(default=1)
    value = models.PositiveIntegerField(pgettext_lazy("record", "Number"), null=True, blank=True)
    as_of = models.DateField(_("Until"), null=True, blank=True)
    source = models.CharField(_("Source"), max_length=200)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            known("measured", [*Measured.values, ""], "kpi_openingbalance_measured_known"),
            models.CheckConstraint(
                condition=Q(indicator__isnull=False, category__isnull=True, measured="")
                | (Q(indicator__isnull=True, category__isnull=False) & ~Q(measured="")),
                name="kpi_openingbalance_one",
                violation_error_message=_("An opening balance is of one indicator, or of one category."),
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True, as_of__isnull=True)
                | Q(value__isnull=False, as_of__isnull=False),
                name="kpi_openingbalance_value_has_day",
                violation_error_message=_("A number and the day until which it counts belong together."),
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(reason=""),
                name="kpi_openingbalance_change_has_reason",
                violation_error_message=_("Say why it is changed."),
            ),
            models.UniqueConstraint(
                fields=["category", "measured", "revision"],
                name="kpi_openingbalance_of_category_unique",
                violation_error_message=_("This revision exists already."),
            ),
            models.UniqueConstraint(
                fields=["indicator", "revision"],
                name="kpi_openingbalance_of_indicator_unique",
                violation_error_message=_("This revision exists already."),
            ),
            paired("recorded", "kpi_openingbalance_recorded_pair"),
        ]

    def __str__(self) -> str:
        return self.history_label()

    def history_key(self) -> str:
        of = self.indicator or self.category
        where = of.history_key() if of else ""
        return (
            f"{where}/opening/{self.measured}/r{self.revision}"
            if self.category
            else f"{where}/opening/r{self.revision}"
        )

    def history_label(self) -> str:
        return f"{self.indicator or self.category} 期首累計"


# What makes a record count, and for how many; texts beside it may be corrected without a guard.
_COUNTED = (
    *("happened", "earliest", "latest", "is_period_total", "is_level", "first_year", "last_year"),
    *("quantity", "people", "is_approximate", "people_are_approximate", "satisfaction", "title", "reference"),
)

# That accepted values of the basis' indicator stand: whether they still hold is told by it.
_ACCEPTED = (
    "EXISTS (SELECT 1 FROM kpi_actual a JOIN kpi_report r ON r.id = a.report_id"
    " WHERE a.indicator_id = {row}.indicator_id AND r.state = 'accepted')"
)


def _last_change(row: str, side: str) -> str:
    """The last change of the indicator's source that the history tells of names this row `before` it, or `after` it."""
    choice = (
        f"COALESCE((SELECT 'account/' || x.code FROM finance_account x WHERE x.id = {row}.account_id),"
        f" (SELECT 'category/' || x.code || '/' || {row}.measured FROM kpi_category x WHERE x.id = {row}.category_id))"
    )
    subject = (
        "(SELECT 'kpi.indicator/' || c.code || '/' || p.code || '/' || i.code || '/basis' FROM kpi_indicator i"
        " JOIN kpi_plan p ON p.id = i.plan_id JOIN portal_center c ON c.id = p.center_id"
        f" WHERE i.id = {row}.indicator_id)"
    )
    return (
        f"(SELECT CAST(h.{side} AS TEXT) FROM portal_historyevent h WHERE h.subject = {subject}"
        f""" ORDER BY h.id DESC LIMIT 1) = '{{"basis": "' || {choice} || '"}}'"""
    )


_CENTER_OF_BASIS = "(SELECT p.center_id FROM kpi_plan p JOIN kpi_indicator i ON i.plan_id = p.id WHERE i.id = NEW.indicator_id)"

guards.declare(
    guards.append_only("kpi.OpeningBalance"),
    ways.written_by("kpi.OpeningBalance", ways.EITHER_SIDE),
    ways.written_by("kpi.Record", ways.OF_OPERATOR, or_document=True),
    guards.Guard("kpi_record_kept", "kpi.Record", ("DELETE",), "records are withdrawn, never deleted"),
    guards.Guard(
        "kpi_record_origin",
        "kpi.Record",
        ("UPDATE",),
        "a record keeps its number, and who wrote it down",
        columns=("center", "category", "number", "source", "imported", "recorded_at", "recorded_by"),
    ),
    guards.Guard(
        "kpi_record_version",
        "kpi.Record",
        ("UPDATE",),
        "what a record counts for changes with its version",
        "NEW.version <> OLD.version + 1",
        columns=(*_COUNTED, "status", "withdrawn_at", "withdrawn_by", "withdrawal_reason"),
    ),
    guards.Guard(
        "kpi_record_corrected",
        "kpi.Record",
        ("UPDATE",),
        "somebody of the operator corrects a record that is valid",
        "OLD.status = 'withdrawn' OR "
        + ways.unless(ways.belongs_to("NEW.saved_by_id", ways.OF_OPERATOR, "NEW.center_id")),
        columns=_COUNTED,
    ),
    guards.append_only("kpi.RecordFile"),
    guards.frozen(
        "kpi_category_recorded",
        "kpi.Category",
        "a category with records keeps its code, and is kept",
        "EXISTS (SELECT 1 FROM kpi_record r WHERE r.category_id = OLD.id)",
        stays_open=dict.fromkeys(
            (
                *(
                    "position",
                    "name",
                    "unit",
                    "reference_label",
                    "asks_people",
                    "asks_satisfaction",
                    "asks_stage",
                ),
                *("same_reference", "same_title", "same_date", "same_partner"),
            ),
            "what is asked for from now on, and how it is shown; what is written down stays as it is",
        ),
    ),
    guards.Guard(
        "kpi_indicatorbasis_chosen",
        "kpi.IndicatorBasis",
        ("UPDATE",),
        "a source of values is chosen anew, never changed",
    ),
    guards.Guard(
        "kpi_indicatorbasis_given_up",
        "kpi.IndicatorBasis",
        ("DELETE",),
        "a source of accepted values is given up in the history first",
        f"{_ACCEPTED.format(row='OLD')} AND {ways.unless(_last_change('OLD', 'before'))}",
    ),
    guards.Guard(
        "kpi_indicatorbasis_chosen_anew",
        "kpi.IndicatorBasis",
        ("INSERT",),
        "a source of accepted values comes from a document, or is chosen in the history first, by somebody of either side",
        f"{_ACCEPTED.format(row='NEW')} AND "
        + ways.unless(
            "NEW.source <> '' AND NEW.chosen_by_id IS NULL",
            f"{_last_change('NEW', 'after')} AND "
            + ways.belongs_to("NEW.chosen_by_id", ways.EITHER_SIDE, _CENTER_OF_BASIS),
        ),
    ),
)
