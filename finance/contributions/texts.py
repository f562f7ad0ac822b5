"""What the page of contributions says: granted beside drawn, what limited each year, and what cannot be checked."""

from typing import assert_never

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.models import LimitRule
from agreements.support import texts
from agreements.support.limits import Ceiling, Check, Missing, Standing
from agreements.support.texts import exact_yen, joined, large, thousand_yen, years_label
from finance.contributions.contribution_balance import MeasureDrawn, YearDrawn
from iconm_portal.values.fiscal import FiscalYear


def finding(measures: tuple[MeasureDrawn, ...]) -> str:
    """Whether what was drawn is what was granted, and whether any limit was passed or stays open."""
    if not measures:
        return _("No contribution is recorded.")
    drafts = sum(measure.is_draft for measure in measures)
    hidden = sorted({year for measure in measures for year in measure.hidden_years})
    besides = [hidden_text(hidden)] if hidden else []
    besides += [texts.drafts_text(drafts)] if drafts else []
    drawn = [(year, measure) for measure in measures for year in measure.years if year.drawn is not None]
    if not drawn:
        none = (
            _("No settlement and no closed ledger says yet that a contribution was drawn.")
            if hidden
            else _("No statement or ledger says yet that a contribution was drawn.")
        )
        return joined([none, *besides])
    parts = [_sum(measures, [year for year, _measure in drawn]), _differences(measures), _limits(measures)]
    return joined([part for part in (*parts, *besides) if part])


def hidden_text(years: list[FiscalYear]) -> str:
    """That the ledger of these years is there, and not for this reader."""
    return _(
        "The ledger of %(years)s is not closed yet; until then it is the foundation's own and not counted here."
    ) % {"years": years_label(years)}


def no_ledger_word(year: YearDrawn) -> str:
    """Why no sum of the ledger stands there: not seen, nothing posted on the account, or no ledger at all."""
    if year.is_ledger_hidden:
        return _("not closed: the foundation's own")
    return _("no entry") if year.has_ledger else _("no ledger")


def _sum(measures: tuple[MeasureDrawn, ...], drawn: list[YearDrawn]) -> str:
    """What was drawn in all, but over no year between in which a contribution ran and nothing is recorded of it."""
    years = sorted({year.year for year in drawn})
    rows = [row for measure in measures for row in measure.years]
    missing = sorted({row.year for row in rows if row.drawn is None and years[0] < row.year < years[-1]})
    if missing:
        return _(
            "By the accounts, contributions were drawn in %(years)s. What was drawn in %(missing)s is not known for each"
            " contribution; the years are not added up over the gap."
        ) % {"years": years_label(years), "missing": years_label(missing)}
    return _("By the accounts, contributions of %(sum)s were drawn in %(years)s.") % {
        "sum": thousand_yen(sum(year.drawn or 0 for year in drawn)),
        "years": years_label(years),
    }


def _differences(measures: tuple[MeasureDrawn, ...]) -> str:
    """What agrees, what differs, what nothing was granted for, and what is only a part of its year so far."""
    rows = [year for measure in measures for year in measure.years]
    compared = [row for row in rows if row.difference is not None]
    differing = [row for row in compared if row.difference]
    not_granted = sorted({row.year for row in rows if row.is_not_granted})
    part_years = sorted({row.year for row in rows if row.is_part_year})
    said = []
    if differing:
        said.append(
            ngettext(
                "%(number)s amount differs from what was granted.",
                "%(number)s amounts differ from what was granted.",
                len(differing),
            )
            % {"number": len(differing)}
        )
    elif compared and not not_granted and not part_years:
        said.append(_("Each is what was granted."))
    elif agreeing := sorted({row.year for row in compared} - {*not_granted, *part_years}):
        said.append(_("In %(years)s it is what was granted.") % {"years": years_label(agreeing)})
    if not_granted:
        said.append(
            _("For %(years)s no granted amount is recorded to compare with.")
            % {"years": years_label(not_granted)}
        )
    if part_years:
        said.append(_("%(years)s is a part of the year so far.") % {"years": years_label(part_years)})
    return joined(said)


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
    if all(measure.is_draft for measure in measures):
        return ""
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


