"""Of the page of one verification: what both verified or the city judged, on which figures, and whose step is next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from tests.generated.chronicle_log import Log, PaperStep, ReportKnown, StatementKnown, VerifiedStep
from tests.generated.frame import INDICATORS, PLANS
from tests.generated.pages.agreements import (
    ANEW,
    VERIFICATION_WORDS,
    OnAgreements,
    may_see,
    may_see_anew,
    state_of,
)
from tests.generated.pages.corrections import notice_faults
from tests.generated.pages.duties import TITLES, basis_of
from tests.generated.pages.grammar import Condition, Grammar, Table, term_of
from tests.generated.pages.home import HOME, OnPlan, verdicts
from tests.generated.pages.land import judgement_faults
from tests.generated.pages.money import ACCOUNTS
from tests.generated.pages.values import WORDS_OF_BANDS, beside_faults, target_faults
from tests.generated.pages.words import SIGNS, bare, number
from tests.generated.reckoned import Day
from tests.generated.reckoned_agreements import JOINT, Agreements
from tests.generated.reckoned_kpis import Kpis, quantity
from tests.generated.reckoned_money import Money, thousand
from tests.readers.page_reading import Node

Seen = tuple[StatementKnown | None, dict[str, ReportKnown | None]]


@dataclass
class OnVerification(OnPlan, OnAgreements):
    """The page of the verification of a kind and a fiscal year."""

    kind: str = ""
    of: int = 0

    @property
    def about(self) -> tuple[str, int]:
        """What is said of a plan is said of the year, as it was known on the day of the judgement."""
        heading = ""
        for node in self.piece.node.parent.children if self.piece.node.parent else []:
            if node is self.piece.node:
                break
            if not isinstance(node, str) and node.tag == "h3":
                heading = node.text
        return heading.removeprefix("計画 "), self.of

    def is_about(self, plan: str, indicator: str) -> bool:
        return True

    @property
    def then(self) -> date:
        """The day of which the page speaks: that of the judgement that holds, once there is one."""
        return (
            self.land.verdict(self.of).on if self.kind == "effect" and self.state == "accepted" else self.day
        )

    @property
    def kpis(self) -> Kpis:
        found: Kpis = self.reckoned.get(f"kpis {self.then}") or Kpis(self.log, self.then)
        self.reckoned[f"kpis {self.then}"] = found
        return found

    @property
    def step(self) -> PaperStep | None:
        """Of the revision that stands on the page: the next one for those who may read it, otherwise the one in force."""
        if may_see_anew(self, self.kind, self.of):
            return self.agreements.anew(self.kind, self.of)
        return self.held or self.agreements.verification(self.kind, self.of)

    @property
    def held(self) -> PaperStep | None:
        """Of the revision in force."""
        return self.agreements.in_force(self.kind, self.of)

    @property
    def state(self) -> str:
        return self.step.state if self.step else "none"

    @property
    def is_anew(self) -> bool:
        return self.step is not None and self.step.paper[0] == "anew"

    @property
    def verified(self) -> list[VerifiedStep]:
        """When it was settled, settled anew, or said to stand."""
        return Day(self.log, self.day).verified(self.kind, self.of)

    def last(self, *states: str) -> PaperStep:
        """The last step of what stands on the page into one of these states."""
        paper = self.step.paper if self.step else ()
        steps = [one for one in self.log.papers if one.paper == paper and one.on <= self.day]
        return [one for one in steps if one.state in states][-1]

    @property
    def is_ours(self) -> bool:
        """Whether the reader's side wrote it."""
        written_by = self.agreements.writer_anew if self.is_anew else self.agreements.writer
        return self.is_staff and self.side == written_by(self.kind, self.of)


VERIFICATION = Grammar("verification")
verdicts(VERIFICATION)
VERIFICATION.sayings += [
    one
    for one in HOME.sayings
    if one.name
    in ("may_confirm", "corrected_after", "changed_after", "an_answer_waits", "link_to_answer", "whose_step")
]
VERIFICATION.is_silent(css="no-print")
VERIFICATION.is_silent(section="comments")  # what somebody wrote
VERIFICATION.is_silent(section="said|follow-up|result|write|assess|judge")
VERIFICATION.is_silent(css="actions")
VERIFICATION.always(
    "用地を無償とする条件に適合するかを、市が毎年度判断します。",
    "The city's yearly judgement on which the free use of land depends.",
)


