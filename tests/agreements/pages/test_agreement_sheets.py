"""Support measures and duties in the committee pack: T8 digit for digit, blank and 「－」 and 0 apart, nothing leaks."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from agreements.duties import actions as duty_actions
from agreements.duties import duty_status, programme_actions, sheets
from agreements.duties.duty_status import Progress
from agreements.models import AmountStage, Duty, VerificationKind
from agreements.support.actions import record_amount
from iconm_portal.display.sheets import LONG_FORM_COLUMNS, Book
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.papers import pack
from tests.builders.agreements import a_pdf, make_agreement, make_consultation, make_obligation
from tests.builders.plans import TRIALS, make_plan, tokyo
from tests.builders.support import make_land, make_measure, make_verification_obligation

pytestmark = pytest.mark.django_db
PUBLISHED = date(2022, 1, 27)
DAY = date(2026, 6, 30)

# Typed from T2 and T8: year, budget, settled.
STARTUP = [
    ("平成27年度", None, 250000),
    ("平成28年度", None, 220000),
    ("平成29年度", None, 160000),
    ("平成30年度", None, 130000),
    ("令和元年度", None, 80000),
    ("令和2年度", None, 50000),
    ("令和3年度", None, None),
    ("計", None, 890000),
]
PROMOTION = [
    ("令和元年度", None, 100000),
    ("令和2年度", None, 110000),
    ("令和3年度", 110000, None),
    ("計", 110000, 210000),
]


def build(center: Center, day: date) -> bytes:
    return pack.contents(center, as_of=day).to_bytes()


def rows_of(data: bytes, name: str) -> list[list[object]]:
    sheet = load_workbook(io.BytesIO(data))[name]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def long_rows(data: bytes, name: str) -> list[dict[str, object]]:
    """Read by another library than the one that wrote."""
    heading, *rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(name).to_python()
    assert [str(key) for key in heading] == [column.key for column in LONG_FORM_COLUMNS]
    return [dict(zip(map(str, heading), row, strict=True)) for row in rows]


# -- Support measures --


def test_contributions_year_by_year(iconm) -> None:
    rows = rows_of(build(iconm, PUBLISHED), "支援措置と負担金")
    first = next(number for number, row in enumerate(rows) if str(row[0]).startswith("立ち上げ期間の支援"))
    assert [tuple(row[4:7]) for row in rows[first : first + 8]] == STARTUP
    assert rows[first][3] == "7年間の総額 9億円"
    assert rows[first + 6][7] == "資料に記載なし"
    assert rows[first + 7][7] == "上限内。R3は資料に記載なし"
    second = next(
        number for number, row in enumerate(rows) if str(row[0]).startswith("研究促進負担金（令和元年度")
    )
    assert [tuple(row[4:7]) for row in rows[second : second + 4]] == PROMOTION
    assert "確認不可" in str(rows[second][7])


def test_loan_and_land(iconm) -> None:
    rows = rows_of(build(iconm, PUBLISHED), "支援措置と負担金")
    loan = next(row for row in rows if str(row[0]).startswith("整備資金の貸付"))
    assert loan[4:7] == ["－", "－", "－"]
    assert loan[7] == "貸付額 10億円。年度ごとの支出はない"
    assert sum(str(row[0]).startswith("用地の無償貸付") for row in rows) == 2


def test_long_form_holds_every_amount_and_no_other(iconm) -> None:
    rows = long_rows(build(iconm, PUBLISHED), "データ_支援措置")
    settled = {
        (row["item_code"], row["fiscal_year"]): row["value"] for row in rows if row["status"] == "settled"
    }
    assert settled == {
        ("startup-contribution", 2015): 250000,
        ("startup-contribution", 2016): 220000,
        ("startup-contribution", 2017): 160000,
        ("startup-contribution", 2018): 130000,
        ("startup-contribution", 2019): 80000,
        ("startup-contribution", 2020): 50000,
        ("promotion-r1", 2019): 100000,
        ("promotion-r1", 2020): 110000,
    }
    assert [(row["item_code"], row["value"]) for row in rows if row["status"] == "budget"] == [
        ("promotion-r1", 110000)
    ]
    totals = {row["item_code"]: row["value"] for row in rows if row["status"] == "period_total"}
    assert totals == {"startup-contribution": 900000, "construction-loan": 1000000}
    assert {row["unit"] for row in rows if row["value"] not in (None, "")} == {"千円"}
    assert {row["facility_code"] for row in rows} == {"iconm"}


def test_every_status_and_code_is_defined(iconm) -> None:
    data = build(iconm, PUBLISHED)
    defined = {(row[0], row[1]) for row in rows_of(data, "コード・定義")}
    for row in long_rows(data, "データ_支援措置"):
        assert ("status", row["status"]) in defined
        assert ("item_code", f"{row['plan_code']} / {row['item_code']}") in defined
        assert ("plan_code", row["plan_code"]) in defined


@pytest.fixture
def known(center) -> Center:
    """A center of which a target is known, so that there is a pack."""
    make_plan(center, indicators=[TRIALS], targets={"trials": 10})
    return center


def test_zero_blank_and_not_applicable_differ(known, city_staff) -> None:
    agreement = make_agreement(known)
    measure = make_measure(agreement)
    make_land(agreement)
    record_amount(
        measure=measure,
        fiscal_year=FiscalYear(2022),
        stage=AmountStage.SETTLED,
        amount=0,
        seen=0,
        by=city_staff,
        at=tokyo(DAY),
    )
    data = build(known, DAY)
    cells = {row[4]: row[6] for row in rows_of(data, "支援措置と負担金")}
    assert (cells["令和4年度"], cells["令和5年度"], cells["－"]) == (0, None, "－")
    rows = long_rows(data, "データ_支援措置")
    assert [(row["fiscal_year"], row["value"]) for row in rows if row["status"] == "settled"] == [(2022, 0)]


def test_what_was_recorded_later_does_not_reach_an_earlier_day(known, city_staff) -> None:
    measure = make_measure(make_agreement(known))
    before = build(known, DAY)
    record_amount(
        measure=measure,
        fiscal_year=FiscalYear(2022),
        stage=AmountStage.SETTLED,
        amount=5_000_500,
        seen=0,
        by=city_staff,
        at=tokyo(date(2026, 7, 1)),
    )
    assert build(known, DAY) == before
    later = long_rows(build(known, date(2026, 7, 1)), "データ_支援措置")
    assert [row["value"] for row in later if row["status"] == "settled"] == [5000.5]


def test_a_center_without_measures_or_duties_has_no_such_sheets(known) -> None:
    assert [
        name
        for name in load_workbook(io.BytesIO(build(known, DAY))).sheetnames
        if "支援" in name or "義務" in name
    ] == []


# -- Duties --


def standing(center: Center, day: date = DAY, year: int = 2026) -> dict[tuple[str, int], Progress]:
    return {
        (one.obligation.code, one.year.start): one.progress
        for one in duty_status.load(center, FiscalYear(year), known_at=day)
    }


def store(center: Center, by, day: date) -> None:
    programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=by, at=tokyo(day))


def hand_in(duty: Duty, by, day: date) -> Duty:
    documents = [(required, a_pdf()) for required in duty.obligation.required_documents.all()]
    return duty_actions.save_and_submit(
        duty=duty, version=duty.version, note="", documents=documents, by=by, at=tokyo(day)
    )


def the_report() -> Duty:
    return Duty.objects.get(obligation__code="report", fiscal_year=FiscalYear(2025))


def test_how_a_duty_stood_on_each_day(center, city_staff, foundation_staff) -> None:
    make_obligation(make_agreement(center), documents=2)
    key = ("report", 2025)
    assert standing(center, date(2026, 5, 31))[key] is Progress.NOT_STORED
    assert standing(center, date(2026, 6, 1))[key] is Progress.OVERDUE  # due all the same
    store(center, city_staff, date(2026, 4, 1))
    assert standing(center, date(2026, 5, 31))[key] is Progress.OPEN
    assert standing(center, date(2026, 6, 1))[key] is Progress.OVERDUE
    duty = hand_in(the_report(), foundation_staff, date(2026, 6, 10))
    assert standing(center, date(2026, 6, 9))[key] is Progress.OVERDUE
    assert standing(center, date(2026, 6, 10))[key] is Progress.HANDED_IN
    opened = duty_actions.open_review(
        duty=duty, version=duty.version, by=city_staff, at=tokyo(date(2026, 6, 11))
    )
    duty_actions.accept(duty=opened, version=opened.version, by=city_staff, at=tokyo(date(2026, 6, 12)))
    assert standing(center, date(2026, 6, 11))[key] is Progress.HANDED_IN
    assert standing(center, date(2026, 6, 12))[key] is Progress.SETTLED


def test_an_unsigned_agreement_asks_for_nothing_yet(center) -> None:
    make_obligation(make_agreement(center, concluded=None))
    assert set(standing(center).values()) == {Progress.DRAFT}


def test_a_verification_fulfils_its_duty(center, city_staff, foundation_staff) -> None:
    from_agreement = make_agreement(center)
    make_verification_obligation(from_agreement, VerificationKind.EFFECT)
    assert standing(center)["verify-effect", 2025] is Progress.NOT_STORED


def test_what_is_only_handed_in_is_told_and_not_shown(known, city_staff, foundation_staff) -> None:
    make_obligation(make_agreement(known), documents=2)
    store(known, city_staff, date(2026, 4, 1))
    hand_in(the_report(), foundation_staff, date(2026, 5, 20))
    data = build(known, DAY)
    row = next(
        row
        for row in rows_of(data, "義務の履行状況")
        if row[2] == "事業報告書と収支決算書の提出" and row[4] == "令和7年度"
    )
    assert row[5:9] == ["R8.5.31", "書類1\n書類2", "提出済み（確定前）", None]
    said = [(r["status"], r["value"]) for r in long_rows(data, "データ_履行事項") if r["fiscal_year"] == 2025]
    assert said == [("documents_required", 2), ("handed_in", "")]


def test_an_extension_stands_beside_the_first_date(known, city_staff, foundation_staff) -> None:
    make_obligation(make_agreement(known))
    store(known, city_staff, date(2026, 4, 1))
    talk = make_consultation(
        known, proposer=city_staff, confirmer=foundation_staff, held_on=date(2026, 5, 20)
    )
    duty = the_report()
    duty_actions.extend(
        duty=duty,
        version=duty.version,
        due_on=date(2026, 7, 31),
        reason="監査の遅れ",
        consultation=talk,
        by=city_staff,
        at=tokyo(date(2026, 5, 21)),
    )
    (one,) = [
        one for one in duty_status.load(known, FiscalYear(2026), known_at=DAY) if one.year.start == 2025
    ]
    assert (one.first_due, one.due_on, one.progress) == (date(2026, 5, 31), date(2026, 7, 31), Progress.OPEN)
    (before,) = [
        one
        for one in duty_status.load(known, FiscalYear(2026), known_at=date(2026, 5, 20))
        if one.year.start == 2025
    ]
    assert before.due_on == date(2026, 5, 31)
    row = next(row for row in rows_of(build(known, DAY), "義務の履行状況") if row[4] == "令和7年度")
    assert row[9] == "R8.5.31から延長：監査の遅れ"


def test_no_documents_asked_for_is_zero_and_not_blank(center, city_staff) -> None:
    make_obligation(make_agreement(center))
    duties = duty_status.load(center, FiscalYear(2026), known_at=DAY)
    book = Book(title="t", created=DAY)
    book.data_sheet(sheets.duties_data(center, duties, known_at=DAY))
    rows = long_rows(book.to_bytes(), "データ_履行事項")
    assert [(row["status"], row["value"]) for row in rows] == [("documents_required", 0), ("overdue", "")]
    assert [row["note"] for row in rows] == ["未登録", "期限超過"]


@pytest.mark.parametrize("number", [1, 12])
def test_query_count_is_constant(center, city_staff, number, django_assert_max_num_queries) -> None:
    agreement = make_agreement(center)
    for n in range(number):
        make_obligation(agreement, code=f"report-{n}", documents=2)
    store(center, city_staff, date(2026, 4, 1))
    with django_assert_max_num_queries(14):
        assert len(duty_status.load(center, FiscalYear(2026), known_at=DAY)) == number
