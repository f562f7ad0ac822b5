"""Of the pages of money: what was received and spent, what came together, and what of the city's contributions was drawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.generated.pages.grammar import Grammar, Table
from tests.generated.pages.home import HOME
from tests.generated.pages.values import OnDay
from tests.generated.pages.words import number, year
from tests.generated.reckoned_agreements import Agreements
from tests.generated.reckoned_kpis import shown
from tests.generated.reckoned_money import GRANT, Money, gap, thousand

ACCOUNTS = {
    "共同研究負担金": "rent",
    "研究費": "research-income",
    "研究間接費収入": "indirect",
    "その他": "other",
    "市負担金": GRANT,
    "研究事業": "research",
    "運営費": "running",
    "施設管理": "building",
    "研究支援": "support",
}
BLANK = ("", "－", "記録なし", "not recorded")


@dataclass
class OnMoney(OnDay):
    """A page of money."""

    year: int = 0

    @property
    def money(self) -> Money:
        sees_open = self.role == "foundation-staff"
        key = f"money {sees_open}"
        found: Money = self.reckoned.get(key) or Money(self.log, self.day, sees_open=sees_open)
        self.reckoned[key] = found
        return found


def says(yen: int | None, said: int | Fraction) -> bool:
    """Whether that is what is said of it in 千円, or to the yen."""
    return yen is not None and said in (thousand(yen), Fraction(yen, 1_000))


# -- Revenue and expenditure over the years --

BALANCE = Grammar("balance")
BALANCE.sayings += [one for one in HOME.sayings if one.name in ("known_on", "of_a_past_day", "always")]
BALANCE.is_silent(css="unit-line")
BALANCE.is_silent(css="no-print")
BALANCE.always(
    "「－」はその年度に科目がないもの、空欄は記録のないもの。0は0円。",
    "－: the account did not exist in that year. Blank: nothing is recorded. 0 is zero.",
)


@BALANCE.says(
    "{year}は収入{revenue:yen}、支出{expenditure:yen}、収支差額{balance:yen}。",
    "{year}: revenue {revenue:yen}, expenditure {expenditure:yen}, balance {balance:yen}.",
)
def last_year(on: OnMoney, year: int, revenue: int, expenditure: int, balance: int) -> bool:
    """The totals of the last settlement known."""
    of = on.money.settled_years[-1]
    said = (("revenue", revenue), ("expenditure", expenditure), ("balance", balance))
    return year == of and all(says(on.money.settled(of, what), yen) for what, yen in said)


@BALANCE.says(
    "収入に占める市負担金の割合は、{first:year}の{begun:rate}から{last:year}は{now:rate}。",
    "The city's contributions were {begun:rate} of the revenue in {first:year} and {now:rate} in {last:year}.",
)
def shares(on: OnMoney, first: int, begun: str, last: int, now: str) -> bool:
    """The first and the last year of which both the contributions and the revenue are recorded."""
    known = [of for of in on.money.settled_years if on.money.share(of) is not None]
    said = (known[0], on.money.share(known[0])), (known[-1], on.money.share(known[-1]))
    return said == ((first, _tenths(begun)), (last, _tenths(now)))


@BALANCE.says("市負担金は収入の{now:rate}。", "The city's contributions are {now:rate} of the revenue.")
def share(on: OnMoney, now: str) -> bool:
    """Of one year only both the contributions and the revenue are recorded."""
    known = [share for of in on.money.settled_years if (share := on.money.share(of)) is not None]
    return known == [_tenths(now)]


def _tenths(rate: str) -> int:
    return round(float(rate.rstrip("%").replace(",", "")) * 10)


@BALANCE.says(
    "{first:year}から{last:year}までの収支差額の累計は{sum:yen}。",
    "The balances of {first:year} to {last:year} come to {sum:yen} together.",
)
def together(on: OnMoney, first: int, last: int, sum: int) -> bool:
    """Every year from the first settled one to that one has a balance, and the next has none or is not settled."""
    run = on.money.run
    return len(run) > 1 and (min(run), max(run)) == (first, last) and says(run[last], sum)


@BALANCE.says(
    "{years}は収支差額が未記録のため、その先の累計は示しません。",
    "For {years} no balance is known; nothing is added up beyond.",
)
def gap_named(on: OnMoney, years: tuple[int, ...]) -> bool:
    """These years between the settled ones have no balance."""
    return list(years) == on.money.without_balance


@BALANCE.says(
    "この期間に該当する予算書・決算書は登録されていません。",
    "No such statement is known for these fiscal years.",
)
def no_settlement(on: OnMoney) -> bool:
    """No settlement is known."""
    return not on.money.settled_years


@BALANCE.says(
    "{year}から運営費は施設管理・研究支援の計。", "From {year} on, 運営費 is the sum of 施設管理・研究支援."
)
def turns_into_a_sum(on: OnMoney, year: int) -> bool:
    """The account has parts from FY2022 on."""
    return year == 2022


@BALANCE.says("{account:text}は{year}から。", "{account:word} begins with {year}.")
def account_begins(on: OnMoney, account: str, year: int) -> bool:
    """No account of these histories begins within the years shown."""
    return False


@BALANCE.says("まだ予算書・決算書は登録されていません。", "No statement of this center is known yet.")
def nothing_known(on: OnMoney) -> bool:
    """No statement of any year is known."""
    return not on.money.years


@BALANCE.says(
    "{day}には、決定した予算も、受理・公表した決算もまだありませんでした。",
    "Nothing was known yet on {day}: no budget had been decided, and no settlement accepted or published.",
)
def nothing_known_then(on: OnMoney, day: date) -> bool:
    """No statement was settled by that day."""
    return day == on.day and not on.money.years


@BALANCE.table("table")
def accounts(on: OnMoney, table: Table) -> Iterator[str]:
    """Each account and total in each year, by the settlement in force."""
    years = [year(head.split()[0]) for head in table.heads[1:]]
    for of, head in zip(years, table.heads[1:], strict=True):
        if (" " in head) != (of not in on.money.settled_years):
            yield f"{head}: that nothing is recorded is said where it is so, and nowhere else"
    totals = iter(("revenue", "expenditure"))
    for name, cells in table.rows:
        if name in ("目標", "実績", "Target", "Actual"):
            yield from _occupancy(on, name, years, cells)
            continue
        code = next((ACCOUNTS[one] for one in sorted(ACCOUNTS, key=len) if name.endswith(one)), "")
        if name in ("合計", "Total"):
            code = next(totals)
        if name in ("当期収支差額", "Balance of the year"):
            code = "balance"
        if not code:
            yield f"no account is called {name}"
            continue
        for of, cell in zip(years, cells, strict=False):
            yen = on.money.settled(of, code)
            if (cell in BLANK) != (yen is None) or (yen is not None and number(cell) != thousand(yen)):
                yield f"{name} {of}: {yen} yen, not {cell}"


def _occupancy(on: OnMoney, name: str, years: list[int], cells: list[str]) -> Iterator[str]:
    told = (
        dict(zip(years[-len(cells) :], cells, strict=True))
        if len(cells) < len(years)
        else dict(zip(years, cells, strict=True))
    )
    for of, cell in told.items():
        key = ("third", "occupancy", of)
        held = on.kpis.held.get(key)
        if name not in ("実績", "Actual"):
            continue
        number_of, percent, mark = cell.partition("%")
        is_number = held is not None and held.is_number
        if bool(percent) != is_number or (
            held and is_number and int(number_of) != shown("occupancy", int(held.value))
        ):
            yield f"occupancy {of}: {held} is held, not {cell}"
        elif is_number and bool(mark) == on.kpis.is_final(key):
            yield f"occupancy {of}: {held} is held, and {cell} does not say of what it speaks"


@BALANCE.table("chart-cumulative.*")
def cumulative(on: OnMoney, table: Table) -> Iterator[str]:
    """The balance of each year, and the running sum up to the first gap."""
    for head, cells in table.rows:
        of = year(head)
        balance, run = on.money.settled(of, "balance"), on.money.run.get(of)
        for said, yen in zip(cells, (balance, run), strict=False):
            if (said in BLANK) != (yen is None) or (yen is not None and number(said) != thousand(yen)):
                yield f"{of}: {yen} yen, not {said}"


@BALANCE.table("chart-city.*")
def city_share(on: OnMoney, table: Table) -> Iterator[str]:
    """The city's share of the revenue, and its contributions."""
    for head, (said, given) in table.rows:
        of = year(head)
        tenths, yen = on.money.share(of), on.money.settled(of, GRANT)
        if said not in BLANK and round(float(said) * 10) != tenths:
            yield f"{of}: {tenths} tenths of a percent, not {said}"
        if given not in BLANK and not says(yen, number(given)):
            yield f"{of}: {yen} yen, not {given}"


