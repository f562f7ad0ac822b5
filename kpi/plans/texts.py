"""How a KPI fact is said: one wording for the home page, the plan page, the indicator page and their charts.

What is found of the facts as a whole is said in `kpi.plans.findings`. Pure: facts of the scorecard in, words in the reader's
language out. Names, units and notes are data and stay Japanese.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise
from typing import assert_never

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from iconm_portal.display import template_tags
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import Rounding, format_number
from kpi.plans import labels
from kpi.plans.achievement import Band, Certainty, Comparator, Kind, Reason
from kpi.plans.facts import ActualFact, IndicatorFacts, ReportFact
from kpi.plans.scorecard import Cell, Scorecard, Segment
from kpi.plans.sources import in_words

CHIPS = {
    Band.MET: "met",
    Band.NEARLY: "nearly",
    Band.NOT_MET: "not-met",
    Band.INTERIM: "interim",
    Band.UNREPORTED: "unreported",
    Band.NOT_APPLICABLE: "neutral",
    Band.NO_TARGET: "neutral",
    Band.BASELINE: "neutral",
}


def _language() -> str:
    return get_language() or "ja"


def year_label(year: FiscalYear) -> str:
    """令和4年度, or FY2022."""
    return _year_label(year.start, _language())


# What a table repeats in every row is put into words once. Years, days and bands are few.
@lru_cache(maxsize=512)
def _year_label(start: int, language: str) -> str:
    return FiscalYear(start).label(language)


def year_short(year: FiscalYear) -> str:
    """R4, or FY2022."""
    return _year_short(year.start, _language())


@lru_cache(maxsize=512)
def _year_short(start: int, language: str) -> str:
    return template_tags.fiscal_year_short(FiscalYear(start))


def period(plan: Scorecard) -> str:
    """令和4年度〜令和7年度, or FY2022–FY2025."""
    return template_tags.span(year_label(plan.first_year), year_label(plan.last_year))


def quantity(number: str, unit: str) -> str:
    """A number with its unit, as it stands in a sentence: 12件, or “12 件” in English."""
    return pgettext("number and unit", "%(number)s %(unit)s") % {"number": number, "unit": unit}


def value(indicator: IndicatorFacts, cell: Cell) -> str:
    """The reported value with its unit, 「－」 or “not reported”."""
    if cell.value is not None:
        return quantity(indicator.text(cell.value), indicator.unit)
    return absent(cell)


def absent(cell: Cell) -> str:
    """What stands where there is no value: 「－」 is not 未報告."""
    return "－" if cell.actual and cell.actual.not_applicable else _unreported_word(_language())


@cache
def _unreported_word(language: str) -> str:
    return str(labels.BAND[Band.UNREPORTED])


def target_unit(indicator: IndicatorFacts) -> str:
    """The unit behind a target, with the comparator where the reader would not expect it (28%以上, 3件以下)."""
    return unit_and_comparator(indicator.unit, indicator.comparator, is_printed=indicator.prints_comparator)


def unit_and_comparator(unit: str, comparator: Comparator, *, is_printed: bool) -> str:
    """件以下, %を維持; 以上 only where the plan prints it."""
    match comparator:
        case Comparator.AT_MOST:
            return _("%(unit)s or less") % {"unit": unit}
        case Comparator.MAINTAIN:
            return _("%(unit)s maintained") % {"unit": unit}
        case Comparator.AT_LEAST:
            return _("%(unit)s or more") % {"unit": unit} if is_printed else unit
        case _:
            assert_never(comparator)


def target(indicator: IndicatorFacts, cell: Cell) -> str:
    """The target that the year is judged by, with unit and comparator; empty where there is none."""
    return "" if cell.target is None else target_value(indicator, cell.target.value)


def target_value(indicator: IndicatorFacts, value: Decimal) -> str:
    """A target with unit and comparator, as it stands wherever one is: 90%を維持, 2件以下."""
    return quantity(indicator.text(value), target_unit(indicator))


def quoted_target(indicator: IndicatorFacts, value: Decimal) -> str:
    """The same within a sentence, where “90 % maintained” would not read without marks."""
    text = target_value(indicator, value)
    if indicator.comparator.is_ceiling or target_unit(indicator) == indicator.unit:
        return text
    return pgettext("target in a sentence", "“%(target)s”") % {"target": text}


def moved_mark(cell: Cell) -> str:
    """「目標変更あり」 beside a verdict whose target was changed afterwards; empty for all others."""
    return pgettext("beside a verdict", "target changed") if cell.moved else ""


def moved_target(indicator: IndicatorFacts, cell: Cell) -> str:
    """What the target is now, since when, and the verdict that it would give; empty where it did not change."""
    moved = cell.moved
    if moved is None:
        return ""
    words = {
        "day": template_tags.era_date_short(moved.target.since),
        "target": target_value(indicator, moved.target.value),
        "verdict": expected(moved.achievement.band)
        if moved.achievement.is_forecast
        else labels.BAND[moved.achievement.band],
    }
    if not moved.has_verdict:
        return _("Target since %(day)s: %(target)s") % words
    return _("Target since %(day)s: %(target)s (by it: %(verdict)s)") % words


def moved_sentence(indicator: IndicatorFacts, cell: Cell) -> str:
    """The same as a sentence that says by which target the year is judged."""
    if cell.moved is None:
        return ""
    words = {"now": moved_target(indicator, cell), "target": target(indicator, cell)}
    if cell.target is None:
        return _("The target was set after the result was accepted. %(now)s.") % words
    return (
        _("The target was changed after the result was accepted; the verdict stays by %(target)s. %(now)s.")
        % words
    )


def kind_badge(indicator: IndicatorFacts) -> str:
    """The kind as its plan printed it (年額), otherwise by its own name; in English always by its name."""
    return kind_words(indicator.printed_kind, indicator.kind)


def kind_words(printed_kind: str, kind: Kind) -> str:
    """The same for what is not (yet) an indicator of the scorecard."""
    return _kind_badge(printed_kind, kind, _language())


@lru_cache(maxsize=512)
def _kind_badge(printed_kind: str, kind: Kind, language: str) -> str:
    printed = printed_kind.strip("()（） ")
    return printed if printed and language.startswith("ja") else str(labels.KIND[kind])


def as_of(actual: ActualFact) -> str:
    """The as-of day and the certainty: R3.11末・途中経過."""
    return _as_of(actual.as_of, actual.certainty, _language())


@lru_cache(maxsize=512)
def _as_of(day: date, certainty: Certainty, language: str) -> str:
    return _("%(day)s, %(certainty)s") % {
        "day": template_tags.as_of_short(day),
        "certainty": labels.CERTAINTY[certainty],
    }


def chip(band: Band) -> SafeString:
    """The band as sign, word and colour."""
    return _chip(band, _language())


@cache
def _chip(band: Band, language: str) -> SafeString:
    return template_tags.chip(CHIPS[band], str(labels.BAND[band]))


def expected_chip(band: Band) -> SafeString:
    """A verdict that rests on a settlement forecast."""
    return template_tags.chip("interim", expected(band))


def expected(band: Band) -> str:
    """The same in words."""
    return _("%(verdict)s (by forecast)") % {"verdict": labels.BAND[band]}


def contradicted_word(*, by_register: bool) -> str:
    """In a verdict's place where what the value was taken from gives another one than the reported value."""
    return _("differs from the register") if by_register else _("differs from the settlement")