@VERIFICATION.says("{year}", "{year}")
def of_year(on: OnVerification, year: int) -> bool:
    """The page's own year."""
    return year == on.of


def _chip_of(state: str) -> Condition:
    def chip(on: OnVerification) -> bool:
        """How far it is, and that something was corrected since, as far as the reader may know of it."""
        return may_see(on, on.kind, on.of) and state == _state(on)

    return chip


def _state(on: OnVerification) -> str:
    state = state_of(on, on.kind, on.of)
    return on.state if state == "ended" else state


@VERIFICATION.says("{sign:sign}再検証：{state:to_end}", "{sign:sign}anew: {state:to_end}")
def next_revision(on: OnVerification, sign: str, state: str) -> bool:
    """How far the next revision is, for those who may know of it."""
    step = on.agreements.anew(on.kind, on.of)
    return step is not None and may_see_anew(on, on.kind, on.of) and state in ANEW[step.state]


for japanese, english in zip(list(VERIFICATION_WORDS)[::2], list(VERIFICATION_WORDS)[1::2], strict=True):
    VERIFICATION.says(japanese, english)(_chip_of(VERIFICATION_WORDS[japanese]))


# -- What holds, and whose step is next --


@VERIFICATION.says("この年度は両者が検証済みです。", "Both sides have verified this year.")
def verified(on: OnVerification) -> bool:
    """One side handed it in, the other confirmed it, and nothing that they saw became another one since."""
    return _holds(on) and on.agreements.revision_in_force(on.kind, on.of) == 1


@VERIFICATION.says(
    "両者が{day}にこの年度を改めて検証しました。", "Both sides have verified this year anew on {day}."
)
def verified_anew(on: OnVerification, day: date) -> bool:
    """Both settled a later revision on that day, and nothing that they saw became another one since."""
    is_anew = on.agreements.revision_in_force(on.kind, on.of) > 1
    return _holds(on) and is_anew and on.held is not None and on.held.on == day


def _holds(on: OnVerification) -> bool:
    return on.kind in JOINT and on.held is not None and not on.agreements.corrected(on.kind, on.of)


@VERIFICATION.says(
    "この年度は{day}に両者が検証しましたが、その後に検証の対象が訂正されました。両者による再確認が必要です。",
    "Both sides verified this year on {day}. What they verified was corrected since: it is to be confirmed again by both.",
)
def corrected_since(on: OnVerification, day: date) -> bool:
    """Both settled it on that day, and something that they saw became another one since."""
    is_settled = on.kind in JOINT and on.held is not None and on.held.on == day
    return is_settled and bool(on.agreements.corrected(on.kind, on.of))


@VERIFICATION.says(
    "相手方が新しい版を作成しています。提出後に閲覧できます。",
    "The other side is writing a new revision. It can be read once it is handed in.",
)
def written_anew_elsewhere(on: OnVerification) -> bool:
    """The other side has the next revision, begun or returned, and the reader has a part in it."""
    step = on.agreements.anew(on.kind, on.of)
    is_begun = step is not None and step.state != "returned"
    return is_begun and on.is_staff and not may_see_anew(on, on.kind, on.of)


@VERIFICATION.says(
    "{day}に{by:text}が差し戻しました。相手方が修正中で、改めて提出されると閲覧できます。",
    "{by:parts} returned it on {day}. The other side is revising it; it can be read once it is handed in again.",
)
def returned_by_us(on: OnVerification, day: date, by: str) -> bool:
    """The reader's side returned it, or the next revision, on that day, and it has not come again."""
    anew = on.agreements.anew(on.kind, on.of)
    if anew is not None and anew.state == "returned" and not may_see_anew(on, on.kind, on.of):
        step, is_theirs = anew, True
    elif on.step is not None:
        step, is_theirs = on.step, not on.is_ours
    else:
        return False
    return on.is_staff and is_theirs and (step.state, step.on) == ("returned", day) and on.side in by


@VERIFICATION.says(
    "結果は下書きで、相手方にはまだ見えません。",
    "The result is a draft; the other side does not see it yet.",
)
def a_draft(on: OnVerification) -> bool:
    """The reader's side has begun it, and never handed it in."""
    return on.kind in JOINT and on.state == "draft" and on.is_ours


