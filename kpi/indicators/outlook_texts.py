"""How an outlook is said: a plain statement, its assumptions, and a line of the plan's list. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import assert_never

from django.utils.translation import gettext as _

from agreements.support.texts import joined
from iconm_portal.values.money import format_number
from kpi.indicators.outlook import Outlook, Standing, outlook, shown_step
from kpi.plans import findings, labels
from kpi.plans import texts as plan_texts
from kpi.plans.achievement import is_met
from kpi.plans.addresses import Addresses
from kpi.plans.facts import IndicatorFacts
from kpi.plans.scorecard import Cell, Row, Scorecard


@dataclass(frozen=True, slots=True)
class Said:
    """The outlook in words: what it comes to, the pace so far (empty where there is none), and what it assumes."""

    statement: str
    pace: str
    assumptions: tuple[str, ...]


def said(row: Row, of: Outlook) -> Said:
    """For the indicator's page."""
    return Said(statement(row, of), pace(row.indicator, of), assumptions(of))


def statement(row: Row, of: Outlook) -> str:
    """Where it stands, by which year's value, and which later one is not used, in a few sentences."""
    return joined([_statement(row, of), *_unused(row.indicator, of.unused)])


def _unused(facts: IndicatorFacts, cell: Cell | None) -> list[str]:
    if cell is None or cell.actual is None:
        return []
    words = {
        "value": plan_texts.value(facts, cell),
        "year": plan_texts.year_label(cell.year),
        "as_of": plan_texts.as_of(cell.actual),
    }
    return [_("The %(value)s of %(year)s (%(as_of)s) is not used.") % words]


def _statement(row: Row, of: Outlook) -> str:
    facts = row.indicator
    words: dict[str, object] = {"last": plan_texts.year_label(of.last_year)}
    if of.target is not None:
        words["target"] = plan_texts.quoted_target(facts, of.target)
    if of.latest is not None:
        words["year"] = plan_texts.year_label(of.latest.year)
        words["value"] = plan_texts.quantity(facts.text(of.latest.value), facts.unit)
    match of.standing:
        case Standing.NO_TARGET:
            return _("No target is set for the plan's last year, %(last)s.") % words
        case Standing.NO_DATA:
            return (
                _(
                    "The plan's last year, %(last)s, asks for %(target)s. No final value of a whole fiscal year is"
                    " known yet, so nothing can be said of the pace."
                )
                % words
            )
        case Standing.ENDED:
            cell = row.cell(of.last_year)
            said = [_reported(words) if cell.is_contradicted else _ended(of, words)]
            if cell.correction is not None:
                said.append(findings.corrected(cell.correction))
            if changed := plan_texts.moved_sentence(facts, cell):
                said.append(changed)
            return joined(said)
        case Standing.ENDED_OPEN:
            return (
                _(
                    "The plan ended with %(last)s. No final value of that year, set against a target, is known."
                )
                % words
            )
        case Standing.DIFFERS:
            words["said"] = plan_texts.beside_value(row.cell(of.latest.year)) if of.latest else ""
            return _("%(year)s: %(value)s was reported. %(said)s.") % words
        case Standing.REACHED:
            return _reached(of, words)
        case Standing.NEEDS:
            return _needs(facts, of, words)
        case _:
            assert_never(of.standing)


def _reported(words: dict[str, object]) -> str:
    """What the plan ended with where no verdict is claimed."""
    return _("The plan ended with %(last)s: %(value)s against a target of %(target)s was reported.") % words


def _ended(of: Outlook, words: dict[str, object]) -> str:
    if of.latest is not None and of.target is not None and is_met(of.latest.value, of.target, of.comparator):
        return (
            _("The plan ended with %(last)s: %(value)s against a target of %(target)s, which is met.") % words
        )
    return (
        _("The plan ended with %(last)s: %(value)s against a target of %(target)s, which is not met.") % words
    )


