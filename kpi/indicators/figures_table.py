"""The lists behind an indicator: its figures year by year, and its target's revisions."""

from collections.abc import Collection, Iterable

from django.urls import reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.display import template_tags
from iconm_portal.display.page_table import PageTable
from iconm_portal.display.sheets import Column, PageCell
from iconm_portal.values.text import listed
from kpi.indicators.provenance import RevisionStanding, TargetRevision
from kpi.plans import texts
from kpi.plans.addresses import Addresses
from kpi.plans.cells import japanese, link
from kpi.plans.facts import IndicatorFacts
from kpi.plans.scorecard import Cell, Segment
from kpi.plans.sources import in_words

Line = tuple[Segment, Cell]
"""A year of an indicator in one plan."""


def figures_table(
    life: list[Segment], files: dict[tuple[int, int], int], to: Addresses, counted: Collection[int] = ()
) -> PageTable[Line]:
    """All years of all plans in the indicator's life, oldest first, each value in its own plan's unit. `counted` are
    the ids of the indicators whose values lead to the things counted in the register."""
    newest = life[-1].row.indicator
    columns: list[Column[Line]] = [
        Column(
            label=_("Fiscal year"),
            html=lambda line: PageCell(
                _two_lines(texts.year_label(line[1].year), japanese(line[0].plan.label))
            ),
        ),
        Column(
            label=_("Target"),
            css="num",
            html=lambda line: PageCell(
                _two_lines(_target_with_revision(*line), texts.moved_target(line[0].row.indicator, line[1])),
                "num",
            ),
        ),
        Column(
            label=_("Actual (as of, certainty)"),
            css="num",
            html=lambda line: PageCell(_actual(*line, newest), "num"),
        ),
        Column(
            label=_("Rate"),
            css="num",
            html=lambda line: PageCell(
                escape(texts.comparison(line[0].row.indicator, line[1])), "num rate-cell"
            ),
        ),
        Column(label=_("Verdict"), html=lambda line: PageCell(_verdict(line[1]))),
        Column(
            label=_("Where it comes from"),
            html=lambda line: PageCell(_behind(*line, files, to, counted)),
        ),
    ]
    lines = [
        (segment, cell)
        for segment in life
        for cell in segment.row.cells
        if cell.target_in_force or cell.actual or not cell.is_baseline
    ]
    return PageTable(columns, lines, caption=_("All years"), css="table--stack table--top table--headed")


def _actual(segment: Segment, cell: Cell, newest: IndicatorFacts) -> SafeString:
    """The value, and in the unit of today where that is another one; as of when, and how certain."""
    indicator = segment.row.indicator
    shown = texts.value(indicator, cell)
    if cell.value is not None and indicator.unit != newest.unit and indicator.kind == newest.kind:
        shown = _("%(value)s (%(converted)s)") % {
            "value": shown,
            "converted": texts.quantity(newest.text(cell.value), newest.unit),
        }
    as_of = texts.as_of(cell.actual) if cell.actual and cell.value is not None else ""
    return _two_lines(shown, listed(filter(None, (as_of, texts.beside_value(cell)))))


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
    return _two_lines(texts.verdict_chip(cell), texts.verdict_note(cell))


def _behind(
    segment: Segment, cell: Cell, files: dict[tuple[int, int], int], to: Addresses, counted: Collection[int]
) -> SafeString:
    """The report with who stands behind it, how many files it has for this value, and the things counted."""
    if cell.actual is None:
        return SafeString("")
    report = cell.actual.report
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
    report_link = link(url, _("Report as of %(day)s") % {"day": template_tags.as_of_short(report.as_of)})
    if segment.row.indicator.id in counted:
        counted_url = to.counted(segment.plan, segment.row, cell.year)
        subs = format_html('{}<span class="sub">{}</span>', subs, link(counted_url, _("Things counted")))
    return format_html("<span>{}{}</span>", report_link, subs)


STANDINGS = {
    RevisionStanding.IN_FORCE: gettext_lazy("in force"),
    RevisionStanding.TO_COME: gettext_lazy("agreed, not yet in force"),
    RevisionStanding.REPLACED: gettext_lazy("replaced"),
}


def revisions_table(revisions: Iterable[TargetRevision], center: str) -> PageTable[TargetRevision]:
    """Every revision of every target, with its reason; what was replaced stays."""
    columns: list[Column[TargetRevision]] = [
        Column(label=_("Fiscal year"), html=lambda one: PageCell(texts.year_label(one.year))),
        Column(label=_("Target"), css="num", html=lambda one: PageCell(escape(_target(one)), "num")),
        Column(label=_("Revision"), css="num", html=lambda one: PageCell(str(one.revision), "num")),
        Column(label=_("State"), html=lambda one: PageCell(escape(STANDINGS[one.standing]))),
        Column(label=_("Known from"), html=lambda one: PageCell(_since(one))),
        Column(label=_("Reason"), html=lambda one: PageCell(japanese(one.reason))),
        Column(label=_("Recorded by, or source"), html=lambda one: PageCell(_decided(one, center))),
    ]
    caption = _("Targets and their revisions")
    return PageTable(columns, revisions, caption=caption, css="table--stack table--headed")


def _target(revision: TargetRevision) -> str:
    return texts.target_value(revision.segment.row.indicator, revision.value)


def _since(revision: TargetRevision) -> SafeString:
    """The day from which the parties knew of it, and the one from which it holds where that is another."""
    known = template_tags.era_date(revision.known_from)
    if revision.effective_from is None or revision.effective_from == revision.known_from:
        return _two_lines(known, "")
    return _two_lines(
        known, _("in force from %(day)s") % {"day": template_tags.era_date(revision.effective_from)}
    )


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
