"""No sheet and no table claims more than what holds: what rests on a draft, by what something ended, whose words it is."""

from datetime import date
from typing import Any

import pytest

from agreements.endings import judgement_actions
from agreements.endings.judgement_actions import Judged
from agreements.instruments import ending_actions, reported_facts
from agreements.models import AgreementKind, AmountStage
from agreements.pages import fact_sheets, overview, overview_sheets
from agreements.support import sheets, support
from agreements.support.actions import record_amount
from iconm_portal.display.sheets import DataSheet, FormSheet
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, proposed_ending
from tests.builders.plans import tokyo
from tests.builders.support import make_land, make_measure

pytestmark = pytest.mark.django_db
DAY = date(2026, 10, 1)
LAND = "agreements.support/lab/free-land"


def rows(data: DataSheet) -> list[dict[str, Any]]:
    keys = [column.key for column in data.columns]
    return [dict(zip(keys, row, strict=True)) for row in data.rows]


def text(sheet: FormSheet) -> str:
    cells = [str(cell.value) for line in sheet.body for cell in line if cell.value is not None]
    return "\n".join([*cells, *sheet.notes])


def granted(center: Center, day: date = DAY) -> tuple[str, list[dict[str, Any]]]:
    measures = support.load(center, known_at=day)
    printed = text(sheets.support_sheet(center, measures, known_at=day))
    return printed, [row for row in rows(sheets.support_data(center, measures)) if row["value"] is None]


def test_free_land_says_that_its_contract_is_a_draft(center) -> None:
    agreement = make_agreement(center)
    loan = make_agreement(center, code="land", kind=AgreementKind.LAND_LOAN, parent=agreement, concluded=None)
    make_land(agreement, contract=loan)
    printed, (row,) = granted(center)
    assert "協定 landは案（未締結）であり、この支援措置は確定していない" in printed
    assert "協定 basic\n協定 land（案）" in printed
    assert (row["item_code"], row["status"], row["as_of"]) == ("free-land", "draft", DAY)


def test_a_contribution_under_a_draft_says_so_too(center) -> None:
    make_measure(make_agreement(center, concluded=None))
    printed, (row,) = granted(center)
    assert "※ 負担金 grant：協定 basicは案（未締結）であり、この支援措置は確定していない。" in printed
    assert row["status"] == "draft"


def test_what_is_concluded_is_called_no_draft(center) -> None:
    make_land(make_agreement(center))
    printed, found = granted(center)
    assert "案" not in printed
    assert found == []


def test_land_says_by_which_ground_it_ended(center, city_staff) -> None:
    agreement = make_agreement(center)
    make_land(agreement)
    judged = Judged(is_free=False, reason="報告書が提出されない")
    judgement_actions.judge_performance(
        agreement=agreement,
        judged=judged,
        seen=0,
        falls_seen=[LAND],
        by=city_staff,
        at=tokyo(date(2026, 6, 10)),
    )
    printed, (row,) = granted(center)
    assert "財団が協定を履行しないとの市の判断（令和8年6月10日、協定 basic）により" in printed
    assert (row["status"], row["as_of"], row["fiscal_year"]) == (
        "ended_non_performance",
        date(2026, 6, 10),
        2026,
    )
    assert granted(center, date(2026, 6, 9))[1] == []


def test_an_agreement_names_the_one_whose_end_is_its_end(center) -> None:
    basic = make_agreement(center, ends_on=date(2026, 3, 31))
    make_agreement(center, code="research", kind=AgreementKind.RESEARCH_SUPPORT, parent=basic)
    agreed = overview.load(center, known_at=DAY)
    found = {row["agreement_code"]: row for row in rows(overview_sheets.agreements_data(center, agreed))}
    assert (found["research"]["state"], found["research"]["ends_on"], found["research"]["ended_by"]) == (
        "ended",
        date(2026, 3, 31),
        "basic",
    )
    assert found["basic"]["ended_by"] is None
    printed = text(overview_sheets.overview_sheet(center, agreed, known_at=DAY))
    assert "状態　終了（上位協定「協定 basic」の終了による）" in printed
    before = overview.load(center, known_at=date(2026, 3, 31))
    printed = text(overview_sheets.overview_sheet(center, before, known_at=date(2026, 3, 31)))
    assert "終期　協定 basicの終了による" in printed


