"""Of the page of one duty: what is asked by when, where it stands, whose step is next, and what was done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.generated.chronicle_log import DutyStep
from tests.generated.frame import DEEDS, DUE, VERIFIES, fiscal_year
from tests.generated.pages.agreements import OnAgreements
from tests.generated.pages.corrections import years_in
from tests.generated.pages.duties import STATES, basis_of
from tests.generated.pages.grammar import Grammar, Table, term_of
from tests.generated.pages.words import day as day_of
from tests.generated.reckoned import Day, Deed, programme_year
from tests.generated.reckoned_agreements import Stand
from tests.readers.page_reading import Node


@dataclass
class OnDuty(OnAgreements):
    """The page of what an obligation asks for in a fiscal year."""

    obligation: str = ""
    of: int = 0

    @property
    def stand(self) -> Stand:
        return self.agreements.duties[self.obligation, self.of]

    @property
    def is_corrected(self) -> bool:
        kind = VERIFIES.get(self.obligation)
        return self.stand.state == "settled" and bool(kind and self.agreements.corrected(kind, self.of))

    @property
    def state(self) -> str:
        """As far as the reader may know it."""
        if self.is_corrected:
            return "changed" if VERIFIES[self.obligation] == "effect" else "corrected"
        if not self.is_staff:
            return {"in": "hidden", "returned": "open"}.get(self.stand.state, self.stand.state)
        return self.stand.state


DUTY = Grammar("duty")
DUTY.is_silent(css="no-print")
DUTY.is_silent(css="actions")
DUTY.is_silent(section="hand-in|answer|decide|say|date|extend|comments|reminders")
DUTY.is_silent(css="field__hint")
BOUND = {
    "report": ("財団", "the foundation"),
    "draft-plan": ("財団", "the foundation"),
    "verify-effect": ("市", "the city"),
    "account": ("財団", "the foundation"),
    "budget": ("財団", "the foundation"),
}


@DUTY.says(
    "要旨 {year}分 ・ {basis} ・ {bound:bound} {state:to_end}",
    "Summary for {year} ・ {basis} ・ {bound:bound} {state:to_end}",
)
def about(on: OnDuty, year: int, basis: str, bound: str, state: str) -> bool:
    """The year that it concerns, what asks for it, whom it binds, and where it stands as far as the reader may know."""
    is_bound = bound in BOUND.get(on.obligation, ("市と財団", "both parties"))
    if not any(state.startswith(word) for word in STATES[on.state]):
        raise LookupError(on.state)
    return year == on.of and is_bound and basis == basis_of(on.obligation)


DUTY.always(
    "要旨", "Summary"
)  # every obligation of these histories is told from a document, in words of ours


# -- Where it stands --

DONE = {
    "検証済み": "verify",
    "verified": "verify",
    "合意": "annual",
    "agreed": "annual",
    "決定": "draft-plan",
    "decided": "draft-plan",
    "受理": "report",
    "accepted": "report",
    "履行済み": "deed",
    "fulfilled": "deed",
}


@DUTY.says("{day}に{done:done}。", "Settled on {day}: {done:done}.")
def settled(on: OnDuty, day: date, done: str) -> bool:
    """It was settled on that day, in the way in which it is."""
    way = "verify" if on.obligation in VERIFIES else "deed" if on.obligation in DEEDS else on.obligation
    return on.stand.state == "settled" and on.stand.since == day and DONE[done] == way


# -- By a deed of the portal's own --


def _deed(on: OnDuty) -> Deed:
    found = Day(on.log, on.day).deed(on.obligation, on.of)
    if found is None:
        raise LookupError("nothing fulfils it")
    return found


def _is_deed(on: OnDuty, name: str, state: str) -> bool:
    """Whether the statement of that name fulfils it so."""
    words = {"settlement": ("収支決算書", "Statement of settlement"), "budget": ("収支予算書", "Budget")}
    is_named = any(word in name for word in words[DEEDS[on.obligation]])
    return is_named and on.of in years_in(name) and _deed(on).state == state


@DUTY.says(
    "「{deed:rest}」が差し戻されたため、再び未履行です。",
    "“{deed:rest}” was returned, so this is open again.",
)
def deed_returned(on: OnDuty, deed: str) -> bool:
    """The city returned the statement that would fulfil it, and it is not handed in again."""
    return _is_deed(on, deed, "returned")


@DUTY.says("「{deed:rest}」が{day}に提出されています。", "“{deed:rest}” was handed in on {day}.")
def deed_handed_in(on: OnDuty, deed: str, day: date) -> bool:
    """The statement that will fulfil it was handed in on that day, and is not settled."""
    return _is_deed(on, deed, "in") and _deed(on).handed_in == day


@DUTY.says("「{deed:rest}」（{day}）により履行済み。", "Fulfilled by “{deed:rest}” of {day}.")
def deed_done(on: OnDuty, deed: str, day: date) -> bool:
    """The statement was settled; it had been handed in on that day."""
    return _is_deed(on, deed, "settled") and _deed(on).handed_in == day


@DUTY.says(
    "期限から{days:count}日遅れての提出です。",
    "That was {days:count} days late.||That was {days:count} day late.",
)
def deed_late(on: OnDuty, days: int) -> bool:
    """It was handed in so many days after the date."""
    due = on.stand.due
    return due is not None and (_deed(on).handed_in - due).days == days > 0


@DUTY.says("{day}に訂正されています。", "It was settled anew on {day}.")
def deed_corrected(on: OnDuty, day: date) -> bool:
    """Another revision of the statement was settled last on that day."""
    return _deed(on).corrected == day


@DUTY.says("検証後に訂正あり。", "Corrected after the verification.")
def corrected(on: OnDuty) -> bool:
    """Something that both had verified became another one since."""
    return on.state == "corrected"


@DUTY.says("判断後に数値の変更あり。", "Figures changed after the judgement.")
def changed(on: OnDuty) -> bool:
    """Something that the city had judged by became another one since."""
    return on.state == "changed"


@DUTY.says(
    "まだ登録されていません。登録すると手続を始められます。", "It is not stored yet. Store it to begin."
)
def not_stored(on: OnDuty) -> bool:
    """Nobody has stored it, and nothing settled it."""
    return not on.stand.is_stored and on.stand.state == "not_stored"


@DUTY.says("まだ確定していません。", "It is not settled yet.")
def not_settled(on: OnDuty) -> bool:
    """It is not, and no more is said to whoever has no part in it, or while nothing is to be done yet."""
    return on.stand.state not in ("settled", "ended", "dropped")


@DUTY.says(
    "期限より前の{last:day}に協定が終了するため、履行は求められていません。",
    "The agreement ends on {last:day}, before this falls due: it is no longer asked for.",
)
def falls_with_the_end(on: OnDuty, last: date) -> bool:
    """It is stored and lies with whoever is bound, and its date comes after the last day on which both have agreed."""
    return on.agreements.falls_with_the_end(on.stand) and on.agreements.last_day("basic") == last


@DUTY.says("期限超過 {days:count}日。", "{days:count} days overdue.||{days:count} day overdue.")
def overdue(on: OnDuty, days: int) -> bool:
    """Its date, as extended, passed so many days ago, and it is not done by whoever is bound."""
    due = on.stand.due
    return due is not None and on.agreements.is_overdue(on.stand) and (on.day - due).days == days


@DUTY.says("次は、こちら側の対応が必要です。", "Your side has the next step.")
def ours(on: OnDuty) -> bool:
    """The reader's side has the next step."""
    return on.is_staff and on.side in on.agreements.waits_for(on.stand)


