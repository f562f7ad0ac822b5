"""Of the home page, the list of plans and a plan's own page: how a plan stands, in how many indicators, and what follows it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.generated.chronicle_log import TargetKnown
from tests.generated.frame import BASELINE, CODES, INDICATORS, PLANS, fiscal_year
from tests.generated.pages.corrections import corrected_afterwards, values_differ
from tests.generated.pages.grammar import Condition, Grammar, Table, term_of
from tests.generated.pages.values import (
    INSTEAD,
    OnDay,
    bands_of,
    beside_faults,
    target_faults,
    value_cell_faults,
)
from tests.generated.pages.words import WORDS, bare, year
from tests.generated.reckoned_kpis import Kpis, quantity, shown
from tests.readers.page_reading import Piece

BANDS = {
    "met": ("✓達成", "✓Met"),
    "not_met": ("×未達", "×Not met"),
    "unreported": ("–未報告", "–Not reported"),
    "interim": ("◐途中経過", "◐Interim"),
    "not_applicable": ("対象外", "Not applicable"),
    "expected_met": ("◐達成（見込）", "◐Met (by forecast)"),
    "expected_not_met": ("◐未達（見込）", "◐Not met (by forecast)"),
    "by_settlement": ("!決算と相違", "!differs from the settlement"),
    "by_register": ("!台帳と相違", "!differs from the register"),
}


@dataclass
class OnPlan(OnDay):
    """A page on which a plan stands in one of its years."""

    plan: str = ""
    year: int = 0

    def begin(self, piece: Piece) -> None:
        """A sentence may be about another plan than the page; what comes in the next piece is about the page's again."""
        super().begin(piece)
        self.plan, self.year = self.about

    def is_about(self, plan: str, indicator: str) -> bool:
        return plan == self.plan

    @property
    def about(self) -> tuple[str, int]:
        return self.plan, self.kpis.focus(self.plan)

    @property
    def counts(self) -> Counter[str]:
        return self.kpis.counts(self.plan, self.year)

    @property
    def total(self) -> int:
        return len(INDICATORS[self.plan])


@dataclass
class OnHome(OnPlan):
    """The home page, which looks at the current plan's last whole year."""

    def is_about(self, plan: str, indicator: str) -> bool:
        return True

    @property
    def about(self) -> tuple[str, int]:
        plan = self.kpis.current() or ""
        return plan, self.kpis.focus(plan) if plan else 0


def verdicts(grammar: Grammar) -> None:
    """How a plan stands in a year: the same sentences on every page that has them."""

    @grammar.says(
        "{year}の実績はまだ報告されていません（{total:count}指標）。",
        "Nothing has been reported for {year} yet: all {total:count} indicators are open.",
    )
    def nothing_reported(on: OnPlan, year: int, total: int) -> bool:
        """No indicator of the plan has anything in the year."""
        return on.year == year and on.counts == Counter(unreported=total)

    @grammar.says(
        "{year}は、{total:count}指標とも達成・未達を判定できる実績がまだありません。",
        "No verdict for {year} yet: none of the {total:count} indicators has a value that can be judged.",
    )
    def no_verdict(on: OnPlan, year: int, total: int) -> bool:
        """Something is reported, nothing can be judged, and no earlier year of the plan can."""
        can = set(JUDGED) & set(on.counts)
        return on.year == year and total == on.total and not can and on.counts["unreported"] < total

    @grammar.says("{total:count}指標すべてが達成です。", "All {total:count} indicators met their targets.")
    def all_met(on: OnPlan, total: int) -> bool:
        """Each has a final value that meets the target in force when it was accepted; none rests on a forecast."""
        return on.counts == Counter(met=total)

    @grammar.says(
        "{total:count}指標すべてが未達です。", "None of the {total:count} indicators met its target."
    )
    def none_met(on: OnPlan, total: int) -> bool:
        """Each has a final value that misses the target in force when it was accepted."""
        return on.counts == Counter(not_met=total)

    @grammar.says("{total:count}指標のうち{parts:text}です。", "Of {total:count} indicators, {parts:parts}.")
    def some(on: OnPlan, total: int, parts: str) -> bool:
        """The parts name how many met and missed, by final values and by forecasts, of how many the settlement or the register
        would give another verdict, and leave none out."""
        expected = {band: on.counts[band] for band in JUDGED if on.counts[band]}
        return total == on.total and _parts(parts) == expected

    @grammar.says(
        "うち{count}指標は、実績の受理後に目標変更あり（判定は受理時の目標による）。",
        "For {count} of them the target was changed after the result was accepted: they are judged by the target of then."
        "||For {count} of them the target was changed after the result was accepted: it is judged by the target of then.",
    )
    def targets_moved(on: OnPlan, count: int) -> bool:
        """Of so many another target is in force than the one with which the year's verdict stays."""
        return count == on.kpis.moved(on.plan, on.year) > 0

    @grammar.says("!目標変更あり {count}", "!Target changed {count}")
    def chip_moved(on: OnPlan, count: int) -> bool:
        """Of so many another target is in force than the one with which the year's verdict stays."""
        return count == on.kpis.moved(on.plan, on.year) > 0

    for japanese, english in BANDS.values():
        grammar.says(f"{japanese} {{count}}", f"{english} {{count}}")(_counted)


