"""The KPI tables of the screen: the plan as the report prints it, and the lists behind an indicator.

The plan's table is built here as ready rows rather than by django-tables2: it has two rows of headings and groups,
and it must be drawn fast.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from iconm_portal import fiscal
from iconm_portal.fiscal import FiscalYear
from iconm_portal.templatetags import portal
from kpi import labels, phrases
from kpi.achievement import Band, Certainty
from kpi.addresses import Addresses
from kpi.cells import joined, number, td
from kpi.facts import IndicatorFacts
from kpi.provenance import TargetRevision
from kpi.scorecard import Board, Cell, Row, Scorecard, Segment
from kpi.sources import in_words

# In which order a reader wants to see verdicts: what needs attention first.
ATTENTION = (
    Band.NOT_MET,
    Band.NEARLY,
    Band.INTERIM,
    Band.UNREPORTED,
    Band.NO_TARGET,
    Band.NOT_APPLICABLE,
    Band.MET,
    Band.BASELINE,
)
SORTS = ("position", "rate", "-rate", "band")


@dataclass(frozen=True, slots=True)
class PlanRow:
    name: str
    url: str
    kind: str
    is_new: bool
    break_note: str
    goal: str
    significance: str
    cells: SafeString


@dataclass(frozen=True, slots=True)
class PlanGroup:
    label: str
    rows: tuple[PlanRow, ...]


@dataclass(frozen=True, slots=True)
class PlanTable:
    """T1 and T3 on screen: groups by goal, or one group without a label when sorted otherwise."""

    baseline: str
    years: tuple[str, ...]
    columns: int
    groups: tuple[PlanGroup, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A year of the table; the words that name its cells on a narrow screen. A baseline has no target."""

    year: FiscalYear
    target: str | None
    actual: str


def plan_table(
    board: Board,
    plan: Scorecard,
    to: Addresses,
    *,
    years: tuple[FiscalYear, ...],
    goal: str = "",
    sort: str = "position",
    focus: FiscalYear,
) -> PlanTable:
    """The plan's own figures for these years; `goal` is a goal's code, `focus` the year that rate and band sort by."""
    groups = [group for group in plan.goals if not goal or group.goal.code == goal]
    columns = _columns(plan, years)
    shown = [
        (
            group.goal.label,
            [(row, _plan_row(board, plan, row, group.goal.label, columns, to)) for row in group.rows],
        )
        for group in groups
    ]
    if sort != "position":
        ordered = sorted((pair for _label, rows in shown for pair in rows), key=_key(sort, focus))
        shown = [("", ordered)]
    return PlanTable(
        baseline=_baseline_heading(plan),
        years=tuple(phrases.year_label(year) for year in years),
        columns=1 + bool(plan.baseline_year) + 2 * len(years),
        groups=tuple(PlanGroup(label, tuple(made for _row, made in rows)) for label, rows in shown),
    )


def _key(sort: str, focus: FiscalYear) -> Callable[[tuple[Row, PlanRow]], tuple[Any, ...]]:
    """By the focus year's rate or band; sorting is stable, so ties keep the plan's order. Never by a name."""

    def by_rate(pair: tuple[Row, PlanRow]) -> tuple[bool, Decimal]:
        rate = pair[0].cell(focus).achievement.rate
        return (rate is None, Decimal(0) if rate is None else rate if sort == "rate" else -rate)

    def by_band(pair: tuple[Row, PlanRow]) -> tuple[int]:
        return (ATTENTION.index(pair[0].cell(focus).band),)

    return by_band if sort == "band" else by_rate


def _baseline_heading(plan: Scorecard) -> str:
    """As T1 prints it: the day of the baseline's report."""
    if plan.baseline_year is None:
        return ""
    report = plan.reports.get(plan.baseline_year)
    if report is None:
        return phrases.year_label(plan.baseline_year)
    return fiscal.as_of_text(report.as_of, get_language() or "ja")


