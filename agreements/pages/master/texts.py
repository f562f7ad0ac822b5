"""What the pages of the master data say of an obligation's rule, in words and by an example."""

from typing import assert_never

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from agreements.duties import due_dates
from agreements.models import Obligation, Timing
from iconm_portal.templatetags import portal
from iconm_portal.values.fiscal import FiscalYear

# The calendar year in which something falls due, seen from the fiscal year that it concerns (its first one is 0).
OFFSETS: dict[int, Promise] = {
    -2: gettext_lazy("two years before the fiscal year begins"),
    -1: gettext_lazy("the year before the fiscal year begins"),
    0: gettext_lazy("the year in which the fiscal year begins"),
    1: gettext_lazy("the year after, in which the fiscal year ends"),
    2: gettext_lazy("two years after the fiscal year begins"),
    3: gettext_lazy("three years after the fiscal year begins"),
}
_MONTHS = "January February March April May June July August September October November December".split()


def rule(obligation: Obligation, year: FiscalYear) -> str:
    """When it falls due, with the day for one fiscal year as an example; for what is typed also while it is wrong."""
    if obligation.timing not in Timing.values:  # as typed
        return ""
    match obligation.timing:
        case Timing.ONCE:
            return (
                portal.era_date(obligation.due_on) if obligation.due_on else _("once, without a printed date")
            )
        case Timing.CONTINUOUS | Timing.ON_REQUEST:
            return obligation.get_timing_display()
        case Timing.YEARLY:
            return _yearly(obligation, year)
        case _:
            assert_never(obligation.timing)


def _yearly(obligation: Obligation, year: FiscalYear) -> str:
    month, day, offset = obligation.due_month, obligation.due_day, obligation.due_year_offset
    if month is None or day is None:
        return _("every fiscal year, without a printed date")
    if not due_dates.exists(month, day) or offset not in OFFSETS:
        return ""
    due = due_dates.due_date(month=month, day=day, year_offset=offset, fiscal_year=year)
    said = _in_words(month, day, offset)
    return _("%(rule)s (for %(year)s: %(day)s)") % {
        "rule": said,
        "year": portal.fiscal_year(year),
        "day": portal.era_date(due.on),
    }


def _in_words(month: int, day: int, offset: int) -> str:
    """対象年度の前年の8月31日: the years as Japanese rules count them, from the fiscal year's number."""
    named = month if (get_language() or "ja").startswith("ja") else _MONTHS[month - 1]
    words = {"month": named, "day": day}
    match offset:
        case -2:
            return pgettext("due date", "%(day)s %(month)s two years before the fiscal year") % words
        case -1:
            return pgettext("due date", "%(day)s %(month)s of the year before the fiscal year") % words
        case 0:
            return pgettext("due date", "%(day)s %(month)s of the fiscal year's own year") % words
        case 1:
            return pgettext("due date", "%(day)s %(month)s of the year after the fiscal year's own") % words
        case 2:
            return pgettext("due date", "%(day)s %(month)s two years after the fiscal year's own") % words
    return pgettext("due date", "%(day)s %(month)s three years after the fiscal year's own") % words
