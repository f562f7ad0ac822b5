"""Of an indicator's page: how it stands in the year looked at, towards the plan's last year, and every figure of its life."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.generated.frame import CODES, PLANS
from tests.generated.pages.corrections import values_differ
from tests.generated.pages.grammar import Grammar, Table
from tests.generated.pages.home import CERTAINTIES as CERTAINTY
from tests.generated.pages.home import HOME, OnPlan, outlooks
from tests.generated.pages.values import rate_of, target_faults, value_cell_faults
from tests.generated.pages.words import bare, thousands, year
from tests.generated.reckoned_kpis import Held, quantity
from tests.generated.reckoned_money import Money, thousand
from tests.generated.reckoned_sources import Sources

INDICATOR = Grammar("indicator")
INDICATOR.sayings += [one for one in HOME.sayings if one.name in ("known_on", "of_a_past_day", "always")]
INDICATOR.sayings += [
    one
    for one in HOME.sayings
    if one.name
    in (
        "differs_from_settlement",
        "differs_from_register",
        "reported_and_settled",
        "reported_and_counted",
        "may_confirm",
        "whose_step",
    )
]
values_differ(INDICATOR)
outlooks(INDICATOR)


@dataclass
class OnIndicator(OnPlan):
    """An indicator of a plan, which looks at the plan's last whole year."""

    def key(self, of: int) -> tuple[str, str, int]:
        return self.plan, self.indicator, of

    def is_about(self, plan: str, indicator: str) -> bool:
        """Its own, and those that it continues or that continue it."""
        is_of_life = plan == self.plan or CODES[indicator].kind == "cumulative"
        return indicator == self.indicator and is_of_life

    def held(self, of: int) -> Held:
        return self.kpis.held[self.key(of)]

    def says_value(self, of: int, value: str) -> bool:
        held = self.kpis.held.get(self.key(of))
        return held is not None and held.is_number and value == quantity(self.indicator, int(held.value))

    def says_target(self, of: int, target: str) -> bool:
        """The target that the verdict stays with, or while there is none the one in force."""
        judged = self.kpis.target_judged(self.key(of))
        at_most = ("以下" if self.language == "ja" else "orless") if CODES[self.indicator].at_most else ""
        return judged is not None and target == quantity(self.indicator, judged.value) + at_most

    def rate(self, of: int) -> str:
        judged, held = self.kpis.target_judged(self.key(of)), self.held(of)
        if judged is None:
            return ""
        value, target = int(held.value), judged.value
        at_most = CODES[self.indicator].at_most
        return rate_of(self.indicator, value, target, is_met=value <= target if at_most else value >= target)


VERDICT = {"達成": "met", "Met": "met", "未達": "not_met", "Not met": "not_met"}


@INDICATOR.says(
    "{year}は{value}で、目標{target}に対して{rate:rate_or_difference}で{verdict}です。",
    "{year}: {value} against a target of {target} ({rate:rate_or_difference}): {verdict}.",
)
def compared(on: OnIndicator, year: int, value: str, target: str, rate: str, verdict: str) -> bool:
    """The year has a final value, which stands so against the target in force when it was accepted."""
    return (
        on.says_value(year, value)
        and on.says_target(year, target)
        and on.rate(year) == rate
        and on.kpis.stands(on.key(year)) == VERDICT[verdict]
        and not on.kpis.is_forecast(on.key(year))
    )


@INDICATOR.says(
    "{year}は{value}で、目標{target}に対して{verdict}です。",
    "{year}: {value} against a target of {target}: {verdict}.",
)
def compared_without_rate(on: OnIndicator, year: int, value: str, target: str, verdict: str) -> bool:
    """The same where no rate can be given, because the target is 0 as it is shown."""
    return compared(on, year, value, target, "", verdict)


@INDICATOR.says(
    "{year}は、目標{target}に対して{value}と報告されています。",
    "{year}: {value} against a target of {target} was reported.",
)
def reported_against(on: OnIndicator, year: int, target: str, value: str) -> bool:
    """What is said instead of the value would give another verdict, so that none is claimed."""
    return (
        on.says_value(year, value)
        and on.says_target(year, target)
        and on.kpis.stands(on.key(year)).startswith("by_")
    )


# -- Beside it: what its source says of the value reported last --