@BALANCE.table("chart-both.*|chart-rent.*")
def drawn_accounts(on: OnMoney, table: Table) -> Iterator[str]:
    """What the chart draws of each account is what the settlement says."""
    heads = [
        head.replace("収入：", "").replace("支出：", "").partition(": ")[-1] or head
        for head in table.heads[1:]
    ]
    for head, cells in table.rows:
        for name, said in zip(heads, cells, strict=False):
            code = ACCOUNTS.get(name.replace("収入：", "").replace("支出：", ""))
            if code and said not in BLANK and not says(on.money.settled(year(head), code), number(said)):
                yield f"{head} {name}: {on.money.settled(year(head), code)} yen, not {said}"


# -- Contributions --

RESEARCH = "協定 research"


def ends_of_measure(grammar: Grammar) -> None:
    """What is said of the end of a contribution's agreement."""

    @grammar.says(
        "{above:rest}の終了により、{last:day}限りで終了しました。",
        "It ended on {last:day} with {above:rest}.",
    )
    def ended_with_agreement(on: OnMoney, above: str, last: date) -> bool:
        """The agreement under which it is granted is over since that day, before its own last year."""
        return above == RESEARCH and Agreements(on.log, on.day).last_day("research") == last < on.day

    @grammar.says(
        "{above:rest}の終了により、{last:day}限りで終了します。", "It ends on {last:day} with {above:rest}."
    )
    def ends_with_agreement(on: OnMoney, above: str, last: date) -> bool:
        """The agreement under which it is granted ends on that day, before its own last year."""
        return above == RESEARCH and Agreements(on.log, on.day).last_day("research") == last >= on.day


