"""Of the pages of budgets and settlements: the list, each of them, and a year's money account by account."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import floor

from tests.generated.chronicle_log import Log, PaperStep, StatementKnown
from tests.generated.frame import DEEDS
from tests.generated.pages.grammar import Grammar, Table, term_of
from tests.generated.pages.home import HOME
from tests.generated.pages.money import ACCOUNTS, BALANCE, OnMoney
from tests.generated.pages.words import bare, number, thousands
from tests.generated.pages.words import day as day_of
from tests.generated.pages.words import year as year_of
from tests.generated.reckoned import FACES, Day
from tests.generated.reckoned_money import GRANT, thousand
from tests.readers.page_reading import Node

Key = tuple[int, str, int, int]  # year, stage, number of a supplementary budget, revision
BUDGETS = ("budget", "supplementary")
NAMES = {
    "budget": ("収支予算書", "Budget statement"),
    "supplementary": ("第{}号補正予算書", "Supplementary budget statement no. {}"),
    "forecast": ("決算見込書", "Forecast of the settlement"),
    "settlement": ("収支決算書", "Statement of settlement"),
}
STATES = {
    "draft": ("下書き", "Draft"),
    "submitted": ("提出済み", "Submitted"),
    "in_review": ("確認中", "In review"),
    "returned": ("◐差戻し", "◐Returned"),
}
SEEN_BY = {
    "draft": ("foundation-staff",),
    "returned": ("foundation-staff",),
    "submitted": ("foundation-staff", "city-staff"),
    "in_review": ("foundation-staff", "city-staff"),
    "accepted": (),
}
"""Who sees one that stands so; everybody where none is named."""


@dataclass
class OnStatement(OnMoney):
    """The page of a budget or settlement, or of a year's."""

    of: int = 0
    stage: str = ""
    supplement: int = 0
    revision: int = 0

    @property
    def key(self) -> Key:
        return self.of, self.stage, self.supplement, self.revision

    @cached_property
    def papers(self) -> dict[Key, PaperStep]:
        """Those that the reader may see, and where each stands."""
        return {
            key: step
            for key, step in papers_of(self.log, self.day).items()
            if not SEEN_BY[step.state] or self.role in SEEN_BY[step.state]
        }

    @cached_property
    def settled(self) -> dict[Key, StatementKnown]:
        return {key_of(one): one for one in self.log.statements if one.known <= self.day}

    @cached_property
    def in_force(self) -> set[Key]:
        """Of each year one budget, one forecast, one settlement."""
        return {key_of(one) for one in Day(self.log, self.day).statements().values()}

    def figure(self, what: str, key: Key | None = None) -> int | None:
        """An amount or a total of a settled one."""
        statement = self.settled[key or self.key]
        face = next(face for face, stages in FACES.items() if statement.stage in stages)
        return Day(Log(statements=[statement]), statement.known).money().get((statement.year, face, what))

    def name(self, key: Key) -> str:
        """第2号補正予算書（第2版）"""
        _year, stage, supplement, revision = key
        name = NAMES[stage][self.language == "en"].format(supplement)
        if revision == 1:
            return name
        return f"{name}（第{revision}版）" if self.language == "ja" else f"{name}, revision {revision}"

    def state(self, key: Key) -> str:
        """✓受理; a budget is decided."""
        step = papers_of(self.log, self.day)[key]
        if step.state != "accepted":
            return STATES[step.state][self.language == "en"]
        if key[1] in BUDGETS:
            return ("✓決定", "✓Decided")[self.language == "en"]
        return ("✓受理", "✓Accepted")[self.language == "en"]


def papers_of(log: Log, day: date) -> dict[Key, PaperStep]:
    """Every one that was begun, and its last step."""
    found: dict[Key, PaperStep] = {}
    for one in log.papers:
        if one.paper[0] == "statement" and one.on <= day:
            _kind, year, stage, supplement, revision = one.paper
            found[int(str(year)), str(stage), int(str(supplement)), int(str(revision))] = one
    return found


def key_of(one: StatementKnown) -> Key:
    return one.year, one.stage, one.supplement, one.revision


STATEMENT = Grammar("statement")
STATEMENT.is_silent(css="no-print")
STATEMENT.is_silent(css="unit-line")
STATEMENT.is_silent(section="said|correct")
STATEMENT.is_silent(css="actions")
STATEMENT.always("単位：千円", "Amounts in 千円")


