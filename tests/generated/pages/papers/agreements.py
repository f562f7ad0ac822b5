"""Of the pack: the sheets of duties and verifications, which everybody may read, say what the pages say of the day."""

from collections.abc import Iterator
from datetime import date

from tests.generated.frame import fiscal_year
from tests.generated.pages.duties import TITLES
from tests.generated.pages.papers.book import Sheet
from tests.generated.pages.words import day as day_of
from tests.generated.pages.words import year as year_of
from tests.generated.reckoned import Day
from tests.generated.reckoned_agreements import JOINT, Agreements
from tests.generated.reckoned_land import Land

DUTIES, VERIFICATIONS = "義務の履行状況", "検証"
PROGRESS = {
    "settled": "履行済み",
    "corrected": "履行済み（検証後に訂正あり）",
    "changed": "履行済み（判断後に数値の変更あり）",
    "handed_in": "提出済み（確定前）",
    "overdue": "期限超過",
    "open": "未履行",
    "not_stored": "未登録",
    "draft": "予定（案）",
    "dropped": "改定により不要",
}
DONE = ("settled", "corrected", "changed")
KINDS = {"kpi": "成果指標の検証", "settlement": "報告・決算の検証", "effect": "効果検証"}
ENDED, FALLS = "終了（協定の終了による）", "協定の終了により不要"
VERDICTS = {"meets": "規定に適合", "does_not_meet": "規定に適合しない"}


def duties_faults(true: Agreements, then: Day, sheet: Sheet) -> Iterator[str]:
    """Exactly what falls due within the year, or concerns it without a date, and where each stands. Once the agreement is over,
    what was settled before stays so, and the rest ended with it."""
    expected, is_over = then.duties(), true.state("basic") == "ended"
    end = true.last_day("basic")
    told = []
    for row in sheet.records:
        key = (TITLES[str(row["義務"])], year_of(str(row["対象年度"])))
        told.append(key)
        if key not in expected:
            yield f"{key} is no duty of FY{fiscal_year(then.day)}"
            continue
        state, due = expected[key]
        said = str(row["状況"])
        wanted = PROGRESS[state]
        if is_over and state not in (*DONE, "dropped"):
            stand = true.duties.get(key)  # what was handed in before is still answered
            wanted = PROGRESS["handed_in"] if stand and stand.state == "in" else ENDED
        elif state == "open" and end is not None and due is not None and due > end:
            wanted, due = FALLS, None
        if said != wanted:
            yield f"{key}: {wanted}, not {said}"
        if (None if row["期限"] in (None, "", "－") else day_of(str(row["期限"]))) != due:
            yield f"{key}: due {due}, not {row['期限']}"
        if bool(row["確定日"]) != (state in DONE):
            yield f"{key}: {state}, and settled on {row['確定日']}"
    # What would be due after the agreement's end is not owed any more. Done all the same, it is told of where it was stored.
    for key in expected.keys() - set(told):
        state, due = expected[key]
        if end is None or (state in DONE and (then.steps(*key) or (due or date(key[1], 4, 1)) <= end)):
            yield f"{key} is not told: {expected[key]}"


def verifications_faults(true: Agreements, land: Land, sheet: Sheet) -> Iterator[str]:
    """Exactly those that are settled, the verdict that holds, and that what one rests on became something else."""
    keys = {(str(paper[1]), int(str(paper[2]))) for paper in true.papers_of("verification")}
    expected = {key: step for key in keys if (step := true.in_force(*key))}
    told = []
    for row in sheet.records:
        kind = next(kind for kind, words in KINDS.items() if str(row["検証"]).startswith(words))
        key = (kind, year_of(str(row["年度"])))
        told.append(key)
        said = str(row["結果・判断"])
        step = expected[key]
        if day_of(str(row["確定日"])) != step.on:
            yield f"{key}: settled on {step.on}, not {row['確定日']}"
        mark = "【検証後に訂正あり】" if kind in JOINT else "【判断後に変更あり】"
        if said.startswith(mark) != bool(true.corrected(*key)):
            yield f"{key}: corrected on {true.corrected(*key)}, and the sheet says {said}"
        lines = said.split("\n")
        if kind not in JOINT:
            yield from _verdict_faults(land, key[1], lines)
    if sorted(told) != sorted(expected):
        yield f"settled are {sorted(expected)}, told are {sorted(told)}"


def _verdict_faults(land: Land, year: int, lines: list[str]) -> Iterator[str]:
    """The verdict that holds, and after it those that it replaced."""
    holds, word = land.verdict(year), {True: VERDICTS["meets"], False: VERDICTS["does_not_meet"]}
    wrong = [one for one in land.known if one.year == year and one is not holds]
    said = next((line for line in lines if line.partition("【")[0] in VERDICTS.values()), "")
    if said.partition("【")[0] != word[holds.is_free]:
        yield f"{year}: {holds}, and the sheet says {lines}"
    earlier = said.partition("訂正前：")[2].partition("。")[0]
    told = [one.partition("（")[0] for one in earlier.split("、") if one]
    if told != [word[one.is_free] for one in wrong]:
        yield f"{year}: {wrong} were corrected, and the sheet says {lines}"