def _reached(of: Outlook, words: dict[str, object]) -> str:
    if of.kind.only_grows and not of.comparator.is_ceiling:
        return (
            _(
                "With %(value)s (%(year)s) the target of the plan's last year, %(last)s, is reached: %(target)s."
            )
            % words
        )
    return (
        _(
            "With %(value)s (%(year)s) it stands where the plan's last year, %(last)s, asks for %(target)s;"
            " it has to stay there."
        )
        % words
    )


def _needs(facts: IndicatorFacts, of: Outlook, words: dict[str, object]) -> str:
    difference = abs(of.difference or Decimal(0))
    words["difference"] = _difference(facts, difference)
    if of.comparator.is_ceiling:
        if of.kind.only_grows:  # what has been counted does not go away again
            return (
                _(
                    "With %(value)s (%(year)s) it is %(difference)s above what the plan's last year, %(last)s,"
                    " allows: %(target)s."
                )
                % words
            )
        return (
            _(
                "It stands at %(value)s (%(year)s); by the plan's last year, %(last)s, it has to come down by"
                " %(difference)s to %(target)s."
            )
            % words
        )
    if of.kind.only_grows and of.per_year is not None:
        need = shown_step(of.per_year, scale=facts.scale, decimals=facts.decimals, up=True)
        words["per_year"] = plan_texts.quantity(format_number(need), facts.unit)
        words["count"] = of.years_left
        if of.years_left == 1:
            return (
                _(
                    "It stands at %(value)s (%(year)s). To reach %(target)s in %(last)s, %(difference)s more are needed"
                    " in the year that is left."
                )
                % words
            )
        return (
            _(
                "It stands at %(value)s (%(year)s). To reach %(target)s in %(last)s, %(difference)s more are needed"
                " within %(count)s years: %(per_year)s per year."
            )
            % words
        )
    return (
        _(
            "It stands at %(value)s (%(year)s); the plan's last year, %(last)s, asks for %(target)s: %(difference)s"
            " more than now."
        )
        % words
    )


def _difference(facts: IndicatorFacts, value: Decimal) -> str:
    if facts.kind.is_percentage:
        return _("%(number)s points") % {"number": facts.text(value)}
    return plan_texts.quantity(facts.text(value), facts.unit)


def pace(facts: IndicatorFacts, of: Outlook) -> str:
    """The mean change per year so far; empty where there is only one value, or the plan is over."""
    if of.pace is None or of.first is None or of.latest is None:
        return ""
    shown = shown_step(of.pace, scale=facts.scale, decimals=facts.decimals, up=of.comparator.is_ceiling)
    return _("From %(first)s to %(latest)s it changed by %(change)s per year on average.") % {
        "first": plan_texts.year_label(of.first.year),
        "latest": plan_texts.year_label(of.latest.year),
        "change": plan_texts.signed(facts, shown),
    }


def assumptions(of: Outlook) -> tuple[str, ...]:
    """What the statement rests on."""
    used = _("Only final values of whole fiscal years are used; interim values and forecasts are not.")
    match of.standing:
        case Standing.NO_TARGET | Standing.ENDED_OPEN:
            return ()
        case Standing.NO_DATA | Standing.ENDED | Standing.DIFFERS:
            return (used,)
        case Standing.NEEDS | Standing.REACHED:
            arithmetic = _("It is arithmetic with what is known, not a forecast.")
            return used, str(labels.KIND_OUTLOOK[of.kind]), arithmetic
        case _:
            assert_never(of.standing)


# -- The plan's list --


@dataclass(frozen=True, slots=True)
class OutlookLine:
    """An indicator in the plan's list."""

    name: str
    url: str
    text: str


def lines(plan: Scorecard, to: Addresses, *, today: date) -> list[OutlookLine]:
    """Every indicator of the plan in one line each."""
    return [
        OutlookLine(
            row.indicator.name,
            to.indicator(plan, row),
            statement(row, outlook(row, plan.last_year, today=today)),
        )
        for row in plan.rows
    ]


def one_for_all(of: list[OutlookLine]) -> str:
    """What all of several lines say alike, to be said once; empty where they differ."""
    texts = {line.text for line in of}
    return of[0].text if len(of) > 1 and len(texts) == 1 else ""