@STATEMENT.says("・ {day}から", "・ known from {day}")
def known_from(on: OnStatement, day: date) -> bool:
    """It was settled on that day."""
    return on.settled[on.key].known == day


def _chip(on: OnStatement) -> bool:
    """How far it is; no more is said of a settlement than that the city accepted it."""
    return on.piece.text.endswith(on.state(on.key))


for japanese, english in (*STATES.values(), ("✓受理", "✓Accepted"), ("✓決定", "✓Decided")):
    STATEMENT.says(japanese, english)(_chip)


@STATEMENT.says(
    "収入{revenue:yen}、支出{expenditure:yen}、収支差額{balance:yen}です。",
    "Revenue {revenue:thousands}, expenditure {expenditure:thousands}, balance {balance:thousands}.",
)
def totals(on: OnStatement, revenue: int, expenditure: int, balance: int) -> bool:
    """The sums of its accounts, and what is left."""
    if on.key not in on.settled:
        return on.role.endswith("-staff")  # what is on its way is the two sides' own
    said = {"revenue": revenue, "expenditure": expenditure, "balance": balance}
    return all(
        (yen := on.figure(what)) is not None and thousand(yen) == amount for what, amount in said.items()
    )


@STATEMENT.says("記録されていない科目があります。", "Not all of it is recorded.")
def a_total_is_missing(on: OnStatement) -> bool:
    """On one side nothing is recorded."""
    return any(on.figure(what) is None for what in ("revenue", "expenditure"))


@STATEMENT.says("入力が済んでいない科目があります。", "Not all of it is entered yet.")
def still_entered(on: OnStatement) -> bool:
    """It is with the foundation."""
    return on.papers[on.key].state in ("draft", "returned")


@STATEMENT.says("この金額が現行です。", "These figures hold.")
def holds(on: OnStatement) -> bool:
    """It is settled, and no later one of the year took its place."""
    return on.key in on.in_force


@STATEMENT.says(
    "同じ年度の後の予算書・決算書に置き換えられています。", "A later statement of the year has replaced it."
)
def replaced(on: OnStatement) -> bool:
    """It was settled, and a later one of the year took its place."""
    return on.key in on.settled and on.key not in on.in_force


for said, state in (
    (("財団が作成しています。", "The foundation is drafting it."), "draft"),
    (
        ("市が差し戻し、財団が修正しています。", "The city returned it; the foundation is revising it."),
        "returned",
    ),
    (("市の確認を待っています。", "It waits for the city's review."), "submitted"),
    (("市が確認しています。", "The city is reviewing it."), "in_review"),
):

    @STATEMENT.says(*said)
    def is_so_far(on: OnStatement, state: str = state) -> bool:
        """It is that far."""
        return on.papers[on.key].state == state and not (state == "submitted" and on.stage in BUDGETS)


@STATEMENT.says(
    "市との協議を経て、財団が決定します。", "The foundation decides it after the consultation with the city."
)
def to_be_decided(on: OnStatement) -> bool:
    """A budget that is handed in."""
    return on.stage in BUDGETS and on.papers[on.key].state == "submitted"


@STATEMENT.says("訂正の理由：{why:to_end}", "Reason for the correction: {why:to_end}")
def corrected_because(on: OnStatement, why: str) -> bool:
    """It is a correction, for that reason."""
    return on.revision > 1 and (on.key not in on.settled or on.settled[on.key].reason == why)


@STATEMENT.table("figures")
def figures(on: OnStatement, table: Table) -> Iterator[str]:
    """Its amounts, beside the budget in force and the settlement of the year before, and how it differs from each."""
    if on.key not in on.settled:
        return
    sums = iter(("revenue", "expenditure"))
    for name, cells in table.rows:
        code = _code(name) or next(sums)
        own = on.figure(code)
        for head, said in zip(table.heads[1:], cells, strict=False):
            if head.startswith(("金額", "Amount")):
                yield from _amount(name, own, said)
            elif head.startswith(("予算", "Budget")):
                yield from _beside(on, name, own, _budget(on, code), said)
            elif "決算" in head or "Settled" in head:
                yield from _beside(on, name, own, on.money.settled(on.of - 1, code), said)


def _code(name: str) -> str:
    """The account or the balance; nothing for the other totals."""
    if name.startswith(("収入合計", "支出合計", "合計", "Total", "total")):
        return ""
    if "収支差額" in name or name.lower().startswith("balance"):
        return "balance"
    plain = name.replace("内数", "").replace("of which", "").strip().removeprefix("うち")
    return ACCOUNTS[plain]


