"""Of the pack: 支援措置と負担金 and its データ: what is granted by which agreement, and how it stands against the total."""

import re
from collections.abc import Iterator
from datetime import date

from tests.generated.frame import GRANT_YEARS, last_of
from tests.generated.pages.papers.book import Records, Sheet
from tests.generated.pages.words import day, number, year, years
from tests.generated.reckoned_agreements import Agreements
from tests.generated.reckoned_land import End, Land
from tests.generated.reckoned_money import Money, gap, thousand

SUPPORT, SUPPORT_DATA = "支援措置と負担金", "データ_支援措置"
GRANT, LAND = "負担金 grant", "用地の無償貸付"


def faults(true: Agreements, free: Land, money: Money, sheet: Sheet) -> Iterator[str]:
    """The contribution year by year with its sum, and the land, by which agreement and for how long."""
    if day(sheet.above[1].removesuffix("現在")) != money.day:
        yield f"known on {money.day}, not {sheet.above[1]}"
    rows = sheet.records
    granted = [row for row in rows if row["支援措置"].startswith(GRANT)]
    yield from _of_years(true, money, granted)
    land = [row for row in rows if row["支援措置"].startswith(LAND)]
    if len(land) != 1 or len(granted) + 1 != len(rows):
        yield f"the measures are not {[row['支援措置'] for row in rows]}"
    for row in rows:
        code = "basic" if row in land else "research"
        yield from _head_faults(true, free, code, row)
    for row in land:
        yield from _land_faults(true, free, row["上限の確認・備考"])
    for note in sheet.notes:
        yield from _note_faults(true, free, note)


def _head_faults(true: Agreements, free: Land, code: str, row: dict[str, str]) -> Iterator[str]:
    """The agreement, as a draft before its conclusion, and the last day where that comes before the last year."""
    if ("（案）" in row["協定"]) != (true.state(code) == "draft"):
        yield f"{code} is {true.state(code)}, not {row['協定']}"
    end = _end(true, free, code)
    if ("まで）" in row["期間"]) != (end is not None) or (
        end and day(row["期間"].partition("（")[2].removesuffix("まで）")) != end
    ):
        yield f"{code} ends on {end}, not {row['期間']}"


def _end(true: Agreements, free: Land, code: str) -> date | None:
    """The day on which it ends before the year for which it was granted."""
    if code == "basic":
        end = free.end()
        return end.last_day if end else None
    last = true.last_day(code)
    return last if last and last < last_of(GRANT_YEARS[1]) else None


def _of_years(true: Agreements, money: Money, rows: list[dict[str, str]]) -> Iterator[str]:
    begun = sorted({*money.begun, *money.granted})
    sums = [row for row in rows if row["年度"] == "計"]
    told = [year(row["年度"]) for row in rows if row not in sums and row["年度"] != "－"]
    if told != begun:
        yield f"the years are {begun}, not {told}"
        return
    for row in rows:
        if row in sums or row["年度"] == "－":
            continue
        of, said = year(row["年度"]), row["上限の確認・備考"].split("。")
        yield from _amount(row["年度"], money.granted.get(of), row["予算"])
        yield from _amount(
            f"{row['年度']} settled", None, row["決算"]
        )  # nothing but budgets in these histories
        expected = ["予算額", "決算は未記録"] if of in money.granted else ["未記録"]
        if said[: len(expected)] != expected:
            yield f"{of}: {expected}, not {said}"
        revisions = [yen for granted, yen, known in money.log.support if granted == of and known <= money.day]
        is_told = f"改定{len(revisions)}：改定" in said
        if is_told != (len(revisions) > 1):
            yield f"{of}: recorded {len(revisions)} times, not {said}"
        agreed = any(one.startswith("年度協定 ") for one in said)
        if agreed != bool(true.concluded_on(f"research-{of}")):
            yield f"{of}: an annual agreement concluded on {true.concluded_on(f'research-{of}')}, not {said}"
    if bool(sums) != bool(money.granted):
        yield f"granted is {money.granted}, and the sums are {sums}"
    for row in sums:
        yield from _sum_faults(money, row)


def _amount(what: str, yen: int | None, said: str) -> Iterator[str]:
    if (yen is None) != (said == "") or (yen is not None and number(said) != thousand(yen)):
        yield f"{what}: {yen} yen, not {said or 'nothing'}"