CONTRIBUTIONS = Grammar("contributions")
CONTRIBUTIONS.sayings += [one for one in BALANCE.sayings if one.name in ("of_a_past_day", "always")]
CONTRIBUTIONS.is_silent(css="section-note")
ends_of_measure(CONTRIBUTIONS)
CONTRIBUTIONS.always(
    "必要な額が未記録の上限は「確認不可」とし、守られたとは表示しません。",
    "A limit of which something is not recorded cannot be checked, and is never called kept.",
)


@CONTRIBUTIONS.says(
    "協定に基づく市の負担額と、収支決算書・収支明細による受入額を並べています。{day}現在、単位：千円。",
    "What the city granted under the agreements beside what the accounts say was drawn. As known on {day}; unit: 千円.",
)
def contributions_on(on: OnMoney, day: date) -> bool:
    """The day is the one that is shown."""
    return day == on.day


@CONTRIBUTIONS.says(
    "負担金の受入れを示す収支決算書・収支明細はまだありません。",
    "No statement or ledger says yet that a contribution was drawn.",
)
def none_drawn(on: OnMoney) -> bool:
    """No settlement and no ledger tells of a contribution."""
    return not on.money.drawn and not on.money.hidden


@CONTRIBUTIONS.says(
    "負担金の受入れを示す収支決算書、締切り後の収支明細はまだありません。",
    "No settlement and no closed ledger says yet that a contribution was drawn.",
)
def none_drawn_that_is_seen(on: OnMoney) -> bool:
    """Only a ledger may tell of one that these people do not see yet."""
    return not on.money.drawn and bool(on.money.hidden)


@CONTRIBUTIONS.says(
    "{years}の収支明細は締切り前のため、財団の担当者だけに表示され、ここでは計上していません。",
    "The ledger of {years} is not closed yet; until then it is the foundation's own and not counted here.",
)
def hidden_ledger(on: OnMoney, years: tuple[int, ...]) -> bool:
    """Of these years only a ledger tells that these people do not see yet."""
    return list(years) == on.money.hidden != []


@CONTRIBUTIONS.says(
    "決算等による負担金の受入額は、{years}で計{sum:yen}です。",
    "By the accounts, contributions of {sum:yen} were drawn in {years}.",
)
def drawn_in_all(on: OnMoney, years: tuple[int, ...], sum: int) -> bool:
    """What the settlements say, without a year between of which nothing is recorded."""
    return _is_drawn(on, years, sum)


