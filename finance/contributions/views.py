"""Contributions: what was granted beside what was drawn, and the rule that limited each year's amount."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from agreements.support import limits, texts
from agreements.support.texts import thousands
from finance.contributions import contribution_balance as drawn
from finance.contributions import texts as contribution_texts
from finance.contributions.contribution_balance import MeasureDrawn, YearDrawn
from iconm_portal.display.template_tags import chip
from iconm_portal.history.as_of_switch import KnownOn
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.values import clock


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year of a contribution in words; amounts in 千円."""

    year: YearDrawn
    budget: str
    settled: str
    drawn: str
    in_ledger: str
    difference: str
    rule: str
    chip: SafeString | str
    checks: tuple[str, ...]
    blank: str
    no_ledger: str


@dataclass(frozen=True, slots=True)
class Section:
    """A contribution with its years."""

    drawn: MeasureDrawn
    period: str
    limit: str
    sum: str
    chip: SafeString | str
    rows: tuple[YearRow, ...]

    @property
    def has_budget(self) -> bool:
        return any(row.budget for row in self.rows)

    @property
    def has_ledger(self) -> bool:
        return any(row.in_ledger or row.year.is_ledger_hidden for row in self.rows)


@center_view(Right.SEE_SETTLED)
@require_safe
def contributions(request: HttpRequest, center: Center) -> HttpResponse:
    """Every contribution year by year, as known today or on an earlier day."""
    as_known_on = KnownOn(request.GET, today=clock.today())
    found = drawn.load(person(request), center, known_at=as_known_on.day)
    context = {
        "as_known_on": as_known_on,
        "day": as_known_on.day,
        "finding": contribution_texts.finding(found),
        "sections": [_section(measure) for measure in found],
        "notes": contribution_texts.rule_notes(found),
    }
    return render(request, "finance/contributions/list.html", context)


def _section(measure: MeasureDrawn) -> Section:
    period, is_partial = measure.period_check, bool(measure.uncounted_years or measure.hidden_years)
    how = texts.chip_of(period, is_allowed=measure.is_allowed, is_partial=is_partial)
    return Section(
        drawn=measure,
        period=texts.period(measure.measure),
        limit=texts.limit_in_words(measure.measure),
        sum=texts.joined([contribution_texts.sum_text(measure), texts.end_in_words(measure.measure)]),
        chip=chip(*how) if period else "",
        rows=tuple(_row(measure, year) for year in measure.years),
    )


def _row(measure: MeasureDrawn, year: YearDrawn) -> YearRow:
    is_partial = year.is_ledger_hidden and year.line is None
    kind, word = texts.chip_of(limits.worst(year.checks), is_allowed=year.is_allowed, is_partial=is_partial)
    return YearRow(
        year=year,
        budget=thousands(year.budget.amount) if year.budget else "",
        settled=thousands(year.settled.amount) if year.settled else "",
        drawn=thousands(year.line.amount) if year.line else "",
        in_ledger=thousands(year.in_ledger) if year.in_ledger is not None else "",
        difference=contribution_texts.difference_text(year),
        rule=contribution_texts.rule_name(measure, year),
        chip=chip(kind, word) if kind else "",
        checks=tuple(contribution_texts.check_texts(year)),
        blank=texts.blank_word(year.blank),
        no_ledger=contribution_texts.no_ledger_word(year),
    )
