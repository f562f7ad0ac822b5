"""The list of the plans."""

from datetime import date

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from iconm_portal.display.page_table import PageTable
from iconm_portal.display.sheets import Column, PageCell
from iconm_portal.values.fiscal import FiscalYear
from kpi.plans import findings, texts
from kpi.plans.addresses import Addresses
from kpi.plans.cells import japanese, link
from kpi.plans.scorecard import Board, Scorecard


def plans_table(board: Board, to: Addresses, *, today: date) -> PageTable[Scorecard]:
    """The plans of a center with their periods and states, the newest first."""
    columns: list[Column[Scorecard]] = [
        Column(
            label=_("Plan"), html=lambda plan: PageCell(link(to.plan(plan), plan.label, is_japanese=True))
        ),
        Column(label=_("Period"), html=lambda plan: PageCell(escape(texts.period(plan)))),
        Column(label=_("State"), html=lambda plan: PageCell(escape(_plan_state(plan, today)))),
        Column(label=_("Indicators"), css="num", html=lambda plan: PageCell(str(len(plan.rows)), "num")),
        Column(
            label=_("Verdicts of the last reported year"), html=lambda plan: PageCell(_verdicts(plan, today))
        ),
        Column(label=_("Agreement"), html=lambda plan: PageCell(japanese(plan.agreement))),
    ]
    return PageTable(
        columns,
        reversed(board.plans),
        caption=_("Plans"),
        css="table--stack table--top",
        empty_text=_(
            "No plan with targets is registered for this center yet. Either side prepares one under “Next plan”; both settle it."
        ),
    )


def _plan_state(plan: Scorecard, today: date) -> str:
    if plan.has_ended(today):
        return _("Ended")
    return _("Running") if plan.first_year <= FiscalYear.of(today) else _("To come")


def _verdicts(plan: Scorecard, today: date) -> SafeString:
    if not plan.reported_years:
        return format_html("{}", _("No report yet"))
    year = plan.focus_year(today)
    chips = SafeString("").join(
        format_html("<li>{} {}</li>", chip, number) for chip, number in findings.tally(plan.counts(year))
    )
    return format_html(
        '<span class="sub">{}</span><ul class="tally tally--tight">{}</ul>',
        texts.year_label(year),
        SafeString(chips),
    )
