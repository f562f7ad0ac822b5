"""Of what was settled on something that was corrected since: what it rested on then and now, and whose answer waits."""

import re
from collections.abc import Iterator
from datetime import date

from tests.generated.pages.grammar import Grammar
from tests.generated.pages.values import OnDay
from tests.generated.pages.words import WORDS, year
from tests.generated.reckoned_agreements import Agreements
from tests.readers.page_reading import Node

Key = tuple[str, int]
OF_VERIFICATION = re.compile(r"/[\w-]+/verifications/([\w-]+)/(\d+)/")
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
        """Offered to the staff of both sides, today, for what both verified: the other one answers."""
        return on.is_staff and on.day == on.today and any(kind != "effect" for kind, _year in corrections(on))

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
        return on.day == on.today and any(
            side in SIDES[frozenset(true.can_put_right(*key))] for key in corrections(on)
        )

    @grammar.whole
    def every_correction_is_named(on: OnDay, main: Node) -> Iterator[str]:
        """Each verification of which something was corrected stands there, with so many changes as there are."""
        told = []
        for key, node in _notices(main):
            told.append(key)
            yield from notice_faults(on, key, node)
        if sorted(told) != sorted(corrections(on)):
            yield f"what {sorted(corrections(on))} rest on was corrected, and {sorted(told)} are named"


def _notices(main: Node) -> Iterator[tuple[Key, Node]]:
    """Each with the verification that its heading names."""
    key: Key = ("", 0)
    for node in main.all():
        link = node.first("a") if node.tag in ("h2", "h3") else None
        if link is not None and (found := OF_VERIFICATION.fullmatch(link.attributes["href"])):
            key = found[1], int(found[2])
        if "changed-since" in node.classes:
            yield key, node


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
    return not corrections(on)
