"""Of what was settled on something that was corrected since: what it rested on then and now, and whose answer waits."""

import re
from collections.abc import Iterator
from datetime import date

from tests.generated.frame import CODES
from tests.generated.pages.grammar import Grammar
from tests.generated.pages.values import OnDay
from tests.generated.pages.words import WORDS, year
from tests.generated.reckoned_agreements import Agreements
from tests.generated.reckoned_kpis import quantity
from tests.generated.reckoned_sources import Other
from tests.readers.page_reading import Node

Key = tuple[str, int]
"""A verification by its kind, or a reported value by its indicator; and the fiscal year."""
OF_VERIFICATION = re.compile(r"/[\w-]+/verifications/([\w-]+)/(\d+)/")
OF_REPORT = re.compile(r"/[\w-]+/reports/\d+/\d+/")
CORRECTED = {
    "corrected": ("検証後に訂正あり", "Corrected after the verification"),
    "changed": ("判断後に数値の変更あり", "Figures changed after the judgement"),
}
OFFERED = {
    "corrected": (
        "訂正後も変更しないことを、理由を付して提案する",
        "Propose that it stands as it is, with a reason",
    ),
    "changed": ("そのまま有効とすることを、理由を付して記録する", "Confirm as it is, with a reason"),
}
DIFFERS = {
    False: ("決算と相違する実績", "Differs from the settlement"),
    True: ("台帳と相違する実績", "Differs from the register"),
}
"""What stands above a value of which the settlement, or the register, says something else."""
WAITS = (
    "訂正後も変更しないことが提案され、回答を待っています。",
    "It is proposed that it stands as it is; that waits for an answer.",
)
SIDES = {
    frozenset({"city"}): ("市", "the city"),
    frozenset({"foundation"}): ("財団", "the foundation"),
    frozenset({"city", "foundation"}): ("市又は財団", "the city or the foundation"),
}


def corrections(on: OnDay) -> dict[Key, list[date]]:
    """What was corrected after it was verified, and since when."""
    found = Agreements(on.log, on.day)
    return {key: found.corrected(*key) for key in found.all_corrected()}


def differing(on: OnDay) -> dict[Key, Other]:
    """The reported values of which something else is said: on a plan's page its own, on an indicator's those of its life."""
    return {
        (code, of): other for (plan, code, of), other in on.kpis.others.items() if on.is_about(plan, code)
    }


def _value_of(on: OnDay, key: Key) -> tuple[str, str, int]:
    return next((plan, code, of) for plan, code, of in on.kpis.others if (code, of) == key)


def years_in(label: str) -> list[int]:
    return [year(one[0]) for one in re.finditer(WORDS["year"].pattern, label)]