def _budget(on: OnStatement, code: str) -> int | None:
    return on.money.figures.get((on.of, "budget", code))


BLANK = ("", "－", "記録なし", "not recorded")


def _amount(name: str, yen: int | None, said: str) -> Iterator[str]:
    digits = said.partition(" ")[0]
    if (yen is None) != (said in BLANK) or (yen is not None and number(digits) != thousand(yen)):
        yield f"{name}: {yen} yen, not {said or 'nothing'}"


def _beside(on: OnStatement, name: str, own: int | None, other: int | None, said: str) -> Iterator[str]:
    yield from _amount(f"{name} beside", other, said)
    told = said.split(" ")[1:] if other is not None else []
    apart = thousand(own) - thousand(other) if own is not None and other is not None else None
    if (apart is not None) != bool(told) or (told and apart is not None and _signed(told[0]) != apart):
        yield f"{name}: {apart} thousand apart, not {said}"


def _signed(text: str) -> int:
    return 0 if text.startswith("±") else number(text)


@STATEMENT.says("{day} {time} 名前 {by:word}", "{day}, {time} 名前 {by:word}")
def done_by(on: OnStatement, day: date, time: str, by: str) -> bool:
    """Who handed it in last, returned it last and settled it, and when; a budget is decided by the foundation."""
    term = term_of(on.piece)
    states = {"入力": "submitted", "Entered": "submitted", "提出": "submitted", "Submitted": "submitted"}
    states |= {"直近の差戻し": "returned", "Last returned": "returned"}
    states |= dict.fromkeys(("受理", "Accepted", "決定", "Decided"), "accepted")
    paper = ("statement", *on.key)
    steps = [one for one in on.log.papers if one.paper == paper and one.on <= on.day]
    last = [one for one in steps if one.state == states[term]][-1]
    is_budget = last.state == "accepted" and on.stage in BUDGETS
    return (last.on, "foundation-staff" if is_budget else f"{last.side}-staff") == (day, by)


@STATEMENT.says("{day}", "{day}")
def settled_on(on: OnStatement, day: date) -> bool:
    """The day on which it was settled."""
    return term_of(on.piece) in ("決定・受理・公表日", "Known from") and on.settled[on.key].known == day


STATEMENT.always("この年度の検証へ", "To the verification of the year")
STATEMENT.always("協議1号 期限の延長", "協議1号 期限の延長")  # the talk of these histories
STATEMENT.always("決算の検証", "決算の検証")  # a link to the duty
STATEMENT.always("翌年度の計画と予算の案", "翌年度の計画と予算の案")


@STATEMENT.says("決算の提出", "決算の提出")
def fulfils_account(on: OnStatement) -> bool:
    """A link to the duty that a settlement fulfils."""
    return on.key[1] == DEEDS["account"]


@STATEMENT.says("予算の決定", "予算の決定")
def fulfils_budget(on: OnStatement) -> bool:
    """A link to the duty that a budget fulfils, from a supplementary one too."""
    return on.key[1] in BUDGETS


def _other(on: OnStatement, main: Node) -> Iterator[str]:
    """The other statements of the year that the reader may see, each with its state."""
    told = []
    for box in main.all("section"):
        if box.attributes.get("aria-labelledby") == "others":
            told = [one.text for one in box.all("li")]
    others = [key for key in on.papers if key[0] == on.of and key != on.key]
    for key in others:
        if not any(one.startswith(f"{on.name(key)} {on.state(key)}") for one in told):
            yield f"{on.name(key)} {on.state(key)} is not among the others of the year: {told}"
    if len(told) != len(others):
        yield f"the others of the year are {others}, not {told}"


STATEMENT.whole(_other)
STATEMENT.is_silent(section="others")  # read as a whole


# -- The list --

STATEMENTS = Grammar("statements")
STATEMENTS.is_silent(css="no-print")
STATEMENTS.is_silent(css="filters")
STATEMENTS.always(
    "予算は市との協議を経て財団が決定し、決算は市が受理した後、両者が検証します。",
    "The foundation decides budgets after a consultation; the city accepts settlements, which both sides then verify.",
)


