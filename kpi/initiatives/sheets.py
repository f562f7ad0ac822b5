"""Initiatives → worksheets: T5's and T7's own layouts, a year's plans and results, and all of it as data. Pure, no queries.

Packs are in Japanese whatever the reader's language, so the printed words stand here and not in the catalogue.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from iconm_portal.display.sheets import Column, DataSheet, FormCell, FormSheet
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear, era_date
from kpi.initiatives.initiatives import Activity, Category, Scheme

MAIN_SHEET = "主な取組"
LIST_SHEET = "研究支援事業一覧"
YEAR_SHEET = "取組の計画と結果"
DATA_SHEET = "データ_取組"
LIST_DATA = "データ_研究支援事業"
GOALS_DATA = "データ_取組の目標"

DATA_COLUMNS = (
    Column("fiscal_year", "number"),
    Column("fiscal_year_wareki"),
    Column("facility_code"),
    Column("scheme_code"),
    Column("category_code"),
    Column("category_mark"),
    Column("category_name"),
    Column("activity_code"),
    Column("activity"),
    Column("is_new"),
    Column("plan"),
    Column("result"),
)
GOALS_COLUMNS = (
    Column("facility_code"),
    Column("scheme_code"),
    Column("category_code"),
    Column("plan_code"),
    Column("goal_code"),
    Column("goal"),
)


def activity_text(activity: Activity) -> str:
    """The activity as it is printed: 【新規】 behind a new one."""
    return f"{activity.text}{'【新規】' if activity.is_new else ''}"


def main_sheet(center: Center, scheme: Scheme, *, known_at: date, name: str = MAIN_SHEET) -> FormSheet:
    """主な取組 (T5): the item, what is done, and the outcomes that it serves."""
    headings = [scheme.category_heading or "区分", "取組内容"]
    if scheme.has_goals:
        headings.append(scheme.goal_heading or "目標")
    body = [
        row for category in scheme.categories for row in _main_rows(category, with_goals=scheme.has_goals)
    ]
    return FormSheet(
        name=name,
        title=f"{center.name}　{scheme.label}",
        subtitle=_subtitle(scheme, known_at),
        widths=[24, 78, *([26] if scheme.has_goals else [])],
        heading=[_headings(headings)],
        body=body,
        notes=_notes(scheme),
        freeze_columns=1,
    )


def _main_rows(category: Category, *, with_goals: bool) -> Iterator[list[FormCell]]:
    texts = [activity_text(activity) for activity in category.activities] or [""]
    for number, text in enumerate(texts):
        cells = [FormCell(text)]
        if number == 0:
            cells.insert(0, FormCell(category.title, "label", rowspan=len(texts)))
            if with_goals:
                goals = "\n".join(goal.label for goal in category.goals)
                cells.append(FormCell(goals, rowspan=len(texts)))
        yield cells


def list_sheet(center: Center, scheme: Scheme, *, known_at: date, name: str = LIST_SHEET) -> FormSheet:
    """研究支援事業一覧 (T7): the printed mark, the category, and what it is about."""
    body = [
        [
            FormCell(category.mark, "label", align="center"),
            FormCell(f"{'　' * category.depth}{category.label}", "label"),
            FormCell("\n".join(activity_text(activity) for activity in category.activities)),
        ]
        for category in scheme.categories
    ]
    return FormSheet(
        name=name,
        title=f"{center.name}　{scheme.label}",
        subtitle=_subtitle(scheme, known_at),
        widths=[10, 34, 84],
        heading=[_headings(["区分", "名称", "内容"])],
        body=body,
        notes=_notes(scheme),
        freeze_columns=2,
    )


def year_sheet(
    center: Center, schemes: Sequence[Scheme], year: FiscalYear, *, known_at: date, name: str = YEAR_SHEET
) -> FormSheet:
    """A fiscal year's plan and result of every activity; blank is not entered yet."""
    body = []
    for scheme in schemes:
        for category in scheme.categories:
            for number, activity in enumerate(category.activities):
                kept = activity.in_year(year)
                cells = [
                    FormCell(activity_text(activity)),
                    _text_cell(kept.plan if kept else ""),
                    _text_cell(kept.result if kept else ""),
                ]
                if number == 0:
                    rows = len(category.activities)
                    cells.insert(0, FormCell(f"{scheme.label}\n{category.title}", "label", rowspan=rows))
                body.append(cells)
    return FormSheet(
        name=name,
        title=f"{center.name}　{YEAR_SHEET}",
        subtitle=f"{year.wareki}　　{era_date(known_at)}現在",
        widths=[28, 40, 40, 40],
        heading=[_headings(["区分", "取組内容", "計画", "結果"])],
        body=body,
        notes=["※ 空欄は未記入。"],
        freeze_columns=1,
    )


def initiatives_data(
    center: Center, schemes: Sequence[Scheme], year: FiscalYear, *, name: str = DATA_SHEET
) -> DataSheet:
    """One row for each activity with the year's plan and result, and one for a category that has none of its own."""
    rows = [
        (
            year.start,
            year.wareki,
            center.code,
            scheme.code,
            category.code,
            category.mark,
            category.label,
            *values,
        )
        for scheme in schemes
        for category in scheme.categories
        for values in _activity_values(category, year)
    ]
    return DataSheet(name, DATA_COLUMNS, rows)


def _activity_values(category: Category, year: FiscalYear) -> Iterator[tuple[str | None, ...]]:
    if not category.activities:
        yield (None,) * 5
    for activity in category.activities:
        kept = activity.in_year(year)
        texts = (kept.plan, kept.result) if kept else ("", "")
        yield (activity.code, activity.text, "1" if activity.is_new else "0", *texts)


def goals_data(center: Center, schemes: Sequence[Scheme]) -> DataSheet:
    """One row for each goal that a category serves."""
    rows = [
        (center.code, scheme.code, category.code, goal.plan_code, goal.code, goal.label)
        for scheme in schemes
        for category in scheme.categories
        for goal in category.goals
    ]
    return DataSheet(GOALS_DATA, GOALS_COLUMNS, rows)


def definitions(schemes: Sequence[Scheme]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    for scheme in schemes:
        yield "scheme_code", scheme.code, scheme.label, _years(scheme)
        for category in scheme.categories:
            yield "category_code", f"{scheme.code} / {category.code}", category.title, scheme.label
    if schemes:
        yield "is_new", "1", "新規", "資料に【新規】とあるもの。そのほかは 0"


def _headings(texts: Sequence[str]) -> list[FormCell]:
    return [FormCell(text, "heading") for text in texts]


def _text_cell(text: str) -> FormCell:
    return FormCell(text) if text else FormCell(None, "blank")


def _subtitle(scheme: Scheme, known_at: date) -> str:
    return f"{_years(scheme)}　　{era_date(known_at)}現在"


def _years(scheme: Scheme) -> str:
    return f"{scheme.first_year.wareki}〜{scheme.last_year.wareki if scheme.last_year else ''}"


def _notes(scheme: Scheme) -> list[str]:
    return [f"※ {scheme.note}。"] if scheme.note else []
