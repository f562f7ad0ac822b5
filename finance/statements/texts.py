"""The words for statements: their stages and figures, what is wrong with a total, what may be done next."""

from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from agreements.support.texts import joined
from finance.balance.totals import Excess, Part, Standing, TotalCheck, Tree
from finance.models import Account, RecordedUnit, Stage, Statement, TotalOf
from finance.statements.statements import StatementSheet, YearOfStatements
from iconm_portal.display import template_tags
from iconm_portal.models import ReviewState
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import format_number
from iconm_portal.values.text import listed

BLANK = "–"


def figure(yen: int | None, unit: RecordedUnit | str) -> str:
    """An amount in the unit of recording, without the unit: 805,499; ▲5; nothing where nothing was recorded."""
    if yen is None:
        return ""
    return format_number(Decimal(yen) / RecordedUnit(unit).unit.yen, strip_zeros=True)


def with_unit(yen: int, unit: RecordedUnit | str) -> str:
    """The same with its unit: 805,499千円."""
    return f"{figure(yen, unit)}{RecordedUnit(unit).label}"


# -- What an account cannot take --


def does_not_hold(account: Account, year: FiscalYear) -> str:
    return _("“%(account)s” does not hold in %(year)s, so it takes no amount.") % {
        "account": account.name,
        "year": template_tags.fiscal_year(year),
    }


def is_a_sum(account: Account, tree: Tree) -> str:
    """Why it takes no line, and which accounts do."""
    whole = next((one for one in tree.accounts if one.pk == account.within_id), account)
    below = tree.below(whole)
    return _("“%(account)s” is a sum in this year. Enter the amounts below it: %(below)s.") % {
        "account": whole.name,
        "below": listed(one.name for one in below),
    }


def is_negative(name: str) -> str:
    return _("%(name)s: an amount is not negative.") % {"name": name}


# -- Totals --


def name_of(check: TotalCheck | Part) -> str:
    """What the total is called on screen."""
    return check.account.name if check.account else str(check.of.label)


def wrong_total(check: TotalCheck, unit: RecordedUnit | str) -> str:
    """By how much a printed total is off its parts, naming each with its figure."""
    if check.printed is None:
        return ""
    words = {
        "total": name_of(check),
        "printed": with_unit(check.printed, unit),
        "parts": parts_in_words(check, unit),
    }
    if check.computed is None:
        return (
            _("%(total)s is printed as %(printed)s, but none of its amounts is entered: %(parts)s.") % words
        )
    off = abs(check.printed - check.computed)
    words |= {"computed": with_unit(check.computed, unit), "off": with_unit(off, unit)}
    if RecordedUnit(unit) is RecordedUnit.YEN:
        text = _(
            "%(total)s is printed as %(printed)s, but its amounts come to %(computed)s: %(off)s apart."
            " Check %(parts)s."
        )
    else:
        text = _(
            "%(total)s is printed as %(printed)s, but its amounts come to %(computed)s: %(off)s apart, which"
            " rounding cannot explain. Check %(parts)s."
        )
    return text % words


def parts_in_words(check: TotalCheck, unit: RecordedUnit | str) -> str:
    """Each part with its figure, in one line."""
    return listed(
        f"{name_of(part)} {BLANK if part.amount is None else figure(abs(part.amount), unit)}"
        for part in check.parts
    )


def rounding_note(unit: RecordedUnit | str) -> str:
    """Why printed figures need not add up to their printed total (T2's own note, in our words)."""
    return _("Each figure is rounded to %(unit)s on its own, so that parts and total may differ by that.") % {
        "unit": RecordedUnit(unit).label
    }


def parts_exceed(excess: Excess, unit: RecordedUnit | str) -> str:
    """That 内数 come to more than their account."""
    names = listed(part.name for part in excess.parts)
    words = {"parts": names, "account": excess.account.name, "sum": with_unit(excess.told_apart, unit)}
    if excess.whole is None:
        return _("%(parts)s is a part of “%(account)s”, for which nothing is entered.") % words
    words["whole"] = with_unit(excess.whole, unit)
    return _("%(parts)s (%(sum)s) is a part of “%(account)s” and cannot exceed it (%(whole)s).") % words


