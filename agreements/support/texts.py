"""What the pages say of support measures: their limits, sums and years, in the reader's language."""

from datetime import date
from typing import assert_never

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from agreements.endings.grants import EndedBy, Grant
from agreements.models import LimitRule, SupportKind
from agreements.support.limits import Ceiling, Check, Missing, Standing
from agreements.support.support import Blank, Measure, YearOfMeasure
from iconm_portal.display.template_tags import era_date, era_date_short, fiscal_year_short, span
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit, Rounding, format_number, in_unit
from iconm_portal.values.text import listed

OKU = 100_000_000


def thousands(yen: int) -> str:
    """Yen as 千円, as the report's tables print them: 250,000; half-up, as every amount in 千円 is (docs/domain.md)."""
    return format_number(in_unit(yen, MoneyUnit.THOUSAND, Rounding.HALF_UP))


def thousand_yen(yen: int) -> str:
    """890,000千円, or ¥890,000 thousand; half-up."""
    return f"{thousands(yen)}千円" if _japanese() else f"¥{thousands(yen)} thousand"


def exact_yen(yen: int) -> str:
    """The same of a limit, and of what passes it; where it is no whole 千円, to the yen: half-up it would say another limit."""
    if yen % 1_000 == 0:
        return thousand_yen(yen)
    return f"{format_number(yen)}円" if _japanese() else f"¥{format_number(yen)}"


def large(yen: int) -> str:
    """9億円, as the report prints its totals, where it is whole 億; otherwise in 千円, or to the yen."""
    if yen == 0 or yen % OKU:
        return exact_yen(yen)
    return (
        f"{format_number(yen // OKU)}億円" if _japanese() else f"¥{format_number(yen // 1_000_000)} million"
    )