@DUTY.says("次は、相手方の対応待ちです。", "The other side has the next step.")
def theirs(on: OnDuty) -> bool:
    """The other side has the next step, and the reader's has none."""
    return on.is_staff and on.agreements.waits_for(on.stand) == {"foundation", "city"} - {on.side}


@DUTY.says(
    "協定が未締結のため、案に基づく予定です。",
    "The agreement is not concluded: this is only what its draft would ask for.",
)
def of_a_draft(on: OnDuty) -> bool:
    """The basic agreement is not concluded."""
    return on.agreements.state("basic") == "draft"


@DUTY.says(
    "協定は{last:day}に終了しました。期限までに履行されないまま終了したもので、以後の履行は求められていません。",
    "The agreement ended on {last:day}; this was not settled by then, and is no longer asked for.",
)
def ended_undone(on: OnDuty, last: date) -> bool:
    """The agreement's last day is over, and by then its date had come, and it was not settled."""
    return _is_ended(on, last) and on.stand.due is not None and on.stand.due <= last


@DUTY.says(
    "協定は{last:day}に終了しました。以後の履行は求められていません。",
    "The agreement ended on {last:day}; this is no longer asked for.",
)
def ended(on: OnDuty, last: date) -> bool:
    """The agreement's last day is over, and it was not settled; its date, if it has one, had not come."""
    return _is_ended(on, last) and (on.stand.due is None or on.stand.due > last)