def _counted(on: OnPlan, count: int) -> bool:
    """So many of the plan's indicators stand so in the year."""
    band = next(
        band for band, words in BANDS.items() if any(on.piece.text == f"{word} {count}" for word in words)
    )
    plan, of = plan_of_tally(on)
    return count > 0 and on.kpis.counts(plan, of)[band] == count


def plan_of_tally(on: OnPlan) -> tuple[str, int]:
    """In a table of plans the row's own plan and last whole year; otherwise what the page is about."""
    return on.plan, on.year


JUDGED = ("met", "not_met", "expected_met", "expected_not_met", "by_settlement", "by_register")
"""What has a verdict, or would have one if what is said instead of it were not another."""
_JAPANESE_PARTS = {
    "が達成見込": "expected_met",
    "が未達見込": "expected_not_met",
    "が達成": "met",
    "が未達": "not_met",
    "が決算と相違": "by_settlement",
    "が台帳と相違": "by_register",
}
_ENGLISH_PARTS = {
    "expected to be met": "expected_met",
    "not expected to be met": "expected_not_met",
    "met": "met",
    "not met": "not_met",
    "from the settlement": "by_settlement",
    "from the register": "by_register",
}


def _parts(text: str) -> dict[str, int]:
    """2つが達成、1つが未達; 2 are met, 1 is not met; 達成はなく、 and none is met say nothing more."""
    found = {}
    for part in text.replace("、", ", ").split(", "):
        if part in ("達成はなく", "none is met"):
            continue
        if part[0].isdigit() and " " in part:
            number, _is, words = part.split(" ", 2)
            found[_ENGLISH_PARTS[words]] = int(number)
        else:
            words = next(end for end in _JAPANESE_PARTS if part.endswith(end))
            found[_JAPANESE_PARTS[words]] = int(part.removesuffix(words).rstrip("つ指標"))
    return found


HOME = Grammar("home")
verdicts(HOME)
HOME.is_silent(section="todo")  # what waits for a person is read by its own rules
HOME.is_silent(section="kgis")
HOME.is_silent(css="years")
for legend in (
    ("目標", "target"),
    ("確定値", "final value"),
    ("途中経過", "interim value"),
    ("決算見込", "settlement forecast"),
    ("未報告", "not reported"),
    ("定義変更（線の前後は比べられません）", "definition changed: not comparable across the line"),
):
    HOME.always(*legend)


@HOME.says("{day}現在 ・ 計画 {plan:text_end}", "As known on {day} ・ 計画 {plan:text_end}")
def home_of(on: OnHome, day: date, plan: str) -> bool:
    """The day is the one that is shown, the plan the last begun."""
    return day == on.day and plan == on.plan


@HOME.says("{day}現在", "As known on {day}")
def known_on(on: OnDay, day: date) -> bool:
    """The day is the one that is shown."""
    return day == on.day


@HOME.says("直近の報告は{year}：", "Reported last, for {year}: ")
def reported_last(on: OnHome, year: int) -> bool:
    """The plan has no whole year yet; what follows is said of the last one of another plan."""
    others = [(years[-1], plan) for plan in on.kpis.plans if (years := on.kpis.whole_years(plan))]
    holds = not on.kpis.whole_years(on.plan) and bool(others) and max(others)[0] == year
    if others:
        on.year, on.plan = max(others)  # what comes after is about this
    return holds


@HOME.says("計画 {plan:text_end}", "計画 {plan:text_end}")
def link_to_plan(on: OnPlan, plan: str) -> bool:
    """A link to the plan of which the sentence spoke."""
    return plan == on.plan


