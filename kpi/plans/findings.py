"""What is found, in sentences: the state of a plan in a year, and of one indicator.

Pure: facts of the scorecard in, words in the reader's language out.
"""

from datetime import date
from typing import assert_never

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agreements.support.texts import joined, years_label
from iconm_portal.display import template_tags
from iconm_portal.values.fiscal import FiscalYear
from kpi.plans import labels, texts
from kpi.plans.achievement import Counts, Reason
from kpi.plans.scorecard import Cell, Correction, Row, Scorecard

MOST_COUNTED_ALOUD = 9  # 九つ is the last of the Japanese words for counting


def finding(counts: Counts, year: str) -> str:
    """The state of a plan in a year, in one sentence; in a second one, how many verdicts stay by a target that was
    changed since."""
    said = _state(counts, year)
    if not counts.moved:
        return said
    changed = ngettext(
        "For %(number)s of them the target was changed after the result was accepted: it is judged by the target of then.",
        "For %(number)s of them the target was changed after the result was accepted: they are judged by the target of then.",
        counts.moved,
    )
    return joined([said, changed % {"number": counts.moved}])


def _state(counts: Counts, year: str) -> str:
    total = counts.total
    if counts.unreported == total:
        return ngettext(
            "Nothing has been reported for %(year)s yet: %(total)s indicator is open.",
            "Nothing has been reported for %(year)s yet: all %(total)s indicators are open.",
            total,
        ) % {"year": year, "total": total}
    if not counts.compared and not counts.contradicted:
        return ngettext(
            "No verdict for %(year)s yet: the one indicator has no final value.",
            "No verdict for %(year)s yet: none of the %(total)s indicators has a value that can be judged.",
            total,
        ) % {"year": year, "total": total}
    if counts.met == total:
        return ngettext(
            "The one indicator met its target.", "All %(total)s indicators met their targets.", total
        ) % {"total": total}
    if counts.not_met == total:
        return ngettext(
            "The one indicator did not meet its target.",
            "None of the %(total)s indicators met its target.",
            total,
        ) % {"total": total}
    return _("Of %(total)s indicators, %(parts)s.") % {
        "total": total,
        "parts": pgettext("between parts of a sentence", ", ").join(_parts(counts)),
    }


def plan_finding(plan: Scorecard, year: FiscalYear, *, today: date | None = None) -> str:
    """The finding with its year, for pages whose heading does not name it.

    `today`: of a plan that begins later, that is what there is to say.
    """
    counts, name = plan.counts(year), texts.year_label(year)
    if not plan.reported_years and today is not None and today < plan.first_year.first_day:
        return _("The plan begins with %(year)s.") % {"year": texts.year_label(plan.first_year)}
    if not plan.reported_years:
        return _("Nothing has been reported for this plan yet.")
    if not counts.compared and not counts.contradicted:
        return finding(counts, name)
    return _("%(year)s: %(finding)s") % {"year": name, "finding": finding(counts, name)}


def later_unreported(plan: Scorecard, year: FiscalYear, *, today: date) -> str:
    """Beside the verdicts of a year: of which later ones that are over nothing is known to their end. Empty where the plan
    has no verdict at all, which is said anyway, and where every such year has its own."""
    running = FiscalYear.of(today)
    missing = [one for one in plan.years if year < one < running and one not in plan.whole_years]
    if not missing or year not in plan.whole_years:
        return ""
    return _("No actuals at the end of %(years)s have been accepted yet.") % {"years": years_label(missing)}


def _parts(counts: Counts) -> list[str]:
    """Never without the met ones, not even when there are none: that is what the reader wants to know. What rests on a
    forecast is expected, not met.
    """
    parts = []
    if counts.met:
        parts.append(
            ngettext("%(number)s is met", "%(number)s are met", counts.met) % {"number": _aloud(counts.met)}
        )
    elif not counts.expected_met:
        parts.append(_("none is met"))
    if counts.expected_met:
        parts.append(
            ngettext(
                "%(number)s is expected to be met", "%(number)s are expected to be met", counts.expected_met
            )
            % {"number": _aloud(counts.expected_met)}
        )
    if counts.nearly:
        parts.append(
            ngettext("%(number)s is nearly met", "%(number)s are nearly met", counts.nearly)
            % {"number": _aloud(counts.nearly)}
        )
    if counts.expected_nearly:
        parts.append(
            ngettext(
                "%(number)s is expected to be nearly met",
                "%(number)s are expected to be nearly met",
                counts.expected_nearly,
            )
            % {"number": _aloud(counts.expected_nearly)}
        )
    if counts.not_met:
        parts.append(
            ngettext("%(number)s is not met", "%(number)s are not met", counts.not_met)
            % {"number": _aloud(counts.not_met)}
        )
    if counts.expected_not_met:
        parts.append(
            ngettext(
                "%(number)s is not expected to be met",
                "%(number)s are not expected to be met",
                counts.expected_not_met,
            )
            % {"number": _aloud(counts.expected_not_met)}
        )
    if counts.by_settlement:
        parts.append(
            ngettext(
                "%(number)s differs from the settlement",
                "%(number)s differ from the settlement",
                counts.by_settlement,
            )
            % {"number": _aloud(counts.by_settlement)}
        )
    if counts.by_register:
        parts.append(
            ngettext(
                "%(number)s differs from the register",
                "%(number)s differ from the register",
                counts.by_register,
            )
            % {"number": _aloud(counts.by_register)}
        )
    return parts


