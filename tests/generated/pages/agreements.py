"""Of the pages of agreements: what is in force, what was agreed about its end, what is verified, and whether the land is free."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.generated.chronicle_log import LandStep
from tests.generated.pages.grammar import Grammar, Table
from tests.generated.pages.money import OnMoney
from tests.generated.pages.words import day as day_of
from tests.generated.pages.words import year
from tests.generated.reckoned_agreements import ALIVE, ALONE, JOINT, Agreements
from tests.generated.reckoned_land import Land

STATES = {
    "draft": ("–案：未締結", "–draft: not concluded"),
    "concluded": ("発効前", "concluded, not yet in force"),
    "in_force": ("✓有効", "✓in force"),
    "terminating": ("◐解約協議中", "◐termination under discussion"),
    "ended": (
        "終了",
        "ended",
        "終了（上位協定の終了による）",
        "ended (with the agreement above it)",
    ),
}


@dataclass
class OnAgreements(OnMoney):
    """A page about agreements; of one of them where `code` says so."""

    code: str = ""

    @property
    def agreements(self) -> Agreements:
        found: Agreements = self.reckoned.get("agreements") or Agreements(self.log, self.day)
        self.reckoned["agreements"] = found
        return found

    @property
    def land(self) -> Land:
        found: Land = self.reckoned.get("land") or Land(self.log, self.day)
        self.reckoned["land"] = found
        return found


def name_of(code: str) -> str:
    return f"協定 {code}" if code in ("basic", "research") else f"年度協定 {code[-4:]}"


def _named(names: str) -> list[str]:
    return sorted(re.split("、|, ", names))


def _are(on: OnAgreements, names: str, codes: list[str]) -> bool:
    return _named(names) == sorted(map(name_of, codes))


AGREEMENTS = Grammar("agreements")
AGREEMENTS.is_silent(section="chart-.*")  # drawn from the table of all, which is read


@AGREEMENTS.says("{day}現在", "As it stands on {day}")
def stands_on(on: OnAgreements, day: date) -> bool:
    """The day is the one that is shown."""
    return day == on.day


@AGREEMENTS.says(
    "{day}現在、有効な協定は{count}件です：{names:text}。",
    "{count} agreements are in force on {day}: {names:parts}.||{count} agreement is in force on {day}: {names:parts}.",
)
def in_force(on: OnAgreements, day: date, count: int, names: str) -> bool:
    """These are concluded, have begun, are not over, and what they stand under is not over."""
    codes = on.agreements.in_state(*ALIVE)
    return day == on.day and count == len(codes) and _are(on, names, codes)


@AGREEMENTS.says(
    "{day}現在、有効と記録された協定はありません。", "No agreement is recorded as in force on {day}."
)
def none_in_force(on: OnAgreements, day: date) -> bool:
    """None is."""
    return not on.agreements.in_state(*ALIVE)


@AGREEMENTS.says(
    "発効予定日を過ぎても締結の記録がない案が{count}件あります：{names:text}。",
    "{count} drafts have passed their start without a recorded conclusion: {names:parts}."
    "||{count} draft has passed its start without a recorded conclusion: {names:parts}.",
)
def drafts_past_start(on: OnAgreements, count: int, names: str) -> bool:
    """These have terms that may be seen, no recorded conclusion, and their first day has come."""
    codes = [code for code in on.agreements.in_state("draft") if on.agreements.starts_on(code) <= on.day]
    if not on.is_staff:  # a proposal is the two sides' own until both have confirmed it
        codes = [code for code in codes if _is_confirmed(on, code)]
    return count == len(codes) and _are(on, names, codes)


def _is_confirmed(on: OnAgreements, code: str) -> bool:
    return code in ALONE or on.agreements.papers["annual", code].state == "accepted"


@AGREEMENTS.says("解約を協議中：{names:text}。", "Termination is under discussion: {names:parts}.")
def terminating(on: OnAgreements, names: str) -> bool:
    """A notice stands, and no end is agreed."""
    return _are(on, names, on.agreements.in_state("terminating"))


def _so_many(on: OnAgreements, count: int) -> bool:
    """So many of those that are shown are in the state."""
    word = on.piece.text.rpartition(" ")[0]
    state = next(state for state, both in STATES.items() if word in both)
    codes = on.agreements.in_state(state)
    if not on.is_staff:
        codes = [code for code in codes if _is_confirmed(on, code)]
    return count == len(codes)


for words in STATES.values():
    for japanese, english in zip(words[::2], words[1::2], strict=True):
        AGREEMENTS.says(f"{japanese} {{count}}", f"{english} {{count}}")(_so_many)


@AGREEMENTS.table("all|children")
def all_agreements(on: OnAgreements, table: Table) -> Iterator[str]:
    """Each with its state, the day of its conclusion, and its first and last day."""
    for head, cells in table.rows:
        code = next(one for one in on.agreements.known() if head.startswith(name_of(one)))
        state = on.agreements.state(code)
        if not any(cells[0].lstrip("◐ ").startswith(word) for word in STATES[state]):
            yield f"{code} is {state}, not {cells[0]}"
        concluded = on.agreements.concluded_on(code)
        is_told = cells[1] not in ("記録なし", "not recorded")
        if is_told != bool(concluded) or (
            concluded and code not in ("basic", "research") and day_of(cells[1]) != concluded
        ):
            yield f"{code} was concluded on {concluded}, not {cells[1]}"
        end = on.agreements.last_day(code) if concluded else None
        if end and day_of(cells[2].replace("–", "〜").partition("〜")[2].strip()) != end:
            yield f"{code} ends on {end}, not {cells[2]}"
        if concluded and not end and "〜" in cells[2]:
            yield f"{code} has no end, and the page says {cells[2]}"


AGREEMENTS.is_silent(section="chart-agreements-caption")


# -- One agreement --

AGREEMENT = Grammar("agreement")
AGREEMENT.tables += AGREEMENTS.tables
for section in ("steps", "facts", "parties", "articles", "editions", "support", "talks", "ends"):
    AGREEMENT.is_silent(section=section)
AGREEMENT.is_silent(css="meta")
for state, words in STATES.items():
    for japanese, english in zip(words[::2], words[1::2], strict=True):

        @AGREEMENT.says(japanese, english)
        def chip(on: OnAgreements, state: str = state) -> bool:
            """The agreement is in this state."""
            return on.agreements.state(on.code) == state


@AGREEMENT.says(
    "上位の{above:rest}の終了により終了しました。有効だったのは{last:day}までです。",
    "It ended with {above:rest}, under which it stands; {last:day} was its last day in force.",
)
def ended_with(on: OnAgreements, above: str, last: date) -> bool:
    """What it stands under is over since that day, and so is it."""
    is_over = on.agreements.state(on.code) == "ended" and above == name_of("basic")
    return is_over and on.agreements.last_day_above(on.code) == last == on.agreements.last_day(on.code)


@AGREEMENT.says(
    "上位の{above:rest}の終了とともに終了します。", "It ends with {above:rest}, under which it stands."
)
def ends_with(on: OnAgreements, above: str) -> bool:
    """It is in force, and what it stands under has an end, which is its own."""
    is_so = on.agreements.state(on.code) in ALIVE and above == name_of("basic")
    last = on.agreements.last_day(on.code)
    return is_so and last is not None and on.agreements.last_day_above(on.code) == last


@AGREEMENT.says("{start:day}から{end:day}まで有効です。", "In force since {start:day}, until {end:day}.")
def until(on: OnAgreements, start: date, end: date) -> bool:
    """It is in force, and these are its first and its last day, its own or that of what it stands under."""
    days = (on.agreements.starts_on(on.code), on.agreements.last_day(on.code))
    return on.agreements.state(on.code) in ALIVE and (start, end) == days


@AGREEMENT.says(
    "{start:day}から有効です。終期の定めはありません。", "In force since {start:day}; no end is agreed."
)
def without_end(on: OnAgreements, start: date) -> bool:
    """It is in force, and neither it nor what it stands under has an end."""
    is_so = on.agreements.last_day(on.code) is None and on.agreements.state(on.code) in ALIVE
    return is_so and start == on.agreements.starts_on(on.code)


@AGREEMENT.says(
    "{last:day}で終わることに両者が合意しています。", "Both sides agreed that {last:day} is its last day."
)
def agreed_end(on: OnAgreements, last: date) -> bool:
    """One side proposed that day, and the other confirmed it."""
    return any(
        (one.agreement, one.what, one.last_day) == (on.code, "ended", last) and one.on <= on.day
        for one in on.log.agreements
    )


@AGREEMENT.says(
    "終了しました。有効だった最後の日は{last:day}です。", "It ended; {last:day} was its last day in force."
)
def ended(on: OnAgreements, last: date) -> bool:
    """That day has passed, and it was its last."""
    return on.agreements.state(on.code) == "ended" and on.agreements.last_day(on.code) == last


@AGREEMENT.says(
    "{given:day}に{side:text}から解約の申出があり、協議中です。",
    "Notice of termination by {side:parts} of {given:day}; the parties consult.",
)
def noticed(on: OnAgreements, given: date, side: str) -> bool:
    """That side gave notice on that day and has not withdrawn it, and no end is agreed."""
    notices = [one for one in on.log.agreements if (one.agreement, one.what) == (on.code, "notice")]
    words = {"市": "city", "the city": "city", "財団": "foundation", "the foundation": "foundation"}
    last = [one for one in notices if one.on <= on.day][-1]
    return (last.on, last.side) == (given, words[side]) and on.agreements.state(on.code) == "terminating"


@AGREEMENT.says(
    "両者が確認した締結の記録のない「案」です。履行事項は予定としてだけ表示します。",
    "This is a draft (案): no conclusion is confirmed by both sides. Its duties are shown as a preview only.",
)
def is_a_draft(on: OnAgreements) -> bool:
    """Its conclusion is not recorded, or lies ahead."""
    return on.agreements.state(on.code) == "draft"


@AGREEMENT.says("発効予定日（{start:day}）は過ぎています。", "Its start, {start:day}, has passed.")
def draft_past_start(on: OnAgreements, start: date) -> bool:
    """It is a draft, and its first day has come."""
    is_past = on.agreements.starts_on(on.code) == start <= on.day
    return is_past and on.agreements.state(on.code) == "draft"


@AGREEMENT.says("締結済み。{start:day}に発効します。", "Concluded; it comes into force on {start:day}.")
def comes_into_force(on: OnAgreements, start: date) -> bool:
    """It is concluded, and its first day is still to come."""
    return on.agreements.state(on.code) == "concluded" and start == on.agreements.starts_on(on.code)


# -- Verifications --

VERIFICATIONS = Grammar("verifications")
VERIFICATIONS.is_silent(css="section-note")
VERIFICATIONS.always(
    "毎年度、両者が検証するものと、用地の無償貸付についての市の判断です。",
    "What both sides verify each year, and the city's yearly judgement on the free use of land.",
)
KINDS = ("settlement", "kpi", "effect")


@VERIFICATIONS.says(
    "検証{number:count}件のうち、確定したものは{settled:count}件です。",
    "{settled:count} of {number:count} verifications are settled."
    "||{settled:count} of {number:count} verification is settled.",
)
def settled_of(on: OnAgreements, number: int, settled: int) -> bool:
    """Of the years that can be verified so many were confirmed by both, or judged; what the end of the agreement dropped is
    not counted."""
    every = [
        (kind, of)
        for kind in KINDS
        for of in on.agreements.years_to_verify(kind)
        if not on.agreements.is_dropped(kind, of)
    ]
    done = [key for key in every if (step := on.agreements.verification(*key)) and step.state == "accepted"]
    return (number, settled) == (len(every), len(done))


@VERIFICATIONS.says(
    "うち{count}件は、その根拠が後に訂正されています。",
    "Of these, what {count} rest on was corrected afterwards."
    "||Of these, what {count} rests on was corrected afterwards.",
)
def rests_on_corrected(on: OnAgreements, count: int) -> bool:
    """Of so many the settlement or a report became another one since both confirmed it or the city judged."""
    return count == len(on.agreements.all_corrected()) > 0


def _last_judged(on: OnAgreements) -> LandStep:
    """Of the last year of which the city's judgement rests on figures that still hold."""
    judged = [one for one in on.land.holding() if one.ground == "effect"]
    return max(
        (one for one in judged if not on.agreements.corrected("effect", one.year)), key=lambda one: one.year
    )