@INDICATOR.says(
    "{stage:stage}の「研究費」では{now:value}、報告では{was:value}です。",
    "The {stage:stage} says {now:value} (“研究費”), the report {was:value}.",
)
def source_says(on: OnIndicator, stage: str, now: str, was: str) -> bool:
    """The value of the last year that has one is another than its settlement's, explained or not."""
    of = _last_with_number(on)
    line = Sources(on.log, on.day).line(on.key(of), on.held(of).as_of)
    return (
        line is not None
        and line[0].stage == STAGES[stage]
        and (now, was) == (quantity(on.indicator, line[1]), quantity(on.indicator, int(on.held(of).value)))
        and now != was
    )


@INDICATOR.says(
    "{year} {stage:stage}の「研究費」{now:value}", "“研究費” in the {stage:stage} of {year}: {now:value}"
)
def source_named(on: OnIndicator, year: int, stage: str, now: str) -> bool:
    """The statement from which that value is taken."""
    line = Sources(on.log, on.day).line(on.key(year), on.held(year).as_of)
    is_that = line is not None and (line[0].stage, quantity(on.indicator, line[1])) == (STAGES[stage], now)
    return is_that and year == _last_with_number(on)


@INDICATOR.says(
    "台帳では{least:count}〜{most:value}、報告では{was:value}です。||台帳では{least:value}、報告では{was:value}です。",
    "The register says {least:count} to {most:value}, the report {was:value}."
    "||The register says {least:value}, the report {was:value}.",
)
def register_says(on: OnIndicator, least: int | str, was: str, most: str = "") -> bool:
    """The value of the last year that has one is not what the register counts for its day, explained or not."""
    of = _last_with_number(on)
    count, value = Sources(on.log, on.day).count(on.key(of), on.held(of).as_of), int(on.held(of).value)
    if count is None or count.least <= value <= count.most or was != quantity(on.indicator, value):
        return False
    surely = str(count.least) if most else quantity(on.indicator, count.least)
    return str(least) == surely and most in (
        "" if count.least == count.most else quantity(on.indicator, count.most)
    )


@INDICATOR.says(
    "台帳「区分 trials-held」{day:as_of}まで{sum:value}{how:any_end}",
    "Register, “区分 trials-held” up to {day:as_of}: {sum:value}{how:any_end}",
)
def register_named(on: OnIndicator, day: date, sum: str, how: str) -> bool:
    """What the register surely comes to for that value's day."""
    of = _last_with_number(on)
    count = Sources(on.log, on.day).count(on.key(of), on.held(of).as_of)
    return count is not None and on.held(of).as_of == day and sum == quantity(on.indicator, count.least)


@INDICATOR.says("備考：集計し直した", "Note: 集計し直した")
def noted(on: OnIndicator) -> bool:
    """The report has a note on the value of the last year that has one."""
    return on.indicator in on.held(_last_with_number(on)).report.noted


@INDICATOR.says("理由の備考がありません。", "No note says why.")
def not_noted(on: OnIndicator) -> bool:
    """It has none."""
    return not noted(on)


STAGES = {
    "決算": "settlement",
    "決算見込": "forecast",
    "settlement": "settlement",
    "settlement forecast": "forecast",
    "Settlement": "settlement",
    "Settlement forecast": "forecast",
}


def _last_with_number(on: OnIndicator) -> int:
    return max(of for of in on.kpis.years(on.plan) if _has_number(on, of))


# -- No verdict, or none yet --


@INDICATOR.says(
    "{year}は決算見込で{value}、目標{target}に対して{rate:rate_or_difference}で{verdict}です。",
    "{year}: {value} against a target of {target} ({rate:rate_or_difference}): {verdict}, by the settlement forecast.",
)
def compared_by_forecast(
    on: OnIndicator, year: int, value: str, target: str, rate: str, verdict: str
) -> bool:
    """The year is over and has a forecast, which stands so against the target in force when it was accepted."""
    return (
        on.says_value(year, value)
        and on.says_target(year, target)
        and on.rate(year) == rate
        and on.kpis.stands(on.key(year)) == VERDICT[verdict]
        and on.kpis.is_forecast(on.key(year))
    )


