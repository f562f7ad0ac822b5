"""Of the pack: T1 (成果指標), T3 (KPI達成状況) and their データ: targets, actuals and notes of the day."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from tests.generated.chronicle_log import TargetKnown
from tests.generated.frame import BASELINE, CODES, INDICATORS, last_of
from tests.generated.pages.papers.book import Records, Sheet
from tests.generated.pages.values import INSTEAD, instead
from tests.generated.pages.words import day
from tests.generated.reckoned_kpis import Kpis, quantity, shown

Key = tuple[str, str, int]
TARGETS, ACHIEVEMENT = "成果指標（KPI）", "KPI達成状況"
TARGETS_DATA, ACHIEVEMENT_DATA = "データ_成果指標", "データ_KPI達成状況"
BLANKS = "空欄は未報告、「－」は該当なし。"
MARKS = "（見込）は決算見込、（途中）は年度途中の値。"
WORDS = {"met": "達成", "not_met": "未達"}


def targets_faults(kpis: Kpis, sheet: Sheet) -> Iterator[str]:
    """T1: the newest plan's targets, by which each year is judged, and before its first year what was reached by then."""
    plan = kpis.plans[-1]
    has_baseline = plan == BASELINE[0] and BASELINE in kpis.reports
    yield from _about(kpis, plan, sheet)
    heads = [f"{_wareki(of)} 目標" for of in kpis.years(plan)]
    if has_baseline:
        heads.insert(0, f"{_end_of_month(kpis.reports[BASELINE].as_of)} 実績")
    if sheet.heads[2:] != heads:
        yield f"the columns are {heads}, not {sheet.heads[2:]}"
        return
    for code, cells in _rows(plan, sheet):
        if has_baseline:
            yield from _differs(
                (*BASELINE[:1], code, BASELINE[1]), _actual(kpis, (plan, code, BASELINE[1])), cells.pop(0)
            )
        for of, said in zip(kpis.years(plan), cells, strict=True):
            yield from _differs((plan, code, of), _target(kpis, (plan, code, of)), said)
    notes = _notes_of_targets(kpis, plan)
    if has_baseline:
        label = _end_of_month(kpis.reports[BASELINE].as_of)
        held = [kpis.held.get((plan, one.code, BASELINE[1])) for one in INDICATORS[plan]]
        is_final = all(one is None or not one.is_number or one.certainty == "final" for one in held)
        so_far = "" if is_final else "（その日までの途中経過。決算見込額は年度末の見込み）"
        notes.append(f"{label}の実績は基準値{so_far}であり、各年度の目標とは比較しない。")
        notes += [BLANKS] if any(one is None or not one.is_number for one in held) else []
    yield from _other_notes(notes, sheet)


def achievement_faults(kpis: Kpis, sheet: Sheet) -> Iterator[str]:
    """T3: the current plan's targets and, for the years of which there is a report, its actuals; what speaks of less than a
    whole year, or is expected, says so."""
    plan = kpis.current() or ""
    yield from _about(kpis, plan, sheet)
    reported = [of for of in kpis.years(plan) if (plan, of) in kpis.reports]
    columns = [
        (of, what) for of in kpis.years(plan) for what in ("目標", *(["実績"] if of in reported else []))
    ]
    heads = [f"{_wareki(of)} {what}" for of, what in columns]
    if sheet.heads[2:] != heads:
        yield f"the columns are {heads}, not {sheet.heads[2:]}"
        return
    for code, cells in _rows(plan, sheet):
        for (of, what), said in zip(columns, cells, strict=True):
            expected = (_target if what == "目標" else _actual)(kpis, (plan, code, of))
            yield from _differs((plan, code, of), expected, said)
    held = [kpis.held.get((plan, one.code, of)) for one in INDICATORS[plan] for of in reported]
    notes = _notes_of_targets(kpis, plan)
    notes += [
        f"{one.name}（{_wareki(of)}）は、{instead(kpis, key)[0]}（報告値と異なる）。"
        for one in INDICATORS[plan]
        for of in reported
        if instead(kpis, key := (plan, one.code, of))
    ]
    numbers = [one for one in held if one and one.is_number]
    notes += [MARKS] if any(_mark(one.certainty, one.as_of, one.report.year) for one in numbers) else []
    notes += [BLANKS] if len(numbers) < len(held) else []
    yield from _other_notes(notes, sheet)