@VERIFICATIONS.says(
    "{year}について市は、用地を無償とする条件に適合すると判断しました。",
    "For {year} the city found that the land may stay free of charge.",
)
def found_free(on: OnAgreements, year: int) -> bool:
    """The last year of which the city's judgement rests on figures that still hold, and how it judges by now."""
    last = _last_judged(on)
    return (last.year, last.is_free) == (year, True)


@VERIFICATIONS.says(
    "{year}について市は、用地を無償とする条件に適合しないと判断しました。",
    "For {year} the city found that the land may not stay free of charge.",
)
def found_not_free(on: OnAgreements, year: int) -> bool:
    """The last year of which the city's judgement rests on figures that still hold, and how it judges by now."""
    last = _last_judged(on)
    return (last.year, last.is_free) == (year, False)


@VERIFICATIONS.says(
    "これまでの年度に検証を求める協定はありません。",
    "No agreement of this center asks for a verification in a year that has begun.",
)
def none_to_verify(on: OnAgreements) -> bool:
    """No year of any kind can be verified."""
    return not any(on.agreements.years_to_verify(kind) for kind in KINDS)


@VERIFICATIONS.says(
    "検証を定める協定に、締結済みで有効なものがないため、検証の対象はありません。",
    "No agreement that asks for verifications is concluded and in force; there is nothing to verify.",
)
def none_in_force_to_verify(on: OnAgreements) -> bool:
    """The basic agreement, which asks for all of them, is not concluded, or over."""
    return on.agreements.state("basic") in ("draft", "ended")