def _is_drawn(on: OnMoney, years: tuple[int, ...], yen: int) -> bool:
    drawn = on.money.drawn
    return list(years) == sorted(drawn) and not gap(drawn) and says(sum(drawn.values()), yen)


@CONTRIBUTIONS.says(
    "決算等による負担金の受入額は、{years}について分かります。{missing:years}に受入額の分からない負担金があるため、合計は示しません。",
    "By the accounts, contributions were drawn in {years}. What was drawn in {missing:years} is not known for each"
    " contribution; the years are not added up over the gap.",
)
def drawn_with_gap(on: OnMoney, years: tuple[int, ...], missing: tuple[int, ...]) -> bool:
    """Between the years of which the settlements tell there are others."""
    return list(years) == sorted(on.money.drawn) and list(missing) == gap(on.money.drawn) != []


@CONTRIBUTIONS.says(
    "負担額と異なるものが{count}件あります。", "{count} amounts differ from what was granted."
)
def differing(on: OnMoney, count: int) -> bool:
    """So many years in which both are recorded and differ."""
    return count == _differing(on) > 0


@CONTRIBUTIONS.says(
    "負担額と異なるものが{count}件あります。", "{count} amount differs from what was granted."
)
def one_differs(on: OnMoney, count: int) -> bool:
    """One year in which both are recorded and differ."""
    return count == _differing(on) == 1


def _differing(on: OnMoney) -> int:
    return sum(bool(on.money.difference(of)) for of in on.money.drawn)


@CONTRIBUTIONS.says("いずれも負担額と一致しています。", "Each is what was granted.")
def all_agree(on: OnMoney) -> bool:
    """Something was drawn, and for every year of it as much is recorded as granted."""
    return bool(on.money.drawn) and all(on.money.difference(of) == 0 for of in on.money.drawn)


@CONTRIBUTIONS.says("{years}は年度途中の額です。", "{years} is a part of the year so far.")
def part_of_year(on: OnMoney, years: tuple[int, ...]) -> bool:
    """What the ledger of the running year says so far."""
    return list(years) == sorted(on.money.part_years) != []


@CONTRIBUTIONS.says("{years}は負担額と一致しています。", "In {years} it is what was granted.")
def some_agree(on: OnMoney, years: tuple[int, ...]) -> bool:
    """These agree, and for others no granted amount is recorded."""
    agreeing = [of for of in on.money.drawn if on.money.difference(of) == 0]
    return list(years) == sorted(agreeing) and len(agreeing) < len(on.money.drawn)


@CONTRIBUTIONS.says(
    "{years}は負担額の記録がないため、比べていません。",
    "For {years} no granted amount is recorded to compare with.",
)
def not_granted(on: OnMoney, years: tuple[int, ...]) -> bool:
    """Something was drawn in these years, and nothing is recorded as granted."""
    return list(years) == sorted(of for of in on.money.drawn if of not in on.money.granted)


@CONTRIBUTIONS.says("上限の超過はありません。", "No limit is passed.")
def within(on: OnMoney) -> bool:
    """What was drawn, and granted for other years, is no more than the period's total."""
    return on.money.left >= 0


@CONTRIBUTIONS.says(
    "{count}件の負担金が、協議の記録のないまま上限を超えています。",
    "The limit of {count} contribution is passed.",
)
def passed(on: OnMoney, count: int) -> bool:
    """The period's total is passed, and no consultation allowed it."""
    return count == 1 and on.money.left < 0


@CONTRIBUTIONS.says("この措置の年度はまだ始まっていません。", "No fiscal year of this measure has begun.")
def not_begun(on: OnMoney) -> bool:
    """The measure's first year is still to come, and nothing is recorded of it."""
    return not on.money.contribution_years and not on.money.is_draft


def draft_sentences(grammar: Grammar, number: int) -> None:
    """What is said while nothing is signed. `number`: how many measures the page counts."""

    @grammar.says(
        "締結されていない協定・契約の案に基づく支援措置が{count}件あります（計上していません）。",
        "{count} measures are drafts (案): what they rest on is not concluded, and they are not counted."
        "||{count} measure is a draft (案): what it rests on is not concluded, and it is not counted.",
    )
    def drafts(on: OnMoney, count: int) -> bool:
        """The agreements are not signed yet, and the page has so many measures."""
        return on.money.is_draft and count == number

    @grammar.says(
        "案の段階であり、まだ負担・貸付はありません（協定または契約が未締結）。",
        "Nothing is granted yet: the agreement or the contract is not concluded (案).",
    )
    def not_granted_yet(on: OnMoney) -> bool:
        """The agreement is not signed yet."""
        return on.money.is_draft


