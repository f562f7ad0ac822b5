"""Of the free use of land: until when it lasts, what ends it, and every judgement of the city."""

from collections.abc import Iterator
from datetime import date

from tests.generated.chronicle_log import LandStep
from tests.generated.pages.agreements import VERIFICATIONS, OnAgreements, name_of
from tests.generated.pages.grammar import Grammar, Table
from tests.generated.pages.home import HOME
from tests.generated.pages.money import SUPPORT
from tests.generated.pages.words import day as day_of
from tests.generated.pages.words import year as year_of

LAND = Grammar("land")
LAND.sayings += [one for one in SUPPORT.sayings if one.name == "of_a_past_day"]
LAND.sayings += [one for one in HOME.sayings if one.name == "always"]
LAND.is_silent(section="terms|record|revisions")
LAND.is_silent(css="meta")
LAND.always("用地の無償貸付と市の判断", "The free use of land and the city's judgements")


@LAND.says(
    "{year}の効果検証（{judged:day}判断）で無償貸付の規定に適合しないとされたため、無償貸付は{last:day}限りです。",
    "Free of charge until {last:day} only: by the evaluation of effects for {year}, judged on {judged:day}, the"
    " conditions are no longer met.",
)
def lost_by_evaluation(on: OnAgreements, year: int, judged: date, last: date) -> bool:
    """The judgement of that day takes the free use from the day after on, and nothing ends it before."""
    end = on.land.end()
    if end is None or end.judgement is None or end.by != "effect":
        return False
    return (end.judgement.year, end.judgement.on, end.last_day) == (year, judged, last)


@LAND.says(
    "財団が協定を履行しないとの市の判断（{judged:day}、協定 basic）により、無償貸付は{last:day}限りです。",
    "Free of charge until {last:day} only: on {judged:day} the city judged that the foundation does not perform the"
    " agreement (協定 basic).",
)
def lost_by_performance(on: OnAgreements, judged: date, last: date) -> bool:
    """The act of that day takes the free use from the day after on, and nothing ends it before."""
    end = on.land.end()
    if end is None or end.judgement is None or end.by != "non_performance":
        return False
    return (end.judgement.on, end.last_day) == (judged, last)


@LAND.says(
    "{above:rest}が終了したため、用地の無償貸付は{last:day}限りで終了しました。",
    "Free of charge until {last:day} only: {above:rest} ended.",
)
def lost_with_agreement(on: OnAgreements, above: str, last: date) -> bool:
    """The basic agreement is over since that day, and no judgement took the free use before."""
    return above == name_of("basic") and last < on.day and _ends_with_agreement(on, last)


@LAND.says(
    "{above:rest}が終了するため、用地の無償貸付は{last:day}限りで終了します。",
    "Free of charge until {last:day} only: {above:rest} ends.",
)
def ends_with_agreement(on: OnAgreements, above: str, last: date) -> bool:
    """Both agreed that the basic agreement ends on that day, and no judgement took the free use before."""
    return above == name_of("basic") and on.day <= last and _ends_with_agreement(on, last)


def _ends_with_agreement(on: OnAgreements, last: date) -> bool:
    end = on.land.end()
    return end is not None and (end.by, end.last_day) == ("agreement", last)


@LAND.says(
    "協定又は契約が未締結（案）のため、無償貸付は予定です。年度ごとの額はありません。",
    "To be free of charge: the agreement or the contract is not concluded (案).",
)
def to_be_free(on: OnAgreements) -> bool:
    """The basic agreement is not concluded."""
    return on.agreements.state("basic") == "draft"


@LAND.says("無償のため、年度ごとの額はありません。", "Free of charge; no amount is recorded year by year.")
def still_free(on: OnAgreements) -> bool:
    """The basic agreement is concluded, and nothing has ended the free use by today; what will is said beside it."""
    end = on.land.end()
    return on.agreements.state("basic") != "draft" and (end is None or end.last_day >= on.day)


VERIFICATIONS.sayings += [  # by what the free use ended, or will, stands after the last verdict
    one
    for one in LAND.sayings
    if one.name in ("lost_by_evaluation", "lost_by_performance", "lost_with_agreement", "ends_with_agreement")
]

# -- The city's judgements --

LANDS = Grammar("lands")
LANDS.sayings += LAND.sayings
LANDS.is_silent(css="meta")
LANDS.always(
    "無償貸付は、基本協定の終了、財団が協定を履行しないとの市の判断、又は毎年度の効果検証により終了します。",
    "It ends with the basic agreement, by the city's judgement that the foundation does not perform it, or by the yearly"
    " evaluation of effects.",
)


