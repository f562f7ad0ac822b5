"""One indicator on the sheet of a report: what was before, what is aimed at, proposed and entered, and in which words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext

from iconm_portal.display import template_tags
from iconm_portal.models import StoredFile
from iconm_portal.values.fiscal import FiscalYear
from kpi.models import Indicator, ReviewComment
from kpi.plans import labels, scorecard, texts
from kpi.plans.achievement import Achievement, Certainty, assess
from kpi.value_sources import check_messages, checks, suggested_texts
from kpi.value_sources.checks import CheckWarning, Known, WarningCode
from kpi.value_sources.entry_values import Entered
from kpi.value_sources.suggested_values import Proposal


def of_fact(fact: scorecard.ActualFact) -> Entered:
    """What a settled value says, as an entry."""
    return Entered(fact.value, fact.not_applicable, fact.certainty, fact.note)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A value of an earlier year, along the chain of indicators that continue each other; in base units."""

    year: FiscalYear
    value: Decimal
    certainty: Certainty
    as_of: date
    is_part_year: bool
    said: str = ""  # what the settlement or the register says of it by now


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One indicator on the sheet: what was before, what is aimed at, and what is entered."""

    indicator: Indicator
    fiscal_year: FiscalYear
    as_of: date
    nearly_threshold: Decimal | None
    is_baseline: bool
    year_runs: bool
    earlier: Earlier | None
    breaks: bool
    known: tuple[Known, ...]  # what else a cumulative has to fit
    target: Decimal | None
    moved_target: str  # in words, what it became after the year was judged
    accepted: scorecard.ActualFact | None
    stored: Entered
    is_stored: bool
    source: str
    files: tuple[StoredFile, ...]
    comments: tuple[ReviewComment, ...]
    before: (
        Entered | None
    )  # what the city saw last: when it returned the report, else the figures accepted before
    proposal: Proposal | None  # what the accounts or the register say; None for an indicator without a basis
    in_force: scorecard.Cell | None = (
        None  # what the scorecard makes of the stored value, where that is the one that holds
    )

    @property
    def words(self) -> "LineWords":
        """What pages and sheets write of it."""
        return LineWords(self)

    @property
    def proposed(self) -> "ProposalWords | None":
        """The proposal in words; None for an indicator without a basis."""
        return None if self.proposal is None else ProposalWords(self.proposal, self.indicator, self.stored)

    @property
    def is_reported(self) -> bool:
        return self.stored.value is not None or self.stored.not_applicable

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from what the city saw last."""
        return self.before is not None and bool(check_messages.differing(self.before, self.stored))

    @property
    def achievement(self) -> Achievement:
        """How the stored value stands against the year's target."""
        return assess(
            actual=self.stored.value,
            target=self.target,
            kind=self.indicator.kind,
            comparator=self.indicator.comparator,
            certainty=self.stored.certainty,
            is_baseline=self.is_baseline,
            not_applicable=self.stored.not_applicable,
            part_year=self.as_of < self.fiscal_year.last_day,
            year_runs=self.year_runs,
            nearly_threshold=self.nearly_threshold,
        )

    def warnings(self, entry: Entered, as_of: date) -> list[CheckWarning]:
        """What may be wrong with an entry for this indicator (`kpi.value_sources.checks`)."""
        # A part of a year says nothing about a whole one: 8件 by November are no yardstick for 5件 in March.
        earlier = None if self.earlier is None or self.earlier.is_part_year else self.earlier.value
        return checks.check_value(
            kind=self.indicator.kind,
            value=entry.value,
            certainty=entry.certainty,
            as_of=as_of,
            fiscal_year=self.fiscal_year,
            previous=earlier,
            target=self.target,
            note=entry.note,
            breaks=self.breaks,
            known=self.known,
            differs=self._differs(entry),
        )

    def _differs(self, entry: Entered) -> CheckWarning | None:
        if self.proposal is None or not self.proposal.differs(entry):
            return None
        params = {
            "proposed": suggested_texts.with_unit(self.proposal),
            "from": "accounts" if self.proposal.line else "register",
        }
        return CheckWarning(WarningCode.DIFFERS_FROM_PROPOSAL, params)