@HOME.says(
    "この計画の実績は、まだどの年度も報告されていません。", "Nothing has been reported for this plan yet."
)
def plan_without_report(on: OnPlan) -> bool:
    """No year of the plan has a value."""
    return not on.kpis.reported_years(on.plan)


@HOME.says(
    "{years}の年度末の実績は、まだ受理されていません。",
    "No actuals at the end of {years} have been accepted yet.",
)
def later_without_report(on: OnPlan, years: tuple[int, ...]) -> bool:
    """The plan's years after the one with the verdicts that are over, and of which at most an interim value is known."""
    whole = on.kpis.whole_years(on.plan)
    over = [year for year in on.kpis.years(on.plan) if on.year < year < on.kpis.running]
    return on.year in whole and list(years) == [year for year in over if year not in whole]


@HOME.says("この計画は{year}に始まります。", "The plan begins with {year}.")
def plan_begins(on: OnPlan, year: int) -> bool:
    """The plan has not begun, and nothing is reported for it."""
    return PLANS[on.plan][0] == year > on.kpis.running and not on.kpis.reported_years(on.plan)


@HOME.says(
    "計画期間は終了しました。次期計画は未登録です。",
    "This plan has ended; the next one is not registered yet.",
)
def ended_without_next(on: OnPlan) -> bool:
    """The plan's last year is over, and none that is known begins after it."""
    last = PLANS[on.plan][1]
    return last < on.kpis.running and all(PLANS[plan][0] <= last for plan in on.kpis.plans)


@HOME.says(
    "計画期間は終了しました（次の計画は{year}から）。",
    "This plan has ended; the next one begins in {year}.",
)
def ended_before_next(on: OnPlan, year: int) -> bool:
    """The plan's last year is over, and the first that begins after it does so in that year."""
    last = PLANS[on.plan][1]
    later = [PLANS[plan][0] for plan in on.kpis.plans if PLANS[plan][0] > last]
    return last < on.kpis.running and bool(later) and min(later) == year


@HOME.says(
    "{year} 実績報告: 入力・提出 名前 {by:word}、受理 名前 {other:word} ・ {day}から",
    "Report {year}: entered by 名前 {by:word}, accepted by 名前 {other:word} ・ known from {day}",
)
def from_report(on: OnPlan, year: int, by: str, other: str, day: date) -> bool:
    """The report that holds for the year: the foundation's, accepted by the city on that day."""
    reports = [one.known for (plan, of), one in on.kpis.reports.items() if (plan, of) == (on.plan, year)]
    return (by, other) == ("foundation-staff", "city-staff") and reports == [day]


@HOME.says(
    "{year} 基準値の報告: 入力・提出 名前 {by:word}、受理 名前 {other:word} ・ {day}から",
    "Baseline report {year}: entered by 名前 {by:word}, accepted by 名前 {other:word} ・ known from {day}",
)
def from_baseline_report(on: OnPlan, year: int, by: str, other: str, day: date) -> bool:
    """The report that holds for the year before the plan's first."""
    return (on.plan, year) == BASELINE and from_report(on, year, by, other, day)


@HOME.says(
    "{day}には、まだ何も分かっていませんでした（確定した目標も、受理した報告もありません）。",
    "Nothing was known yet on {day}: no target and no report had been settled.",
)
def nothing_known(on: OnDay, day: date) -> bool:
    """A past day on which neither a target nor a report was known."""
    return day == on.day and not on.kpis.plans


@HOME.says(
    "このセンターには、目標のある計画がまだ登録されていません。システム管理者が参照データとして登録します。",
    "No plan with targets is registered for this center yet. An administrator loads it with the reference data.",
)
def no_plan(on: OnDay) -> bool:
    """No target and no report is known today."""
    return not on.kpis.plans


HOME.always("今日の状態を表示", "Show today's state")


@HOME.says("i{day}の時点で分かっていた状態を表示しています。", "iThis is the state as it was known on {day}.")
def of_a_past_day(on: OnDay, day: date) -> bool:
    """An earlier day was asked for, and this is it."""
    return day == on.day < on.today


@HOME.says("{year}の実績報告はまだ受理されていません。", "No report for {year} has been accepted yet.")
def no_report_accepted(on: OnPlan, year: int) -> bool:
    """No report of the plan's year was accepted."""
    return (on.plan, year) not in on.kpis.reports


corrected_afterwards(HOME)