@LANDS.says("用地の無償貸付 {first:year}から", "用地の無償貸付 from {first:year}")
def without_end(on: OnAgreements, first: int) -> bool:
    """It is granted from that year on."""
    return first == 2016


@LANDS.says("用地の無償貸付 {first:year}〜{last:year}", "用地の無償貸付 {first:year}–{last:year}")
def whole_term(on: OnAgreements, first: int, last: int) -> bool:
    """Nothing that is known ends it before the last year for which it was granted."""
    return (first, last) == (2016, 2051) and on.land.end() is None and on.agreements.state("basic") != "draft"


@LANDS.says(
    "用地の無償貸付 {first:year}〜{last:year}（案）", "用地の無償貸付 {first:year}–{last:year} (draft)"
)
def would_be_granted(on: OnAgreements, first: int, last: int) -> bool:
    """The agreement under which it would be granted is not signed."""
    return (first, last) == (2016, 2051) and on.agreements.state("basic") == "draft"


@LANDS.says(
    "用地の無償貸付 {first:year}〜{last:year}（{until:day}まで）",
    "用地の無償貸付 {first:year}–{last:year} (until {until:day})",
)
def until(on: OnAgreements, first: int, last: int, until: date) -> bool:
    """That is its last free day, within that year."""
    end = on.land.end()
    ends_in = until.year if until.month >= 4 else until.year - 1
    return end is not None and (first, last, until) == (2016, ends_in, end.last_day)


@LANDS.says(
    "用地の無償貸付 {first:year}（{until:day}まで）",
    "用地の無償貸付 {first:year} (until {until:day})",
)
def until_in_first(on: OnAgreements, first: int, until: date) -> bool:
    """The same, where it ends within its first year."""
    end = on.land.end()
    return end is not None and (first, until) == (2016, end.last_day)


@LANDS.says("用地についての市の判断はまだありません。", "The city has given no judgement on the land yet.")
def none_given(on: OnAgreements) -> bool:
    """None is recorded."""
    return not on.land.known


LANDS.always("協定の履行についての判断を記録する", "Record a judgement on the performance of the agreement")
LANDS.always("確定する前に、終了するものを表示します。", "What falls with it is shown before it is settled.")

FINDINGS = {
    ("effect", True): ("✓適合", "✓conditions met"),
    ("effect", False): ("×不適合", "×conditions not met"),
    ("non_performance", True): ("✓協定を履行", "✓the agreement is performed"),
    ("non_performance", False): ("×協定の不履行", "×the agreement is not performed"),
}


@LANDS.table("judgements")
def judgements(on: OnAgreements, table: Table) -> Iterator[str]:
    """Every one, the latest first, with its day of effect; what was wrong names the day of its correction."""
    yield from judgement_faults(on, on.land.known, table)


def judgement_faults(on: OnAgreements, known: list[LandStep], table: Table) -> Iterator[str]:
    """What is wrong in a table of these, which are given in the order of their days."""
    rows, true = list(table.rows), list(reversed(known))
    if len(rows) != len(true):
        yield f"{len(true)} judgements were given, and {len(rows)} are told"
    for one, (head, cells) in zip(true, rows, strict=False):
        finding, effect, *_rest = cells
        if day_of(head.split(" 名前")[0]) != one.on:
            yield f"{one}: {head}"
        if not finding.startswith(FINDINGS[one.ground, one.is_free]):
            yield f"{one}: {finding}"
        if one.year and str(one.year) not in [str(year_of(word)) for word in _years(finding)]:
            yield f"{one}: of FY{one.year}, not {finding}"
        if day_of(effect) != one.effect:
            yield f"{one}: effect {effect}"
        if ("訂正" in finding or "correct" in finding) != bool(one.replaces or on.land.corrected_by(one)):
            yield f"{one}: corrects {one.replaces}, corrected by {on.land.corrected_by(one)}, and {finding}"
        if ("効力なし" in finding or "no longer holds" in finding) != bool(on.land.corrected_by(one)):
            yield f"{one}: corrected by {on.land.corrected_by(one)}, and {finding}"


def _years(text: str) -> list[str]:
    return [
        word.partition("の")[0].rstrip(",")
        for word in text.split()
        if word.startswith(("FY", "令和", "平成", "R", "H")) and ("年度" in word or word.startswith("FY"))
    ]
