"""Of the calendar: what is due, what is late, what is done, and whose step is next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tests.generated.frame import VERIFIES, fiscal_year
from tests.generated.pages.agreements import OnAgreements, name_of
from tests.generated.pages.grammar import Grammar, Table
from tests.generated.pages.words import day as day_of
from tests.generated.pages.words import era_year, number
from tests.generated.reckoned_agreements import Stand

TITLES = {
    "事業報告書と収支決算書の提出": "report",
    "翌年度の計画と予算の案": "draft-plan",
    "年度協定の締結": "annual",
    "検証": "verified",
    "決算の検証": "verify-settlement",
    "効果検証": "verify-effect",
    "決算の提出": "account",
    "予算の決定": "budget",
}
STATES = {
    "settled": (
        "✓検証済み",
        "✓verified",
        "✓合意",
        "✓agreed",
        "✓決定",
        "✓decided",
        "✓受理",
        "✓accepted",
        "✓履行済み",
        "✓fulfilled",
    ),
    "corrected": ("!検証後に訂正あり", "!Corrected after the verification"),
    "changed": ("!判断後に数値の変更あり", "!Figures changed after the judgement"),
    "in": ("提出済み", "handed in", "提案中", "proposed", "確認中", "in review"),
    "returned": ("◐差戻し", "◐returned", "◐不同意", "◐declined"),
    "open": ("未了", "open"),
    "ended": ("終了（協定の終了による）", "ended with the agreement"),
    "dropped": ("改定により不要", "no longer asked for (amended)"),
    "hidden": ("未確定", "not settled yet"),
    "not_stored": ("–未登録", "–not stored"),
    "draft": ("–案", "–draft"),
}

ARTICLES = {"report": "第2条第1項", "draft-plan": "第1条第1項"}
"""Where the wording prints a date; amendments of these histories number nothing anew."""


def basis_of(obligation: str) -> str:
    """The agreement, and the article where one asks for it."""
    return f"協定 basic {ARTICLES.get(obligation, '')}".strip()


CALENDAR = Grammar("calendar")
CALENDAR.is_silent(section="todo")  # read as tasks
CALENDAR.is_silent(section="standing")
CALENDAR.is_silent(section="store")
CALENDAR.is_silent(css="section-note")
CALENDAR.is_silent(css="no-print")
CALENDAR.is_silent(css="store")
CALENDAR.always(
    "協定が市と財団に求めることと、その期限です。 カレンダーソフトで購読",
    "What the agreements ask of both parties, and when. Subscribe in a calendar program",
)
CALENDAR.always(
    "協定が市と財団に求めることと、その期限です。", "What the agreements ask of both parties, and when."
)
CALENDAR.always(
    "締結済みの協定がこの年度に求めるものに期限が付き、提出などの手続ができるようになります。もう一度登録しても、足りないものが加わるだけです。",
    "What the concluded agreements ask for in this year gets its due dates and can be handed in."
    " Storing again adds only what is missing.",
)


@dataclass
class OnCalendar(OnAgreements):
    """The calendar of the running fiscal year."""

    @property
    def overdue(self) -> list[Stand]:
        return self.agreements.overdue()


@CALENDAR.says(
    "期限を過ぎたものが{count}件あります。", "{count} duties are overdue.||{count} duty is overdue."
)
def some_overdue(on: OnCalendar, count: int) -> bool:
    """So many are not done by whoever is bound though their date, as extended, has passed; stored or not."""
    return count == len(on.overdue) > 0


@CALENDAR.says("期限を過ぎたものはありません。", "Nothing is overdue.")
def none_overdue(on: OnCalendar) -> bool:
    """Everything whose date has passed is done."""
    return not on.overdue


@CALENDAR.says(
    "{year}に期限が来るものも、同年度についてのものもありません。",
    "Nothing falls due in {year}, and nothing concerns it.",
)
def nothing_in_year(on: OnCalendar, year: int) -> bool:
    """No duty is due in the year, none concerns it, and none is overdue."""
    every = on.agreements.duties.values()
    is_any = any(one.year == year or _programme_year(one) == year for one in every)
    return year == fiscal_year(on.day) and not is_any and not on.overdue


@CALENDAR.says("{year}に協定が求めるものはありません。", "No agreement asks for anything in {year}.")
def nothing_asked(on: OnCalendar, year: int) -> bool:
    """The same, where the list would stand."""
    return nothing_in_year(on, year)


CALENDAR.always(
    "履行事項は、協定の効力がある年度から、協定の義務を基に示されます。 協定の一覧へ",
    "Duties come from the obligations of the agreements, from the first fiscal year in which they are in force."
    " To the agreements",
)


@CALENDAR.says("次の期限は{due:day}「{title:text}」。", "Next: “{title:parts}”, due {due:day}.")
def next_due(on: OnCalendar, due: date, title: str) -> bool:
    """The first date from today on of what is not done in this year's programme."""
    to_come = [
        one
        for one in on.agreements.duties.values()
        if one.due
        and one.due >= on.day
        and on.agreements.is_pending(one)
        and fiscal_year(on.day) in (fiscal_year(one.due), one.year)
    ]
    first = min(one.due for one in to_come if one.due)
    if first != due:
        raise LookupError([one for one in to_come if one.due == first])
    return TITLES[title] in [one.obligation for one in to_come if one.due == due]