@HOME.table("indicators|plan-.*")
def indicators(on: OnHome, table: Table) -> Iterator[str]:
    """Value, target, rate and verdict of each indicator in the year in the heads."""
    plan = table.caption.split()[1]
    of = year(table.caption.split()[-1])
    names = []
    for name, cells in table.rows:
        code = next(one.code for one in INDICATORS[plan] if name.startswith(one.name))
        names.append(code)
        value, target, against, *_history, verdict = cells
        yield from value_cell_faults(on.kpis, (plan, code, of), value, target, against, verdict)
    if names != [one.code for one in INDICATORS[plan]]:
        yield f"the plan's indicators are not {names}"


@HOME.table("others")
def other_plans(on: OnHome, table: Table) -> Iterator[str]:
    """Each other plan with its last whole year (before there is one, the last reported) and its verdicts."""
    yield from rows_of_plans(on.kpis, table, [plan for plan in on.kpis.plans if plan != on.kpis.current()])


def tally(kpis: Kpis, plan: str, of: int) -> dict[str, int]:
    """How many indicators stand how, and of how many the target was moved afterwards."""
    moved = kpis.moved(plan, of)
    return dict(kpis.counts(plan, of)) | ({"moved": moved} if moved else {})


def rows_of_plans(kpis: Kpis, table: Table, expected: list[str]) -> Iterator[str]:
    """The rows say each plan's last whole year and the verdicts counted in it."""
    seen = []
    for name, cells in table.rows:
        plan = name.split()[1]
        seen.append(plan)
        found = re.search(
            rf"(?:^| )({WORDS['year'].pattern}) ([✓×–◐!対N].*?\d)(?: |$)(?!\D*\d)", " ".join(cells)
        )
        years, tallies = ([found[1]], [bands_of(found[2])]) if found else ([], [])
        focus = kpis.focus(plan)
        if not kpis.reported_years(plan):
            if years:
                yield f"{plan} has no report, and its row says {cells}"
        elif [year(one) for one in years] != [focus]:
            yield f"{plan}: {focus} was reported last, not {years}"
        elif tallies != [tally(kpis, plan, focus)]:
            yield f"{plan}: {tally(kpis, plan, focus)}, not {tallies}"
    if sorted(seen) != sorted(expected):
        yield f"{expected} and not {seen} are the plans to be told"


# -- A plan's own page --


def _legend_of(by: str) -> Condition:
    def legend(on: OnPlan) -> bool:
        """Some value of the plan stands so."""
        keys = [key for of in on.kpis.years(on.plan) for key in on.kpis.keys(on.plan, of)]
        return any(on.kpis.stands(key) == by for key in keys)

    return legend


PLAN = Grammar("plan")
verdicts(PLAN)
values_differ(PLAN)
PLAN.sayings += HOME.sayings
PLAN.is_silent(css="sorts")
for by, words in (("by_settlement", BANDS["by_settlement"]), ("by_register", BANDS["by_register"])):
    PLAN.says(*(f"! {word[1:]} {word[1:]}" for word in words))(_legend_of(by))
PLAN.is_silent(css="no-print")
PLAN.is_silent(section="initiatives")
PLAN.is_silent(section="kgis")
PLAN.always(
    "年度末の確定値には注記がありません。それ以外は時点と値の区分を示しています。基準値は目標と比べません。",
    "Final values at the year's end stand without a note; others name their as-of day and certainty."
    " Baselines are not compared with targets.",
)
PLAN.always(
    "計画の最終年度の目標に対する現在地です（年度全体の確定値による）。計算の前提は各指標のページにあります。",
    "Where each indicator stands against the plan's last year, by final values of whole fiscal years."
    " The indicator's page says what it rests on.",
)
for sign in (
    "✓ 達成 達成|✓ Met Met",
    "× 未達 未達|× Not met Not met",
    "◐ 途中経過 途中経過|◐ Interim Interim",
):
    PLAN.always(*sign.split("|"))


@PLAN.says("{year}：", "{year}: ")
def of_year(on: OnPlan, year: int) -> bool:
    """What follows is said of the last whole year."""
    return year == on.year


@PLAN.says("{first:year}〜{last:year} ・ {day}現在", "{first:year}–{last:year} ・ As known on {day}")
def plan_runs(on: OnPlan, first: int, last: int, day: date) -> bool:
    """The plan's first and last year, and the day that is shown."""
    return (first, last) == PLANS[on.plan] and day == on.day