def corrected_afterwards(grammar: Grammar) -> None:
    """The notices of what was corrected: the same sentences on every page that has them."""

    @grammar.says(*CORRECTED["corrected"])
    def corrected_after(on: OnDay) -> bool:
        """Something that both verified became another one since."""
        return any(kind != "effect" for kind, _year in corrections(on))

    @grammar.says(*CORRECTED["changed"])
    def changed_after(on: OnDay) -> bool:
        """Something that the city's evaluation of a year showed became another one since the city judged."""
        return any(kind == "effect" for kind, _year in corrections(on))

    @grammar.says(*DIFFERS[False])
    def differs_from_settlement(on: OnDay) -> bool:
        """The settlement says something else of a value, and nobody said why."""
        return any(one.by != "register" for one in differing(on).values())

    @grammar.says(*DIFFERS[True])
    def differs_from_register(on: OnDay) -> bool:
        """The register says something else of a value by now, and nobody said why."""
        return any(one.by == "register" for one in differing(on).values())

    @grammar.says(
        "当時：報告値 {was:value} 現在： {source:rest} （{now:value}） ・ {since:day} ・ 名前 city-staff{why}",
        "Then: reported {was:value} Now: {source:rest} ({now:value}) ・ {since:day} ・ 名前 city-staff{why}",
    )
    def reported_and_settled(on: OnDay, was: str, source: str, now: str, since: date, why: str) -> bool:
        """A value as it was reported, and what the settlement or its forecast says since that day; why, where it was corrected."""
        return any(
            (was, now, since) == (*_said_of(on, key), one.since)
            and one.statement is not None
            and why.removeprefix(" ・ ") == one.statement.reason
            and key[1] in years_in(source)
            for key, one in differing(on).items()
        )

    @grammar.says(
        "当時：報告値 {was:value} 現在： 活動実績台帳「区分 trials-held」 （{now:value}） ・ {since:day}",
        "Then: reported {was:value} Now: Register of activities: 区分 trials-held ({now:value}) ・ {since:day}",
    )
    def reported_and_counted(on: OnDay, was: str, now: str, since: date) -> bool:
        """A value as it was reported, and what the register counts since that day."""
        return any(
            (was, now) == _said_of(on, key) and one.by == "register" and since in on.register_days
            for key, one in differing(on).items()
        )

    @grammar.says(
        "当時：{was:rest} 現在： {now:rest} ・ {since:day} ・ 名前 city-staff{why}",
        "Then: {was:rest} Now: {now:rest} ・ {since:day} ・ 名前 city-staff{why}",
    )
    def then_and_now(on: OnDay, was: str, now: str, since: date, why: str) -> bool:
        """What was verified, and what holds since that day, for a year that was verified."""
        of = years_in(now)
        return was != now and any(
            since in days for (_kind, year), days in corrections(on).items() if year in of
        )

    @grammar.says(*OFFERED["changed"])
    def may_confirm(on: OnDay) -> bool:
        """Offered to the city's staff, today, for what it judged alone."""
        return on.is_staff and on.day == on.today and any(kind == "effect" for kind, _year in corrections(on))

    @grammar.says(*OFFERED["corrected"])
    def may_propose(on: OnDay) -> bool:
        """Offered today: to the staff of both sides for what both verified, which the other one answers, and to the
        foundation's for a value of which something else is said."""
        is_verified = any(kind != "effect" for kind, _year in corrections(on))
        is_reported = on.role == "foundation-staff" and bool(differing(on))
        return on.is_staff and on.day == on.today and (is_verified or is_reported)

    @grammar.says(*WAITS)
    def an_answer_waits(on: OnDay) -> bool:
        """One side has proposed that something stands as it is, and the other has not answered."""
        true = Agreements(on.log, on.today)
        return any(true.answer(*key) for key in true.all_corrected())

    @grammar.says("提案を見る", "To the proposal")
    def link_to_answer(on: OnDay) -> bool:
        """Both staffs may read what was proposed."""
        return on.is_staff

    @grammar.says("次は、{side:rest}の対応待ちです。", "The next step is with {side:rest}.")
    def whose_step(on: OnDay, side: str) -> bool:
        """Said today of one of them, to who has no step in it: of which exactly, the notices are read for."""
        true = Agreements(on.log, on.today)
        is_of_value = side in SIDES[frozenset({"foundation"})] and bool(differing(on))
        return on.day == on.today and (
            is_of_value or any(side in SIDES[frozenset(true.can_put_right(*key))] for key in corrections(on))
        )

    @grammar.whole
    def every_correction_is_named(on: OnDay, main: Node) -> Iterator[str]:
        """Each verification of which something was corrected stands there, with so many changes as there are."""
        told = []
        for key, node in _notices(main):
            told.append(key)
            yield from (difference_faults if key[0] in CODES else notice_faults)(on, key, node)
        expected = sorted([*corrections(on), *differing(on)])
        if sorted(told) != expected:
            yield f"what {expected} rest on was corrected, and {sorted(told)} are named"


def values_differ(grammar: Grammar) -> None:
    """Of a page of values only: what is said instead of them is named, and nothing else."""

    @grammar.whole
    def every_difference_is_named(on: OnDay, main: Node) -> Iterator[str]:
        """Each value of which something else is said stands there once."""
        told = []
        for key, node in _notices(main):
            told.append(key)
            yield from difference_faults(on, key, node)
        if sorted(told) != sorted(differing(on)):
            yield f"something else is said of {sorted(differing(on))}, and {sorted(told)} are named"


def _said_of(on: OnDay, key: Key) -> tuple[str, str]:
    """As it was reported, and what is said instead."""
    place = _value_of(on, key)
    return quantity(key[0], int(on.kpis.held[place].value)), quantity(key[0], on.kpis.others[place].value)


