"""A target that is moved after its year's result was accepted: the verdict stays by the target of then, marked, everywhere."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from agreements.models import Consultation
from iconm_portal.models import Center, User
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard import changes_between, changes_between_page
from kpi.indicators.charts import indicator_chart
from kpi.models import Plan
from kpi.plans import findings, scorecard, texts
from kpi.plans.achievement import Band, Certainty, Comparator, Kind
from kpi.plans.addresses import Addresses
from kpi.plans.scorecard import Cell
from kpi.plans.tables import sheets, trend_sheets
from kpi.targets import actions
from kpi.targets.actions import Terms
from kpi.value_sources.entry_values import Entered
from tests.builders.agreements import make_consultation
from tests.builders.plans import OCCUPANCY, Accepted, correct, make_plan, tokyo
from tests.people import LogIn

pytestmark = pytest.mark.django_db
YEAR = FiscalYear(2022)
SHARE = {
    **OCCUPANCY,
    "code": "satisfied",
    "name": "満足度",
    "kind": Kind.RATIO,
    "prints_comparator": True,
}
TRIALS = {"code": "trials", "name": "治験の実施件数", "unit": "件", "kind": Kind.CUMULATIVE}
RESULT = date(2023, 5, 10)
CHANGE = date(2023, 6, 1)
NOW = date(2024, 1, 10)


@pytest.fixture
def plan(center: Center) -> Plan:
    return make_plan(center, indicators=[SHARE, TRIALS], targets={"satisfied": 90, "trials": 10})


@pytest.fixture
def talk(center: Center, foundation_staff: User, city_staff: User) -> Consultation:
    return make_consultation(center, proposer=foundation_staff, confirmer=city_staff)


class Mover:
    """Settles a target of the year on a day: proposed by the foundation, confirmed by the city."""

    def __init__(self, plan: Plan, talk: Consultation, foundation: User, city: User) -> None:
        self.plan, self.talk, self.foundation, self.city = plan, talk, foundation, city

    def propose(self, value: str, at: datetime, *, since: date | None = None, code: str = "satisfied") -> Any:
        values = {(self.plan.indicators.get(code=code), YEAR): Decimal(value)}
        terms = Terms("水準の見直し", since or at.date(), self.talk, may_move=True)
        with time_machine.travel(at, tick=False):
            made = actions.start(plan=self.plan, terms=terms, values=values, by=self.foundation, at=at)
            return actions.propose(proposal=made, version=made.version, by=self.foundation, at=at)

    def __call__(self, value: str, at: datetime, **options: Any) -> Any:
        made = self.propose(value, at, **options)
        with time_machine.travel(at, tick=False):
            return actions.confirm(proposal=made, version=made.version, by=self.city, at=at)


@pytest.fixture
def move(plan: Plan, talk: Consultation, foundation_staff: User, city_staff: User) -> Mover:
    return Mover(plan, talk, foundation_staff, city_staff)


def cell(center: Center, code: str = "satisfied", known_at: date = NOW) -> Cell:
    return scorecard.load(center, known_at=known_at).plan("research").row(code).cell(YEAR)


def judged(found: Cell) -> tuple[int | None, Band, tuple[int, Band] | None]:
    """The target judged by, the verdict, and what stands beside."""
    moved = found.moved and (int(found.moved.target.value), found.moved.achievement.band)
    return found.target and int(found.target.value), found.band, moved


def test_a_target_lowered_after_the_result_does_not_turn_the_headline(
    center: Center, plan: Plan, accepted_report: Accepted, move: Mover, in_english: None
) -> None:
    """90 → 89 is confirmed after 89.9 was accepted: not met by 90 stays, marked; 89 and what it would give beside it."""
    accepted_report(plan, 2022, {"satisfied": "89.9", "trials": 11}, at=tokyo(RESULT))
    move("89", tokyo(CHANGE))
    assert judged(cell(center, known_at=RESULT)) == (90, Band.NOT_MET, None)
    assert judged(cell(center)) == (90, Band.NOT_MET, (89, Band.MET))
    counts = scorecard.load(center, known_at=NOW).plan("research").counts(YEAR)
    assert (counts.met, counts.not_met, counts.moved) == (1, 1, 1)
    assert findings.finding(counts, "FY2022") == (
        "Of 2 indicators, one is met, one is not met."
        " For 1 of them the target was changed after the result was accepted: it is judged by the target of then."
    ).replace("one", "1")
    assert [number for _chip, number in findings.tally(counts)] == ["1", "1", "1"]


def test_a_target_raised_after_the_result_does_not_take_the_verdict_away(
    center: Center, plan: Plan, accepted_report: Accepted, move: Mover
) -> None:
    accepted_report(plan, 2022, {"satisfied": 91}, at=tokyo(RESULT))
    move("95", tokyo(CHANGE))
    assert judged(cell(center)) == (90, Band.MET, (95, Band.NOT_MET))


def test_a_change_agreed_before_the_result_is_the_years_target(
    center: Center, plan: Plan, accepted_report: Accepted, move: Mover
) -> None:
    """Within the year, and after it too as long as nothing of the whole year is accepted; interim values are no result."""
    interim = Entered(Decimal("89.9"), certainty=Certainty.INTERIM)
    accepted_report(plan, 2022, {"satisfied": interim}, as_of=date(2022, 9, 30), at=tokyo(date(2022, 10, 20)))
    move("89", tokyo(date(2023, 4, 20)))
    accepted_report(plan, 2022, {"satisfied": "89.9"}, at=tokyo(RESULT))
    assert judged(cell(center)) == (89, Band.MET, None)


def test_a_correction_accepted_after_the_change_is_judged_as_the_first_result_was(
    center: Center,
    plan: Plan,
    accepted_report: Accepted,
    move: Mover,
    foundation_staff: User,
    city_staff: User,
) -> None:
    """Otherwise a correction of any other value of the report would carry the new target into the verdict unmarked."""
    first = accepted_report(plan, 2022, {"satisfied": "89.9", "trials": 9}, at=tokyo(date(2023, 3, 31)))
    with time_machine.travel(tokyo(date(2023, 3, 31), hour=12), tick=False):
        move("89", tokyo(date(2023, 3, 31), hour=12))
    correct(
        first,
        {"satisfied": "89.9", "trials": 10},
        reason="治験の数え落とし",
        by=foundation_staff,
        reviewer=city_staff,
    )
    found = cell(center)
    assert found.actual is not None
    assert found.actual.report.revision == 2
    assert judged(found) == (90, Band.NOT_MET, (89, Band.MET))


@pytest.mark.parametrize(
    ("hour", "expected"), [(9, (89, Band.MET, None)), (11, (90, Band.NOT_MET, (89, Band.MET)))]
)
def test_on_one_day_the_time_decides(
    center: Center, plan: Plan, accepted_report: Accepted, move: Mover, hour: int, expected: object
) -> None:
    if hour == 9:
        move("89", tokyo(RESULT, hour=9))
    accepted_report(plan, 2022, {"satisfied": "89.9"}, at=tokyo(RESULT, hour=10))
    if hour == 11:
        move("89", tokyo(RESULT, hour=11))
    assert judged(cell(center)) == expected


def test_a_change_for_a_later_day_counts_from_that_day_on(
    center: Center, plan: Plan, accepted_report: Accepted, move: Mover
) -> None:
    """Agreed before the result, but not in force yet when it was accepted."""
    move("89", tokyo(date(2023, 4, 20)), since=date(2023, 9, 1))
    accepted_report(plan, 2022, {"satisfied": "89.9"}, at=tokyo(RESULT))
    assert judged(cell(center, known_at=date(2023, 8, 31))) == (90, Band.NOT_MET, None)
    assert judged(cell(center, known_at=date(2023, 9, 1))) == (90, Band.NOT_MET, (89, Band.MET))


def test_a_change_dated_back_was_not_in_force_then(
    center: Center, plan: Plan, accepted_report: Accepted, move: Mover
) -> None:
    accepted_report(plan, 2022, {"satisfied": "89.9"}, at=tokyo(RESULT))
    move("89", tokyo(CHANGE), since=date(2022, 4, 1))
    assert judged(cell(center)) == (90, Band.NOT_MET, (89, Band.MET))


def test_of_several_changes_the_last_stands_beside_and_a_way_back_leaves_no_mark(
    center: Center, plan: Plan, accepted_report: Accepted, move: Mover
) -> None:
    accepted_report(plan, 2022, {"satisfied": "89.9"}, at=tokyo(RESULT))
    move("89", tokyo(CHANGE))
    move("88", tokyo(date(2023, 7, 1)))
    assert judged(cell(center)) == (90, Band.NOT_MET, (88, Band.MET))
    move("90", tokyo(date(2023, 8, 1)))
    assert judged(cell(center)) == (90, Band.NOT_MET, None)


def test_a_target_first_set_after_the_result_gives_no_verdict(
    center: Center, accepted_report: Accepted, foundation_staff: User, city_staff: User, talk: Consultation
) -> None:
    plan = make_plan(center, indicators=[SHARE, TRIALS], targets={"trials": 10})
    accepted_report(plan, 2022, {"satisfied": "89.9", "trials": 10}, at=tokyo(RESULT))
    Mover(plan, talk, foundation_staff, city_staff)("89", tokyo(CHANGE))
    assert judged(cell(center)) == (None, Band.NO_TARGET, (89, Band.MET))
    assert scorecard.load(center, known_at=NOW).plan("research").counts(YEAR).no_target == 1


def test_a_verdict_by_forecast_fixes_the_target_once_the_year_is_over(
    center: Center, plan: Plan, accepted_report: Accepted, move: Mover
) -> None:
    forecast = Entered(Decimal("89.9"), certainty=Certainty.FORECAST)
    accepted_report(plan, 2022, {"satisfied": forecast}, as_of=date(2023, 1, 31), at=tokyo(date(2023, 2, 5)))
    move("89.5", tokyo(date(2023, 3, 20)))
    move("89", tokyo(date(2023, 4, 20)))
    accepted_report(plan, 2022, {"satisfied": "89.2"}, at=tokyo(RESULT))
    found = cell(center)
    assert found.target is not None
    assert (found.target.value, found.band) == (Decimal("89.5"), Band.NOT_MET)
    assert found.moved is not None
    assert found.moved.achievement.band is Band.MET


# -- Where it is said --


@pytest.fixture
def lowered(plan: Plan, accepted_report: Accepted, move: Mover) -> Plan:
    accepted_report(plan, 2022, {"satisfied": "89.9", "trials": 11}, at=tokyo(RESULT))
    move("89", tokyo(CHANGE))
    return plan


PAGES = ["/lab/", "/lab/kpi/research/", "/lab/kpi/research/satisfied/"]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_marks_it_and_shows_both_targets(
    lowered: Plan, city_viewer: User, log_in: LogIn, address: str
) -> None:
    with time_machine.travel(tokyo(NOW), tick=False):
        page = log_in(city_viewer).get(address).content.decode()
    for text in ("目標変更あり", "未達", "R5.6.1から89%以上（この目標では達成）"):
        assert text in page, text


def test_the_report_page_judges_by_the_target_of_then(
    lowered: Plan, city_viewer: User, log_in: LogIn
) -> None:
    report = lowered.reports.get()
    with time_machine.travel(tokyo(NOW), tick=False):
        page = log_in(city_viewer).get(f"/lab/reports/2022/{report.pk}/").content.decode()
    assert "R5.6.1から89%以上（この目標では達成）" in page
    assert "未達" in page


def test_the_chart_draws_the_later_target_as_a_mark_of_its_own(center: Center, lowered: Plan) -> None:
    board = scorecard.load(center, known_at=NOW)
    life = board.life_of(board.plan("research").row("satisfied").indicator)
    chart = indicator_chart(life, caption="", today=NOW)
    traces = {trace["name"]: trace["y"] for trace in chart.figure["data"] if trace.get("showlegend", True)}
    assert traces["目標"] == [90, 90, 90, 90]
    assert traces["実績の受理後に変更された目標"] == [89]
    (row,) = [row for row in chart.table.rows if row[0] == "令和4年度"]
    assert row[1] == "90%以上（目標変更あり：R5.6.1から89%以上（この目標では達成））"


def test_the_sheets_print_mark_note_and_both_targets(center: Center, lowered: Plan) -> None:
    board = scorecard.load(center, known_at=NOW)
    card = board.plan("research")
    note = (
        "※ 満足度（令和4年度目標）：目標変更あり。実績の受理後、令和5年6月1日から89%以上。"
        "達成状況は受理時の目標90%以上による（変更後の目標では達成）。理由：水準の見直し"
    )
    for sheet in (
        sheets.targets_sheet(board, card),
        sheets.achievement_sheet(board, card),
        trend_sheets.course_sheet(board, card),
    ):
        assert note in sheet.notes, sheet.name
        formats = [one.number_format for line in sheet.body for one in line if one.value == 90]
        assert sum("以上（目標変更あり）" in one for one in formats) == 1, sheet.name
    data = sheets.achievement_data(board, card)
    keys = [column.key for column in data.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in data.rows]
    of_year = [
        (row["status"], row["value"], row["note"][:6])
        for row in rows
        if (row["item_code"], row["fiscal_year"]) == ("satisfied", 2022)
    ]
    assert of_year == [
        ("target", 90, "目標変更あり"),
        ("target_changed", 89, "目標変更あり"),
        ("final", Decimal("89.9"), ""),
    ]


def test_two_days_compared_name_the_change_and_that_the_verdict_stays(center: Center, lowered: Plan) -> None:
    found = changes_between.load(center, earlier=RESULT, later=NOW)
    (one,) = found.changes
    line = changes_between_page.line(one, Addresses("lab"), "lab")
    assert (line.before, line.after, line.since) == ("90%以上", "89%以上（目標変更あり）", CHANGE)


def test_the_outlook_of_an_ended_plan_says_it(
    center: Center, accepted_report: Accepted, foundation_staff: User, city_staff: User, talk: Consultation
) -> None:
    plan = make_plan(center, indicators=[SHARE], targets={"satisfied": 90}, years=(2022, 2022))
    accepted_report(plan, 2022, {"satisfied": "89.9"}, at=tokyo(RESULT))
    Mover(plan, talk, foundation_staff, city_staff)("89", tokyo(CHANGE))
    board = scorecard.load(center, known_at=NOW)
    row = board.plan("research").row("satisfied")
    assert "達成状況は目標90%以上によるままです" in texts.moved_sentence(row.indicator, row.cell(YEAR))


# -- Before it is confirmed --


def test_a_change_dated_back_shows_what_stands(
    plan: Plan, move: Mover, city_staff: User, log_in: LogIn
) -> None:
    """Known from the plan's first day on; a change dated back before it replaces those targets all the same."""
    made = move.propose("9", tokyo(CHANGE), since=date(2022, 1, 1), code="trials")
    with time_machine.travel(tokyo(CHANGE), tick=False):
        page = log_in(city_staff).get(f"/lab/kpi/research/targets/{made.pk}/").content.decode()
        form = log_in(city_staff).get("/lab/kpi/research/targets/new/").content.decode()
    assert "10件" in page
    assert "目標なし" not in page
    assert "10件" in form