def beside_computed(check: TotalCheck, unit: RecordedUnit | str) -> str:
    """What the portal adds up where the printed total differs, and by how much."""
    if check.computed is None or check.difference is None:
        return _("not entered below")
    words = {"computed": figure(check.computed, unit), "difference": figure(check.difference, unit)}
    if check.standing is Standing.ROUNDING:
        return _("computed %(computed)s (%(difference)s, from rounding)") % words
    return _("computed %(computed)s (%(difference)s)") % words


# -- Statements --


def title(statement: Statement) -> str:
    """令和5年度 収支決算書 (2nd revision …), in the reader's language."""
    words = {"year": template_tags.fiscal_year(statement.fiscal_year), "stage": stage_name(statement)}
    if statement.revision == 1:
        return _("%(stage)s of %(year)s") % words
    return _("%(stage)s of %(year)s, revision %(number)s") % (words | {"number": statement.revision})


def name_in_year(statement: Statement) -> str:
    """What it is called among those of its year."""
    stage = stage_name(statement)
    if statement.revision == 1:
        return stage
    return _("%(stage)s, revision %(number)s") % {"stage": stage, "number": statement.revision}


def stage_name(statement: Statement) -> str:
    """What the document is called."""
    match statement.stage:
        case Stage.BUDGET:
            return _("Budget statement")
        case Stage.SUPPLEMENTARY:
            return _("Supplementary budget statement no. %(number)s") % {"number": statement.supplement}
        case Stage.FORECAST:
            return _("Forecast of the settlement")
        case Stage.SETTLEMENT:
            return _("Statement of settlement")
        case _:
            assert_never(statement.stage)


def chip(statement: Statement) -> SafeString:
    """Where it stands: a budget is decided, the others are accepted. That both verified the year is said where that is done."""
    return template_tags.chip(template_tags.REVIEW_CHIPS[statement.state], state_name(statement))


def state_name(statement: Statement) -> str:
    if not statement.is_settled:
        return statement.get_state_display()
    if statement.accepted_by_id is None:  # taken from a document, which does not say how it was settled
        return pgettext("statement", "Published")
    return pgettext("statement", "Decided") if statement.is_budget else pgettext("statement", "Accepted")


def finding(sheet: StatementSheet) -> str:
    """What the statement says, in a sentence, and what it waits for."""
    unit = sheet.unit
    shown = {check.of: check.shown for check in sheet.checks if check.account is None}
    revenue, expenditure, balance = (
        shown.get(of) for of in (TotalOf.REVENUE, TotalOf.EXPENDITURE, TotalOf.BALANCE)
    )
    if revenue is None or expenditure is None or balance is None:
        said = (
            _("Not all of it is entered yet.")
            if sheet.statement.is_editable
            else _("Not all of it is recorded.")
        )
    else:
        words = {
            "revenue": with_unit(revenue, unit),
            "expenditure": with_unit(expenditure, unit),
            "balance": with_unit(balance, unit),
        }
        said = _("Revenue %(revenue)s, expenditure %(expenditure)s, balance %(balance)s.") % words
    return joined([said, _what_next(sheet)])


def _what_next(sheet: StatementSheet) -> str:
    statement = sheet.statement
    match statement.state:
        case ReviewState.DRAFT:
            return _("The foundation is drafting it.")
        case ReviewState.RETURNED:
            return _("The city returned it; the foundation is revising it.")
        case ReviewState.SUBMITTED if statement.is_budget:
            return _("The foundation decides it after the consultation with the city.")
        case ReviewState.SUBMITTED:
            return _("It waits for the city's review.")
        case ReviewState.IN_REVIEW:
            return _("The city is reviewing it.")
        case ReviewState.ACCEPTED:
            if sheet.is_in_force:
                return _("These figures hold.")
            return _("A later statement of the year has replaced it.")
        case _:
            assert_never(statement.state)


def list_finding(years: Sequence[YearOfStatements]) -> str:
    """How many statements there are and of which years."""
    number = sum(len(year.lines) for year in years)
    if not number:
        return ""
    words = {
        "number": number,
        "first": template_tags.fiscal_year(years[-1].year),
        "last": template_tags.fiscal_year(years[0].year),
    }
    if len(years) == 1:
        return (
            ngettext("%(number)s statement, of %(last)s.", "%(number)s statements, of %(last)s.", number)
            % words
        )
    return (
        ngettext(
            "%(number)s statement, of %(first)s to %(last)s.",
            "%(number)s statements, of %(first)s to %(last)s.",
            number,
        )
        % words
    )
