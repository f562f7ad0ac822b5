"""What each timing of an obligation means: when it falls due, in which years it is owed, and the words for both.

All that depends on a timing is asked here or of `Timing` itself, each question in one `match`; nothing is queried.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from agreements.editions.obligations import due_dates, rules
from agreements.editions.obligations.rules import Rule
from agreements.instruments.state import Facts
from agreements.models import Obligation, ObligationChange, Outcome, Timing
from iconm_portal.display import template_tags
from iconm_portal.values.fiscal import FiscalYear, era_date_short

# The calendar year in which something falls due, seen from the fiscal year that it concerns (its first one is 0).
OFFSETS: dict[int, Promise] = {
    -2: gettext_lazy("two years before the fiscal year begins"),
    -1: gettext_lazy("the year before the fiscal year begins"),
    0: gettext_lazy("the year in which the fiscal year begins"),
    1: gettext_lazy("the year after, in which the fiscal year ends"),
    2: gettext_lazy("two years after the fiscal year begins"),
    3: gettext_lazy("three years after the fiscal year begins"),
}
_MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True, slots=True)
class DueRule:
    """An obligation under its agreement, from fiscal years to days, as known on a day: each year under the rule that an
    amendment brought for it."""

    obligation: Obligation
    facts: Facts
    known_at: date

    def rule(self, year: FiscalYear) -> Rule:
        """The rule in force for the year that it concerns."""
        return rules.rule_of(self.obligation, year, known_at=self.known_at)

    def due(self, year: FiscalYear) -> due_dates.DueDate | None:
        """The day for the year that it concerns; None where no article prints one."""
        return self.rule(year).due(year)

    def is_owed(self, year: FiscalYear) -> bool:
        """Duties fall within the agreement's force: the year that they concern touches it, and none is due before it or
        after its last day (decision record 16)."""
        starts_on, last = self.facts.starts_on, self.facts.last_day(self.known_at)
        if (
            not self._concerns(year)
            or self.rule(year).is_dropped
            or year.last_day < starts_on
            or (last is not None and year.first_day > last)
        ):
            return False
        due = self.due(year)
        return due is None or (due.on >= starts_on and (last is None or due.on <= last))

    def _concerns(self, year: FiscalYear) -> bool:
        """Whether the rule asks for a duty of the year."""
        obligation = self.obligation
        match obligation.timing:
            case Timing.ONCE:
                once = FiscalYear.of(obligation.due_on or self.facts.starts_on)
                return year == (obligation.first_year or once)
            case Timing.YEARLY:
                is_begun = not obligation.first_year or year >= obligation.first_year
                return is_begun and (not obligation.last_year or year <= obligation.last_year)
            case Timing.CONTINUOUS | Timing.ON_REQUEST:
                return False  # it has no duty of its own accord
            case _:
                assert_never(obligation.timing)


def in_words(obligation: Obligation, year: FiscalYear) -> str:
    """When it falls due, with the day for one fiscal year as an example; for what is typed also while it is wrong."""
    if obligation.timing not in Timing.values:  # as typed
        return ""
    match obligation.timing:
        case Timing.ONCE:
            return (
                template_tags.era_date(obligation.due_on)
                if obligation.due_on
                else _("once, without a printed date")
            )
        case Timing.CONTINUOUS | Timing.ON_REQUEST:
            return obligation.get_timing_display()
        case Timing.YEARLY:
            return _yearly_in_words(obligation, year)
        case _:
            assert_never(obligation.timing)


def own_rule_in_words(
    obligation: Obligation, year: FiscalYear, *, changes: Iterable[ObligationChange]
) -> str:
    """The rule that it had before the amendments; the example is the year, or the last one for which that rule holds.

    What the amendments made of it is said beside it.
    """
    changed = [
        change.from_year for change in changes if change.from_year and change.outcome != Outcome.UNCHANGED
    ]
    return in_words(obligation, min([year, *(first.previous for first in changed)]))


def before_in_words(
    obligation: Obligation, year: FiscalYear, *, edition: int, change: ObligationChange | None
) -> list[str]:
    """What held of it before an amendment: its own rule, and what earlier amendments made of it; one sentence each.
    `change`: what this one makes of it."""
    settled = rules.settled_changes(obligation, known_at=date.max)
    earlier = [one for one in settled if one.edition.number < edition]
    own = own_rule_in_words(obligation, year, changes=[*earlier, *([change] if change else [])])
    return [own, *(change_in_words(one) for one in earlier if one.outcome != Outcome.UNCHANGED)]


def in_force_in_words(obligation: Obligation, year: FiscalYear, *, known_at: date) -> list[str]:
    """What holds of it in the year, and what amendments make of it from a later one on; one sentence each."""
    rule = rules.rule_of(obligation, year, known_at=known_at)
    later = [
        change_in_words(change)
        for change in rules.settled_changes(obligation, known_at=known_at)
        if change.from_year is not None and change.from_year > year and change.outcome != Outcome.UNCHANGED
    ]
    if rule.is_dropped:
        return [_("no longer asked for"), *later]
    # Without an example: an agreement that ends asks for nothing of the year any more.
    read = rules.under(obligation, rule)
    month, day = read.due_month, read.due_day
    if read.timing == Timing.YEARLY and month is not None and day is not None:
        return [_day_in_words(month, day, read.due_year_offset), *later]
    return [in_words(read, year), *later]


def _yearly_in_words(obligation: Obligation, year: FiscalYear) -> str:
    month, day, offset = obligation.due_month, obligation.due_day, obligation.due_year_offset
    if month is None or day is None:
        return _("every fiscal year, without a printed date")
    if not due_dates.exists(month, day) or offset not in OFFSETS:
        return ""
    due = due_dates.due_date(month=month, day=day, year_offset=offset, fiscal_year=year)
    said = _day_in_words(month, day, offset)
    return _("%(rule)s (for %(year)s: %(day)s)") % {
        "rule": said,
        "year": template_tags.fiscal_year(year),
        "day": template_tags.era_date(due.on),
    }


def _day_in_words(month: int, day: int, offset: int) -> str:
    """対象年度の前年の8月31日: the years as Japanese rules count them, from the fiscal year's number."""
    named = month if (get_language() or "ja").startswith("ja") else _MONTHS[month - 1]
    words = {"month": named, "day": day}
    match offset:
        case -2:
            return pgettext("due date", "%(day)s %(month)s two years before the fiscal year") % words
        case -1:
            return pgettext("due date", "%(day)s %(month)s of the year before the fiscal year") % words
        case 0:
            return pgettext("due date", "%(day)s %(month)s of the fiscal year's own year") % words
        case 1:
            return pgettext("due date", "%(day)s %(month)s of the year after the fiscal year's own") % words
        case 2:
            return pgettext("due date", "%(day)s %(month)s two years after the fiscal year's own") % words
    return pgettext("due date", "%(day)s %(month)s three years after the fiscal year's own") % words