def test_whoever_confirms_is_told_that_the_accepted_result_keeps_its_verdict(
    plan: Plan, accepted_report: Accepted, move: Mover, city_staff: User, log_in: LogIn
) -> None:
    accepted_report(plan, 2022, {"satisfied": "89.9"}, at=tokyo(RESULT))
    made = move.propose("89", tokyo(CHANGE))
    with time_machine.travel(tokyo(CHANGE), tick=False):
        page = log_in(city_staff).get(f"/lab/kpi/research/targets/{made.pk}/").content.decode()
    assert (
        "目標90%以上のときに実績89.9%が受理されています。「未達」は変わらず、「目標変更あり」と表示されます。"
        in page
    )


# -- The comparator, wherever a target is --


@pytest.mark.parametrize(
    ("comparator", "words"), [(Comparator.AT_MOST, "10%以下"), (Comparator.MAINTAIN, "10%を維持")]
)
def test_the_comparator_stands_behind_the_target_on_every_page_and_paper(
    center: Center,
    accepted_report: Accepted,
    city_viewer: User,
    log_in: LogIn,
    comparator: Comparator,
    words: str,
) -> None:
    shape = {**OCCUPANCY, "comparator": comparator}
    plan = make_plan(center, indicators=[shape], targets={"occupancy": 10})
    accepted_report(plan, 2022, {"occupancy": 9}, at=tokyo(RESULT))
    with time_machine.travel(tokyo(NOW), tick=False):
        for address in ("/lab/", "/lab/kpi/research/", "/lab/kpi/research/occupancy/"):
            page = log_in(city_viewer).get(address).content.decode()
            text = page.replace('<span class="unit">', "").replace("</span>", "").replace(" ", "")
            assert words in text, address
    board = scorecard.load(center, known_at=NOW)
    card = board.plan("research")
    (row,) = card.rows
    chart = indicator_chart(board.life_of(row.indicator), caption="", today=NOW)
    assert {line[1] for line in chart.table.rows} == {words}
    for sheet in (
        sheets.targets_sheet(board, card),
        sheets.achievement_sheet(board, card),
        trend_sheets.course_sheet(board, card),
    ):
        formats = [one.number_format for line in sheet.body for one in line if one.value == 10]
        assert formats, sheet.name
        assert all(words.removeprefix("10") in one for one in formats), sheet.name
    data = sheets.targets_data(board, card)
    place = [column.key for column in data.columns].index("comparator")
    assert {line[place] for line in data.rows} == {words.removeprefix("10%")[-2:]}