@PLAN.table("table")
def all_years(on: OnPlan, table: Table) -> Iterator[str]:
    """Target and actual of each indicator in each year of the plan, the baseline's actual first."""
    years = [year(found[0]) for head in table.heads if (found := re.search(WORDS["year"].pattern, head))]
    if on.plan == BASELINE[0]:  # its column is headed by more than the year
        years = [BASELINE[1], *(of for of in years if of != BASELINE[1])]
    for name, cells in table.rows:
        code = next(one.code for one in INDICATORS[on.plan] if name.startswith(one.name))
        told = list(cells)
        for of in years:
            key = (on.plan, code, of)
            is_baseline = (on.plan, of) == BASELINE
            target = "" if is_baseline else told.pop(0)
            yield from _year_of_plan(on.kpis, key, target, told.pop(0))
        if told:
            yield f"{name}: cells are left over: {told}"


def _year_of_plan(kpis: Kpis, key: tuple[str, str, int], target: str, actual: str) -> Iterator[str]:
    held = kpis.held.get(key)
    if target or kpis.target_judged(key):
        yield from target_faults(kpis, key, target)
    if held is None or not held.is_number:
        if bare(actual) not in ("－" if held else "未報告", "－" if held else "Notreported"):
            yield f"{key}: nothing is held, and the page says {actual}"
        return
    band = kpis.stands(key)
    if not bare(actual).startswith(quantity(key[1], int(held.value))):
        yield f"{key}: {held.value} is held, not {actual}"
    yield from beside_faults(kpis, key, actual)
    actual = re.sub("（?(?:目標変更あり|target changed)）?", "", actual)
    signs = {"met": "✓", "not_met": "×", "interim": "◐", "by_settlement": "!", "by_register": "!"}
    found = [sign for sign in "✓×◐!" if sign in actual]
    if band in signs and found != [signs[band]]:
        yield f"{key}: {band}, and the page says {actual}"
    if kpis.is_forecast(key) and not any(word in actual for word in ("決算見込", "forecast")):
        yield f"{key}: rests on a forecast, and the page does not say so: {actual}"


# -- Towards the last year --