@VERIFICATIONS.says(
    "検証を定める協定が未締結又は終了しているため、検証の対象はありません。",
    "The agreement that asks for it is not concluded, or is over: there is nothing to verify.",
)
def this_one_is_not_asked(on: OnAgreements) -> bool:
    """The same, said of one kind."""
    return on.agreements.state("basic") in ("draft", "ended")


VERIFICATIONS.always("検証できる年度はまだありません。", "No fiscal year can be verified yet.")
VERIFICATION_WORDS = {
    "✓両者確認済み": "confirmed",
    "✓confirmed by both": "confirmed",
    "✓適合": "meets",
    "✓conditions met": "meets",
    "×不適合": "does_not_meet",
    "×conditions not met": "does_not_meet",
    "市が判断中": "in_review",
    "the city is judging": "in_review",
    "確認待ち": "submitted",
    "waits for confirmation": "submitted",
    "市に提出済み": "submitted",
    "handed in to the city": "submitted",
    "◐差戻し": "returned",
    "◐returned": "returned",
    "!検証後に訂正あり": "corrected",
    "!Corrected after the verification": "corrected",
    "!適合（判断後に数値の変更あり）": "meets, corrected",
    "!conditions met (Figures changed after the judgement)": "meets, corrected",
    "×不適合（判断後に数値の変更あり）": "does_not_meet, corrected",
    "×conditions not met (Figures changed after the judgement)": "does_not_meet, corrected",
    "終了（協定の終了による）": "ended",
    "ended with the agreement": "ended",
    "–未着手": "none",
    "–not begun": "none",
    "–未確定": "hidden",
    "–not settled yet": "hidden",
}