@VERIFICATION.says(
    "まだ何も記入されていません。一方が結果を記入し、もう一方が確認します。",
    "Nothing is written yet. Either side can write the result; the other side confirms it.",
)
def nothing_written(on: OnVerification) -> bool:
    """Neither side has handed anything in."""
    return on.kind in JOINT and on.step is None


@VERIFICATION.says(
    "まだ何も記入されていません。財団が観点ごとに自己評価し、そのうえで市が判断します。",
    "Nothing is written yet. The foundation assesses itself under each heading; then the city judges.",
)
def nothing_assessed(on: OnVerification) -> bool:
    """The foundation has handed nothing in, and the city has not begun."""
    return on.kind == "effect" and on.step is None


@VERIFICATION.says(
    "{by:text_end}が記入した結果です。確認するか、コメントを付けて差し戻してください。",
    "The result was written by {by:parts}. Confirm it, or return it with a comment.",
)
def to_confirm(on: OnVerification, by: str) -> bool:
    """The other side handed it in, and the reader's has to answer."""
    is_theirs = on.kind in JOINT and on.state == "submitted" and on.is_staff and not on.is_ours
    return is_theirs and WHO[by] == on.last("submitted").side


WHO = {"市": "city", "the city": "city", "財団": "foundation", "the foundation": "foundation"}


@VERIFICATION.says("相手方の確認を待っています。", "The result waits for the other side.")
def waits(on: OnVerification) -> bool:
    """The reader's side handed it in, and the other has not answered."""
    return on.kind in JOINT and on.state == "submitted" and on.is_ours


@VERIFICATION.says(
    "相手方から差し戻されています。直したものは、改めて提出するまで相手方には見えません。",
    "The other side returned it. What is changed now it does not see before it is handed in again.",
)
def returned(on: OnVerification) -> bool:
    """The reader's side wrote it, and the other returned it."""
    return on.kind in JOINT and on.state == "returned" and on.is_ours


@VERIFICATION.says(
    "市から差し戻されています。直したものは、改めて提出するまで市には見えません。",
    "The city returned it. What is changed now it does not see before it is handed in again.",
)
def assessment_returned(on: OnVerification) -> bool:
    """The foundation reads what the city returned to it."""
    return on.kind == "effect" and on.state == "returned" and on.is_ours


@VERIFICATION.says(
    "観点ごとに判断し、用地を無償とする条件に引き続き適合するかを示してください。",
    "Judge each heading, and say whether the conditions for the free use of land are still met.",
)
def to_judge(on: OnVerification) -> bool:
    """The city has opened what the foundation handed in, and its staff reads."""
    return on.kind == "effect" and on.state == "in_review" and on.role == "city-staff"


@VERIFICATION.says("自己評価は市に提出されています。", "The self-assessment is with the city.")
def with_the_city(on: OnVerification) -> bool:
    """The foundation handed it in, and the city has not judged."""
    return on.kind == "effect" and on.state in ("submitted", "in_review")


@VERIFICATION.says(
    "{day}、市は用地を無償とする条件に適合すると判断しました。",
    "On {day} the city found that the conditions for the free use of land are met.",
)
def found_met(on: OnVerification, day: date) -> bool:
    """The judgement that holds says so, and was given on that day."""
    one = on.land.verdict(on.of)
    return on.kind == "effect" and (one.is_free, one.on) == (True, day)


@VERIFICATION.says(
    "市は{day}、無償貸付の規定に適合しないと判断しました（効力発生日：{effect:day}）。",
    "On {day} the city found that the conditions for the free use of land are no longer met, with effect from {effect:day}.",
)
def found_not_met(on: OnVerification, day: date, effect: date) -> bool:
    """The judgement that holds says so, was given on that day, and takes effect on the other."""
    one = on.land.verdict(on.of)
    return on.kind == "effect" and (one.is_free, one.on, one.effect) == (False, day, effect)


@VERIFICATION.says(
    "この効果検証を求める有効な協定がなくなり、確定しないまま終了しました。",
    "No agreement in force asks for this evaluation any more; it was not settled.",
)
def dropped(on: OnVerification) -> bool:
    """The basic agreement is over, and it was neither settled nor handed in before."""
    return on.agreements.is_dropped(on.kind, on.of)


@VERIFICATION.says(
    "これを求める協定は{day}をもって終了しました。",
    "The agreement that asked for it ended; {day} was its last day in force.",
)
def agreement_ended(on: OnVerification, day: date) -> bool:
    """The basic agreement is over since that day."""
    return on.agreements.state("basic") == "ended" and on.agreements.last_day("basic") == day


