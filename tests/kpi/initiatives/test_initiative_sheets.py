"""T5 and T7 as sheets: opened again, cell by cell, in the report's own layout."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook
from time_machine import TimeMachineFixture

from iconm_portal.display.sheets import Book
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.initiatives import actions, initiatives, sheets
from tests.builders.initiatives import make_category, make_goal, make_scheme, make_year
from tests.builders.plans import make_plan, tokyo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]
DAY, YEAR = date(2026, 11, 24), FiscalYear(2026)


def test_the_sheets_say_what_the_pages_say(center: Center, foundation_staff: User) -> None:
    plan = make_plan(center)
    goals = [make_goal(plan), make_goal(plan, "site", "拠点")]
    category = make_category(make_scheme(center), goals=goals, activities=2)
    make_category(make_scheme(center, code="old", years=(2019, 2021)), "iv")
    make_year(category.initiatives.get(code="a1"), 2026, by=foundation_staff, plan="続ける", result="=1+1")
    every = initiatives.load(center, year=YEAR)
    main, old = every
    book = Book(title="x", created=DAY)
    book.form_sheet(sheets.main_sheet(center, main, known_at=DAY))
    book.form_sheet(sheets.list_sheet(center, old, known_at=DAY))
    book.form_sheet(sheets.year_sheet(center, [main], YEAR, known_at=DAY))
    book.data_sheet(sheets.initiatives_data(center, [main], YEAR))
    read = load_workbook(io.BytesIO(book.to_bytes()))

    def cells(name: str) -> list[list[object]]:
        return [[cell for cell in row if cell is not None] for row in read[name].iter_rows(values_only=True)]

    assert ["区分 funding", "fundingの取組0（要旨）", "上市\n拠点"] in cells("主な取組")
    assert ["fundingの取組1（要旨）"] in cells("主な取組")
    assert ["区分 iv", "ivの取組0（要旨）"] in cells("研究支援事業一覧")
    assert ["fundingの取組1（要旨）", "続ける", "=1+1"] in cells("取組の計画と結果")
    head, first, second = read["データ_取組"].iter_rows(values_only=True)
    assert dict(zip(head, second, strict=True)) == {
        "fiscal_year": 2026,
        "fiscal_year_wareki": "令和8年度",
        "facility_code": "lab",
        "scheme_code": "main",
        "category_code": "funding",
        "category_mark": None,
        "category_name": "区分 funding",
        "activity_code": "a1",
        "activity": "fundingの取組1",
        "is_summary": "1",
        "is_new": "0",
        "plan": "続ける",
        "result": "=1+1",
    }
    assert first[-2:] == (None, None)
    served = sheets.goals_data(center, [main]).rows
    assert [row[-2:] for row in served] == [("launch", "上市"), ("site", "拠点")]
    formulas = [cell for sheet in read for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []


def test_a_text_saved_later_does_not_reach_an_earlier_day(
    center: Center, foundation_staff: User, time_machine: TimeMachineFixture
) -> None:
    activity = make_category(make_scheme(center)).initiatives.get()
    first = make_year(activity, 2026, by=foundation_staff, plan="はじめの計画")
    later = DAY + timedelta(days=7)
    time_machine.move_to(tokyo(later))
    actions.keep_year(
        initiative=activity,
        fiscal_year=YEAR,
        version=first.version,
        plan="はじめの計画",
        result="できた",
        by=foundation_staff,
        at=tokyo(later),
    )

    def known(day: date) -> list[tuple[str, str]]:
        (scheme,) = initiatives.load(center, known_at=day)
        return [(kept.plan, kept.result) for _activity, kept in initiatives.kept_in([scheme], YEAR)]

    assert known(DAY - timedelta(days=1)) == []
    assert known(DAY) == [("はじめの計画", "")]
    assert known(later) == [("はじめの計画", "できた")]