@INDICATOR.says(
    "{year}は{value}（{as_of}・{certainty}）です。年度途中までの数のため、年間の目標{target}とは比べません。",
    "{year}: {value} ({as_of}, {certainty}). This counts only part of the year, so it is not compared with the year's"
    " target of {target}.",
)
def part_of_a_flow(on: OnIndicator, year: int, value: str, as_of: date, certainty: str, target: str) -> bool:
    """A flow's value of a day within the year, which is no forecast."""
    held = on.held(year)
    return (
        on.says_value(year, value)
        and on.says_target(year, target)
        and (held.as_of, held.certainty) == (as_of, CERTAINTY[certainty])
        and CODES[on.indicator].kind == "flow"
        and on.kpis.band(on.key(year)) == "interim"
        and held.certainty != "forecast"
    )


@INDICATOR.says(
    "{year}は{value}（{as_of}・{certainty}）で、目標{target}に対して{rate:rate_or_difference}です。"
    "達成・未達はまだ判定していません。",
    "{year}: {value} ({as_of}, {certainty}) against a target of {target} ({rate:rate_or_difference}); no verdict yet.",
)
def no_verdict_yet(
    on: OnIndicator, year: int, value: str, as_of: date, certainty: str, target: str, rate: str
) -> bool:
    """A value that speaks of a part of the year, or a forecast of a running one."""
    held = on.held(year)
    return (
        on.says_value(year, value)
        and on.says_target(year, target)
        and on.rate(year) == rate
        and (held.as_of, held.certainty) == (as_of, CERTAINTY[certainty])
        and on.kpis.band(on.key(year)) == "interim"
    )


@INDICATOR.says("{year}は対象外（「－」）です。", "{year}: not applicable.")
def not_applicable(on: OnIndicator, year: int) -> bool:
    """「-」 is reported for the year."""
    return on.kpis.band(on.key(year)) == "not_applicable"


@INDICATOR.says(
    "{year}の実績は未報告です。目標は{target}です。", "{year} is not reported yet; the target is {target}."
)
def unreported(on: OnIndicator, year: int, target: str) -> bool:
    """Nothing is held of the year, and this is its target."""
    return on.kpis.band(on.key(year)) == "unreported" and on.says_target(year, target)


@INDICATOR.says(
    "最新の値は{year}の{value}（{as_of}・{certainty}）です。",
    "The latest value is {value} for {year} ({as_of}, {certainty}).",
)
def latest(on: OnIndicator, year: int, value: str, as_of: date, certainty: str) -> bool:
    """The last year of the plan with a value, said beside one that has none."""
    years = [of for of in on.kpis.years(on.plan) if _has_number(on, of)]
    held = on.held(year)
    is_that = (held.as_of, held.certainty) == (as_of, CERTAINTY[certainty])
    return years[-1] == year and on.says_value(year, value) and is_that


@INDICATOR.says(
    "基準値は{value}（{as_of}・{certainty}）でした。",
    "The baseline was {value} ({as_of}, {certainty}).",
)
def baseline(on: OnIndicator, value: str, as_of: date, certainty: str) -> bool:
    """The plan has no value but the one before its first year."""
    years = [of for of in on.kpis.years(on.plan) if _has_number(on, of)]
    return not years and on.plan == "first" and on.says_value(2015, value) and on.held(2015).as_of == as_of


def _has_number(on: OnIndicator, of: int) -> bool:
    held = on.kpis.held.get(on.key(of))
    return held is not None and held.is_number


@INDICATOR.says(
    "{first:year}から{last:year}までは、1年当たり平均{change:value}の変化でした。",
    "From {first:year} to {last:year} it changed by {change:value} per year on average.",
)
def pace(on: OnIndicator, first: int, last: int, change: str) -> bool:
    """The mean change from the first final value of a whole year to the last; the plan is not over."""
    values = on.kpis.final_values(on.plan, on.indicator)
    (begun, least), (ended, most) = values[0], values[-1]
    mean = (most - least) / CODES[on.indicator].scale / (ended - begun)
    said = float(change.strip("+±件千円%ポイントpoints").replace("▲", "-").replace(",", ""))
    # Rounded away from flattery: down, and for what may not exceed its target up.
    off = said - mean if CODES[on.indicator].at_most else mean - said
    return (first, last) == (begun, ended) and -1e-9 <= off < 1 and PLANS[on.plan][1] >= on.kpis.running


