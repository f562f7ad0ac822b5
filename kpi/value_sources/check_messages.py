"""The words for what `kpi.value_sources.checks` finds: warnings that stand at a value, refusals that stand at the as-of date."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from iconm_portal.display import template_tags
from iconm_portal.values import clock, fiscal
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from kpi.models import Indicator
from kpi.plans import labels
from kpi.plans.achievement import display
from kpi.value_sources.checks import CheckWarning, Refusal, RefusalCode, WarningCode
from kpi.value_sources.entry_values import Entered

NOT_APPLICABLE_TEXT = "-"

# What concerns the one as-of date of the sheet is said there once, not at each of its values.
OF_THE_SHEET = frozenset({WarningCode.AS_OF_AFTER_YEAR})


def figure(indicator: Indicator, value: Decimal) -> str:
    """A stored value in the indicator's display unit as people write it, unrounded, without the unit: 361,204."""
    return format_number(value / indicator.scale, strip_zeros=True)


def printed(indicator: Indicator, value: Decimal) -> str:
    """A stored value as all other pages show it, by the indicator's own rounding: T3's 505, where 505.794 was entered."""
    return format_number(
        display(
            value,
            scale=indicator.scale,
            decimals=indicator.decimals,
            rounding=indicator.rounding,
        )
    )


def printed_with_unit(indicator: Indicator, value: Decimal) -> str:
    """The same with its unit: 361,204千円."""
    return f"{printed(indicator, value)}{indicator.unit}"


def entered_text(indicator: Indicator, entry: Entered) -> str:
    """An entry's value as people write it: 361,204; 「-」 for not applicable; empty for a blank."""
    if entry.not_applicable:
        return NOT_APPLICABLE_TEXT
    return "" if entry.value is None else figure(indicator, entry.value)


def differing(before: Entered, now: Entered) -> set[str]:
    """Which of "value", "certainty" and "note" differ. A certainty without a value says nothing."""
    parts = {"note"} if before.note != now.note else set()
    if (before.value, before.not_applicable) != (now.value, now.not_applicable):
        parts.add("value")
    elif now.value is not None and before.certainty != now.certainty:
        parts.add("certainty")
    return parts


def change_texts(indicator: Indicator, before: Entered, now: Entered) -> list[str]:
    """What was different before, in words."""
    parts, found = differing(before, now), []
    if "value" in parts:
        found.append(_was(indicator, before))
    if "certainty" in parts:
        found.append(
            _("Certainty changed: was “%(before)s”") % {"before": labels.CERTAINTY[before.certainty]}
        )
    if "note" in parts:
        found.append(
            _("Note changed: was “%(before)s”") % {"before": before.note} if before.note else _("Note added")
        )
    return found or [_("Unchanged")]


def _was(indicator: Indicator, before: Entered) -> str:
    if before.not_applicable:
        return _("Changed: was not applicable")
    if before.value is None:
        return _("Changed: was not reported")
    return _("Changed: was %(before)s") % {"before": printed_with_unit(indicator, before.value)}


def warning_text(warning: CheckWarning, indicator: Indicator, previous_year: FiscalYear | None) -> str:
    """One warning as a sentence that says what is odd. `previous_year`: the year of the value compared with."""
    language = get_language() or "ja"
    words: dict[str, str] = {
        "year": previous_year.label(language) if previous_year else "",
        "unit": indicator.unit,
    }
    for name, param in warning.params.items():
        if isinstance(param, Decimal):
            words[name] = format_number(param) if name == "factor" else printed_with_unit(indicator, param)
        elif isinstance(param, str):
            words[name] = param
        else:
            words[name] = fiscal.as_of_text(param, language)
    return _sentence(warning, words) % words


def reason_needed_text(warning: CheckWarning, indicator: Indicator, previous_year: FiscalYear | None) -> str:
    """What is odd, as the reason why the value is not handed in before its note explains it."""
    if warning.code is WarningCode.DIFFERS_FROM_PROPOSAL:
        return _("This value differs from the register or the accounts. Say in the note why.")
    return _("%(warning)s Say in the note why.") % {
        "warning": warning_text(warning, indicator, previous_year)
    }