def _plan_row(
    board: Board, plan: Scorecard, row: Row, goal: str, columns: list[Column], to: Addresses
) -> PlanRow:
    indicator = row.indicator
    life = board.life_of(indicator)
    place = next(number for number, segment in enumerate(life) if segment.row is row)
    target_unit = phrases.target_unit(indicator)
    cells = []
    for column in columns:
        cell = row.cell(column.year)
        if column.target is not None:
            cells.append(_target_cell(indicator, cell, column.target, target_unit))
        cells.append(_actual_cell(indicator, cell, column.actual))
    return PlanRow(
        name=indicator.name,
        url=to.indicator(plan, row),
        kind=phrases.kind_badge(indicator),
        is_new=indicator.is_new,
        break_note=phrases.break_note(life[place], life[place - 1] if place else None),
        goal=goal,
        significance=indicator.significance,
        cells=joined(cells),
    )


def _columns(plan: Scorecard, years: tuple[FiscalYear, ...]) -> list[Column]:
    columns = [Column(plan.baseline_year, None, escape(_("Baseline")))] if plan.baseline_year else []
    for year in years:
        said = {"year": phrases.year_short(year)}
        columns.append(Column(year, escape(_("Target %(year)s") % said), escape(_("Actual %(year)s") % said)))
    return columns


def _target_cell(indicator: IndicatorFacts, cell: Cell, label: str, unit: str) -> str:
    if cell.target is None:
        return td("num target", label, "")
    note = escape(_("revised")) if cell.target.revision > 1 else ""
    return td("num target", label, number(indicator.text(cell.target.value), unit), note)


def _actual_cell(indicator: IndicatorFacts, cell: Cell, label: str) -> str:
    css = "num baseline" if cell.is_baseline else "num actual"
    if cell.value is None or cell.actual is None:
        note = escape(cell.actual.note) if cell.actual else ""
        return td(f"{css} absent", label, escape(phrases.absent(cell)), note)
    content = number(indicator.text(cell.value), indicator.unit) + phrases.mark(cell.band)
    return td(css, label, content, escape(_standing_note(cell)))


def _standing_note(cell: Cell) -> str:
    """As-of and certainty, unless it is simply the final value at the year's end; a baseline's day is in the heading."""
    if cell.actual is None:
        return ""
    if cell.is_baseline:
        return str(labels.CERTAINTY[cell.actual.certainty])
    if cell.actual.certainty == Certainty.FINAL and cell.actual.as_of == cell.year.last_day:
        return ""
    return phrases.as_of(cell.actual)