@VERIFICATION.says(
    "終了前に提出されたものなので、引き続き確認・差戻し等の回答ができます。",
    "This was handed in before, so it can still be answered.",
)
def still_answered(on: OnVerification) -> bool:
    """The basic agreement is over, and it was handed in and not answered."""
    return (
        on.agreements.state("basic") == "ended" and on.held is None and on.state in ("submitted", "in_review")
    )


@VERIFICATION.says(
    "終了までに提出されなかったため、以後は求められません。",
    "It was not handed in before, and is no longer asked for.",
)
def no_longer_asked(on: OnVerification) -> bool:
    """The basic agreement is over, and it was neither settled nor handed in before."""
    return on.agreements.is_dropped(on.kind, on.of)


# -- What it rests on --


def seen_by(on: OnVerification) -> Seen:
    """What there was of the year when it was last settled, or said to stand as it is."""
    return _seen_at(on, on.verified[-1])


def _seen_at(on: OnVerification, step: VerifiedStep) -> Seen:
    return _of_year(Day(_known_at(on, step), step.on), on.of)


def _known_at(on: OnVerification, step: VerifiedStep) -> Log:
    """What was known at that moment, the targets of the day."""
    known = on.log.reports[: step.reports], on.log.statements[: step.statements]
    return Log(
        targets=on.log.targets,
        reports=known[0],
        statements=known[1],
        records=on.log.records[: step.records],
    )


def _settled(on: OnVerification) -> VerifiedStep:
    """When it, or the judgement that holds, was given."""
    return [one for one in on.verified if one.how != "answered"][-1]


def _of_year(then: Day, of: int) -> Seen:
    """The year's settlement, and its report in each plan."""
    plans = [plan for plan, (first, last) in PLANS.items() if first <= of <= last]
    return then.statements().get((of, "settlement")), {plan: then.reports().get((plan, of)) for plan in plans}


@VERIFICATION.says(
    "当時：{was:rest} 現在： {now:rest} ・ {since:day} ・ 名前 city-staff{why}",
    "Then: {was:rest} Now: {now:rest} ・ {since:day} ・ 名前 city-staff{why}",
)
def then_and_now(on: OnVerification, was: str, now: str, since: date, why: str) -> bool:
    """What was seen when it was settled, what took its place, and since when; why, where that is a correction."""
    expected = list(changes(on))
    if (was, now, since, why.removeprefix(" ・ ")) not in expected:
        raise LookupError(expected)
    return True


def changes(on: OnVerification) -> Iterator[tuple[str, str, date, str]]:
    """Each thing that became another one. What nobody had recorded was no figure that the city judged by."""
    (was, reports), (now, reports_now) = seen_by(on), _of_year(Day(on.log, on.day), on.of)
    shown, reports_shown = _seen_at(on, _settled(on))
    if now is not None and now is not was and not (on.kind == "effect" and shown is None):
        yield title_of_settlement(on, was), title_of_settlement(on, now), now.known, now.reason
    for plan, before in reports.items():
        after, first = reports_now[plan], reports_shown[plan]
        if after is not None and after is not before and not (on.kind == "effect" and first is None):
            yield title_of_report(on, before), title_of_report(on, after), after.known, after.reason


def title_of_settlement(on: OnVerification, one: StatementKnown | None) -> str:
    """令和元年度 収支決算書（第2版）"""
    japanese = on.language == "ja"
    if one is None:
        return f"{_wareki(on.of)}の収支決算書なし" if japanese else f"no settlement of FY{on.of} yet"
    if japanese:
        return f"{_wareki(one.year)} 収支決算書" + (f"（第{one.revision}版）" if one.revision > 1 else "")
    return f"Statement of settlement of FY{one.year}" + (
        f", revision {one.revision}" if one.revision > 1 else ""
    )


