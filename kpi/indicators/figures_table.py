"""The lists behind an indicator: its figures year by year, and its target's revisions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.templatetags import portal
from kpi.indicators.provenance import Standing, TargetRevision
from kpi.plans import texts
from kpi.plans.addresses import Addresses
from kpi.plans.cells import japanese, link
from kpi.plans.scorecard import Cell, Segment
from kpi.plans.sources import in_words


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A year of an indicator in one plan, with everything that is known about it."""

    year: SafeString
    target: str
    actual: SafeString
    rate: str
    verdict: SafeString
    origin: SafeString


def figure_lines(
    life: list[Segment], files: dict[tuple[int, int], int], to: Addresses, counted: Collection[int] = ()
) -> list[FigureLine]:
    """All years of all plans in the indicator's life, oldest first, each value in its own plan's unit. `counted` are
    the ids of the indicators whose values lead to the things counted in the register."""
    newest = life[-1].row.indicator
    lines = []
    for segment in life:
        indicator = segment.row.indicator
        for cell in segment.row.cells:
            if cell.target is None and cell.actual is None and cell.is_baseline:
                continue
            actual = cell.actual
            shown = texts.value(indicator, cell)
            if cell.value is not None and indicator.unit != newest.unit and indicator.kind == newest.kind:
                shown = _("%(value)s (%(converted)s)") % {
                    "value": shown,
                    "converted": texts.quantity(newest.text(cell.value), newest.unit),
                }
            lines.append(
                FigureLine(
                    year=_two_lines(texts.year_label(cell.year), japanese(segment.plan.label)),
                    target=_target_with_revision(segment, cell),
                    actual=_two_lines(
                        shown, texts.as_of(actual) if actual and cell.value is not None else ""
                    ),
                    rate=texts.comparison(indicator, cell),
                    verdict=_verdict(cell),
                    origin=_behind(segment, cell, files, to, is_counted=indicator.id in counted),
                )
            )
    return lines


def _target_with_revision(segment: Segment, cell: Cell) -> str:
    if cell.target is None:
        return ""
    text = texts.target(segment.row.indicator, cell)
    if cell.target.revision == 1:
        return text
    return _("%(target)s (revision %(number)s)") % {"target": text, "number": cell.target.revision}


def _two_lines(first: str, second: str) -> SafeString:
    """In one element, so that a narrow screen keeps them together."""
    if not second:
        return format_html("{}", first)
    return format_html('<span>{}<span class="sub">{}</span></span>', first, second)


def _verdict(cell: Cell) -> SafeString:
    return _two_lines(texts.chip(cell.band), texts.verdict_note(cell))


def _behind(
    segment: Segment, cell: Cell, files: dict[tuple[int, int], int], to: Addresses, *, is_counted: bool
) -> SafeString:
    """The report with who stands behind it, how many files it has for this value, and the things counted."""
    report = segment.plan.reports.get(cell.year)
    if report is None or cell.actual is None:
        return SafeString("")
    url = to.report(cell.year, report.id)
    number = files.get((report.id, segment.row.indicator.id), 0)
    source = in_words(cell.actual.source) if cell.actual.source else ""
    behind = _("taken from %(source)s") % {"source": source} if source else texts.behind(report)
    lines = [behind]
    if number:
        lines.append(_("Files: %(number)s") % {"number": number})
    if report.reason:
        lines.append(_("Corrected: %(reason)s") % {"reason": report.reason})
    if cell.actual.note:
        lines.append(_("Note: %(note)s") % {"note": cell.actual.note})
    subs = format_html_join("", '<span class="sub" lang="ja">{}</span>', ((line,) for line in lines))
    report_link = link(url, _("Report as of %(day)s") % {"day": portal.as_of_short(report.as_of)})
    if is_counted:
        counted_url = to.counted(segment.plan, segment.row, cell.year)
        subs = format_html('{}<span class="sub">{}</span>', subs, link(counted_url, _("Things counted")))
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
    known_from: SafeString
    reason: SafeString
    decided: SafeString
    state: str


STANDINGS = {
    Standing.IN_FORCE: gettext_lazy("in force"),
    Standing.TO_COME: gettext_lazy("agreed, not yet in force"),
    Standing.REPLACED: gettext_lazy("replaced"),
}


def revision_lines(revisions: Iterable[TargetRevision], center: str) -> list[RevisionLine]:
    """Every revision of every target, with its reason; what was replaced stays."""
    return [
        RevisionLine(
            year=texts.year_label(revision.year),
            revision=revision.revision,
            target=texts.quantity(
                revision.segment.row.indicator.text(revision.value),
                texts.target_unit(revision.segment.row.indicator),
            ),
            known_from=_since(revision),
            reason=japanese(revision.reason),
            decided=_decided(revision, center),
            state=str(STANDINGS[revision.standing]),
        )
        for revision in revisions
    ]


def _since(revision: TargetRevision) -> SafeString:
    """The day from which the parties knew of it, and the one from which it holds where that is another."""
    known = portal.era_date(revision.known_from)
    if revision.effective_from is None or revision.effective_from == revision.known_from:
        return _two_lines(known, "")
    return _two_lines(known, _("in force from %(day)s") % {"day": portal.era_date(revision.effective_from)})


def _decided(revision: TargetRevision, center: str) -> SafeString:
    """Who agreed on it, in which consultation; or the source."""
    if revision.proposed_by:
        people = _("proposed by %(proposed)s, confirmed by %(confirmed)s") % {
            "proposed": revision.proposed_by,
            "confirmed": revision.recorded_by,
        }
    else:
        people = revision.recorded_by or in_words(revision.source)
    number = revision.consultation_number
    if number is None:
        return _two_lines(japanese(people), japanese(revision.consultation))
    url = reverse("agreements:consultation", kwargs={"center": center, "number": number})
    talk = link(url, _("Consultation no. %(number)s") % {"number": number})
    return _two_lines(japanese(people), talk)


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