def _sum_faults(money: Money, row: dict[str, str]) -> Iterator[str]:
    """No sum over a gap; kept is the total only where every year that is over has an amount; which have none is said."""
    total = sum(money.granted.values())
    yield from _amount("sum", None if gap(money.granted) else total, row["予算"])
    said = row["上限の確認・備考"].split("。")
    missing = [of for of in money.ungranted if of < money.running or of in gap(money.granted)]
    over = [of for of in money.ungranted if of < money.running]
    verdict = "上限内" if not over else "記録の範囲で上限内"
    if total > money.total:
        verdict = f"上限を{thousand(total - money.total):,}千円超過"
    if said[0] != verdict:
        yield f"{verdict}, not {said}"
    named = next((one for one in said if one.endswith("は未記録")), "").removesuffix("は未記録")
    if (list(years(named)) if named else []) != missing:
        yield f"nothing is recorded for {missing}, and told is {said}"
    if ("間に記録のない年度があるため、計は示さない" in said) != bool(gap(money.granted)):
        yield f"the gap is {gap(money.granted)}, not {said}"


def _land_faults(true: Agreements, free: Land, said: str) -> Iterator[str]:
    """By what the free use ended, or will; while it lasts, that there is no amount."""
    if true.state("basic") == "draft":
        # The contract for the land stands under the agreement.
        if "案（未締結）" not in said:
            yield f"the agreement is a draft, not {said}"
        return
    end = free.end()
    if end is None:
        if said != "年度ごとの額はない":
            yield f"it is free, not {said}"
        return
    verb = "終了" if end.last_day < true.day else "終了予定"
    rest = f"により、無償貸付は{_era(end.last_day)}限りで{verb}"
    if not said.endswith(rest) or not _ended_by(said.removesuffix(rest), end):
        yield f"it ends by {end}, not {said}"


def _ended_by(said: str, end: End) -> bool:
    """By the evaluation of a year, by the city's judgement on the performance, or with the agreement."""
    one = end.judgement
    if one is None:
        return said == "協定 basicの終了"
    if end.by == "effect":
        of, _mid, on = said.partition("の効果検証の判断")
        return year(of) == one.year and on == f"（{_era(one.on)}）"
    return bool(re.fullmatch(rf"財団が協定を履行しないとの市の判断（{_era(one.on)}、協定 basic.*）", said))


def _note_faults(true: Agreements, free: Land, note: str) -> Iterator[str]:
    """That the contribution ends with its agreement, or rests on a draft."""
    if not note.startswith(f"{GRANT}："):
        return
    said, end = note.partition("：")[2].removesuffix("。"), _end(true, free, "research")
    if "案（未締結）" in said:
        if true.state("research") != "draft":
            yield f"research is {true.state('research')}, not {said}"
        return
    verb = "終了" if end and end < true.day else "終了予定"
    if end is None or said != f"協定 researchの終了により、{_era(end)}限りで{verb}":
        yield f"research ends on {end}, not {said}"


def _era(of: date) -> str:
    era, first = ("平成", 1988) if of < date(2019, 5, 1) else ("令和", 2018)
    return f"{era}{'元' if of.year - first == 1 else of.year - first}年{of.month}月{of.day}日"


def data_faults(true: Agreements, free: Land, money: Money, rows: Records) -> Iterator[str]:
    """Each amount in force, the total, what is agreed for a year; and what rests on a draft or ends early."""
    told = {
        row["fiscal_year"]: row["value"]
        for row in rows
        if (row["item_code"], row["status"]) == ("grant", "budget")
    }
    expected = {of: thousand(yen) for of, yen in money.granted.items()}
    if told != expected:
        yield f"granted is {expected}, not {told}"
    totals = [row["value"] for row in rows if row["status"] == "period_total"]
    if totals != ([] if money.is_draft else [thousand(money.total)]):
        yield f"the total is {money.total}, not {totals}"
    is_draft = any(row["status"] == "draft" for row in rows)
    if is_draft != (true.state("basic") == "draft"):
        yield f"the agreements are drafts: {true.state('basic')}, not {is_draft}"
    ended = {row["plan_code"]: row["as_of"] for row in rows if str(row["status"]).startswith("ended_")}
    ends = {code: end for code in ("basic", "research") if (end := _end(true, free, code))}
    if ended != ends and not is_draft:
        yield f"the ends are {ends}, not {ended}"
