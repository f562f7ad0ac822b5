"""The words for statements: their stages and figures, what is wrong with a total, what may be done next."""

from decimal import Decimal

from django.utils.translation import gettext as _

from finance.models import Account, RecordedUnit, TotalOf
from finance.totals import Excess, Part, TotalCheck, Tree
from iconm_portal.fiscal import FiscalYear
from iconm_portal.money import format_number
from iconm_portal.templatetags import portal

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
        "year": portal.fiscal_year(year),
    }


def is_a_sum(account: Account, tree: Tree) -> str:
    """Why it takes no line, and which accounts do."""
    whole = next((one for one in tree.accounts if one.pk == account.within_id), account)
    below = tree.below(whole)
    return _("“%(account)s” is a sum in this year. Enter the amounts below it: %(below)s.") % {
        "account": whole.name,
        "below": "、".join(one.name for one in below),
    }


def is_negative(name: str) -> str:
    return _("%(name)s: an amount is not negative.") % {"name": name}


# -- Totals --


def name_of(check: TotalCheck | Part) -> str:
    """What the total is called on screen."""
    return check.account.name if check.account else str(TotalOf(check.of).label)


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
    return (
        _(
            "%(total)s is printed as %(printed)s, but its amounts come to %(computed)s: %(off)s more than rounding"
            " can explain. Check %(parts)s."
        )
        % words
        if RecordedUnit(unit) is not RecordedUnit.YEN
        else _(
            "%(total)s is printed as %(printed)s, but its amounts come to %(computed)s: %(off)s apart."
            " Check %(parts)s."
        )
        % words
    )


def parts_in_words(check: TotalCheck, unit: RecordedUnit | str) -> str:
    """Each part with its figure, in one line."""
    return "、".join(
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
    names = "、".join(part.name for part in excess.parts)
    words = {"parts": names, "account": excess.account.name, "sum": with_unit(excess.told_apart, unit)}
    if excess.whole is None:
        return _("%(parts)s is a part of “%(account)s”, for which nothing is entered.") % words
    words["whole"] = with_unit(excess.whole, unit)
    return _("%(parts)s (%(sum)s) is a part of “%(account)s” and cannot exceed it (%(whole)s).") % words