def _aloud(number: int) -> str:
    if number <= MOST_COUNTED_ALOUD:
        return pgettext("indicators, up to nine", "%(number)s") % {"number": number}
    return pgettext("indicators, ten and more", "%(number)s") % {"number": number}


def indicator_finding(row: Row, year: FiscalYear) -> str:
    """An indicator's state in a year of its plan, in a few sentences."""
    cell = row.cell(year)
    said = [_indicator_state(row, year)]
    if cell.correction is not None:
        said.append(corrected(cell.correction))
    if changed := texts.moved_sentence(row.indicator, cell):
        said.append(changed)
    return joined(said)


def corrected(correction: Correction) -> str:
    """What the settlement or the register says by now, and what that would be."""
    words = {"said": correction.said, "verdict": labels.BAND[correction.achievement.band]}
    if correction.achievement.band.is_verdict:
        return _("%(said)s, which would be: %(verdict)s.") % words
    return _("%(said)s.") % words


def _indicator_state(row: Row, year: FiscalYear) -> str:
    indicator, cell = row.indicator, row.cell(year)
    said: dict[str, object] = {
        "year": texts.year_label(year),
        "value": texts.value(indicator, cell),
        "target": texts.target(indicator, cell),
        "rate": texts.rate(indicator, cell),
        "verdict": labels.BAND[cell.band],
        "as_of": texts.as_of(cell.actual) if cell.actual else "",
    }
    match cell.achievement.reason:
        case Reason.UNREPORTED:
            return _unreported(row, cell, said)
        case Reason.NOT_APPLICABLE:
            return _("%(year)s: not applicable.") % said
        case Reason.NO_TARGET:
            return _("%(year)s: %(value)s (%(as_of)s). No target was set for the year.") % said
        case Reason.PART_YEAR_FLOW:
            return (
                _(
                    "%(year)s: %(value)s (%(as_of)s). This counts only part of the year, "
                    "so it is not compared with the year's target of %(target)s."
                )
                % said
            )
        case Reason.INTERIM:
            return (
                _(
                    "%(year)s: %(value)s (%(as_of)s) against a target of %(target)s (%(rate)s); no verdict yet."
                )
                % said
            )
        case Reason.COMPARED | Reason.ZERO_TARGET | Reason.NEGATIVE_TARGET | Reason.BASELINE:
            return _compared(cell, said)
        case _:
            assert_never(cell.achievement.reason)


def interim_findings(row: Row, year: FiscalYear) -> list[str]:
    """What is known within the years after the one looked at, each in a sentence without a verdict."""
    return [indicator_finding(row, cell.year) for cell in row.interim_after(year)]


def _compared(cell: Cell, said: dict[str, object]) -> str:
    if cell.is_contradicted:
        return _("%(year)s: %(value)s against a target of %(target)s was reported.") % said
    if not said["rate"]:
        return _("%(year)s: %(value)s against a target of %(target)s: %(verdict)s.") % said
    if cell.achievement.is_forecast:
        return (
            _(
                "%(year)s: %(value)s against a target of %(target)s (%(rate)s): %(verdict)s, by the settlement forecast."
            )
            % said
        )
    return _("%(year)s: %(value)s against a target of %(target)s (%(rate)s): %(verdict)s.") % said


def _unreported(row: Row, cell: Cell, said: dict[str, object]) -> str:
    """What is not reported, the target all the same, and the last value that the plan knows."""
    sentence = (
        _("%(year)s is not reported yet; the target is %(target)s.") % said
        if cell.target
        else _("%(year)s is not reported yet.") % said
    )
    latest = row.latest
    if latest is None or latest.actual is None:
        return sentence
    known = {
        "value": texts.value(row.indicator, latest),
        "year": texts.year_label(latest.year),
        "as_of": texts.as_of(latest.actual),
    }
    if latest.is_baseline:
        return _("%(sentence)s The baseline was %(value)s (%(as_of)s).") % {"sentence": sentence, **known}
    return _("%(sentence)s The latest value is %(value)s for %(year)s (%(as_of)s).") % {
        "sentence": sentence,
        **known,
    }


def tally(counts: Counts) -> list[tuple[SafeString, str]]:
    """The verdicts that occur, each with how many there are, in order of weight; those by a forecast apart."""
    found = []
    for band in texts.CHIPS:
        if number := getattr(counts, band.value):
            found.append((texts.chip(band), str(number)))
        if band.is_verdict and (number := getattr(counts, f"expected_{band.value}")):
            found.append((texts.expected_chip(band), str(number)))
    for number, by_register in ((counts.by_settlement, False), (counts.by_register, True)):
        if number:
            found.append((texts.contradicted_chip(by_register=by_register), str(number)))
    if counts.moved:
        found.append((template_tags.chip("warning", _("Target changed")), str(counts.moved)))
    return found
