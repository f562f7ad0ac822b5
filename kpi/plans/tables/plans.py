"""The list of the plans."""

from dataclasses import dataclass
from datetime import date

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from iconm_portal.values.fiscal import FiscalYear
from kpi.plans import findings, texts
from kpi.plans.addresses import Addresses
from kpi.plans.cells import japanese, link
from kpi.plans.scorecard import Board, Scorecard


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
            plan=link(to.plan(plan), plan.label, is_japanese=True),
            period=texts.period(plan),
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
        format_html("<li>{} {}</li>", chip, number) for chip, number in findings.tally(plan.counts(year))
    )
    return format_html(
        '<span class="sub">{}</span><ul class="tally tally--tight">{}</ul>',
        texts.year_label(year),
        SafeString(chips),
    )


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
        return japanese(value)