def data_faults(kpis: Kpis, targets: Records, achievement: Records) -> Iterator[str]:
    """The same figures in long form, each with its status and its day."""
    newest, current = kpis.plans[-1], kpis.current() or ""
    baseline = list(_actual_rows(kpis, *BASELINE)) if newest == BASELINE[0] else []
    expected = sorted([*baseline, *_target_rows(kpis, newest)], key=repr)
    if (told := sorted(map(_told, targets), key=repr)) != expected:
        yield f"{TARGETS_DATA}: {_apart(expected, told)}"
    rows = [*_target_rows(kpis, current)]
    for of in kpis.years(current):
        rows += _actual_rows(kpis, current, of)
    expected = sorted(rows, key=repr)
    if (told := sorted(map(_told, achievement), key=repr)) != expected:
        yield f"{ACHIEVEMENT_DATA}: {_apart(expected, told)}"


# -- What stands in a cell --


def _target(kpis: Kpis, key: Key) -> str:
    """The target that the year is judged by, and that another is in force by now."""
    judged = kpis.target_judged(key)
    mark = "（目標変更あり）" if kpis.is_moved(key) else ""
    return f"{_said(key[1], judged.value)}{mark}" if judged else ""


def _said(code: str, target: int) -> str:
    return f"{quantity(code, target)}{'以下' if CODES[code].at_most else ''}"


def _actual(kpis: Kpis, key: Key) -> str:
    held = kpis.held.get(key)
    if held is None or not held.is_number:
        return "－" if held else ""
    value = quantity(key[1], int(held.value))
    if key[0::2] == BASELINE:
        return f"{value}（決算見込額）" if held.certainty == "forecast" else value
    return f"{value}{_mark(held.certainty, held.as_of, key[2])}"


def _mark(certainty: str, known_of: date, of: int) -> str:
    """That it is expected, or speaks of a part of the year only."""
    if certainty == "forecast":
        return "（見込）"
    return "（途中）" if certainty == "interim" or known_of < last_of(of) else ""


# -- Notes --


def _notes_of_targets(kpis: Kpis, plan: str) -> list[str]:
    """Which targets are not the first of their year, and why; and by which the year is judged where another is in force."""
    notes = ["特許出願件数：前計画から。"] if plan == "second" else []
    for one in INDICATORS[plan]:
        for of in kpis.years(plan):
            key, judged = (plan, one.code, of), kpis.target_judged((plan, one.code, of))
            name = f"{one.name}（{_wareki(of)}目標）"
            if kpis.is_moved(key):
                notes.append(f"{name}：{_moved(kpis, key)}")
            elif judged and _is_revised(kpis, judged):
                notes.append(f"{name}は改定されている：{judged.reason}")
    return notes


def _is_revised(kpis: Kpis, target: TargetKnown) -> bool:
    """Whether another was recorded before it."""
    return next(one for one in kpis.log.targets if _key(one) == _key(target)) is not target


def _key(target: TargetKnown) -> Key:
    return target.plan, target.indicator, target.year


def _moved(kpis: Kpis, key: Key) -> str:
    now, judged = kpis.targets[key], kpis.target_judged(key)
    since = max(now.known, now.in_force)
    said = f"目標変更あり。実績の受理後、{_era(since)}から{_said(key[1], now.value)}。達成状況は"
    said += f"受理時の目標{_said(key[1], judged.value)}による" if judged else "受理時は目標がない"
    band = kpis.band_by(key, now.value)
    if band:
        said += f"（変更後の目標では{WORDS[band]}{'見込' if kpis.is_forecast(key) else ''}）"
    return f"{said}。理由：{now.reason}" if now.reason else said