def title_of_report(on: OnVerification, one: ReportKnown | None) -> str:
    """令和元年度 実績報告（R2.3末時点、第2版、計画 second）"""
    japanese = on.language == "ja"
    if one is None:
        return (
            f"{_wareki(on.of)}の受理済みの実績報告なし"
            if japanese
            else f"no accepted report of FY{on.of} yet"
        )
    if japanese:
        edition = f"、第{one.revision}版" if one.revision > 1 else ""
        return f"{_wareki(one.year)} 実績報告（{_as_of(one.as_of)}時点{edition}、計画 {one.plan}）"
    day = f"{one.as_of.day} {one.as_of:%b} {one.as_of.year}"
    edition = f", revision {one.revision}" if one.revision > 1 else ""
    return f"Report of FY{one.year} as of {day}{edition} (計画 {one.plan})"


def _wareki(of: int) -> str:
    return f"平成{of - 1988}年度" if of < 2019 else f"令和{'元' if of == 2019 else of - 2018}年度"


def _as_of(of: date) -> str:
    era = f"H{of.year - 1988}" if of < date(2019, 5, 1) else f"R{of.year - 2018}"
    is_last = (of + timedelta(days=1)).month != of.month
    return f"{era}.{of.month}末" if is_last else f"{era}.{of.month}.{of.day}"


@VERIFICATION.whole
def every_change_is_told(on: OnVerification, main: Node) -> Iterator[str]:
    """As many as there are, and what the reader can do about them: say that it stands as it is, or settle it anew."""
    boxes = list(main.all(css="changed-since"))
    told = [one for box in boxes for one in box.all("li")]
    expected = list(changes(on)) if on.held is not None else []
    if len(told) != len(expected):
        yield f"{len(expected)} things became others since, and {len(told)} are named: {expected}"
    for box in boxes:
        yield from notice_faults(on, (on.kind, on.of), box)
    is_begun = on.agreements.anew(on.kind, on.of) or on.agreements.answer(on.kind, on.of)
    is_offered = bool(expected) and on.kind in JOINT and on.is_staff and not is_begun
    if any(word in main.text for word in ("改めて検証する ", "Verify anew")) != is_offered:
        yield f"it can be verified anew: {is_offered}, and the page says something else"


# -- What was said of it, and settled before --


@VERIFICATION.says("結論に影響しないため", "結論に影響しないため")
def said_to_stand(on: OnVerification) -> bool:
    """Both, or the city of what it judged alone, have said that what stands on the page stands as it is."""
    return on.state == "accepted" and bool(_answers(on))


@VERIFICATION.says(
    "名前 {first:word} ・ 名前 {second:word} ・ {day}", "名前 {first:word} ・ 名前 {second:word} ・ {day}"
)
def confirmed_by_both(on: OnVerification, first: str, second: str, day: date) -> bool:
    """One side proposed it, and the other confirmed it on that day."""
    is_of_both = {first, second} == {"city-staff", "foundation-staff"}
    return on.kind in JOINT and is_of_both and day in [one.on for one in _answers(on)]


@VERIFICATION.says("名前 {by:word} ・ {day}", "名前 {by:word} ・ {day}")
def said_by_the_city(on: OnVerification, by: str, day: date) -> bool:
    """The city said it alone on that day."""
    return on.kind == "effect" and by == "city-staff" and day in [one.on for one in _answers(on)]


def _answers(on: OnVerification) -> list[VerifiedStep]:
    """Of what both verify those about the revision in force, of a judgement all."""
    steps = on.verified if on.kind == "effect" else on.verified[on.verified.index(_settled(on)) :]
    return [one for one in steps if one.how == "answered"]


@VERIFICATION.says("訂正のため", "訂正のため")
def why_anew(on: OnVerification) -> bool:
    """What stands on the page is a later revision."""
    return on.is_anew


@VERIFICATION.says(
    "第{number:count}版（{day}確定）{mark:any_end}", "Revision {number:count}, settled on {day}{mark:any_end}"
)
def settled_before(on: OnVerification, number: int, day: date, mark: str) -> bool:
    """A revision that both settled on that day; whether it is in force while the next one stands on the page."""
    is_in_force = number == on.agreements.revision_in_force(on.kind, on.of)
    paper = ("anew", on.kind, on.of, number) if number > 1 else ("verification", on.kind, on.of)
    step = on.agreements.papers[paper]
    if step is on.step or bool(mark.strip()) != is_in_force:
        return False
    return (step.state, step.on) == ("accepted", day)