def _is_ended(on: OnDuty, last: date) -> bool:
    return on.stand.state == "ended" and on.agreements.last_day("basic") == last < on.day


# -- What an amendment made of it --


@DUTY.says(
    "{known:day}に両者が確認した第{number:count}版により、この年度には不要となりました。",
    "Edition {number:count}, confirmed by both on {known:day}, no longer asks for it in this year.",
)
def dropped(on: OnDuty, known: date, number: int) -> bool:
    """The amendment that both confirmed on that day drops it, and it was not settled by then."""
    return on.stand.state == "dropped" and _is_rule(on, number, known)


@DUTY.says(
    "改定前の規定により登録されました（期限 {old:any_day}）。{known:day}に両者が確認した第{number:count}版では、期限は{new:day}です。",
    "It was stored under the earlier rule ({old:any_day}). Edition {number:count}, confirmed by both on {known:day}, makes"
    " it due on {new:day}.",
)
def amended_since(on: OnDuty, old: date | None, known: date, number: int, new: date) -> bool:
    """It is stored with the one date, and the amendment that both confirmed on that day brought the other, which nobody has
    taken over or replaced since."""
    return _is_rule(on, number, known) and on.stand.due == old and _amended_to(on) == new


@DUTY.says(
    "改定後（第{number:count}版）の期限は{new:day}、未反映",
    "amended (edition {number:count}): due {new:day}; not taken over yet",
)
def not_taken_over(on: OnDuty, number: int, new: date) -> bool:
    """The same, beside the date."""
    return _is_rule(on, number) and _amended_to(on) == new and on.stand.state != "settled"


@DUTY.says(
    "第{number:count}版の前の登録（同版の期限は{new:day}）",
    "stored before edition {number:count}, by which it was due {new:day}",
)
def settled_with_the_earlier_date(on: OnDuty, number: int, new: date) -> bool:
    """It was settled with the date with which it was stored, and nobody had taken over the one that the amendment brought."""
    return _is_rule(on, number) and _amended_to(on) == new and on.stand.state == "settled"


@DUTY.says("改定後（第{number:count}版）の期限", "as amended (edition {number:count})")
def by_amendment(on: OnDuty, number: int) -> bool:
    """It is not stored, and the amendment says when it is due."""
    return not on.stand.is_stored and on.stand.due is not None and _is_rule(on, number)


@DUTY.says(
    "改定後（第{number:count}版）の期限、当初 {first:day}",
    "as amended (edition {number:count}); first due {first:day}",
)
def taken_over(on: OnDuty, number: int, first: date) -> bool:
    """The date that the amendment brought was taken over last; it was first due on the other day."""
    return on.stand.first_due == first and _last_extension(on).edition == number


DUTY.always("改定の内容へ", "To the amendment")


def _is_rule(on: OnDuty, number: int, known: date | None = None) -> bool:
    """Whether the edition, confirmed on the day, says what becomes of it."""
    rule = Day(on.log, on.day).rule(on.obligation, on.of)
    return rule is not None and rule.edition == number and known in (None, rule.on)


