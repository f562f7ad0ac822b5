"""Of the page that leads from the articles to what came of them: each duty of a year, and what of it is settled."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.generated.frame import OBLIGATIONS, VERIFIES, fiscal_year
from tests.generated.pages.agreements import STATES as STATES_OF_AGREEMENTS
from tests.generated.pages.agreements import OnAgreements
from tests.generated.pages.duties import ARTICLES, STATES, TITLES
from tests.generated.pages.grammar import Grammar, Table
from tests.generated.pages.words import day as day_of
from tests.generated.reckoned import programme_year
from tests.generated.reckoned_agreements import Stand


@dataclass
class OnTrace(OnAgreements):
    """The page of an agreement in a fiscal year."""

    of: int = 0

    @property
    def duties(self) -> list[Stand]:
        """What concerns the year, article by article; all of it is asked for by the basic agreement."""
        found = self.agreements.duties
        in_order = sorted(OBLIGATIONS, key=lambda code: ARTICLES.get(code, "第9条"))
        return [
            found[code, self.of] for code in in_order if (code, self.of) in found and self.code == "basic"
        ]

    def is_corrected(self, one: Stand) -> bool:
        kind = VERIFIES.get(one.obligation)
        return one.state == "settled" and bool(kind and self.agreements.corrected(kind, one.year))


TRACE = Grammar("traceability")
TRACE.is_silent(css="no-print")
TRACE.is_silent(css="section-note")
TRACE.always("この年度の閲覧できる書類はまだありません。", "No document of this year can be read yet.")


@TRACE.says("協定書 {code:word} ・ {year}", "協定書 {code:word} ・ {year}")
def of_agreement(on: OnTrace, code: str, year: int) -> bool:
    """The agreement and the year."""
    return (code, year) == (on.code, on.of)


@TRACE.says(
    "{year}を対象とする履行事項は{count}件、うち{settled:count}件が確定しています。",
    "For {year} the articles ask for {count} duties; {settled:count} are settled."
    "||For {year} the articles ask for {count} duty; {settled:count} is settled.",
)
def settled_of(on: OnTrace, year: int, count: int, settled: int) -> bool:
    """So many concern the year; so many are settled."""
    done = [one for one in on.duties if one.state == "settled"]
    return (year, count, settled) == (on.of, len(on.duties), len(done)) and not _is_draft(on)


def _is_draft(on: OnTrace) -> bool:
    return on.agreements.state(on.code) == "draft"


@TRACE.says(
    "この協定は案（未締結）です。締結されれば、{year}について条文が求める履行事項は{count}件です。",
    "This agreement is a draft (案): for {year} its articles would ask for {count} duties."
    "||This agreement is a draft (案): for {year} its articles would ask for {count} duty.",
)
def would_ask(on: OnTrace, year: int, count: int) -> bool:
    """It is not signed; so many would concern the year."""
    return (year, count) == (on.of, len(on.duties)) and _is_draft(on)


@TRACE.says("{count}件が期限を過ぎています。", "{count} are overdue.||{count} is overdue.")
def overdue(on: OnTrace, count: int) -> bool:
    """Of so many the date has passed, and they are not done."""
    return count == sum(on.agreements.is_overdue(one) for one in on.duties) > 0


@TRACE.says(
    "うち{count}件は、確定の後に訂正がありました。",
    "Of these, what {count} rest on was corrected afterwards.||Of these, what {count} rests on was corrected afterwards.",
)
def corrected(on: OnTrace, count: int) -> bool:
    """Of so many that were settled something became another one since."""
    return count == sum(on.is_corrected(one) for one in on.duties) > 0


@TRACE.says(
    "{year}を対象とする履行事項はありません。", "For {year} the agreement asks for nothing on a date."
)
def nothing_asked(on: OnTrace, year: int) -> bool:
    """No duty concerns the year."""
    return year == on.of and not on.duties


TRACE.always(
    "この協定には、条文・義務・支援措置・計画がまだありません。",
    "Nothing rests on this agreement yet: it has no wording, obligations, measures or plans.",
)


@TRACE.table("articles")
def articles(on: OnTrace, table: Table) -> Iterator[str]:
    """Each duty of the year: where it stands, by when it is due, and on which day it was settled."""
    told = []
    for head, cells in table.rows:
        title = next((one for one in sorted(TITLES, key=len, reverse=True) if head.startswith(one)), None)
        if title is None or len(cells) < 3:
            continue  # a measure, or what the year does not ask for
        one = on.agreements.duties[TITLES[title], on.of]
        told.append(TITLES[title])
        yield from _faults(on, one, *cells)
    expected = [one.obligation for one in on.duties]
    if told != expected:
        yield f"the year's duties are {expected}, not {told}"


def _faults(on: OnTrace, one: Stand, state: str, _documents: str, settled: str) -> Iterator[str]:
    place, true = f"{one.obligation} {one.year}", one.state
    if on.is_corrected(one):
        true = "changed" if VERIFIES[one.obligation] == "effect" else "corrected"
    if not on.is_staff:
        true = {"in": "hidden", "returned": "open"}.get(true, true)
    true = "draft" if _is_draft(on) else true
    word = next((word for word in STATES[true] if state.startswith(word)), None)
    if word is None:
        yield f"{place}: {true}, not {state}"
        return
    rest = state.removeprefix(word).strip()
    if one.due is None:
        if not rest.startswith(("期限の定めなし", "no date")):
            yield f"{place}: without a date, not {rest}"
    elif day_of(rest.split(" ")[0] if on.language == "ja" else " ".join(rest.split(" ")[:3])) != one.due:
        yield f"{place}: due {one.due}, not {rest}"
    days = (on.day - one.due).days if one.due and on.agreements.is_overdue(one) else 0
    is_late = any(word in rest for word in ("期限超過", "overdue"))
    if is_late != bool(days) or (days and f"{days:,}" not in rest and str(days) not in rest):
        yield f"{place}: {days} days late, not {rest}"
    in_year = fiscal_year(one.due) if one.due else programme_year(one.obligation, one.year)
    if any(word in rest for word in ("の期限に掲載", "in the calendar of")) != (in_year != one.year):
        yield f"{place}: stands in {in_year}, not {rest}"
    is_told = settled not in ("未確定", "nobody yet")
    if is_told != (one.state == "settled"):
        yield f"{place}: {one.state}, and the page says {settled}"
    elif is_told and day_of(settled.partition(" 名前")[0]) != one.since:
        yield f"{place}: settled on {one.since}, not {settled}"


@TRACE.table("back")
def back(on: OnTrace, table: Table) -> Iterator[str]:
    """Documents of the year's duties only."""
    for head, cells in table.rows:
        if not any(title in " ".join(cells) for title in TITLES):
            yield f"{head}: of no duty: {cells}"


# -- The list of agreements --

TRACES = Grammar("traces")
TRACES.always("条文から成果へ、成果から条文へ。", "From each article to what came of it, and back.")
for kind in (("基本協定", "Basic agreement"), ("研究支援事業に関する協定", "Research-support agreement")):
    TRACES.always(*kind)


def _state(on: OnTrace) -> bool:
    """The agreement named above it is in the state."""
    node = on.piece.node.parent
    name = next(one.text for one in node.all("h2")) if node else ""
    return on.piece.text in STATES_OF_AGREEMENTS[on.agreements.state(name.removeprefix("協定 "))]


for words in STATES_OF_AGREEMENTS.values():
    for japanese, english in zip(words[::2], words[1::2], strict=True):
        TRACES.says(japanese, english)(_state)