def outlooks(grammar: Grammar) -> None:
    """Where an indicator stands against its plan's last year."""

    @grammar.says(
        "{value}（{year}）で、計画の最終年度（{last:year}）の目標{target}に届いています。",
        "With {value} ({year}) the target of the plan's last year, {last:year}, is reached: {target}.",
    )
    def reached(on: OnPlan, value: str, year: int, last: int, target: str) -> bool:
        """A cumulative's last final value of a whole year meets the last year's target, which is not over yet."""
        return _stands(on, year, value, last, target) and _meets(on) and _code(on) == "trials"

    @grammar.says(
        "{value}（{year}）で、計画の最終年度（{last:year}）の目標{target}の水準にあります。この水準を保つ必要があります。",
        "With {value} ({year}) it stands where the plan's last year, {last:year}, asks for {target};"
        " it has to stay there.",
    )
    def at_its_level(on: OnPlan, value: str, year: int, last: int, target: str) -> bool:
        """The last final value of a whole year meets the last year's target, and the plan is not over."""
        return _stands(on, year, value, last, target) and _meets(on) and _code(on) != "trials"

    @grammar.says(
        "{year}は{value}です。計画の最終年度（{last:year}）の目標{target}まで、あと{more:value}です。",
        "It stands at {value} ({year}); the plan's last year, {last:year}, asks for {target}: {more:value} more than now.",
    )
    def needs_more(on: OnPlan, year: int, value: str, last: int, target: str, more: str) -> bool:
        """The last final value misses the last year's target by so much."""
        return _stands(on, year, value, last, target) and not _meets(on) and _number(more) == _missing(on)

    @grammar.says(
        "{year}は{value}です。計画の最終年度（{last:year}）の目標{target}まで、あと{less:value}下げる必要があります。",
        "It stands at {value} ({year}); by the plan's last year, {last:year}, it has to come down by {less:value}"
        " to {target}.",
    )
    def has_to_fall(on: OnPlan, year: int, value: str, last: int, target: str, less: str) -> bool:
        """The last final value lies above what the last year allows by so much."""
        return _stands(on, year, value, last, target) and not _meets(on) and _number(less) == _missing(on)

    @grammar.says(
        "{year}は{value}です。{last:year}の目標{target}まで、残り{left:count}年であと{more:value}、1年当たり{each:value}が必要です。",
        "It stands at {value} ({year}). To reach {target} in {last:year}, {more:value} more are needed within"
        " {left:count} years: {each:value} per year.",
    )
    def needs_each_year(
        on: OnPlan, year: int, value: str, last: int, target: str, left: int, more: str, each: str
    ) -> bool:
        """What a cumulative misses, over the years left from today on, the running one with them."""
        years = last - max(year, on.kpis.running - 1)
        missing = _missing(on)
        per_year = -(-missing * 10 // years) / 10 if years else 0
        return (
            _stands(on, year, value, last, target)
            and (left, _number(more)) == (years, missing)
            and abs(_number(each) - per_year) < 0.001
        )

    @grammar.says(
        "{year}は{value}です。{last:year}の目標{target}まで、残る1年であと{more:value}が必要です。",
        "It stands at {value} ({year}). To reach {target} in {last:year}, {more:value} more are needed in the year"
        " that is left.",
    )
    def needs_in_one_year(on: OnPlan, year: int, value: str, last: int, target: str, more: str) -> bool:
        """What a cumulative misses, where one year is left from today on."""
        years = last - max(year, on.kpis.running - 1)
        return _stands(on, year, value, last, target) and (years, _number(more)) == (1, _missing(on))

    @grammar.says(
        "計画は{last:year}で終わりました。最終年度は目標{target}に対して{value}で、達成しました。",
        "The plan ended with {last:year}: {value} against a target of {target}, which is met.",
    )
    def ended_met(on: OnPlan, last: int, target: str, value: str) -> bool:
        """The plan is over, and its last year's final value meets the target that its verdict stays with."""
        return last < on.kpis.running and _ended(on, last, target, value) == "met"

    @grammar.says(
        "計画は{last:year}で終わりました。最終年度は目標{target}に対して{value}で、達成しませんでした。",
        "The plan ended with {last:year}: {value} against a target of {target}, which is not met.",
    )
    def ended_not_met(on: OnPlan, last: int, target: str, value: str) -> bool:
        """The plan is over, and its last year's final value misses the target that its verdict stays with."""
        return last < on.kpis.running and _ended(on, last, target, value) == "not_met"

    @grammar.says(
        "計画は{last:year}で終わりました。最終年度の目標と比べられる確定値はありません。",
        "The plan ended with {last:year}. No final value of that year, set against a target, is known.",
    )
    def ended_open(on: OnPlan, last: int) -> bool:
        """The plan is over, and the last year has no final value."""
        over = PLANS[on.plan][1] == last < on.kpis.running
        codes = [_code(on)] if _code(on) else [one.code for one in INDICATORS[on.plan]]  # one for all
        return over and not any(on.kpis.is_final((on.plan, code, last)) for code in codes)

    @grammar.says(
        "計画の最終年度（{last:year}）の目標は{target}です。年度全体の確定値がまだないため、これまでの進み方は示せません。",
        "The plan's last year, {last:year}, asks for {target}. No final value of a whole fiscal year is known yet, so"
        " nothing can be said of the pace.",
    )
    def no_final_value(on: OnPlan, last: int, target: str) -> bool:
        """No year of the plan has a final value of this indicator, and the plan is not over."""
        code = _code(on)
        known = on.kpis.final_values(on.plan, code)
        return not known and last >= on.kpis.running and _asks(on, last) == target

    @grammar.says(
        "{year}の{value}（{as_of}・{certainty}）は用いていません。",
        "The {value} of {year} ({as_of}, {certainty}) is not used.",
    )
    def not_used(on: OnPlan, year: int, value: str, as_of: date, certainty: str) -> bool:
        """The plan's last value, of a later year than the last final one of a whole year, or of one where none is."""
        code = _code(on)
        held = on.kpis.held[on.plan, code, year]
        numbers = [
            of
            for of in on.kpis.years(on.plan)
            if (one := on.kpis.held.get((on.plan, code, of))) is not None and one.is_number
        ]
        final = on.kpis.final_values(on.plan, code)
        is_later = numbers[-1] == year and (not final or year > final[-1][0])
        is_that = bare(value) == quantity(code, int(held.value))
        return is_later and is_that and (held.as_of, held.certainty) == (as_of, CERTAINTIES[certainty])

    @grammar.says("{year}は{value}と報告されています。", "{year}: {value} was reported.")
    def reported_only(on: OnPlan, year: int, value: str) -> bool:
        """The last final value is another one by the settlement or the register, and the plan is not over: nothing is reckoned."""
        last = PLANS[on.plan][1]
        return _is_last_final(on, year, value) and last >= on.kpis.running and _differs(on, year)

    @grammar.says(
        "計画は{last:year}で終わりました。最終年度は、目標{target}に対して{value}と報告されています。",
        "The plan ended with {last:year}: {value} against a target of {target} was reported.",
    )
    def ended_reported(on: OnPlan, last: int, target: str, value: str) -> bool:
        """The plan is over, and what is said instead of its last year's final value would give another verdict."""
        return last < on.kpis.running and _ended(on, last, target, value).startswith("by_")

    said_instead(grammar)
    moved_sentences(grammar)


def said_instead(grammar: Grammar) -> None:
    """What the settlement or the register says instead of a value, and the verdict that it would give."""
    for by, (japanese, english) in INSTEAD.items():
        grammar.says(f"{japanese}{{value}}です。", f"{english}{{value}}.")(_said_instead(by, is_judged=False))
        grammar.says(
            f"{japanese}{{value}}で、その場合は{{verdict}}です。",
            f"{english}{{value}}, which would be: {{verdict}}.",
        )(_said_instead(by, is_judged=True))


def _said_instead(by: str, *, is_judged: bool) -> Condition:
    def instead(on: OnPlan, value: str, verdict: str = "") -> bool:
        """It is said of a value of the indicator in question, by the one who says so; the verdict is by the target that judges."""
        code = _code(on)
        for key, other in on.kpis.others.items():
            if key[:2] != (on.plan, code) or (other.by, quantity(code, other.value)) != (by, value):
                continue
            target = on.kpis.target_judged(key)
            if not is_judged:
                return True
            if target is not None:
                is_met = other.value <= target.value if CODES[code].at_most else other.value >= target.value
                return verdict in (("達成", "Met") if is_met else ("未達", "Not met"))
        return False

    return instead


def _differs(on: OnPlan, of: int) -> bool:
    return (on.plan, _code(on), of) in on.kpis.others


def _is_last_final(on: OnPlan, of: int, value: str) -> bool:
    code = _code(on)
    values = on.kpis.final_values(on.plan, code)
    return bool(values) and (of, value) == (values[-1][0], quantity(code, values[-1][1]))


CERTAINTIES = {
    "途中経過": "interim",
    "interim": "interim",
    "決算見込": "forecast",
    "settlement forecast": "forecast",
    "確定": "final",
    "final": "final",
}


def moved_sentences(grammar: Grammar) -> None:
    """What is said of a target that was moved after the result."""

    @grammar.says(
        "実績の受理後に目標変更あり。達成状況は目標{judged:target}によるままです。変更後の目標：{since:day}から{now:target}（この目標では{verdict}）。",
        "The target was changed after the result was accepted; the verdict stays by {judged:target}."
        " Target since {since:day}: {now:target} (by it: {verdict}).",
    )
    def stays(on: OnPlan, judged: str, since: date, now: str, verdict: str) -> bool:
        """The year's verdict stays with the one target, the other is in force since that day and would give this."""
        return _would_give(on, (judged, since, now, verdict), by_forecast=False)

    @grammar.says(
        "実績の受理後に目標変更あり。達成状況は目標{judged:target}によるままです。変更後の目標：{since:day}から{now:target}（この目標では{verdict}（見込））。",
        "The target was changed after the result was accepted; the verdict stays by {judged:target}."
        " Target since {since:day}: {now:target} (by it: {verdict} (by forecast)).",
    )
    def stays_so_far(on: OnPlan, judged: str, since: date, now: str, verdict: str) -> bool:
        """The same of a value that is a forecast."""
        return _would_give(on, (judged, since, now, verdict), by_forecast=True)

    @grammar.says(
        "実績の受理後に目標変更あり。達成状況は目標{judged:target}によるままです。変更後の目標：{since:day}から{now:target}。",
        "The target was changed after the result was accepted; the verdict stays by {judged:target}."
        " Target since {since:day}: {now:target}.",
    )
    def stays_without_verdict(on: OnPlan, judged: str, since: date, now: str) -> bool:
        """The same where the value was taken away again, or where what is said instead of it would give another verdict."""
        return any(
            on.kpis.is_moved(key)
            and target_words(on, key[1], on.kpis.target_judged(key)) == judged
            and _is_now(on, key, since, now)
            and not (
                on.kpis.band(key) in ("met", "not_met") and on.kpis.band_by(key, on.kpis.targets[key].value)
            )
            for key in _moved_keys(on)
        )


def _would_give(on: OnPlan, told: tuple[str, date, str, str], *, by_forecast: bool) -> bool:
    """Whether a target that was moved is told as it is: the one that judges, since when the other, which, and its verdict."""
    judged, since, now, verdict = told
    word = {"達成": "met", "Met": "met", "未達": "not_met", "Not met": "not_met"}[verdict]
    return any(
        on.kpis.is_moved(key)
        and (on.kpis.held[key].certainty == "forecast") == by_forecast
        and target_words(on, key[1], on.kpis.target_judged(key)) == judged
        and _is_now(on, key, since, now)
        and on.kpis.band_by(key, on.kpis.targets[key].value) == word
        for key in _moved_keys(on)
    )


def _moved_keys(on: OnPlan) -> list[tuple[str, str, int]]:
    """Of the indicator in question, the year of the page and the plan's last."""
    return [(on.plan, _code(on), of) for of in (on.year, PLANS[on.plan][1])]


def _is_now(on: OnPlan, key: tuple[str, str, int], since: date, said: str) -> bool:
    now = on.kpis.targets[key]
    return since == max(now.known, now.in_force) and target_words(on, key[1], now) == said


def target_words(on: OnPlan, code: str, target: TargetKnown | None) -> str:
    """As it is written: 3件以下."""
    at_most = ("以下" if on.language == "ja" else "orless") if CODES[code].at_most else ""
    return quantity(code, target.value) + at_most if target else ""


def _code(on: OnPlan) -> str:
    if on.indicator:
        return on.indicator
    name = term_of(on.piece)
    return next((code for code, one in CODES.items() if one.name == name), "")


def _asks(on: OnPlan, last: int) -> str:
    code = _code(on)
    target = on.kpis.targets.get((on.plan, code, last))
    at_most = ("以下" if on.language == "ja" else "orless") if CODES[code].at_most else ""
    return quantity(code, target.value) + at_most if target else ""


def _stands(on: OnPlan, of: int, value: str, last: int, target: str) -> bool:
    """Whether the last final value and the last year's target are those, and the plan is not over."""
    code = _code(on)
    values = on.kpis.final_values(on.plan, code)
    return (
        bool(values)
        and (of, value) == (values[-1][0], quantity(code, values[-1][1]))
        and not _differs(on, of)
        and PLANS[on.plan][1] == last >= on.kpis.running
        and _asks(on, last) == target
    )


def _meets(on: OnPlan) -> bool:
    code, last = _code(on), PLANS[on.plan][1]
    value, target = on.kpis.final_values(on.plan, code)[-1][1], on.kpis.targets[on.plan, code, last].value
    return value <= target if CODES[code].at_most else value >= target


def _missing(on: OnPlan) -> int:
    code, last = _code(on), PLANS[on.plan][1]
    value, target = on.kpis.final_values(on.plan, code)[-1][1], on.kpis.targets[on.plan, code, last].value
    return abs(shown(code, target - value) if target > value else shown(code, value - target))


def _number(text: str) -> float:
    digits = "".join(one for one in text if one.isdigit() or one == ".")
    return float(digits)


def _ended(on: OnPlan, last: int, target: str, value: str) -> str:
    code = _code(on)
    key = (on.plan, code, last)
    judged, held = on.kpis.target_judged(key), on.kpis.held.get(key)
    if judged is None or held is None or not on.kpis.is_final(key):
        return ""
    at_most = ("以下" if on.language == "ja" else "orless") if CODES[code].at_most else ""
    said = (quantity(code, judged.value) + at_most, quantity(code, int(held.value)))
    return on.kpis.stands(key) if said == (target, value) else ""


outlooks(PLAN)


# -- The list of plans --

PLANS_PAGE = Grammar("plans")
PLANS_PAGE.sayings += HOME.sayings


@PLANS_PAGE.table("")
def every_plan(on: OnDay, table: Table) -> Iterator[str]:
    """Each plan with its state on the day and the verdicts of its last whole year."""
    yield from rows_of_plans(on.kpis, table, on.kpis.plans)
    states = {"実施中": "running", "Running": "running", "終了": "ended", "Ended": "ended"}
    for name, cells in table.rows:
        plan = name.split()[1]
        said = next((states[cell] for cell in cells if cell in states), "to come")
        first, last = PLANS[plan]
        running = fiscal_year(on.day)
        true = "ended" if last < running else "running" if first <= running else "to come"
        if said != true:
            yield f"{plan} is {true}, not {said}"