def _amended_to(on: OnDuty) -> date | None:
    return on.agreements.amended_to(on.obligation, on.of)


def _extensions(on: OnDuty) -> list[DutyStep]:
    return [one for one in Day(on.log, on.day).steps(on.obligation, on.of) if one.what == "extended"]


def _last_extension(on: OnDuty) -> DutyStep:
    return _extensions(on)[-1]


@DUTY.whole
def what_an_amendment_brought(on: OnDuty, main: Node) -> Iterator[str]:
    """That a date waits to be taken over, and by whom it can be."""
    due, said = _amended_to(on), main.text
    if any(word in said for word in ("未反映", "not taken over yet")) != (due is not None):
        yield f"an amendment makes it due on {due}, and the page says something else"
    is_told = any(word in said for word in ("には不要となりました", "no longer asks for it"))
    if is_told != (on.stand.state == "dropped"):
        yield f"it is {on.stand.state}, and dropped is told: {is_told}"


@DUTY.whole
def what_has_to_be_told(on: OnDuty, main: Node) -> Iterator[str]:
    """That it is late, and that something was corrected since it was settled."""
    said = main.text
    for one in main.all("section"):
        if one.attributes.get("aria-labelledby") == "reminders":  # a mail of a day on which it was late
            said = said.replace(one.text, "")
    if on.agreements.is_overdue(on.stand) != any(word in said for word in ("期限超過", "overdue")):
        yield f"late is {on.agreements.is_overdue(on.stand)}, and the page says something else"
    words = ("検証後に訂正あり", "Corrected after", "判断後に数値の変更", "Figures changed after")
    if on.is_corrected != any(word in said for word in words):
        yield f"corrected is {on.is_corrected}, and the page says something else"


# -- What is asked --


def _term(on: OnDuty, *names: str) -> bool:
    return term_of(on.piece) in names


@DUTY.says("{day}", "{day}")
def a_day(on: OnDuty, day: date) -> bool:
    """The date that holds, and the day on which it was settled."""
    if _term(on, "期限", "Due"):
        return on.stand.due == day
    return on.stand.state == "settled" and on.stand.since == day


@DUTY.says("期限の定めなし", "no date")
def no_date(on: OnDuty) -> bool:
    """No article prints one, and the parties set none."""
    return on.stand.due is None


@DUTY.says("期限超過 {days:count}日", "{days:count} days overdue||{days:count} day overdue")
def late(on: OnDuty, days: int) -> bool:
    """As in the sentence."""
    return overdue(on, days)


@DUTY.says("最終開庁日 {day}", "last working day {day}")
def last_working_day(on: OnDuty, day: date) -> bool:
    """The date is on a day when offices are closed; this is the last one before it on which they are open, as far as the week
    and the end of the year say it."""
    due = on.stand.due
    if due is None or not timedelta(0) < due - day < timedelta(days=10):
        return False
    return day.weekday() < 5 and not _is_new_year(day)


def _is_new_year(day: date) -> bool:
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)


@DUTY.says("延長（当初 {day}）", "extended; first due {day}")
def extended(on: OnDuty, day: date) -> bool:
    """It was extended, last by a consultation, and this was its first date."""
    return on.stand.first_due == day != on.stand.due and not _last_extension(on).edition


@DUTY.says("両者で定めた期限", "the parties' own date")
def own_date(on: OnDuty) -> bool:
    """No article prints its date; the parties set it."""
    return on.obligation not in DUE and on.stand.due is not None


@DUTY.says("{year}分", "for {year}")
def concerns(on: OnDuty, year: int) -> bool:
    """The year that it concerns."""
    return year == on.of


@DUTY.says("{year}の期限に掲載", "in the calendar of {year}")
def in_calendar_of(on: OnDuty, year: int) -> bool:
    """It stands in the calendar of the year in which it falls due, without a date of the year that it concerns; a verification
    of the year after."""
    due = on.stand.due
    return year == (fiscal_year(due) if due else programme_year(on.obligation, on.of)) != on.of