def contradicted_chip(*, by_register: bool) -> SafeString:
    """The same as a chip."""
    return template_tags.chip("warning", contradicted_word(by_register=by_register))


def verdict_chip(cell: Cell) -> SafeString:
    """The verdict, where one is claimed."""
    if cell.is_contradicted:
        return contradicted_chip(by_register=cell.is_contradicted_by_register)
    return chip(cell.band)


def verdict_mark(cell: Cell) -> SafeString:
    """The verdict's sign alone, where one is claimed."""
    if not cell.is_contradicted:
        return mark(cell.band)
    return format_html(
        '<span class="mark mark--warning"><span aria-hidden="true">!</span><span class="visually-hidden">{}</span></span>',
        contradicted_word(by_register=cell.is_contradicted_by_register),
    )


def beside_value(cell: Cell) -> str:
    """What the settlement or the register says of a value by now, where it says something else; otherwise nothing."""
    return cell.correction.said if cell.correction else ""


def mark(band: Band) -> SafeString:
    """The verdict's sign alone, for a table whose legend explains it; the word is there for who cannot see it."""
    return _mark(band, _language())


@cache
def _mark(band: Band, language: str) -> SafeString:
    sign = template_tags.SIGNS.get(CHIPS[band])
    if sign is None:
        return SafeString("")
    return format_html(
        '<span class="mark mark--{}"><span aria-hidden="true">{}</span><span class="visually-hidden">{}</span></span>',
        CHIPS[band],
        sign,
        labels.BAND[band],
    )


def verdict_note(cell: Cell) -> str:
    """What must stand beside a verdict: that it rests on a forecast, that its target was changed since."""
    notes = []
    if cell.actual and cell.achievement.is_forecast:
        notes.append(str(labels.CERTAINTY[cell.actual.certainty]))
    if cell.moved:
        notes.append(moved_mark(cell))
    return pgettext("list", ", ").join(notes)