draft_sentences(CONTRIBUTIONS, 1)


@CONTRIBUTIONS.says("決算等による受入れはありません。", "Nothing was drawn by the accounts.")
def nothing_drawn(on: OnMoney) -> bool:
    """No settlement and no ledger tells of this contribution."""
    return not on.money.drawn and not on.money.hidden


@CONTRIBUTIONS.says(
    "決算・締切り後の収支明細による受入れはありません。",
    "Nothing was drawn by the settlements and closed ledgers.",
)
def nothing_drawn_that_is_seen(on: OnMoney) -> bool:
    """Only a ledger may tell of it that these people do not see yet."""
    return not on.money.drawn and bool(on.money.hidden)


@CONTRIBUTIONS.says("{years}の受入額の計は{sum:yen}です。", "Drawn in {years}: {sum:yen}.")
def drawn_sum(on: OnMoney, years: tuple[int, ...], sum: int) -> bool:
    """As of all contributions: there is one."""
    return _is_drawn(on, years, sum)


@CONTRIBUTIONS.says(
    "{years}に受け入れています。{missing:years}は受入額が分からないため、合計は示しません。",
    "Drawn in {years}; for {missing:years} nothing is known, and the years are not added up over the gap.",
)
def drawn_sum_with_gap(on: OnMoney, years: tuple[int, ...], missing: tuple[int, ...]) -> bool:
    """As of all contributions: there is one."""
    return list(years) == sorted(on.money.drawn) and list(missing) == gap(on.money.drawn) != []


@CONTRIBUTIONS.says(
    "総額{limit:yen}を{excess:yen}超えています。", "It passes the total of {limit:yen} by {excess:yen}."
)
def passes_total(on: OnMoney, limit: int, excess: int) -> bool:
    """By so much more than the total."""
    return limit * 1000 == on.money.total and says(-on.money.left, excess) and excess > 0


@CONTRIBUTIONS.says(
    "総額{limit:yen}以内です。残りは{left:yen}です。",
    "It stays within the total of {limit:yen}, of which {left:yen} is left.",
)
def leaves(on: OnMoney, limit: int, left: int) -> bool:
    """So much is left, of every year that is over something is recorded, and no ledger is hidden."""
    return limit * 1000 == on.money.total and says(on.money.left, left) and not on.money.unknown


@CONTRIBUTIONS.says(
    "{years}は額が分かりません。分かる範囲では総額{limit:yen}以内です。残りは多くとも{left:yen}です。",
    "As far as it is known it stays within the total of {limit:yen}, of which {left:yen} is left at most: for {years}"
    " nothing is known.",
)
def leaves_at_most(on: OnMoney, years: tuple[int, ...], limit: int, left: int) -> bool:
    """So much is left by what is recorded; of these years, nothing is, or a ledger that these people do not see."""
    is_true = limit * 1000 == on.money.total and says(on.money.left, left)
    return is_true and list(years) == on.money.unknown


@CONTRIBUTIONS.says("✓上限内", "✓within the limit")
def chip_within(on: OnMoney) -> bool:
    """Something is recorded, nothing is missing or hidden, and it is no more than the total."""
    return on.money.left >= 0 and not on.money.unknown and on.money.counted_sum > 0


@CONTRIBUTIONS.says("◐記録の範囲で上限内", "◐within the limit as far as it is recorded")
def chip_within_so_far(on: OnMoney) -> bool:
    """It is no more than the total by what is recorded, and something is missing or hidden."""
    return on.money.left >= 0 and bool(on.money.unknown)


@CONTRIBUTIONS.says("×上限超過", "×limit passed")
def chip_passed(on: OnMoney) -> bool:
    """More than the total."""
    return on.money.left < 0