# -- データ --


def _target_rows(kpis: Kpis, plan: str) -> Iterator[tuple[Any, ...]]:
    for one in INDICATORS[plan]:
        for of in kpis.years(plan):
            key = (plan, one.code, of)
            judged, is_moved = kpis.target_judged(key), kpis.is_moved(key)
            if judged:
                note = "；".join(filter(None, ["目標変更あり" if is_moved else "", judged.reason]))
                yield *key, "target", shown(one.code, judged.value), None, note
            if is_moved:
                yield (
                    *key,
                    "target_changed",
                    shown(one.code, kpis.targets[key].value),
                    None,
                    _moved(kpis, key),
                )


def _actual_rows(kpis: Kpis, plan: str, of: int) -> Iterator[tuple[Any, ...]]:
    for one in INDICATORS[plan]:
        if held := kpis.held.get((plan, one.code, of)):
            value = shown(one.code, int(held.value)) if held.is_number else None
            certainty = held.certainty if held.is_number else "-"
            note = instead(kpis, (plan, one.code, of))
            yield plan, one.code, of, certainty, value, held.as_of, note[0] if note else ""


def _told(row: dict[str, Any]) -> tuple[Any, ...]:
    key = (row["plan_code"], row["item_code"], row["fiscal_year"])
    if str(row["status"]).startswith("target"):
        return *key, row["status"], row["value"], None, row["note"] or ""
    last = str(row["note"] or "").rpartition("；")[
        2
    ]  # the note is people's; what is said instead stands after it
    said = last if last.startswith(tuple(words for words, _english in INSTEAD.values())) else ""
    return *key, row["status"] if row["value"] is not None else "-", row["value"], row["as_of"], said


def _apart(expected: list[Any], told: list[Any]) -> str:
    missing = [one for one in expected if one not in told]
    return f"missing {missing}, false {[one for one in told if one not in expected]}"


# -- The sheet --


def _about(kpis: Kpis, plan: str, sheet: Sheet) -> Iterator[str]:
    of, _blank, known = sheet.above[1].partition("　　")
    if of != f"計画 {plan}" or day(known.removesuffix("現在")) != kpis.day:
        yield f"the plan {plan} on {kpis.day}, not {sheet.above[1]}"


def _rows(plan: str, sheet: Sheet) -> Iterator[tuple[str, list[str]]]:
    names = [one.name for one in INDICATORS[plan]]
    told = [row[1] for row in sheet.rows]
    if told != names:
        raise LookupError(f"the indicators are {names}, not {told}")
    for one, row in zip(INDICATORS[plan], sheet.rows, strict=True):
        yield one.code, row[2:]


def _differs(key: Key, expected: str, said: str) -> Iterator[str]:
    if said != expected:
        yield f"{key}: {expected or 'nothing'}, not {said or 'nothing'}"


def _other_notes(expected: list[str], sheet: Sheet) -> Iterator[str]:
    for note in expected:
        if note not in sheet.notes:
            yield f"is not told: {note}"
    for note in sheet.notes:
        if note not in expected:
            yield f"may not be said: {note}"


def _wareki(of: int) -> str:
    return f"平成{of - 1988}年度" if of < 2019 else f"令和{'元' if of == 2019 else of - 2018}年度"


def _era(of: date) -> str:
    """令和元年5月1日."""
    if of < date(2019, 5, 1):
        return f"平成{of.year - 1988}年{of.month}月{of.day}日"
    return f"令和{'元' if of.year == 2019 else of.year - 2018}年{of.month}月{of.day}日"


def _end_of_month(of: date) -> str:
    """平成28年3月末: the day before the plan, always the last of a month."""
    return f"{_era(of)[: -len(f'{of.day}日')]}末"