@dataclass(frozen=True, slots=True)
class LineWords:
    """A line as pages and sheets write it, in the indicator's own unit; empty where there is nothing to say."""

    line: EntryLine

    @property
    def kind(self) -> str:
        """The kind as its plan printed it (年額), otherwise by its own name; in English always by its name."""
        indicator = self.line.indicator
        printed = indicator.printed_kind.strip("()（） ")
        in_japanese = (get_language() or "ja").startswith("ja")
        return printed if printed and in_japanese else str(labels.KIND[indicator.kind])

    @property
    def earlier(self) -> str:
        """The earlier value: T3's 600百万円 beside an indicator in 千円 is 600,536."""
        return self._printed(self.line.earlier.value if self.line.earlier else None)

    @property
    def earlier_note(self) -> str:
        """Year, certainty and, within the year, the as-of day of the earlier value: R3 途中経過（R3.11末）; and what the
        settlement or the register says of it by now."""
        earlier = self.line.earlier
        if earlier is None:
            return ""
        words = f"{template_tags.fiscal_year_short(earlier.year)} {labels.CERTAINTY[earlier.certainty]}"
        if earlier.as_of != earlier.year.last_day:
            words += f" {template_tags.bracketed(template_tags.as_of_short(earlier.as_of))}"
        return pgettext("list", ", ").join(filter(None, [words, earlier.said]))

    @property
    def target(self) -> str:
        """The year's target."""
        return self._printed(self.line.target)

    @property
    def target_unit(self) -> str:
        """The unit as every page writes it behind a target: 件以下, %を維持."""
        one = self.line.indicator
        return texts.unit_and_comparator(one.unit, one.comparator, is_printed=one.prints_comparator)

    @property
    def stored(self) -> str:
        """The stored value as all pages show it, by the indicator's own rounding."""
        return self._printed(self.line.stored.value)

    @property
    def exact(self) -> str:
        """The stored value as it was entered, where rounding shows another one (505.794 beside 505)."""
        value = self.line.stored.value
        exact = "" if value is None else check_messages.figure(self.line.indicator, value)
        return exact if exact != self.stored else ""

    @property
    def certainty(self) -> str:
        """The stored certainty; empty where there is no value."""
        stored = self.line.stored
        return "" if stored.value is None else str(labels.CERTAINTY[stored.certainty])

    @property
    def verdict(self) -> SafeString:
        """How the stored value stands against the target, as sign, word and colour: as every page says it, once it holds."""
        cell = self.line.in_force
        return texts.chip(self.line.achievement.band) if cell is None else texts.verdict_chip(cell)

    @property
    def verdict_note(self) -> str:
        """What must stand beside the verdict; nothing before the value holds."""
        cell = self.line.in_force
        return "" if cell is None else texts.verdict_note(cell)

    @property
    def accepted(self) -> str:
        """What was accepted for this year before."""
        accepted = self.line.accepted
        return "" if accepted is None else check_messages.entered_text(self.line.indicator, of_fact(accepted))

    @property
    def changes(self) -> list[str]:
        """What is different from what the city saw last; nothing for a first report."""
        before = self.line.before
        if before is None:
            return []
        return check_messages.change_texts(self.line.indicator, before, self.line.stored)

    @property
    def warnings(self) -> list[str]:
        """The warnings about what is stored."""
        return self.warnings_of(self.line.stored, self.line.as_of)

    def warnings_of(self, entry: Entered, as_of: date) -> list[str]:
        """The warnings that stand at the value, as sentences."""
        year = self.line.earlier.year if self.line.earlier else None
        return [
            check_messages.warning_text(warning, self.line.indicator, year)
            for warning in self.line.warnings(entry, as_of)
            if warning.code not in check_messages.OF_THE_SHEET
        ]

    @property
    def lacking_reasons(self) -> list[str]:
        """Why the stored value is not handed in without a note; nothing where there is one."""
        line = self.line
        if line.stored.note.strip():
            return []
        year = line.earlier.year if line.earlier else None
        return [
            check_messages.reason_needed_text(warning, line.indicator, year)
            for warning in line.warnings(line.stored, line.as_of)
            if warning.code.needs_reason
        ]

    def _printed(self, value: Decimal | None) -> str:
        return "" if value is None else check_messages.printed(self.line.indicator, value)


@dataclass(frozen=True, slots=True)
class ProposalWords:
    """What the accounts or the register say of an indicator, and how what is stored stands to it."""

    proposal: Proposal
    indicator: Indicator
    stored: Entered

    @property
    def text(self) -> str:
        """What is proposed, in the display unit; empty where nothing can be."""
        return suggested_texts.value_text(self.proposal)

    @property
    def source(self) -> str:
        """Where it comes from, or why there is none."""
        return suggested_texts.source_text(self.proposal)

    @property
    def url(self) -> str:
        """Where it can be read; empty where there is nothing to read."""
        return suggested_texts.url(self.proposal, self.proposal.indicator.plan.center)

    @property
    def entry(self) -> str:
        """As it is typed into the sheet, exact to what can be entered (505.794 for 505百万円)."""
        return (
            "" if self.proposal.value is None else check_messages.figure(self.indicator, self.proposal.value)
        )

    @property
    def deviation(self) -> str:
        """How what is stored differs from it; empty where it does not."""
        value = self.stored.value
        if value is None or not self.proposal.differs(self.stored):
            return ""
        return suggested_texts.deviation_text(self.proposal, self.indicator, value)