def _sentence(warning: CheckWarning, words: dict[str, str]) -> str:
    match warning.code:
        case WarningCode.FALLING_CUMULATIVE:
            return _("The cumulative figure is below that of %(year)s (%(previous)s).")
        case WarningCode.BELOW_EARLIER:
            return _("The cumulative figure is below that of %(day)s (%(known)s).")
        case WarningCode.ABOVE_LATER:
            return _("The cumulative figure is above that of %(day)s (%(known)s).")
        case WarningCode.NEGATIVE_FLOW:
            return _("The yearly figure is below 0.")
        case WarningCode.LARGE_CHANGE:
            return _("It differs from %(year)s (%(previous)s) by more than 50%%.")
        case WarningCode.PART_YEAR_FLOW:
            return _("It counts the year only up to %(as_of)s, so it is not compared with the year's target.")
        case WarningCode.FINAL_BEFORE_YEAR_END:
            return _(
                "It is marked as final although the as-of date (%(as_of)s) lies before the year's end."
                " Choose “interim” or “settlement forecast”."
            )
        case WarningCode.AS_OF_AFTER_YEAR:
            return _("The as-of date lies after the year's end (%(last_day)s).")
        case WarningCode.SUSPICIOUS_SCALE:
            return _scale_sentence(words)
        case WarningCode.DIFFERS_FROM_PROPOSAL if words["from"] == "register":
            return _("It differs from what the register says (%(proposed)s).")
        case WarningCode.DIFFERS_FROM_PROPOSAL:
            return _("It differs from what the accounts say (%(proposed)s).")
        case WarningCode.REASON_ASKED:
            return _("Give the reason in the note.")
        case _:
            assert_never(warning.code)


def _scale_sentence(words: dict[str, str]) -> str:
    large, last_year = words["direction"] == "too_large", words["compared_with"] == "previous"
    if large and last_year:
        return _("It is about %(factor)s times %(year)s (%(reference)s). Is it entered in %(unit)s?")
    if large:
        return _("It is about %(factor)s times the target (%(reference)s). Is it entered in %(unit)s?")
    if last_year:
        return _("It is about one %(factor)sth of %(year)s (%(reference)s). Is it entered in %(unit)s?")
    return _("It is about one %(factor)sth of the target (%(reference)s). Is it entered in %(unit)s?")


def sheet_warning_texts(as_of: date, fiscal_year: FiscalYear) -> list[str]:
    """What may be wrong with the as-of date of the whole sheet."""
    if as_of <= fiscal_year.last_day:
        return []
    day = fiscal.as_of_text(fiscal_year.last_day, get_language() or "ja")
    return [
        _("The as-of date lies after the year's end (%(day)s). Are these the figures of the year?")
        % {"day": day}
    ]


def refusal_texts(refusals: Sequence[Refusal]) -> list[str]:
    """Why an as-of date is not taken, and what to do."""
    language = get_language() or "ja"
    return [_refusal_text(refusal, language) for refusal in refusals]


def _refusal_text(refusal: Refusal, language: str) -> str:
    match refusal.code:
        case RefusalCode.AS_OF_IN_FUTURE:
            return _(
                "The as-of date must not lie in the future. For a forecast enter today's date"
                " and choose the certainty “settlement forecast”."
            )
        case RefusalCode.AS_OF_BEFORE_YEAR:
            return _("The as-of date must not lie before the year's first day (%(day)s).") % {
                "day": fiscal.date_label(refusal.params["first_day"], language)
            }
        case _:
            assert_never(refusal.code)


def moment(at: datetime | None, today: date) -> str:
    """When something was done: the time alone for today, otherwise with its day; empty where it never was."""
    if at is None:
        return ""
    return f"{timezone.localtime(at):%H:%M}" if clock.day_of(at) == today else template_tags.era_time(at)