for said in (
    (
        "年度全体の確定値だけを使い、途中経過と決算見込は使っていません。",
        "Only final values of whole fiscal years are used; interim values and forecasts are not.",
    ),
    (
        "残りの年度を均等とみなしています。実際の増え方は年度により異なります。",
        "The years left are taken as equal; a single year can bring more or less.",
    ),
    (
        "年間の値は年度ごとに数え直すため、最終年度の目標とだけ比べています。",
        "A yearly figure begins anew each year; it is set against the last year's target only.",
    ),
    ("率の差はポイントで示しています。", "Ratios are compared in percentage points."),
    (
        "分かっている値による計算であり、予測ではありません。",
        "It is arithmetic with what is known, not a forecast.",
    ),
    (
        "目標を改定したときは理由とともに追加し、前の目標も残します。",
        "A changed target is added with its reason; the old one stays.",
    ),
):
    INDICATOR.always(*said)

INDICATOR.is_silent(section="continuity")
INDICATOR.is_silent(css="caption-note")
INDICATOR.always("前計画から", "前計画から")  # the history's reason for a break
INDICATOR.always("賃料等の収入と入居率の推移", "Rents beside the occupancy")


@INDICATOR.says("賃料等の収入：{rents:text}。", "Income from rents: {rents:parts}.")
def rents(on: OnIndicator, rents: str) -> bool:
    """The rents of the last three settlements that tell of them."""
    money = Money(on.log, on.day)
    known = [(of, yen) for of in money.settled_years if (yen := money.settled(of, "rent")) is not None][-3:]
    said = [one.split(" ") for one in rents.replace("、", ", ").split(", ")]
    return [(year(of), thousands(yen)) for of, yen in said] == [(of, thousand(yen)) for of, yen in known]


INDICATOR.is_silent(section="definition|basis|initiatives")
INDICATOR.is_silent(css="no-print")


@INDICATOR.table("chart-.*")
def chart(on: OnIndicator, table: Table) -> Iterator[str]:
    """The chart's figures: those of the table of all figures, which is read; here each is held once more."""
    yield from _figures(on, table, with_rate=False)


@INDICATOR.table("figures")
def figures(on: OnIndicator, table: Table) -> Iterator[str]:
    """Target, actual, rate and verdict of each year, of every plan of the indicator's life."""
    yield from _figures(on, table, with_rate=True)


def _figures(on: OnIndicator, table: Table, *, with_rate: bool) -> Iterator[str]:
    for head, cells in table.rows:
        if not any(cells):
            continue  # where the count changes its meaning
        of = year(head.split()[0])
        key = (plan_of(of), on.indicator, of)
        held = on.kpis.held.get(key)
        if with_rate:
            target, value, rate, verdict, _whence = cells
            if key == ("first", on.indicator, 2015):
                continue
            yield from value_cell_faults(on.kpis, key, value or "未報告", target, rate, verdict)
            continue
        target, value, *_rest = cells
        if target:
            yield from target_faults(on.kpis, key, target)
        if held and held.is_number and bare(value) != quantity(on.indicator, int(held.value)):
            yield f"{key}: {held.value} is held, not {value}"
        if not (held and held.is_number) and any(one.isdigit() for one in value):
            yield f"{key}: nothing is held, and the page says {value}"


@INDICATOR.table("revisions")
def revisions(on: OnIndicator, table: Table) -> Iterator[str]:
    """Every revision of the targets that is known, of every plan of the indicator's life, and which of them holds."""
    told = []
    for head, cells in table.rows:
        target, number, state, known, *_rest = cells
        of = year(head.split()[0])
        told.append((of, bare(target)))
        holds = on.kpis.targets.get((plan_of(of), on.indicator, of))
        if state in ("有効", "in force") and (holds is None or not _is(on, target, holds.value)):
            yield f"{head}, revision {number}: {target} is not in force ({known})"
    plans = {plan_of(of) for of, _target in told}
    known_then = [
        (one.year, one.value)
        for one in on.log.targets
        if one.plan in plans and one.indicator == on.indicator and one.known <= on.day
    ]
    if len(told) != len(known_then) or on.plan not in plans:
        yield f"the revisions are {sorted(known_then)}, not {sorted(told)}"
    for of, value in known_then:
        if not any(year_told == of and _is(on, target, value) for year_told, target in told):
            yield f"the revision {value} of {of} is not told"


def plan_of(of: int) -> str:
    """The plan that the year belongs to, the baseline's year to the first."""
    return next(plan for plan, (first, last) in PLANS.items() if first - (plan == "first") <= of <= last)


def _is(on: OnIndicator, target: str, value: int) -> bool:
    return bare(target).startswith(quantity(on.indicator, value))