def rate(indicator: IndicatorFacts, cell: Cell) -> str:
    """The rate in percent, or under 以下 by how much the value differs from the target; empty where there is neither."""
    achievement = cell.achievement
    if achievement.difference is not None:
        return signed(indicator, achievement.difference)
    if achievement.rate is None:
        return ""
    return quantity(format_number(achievement.rate, 1), "%")


def signed(indicator: IndicatorFacts, difference: Decimal) -> str:
    """A difference in the display unit with its sign and unit: +1件, ±0件, ▲1.5ポイント."""
    sign = "+" if difference > 0 else "" if difference else "±"
    number = f"{sign}{format_number(difference)}"
    if indicator.kind.is_percentage:
        return _("%(number)s points") % {"number": number}
    return quantity(number, indicator.unit)


def comparison(indicator: IndicatorFacts, cell: Cell) -> str:
    """The rate (under 以下 the difference), or why the value is not set against its target."""
    if cell.value is None or cell.is_baseline:
        return ""
    if cell.achievement.reason == Reason.PART_YEAR_FLOW:
        return _("Not compared: only part of the year")
    if cell.target is None:
        return _("No target for this year")
    return rate(indicator, cell)


def break_note(segment: Segment, before: Segment | None) -> str:
    """R4から累計→年間に変更; empty for an indicator that keeps its definition."""
    if before is None or not segment.breaks_before:
        return ""
    old, new = before.row.indicator, segment.row.indicator
    year = year_short(segment.plan.first_year)
    if old.kind == new.kind:
        return _("From %(year)s counted differently") % {"year": year}
    return _("From %(year)s %(new)s instead of %(old)s") % {
        "year": year,
        "new": kind_badge(new),
        "old": kind_badge(old),
    }


def behind(report: ReportFact) -> str:
    """Who stands behind a report: the people, or the source that it was taken from."""
    if report.accepted_by:
        return _("entered by %(entered)s, accepted by %(accepted)s") % {
            "entered": report.submitted_by,
            "accepted": report.accepted_by,
        }
    return _("taken from %(source)s") % {"source": in_words(report.source)}


def chart_caption(life: list[Segment]) -> str:
    """What the chart shows, and where it may not be read as one line."""
    first, newest = life[0], life[-1]
    years = template_tags.span(year_label(first.row.cells[0].year), year_label(newest.plan.last_year))
    caption = _("Actuals and targets %(years)s") % {"years": years}
    notes = [break_note(after, before) for before, after in pairwise(life)]
    broken = [note for note in notes if note]
    if not broken:
        return caption
    return _("%(caption)s. %(breaks)s: not comparable across the break.") % {
        "caption": caption,
        "breaks": pgettext("between parts of a sentence", ", ").join(broken),
    }


@dataclass(frozen=True, slots=True)
class ContinuityNote:
    """How an indicator follows the one before it, and the reason recorded for that judgement."""

    is_break: bool
    text: str
    reason: str


def continuities(life: list[Segment]) -> list[ContinuityNote]:
    """A note for each step from plan to plan."""
    notes = []
    for before, after in pairwise(life):
        said = {
            "new": after.row.indicator.name,
            "old": before.row.indicator.name,
            "plan": before.plan.label,
            "year": year_label(after.plan.first_year),
        }
        text = (
            _(
                "From %(year)s on it is counted differently from “%(old)s” in “%(plan)s”: the two are not comparable."
            )
            if after.breaks_before
            else _("From %(year)s on it continues “%(old)s” of “%(plan)s”.")
        )
        notes.append(ContinuityNote(after.breaks_before, text % said, after.row.indicator.continuity_reason))
    return notes


def definition(indicator: IndicatorFacts) -> list[tuple[str, str]]:
    """What the number means: kind, unit, when a target is met, how it is rounded."""
    digits = (
        ngettext(
            "shown with at most %(decimals)s decimal",
            "shown with at most %(decimals)s decimals",
            indicator.decimals,
        )
        % {"decimals": indicator.decimals}
        if indicator.decimals
        else _("shown as a whole number")
    )
    mode = {Rounding.HALF_UP: _("rounded half up"), Rounding.TRUNCATE: _("the rest is cut off")}[
        indicator.rounding
    ]
    rounding = _("%(digits)s, %(mode)s") % {"digits": digits, "mode": mode}
    met = {
        Comparator.AT_LEAST: _("when the actual is not below it"),
        Comparator.AT_MOST: _("when the actual is not above it"),
        Comparator.MAINTAIN: _("when the actual does not fall below it (the level is maintained)"),
    }[indicator.comparator]
    return [
        (_("Way of counting"), str(labels.KIND_MEANING[indicator.kind])),
        (_("Unit"), indicator.unit),
        (_("Target is met"), met),
        (_("Rounding"), rounding),
    ]