@STATEMENTS.says(
    "{first:year}から{last:year}までの{count}件があります。",
    "{count} statements, of {first:year} to {last:year}.",
)
def from_to(on: OnStatement, first: int, last: int, count: int) -> bool:
    """So many that the reader may see, the first and the last year of them."""
    years = [key[0] for key in on.papers]
    return (min(years), max(years), len(years)) == (first, last, count)


@STATEMENTS.says(
    "{last:year}の{count}件があります。",
    "{count} statements, of {last:year}.||{count} statement, of {last:year}.",
)
def of_one_year(on: OnStatement, last: int, count: int) -> bool:
    """So many that the reader may see, all of one year."""
    return {key[0] for key in on.papers} == {last} and len(on.papers) == count


STATEMENTS.always(
    "閲覧できる予算書・決算書はまだありません。予算書・決算書は財団が作成します。",
    "There is no statement yet that can be seen. The foundation drafts them.",
)


@STATEMENTS.table("")
def listed(on: OnStatement, table: Table) -> Iterator[str]:
    """Each with its state, whether it holds, its totals in yen and the day on which it was settled."""
    told = []
    for head, (state, revenue, expenditure, known) in table.rows:
        of = year_of(next(word for word in head.split() if _is_year(word)))
        candidates = [key for key in on.papers if key[0] == of]
        key = max(
            (one for one in candidates if head.startswith(on.name(one))), key=lambda one: len(on.name(one))
        )
        told.append(key)
        if not state.startswith(on.state(key)):
            yield f"{head}: {on.state(key)}, not {state}"
        holds_said = "現行" in state or "These figures hold" in state
        replaced_said = "置き換え" in state or "replaced" in state
        if replaced_said != (key in on.settled and key not in on.in_force):
            yield f"{head}: in force are {on.in_force}, and the list says {state}"
        if holds_said and key not in on.in_force:
            yield f"{head}: does not hold, and the list says {state}"
        if key not in on.settled:
            continue
        for what, said in (("revenue", revenue), ("expenditure", expenditure)):
            yen = on.figure(what, key)
            digits = bare(said).removesuffix("円").removesuffix("yen")
            if (yen is None) != (digits in ("", "－", "記録なし")) or (
                yen is not None and number(digits) != yen
            ):
                yield f"{head}: {yen} yen, not {said}"
        if day_of(known) != on.settled[key].known:
            yield f"{head}: settled on {on.settled[key].known}, not {known}"
    if sorted(told) != sorted(on.papers):
        yield f"to be listed are {sorted(on.papers)}, not {sorted(told)}"


def _is_year(word: str) -> bool:
    try:
        return year_of(word) > 0
    except ValueError:
        return False


# -- The money of a year --

YEAR_OF_MONEY = Grammar("year of money")
YEAR_OF_MONEY.sayings += [one for one in HOME.sayings if one.name in ("known_on", "of_a_past_day", "always")]
YEAR_OF_MONEY.sayings += [one for one in BALANCE.sayings if one.name in ("turns_into_a_sum", "always")]
YEAR_OF_MONEY.is_silent(css="unit-line")
YEAR_OF_MONEY.is_silent(css="no-print")
YEAR_OF_MONEY.is_silent(css="filters")


# What the ledger of the year says: of today only, on pages of the past there is none of it.


@YEAR_OF_MONEY.says("台帳なし（この年度の収支明細は登録されていない）。", "No ledger is kept for this year.")
def no_ledger(on: OnStatement) -> bool:
    """No line of the year was ever posted."""
    return on.of not in on.money.ledger


@YEAR_OF_MONEY.says(
    "この年度の収支明細は締切り前です。締め切るまで、明細と金額は財団の担当者だけに表示されます。",
    "The year's ledger is not closed yet; its sums are the foundation's own until then.",
)
def ledger_is_open(on: OnStatement) -> bool:
    """There is one, which is not closed, and the reader is not of the foundation's staff."""
    return on.of in on.money.ledger and not on.money.is_closed(on.of) and on.role != "foundation-staff"


@YEAR_OF_MONEY.says(
    "収支明細はありますが、照合する決算がまだありません。",
    "The ledger is kept; no settlement is known to compare it with.",
)
def ledger_alone(on: OnStatement) -> bool:
    """There is one that the reader sees, and no settlement."""
    return sees_ledger(on) and on.of not in on.money.settled_years


@YEAR_OF_MONEY.says(
    "決算と収支明細は、端数処理を除いて一致している。", "Settlement and ledger agree, apart from rounding."
)
def ledger_agrees(on: OnStatement) -> bool:
    """Every account has in the ledger what the settlement says, but for half of 千円."""
    return sees_ledger(on) and on.of in on.money.settled_years and not ledger_differs_by(on)