ANEW = {
    "draft": ("下書き", "draft"),
    "submitted": ("確認待ち", "waits for confirmation"),
    "returned": ("差戻し", "returned"),
}


@VERIFICATIONS.table("kind-.*")
def years_verified(on: OnAgreements, table: Table) -> Iterator[str]:
    """Each year of the kind as far as the reader may know of it, and the day on which it was settled."""
    kind = table.section.removeprefix("kind-")
    told = []
    for head, cells in table.rows:
        of = year(head)
        told.append(of)
        step = on.agreements.in_force(kind, of) or on.agreements.verification(kind, of)
        true = state_of(on, kind, of)
        if true != "ended" and step is not None and not may_see(on, kind, of):
            true = "hidden"
        longest_first = sorted(VERIFICATION_WORDS, key=len, reverse=True)
        word = next((one for one in longest_first if cells[0].startswith(one)), cells[0])
        if VERIFICATION_WORDS.get(word) != true:
            yield f"{kind} {of}: {true}, not {cells[0]}"
        if step is not None and step.state == "accepted" and day_of(_settled_on(cells[1])) != step.on:
            yield f"{kind} {of}: settled on {step.on}, not {cells[1]}"
        yield from _revision_faults(on, kind, of, *cells)
    if sorted(told) != on.agreements.years_to_verify(kind):
        yield f"{kind}: {on.agreements.years_to_verify(kind)} can be verified, not {sorted(told)}"


