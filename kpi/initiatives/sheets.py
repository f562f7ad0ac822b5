"""Initiatives → worksheets: T5's and T7's own layouts, a year's plans and results, and all of it as data. Pure, no queries.

Packs are in Japanese whatever the reader's language, so the printed words stand here and not in the catalogue.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from iconm_portal.display.sheets import Column, DataSheet, FormCell, FormSheet, data_sheet, form_sheet
from iconm_portal.display.sheets.summaries import MEANING, printed_text, summary_notes
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear, era_date, span_of_years
from kpi.initiatives.initiatives import Activity, Category, Scheme, ServedGoal, YearOfActivity

MAIN_SHEET = "主な取組"
LIST_SHEET = "研究支援事業一覧"
YEAR_SHEET = "取組の計画と結果"
DATA_SHEET = "データ_取組"
LIST_DATA = "データ_研究支援事業"
GOALS_DATA = "データ_取組の目標"


def activity_text(activity: Activity) -> str:
    """The activity as it is printed: 【新規】 behind a new one."""
    text = printed_text(activity.text, is_summary=activity.is_summary)
    return f"{text}{'【新規】' if activity.is_new else ''}"


class ActivityLine(NamedTuple):
    """A category with one of its activities; without one where it has none of its own."""

    scheme: Scheme
    category: Category
    activity: Activity | None

    @property
    def place(self) -> tuple[str, str]:
        """What the lines of a category share."""
        return self.scheme.code, self.category.code

    @property
    def printed(self) -> str:
        return activity_text(self.activity) if self.activity else ""

    def kept(self, year: FiscalYear) -> YearOfActivity | None:
        return self.activity.in_year(year) if self.activity else None


def _lines(schemes: Sequence[Scheme]) -> list[ActivityLine]:
    return [
        ActivityLine(scheme, category, activity)
        for scheme in schemes
        for category in scheme.categories
        for activity in category.activities or [None]
    ]


def main_sheet(center: Center, scheme: Scheme, *, known_at: date, name: str = MAIN_SHEET) -> FormSheet:
    """主な取組 (T5): the item, what is done, and the outcomes that it serves."""
    columns: list[Column[ActivityLine]] = [
        Column(
            heading=scheme.category_heading or "区分",
            width=24,
            printed=lambda line: FormCell(line.category.title, "label"),
            shared=lambda line: line.place,
        ),
        Column(heading="取組内容", width=78, value=lambda line: line.printed),
        Column(
            heading=scheme.goal_heading or "目標",
            width=26,
            value=lambda line: "\n".join(goal.label for goal in line.category.goals),
            shared=lambda line: line.place,
        ),
    ]
    return form_sheet(
        name,
        columns if scheme.has_goals else columns[:-1],
        _lines([scheme]),
        title=f"{center.name}　{scheme.label}",
        subtitle=_subtitle(scheme, known_at),
        notes=_notes(scheme),
        freeze_columns=1,
    )


LIST_COLUMNS: Sequence[Column[Category]] = (
    Column(heading="区分", width=10, printed=lambda one: FormCell(one.mark, "label", align="center")),
    Column(heading="名称", width=34, printed=lambda one: FormCell(f"{'　' * one.depth}{one.label}", "label")),
    Column(heading="内容", width=84, value=lambda one: "\n".join(map(activity_text, one.activities))),
)


def list_sheet(center: Center, scheme: Scheme, *, known_at: date, name: str = LIST_SHEET) -> FormSheet:
    """研究支援事業一覧 (T7): the printed mark, the category, and what it is about."""
    return form_sheet(
        name,
        LIST_COLUMNS,
        scheme.categories,
        title=f"{center.name}　{scheme.label}",
        subtitle=_subtitle(scheme, known_at),
        notes=_notes(scheme),
        freeze_columns=2,
    )


def _year_columns(center: Center, year: FiscalYear) -> Sequence[Column[ActivityLine]]:
    """A fiscal year's plan and result of every activity; blank is not entered yet."""

    def planned(line: ActivityLine) -> str:
        return kept.plan if (kept := line.kept(year)) else ""

    def reached(line: ActivityLine) -> str:
        return kept.result if (kept := line.kept(year)) else ""

    return (
        Column("fiscal_year", "number", lambda _line: year.start),
        Column("fiscal_year_wareki", value=lambda _line: year.wareki),
        Column("facility_code", value=lambda _line: center.code),
        Column("scheme_code", value=lambda line: line.scheme.code),
        Column("category_code", value=lambda line: line.category.code),
        Column("category_mark", value=lambda line: line.category.mark),
        Column("category_name", value=lambda line: line.category.label),
        Column(
            heading="区分",
            width=28,
            printed=lambda line: FormCell(f"{line.scheme.label}\n{line.category.title}", "label"),
            shared=lambda line: line.place,
        ),
        Column(heading="取組内容", width=40, value=lambda line: line.printed),
        Column("activity_code", value=lambda line: line.activity.code if line.activity else None),
        Column("activity", value=lambda line: line.activity.text if line.activity else None),
        Column(
            "is_summary", value=lambda line: str(int(line.activity.is_summary)) if line.activity else None
        ),
        Column("is_new", value=lambda line: str(int(line.activity.is_new)) if line.activity else None),
        Column(
            "plan",
            value=lambda line: planned(line) if line.activity else None,
            heading="計画",
            width=40,
            printed=lambda line: _text_cell(planned(line)),
        ),
        Column(
            "result",
            value=lambda line: reached(line) if line.activity else None,
            heading="結果",
            width=40,
            printed=lambda line: _text_cell(reached(line)),
        ),
    )