# The lists


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan in the list of plans."""

    plan: SafeString
    period: str
    agreement: str
    indicators: int
    state: str
    verdicts: SafeString


def plan_lines(board: Board, to: Addresses, *, today: date) -> list[PlanLine]:
    """The plans of a center, the newest first."""
    return [
        PlanLine(
            plan=_link(to.plan(plan), plan.label, japanese=True),
            period=phrases.period(plan),
            agreement=plan.agreement,
            indicators=len(plan.rows),
            state=_plan_state(plan, today),
            verdicts=_verdicts(plan, today),
        )
        for plan in reversed(board.plans)
    ]


def _plan_state(plan: Scorecard, today: date) -> str:
    if plan.has_ended(today):
        return _("Ended")
    return _("Running") if plan.first_year <= FiscalYear.of(today) else _("To come")


def _verdicts(plan: Scorecard, today: date) -> SafeString:
    if not plan.reported_years:
        return format_html("{}", _("No report yet"))
    year = plan.focus_year(today)
    chips = SafeString("").join(
        format_html("<li>{} {}</li>", chip, number) for chip, number in phrases.tally(plan.counts(year))
    )
    return format_html(
        '<span class="sub">{}</span><ul class="tally tally--tight">{}</ul>',
        phrases.year_label(year),
        SafeString(chips),
    )


def _link(url: str, text: str, *, japanese: bool = False) -> SafeString:
    language = SafeString(' lang="ja"') if japanese else ""
    return format_html('<a href="{}"{}>{}</a>', url, language, text)


def _japanese(text: str) -> SafeString:
    """Data stays Japanese in every interface, and says so."""
    return format_html('<span lang="ja">{}</span>', text) if text else SafeString("")


class PlansTable(tables.Table):
    """The plans with their periods and states."""

    plan = tables.Column(verbose_name=gettext_lazy("Plan"))
    period = tables.Column(verbose_name=gettext_lazy("Period"))
    state = tables.Column(verbose_name=gettext_lazy("State"))
    indicators = tables.Column(
        verbose_name=gettext_lazy("Indicators"), attrs={"th": {"class": "num"}, "td": {"class": "num"}}
    )
    verdicts = tables.Column(verbose_name=gettext_lazy("Verdicts of the last reported year"))
    agreement = tables.Column(verbose_name=gettext_lazy("Agreement"), default="")

    caption = gettext_lazy("Plans")

    class Meta:
        orderable = False
        attrs = {"class": "table--stack table--top"}
        empty_text = gettext_lazy(
            "No plan with targets is registered for this center yet. An administrator loads it with the reference data."
        )

    def render_agreement(self, value: str) -> SafeString:
        return _japanese(value)


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A year of an indicator in one plan, with everything that is known about it."""

    year: SafeString
    target: str
    actual: SafeString
    rate: str
    verdict: SafeString
    origin: SafeString


def figure_lines(life: list[Segment], files: dict[tuple[int, int], int], to: Addresses) -> list[FigureLine]:
    """All years of all plans in the indicator's life, oldest first, each value in its own plan's unit."""
    newest = life[-1].row.indicator
    lines = []
    for segment in life:
        indicator = segment.row.indicator
        for cell in segment.row.cells:
            if cell.target is None and cell.actual is None and cell.is_baseline:
                continue
            actual = cell.actual
            shown = phrases.value(indicator, cell)
            if cell.value is not None and indicator.unit != newest.unit and indicator.kind == newest.kind:
                shown = _("%(value)s (%(converted)s)") % {
                    "value": shown,
                    "converted": phrases.quantity(newest.text(cell.value), newest.unit),
                }
            lines.append(
                FigureLine(
                    year=_two_lines(phrases.year_label(cell.year), _japanese(segment.plan.label)),
                    target=_target_with_revision(segment, cell),
                    actual=_two_lines(
                        shown, phrases.as_of(actual) if actual and cell.value is not None else ""
                    ),
                    rate=phrases.comparison(indicator, cell),
                    verdict=_verdict(cell),
                    origin=_behind(segment, cell, files, to),
                )
            )
    return lines


def _target_with_revision(segment: Segment, cell: Cell) -> str:
    if cell.target is None:
        return ""
    text = phrases.target(segment.row.indicator, cell)
    if cell.target.revision == 1:
        return text
    return _("%(target)s (revision %(number)s)") % {"target": text, "number": cell.target.revision}


def _two_lines(first: str, second: str) -> SafeString:
    """In one element, so that a narrow screen keeps them together."""
    if not second:
        return format_html("{}", first)
    return format_html('<span>{}<span class="sub">{}</span></span>', first, second)


def _verdict(cell: Cell) -> SafeString:
    return _two_lines(phrases.chip(cell.band), phrases.verdict_note(cell))