@CALENDAR.says(
    "{count}件がまだ登録されていません。",
    "{count} duties are not stored yet.||{count} duty is not stored yet.",
)
def not_stored(on: OnCalendar, count: int) -> bool:
    """So many of this year's programme are asked for by concluded agreements and not stored."""
    running = fiscal_year(on.day)
    programme = [
        one
        for one in on.agreements.duties.values()
        if not (one.is_stored or one.state in ("settled", "ended", "dropped"))
        and _programme_year(one) == running
    ]
    return count == len(programme) > 0


def _programme_year(one: Stand) -> int:
    if one.due:
        return fiscal_year(one.due)
    return one.year if one.obligation == "annual" else one.year + 1


@CALENDAR.says(
    "{count}件は、締結されていない協定（案）によるものです。",
    "{count} duties come from agreements that are not concluded (案)."
    "||{count} duty comes from an agreement that is not concluded (案).",
)
def of_drafts(on: OnCalendar, count: int) -> bool:
    """The basic agreement, from which all of them come, is not concluded yet."""
    return on.agreements.state("basic") == "draft"


@CALENDAR.says("{last:day} {agreement:rest} 最終日", "{last:day} {agreement:rest} Last day in force")
def last_day_of(on: OnCalendar, last: date, agreement: str) -> bool:
    """The last day of an agreement that is concluded, or might be yet, within the year."""
    codes = [code for code in on.agreements.known() if name_of(code) == agreement]
    is_in_year = fiscal_year(last) == fiscal_year(on.day)
    return is_in_year and any(on.agreements.last_day(code) == last for code in codes)


@CALENDAR.says("案", "draft")
def of_a_draft(on: OnCalendar) -> bool:
    """The agreement that stands before it is not concluded."""
    drafts = [name_of(code) for code in on.agreements.known() if not on.agreements.concluded_on(code)]
    return any(name in on.piece.text for name in drafts)


@CALENDAR.table("dated|undated|elsewhere")
def duties(on: OnCalendar, table: Table) -> Iterator[str]:
    """Each with its date, by how many days it is late, where it stands as far as the reader may know, and whose step is next."""
    told = []
    for head, cells in table.rows:
        title, _blank, rest = head.partition(" ")
        key = (TITLES[title], _concerned(rest))
        told.append(key)
        one = on.agreements.duties[key]
        yield from _row_faults(on, one, *cells)
    if table.section == "dated":
        missing = [one for one in on.overdue if (one.obligation, one.year) not in told]
        if missing:
            yield f"overdue, and not told: {missing}"


def _concerned(text: str) -> int:
    """… ・ 令和6年度分; … ・ for FY2024."""
    word = text.split()[-1].removesuffix("分")
    return int(word[2:]) if word.startswith("FY") else era_year(word.removesuffix("年度"))


def _row_faults(on: OnCalendar, one: Stand, when: str, _bound: str, state: str) -> Iterator[str]:
    place = f"{one.obligation} {one.year}"
    words = when.split(" ")
    said = words[0] if on.language == "ja" else " ".join(words[:3])
    if (one.due is None) != (said in ("期限の定めなし", "no date")) or (one.due and day_of(said) != one.due):
        yield f"{place}: due {one.due}, not {when}"
    days = (on.day - one.due).days if one.due and on.agreements.is_overdue(one) else 0
    late = [
        part
        for part in (f"期限超過 {days:,}日", f"{days:,} day")
        if part.replace(",", "") in when.replace(",", "")
    ]
    if bool(days) != bool(late and ("超過" in when or "overdue" in when)):
        yield f"{place}: {days} days late, and the page says {when}"
    true = one.state
    if true == "settled" and on.agreements.corrected(VERIFIES.get(one.obligation, ""), one.year):
        true = "changed" if VERIFIES[one.obligation] == "effect" else "corrected"
    if not on.is_staff:
        true = {"in": "hidden", "returned": "open"}.get(true, true)
    if not any(state.startswith(word) for word in STATES[true]):
        yield f"{place}: {true}, not {state}"
    is_ours = any(word in state for word in ("こちら側の対応待ち", "Your side has the next step"))
    if is_ours != (on.is_staff and on.agreements.asks(one, on.side)):
        yield f"{place}: waits for {on.agreements.waits_for(one)}, and the page says {state}"


def overdue_days(text: str) -> int:
    return number(text)