def printed(obligation: Obligation) -> str:
    """How sheets say when it is due, relative to the fiscal year that it concerns; in Japanese, as all that is printed."""
    match obligation.timing:
        case Timing.ONCE:
            return era_date_short(obligation.due_on) if obligation.due_on else "1回限り"
        case Timing.CONTINUOUS:
            return "継続"
        case Timing.ON_REQUEST:
            return "求めに応じて"
        case Timing.YEARLY:
            return _yearly_printed(obligation)
        case _:
            assert_never(obligation.timing)


def _yearly_printed(obligation: Obligation) -> str:
    if obligation.due_month is None or obligation.due_day is None:
        return "毎年度"
    # The offset counts calendar years from the first of the fiscal year, which ends in the next one.
    year_of_due = obligation.due_year_offset - (1 if obligation.due_month < 4 else 0)
    which = {-1: "前年度の", 0: "当該年度の", 1: "翌年度の"}.get(year_of_due, f"{year_of_due:+d}年度の")
    return f"{which}{obligation.due_month}月{obligation.due_day}日まで"


def changes_in_words(obligation: Obligation, *, known_at: date) -> list[str]:
    """What amendments made of it, from which year on, as known on a day."""
    return [change_in_words(change) for change in rules.settled_changes(obligation, known_at=known_at)]


def change_in_words(change: ObligationChange) -> str:
    """What an amendment makes of an obligation, in a sentence."""
    year = change.from_year
    if year is None or change.outcome == Outcome.UNCHANGED:
        return _("It stays as it is.")
    words = {"year": template_tags.fiscal_year(year), "number": change.edition.number}
    if change.outcome == Outcome.DROPPED:
        return _("No longer asked for from %(year)s on (edition %(number)s).") % words
    rule = in_words(rules.under(change.obligation, rules.rule_from(change)), year)
    return _("From %(year)s on (edition %(number)s): %(rule)s") % (words | {"rule": rule})


def printed_with_changes(obligation: Obligation, *, known_at: date = date.max) -> str:
    """The same with what amendments made of it: 翌年度の5月31日まで、R9年度分から翌年度の6月30日まで."""
    parts = [printed(obligation)]
    for change in rules.settled_changes(obligation, known_at=known_at):
        if change.from_year is None:
            continue
        rule = rules.rule_from(change)
        then = "不要" if rule.is_dropped else printed(rules.under(obligation, rule))
        parts.append(f"{change.from_year.short}年度分から{then}")
    return "、".join(parts)


def why_none(timing: Timing) -> str:
    """Why a year has no duty of an obligation."""
    match timing:
        case Timing.CONTINUOUS:
            return _("Holds at all times; nothing falls due.")
        case Timing.ON_REQUEST:
            return _("Nothing was asked for in this year.")
        case Timing.YEARLY | Timing.ONCE:
            return _("None in this year.")
        case _:
            assert_never(timing)
