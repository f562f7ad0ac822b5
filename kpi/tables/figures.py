"""The lists behind an indicator: its figures year by year, and its target's revisions."""

from collections.abc import Iterable
from dataclasses import dataclass

import django_tables2 as tables
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.templatetags import portal
from kpi import phrases
from kpi.addresses import Addresses
from kpi.cells import japanese, link
from kpi.provenance import TargetRevision
from kpi.scorecard import Cell, Segment
from kpi.sources import in_words


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
                    year=_two_lines(phrases.year_label(cell.year), japanese(segment.plan.label)),
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
    report_link = link(url, _("Report as of %(day)s") % {"day": portal.as_of_short(report.as_of)})
    return format_html("<span>{}{}</span>", report_link, subs)


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
            reason=japanese(revision.reason),
            decided=japanese(revision.consultation or revision.recorded_by or in_words(revision.source)),
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