@VERIFICATION.whole
def every_revision_is_told(on: OnVerification, main: Node) -> Iterator[str]:
    """As many as both settled before the one that stands on the page."""
    settled = on.agreements.revision_in_force(on.kind, on.of) if on.held is not None else 0
    expected = settled - 1 if on.step is on.held else settled
    told = [
        one
        for box in main.all("section")
        if box.attributes.get("aria-labelledby") == "revisions"
        for one in box.all("li")
    ]
    if on.kind in JOINT and len(told) != max(expected, 0):
        yield f"{expected} were settled before, and {len(told)} are told"


# -- What is verified --


def exhibits(on: OnVerification) -> Seen:
    """As both saw it, or as it is while it is not settled."""
    return seen_by(on) if on.state == "accepted" else _of_year(Day(on.log, on.day), on.of)


@VERIFICATION.says("{year}の収支決算書なし", "no settlement of {year} yet")
def no_settlement(on: OnVerification, year: int) -> bool:
    """There was no settlement of the year to verify."""
    return year == on.of and exhibits(on)[0] is None


@VERIFICATION.says("{year}の受理済みの実績報告なし", "no accepted report of {year} yet")
def no_report(on: OnVerification, year: int) -> bool:
    """There was no accepted report of the year to verify."""
    return year == on.of and None in exhibits(on)[1].values()


@VERIFICATION.says(
    "「計画 {plan:rest}」の{year}の受理済みの実績報告なし",
    "no accepted report of {year} yet (計画 {plan:rest})",
)
def no_report_of_a_plan(on: OnVerification, plan: str, year: int) -> bool:
    """The same of a plan beside which another one may have reported."""
    reports = exhibits(on)[1]
    return year == on.of and plan in reports and reports[plan] is None


@VERIFICATION.says(
    "この判断の根拠は記録されていません（判断の時点で、対象年度の決算・実績報告はありませんでした）。",
    "What the judgement rests on is not recorded: no settlement or report of the year was known when it was given.",
)
def rests_on_nothing(on: OnVerification) -> bool:
    """The city has judged, and there was neither a settlement nor an accepted report of the year then."""
    if on.kind != "effect" or on.state != "accepted":
        return False
    statement, reports = _seen_at(on, _settled(on))
    return statement is None and not any(reports.values())


VERIFICATION.always("判断を訂正する", "Correct the judgement")


@VERIFICATION.says("{day}受理", "Accepted on {day}")
def accepted_on(on: OnVerification, day: date) -> bool:
    """The figures that stand below were accepted on that day."""
    statement, reports = exhibits(on)
    heading = _heading(on)
    known = {title_of_report(on, one): one.known for one in reports.values() if one}
    if statement:
        known[title_of_settlement(on, statement)] = statement.known
    return known[heading] == day


def _heading(on: OnVerification) -> str:
    parent = on.piece.node.parent
    siblings = [one for one in parent.children if not isinstance(one, str)] if parent else []
    return [one.text for one in siblings[: siblings.index(on.piece.node)] if one.tag == "h3"][-1]


@VERIFICATION.table("exhibits")
def shown(on: OnVerification, table: Table) -> Iterator[str]:
    """The settlement's amounts and totals, or the report's values with their targets and verdicts, as they were seen."""
    statement, reports = exhibits(on)
    if statement and table.caption == title_of_settlement(on, statement):
        yield from _amounts(on, statement, table)
        return
    plan = next(plan for plan, one in reports.items() if one and title_of_report(on, one) == table.caption)
    kpis = Kpis(*_when_settled(on))
    present = Kpis(on.log, on.day)
    for name, (value, target, verdict, *now) in table.rows:
        code = next(one.code for one in INDICATORS[plan] if one.name == name)
        key = (plan, code, on.of)
        yield from result_faults(kpis, key, value, target, verdict)
        changed = _says(kpis, key) != _says(present, key)
        if changed != bool(now and now[0]):
            yield f"{key}: by now {_says(present, key)}, then {_says(kpis, key)}, and the page says {now}"


def _says(kpis: Kpis, key: tuple[str, str, int]) -> tuple[object, ...]:
    """What a row tells: the value with its day and certainty, what is said instead, the target of the verdict, one that came
    later, the verdict."""
    held, target = kpis.held.get(key), kpis.target_judged(key)
    value = (
        (held.value, held.as_of, held.certainty)
        if held and held.value not in (None, "-")
        else held and held.value
    )
    other = kpis.others.get(key)
    said_instead = other and (other.by, other.value)
    return (
        value,
        said_instead,
        target and target.value,
        kpis.is_moved(key) and kpis.targets[key].value,
        kpis.band(key),
    )


