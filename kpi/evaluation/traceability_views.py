"""From an article to what came of it, and back."""

import dataclasses
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from agreements.duties import texts, timings
from agreements.duties.due_rules import programme_year
from agreements.duties.items import Item
from agreements.instruments import labels
from agreements.instruments.agreements import AgreementOnDay
from agreements.models import AgreementKind, DutyDocument
from agreements.pages.todo import duty_address
from agreements.support.texts import joined
from iconm_portal.display.template_tags import fiscal_year
from iconm_portal.models import Center
from iconm_portal.people.access import Right, center_view, person
from iconm_portal.site.crumbs import Crumb
from iconm_portal.values import clock
from iconm_portal.values.fiscal import FiscalYear
from kpi.evaluation import traceability
from kpi.evaluation.traceability import ArticleTrace, Followed, Trace


@dataclass(frozen=True, slots=True)
class AgreementLine:
    """An agreement in the list."""

    entry: AgreementOnDay
    chip: SafeString


@dataclass(frozen=True, slots=True)
class Step:
    """An obligation in words, with the state of its duty and where that is done."""

    followed: Followed
    bound: str
    timing: str | Promise
    chip: SafeString | str
    when: str
    late: str
    falls_in: str  # in which other fiscal year's calendar it stands
    fulfilled: str  # by which deed
    url: str
    instead: str  # of a duty, where the year has none


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """An article with its obligations in words."""

    article: ArticleTrace
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Back:
    """A document with the way back to its article."""

    document: DutyDocument
    followed: Followed
    article: ArticleTrace
    url: str


@center_view(Right.SEE_SETTLED)
@require_safe
def agreements(request: HttpRequest, center: Center) -> HttpResponse:
    """Which agreement to follow; annual ones have no wording of their own."""
    entries = traceability.entries(person(request), center, today=clock.today())
    context = {
        "lines": [
            AgreementLine(entry, labels.chip_of(entry.facts, entry.day))
            for entry in entries
            if entry.agreement.kind != AgreementKind.ANNUAL
        ]
    }
    return render(request, "kpi/evaluation/traceability_list.html", context)


@center_view(Right.SEE_SETTLED)
@require_safe
def agreement(
    request: HttpRequest, center: Center, agreement: str, year: FiscalYear | None = None
) -> HttpResponse:
    """Every article of one agreement with what came of it in a fiscal year."""
    trace = traceability.load(person(request), center, agreement, today=clock.today(), year=year)
    if trace is None or trace.year not in trace.years:
        raise Http404(agreement)
    at = {"center": center.code}
    context = {
        "trace": trace,
        "finding": _finding(trace),
        "lines": [_line(article, center) for article in trace.everything],
        "bare": [article for article in trace.articles if article.is_bare],
        "back": [
            Back(document, followed, article, duty_address("agreements:duty", followed.item, center))
            for document, followed, article in trace.documents
            if followed.item
        ],
        "crumbs": [Crumb(_("Articles and what came of them"), reverse("kpi:traceability", kwargs=at))],
    }
    return render(request, "kpi/evaluation/traceability.html", context)


def _finding(trace: Trace) -> str:
    counts = trace.counts
    words = {"year": fiscal_year(trace.year)} | dataclasses.asdict(counts)
    if counts.drafts and not counts.number:
        return (
            ngettext(
                "This agreement is a draft (案): for %(year)s its articles would ask for %(drafts)s duty.",
                "This agreement is a draft (案): for %(year)s its articles would ask for %(drafts)s duties.",
                counts.drafts,
            )
            % words
        )
    if not counts.number:
        return _("For %(year)s the agreement asks for nothing on a date.") % words
    said = [
        ngettext(
            "For %(year)s the articles ask for %(number)s duty; %(settled)s is settled.",
            "For %(year)s the articles ask for %(number)s duties; %(settled)s are settled.",
            counts.number,
        )
        % words
    ]
    if counts.corrected:
        said.append(
            ngettext(
                "Of these, what %(corrected)s rests on was corrected afterwards.",
                "Of these, what %(corrected)s rest on was corrected afterwards.",
                counts.corrected,
            )
            % words
        )
    if counts.overdue:
        said.append(
            ngettext("%(late)s is overdue.", "%(late)s are overdue.", counts.overdue)
            % {"late": counts.overdue}
        )
    return joined(said)


def _line(article: ArticleTrace, center: Center) -> ArticleLine:
    return ArticleLine(article, tuple(_step(followed, center) for followed in article.obligations))


def _falls_in(item: Item) -> str:
    """Said where it is not in the year that it concerns."""
    year = programme_year(item.obligation, item.fiscal_year, item.due_on)
    if year == item.fiscal_year:
        return ""
    return _("in the calendar of %(year)s") % {"year": fiscal_year(year)}


def _step(followed: Followed, center: Center) -> Step:
    item = followed.item
    return Step(
        followed=followed,
        bound=texts.bound(followed.obligation),
        timing=followed.obligation.get_timing_display(),
        chip=texts.chip(item) if item else "",
        when=texts.when(item) if item else "",
        late=texts.late(item) if item else "",
        falls_in=_falls_in(item) if item else "",
        fulfilled=texts.fulfilled(item) if item else "",
        url=duty_address("agreements:duty", item, center) if item else "",
        instead=timings.why_none(followed.obligation.timing),
    )
