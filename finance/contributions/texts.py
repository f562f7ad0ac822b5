"""What the page of contributions says: granted beside drawn, what limited each year, and what cannot be checked."""

from typing import assert_never

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import LimitRule
from agreements.support import texts
from agreements.support.limits import Ceiling, Check, Missing, Standing
from agreements.support.texts import joined, large, thousand_yen, years_label
from finance.contributions.contribution_balance import MeasureDrawn, YearDrawn


def finding(measures: tuple[MeasureDrawn, ...]) -> str:
    """Whether what was drawn is what was granted, and whether any limit was passed or stays open."""
    if not measures:
        return _("No contribution is recorded.")
    drawn = [(year, measure) for measure in measures for year in measure.years if year.drawn is not None]
    if not drawn:
        return _("No statement or ledger says yet that a contribution was drawn.")
    total = sum(year.drawn or 0 for year, _measure in drawn)
    years = sorted({year.year for year, _measure in drawn})
    parts = [
        _("By the accounts, contributions of %(sum)s were drawn in %(years)s.")
        % {"sum": thousand_yen(total), "years": years_label(years)},
        _differences(measures),
        _limits(measures),
    ]
    return joined([part for part in parts if part])


def _differences(measures: tuple[MeasureDrawn, ...]) -> str:
    compared = [year for measure in measures for year in measure.years if year.difference is not None]
    differing = [year for year in compared if year.difference]
    if differing:
        return ngettext(
            "%(number)s amount differs from what was granted.",
            "%(number)s amounts differ from what was granted.",
            len(differing),
        ) % {"number": len(differing)}
    return _("Each is what was granted.") if compared else ""


def _limits(measures: tuple[MeasureDrawn, ...]) -> str:
    passed = [measure for measure in measures if measure.is_passed and not measure.is_allowed]
    allowed = [measure for measure in measures if measure.is_passed and measure.is_allowed]
    if passed or allowed:
        return joined([said for said in (_passed(len(passed)), _allowed(len(allowed))) if said])
    unchecked = sorted({year.year for measure in measures for year in measure.years if year.is_unchecked})
    if unchecked:
        return _("No limit is known to be passed; for %(years)s it cannot be checked.") % {
            "years": years_label(unchecked)
        }
    return _("No limit is passed.")


def _passed(number: int) -> str:
    if not number:
        return ""
    return ngettext(
        "The limit of %(number)s contribution is passed.",
        "The limits of %(number)s contributions are passed.",
        number,
    ) % {"number": number}


def _allowed(number: int) -> str:
    if not number:
        return ""
    return ngettext(
        "%(number)s contribution is above its limit by as much as a consultation allowed.",
        "%(number)s contributions are above their limits by as much as consultations allowed.",
        number,
    ) % {"number": number}


def chip_of(check: Check | None, *, is_allowed: bool) -> tuple[str, str]:
    """Kind and word of the chip; an amount above its limit that a consultation allowed is no breach."""
    if check is not None and check.standing is Standing.PASSED and is_allowed:
        return "interim", _("raised by consultation")
    return texts.chip_of(check)


def rule_name(measure: MeasureDrawn, year: YearDrawn) -> str:
    """The rule that limited the year's amount."""
    if year.raised is not None:
        return _("Raised by consultation to %(amount)s") % {"amount": thousand_yen(year.raised)}
    match measure.measure.limit_rule:
        case LimitRule.PERIOD_TOTAL if measure.measure.total is not None:
            return _("The period's total of %(total)s") % {"total": large(measure.measure.total)}
        case LimitRule.INDIRECT_COST_INCOME:
            return _("Research support borne from indirect-cost income")
        case LimitRule.ANNUAL_AGREEMENT:
            return _("The amount of the annual agreement")
        case LimitRule.PERIOD_TOTAL | LimitRule.NONE:
            return _("No limit in yen.")
        case _:
            assert_never(measure.measure.limit_rule)


def check_texts(year: YearDrawn) -> list[str]:
    """How the year stands to each of its ceilings. Nothing is said of a budget against itself, or of none."""
    is_spent = year.drawn is not None or year.settled is not None
    return [
        _check_text(check)
        for check in year.checks
        if check.ceiling is not Ceiling.BUDGET or (check.limit is not None and is_spent)
    ]


def _check_text(check: Check) -> str:
    text = texts.check_text(check)
    if check.standing is not Standing.UNKNOWN or check.limit is None:
        return text
    match check.missing:
        case Missing.INDIRECT_COST_INCOME:
            bound = _("(what it leaves of the expenditure to the foundation is %(limit)s)")
        case Missing.EXPENDITURE | None:
            bound = _("(the indirect-cost income is %(limit)s)")
        case _:
            assert_never(check.missing)
    return joined([text, bound % {"limit": thousand_yen(check.limit)}])


def difference_text(year: YearDrawn) -> str:
    """Drawn less granted, in words; empty where one of them is not recorded."""
    if year.difference is None:
        is_growing = year.is_running and year.line is None and year.in_ledger is not None
        return _("the year is running") if is_growing else ""
    if year.difference == 0:
        return _("no difference")
    words = {"amount": thousand_yen(abs(year.difference))}
    return _("%(amount)s more drawn") % words if year.difference > 0 else _("%(amount)s less drawn") % words


def sum_text(measure: MeasureDrawn) -> str:
    """The sum of what was drawn, against the period's total where there is one; never a remainder."""
    if measure.drawn_sum is None:
        return _("Nothing was drawn by the accounts.")
    parts = [
        _("Drawn in %(years)s: %(sum)s.")
        % {"years": years_label(measure.drawn_years), "sum": thousand_yen(measure.drawn_sum)}
    ]
    check = measure.period_check
    if check is not None and check.limit is not None:
        words = {"limit": large(check.limit), "excess": thousand_yen(check.excess)}
        parts.append(
            _("It passes the total of %(limit)s by %(excess)s.") % words
            if check.standing is Standing.PASSED
            else _("It stays within the total of %(limit)s.") % words
        )
    return joined(parts)