def year_sheet(
    center: Center, schemes: Sequence[Scheme], year: FiscalYear, *, known_at: date, name: str = YEAR_SHEET
) -> FormSheet:
    """What was planned and reached in the fiscal year."""
    return form_sheet(
        name,
        _year_columns(center, year),
        [line for line in _lines(schemes) if line.activity],
        title=f"{center.name}　{YEAR_SHEET}",
        subtitle=f"{year.wareki}　　{era_date(known_at)}現在",
        notes=["※ 空欄は未記入。", *summary_notes(any(_has_summary(scheme) for scheme in schemes))],
        freeze_columns=1,
    )


def initiatives_data(
    center: Center, schemes: Sequence[Scheme], year: FiscalYear, *, name: str = DATA_SHEET
) -> DataSheet:
    """One row for each activity with the year's plan and result, and one for a category that has none of its own."""
    return data_sheet(name, _year_columns(center, year), _lines(schemes))


def goals_data(center: Center, schemes: Sequence[Scheme]) -> DataSheet:
    """One row for each goal that a category serves."""
    columns: Sequence[Column[tuple[Scheme, Category, ServedGoal]]] = (
        Column("facility_code", value=lambda _row: center.code),
        Column("scheme_code", value=lambda row: row[0].code),
        Column("category_code", value=lambda row: row[1].code),
        Column("plan_code", value=lambda row: row[2].plan_code),
        Column("goal_code", value=lambda row: row[2].code),
        Column("goal", value=lambda row: row[2].label),
    )
    rows = [
        (scheme, category, goal)
        for scheme in schemes
        for category in scheme.categories
        for goal in category.goals
    ]
    return data_sheet(GOALS_DATA, columns, rows)


def definitions(schemes: Sequence[Scheme]) -> Iterator[tuple[str, str, str, str]]:
    """Rows for the sheet コード・定義: item, code, name, definition."""
    for scheme in schemes:
        yield "scheme_code", scheme.code, scheme.label, _years(scheme)
        for category in scheme.categories:
            yield "category_code", f"{scheme.code} / {category.code}", category.title, scheme.label
    if schemes:
        yield "is_new", "1", "新規", "資料に【新規】とあるもの。そのほかは 0"
        yield "is_summary", "1", "要旨", MEANING


def _text_cell(text: str) -> FormCell:
    return FormCell(text) if text else FormCell(None, "blank")


def _subtitle(scheme: Scheme, known_at: date) -> str:
    return f"{_years(scheme)}　　{era_date(known_at)}現在"


def _years(scheme: Scheme) -> str:
    return span_of_years(scheme.first_year.wareki, scheme.last_year.wareki if scheme.last_year else "")


def _notes(scheme: Scheme) -> list[str]:
    of_scheme = [f"※ {scheme.note}。"] if scheme.note else []
    return of_scheme + summary_notes(_has_summary(scheme))


def _has_summary(scheme: Scheme) -> bool:
    return any(activity.is_summary for activity in scheme.activities)