COLUMNS = {
    "負担額（予算）": "budget",
    "Granted: budget": "budget",
    "負担額（決算）": "settled",
    "Granted: settled": "settled",
    "受入額（収支決算書）": "drawn",
    "Drawn: settlement": "drawn",
    "受入額（収支明細）": "ledger",
    "Drawn: ledger": "ledger",
    "差": "difference",
    "Difference": "difference",
}


@CONTRIBUTIONS.table("grant")
def contribution_years(on: OnMoney, table: Table) -> Iterator[str]:
    """Each year with what was granted and drawn, and whether the two differ."""
    years, columns = [], [COLUMNS.get(head, "") for head in table.heads[1:]]
    for head, cells in table.rows:
        of = year(head)
        years.append(of)
        said_of = dict(zip(columns, cells, strict=True))
        true = {
            "budget": on.money.granted.get(of),
            "settled": None,
            "drawn": on.money.by_settlement.get(of),
            "ledger": on.money.seen_ledger.get(of),
        }
        for name, yen in true.items():
            digits = said_of.get(name, "").partition(" ")[0]
            if digits.replace(",", "").replace("▲", "").isdigit() != (yen is not None) or (
                yen is not None and number(digits) != thousand(yen)
            ):
                yield f"{of} {name}: {yen} yen, not {said_of}"
        difference = said_of["difference"]
        is_part = of in on.money.part_years
        if is_part != any(word in difference for word in ("年度途中", "the year is running")):
            yield f"{of}: a part of the year: {is_part}, not {difference}"
        apart = on.money.difference(of)
        if (difference in ("なし", "no difference")) != (apart == 0):
            yield f"{of}: {apart} yen apart, not {difference}"
    if years != on.money.contribution_years:
        yield f"the years are {on.money.contribution_years}, not {years}"


# -- Support measures --

SUPPORT = Grammar("support")
SUPPORT.sayings += [one for one in CONTRIBUTIONS.sayings if one.name in ("of_a_past_day", "always")]
SUPPORT.always(
    "協定に基づく市の支援と、それぞれの上限です。",
    "What the city grants under the agreements, and what limits each.",
)
SUPPORT.always(
    "年度ごとの負担額・受入額と、上限の根拠",
    "Granted and drawn year by year, with what limited each amount",
)


@SUPPORT.says("額の記録された負担金はまだありません。", "No contribution has an amount yet.")
def no_amount_yet(on: OnMoney) -> bool:
    """Nothing is recorded as granted."""
    return not on.money.granted


@SUPPORT.says(
    "{years}に記録された市の負担金は、合計{sum:yen}です。",
    "The city's contributions recorded for {years} come to {sum:yen}.",
)
def granted_in_all(on: OnMoney, years: tuple[int, ...], sum: int) -> bool:
    """What is granted, without a year between of which nothing is recorded."""
    return _is_granted(on, years, sum)


def _is_granted(on: OnMoney, years: tuple[int, ...], yen: int) -> bool:
    granted = on.money.granted
    return list(years) == sorted(granted) and not gap(granted) and says(sum(granted.values()), yen)


@SUPPORT.says(
    "市の負担金は{years}について記録されています。途中に記録のない年度があるため、合計は示しません。",
    "Contributions of the city are recorded for {years}; they are not added up over the gap.",
)
def granted_with_gap(on: OnMoney, years: tuple[int, ...]) -> bool:
    """Between the years that have an amount there are others."""
    return list(years) == sorted(on.money.granted) and gap(on.money.granted) != []


@SUPPORT.says(
    "{years}には、額の記録のない負担金があります。",
    "For {years} the amount of a contribution is not recorded.",
)
def not_recorded_for(on: OnMoney, years: tuple[int, ...]) -> bool:
    """Years after the first that has an amount and not after the last, without one."""
    return list(years) == gap(on.money.granted)


@SUPPORT.says("決算のない年度は予算額で数えています。", "Where nothing is settled yet, the budget counts.")
def budgets_count(on: OnMoney) -> bool:
    """Something is granted by a budget; in these histories all is."""
    return bool(on.money.granted)


@SUPPORT.says(
    "上限を超えているものが{count}件あり、それについての協議は記録されていません。",
    "{count} limit is passed, and no consultation about it is recorded.",
)
def total_is_passed(on: OnMoney, count: int) -> bool:
    """An amendment lowered the period's total below what is granted; in these histories no consultation allows it."""
    return count == 1 and sum(on.money.granted.values()) > on.money.total