def _behind(segment: Segment, cell: Cell, files: dict[tuple[int, int], int], to: Addresses) -> SafeString:
    """The report with who stands behind it, and how many files it has for this value."""
    report = segment.plan.reports.get(cell.year)
    if report is None or cell.actual is None:
        return SafeString("")
    url = to.report(cell.year, report.id)
    number = files.get((report.id, segment.row.indicator.id), 0)
    source = in_words(cell.actual.source) if cell.actual.source else ""
    behind = _("taken from %(source)s") % {"source": source} if source else phrases.behind(report)
    lines = [behind]
    if number:
        lines.append(_("Files: %(number)s") % {"number": number})
    if report.reason:
        lines.append(_("Corrected: %(reason)s") % {"reason": report.reason})
    if cell.actual.note:
        lines.append(_("Note: %(note)s") % {"note": cell.actual.note})
    subs = format_html_join("", '<span class="sub" lang="ja">{}</span>', ((line,) for line in lines))
    link = _link(url, _("Report as of %(day)s") % {"day": portal.as_of_short(report.as_of)})
    return format_html("<span>{}{}</span>", link, subs)


class FiguresTable(tables.Table):
    """Every year of an indicator through all plans."""

    year = tables.Column(verbose_name=gettext_lazy("Fiscal year"))
    target = tables.Column(
        verbose_name=gettext_lazy("Target"), attrs={"th": {"class": "num"}, "td": {"class": "num"}}
    )
    actual = tables.Column(
        verbose_name=gettext_lazy("Actual (as of, certainty)"),
        attrs={"th": {"class": "num"}, "td": {"class": "num"}},
    )
    rate = tables.Column(
        verbose_name=gettext_lazy("Rate"), attrs={"th": {"class": "num"}, "td": {"class": "num rate-cell"}}
    )
    verdict = tables.Column(verbose_name=gettext_lazy("Verdict"))
    origin = tables.Column(verbose_name=gettext_lazy("Where it comes from"))

    caption = gettext_lazy("All years")

    class Meta:
        orderable = False
        attrs = {"class": "table--stack table--top table--headed"}
        default = ""


@dataclass(frozen=True, slots=True)
class RevisionLine:
    year: str
    revision: int
    target: str
    known_from: str
    reason: SafeString
    decided: SafeString
    state: str


def revision_lines(revisions: Iterable[TargetRevision]) -> list[RevisionLine]:
    """Every revision of every target, with its reason; what was replaced stays."""
    return [
        RevisionLine(
            year=phrases.year_label(revision.year),
            revision=revision.revision,
            target=phrases.quantity(
                revision.segment.row.indicator.text(revision.value),
                phrases.target_unit(revision.segment.row.indicator),
            ),
            known_from=portal.era_date(revision.known_from),
            reason=_japanese(revision.reason),
            decided=_japanese(revision.consultation or revision.recorded_by or in_words(revision.source)),
            state=_("in force") if revision.in_force else _("replaced"),
        )
        for revision in revisions
    ]


class RevisionsTable(tables.Table):
    """Targets with all their revisions."""

    year = tables.Column(verbose_name=gettext_lazy("Fiscal year"))
    target = tables.Column(
        verbose_name=gettext_lazy("Target"), attrs={"th": {"class": "num"}, "td": {"class": "num"}}
    )
    revision = tables.Column(
        verbose_name=gettext_lazy("Revision"), attrs={"th": {"class": "num"}, "td": {"class": "num"}}
    )
    state = tables.Column(verbose_name=gettext_lazy("State"))
    known_from = tables.Column(verbose_name=gettext_lazy("Known from"))
    reason = tables.Column(verbose_name=gettext_lazy("Reason"))
    decided = tables.Column(verbose_name=gettext_lazy("Recorded by, or source"))

    caption = gettext_lazy("Targets and their revisions")

    class Meta:
        orderable = False
        attrs = {"class": "table--stack table--headed"}
        default = ""


def legend(plan: Scorecard) -> list[tuple[SafeString, str]]:
    """The marks that occur in the plan's table, with their words."""
    found = {cell.band for row in plan.rows for cell in row.cells}
    verdicts = (Band.MET, Band.NEARLY, Band.NOT_MET, Band.INTERIM)
    return [(phrases.mark(band), str(labels.BAND[band])) for band in verdicts if band in found]