def _when_settled(on: OnVerification) -> tuple[Log, date]:
    """What was known when it was settled or last said to stand, else what is."""
    if on.state != "accepted":
        return on.log, on.day
    return _known_at(on, on.verified[-1]), on.verified[-1].on


def _amounts(on: OnVerification, statement: StatementKnown, table: Table) -> Iterator[str]:
    figures = Day(Log(statements=[statement]), statement.known).money()
    totals = {
        "収入合計": "revenue",
        "total revenue": "revenue",
        "支出合計": "expenditure",
        "total expenditure": "expenditure",
        "当期収支差額": "balance",
        "balance of the year": "balance",
    }
    told = set()
    present = _of_year(Day(on.log, on.day), on.of)[0]
    by_now = Day(Log(statements=[present]), present.known).money() if present else {}
    for name, (said, *now) in table.rows:
        code = totals.get(name) or ACCOUNTS[name]
        told.add(code)
        yen = figures.get((on.of, "settlement", code))
        if (yen is None) != (said == "") or (yen is not None and number(said) != thousand(yen)):
            yield f"{name}: {yen} yen, not {said}"
        today = by_now.get((on.of, "settlement", code))
        differs = on.state == "accepted" and today != yen
        if differs != bool(now and now[0]) or (
            now and now[0] and today is not None and number(now[0]) != thousand(today)
        ):
            yield f"{name}: by now {today} yen, not {now}"
    if missing := {code for (_of, _face, code), yen in figures.items() if yen is not None} - told - PARTS:
        yield f"not told: {missing}"


PARTS = {"indirect", "building", "support"}
"""Accounts within others, of which the page gives the sum."""


def result_faults(
    kpis: Kpis, key: tuple[str, str, int], value: str, target: str, verdict: str
) -> Iterator[str]:
    """A value with its day and certainty, its target, and how it stands."""
    held, band = kpis.held.get(key), kpis.stands(key)
    yield from beside_faults(kpis, key, value)
    if kpis.target_judged(key) or target:
        yield from target_faults(kpis, key, target)
    words = verdict.lstrip(f"{SIGNS} ")
    longest = sorted(WORDS_OF_BANDS, key=len, reverse=True)
    word = next((one for one in longest if words.startswith(one)), words)
    if WORDS_OF_BANDS.get(word) != band:
        yield f"{key}: {band}, and the page says {verdict}"
    is_expected = kpis.is_forecast(key) and band in ("met", "not_met")
    if is_expected and not any(one in words for one in ("決算見込", "forecast")):
        yield f"{key}: the verdict rests on a forecast, and the page does not say so: {verdict}"
    if held is None or not held.is_number:
        if not value.startswith(("－",) if held else ("未報告", "Not reported")):
            yield f"{key}: {held} is held, not {value}"
        return
    if not bare(value).startswith(quantity(key[1], int(held.value))):
        yield f"{key}: {held.value} is held, not {value}"
    certainty = {
        "final": ("確定", "final"),
        "interim": ("途中経過", "interim"),
        "forecast": ("決算見込", "forecast"),
    }
    if not any(one in value for one in certainty[held.certainty]):
        yield f"{key}: {held.certainty}, not {value}"


# -- The evaluation: what is known of the year --


@VERIFICATION.says("{day}現在", "As known on {day}")
def year_known_on(on: OnVerification, day: date) -> bool:
    """What was judged stands beside what was known on the day of the judgement, otherwise beside what is known."""
    return day == on.then


@VERIFICATION.says("この年度の確定したKPIの結果はありません。", "No KPI result of this year is settled.")
def no_results(on: OnVerification) -> bool:
    """No plan that was known then runs in the year."""
    return not any(PLANS[plan][0] <= on.of <= PLANS[plan][1] for plan in on.kpis.plans)


@VERIFICATION.table("year")
def results(on: OnVerification, table: Table) -> Iterator[str]:
    """The plan's results in the year."""
    plan = table.caption.rpartition("計画 ")[2]
    for name, (value, target, verdict) in table.rows:
        code = next(one.code for one in INDICATORS[plan] if one.name == name)
        yield from result_faults(on.kpis, (plan, code, on.of), value, target, verdict)