def rule_name(measure: MeasureDrawn, year: YearDrawn) -> str:
    """The rule that limited the year's amount."""
    if measure.is_draft:
        return _("None yet: a draft (案)")
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
            bound = _("(half of the research-support expenditure is %(limit)s)")
        case Missing.EXPENDITURE | None:
            bound = _("(the indirect-cost income is %(limit)s)")
        case _:
            assert_never(check.missing)
    return joined([text, bound % {"limit": exact_yen(check.limit)}])


def rule_notes(measures: tuple[MeasureDrawn, ...]) -> list[str]:
    """What the rules on the page mean: of each that limits a contribution of this center, and of no other."""
    rules = {measure.measure.limit_rule for measure in measures if not measure.is_draft}
    notes = []
    if LimitRule.INDIRECT_COST_INCOME in rules:
        notes.append(
            _(
                "What the foundation bears of research support is what the contribution leaves of the expenditure. So"
                " the limit is the lower of the year's indirect-cost income and of half that expenditure."
            )
        )
    if rules - {LimitRule.NONE}:
        notes.append(
            _("A limit of which something is not recorded cannot be checked, and is never called kept.")
        )
    return notes


def difference_text(year: YearDrawn) -> str:
    """Drawn less granted, in words; empty where nothing was drawn."""
    if year.is_part_year and year.granted is not None:
        words = {"drawn": thousand_yen(year.drawn or 0), "granted": thousand_yen(year.granted.amount)}
        return _("%(drawn)s of %(granted)s so far: the year is running") % words
    if year.is_part_year:
        return _("the year is running")
    if year.is_not_granted:
        return _("no granted amount is recorded")
    if year.difference is None:
        return ""
    if year.difference == 0:
        return _("no difference")
    words = {"amount": thousand_yen(abs(year.difference))}
    return _("%(amount)s more drawn") % words if year.difference > 0 else _("%(amount)s less drawn") % words


def sum_text(measure: MeasureDrawn) -> str:
    """The sum of what was drawn, against the period's total where there is one, with what that leaves."""
    if measure.is_draft and not measure.drawn_years:
        return texts.sum_in_words(measure.measure, measure.measure.known_at)
    if not measure.drawn_years and measure.hidden_years:
        return _("Nothing was drawn by the settlements and closed ledgers.")
    if not measure.drawn_years:
        return _("Nothing was drawn by the accounts.")
    years = years_label(measure.drawn_years)
    if measure.drawn_sum is None:
        parts = [
            _(
                "Drawn in %(years)s; for %(missing)s nothing is known, and the years are not added up over the gap."
            )
            % {"years": years, "missing": years_label(measure.gap)}
        ]
    else:
        parts = [_("Drawn in %(years)s: %(sum)s.") % {"years": years, "sum": thousand_yen(measure.drawn_sum)}]
    running = [year.year for year in measure.years if year.is_part_year]
    if running:
        parts.append(_("%(years)s is a part of the year so far.") % {"years": years_label(running)})
    if measure.is_draft:
        parts.append(texts.sum_in_words(measure.measure, measure.measure.known_at))
    return joined([*parts, *_against_the_total(measure)])


def _against_the_total(measure: MeasureDrawn) -> list[str]:
    """What the period's total leaves; at most that where a year is not recorded."""
    check = measure.period_check
    if check is None or check.limit is None:
        return []
    words = {"limit": large(check.limit), "excess": exact_yen(check.excess)}
    if measure.left is None:
        return [_("It passes the total of %(limit)s by %(excess)s.") % words]
    words["left"] = thousand_yen(measure.left)
    unknown = sorted({*measure.uncounted_years, *measure.hidden_years})
    if not unknown:
        return [_("It stays within the total of %(limit)s, of which %(left)s is left.") % words]
    words["years"] = years_label(unknown)
    return [
        _(
            "As far as it is known it stays within the total of %(limit)s, of which %(left)s is left at most: for"
            " %(years)s nothing is known."
        )
        % words
    ]