def test_the_support_sheet_says_why_the_land_is_free(iconm) -> None:
    day = date(2022, 1, 27)
    measures, facts = support.load(iconm, known_at=day), reported_facts.of_center(iconm)
    notes = sheets.support_sheet(iconm, measures, known_at=day, facts=facts).notes
    (reason,) = [note for note in notes if "令和4年度以降も無償とする理由" in note]
    assert "（要旨）" in reason
    assert "事務事業と同程度" in reason
    assert sum("協調事業" in note and "（要旨）" in note for note in notes) == 2, "condition and reason"
    assert notes[-1] == "※ （要旨）は当ポータルの要約であり、正式な文言ではない。"


def test_every_fact_of_the_report_is_on_paper_with_its_place(iconm) -> None:
    facts = reported_facts.of_center(iconm)
    found = rows(fact_sheets.facts_data(iconm, facts))
    assert len(found) == 14
    assert all(row["place"] and row["is_summary"] == "1" for row in found)
    printed = text(fact_sheets.facts_sheet(iconm, facts, known_at=date(2022, 1, 27)))
    assert "「KPIを概ね達成」" in printed
    assert printed.count("（要旨）") == 15, "each, and what the mark means"


def test_words_of_ours_are_marked_in_every_table(iconm) -> None:
    day = date(2022, 4, 30)
    agreed = overview.load(iconm, known_at=day)
    for row in rows(overview_sheets.provisions_data(iconm, agreed)):
        assert row["is_summary"] == ("1" if row["obligation"] else None)
    entries = overview.chronology(iconm, known_at=day)
    assert {row["is_summary"] for row in rows(overview_sheets.chronology_data(iconm, entries))} == {"1"}


def test_what_never_comes_into_force_is_called_neither_coming_nor_ended_after_a_time(
    center, city_staff, foundation_staff
) -> None:
    """Signed for R9.4.1 on; both agreed before that the agreement above it ends on R8.12.31."""
    above = make_agreement(center, code="above")
    make_agreement(center, code="next", parent=above, starts_on=date(2027, 4, 1))
    ending = proposed_ending(above, by=city_staff, confirmed_by=foundation_staff, ends_on=date(2026, 12, 31))
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=tokyo(DAY))
    for day in (date(2026, 12, 15), date(2027, 4, 5)):
        agreed = overview.load(center, known_at=day)
        printed = text(overview_sheets.overview_sheet(center, agreed, known_at=day))
        assert "状態　発効せずに終了（上位協定「協定 above」の終了による）" in printed
        assert "期間　R9.4.1から（発効前に終了）" in printed
        assert "発効前\n" not in printed
        (row,) = [
            one
            for one in rows(overview_sheets.agreements_data(center, agreed))
            if one["agreement_code"] == "next"
        ]
        assert (row["state"], row["ends_on"], row["ended_by"]) == ("never", None, "above")
    assert ("state", "never", "発効せずに終了", "データ_協定") in overview_sheets.definitions(agreed)


def test_before_anybody_agreed_on_the_end_it_is_to_come(center) -> None:
    make_agreement(center, code="next", parent=make_agreement(center), starts_on=date(2027, 4, 1))
    agreed = overview.load(center, known_at=DAY)
    assert "状態　締結済み・発効前" in text(overview_sheets.overview_sheet(center, agreed, known_at=DAY))


def test_a_total_is_kept_only_as_far_as_the_years_are_recorded(center, city_staff) -> None:
    measure = make_measure(make_agreement(center))
    record_amount(
        measure=measure,
        fiscal_year=FiscalYear(2023),
        stage=AmountStage.BUDGET,
        amount=50_000_000,
        seen=0,
        reason="",
        by=city_staff,
        at=tokyo(date(2023, 4, 1)),
    )
    printed, _rows = granted(center, date(2023, 10, 1))
    assert "記録の範囲で上限内。R4は未記録" in printed
    for year in (2022, 2024):
        record_amount(
            measure=measure,
            fiscal_year=FiscalYear(year),
            stage=AmountStage.BUDGET,
            amount=40_000_000,
            seen=measure.amounts.count(),
            reason="",
            by=city_staff,
            at=tokyo(date(2024, 4, 1)),
        )
    printed, _rows = granted(center)
    assert printed.count("上限内") == 1
    assert "記録の範囲で" not in printed