DUTY_STATES = {
    "settled": ("✓確定", "✓settled"),
    "corrected": ("!検証後に訂正あり", "!corrected after the verification"),
    "changed": ("!判断後に数値の変更あり", "!Figures changed after the judgement"),
    "handed_in": ("提出済み", "handed in"),
    "overdue": ("×期限超過", "×overdue"),
    "open": ("未履行", "open"),
    "not_stored": ("–未登録", "–not stored"),
    "dropped": ("改定により不要", "no longer asked for (amended)"),
    "ended": ("終了（協定の終了による）", "ended with the agreement"),
}


@VERIFICATION.says(
    "{title} {basis} ・ {due:day}まで {state:state_of_duty}",
    "{title} {basis} ・ due {due:day} {state:state_of_duty}",
)
def duty_of_year(on: OnVerification, title: str, basis: str, due: date, state: str) -> bool:
    """A duty of the year with its date, and where it stood on the day of which the page speaks."""
    return basis_of(TITLES[title]) == basis and _duty_is(on, title, due, state)


@VERIFICATION.says("{title} {basis} {state:state_of_duty}", "{title} {basis} {state:state_of_duty}")
def undated_duty_of_year(on: OnVerification, title: str, basis: str, state: str) -> bool:
    """The same of one without a date."""
    return basis_of(TITLES[title]) == basis and _duty_is(on, title, None, state)


def _duty_is(on: OnVerification, title: str, due: date | None, said: str) -> bool:
    true = Agreements(on.log, on.then)
    found = Day(on.log, on.then).duty(TITLES[title], on.of)
    if found is None or on.piece.section != "year":
        return False
    _first, date_of, state = found
    if true.state("basic") == "ended" and state not in ("settled", "corrected", "changed", "dropped"):
        stand = true.duties.get((TITLES[title], on.of))  # what was handed in before is still answered
        state = "handed_in" if stand and stand.state == "in" else "ended"
    if said not in DUTY_STATES[state] or due != date_of:
        raise LookupError((state, date_of))
    return True


@VERIFICATION.says("負担金 grant {yen} {stage:text_end}", "負担金 grant {yen} {stage:text_end}")
def contribution_of_year(on: OnVerification, yen: int, stage: str) -> bool:
    """What was granted for the year by then; in these histories by a budget."""
    granted = Money(on.log, on.then).granted.get(on.of)
    return granted is not None and thousand(granted) == yen and stage in ("予算", "budget")


@VERIFICATION.says(
    "{kind:joint_kind} 両者確認済み（{day}）{mark}", "{kind:joint_kind} confirmed by both, {day}{mark}"
)
def verified_by_then(on: OnVerification, kind: str, day: date, mark: str) -> bool:
    """Both had verified the year by then, and whether that had been corrected by then."""
    key = (JOINT_KINDS[kind], on.of)
    is_corrected = bool(Day(on.log, on.then).corrected(*key))
    settled = [one.on for one in Day(on.log, on.then).verified(*key) if one.how != "answered"]
    return settled[-1:] == [day] and bool(mark) == is_corrected


JOINT_KINDS = {
    "事業報告・収支決算の検証": "settlement",
    "Verification of report and settlement": "settlement",
    "KPIの検証": "kpi",
    "Verification of KPIs": "kpi",
}


@VERIFICATION.table("judgements")
def judgements(on: OnVerification, table: Table) -> Iterator[str]:
    """The city's judgement of the year with its day of effect, and those that it corrects."""
    yield from judgement_faults(on, [one for one in on.land.known if one.year == on.of], table)


# -- Who stands behind it --


@VERIFICATION.says("{day} {time} 名前 {by:word}", "{day}, {time} 名前 {by:word}")
def done_by(on: OnVerification, day: date, time: str, by: str) -> bool:
    """Who began it or handed it in last, and who answered it, on the day on which they did."""
    written = ("draft", "submitted")  # what came back was written last when it was handed in
    states = {"入力": written, "Entered": written, "提出": ("submitted",), "Submitted": ("submitted",)}
    step = on.last(*states.get(term_of(on.piece), ("accepted",)))
    return (step.on, f"{step.side}-staff") == (day, by)


@VERIFICATION.says("{day}", "{day}")
def known_from(on: OnVerification, day: date) -> bool:
    """The day on which it was settled."""
    is_that = term_of(on.piece) in ("受理・公表日", "Known from")
    return is_that and on.state == "accepted" and on.last("accepted").on == day