@DUTY.says("{basis}", "{basis}")
def rests_on(on: OnDuty, basis: str) -> bool:
    """The article that asks for it."""
    return basis == basis_of(on.obligation)


for said in (
    ("市と財団", "both parties"),
    ("市", "the city"),
    ("財団", "the foundation"),
    ("書類1", "書類1"),
    ("T9", "T9"),
    ("協議1号 期限の延長", "協議1号 期限の延長"),
    ("一方が提案し、他方が同意して決まります。", "One side proposes, the other confirms."),
    (
        "一方が検証結果を書き、他方が確認します。",
        "One side writes the result of the verification, the other confirms it.",
    ),
    (
        "財団が提出し、市が受理または差戻しをします。",
        "The foundation hands in; the city accepts or returns it.",
    ),
    (
        "財団が案を提出し、市と協議・調整のうえ財団が決定する（市の承認は要らない）。",
        "The foundation hands in its draft, consults with the city, and decides. The city does not approve it.",
    ),
    ("財団が自己評価し、市が判断します。", "The foundation assesses itself, the city judges."),
    ("提出します。", "提出します。"),  # the note that the history hands in
):
    DUTY.always(*said)


# -- What was done --


@DUTY.says("{day} 当初の期限", "{day} first due date")
def first_due(on: OnDuty, day: date) -> bool:
    """The date before it was extended."""
    return on.stand.first_due == day


@DUTY.says("{day} 調整のため 協議1号 期限の延長", "{day} 調整のため 協議1号 期限の延長")
def extended_to(on: OnDuty, day: date) -> bool:
    """It was extended to that day."""
    return any((one.due, one.edition) == (day, 0) for one in _extensions(on))


@DUTY.says(
    "{day} 第{number:count}版による期限 協議2号 協定の変更",
    "{day} 第{number:count}版による期限 協議2号 協定の変更",
)
def followed(on: OnDuty, day: date, number: int) -> bool:
    """The day that the amendment brought was taken over."""
    return any((one.due, one.edition) == (day, number) for one in _extensions(on))


WHAT = {
    "登録": "stored",
    "Stored": "stored",
    "期限の決定": "dated",
    "Set the due date": "dated",
    "延長": "extended",
    "Extended": "extended",
    "提出": "in",
    "Submitted": "in",
    "提案": "in",
    "Proposed": "in",
    "取下げ": "back",
    "Took back": "back",
    "差戻し": "returned",
    "Returned": "returned",
    "不同意": "returned",
    "Declined": "returned",
    "受理": "settled",
    "Accepted": "settled",
    "確認": "settled",
    "Confirmed": "settled",
    "決定": "settled",
    "Decided": "settled",
}
BY = {"stored": "city", "extended": "city", "returned": "city"}


@DUTY.says("{day} {time} {what:deed} 名前 {by:word}", "{day}, {time} {what:deed} 名前 {by:word}")
def was_done(on: OnDuty, day: date, time: str, what: str, by: str) -> bool:
    """Somebody did it on that day."""
    if what in ("保存", "Saved", "確認を開始", "Began the review"):
        return True  # on the way to what is read
    steps = [one for one in on.log.duties if (one.obligation, one.year) == (on.obligation, on.of)]
    did = WHAT[what]
    side = BY.get(did, "foundation" if did != "settled" or on.obligation == "draft-plan" else "city")
    return by == f"{side}-staff" and any((one.what, one.on) == (did, day) for one in steps)


DUTY.always("調整のため", "調整のため")
DUTY.always("直してください。", "直してください。")


@DUTY.table("documents")
def documents(on: OnDuty, table: Table) -> Iterator[str]:
    """What was handed in, with the day: the last time that it was."""
    handed_in = [
        one.on
        for one in on.log.duties
        if (one.obligation, one.year, one.what) == (on.obligation, on.of, "in") and one.on <= on.day
    ]
    for _head, (newest, *_earlier) in table.rows:
        if "・" not in newest:
            continue
        said = newest.partition(" ・ ")[2].partition(" 名前")[0]
        if day_of(said) not in handed_in:
            yield f"handed in on {handed_in}, not {newest}"