def difference_faults(on: OnDay, key: Key, node: Node) -> Iterator[str]:
    """Who says it, and what the reader can do about it: the foundation, which reports, unless it is correcting the report."""
    other, said = differing(on).get(key), node.text
    if other is None:
        yield f"{key}: nothing else is said of it, and the page says {said}"
        return
    if not said.startswith(DIFFERS[other.by == "register"]):
        yield f"{key}: {other.by} says something else, and the page says {said}"
    is_past = on.day != on.today
    plan, _code, of = _value_of(on, key)
    is_open = not is_past and not is_being_corrected(on, plan, of)
    is_asked = is_open and on.role == "foundation-staff"
    if any(word in said for word in OFFERED["corrected"]) != is_asked:
        yield f"{key}: the {on.side} can put it right: {is_asked}, and {said}"
    told = re.search(r"次は、(.+)の対応待ちです。|The next step is with (.+)\.$", said)
    others = SIDES[frozenset({"foundation"})] if is_open and not is_asked else ()
    if (told is None) != (not others) or (told and (told[1] or told[2]) not in others):
        yield f"{key}: the next step is with {others}, and {said}"


def is_being_corrected(on: OnDay, plan: str, of: int) -> bool:
    """Whether a report of the plan's year is on its way, which has tasks of its own."""
    papers = Agreements(on.log, on.today).papers_of("report")
    return any(paper[1:3] == (plan, of) and step.state != "accepted" for paper, step in papers.items())


def _notices(main: Node) -> Iterator[tuple[Key, Node]]:
    """Each with the verification that its heading names."""
    key: Key = ("", 0)
    for node in main.all():
        link = node.first("a") if node.tag in ("h2", "h3") else None
        if link is not None and (found := OF_VERIFICATION.fullmatch(link.attributes["href"])):
            key = found[1], int(found[2])
        elif link is not None and OF_REPORT.fullmatch(link.attributes["href"]):
            key = _value_named(link.text)
        if "changed-since" in node.classes:
            yield key, node


def _value_named(heading: str) -> Key:
    """研究費収入額（令和3年度）"""
    code = next(code for code, one in CODES.items() if heading.startswith(one.name))
    return code, years_in(heading)[0]


def notice_faults(on: OnDay, key: Key, node: Node) -> Iterator[str]:
    true, said = Agreements(on.log, on.day), node.text
    days = true.corrected(*key)
    what = "changed" if key[0] == "effect" else "corrected"
    if not said.startswith(CORRECTED[what]):
        yield f"{key}: {said}"
    if len(list(node.all("li"))) != len(days):
        yield f"{key}: corrected on {days}, and {said}"
    is_past = (
        on.day != on.today
    )  # nothing is done on a page of the past, and what waits now did not wait then
    waits = None if is_past else true.answer(*key)
    if any(word in said for word in WAITS) != bool(waits):
        yield f"{key}: the answer that waits is {waits}, and {said}"
    is_asked = on.is_staff and not is_past and on.side in true.can_answer(*key)
    if any(word in said for word in OFFERED[what]) != is_asked:
        yield f"{key}: the {on.side} can put it right: {is_asked}, and {said}"
    others = () if is_past or waits or is_asked else SIDES[frozenset(true.can_put_right(*key))]
    told = re.search(r"次は、(.+)の対応待ちです。|The next step is with (.+)\.$", said)
    if (told is None) != (not others) or (told and (told[1] or told[2]) not in others):
        yield f"{key}: the next step is with {others}, and {said}"


CORRECTIONS = Grammar("corrections")
corrected_afterwards(CORRECTIONS)
CORRECTIONS.always(
    "確定の根拠とした数値や書類が後に訂正されたもの。変更しないことを再確認するか、改めて確定するまで表示します。",
    "What was settled on figures or documents that were corrected later, until it is confirmed as it is, or settled anew.",
)


@CORRECTIONS.says(
    "確定したものの根拠は、すべて現在も有効です。", "Everything that was settled rests on what still holds."
)
def all_holds(on: OnDay) -> bool:
    """Nothing that a settled verification or judgement rests on was corrected since."""
    return not corrections(on) and not differing(on)