def years_label(years: "tuple[FiscalYear, ...] | list[FiscalYear]") -> str:
    """H27–R2 for a run without gaps, otherwise each run by itself: H27–H29, R1."""
    runs: list[list[FiscalYear]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    ends = ((fiscal_year_short(run[0]), fiscal_year_short(run[-1])) for run in runs)
    between = "〜" if _japanese() else "–"
    return listed(first if first == last else f"{first}{between}{last}" for first, last in ends)


def period(measure: Measure) -> str:
    """The fiscal years for which it is granted; where it ends before them, with the day."""
    return granted_years(measure.first_year, measure.last_year, measure.grant)


def granted_years(first_year: FiscalYear, last_year: FiscalYear | None, grant: Grant) -> str:
    """The same of a measure's row; marked where what it rests on is a draft."""
    said = _granted_years(first_year, last_year, grant)
    return said if grant.is_concluded else _("%(period)s (draft)") % {"period": said}


def _granted_years(first_year: FiscalYear, last_year: FiscalYear | None, grant: Grant) -> str:
    first = fiscal_year_short(first_year)
    last = grant.last_year if grant.ends_early else last_year
    if last is None:
        return _("from %(year)s") % {"year": first}
    if last < first_year:
        return _("from %(year)s, which it does not come to") % {"year": first}
    said = span(first, fiscal_year_short(last))
    if not grant.ends_early:
        return said
    return _("%(period)s (until %(day)s)") % {"period": said, "day": era_date_short(grant.last_day)}


def limit_in_words(measure: Measure) -> str:
    """The rule that limits the measure, as a sentence; of a draft, marked as what it would be."""
    if measure.is_draft:
        return _("Draft: %(limit)s") % {"limit": _limit(measure)}
    return _limit(measure)


def _limit(measure: Measure) -> str:
    match measure.limit_rule:
        case LimitRule.PERIOD_TOTAL if measure.total is not None and measure.last_year is not None:
            number = measure.last_year - measure.first_year + 1
            return ngettext(
                "At most %(total)s over %(number)s year.",
                "At most %(total)s over %(number)s years together.",
                number,
            ) % {"total": large(measure.total), "number": number}
        case LimitRule.PERIOD_TOTAL:
            return _("A total over the period, which is not recorded.")
        case LimitRule.INDIRECT_COST_INCOME:
            return _(
                "Each year at most the research-support expenditure that the foundation bears from that year's"
                " indirect-cost income, and within the city's budget."
            )
        case LimitRule.ANNUAL_AGREEMENT:
            return _("Each year at most the amount of the annual agreement, and within the city's budget.")
        case LimitRule.NONE:
            return _("No limit in yen.")
        case _:
            assert_never(measure.limit_rule)


def sum_in_words(measure: Measure, today: date) -> str:
    """What is recorded beside the printed total; after the period's end nothing is called still to come."""
    end = end_in_words(measure)
    match measure.kind:
        case SupportKind.LAND if measure.is_draft:
            return _("To be free of charge: the agreement or the contract is not concluded (案).")
        case _ if measure.is_draft:
            return _("Nothing is granted yet: the agreement or the contract is not concluded (案).")
        case SupportKind.LAND if measure.is_over and end:
            return end
        case SupportKind.LAND if end:
            return joined([_("Free of charge; no amount is recorded year by year."), end])
        case SupportKind.LAND:
            return _("Free of charge; no amount is recorded year by year.")
        case SupportKind.LOAN:
            if measure.total is None:
                return _("The amount of the loan is not recorded.")
            loan = _("A loan of %(total)s; nothing is granted year by year.") % {
                "total": large(measure.total)
            }
            return joined([loan, *([end] if end else [])])
        case SupportKind.CONTRIBUTION:
            return joined([_granted(measure, today), *([end] if end else [])])
        case _:
            assert_never(measure.kind)


def end_in_words(measure: Measure) -> str:
    """By what it ended, or is known to end, before the last year for which it was granted; empty where nothing does.

    Land that is free of charge ends on one of three grounds, and the sentence says on which.
    """
    grant = measure.grant
    judged = grant.judgement
    words = {"day": era_date(grant.last_day), "agreement": measure.agreement.short_title}
    match grant.ended_by:
        case EndedBy.AGREEMENT | EndedBy.CONTRACT:
            if grant.ended_by is EndedBy.CONTRACT and measure.contract is not None:
                words["agreement"] = measure.contract.short_title
            if measure.kind == SupportKind.LAND:
                return (
                    _("Free of charge until %(day)s only: %(agreement)s ended.") % words
                    if measure.is_over
                    else _("Free of charge until %(day)s only: %(agreement)s ends.") % words
                )
            return (
                _("It ended on %(day)s with %(agreement)s.") % words
                if measure.is_over
                else _("It ends on %(day)s with %(agreement)s.") % words
            )
        case EndedBy.NON_PERFORMANCE:
            words |= {"judged": era_date(judged.known_from) if judged else ""}
            words["agreement"] += measure.provision_label  # the article under which it is granted
            return (
                _(
                    "Free of charge until %(day)s only: on %(judged)s the city judged that the foundation does not"
                    " perform the agreement (%(agreement)s)."
                )
                % words
            )
        case EndedBy.EFFECT:
            words |= {
                "judged": era_date(judged.known_from) if judged else "",
                "year": fiscal_year_short(judged.verification.fiscal_year)
                if judged and judged.verification
                else "",
            }
            return (
                _(
                    "Free of charge until %(day)s only: by the evaluation of effects for %(year)s, judged on %(judged)s,"
                    " the conditions are no longer met."
                )
                % words
            )
        case EndedBy.TERM | None:
            return ""
        case _:
            assert_never(grant.ended_by)


def _granted(measure: Measure, today: date) -> str:
    if not measure.recorded:
        return _("No amount is recorded.")
    years = years_label([year.year for year in measure.recorded])
    if measure.recorded_sum is None:
        parts = [
            _("Amounts are recorded for %(years)s; they are not added up over the gap.") % {"years": years}
        ]
    else:
        parts = [_("%(sum)s for %(years)s.") % {"sum": thousand_yen(measure.recorded_sum), "years": years}]
    if measure.has_budget_in_sum:
        budgets = [year.year for year in measure.recorded if year.settled is None]
        parts.append(_("Of this, %(years)s is budget.") % {"years": years_label(budgets)})
    parts += _gaps(measure)
    remaining = measure.remaining(today)
    if remaining is not None:
        words = {"amount": thousand_yen(remaining)}
        parts.append(
            _("The total still allows %(amount)s at most until the period's end.") % words
            if measure.is_partial(today)
            else _("The total still allows %(amount)s until the period's end.") % words
        )
    return joined(parts)


def _gaps(measure: Measure) -> list[str]:
    missing = [year.year for year in measure.missing]
    if not missing:
        return []
    words = {"years": years_label(missing)}
    match measure.missing[0].blank:
        case Blank.NOT_PRINTED:
            return [_("For %(years)s the source prints no amount.") % words]
        case Blank.NOT_RECORDED:
            return [_("For %(years)s no amount is recorded.") % words]
        case _:
            assert_never(measure.missing[0].blank)


def blank_text(year: YearOfMeasure) -> str:
    """The word in the place of an amount that is not there."""
    return blank_word(year.blank)


def blank_word(blank: Blank) -> str:
    match blank:
        case Blank.NOT_PRINTED:
            return _("not in the source")
        case Blank.NOT_RECORDED:
            return _("not recorded")
        case _:
            assert_never(blank)


def check_text(check: Check) -> str:
    """How an amount stands against its limit."""
    words = {"limit": exact_yen(check.limit or 0), "excess": exact_yen(check.excess)}
    is_budget = check.ceiling is Ceiling.BUDGET
    match check.standing:
        case Standing.WITHIN:
            return (
                _("Within the budget of %(limit)s") if is_budget else _("Within the limit of %(limit)s")
            ) % words
        case Standing.PASSED if is_budget:
            return _("Passes the budget by %(excess)s") % words
        case Standing.PASSED:
            return _("Passes the limit of %(limit)s by %(excess)s") % words
        case Standing.UNKNOWN:
            return _not_checked(check)
        case _:
            assert_never(check.standing)


def _not_checked(check: Check) -> str:
    match check.ceiling:
        case Ceiling.INDIRECT_COST_INCOME if check.missing is Missing.EXPENDITURE:
            return _("Cannot be checked: the research-support expenditure is not recorded")
        case Ceiling.INDIRECT_COST_INCOME:
            return _("Cannot be checked: the indirect-cost income is not recorded")
        case Ceiling.ANNUAL_AGREEMENT:
            return _("Cannot be checked: no annual agreement with an amount is recorded")
        case Ceiling.BUDGET | Ceiling.PERIOD_TOTAL:
            return _("Cannot be checked: no budget is recorded")
        case _:
            assert_never(check.ceiling)


def passed_texts(measure: Measure) -> list[str]:
    """Every limit that was passed, with the year where it is a year's."""
    period = measure.period_check
    said = [check_text(period)] if period is not None and period.standing is Standing.PASSED else []
    for year in measure.years:
        texts = [check_text(check) for check in year.checks if check.standing is Standing.PASSED]
        words = {"year": fiscal_year_short(year.year)}
        said += [_("%(year)s: %(text)s") % {**words, "text": text} for text in texts]
    return said


def chip_of(check: Check | None, *, is_partial: bool = False, is_allowed: bool = False) -> tuple[str, str]:
    """Kind and word of the chip that says how an amount stands; nothing to say without a check. What is above its limit
    because a consultation allowed it (`is_allowed`) is no breach.

    `is_partial`: a year of what is summed up is not recorded, so that the whole is not known to stay within the limit.
    """
    if check is None:
        return "", ""
    if is_allowed and check.standing is Standing.PASSED:
        return "interim", _("raised by consultation")
    if is_partial and check.standing is Standing.WITHIN:
        return "interim", _("within the limit as far as it is recorded")
    return {
        Standing.WITHIN: ("met", _("within the limit")),
        Standing.PASSED: ("not-met", _("limit passed")),
        Standing.UNKNOWN: ("unreported", _("cannot be checked")),
    }[check.standing]


def finding(measures: "tuple[Measure, ...]") -> str:
    """What there is in a sentence: what the city has given so far, and whether a limit was passed or stays open; what
    is only a draft is named, and counted nowhere."""
    if not measures:
        return _("No support measure is recorded.")
    drafts = sum(measure.is_draft for measure in measures)
    said = _finding(tuple(measure for measure in measures if not measure.is_draft))
    return joined([said, *([drafts_text(drafts)] if drafts else [])])


def drafts_text(number: int) -> str:
    """How many measures are only drafts."""
    return ngettext(
        "%(number)s measure is a draft (案): what it rests on is not concluded, and it is not counted.",
        "%(number)s measures are drafts (案): what they rest on is not concluded, and they are not counted.",
        number,
    ) % {"number": number}


def _finding(measures: "tuple[Measure, ...]") -> str:
    contributions = [measure for measure in measures if measure.recorded]
    if not contributions:
        return _("No contribution has an amount yet.")
    recorded = [year for measure in contributions for year in measure.recorded]
    years = sorted({year.year for year in recorded})
    missing = sorted({year.year for measure in measures for year in measure.missing})
    missing = [year for year in missing if years[0] < year <= years[-1]]
    if missing and missing[0] < years[-1]:
        parts = [
            _("Contributions of the city are recorded for %(years)s; they are not added up over the gap.")
            % {"years": years_label(years)}
        ]
    else:
        total = sum(year.fact.amount for year in recorded if year.fact)
        parts = [
            _("The city's contributions recorded for %(years)s come to %(sum)s.")
            % {"years": years_label(years), "sum": thousand_yen(total)}
        ]
    if missing:
        parts.append(
            _("For %(years)s the amount of a contribution is not recorded.") % {"years": years_label(missing)}
        )
    if any(measure.has_budget_in_sum for measure in contributions):
        parts.append(_("Where nothing is settled yet, the budget counts."))
    passed = [is_allowed for measure in contributions for is_allowed in measure.passed]
    return joined([*parts, *_passed(passed.count(False)), *_allowed(passed.count(True))])


def _passed(number: int) -> list[str]:
    said = ngettext(
        "%(number)s limit is passed, and no consultation about it is recorded.",
        "%(number)s limits are passed, and no consultation about them is recorded.",
        number,
    )
    return [said % {"number": number}] if number else []


def _allowed(number: int) -> list[str]:
    said = ngettext(
        "%(number)s limit is passed, by consultation.",
        "%(number)s limits are passed, by consultation.",
        number,
    )
    return [said % {"number": number}] if number else []


def joined(sentences: list[str]) -> str:
    """Sentences one after the other; Japanese puts no space between them."""
    return ("" if _japanese() else " ").join(sentences)


def _japanese() -> bool:
    return (get_language() or "ja").startswith("ja")
