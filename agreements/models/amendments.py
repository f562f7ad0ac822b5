"""What an amendment does beyond its wording: what becomes of obligations and support measures, and the official wording
put forward."""

import copy
from collections.abc import Iterable
from datetime import date
from typing import assert_never

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.models.obligations import Obligation
from agreements.models.rules import BEFORE_BOTH, frozen_once, known, lines_locked
from agreements.models.support import SupportMeasure
from agreements.models.wording import Edition
from iconm_portal.history import guards
from iconm_portal.models import Center, ProposalState, Proposed, ways
from iconm_portal.values.enum_field import EnumField
from iconm_portal.values.fields import FiscalYearField
from iconm_portal.values.fiscal import FiscalYear


class Outcome(models.TextChoices):
    UNCHANGED = "unchanged", pgettext_lazy("obligation amended", "stays as it is")
    NEW_RULE = "new_rule", pgettext_lazy("obligation amended", "falls due otherwise")
    DROPPED = "dropped", pgettext_lazy("obligation amended", "no longer asked for")

    @property
    def has_year(self) -> bool:
        """Whether it speaks of a fiscal year from which on it is so."""
        match self:
            case Outcome.NEW_RULE | Outcome.DROPPED:
                return True
            case Outcome.UNCHANGED:
                return False
            case _:
                assert_never(self)


