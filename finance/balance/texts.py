"""How the balance is said: figures in a display unit, findings in sentences, notes below the table.

Pure: facts of the balance in, words in the reader's language out. Names of accounts are data and stay Japanese.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import assert_never

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agreements.support.texts import years_label
from finance.balance.balance import Absent, Amount, Balance, Cell, Face, StatementFacts, yen
from finance.balance.totals import Standing, TotalCheck
from finance.models import Stage, TotalOf
from iconm_portal.display.template_tags import fiscal_year, fiscal_year_short
from iconm_portal.values.fiscal import FiscalYear
from iconm_portal.values.money import MoneyUnit, Rounding, format_number, in_unit, percent

NOT_APPLICABLE = "－"


def figure(amount: int, unit: MoneyUnit) -> str:
    """▲23,477: whole units, half-up, without the unit."""
    return format_number(in_unit(amount, unit, Rounding.HALF_UP))


def money(amount: int, unit: MoneyUnit) -> str:
    """972,441千円."""
    return f"{figure(amount, unit)}{unit}"


def cell_text(cell: Cell, unit: MoneyUnit) -> str:
    """The figure, 「－」, or nothing: what is not recorded has no sign of its own."""
    match cell:
        case Absent.NOT_APPLICABLE:
            return NOT_APPLICABLE
        case Absent.BLANK:
            return ""
        case Amount():
            return figure(cell.yen, unit)
        case _:
            assert_never(cell)


def rate_text(budget: int | None, settled: int | None, unit: MoneyUnit) -> str:
    """The execution rate, 98.4%, of the two amounts as they are printed in the unit; nothing where one of them is
    missing or the budget is printed as 0."""
    if budget is None or settled is None:
        return ""
    printed = [in_unit(amount, unit, Rounding.HALF_UP) for amount in (settled, budget)]
    return f"{format_number(percent(*printed), 1)}%" if printed[1] else ""


FACE_NAMES = {
    Face.SETTLEMENT: lambda: _("Settlement"),
    Face.FORECAST: lambda: _("Settlement forecast"),
    Face.BUDGET: lambda: _("Budget in force"),
}


def face_name(face: Face) -> str:
    """決算, 決算見込, 予算（補正後）."""
    return FACE_NAMES[face]()


def column_name(face: Face, statement: StatementFacts | None) -> str:
    """The same for one year, where it is known how often the budget was supplemented."""
    if statement is not None and statement.stage is Stage.BUDGET:
        return _("Budget")
    if statement is not None and statement.stage is Stage.SUPPLEMENTARY:
        return _("Budget after supplementary no. %(number)s") % {"number": statement.supplement}
    return face_name(face)


# -- The finding --


def finding(balance: Balance, years: Sequence[FiscalYear], face: Face, unit: MoneyUnit) -> str:
    """The last year's revenue, expenditure and balance, the city's share, and what has come together over the years."""
    told = [year for year in years if balance.statement(year, face)]
    if not told:
        return _("No such statement is known for these fiscal years.")
    last = told[-1]
    revenue, expenditure, left = (yen(balance.total(of, last, face)) for of in TOTALS)
    parts = []
    if revenue is not None and expenditure is not None and left is not None:
        words = {
            "year": fiscal_year(last),
            "revenue": money(revenue, unit),
            "expenditure": money(expenditure, unit),
            "balance": money(left, unit),
        }
        if face is Face.SETTLEMENT:
            said = _("%(year)s: revenue %(revenue)s, expenditure %(expenditure)s, balance %(balance)s.")
        else:
            words["stage"] = column_name(face, balance.statement(last, face))
            said = _(
                "%(year)s, %(stage)s: revenue %(revenue)s, expenditure %(expenditure)s, balance %(balance)s."
            )
        parts.append(said % words)
    parts += _share_in_words(balance, told, face)
    parts += _cumulative_in_words(balance, told, face, unit)
    return joined(parts)


TOTALS = (TotalOf.REVENUE, TotalOf.EXPENDITURE, TotalOf.BALANCE)


def city_share(balance: Balance, year: FiscalYear, face: Face) -> Decimal | None:
    """The city's contributions as a percentage of the year's revenue; None where one of the two is missing."""
    given, revenue = (
        balance.contributions(year, face),
        yen(balance.total(TotalOf.REVENUE, year, face)),
    )
    return percent(given, revenue) if given is not None and revenue else None


def _share_in_words(balance: Balance, years: Sequence[FiscalYear], face: Face) -> list[str]:
    shares = [(year, share) for year in years if (share := city_share(balance, year, face)) is not None]
    if not shares:
        return []
    (first, begun), (last, now) = shares[0], shares[-1]
    words = {
        "now": f"{format_number(now, 1)}%",
        "begun": f"{format_number(begun, 1)}%",
        "last": fiscal_year_short(last),
        "first": fiscal_year_short(first),
    }
    if first == last:
        return [_("The city's contributions are %(now)s of the revenue.") % words]
    return [
        _("The city's contributions were %(begun)s of the revenue in %(first)s and %(now)s in %(last)s.")
        % words
    ]


def _cumulative_in_words(
    balance: Balance, years: Sequence[FiscalYear], face: Face, unit: MoneyUnit
) -> list[str]:
    """What has come together up to the first gap, as the chart draws it, and the years that are missing."""
    every = FiscalYear.range(years[0], years[-1])
    if len(every) < 2:
        return []
    together = balance.cumulative(every, face)
    missing = [year for year in every if yen(balance.total(TotalOf.BALANCE, year, face)) is None]
    run = [(year, so_far) for year, so_far in together.items() if so_far is not None]
    said = []
    if len(run) > 1:
        last, so_far = run[-1]
        words = {"first": fiscal_year_short(every[0]), "last": fiscal_year_short(last)}
        said.append(
            _("The balances of %(first)s to %(last)s come to %(sum)s together.")
            % {**words, "sum": money(so_far, unit)}
        )
    if missing:
        said.append(
            _("For %(years)s no balance is known; nothing is added up beyond.")
            % {"years": years_label(missing)}
        )
    return said


# -- Notes --


def notes(balance: Balance, years: Sequence[FiscalYear], faces: Iterable[Face]) -> list[str]:
    """What the table cannot say by itself, each only where it applies."""
    statements = [
        statement for year in years for face in faces if (statement := balance.statement(year, face))
    ]
    found = []
    rounded = sorted(
        {
            statement.year
            for statement in statements
            if any(check.standing is Standing.ROUNDING for check in balance.checks(statement))
        }
    )
    if rounded:
        found.append(
            _("Each figure is rounded on its own, so that parts and total can differ by little: %(years)s.")
            % {"years": years_text(rounded)}
        )
    found += _account_notes(balance, years)
    if balance.has_deposits:
        found.append(_("Deposits held for tenants are left out."))
    return found


def _account_notes(balance: Balance, years: Sequence[FiscalYear]) -> list[str]:
    """Accounts that begin or end within the years, and those that turn from a line into a sum."""
    found = []
    for account in balance.accounts:
        holds = [year for year in years if account.is_valid_in(year)]
        if not holds or account.within_id is not None:
            continue
        words = {"account": account.name}
        sums = [year for year in holds if balance.tree(year).is_sum(account)]
        if sums and len(sums) < len(holds):
            under = "・".join(one.name for one in balance.tree(sums[0]).below(account))
            found.append(
                _("From %(year)s on, %(account)s is the sum of %(parts)s.")
                % {**words, "year": fiscal_year_short(sums[0]), "parts": under}
            )
        elif account.measure_id is not None and holds[0] != years[0]:
            found.append(
                _("%(account)s begins with %(year)s.") % {**words, "year": fiscal_year_short(holds[0])}
            )
    return found


def wrong_totals(
    balance: Balance, years: Sequence[FiscalYear], faces: Iterable[Face], unit: MoneyUnit
) -> list[str]:
    """Printed totals that rounding does not explain, as warnings."""
    return [
        _("%(year)s, %(total)s: %(printed)s is printed, and the parts come to %(computed)s.")
        % {
            "year": fiscal_year_short(year),
            "total": total_name(check),
            "printed": money(check.printed or 0, unit),
            "computed": money(check.computed or 0, unit),
        }
        for year in years
        for face in faces
        if (statement := balance.statement(year, face))
        for check in balance.checks(statement)
        if check.is_wrong
    ]


def total_name(check: TotalCheck) -> str:
    """収入合計, 支出合計, 当期収支差額, or the account's name."""
    return check.account.name if check.account else str(check.of.label)


def years_text(years: Sequence[FiscalYear]) -> str:
    """R1・R2, or FY2019, FY2020."""
    return list_sign().join(fiscal_year_short(year) for year in years)


def list_sign() -> str:
    return "・" if _japanese() else ", "


def joined(sentences: Sequence[str]) -> str:
    """Sentences one after the other; Japanese puts no space between them."""
    return ("" if _japanese() else " ").join(sentences)


def _japanese() -> bool:
    return (get_language() or "ja").startswith("ja")