def state_of(on: OnAgreements, kind: str, of: int) -> str:
    """Where the verification of a year stands, its verdict by now and that something was corrected with it."""
    step = on.agreements.verification(kind, of)
    if step is not None and step.state == "accepted":
        is_corrected = bool(on.agreements.corrected(kind, of))
        if kind in JOINT:
            return "corrected" if is_corrected else "confirmed"
        return f"{verdict_of(on, of)}, corrected" if is_corrected else verdict_of(on, of)
    if on.agreements.is_dropped(kind, of):
        return "ended"
    return "none" if step is None else step.state


def verdict_of(on: OnAgreements, of: int) -> str:
    """How the city judges by now."""
    return "meets" if on.land.verdict(of).is_free else "does_not_meet"


def _settled_on(cell: str) -> str:
    """Without the revision that was settled then."""
    return re.split(r" ?[（(]", cell)[0]


def _revision_faults(on: OnAgreements, kind: str, of: int, state: str, settled: str) -> Iterator[str]:
    """Which revision is in force, and how far the next one is, for those who may know of it."""
    number, step = on.agreements.revision_in_force(kind, of), on.agreements.anew(kind, of)
    found = re.search(r"第(\d+)版|revision (\d+)", settled)
    if int((found and (found[1] or found[2])) or 1) != number:
        yield f"{kind} {of}: revision {number} is in force, not {settled}"
    said = re.search(r"(?:再検証：|anew: )(.+)", state)
    word = ANEW[step.state] if step is not None and may_see_anew(on, kind, of) else ()
    if (said[1] if said else "") not in (word or ("",)):
        yield f"{kind} {of}: the next revision is {step}, and the page says {state}"


def may_see_anew(on: OnAgreements, kind: str, of: int) -> bool:
    """What is handed in both staffs see, a draft or what came back lies with the side that writes it."""
    step = on.agreements.anew(kind, of)
    if step is None or not on.is_staff:
        return False
    return step.state == "submitted" or on.side == on.agreements.writer_anew(kind, of)


def may_see(on: OnAgreements, kind: str, of: int) -> bool:
    """What is settled everybody sees, what is handed in both staffs; what was returned lies with the side that writes it."""
    step = on.agreements.verification(kind, of)
    if step is None or step.state == "accepted":
        return step is not None
    if not on.is_staff:
        return False
    return step.state != "returned" or on.side == on.agreements.writer(kind, of)