def measure_sentences(grammar: Grammar) -> None:
    """What is said of one contribution."""

    @grammar.says("額の記録はありません。", "No amount is recorded.")
    def nothing_granted(on: OnMoney) -> bool:
        """Nothing is recorded as granted."""
        return not on.money.granted

    @grammar.says("{years}の計は{sum:yen}。", "{sum:yen} for {years}.")
    def granted_sum(on: OnMoney, years: tuple[int, ...], sum: int) -> bool:
        """What is granted, without a gap."""
        return _is_granted(on, years, sum)

    @grammar.says(
        "{years}の額が記録されています。途中に記録のない年度があるため、合計は示しません。",
        "Amounts are recorded for {years}; they are not added up over the gap.",
    )
    def granted_sum_with_gap(on: OnMoney, years: tuple[int, ...]) -> bool:
        """Between the years that have an amount there are others."""
        return list(years) == sorted(on.money.granted) and gap(on.money.granted) != []

    @grammar.says("上限{limit:yen}を{excess:yen}超過", "Passes the limit of {limit:yen} by {excess:yen}")
    def passes(on: OnMoney, limit: int, excess: int) -> bool:
        """More is granted than the period's total."""
        over = sum(on.money.granted.values()) - on.money.total
        return says(on.money.total, limit) and says(over, excess) and over > 0

    @grammar.says("うち{years}は予算額。", "Of this, {years} is budget.")
    def of_budget(on: OnMoney, years: tuple[int, ...]) -> bool:
        """In these histories only budgets are recorded."""
        return list(years) == sorted(on.money.granted)

    @grammar.says("{years}の額は記録されていません。", "For {years} no amount is recorded.")
    def missing(on: OnMoney, years: tuple[int, ...]) -> bool:
        """Years of the measure that have begun, without an amount."""
        return list(years) == on.money.ungranted

    @grammar.says(
        "期間の終わりまでの総額の残りは{left:yen}。",
        "The total still allows {left:yen} until the period's end.",
    )
    def still_allows(on: OnMoney, left: int) -> bool:
        """The period runs, every year that is over has an amount, and so much of the total is not granted."""
        over = [of for of in on.money.ungranted if of < on.money.running]
        return not over and _still(on, left)

    @grammar.says(
        "期間の終わりまでの総額の残りは、多くとも{left:yen}。",
        "The total still allows {left:yen} at most until the period's end.",
    )
    def still_allows_at_most(on: OnMoney, left: int) -> bool:
        """The period runs, a year that is over has no amount, and by what is recorded so much is not granted."""
        over = [of for of in on.money.ungranted if of < on.money.running]
        return bool(over) and _still(on, left)


def _still(on: OnMoney, left: int) -> bool:
    granted = sum(on.money.granted.values())
    return on.money.running <= 2024 and granted <= on.money.total and says(on.money.total - granted, left)


measure_sentences(SUPPORT)
draft_sentences(SUPPORT, 2)
ends_of_measure(SUPPORT)


@SUPPORT.table("measures")
def measures(on: OnMoney, table: Table) -> Iterator[str]:
    """Each measure's sum is read by the sentences that its own page has."""
    for _head, cells in table.rows:
        if (
            "平成" in cells[-1]
            or "令和" in cells[-1]
            or "verdict" in cells[-1]
            or "charge" in cells[-1]
            or "無償" in cells[-1]
        ):
            continue  # the land: read on its own page (pages/agreements.py)
        rest = cells[-1]
        while rest:
            saying, meanings, after = SUPPORT.longest(rest, on.language)
            if saying is None:
                yield f"no sentence begins like {rest}"
                break
            if not saying.condition(on, **meanings):
                yield f"{saying.name}: {saying.condition.__doc__} But: {meanings}"
            rest = after


@SUPPORT.table("chart-contributions.*")
def granted_by_year(on: OnMoney, table: Table) -> Iterator[str]:
    """What is granted in each year."""
    for head, (said,) in table.rows:
        yen = on.money.granted.get(year(head))
        digits = said.replace("（", " ").partition(" ")[0]
        if said in BLANK:
            if yen is not None:
                yield f"{head}: {yen} yen, and nothing is said"
        elif not says(yen, number(digits)):
            yield f"{head}: {yen} yen, not {said}"