class ObligationChange(models.Model):
    """What an amendment makes of an obligation, from which fiscal year on. Settled with the edition, never apart from it.

    The due date reads as an `Obligation`'s own: month, day and offset of a yearly one, the day of one that falls due once.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="obligation_changes")
    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="changes")
    outcome = EnumField(Outcome, _("What becomes of it"))
    from_year = FiscalYearField(_("From the duty for"), null=True, blank=True)
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
    due_on = models.DateField(_("Due on"), null=True, blank=True)

    class Meta:
        ordering = ["edition_id", "obligation__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "obligation"],
                name="agreements_obligationchange_once",
                violation_error_message=_("The amendment says already what becomes of this obligation."),
            ),
            known("outcome", Outcome.values, "agreements_obligationchange_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.UNCHANGED, from_year__isnull=True)
                | (~Q(outcome=Outcome.UNCHANGED) & Q(from_year__isnull=False)),
                name="agreements_obligationchange_from_a_year",
                violation_error_message=_("What changes says from which fiscal year on."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.NEW_RULE)
                | Q(due_month__isnull=True, due_day__isnull=True, due_on__isnull=True),
                name="agreements_obligationchange_date_of_new_rule",
                violation_error_message=_("Only a new rule names a due date."),
            ),
            models.CheckConstraint(
                condition=Q(due_month__isnull=True, due_day__isnull=True)
                | Q(due_month__gte=1, due_month__lte=12, due_day__gte=1),
                name="agreements_obligationchange_due_whole",
                violation_error_message=_("The calendar has no such day."),
            ),
            models.CheckConstraint(
                condition=Q(due_day__isnull=True)
                | Q(due_day__lte=29)
                | (Q(due_day=30) & ~Q(due_month=2))
                | Q(due_day=31, due_month__in=[1, 3, 5, 7, 8, 10, 12]),
                name="agreements_obligationchange_due_in_calendar",
                violation_error_message=_("The calendar has no such day."),
            ),
            models.CheckConstraint(
                condition=Q(due_year_offset__gte=-2, due_year_offset__lte=3),
                name="agreements_obligationchange_offset_near",
                violation_error_message=_("The due date lies within a few years of the fiscal year."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id}: {self.outcome}"


class MeasureOutcome(models.TextChoices):
    UNCHANGED = "unchanged", pgettext_lazy("measure amended", "stays as it is")
    NEW_TERMS = "new_terms", pgettext_lazy("measure amended", "another amount or end")
    DROPPED = "dropped", pgettext_lazy("measure amended", "no longer granted")


class MeasureChange(models.Model):
    """What an amendment makes of a support measure. Settled with the edition, never apart from it.

    New terms are said whole: `total` as printed, where the measure has one, in whole yen, and its last fiscal year (none:
    without an end). What is dropped names the first fiscal year for which nothing is granted any more.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="measure_changes")
    measure = models.ForeignKey(SupportMeasure, models.PROTECT, related_name="changes")
    outcome = EnumField(MeasureOutcome, _("What becomes of it"))
    from_year = FiscalYearField(_("Not granted from"), null=True, blank=True)
    last_year = FiscalYearField(_("Last fiscal year"), null=True, blank=True)
    total = models.BigIntegerField(_("Total (yen)"), null=True, blank=True)

    class Meta:
        ordering = ["edition_id", "measure__position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "measure"],
                name="agreements_measurechange_once",
                violation_error_message=_("The amendment says already what becomes of this measure."),
            ),
            known("outcome", MeasureOutcome.values, "agreements_measurechange_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome=MeasureOutcome.DROPPED, from_year__isnull=False)
                | (~Q(outcome=MeasureOutcome.DROPPED) & Q(from_year__isnull=True)),
                name="agreements_measurechange_dropped_from_a_year",
                violation_error_message=_("What is dropped says from which fiscal year on."),
            ),
            models.CheckConstraint(
                condition=Q(outcome=MeasureOutcome.NEW_TERMS) | Q(last_year__isnull=True, total__isnull=True),
                name="agreements_measurechange_terms_of_new_terms",
                violation_error_message=_("Only new terms name an amount or a last year."),
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(total__gte=0),
                name="agreements_measurechange_total_positive",
                violation_error_message=_("An amount is not negative."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure_id}: {self.outcome}"


def obligation_change(obligation: Obligation, year: FiscalYear, *, known_at: date) -> ObligationChange | None:
    """What amendments made of the obligation for a fiscal year, as both had confirmed it by the end of the day: of the
    last amendment that says something else of it; None before any does. No queries where `changes__edition` is fetched."""
    found = (
        change
        for change in obligation.changes.all()
        if change.edition.is_confirmed
        and change.edition.known_from is not None
        and change.edition.known_from <= known_at
        and change.from_year is not None
        and change.from_year <= year
    )
    return max(found, key=lambda change: change.edition.number, default=None)


def measure_changes(measure: SupportMeasure, *, known_at: date, below: int = 0) -> list[MeasureChange]:
    """What amendments made of the measure, as both had confirmed it by the end of the day, in order; `below`: only those
    of the editions with a lower number. No queries where `changes__edition` is fetched."""
    found = [
        change
        for change in measure.changes.all()
        if change.outcome != MeasureOutcome.UNCHANGED
        and change.edition.is_confirmed
        and change.edition.known_from is not None
        and change.edition.known_from <= known_at
        and not (below and change.edition.number >= below)
    ]
    return sorted(found, key=lambda change: change.edition.number)


def as_amended(
    measures: Iterable[SupportMeasure], *, day: date, known_at: date, below: int = 0
) -> list[SupportMeasure]:
    """Each measure with the terms that hold on the day; the stored row is never rewritten.

    An end is said as soon as both know it, as that of an agreement is. An amount holds from the amendment's first day.
    """
    found: list[SupportMeasure] = []
    for stored in measures:
        row = copy.copy(stored)
        for change in measure_changes(stored, known_at=known_at, below=below):
            outcome = MeasureOutcome(change.outcome)
            match outcome:
                case MeasureOutcome.DROPPED if change.from_year is not None:
                    row.last_year = change.from_year - 1
                case MeasureOutcome.NEW_TERMS:
                    row.last_year = change.last_year
                    if change.edition.in_force_from <= day:
                        row.total = change.total
                case MeasureOutcome.DROPPED | MeasureOutcome.UNCHANGED:
                    pass
                case _:
                    assert_never(outcome)
        found.append(row)
    return found


class WordingProposal(Proposed):
    """An official wording that one side puts forward for a first edition. Once the other confirms, it stands in it."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="wording_proposals")
    text = models.TextField(_("Text"))
    file_name = models.CharField(_("Imported from"), max_length=200)
    accepts_problems = models.BooleanField(default=False)
    notes = models.JSONField(
        default=list, blank=True
    )  # what in the file is none of the text: footnotes and the like

    class Meta(Proposed.Meta):
        ordering = ["pk"]
        constraints = [
            *Proposed.Meta.constraints,
            models.UniqueConstraint(
                fields=["edition"],
                condition=Q(state=ProposalState.PROPOSED),
                name="agreements_wordingproposal_one_open",
                violation_error_message=_("An official wording waits for the other side's answer already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition}: {self.file_name}"

    @property
    def center(self) -> Center:
        return self.edition.center

    def history_key(self) -> str:
        return self.edition.history_key()

    def history_label(self) -> str:
        return self.edition.history_label()


guards.declare(
    *lines_locked("ObligationChange", "edition_id", "agreements_edition", *BEFORE_BOTH),
    *lines_locked("MeasureChange", "edition_id", "agreements_edition", *BEFORE_BOTH),
    frozen_once("WordingProposal", ProposalState.CONFIRMED),
    *ways.proposal_way(
        "agreements.WordingProposal",
        center="(SELECT a.center_id FROM agreements_agreement a JOIN agreements_edition e ON e.agreement_id = a.id"
        " WHERE e.id = NEW.edition_id)",
        content=("edition", "text", "file_name", "accepts_problems"),
    ),
)