@YEAR_OF_MONEY.says(
    "収支明細と決算が一致しない科目がある：{accounts:rest}。",
    "The ledger differs from the settlement: {accounts:rest}.",
)
def ledger_differs(on: OnStatement, accounts: str) -> bool:
    """Exactly these accounts have something else in the ledger, by so much."""
    told = {}
    for one in accounts.replace("・", ", ").split(", "):
        name, _between, amount = one.replace(": ", " ").partition(" ")
        told[ACCOUNTS[name]] = thousands(amount)
    expected = {code: thousand(yen) for code, yen in ledger_differs_by(on).items()}
    if told != expected:
        raise LookupError(expected)
    return sees_ledger(on) and on.of in on.money.settled_years


def sees_ledger(on: OnStatement) -> bool:
    if on.day != on.today:
        return False
    return on.of in on.money.ledger and (on.role == "foundation-staff" or on.money.is_closed(on.of))


def ledger_differs_by(on: OnStatement) -> dict[str, int]:
    """By how much the ledger of the year is more than its settlement, account by account; only the contribution has lines."""
    found = {}
    for code in ACCOUNTS.values():
        if code in PARTS or (code == "running" and on.of >= SPLIT):
            continue
        settled = on.money.settled(on.of, code)
        entered = on.money.ledger[on.of] if code == GRANT else 0
        if settled is None:
            if entered:
                found[code] = entered
        elif abs(entered - settled) > 500:
            found[code] = entered - settled
    return found


SPLIT = 2022
"""From this year on the running costs are the sum of two accounts below them."""
PARTS = {"indirect"}


def _face(on: OnStatement) -> str:
    """What is said first: the settlement, before it the forecast, before that the budget."""
    faces = [face for year, face in Day(on.log, on.day).statements() if year == on.of]
    return next(face for face in ("settlement", "forecast", "budget") if face in faces)


@YEAR_OF_MONEY.says(
    "{face:face}は収入{revenue:yen}、支出{expenditure:yen}、収支差額{balance:yen}。",
    "{face:face}: revenue {revenue:yen}, expenditure {expenditure:yen}, balance {balance:yen}.",
)
def year_came_to(on: OnStatement, face: str, revenue: int, expenditure: int, balance: int) -> bool:
    """The totals of the settlement in force, before there is one of the forecast, before that of the budget."""
    true = _face(on)
    said = {"revenue": revenue, "expenditure": expenditure, "balance": balance}
    is_face = head_of(on, true) == face
    return is_face and all(_says(on.money.figures[on.of, true, what], yen) for what, yen in said.items())


def _says(yen: int | None, said: int) -> bool:
    return yen is not None and thousand(yen) == said


def head_of(on: OnStatement, face: str) -> str:
    """What its column is called: 予算（第1号補正後）."""
    statement = Day(on.log, on.day).statements()[on.of, face]
    japanese = {"budget": "予算", "forecast": "決算見込", "settlement": "決算"}
    english = {"budget": "Budget", "forecast": "Settlement forecast", "settlement": "Settlement"}
    if statement.stage == "supplementary":
        number_ = statement.supplement
        return (
            f"予算（第{number_}号補正後）"
            if on.language == "ja"
            else f"Budget after supplementary no. {number_}"
        )
    return (japanese if on.language == "ja" else english)[face]


@YEAR_OF_MONEY.says("支出予算の執行率は{rate}。", "{rate} of the budgeted expenditure was used.")
def used(on: OnStatement, rate: str) -> bool:
    """The settled expenditure of the budget in force, half up."""
    return bare(rate) == rate_of(on, "expenditure")


def rate_of(on: OnStatement, what: str) -> str:
    planned, spent = (on.money.figures.get((on.of, face, what)) for face in ("budget", "settlement"))
    if planned is None or spent is None or not thousand(planned):
        return ""
    tenths = floor(thousand(spent) * 1000 / thousand(planned) + 0.5)
    return f"{tenths / 10:,.1f}%".replace("-", "▲")


@YEAR_OF_MONEY.says(
    "この年度の予算と決算は登録されていません。", "No budget and no settlement is known for this fiscal year."
)
def nothing_known(on: OnStatement) -> bool:
    """No statement of the year is settled today."""
    return on.day == on.today and not [
        year for year, _face in Day(on.log, on.day).statements() if year == on.of
    ]


@YEAR_OF_MONEY.says(
    "この日には、この年度の予算も決算も確定していませんでした。",
    "No budget and no settlement of this fiscal year was known on that day.",
)
def nothing_known_then(on: OnStatement) -> bool:
    """No statement of the year was settled by that day."""
    return on.day < on.today and not [
        year for year, _face in Day(on.log, on.day).statements() if year == on.of
    ]


YEAR_OF_MONEY.always(
    "この年度の閲覧できる予算書・決算書はまだありません。", "No statement of this year can be seen yet."
)


@YEAR_OF_MONEY.table("accounts")
def year_accounts(on: OnStatement, table: Table) -> Iterator[str]:
    """Budgeted, expected and settled amounts, how the settled one differs, and its rate."""
    faces = [
        face
        for face in ("budget", "forecast", "settlement")
        if (on.of, face) in Day(on.log, on.day).statements()
    ]
    heads = [head_of(on, face) for face in faces]
    if "settlement" not in faces:
        faces.append("settlement")
        heads.append("決算" if on.language == "ja" else "Settlement")
    if table.heads[1 : 1 + len(heads)] != heads:
        yield f"the columns are {heads}, not {table.heads}"
        return
    of_ledger = sum("収支明細" in head or "Ledger" in head for head in table.heads)
    if bool(of_ledger) != sees_ledger(on):
        yield f"the ledger is seen: {sees_ledger(on)}, not {table.heads}"
        return
    sums = iter(("revenue", "expenditure"))
    for name, every in table.rows:
        if not any(every) and name not in ACCOUNTS:
            continue
        code = _code(name) or next(sums)
        cells = every[: len(every) - of_ledger]
        if of_ledger:
            yield from _in_ledger(on, name, code, every[len(cells)])
        for face, said in zip(faces, cells, strict=False):
            yield from _amount(f"{name} {face}", on.money.figures.get((on.of, face, code)), said)
        if len(cells) <= len(faces):
            continue
        planned, spent = (on.money.figures.get((on.of, face, code)) for face in ("budget", "settlement"))
        apart = None if planned is None or spent is None else spent - planned
        yield from _amount(f"{name} apart", apart, cells[len(faces)])
        rate = "" if code == "balance" else rate_of(on, code)
        if bare(cells[len(faces) + 1]) != rate:
            yield f"{name}: {rate}, not {cells[len(faces) + 1]}"


def _in_ledger(on: OnStatement, name: str, code: str, said: str) -> Iterator[str]:
    """The ledger's sum of the account or total, which only the contribution's lines make."""
    is_of = code in (GRANT, "revenue", "balance")
    yield from _amount(f"{name} ledger", on.money.ledger[on.of] if is_of else 0, said.partition(" ")[0])


@YEAR_OF_MONEY.whole
def year_statements(on: OnStatement, main: Node) -> Iterator[str]:
    """Those of the year that were settled by the day, what is on its way only today; which of them another has replaced."""
    told = []
    for box in main.all("section"):
        if box.attributes.get("aria-labelledby") == "statements":
            told = [one.text for one in box.all("li")]
    of_year = [key for key in on.papers if key[0] == on.of and (key in on.settled or on.day == on.today)]
    for key in of_year:
        words = f"{on.name(key)} {on.state(key)}"
        found = next((one for one in told if one.startswith(words)), None)
        if found is None:
            yield f"{words} is not told: {told}"
            continue
        is_replaced = key in on.settled and key not in on.in_force
        if ("置き換え" in found or "replaced" in found) != is_replaced:
            yield f"{words}: replaced {is_replaced}, and the page says {found}"
        if key in on.settled and not _tells_day(found, on.settled[key].known, on.language):
            yield f"{words}: settled on {on.settled[key].known}, and the page says {found}"
    if len(told) != len(of_year):
        yield f"the year's are {of_year}, not {told}"


def _tells_day(said: str, day: date, language: str) -> bool:
    """… 令和2年12月21日から; … known from 21 December 2020."""
    words = said.split()
    try:
        if language == "ja":
            return any(word.endswith("から") and day_of(word.removesuffix("から")) == day for word in words)
        place = words.index("from")
        return day_of(" ".join(words[place + 1 : place + 4])) == day
    except ValueError:
        return False


YEAR_OF_MONEY.is_silent(section="statements")  # read as a whole
