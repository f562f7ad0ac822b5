"""A value that is taken from the settlement and differs from what the settlement says by now: said beside the value, in
the finding and on paper; never counted as met; a task of the foundation, until it is corrected or explained anew."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from finance.models import Stage
from iconm_portal.models import RestsOn
from iconm_portal.settlement import answers
from iconm_portal.standing import changes
from iconm_portal.values.fiscal import FiscalYear
from kpi.indicators import outlook_texts
from kpi.indicators.outlook import outlook
from kpi.models import IndicatorBasis
from kpi.papers import contents
from kpi.plans import findings, scorecard, texts
from kpi.plans.achievement import Certainty
from kpi.plans.actions import add_target
from kpi.plans.tables import sheets
from kpi.reports import actions
from kpi.value_sources.entry_values import Entered
from tests.builders import finance
from tests.builders.plans import make_accepted_report, make_draft, make_plan, tokyo
from tests.builders.standing import correct_statement, propose_as_it_is

pytestmark = pytest.mark.django_db
ACTUAL = "kpi.actual"
TODAY = date(2026, 11, 30)
YEAR = FiscalYear(2025)
INCOME: dict[str, Any] = {
    "code": "income",
    "name": "研究費収入額",
    "unit": "千円",
    "kind": "flow",
    "scale": 1000,
}
MEDIA: dict[str, Any] = {"code": "media", "name": "メディア掲載件数", "unit": "件", "kind": "flow"}
THOUSAND = 1000


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(tokyo(TODAY))


@pytest.fixture
def plan(center):
    """Research income is taken from the account 研究費; FY2022 to FY2025 with targets."""
    accounts = finance.make_accounts(center)
    made = make_plan(center, indicators=[INCOME, MEDIA], targets={"income": 360_000 * THOUSAND, "media": 10})
    IndicatorBasis.objects.create(
        indicator=made.indicators.get(code="income"), account=accounts["research-income"], source="T3"
    )
    return made


def amounts(income: int) -> dict[str, int]:
    return finance.USUAL | {"research-income": income * THOUSAND}


def reported(plan, income: int, *, by, reviewer, year: int = 2025, day: date, note: str = "", forecast=False):
    certainty = Certainty.FORECAST if forecast else Certainty.FINAL
    values = {
        "income": Entered(Decimal(income * THOUSAND), certainty=certainty, note=note),
        "media": 12,
    }
    return make_accepted_report(plan, year, values, by=by, reviewer=reviewer, at=tokyo(day))


@pytest.fixture
def forecast_year(plan, center, foundation_staff, city_staff):
    """R7 was reported as 決算見込 361,000; the settlement came to 355,000, the target is 360,000."""
    reported(plan, 361_000, by=foundation_staff, reviewer=city_staff, day=date(2026, 5, 10), forecast=True)
    return finance.settled(
        center, 2025, amounts(355_000), by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 6, 10))
    )


@pytest.fixture
def corrected_year(plan, center, foundation_staff, city_staff):
    """R7 was settled and reported at 361,000, and settled anew at 355,000."""
    statement = finance.settled(
        center, 2025, amounts(361_000), by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 5, 20))
    )
    report = reported(plan, 361_000, by=foundation_staff, reviewer=city_staff, day=date(2026, 5, 28))
    correct_statement(
        statement, amounts(355_000), by=foundation_staff, reviewer=city_staff, day=date(2026, 9, 12)
    )
    return report


def card(center, day: date = TODAY):
    (found,) = scorecard.load(center, known_at=day).plans
    return found


def key(year: int = 2025) -> str:
    return f"research/{year}/income"


@pytest.mark.parametrize(("target", "verdict"), [(358_000, False), (350_000, True)])
def test_the_note_of_a_moved_target_gives_no_verdict_that_the_settlement_contradicts(
    forecast_year, plan, center, city_staff, target: int, verdict: bool
) -> None:
    """361,000 of 358,000 would be met, and the 355,000 of the settlement not; of 350,000 both are."""
    add_target(
        indicator=plan.indicators.get(code="income"),
        fiscal_year=YEAR,
        value=Decimal(target * THOUSAND),
        known_from=date(2026, 7, 1),
        by=city_staff,
        reason="見直し",
    )
    row = card(center).row("income")
    sentence = texts.moved_sentence(row.indicator, row.cell(YEAR))
    assert f"{target:,}千円" in sentence
    assert ("この目標では達成（見込）" in sentence) is verdict
    printed = sheets._moved(row.indicator, row.cell(YEAR))
    assert ("変更後の目標では達成見込" in printed) is verdict


def test_who_cannot_put_it_right_reads_whose_step_it_is(
    corrected_year, center, city_staff, city_viewer, foundation_staff, log_in
) -> None:
    """The city saw 「決算と相違する実績」 without a word of who has to do what."""
    url = reverse("standing:changed", args=[center.code])
    said = {
        person.role + center.side_of(person): log_in(person)
        .get(url)
        .content.decode()
        .count("次は、財団の対応待ちです")
        for person in (city_staff, city_viewer, foundation_staff)
    }
    assert sorted(said.values()) == [0, 1, 1]
    assert "次は、" not in log_in(foundation_staff).get(url).content.decode()


def test_what_the_settlement_said_is_kept_when_a_report_is_accepted(corrected_year) -> None:
    row = RestsOn.objects.get(settled_kind=ACTUAL)
    assert (row.settled_key, row.settled_revision) == ("research/2025/income", "2026-03-31-r1")
    assert (row.kind, row.key, row.revision, row.value) == (
        "finance.amount",
        "2025/research-income",
        "settlement-r1",
        "361000000",
    )


def test_a_forecast_that_the_settlement_contradicts_is_not_met(forecast_year, center) -> None:
    plan = card(center)
    counts = plan.counts(YEAR)
    assert (counts.met, counts.expected_met, counts.contradicted, counts.total) == (1, 0, 1, 2)
    assert findings.plan_finding(plan, YEAR) == "令和7年度：2指標のうち1つが達成、1つが決算と相違です。"
    assert findings.indicator_finding(plan.row("income"), YEAR) == (
        "令和7年度は、目標360,000千円に対して361,000千円と報告されています。決算では355,000千円で、その場合は未達です。"
    )


def test_a_corrected_settlement_is_said_beside_the_value(corrected_year, center, city_viewer, log_in) -> None:
    plan = card(center)
    assert plan.row("income").cell(YEAR).is_contradicted
    client = log_in(city_viewer)
    for page in (
        reverse("kpi:home", args=[center.code]),
        reverse("kpi:plan", args=[center.code, "research"]),
        reverse("kpi:indicator", args=[center.code, "research", "income"]),
    ):
        text = client.get(page).content.decode()
        assert "決算の訂正により355,000千円" in text
        assert "すべてが達成" not in text
        assert "計上漏れ" in text
        before = client.get(f"{page}?known_at=2026-09-11").content.decode()
        assert "決算の訂正により" not in before
    assert "2指標すべてが達成" in findings.plan_finding(card(center, date(2026, 9, 11)), YEAR)


def outlook_of_income(center, day: date) -> str:
    plan = card(center, day)
    row = plan.row("income")
    found = outlook(row, plan.last_year, today=day)
    assert outlook_texts.pace(row.indicator, found) == ""
    return outlook_texts.statement(row, found)


def test_the_end_of_a_plan_claims_no_verdict_either(corrected_year, center) -> None:
    assert outlook_of_income(center, TODAY) == (
        "計画は令和7年度で終わりました。最終年度は、目標360,000千円に対して361,000千円と報告されています。"
        "決算の訂正により355,000千円で、その場合は未達です。"
    )
    assert "達成しました" in outlook_of_income(center, date(2026, 9, 11))


def test_nothing_is_reckoned_towards_the_last_year_from_a_value_that_differs(
    plan, center, foundation_staff, city_staff
) -> None:
    reported(plan, 340_000, by=foundation_staff, reviewer=city_staff, year=2022, day=date(2023, 5, 10))
    reported(plan, 430_000, by=foundation_staff, reviewer=city_staff, year=2023, day=date(2024, 5, 10))
    finance.settled(
        center, 2023, amounts(298_500), by=foundation_staff, reviewer=city_staff, at=tokyo(date(2024, 6, 10))
    )
    assert outlook_of_income(center, date(2024, 7, 1)) == (
        "令和5年度は430,000千円と報告されています。決算では298,500千円です。"
    )


def test_the_papers_say_it(corrected_year, center) -> None:
    found = contents.read(center, year=YEAR, as_of=TODAY)
    plan = found.board.plans[0]
    note = "※ 研究費収入額（令和7年度）は、決算の訂正により355,000千円（報告値と異なる）。"
    assert note in sheets.achievement_sheet(found.board, plan).notes
    rows = str(sheets.achievement_data(found.board, plan))
    assert "決算の訂正により355,000千円" in rows


def test_a_correction_that_leaves_the_account_alone_changes_nothing(
    plan, center, foundation_staff, city_staff
) -> None:
    statement = finance.settled(
        center, 2025, amounts(361_000), by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 5, 20))
    )
    reported(plan, 361_000, by=foundation_staff, reviewer=city_staff, day=date(2026, 5, 28))
    other = amounts(361_000) | {"other": 5_000}
    correct_statement(statement, other, by=foundation_staff, reviewer=city_staff, day=date(2026, 9, 12))
    assert changes.load(center, known_at=TODAY, kinds=[ACTUAL]).all == ()


def test_a_correction_on_the_same_side_of_the_target_leaves_the_verdict(
    plan, center, foundation_staff, city_staff
) -> None:
    statement = finance.settled(
        center, 2025, amounts(365_000), by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 5, 20))
    )
    reported(plan, 365_000, by=foundation_staff, reviewer=city_staff, day=date(2026, 5, 28))
    correct_statement(
        statement, amounts(362_000), by=foundation_staff, reviewer=city_staff, day=date(2026, 9, 12)
    )
    found = card(center)
    assert found.counts(YEAR).met == 2
    assert found.row("income").cell(YEAR).correction is not None
    assert "決算の訂正により362,000千円" in findings.indicator_finding(found.row("income"), YEAR)


def test_a_note_explains_the_difference_of_then_and_not_of_a_new_figure(
    plan, center, foundation_staff, city_staff
) -> None:
    """Reported 361,000 beside a settlement of 358,000 with a note; then the settlement moves to 355,000."""
    statement = finance.settled(
        center, 2025, amounts(358_000), by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 5, 20))
    )
    reported(
        plan, 361_000, by=foundation_staff, reviewer=city_staff, day=date(2026, 5, 28), note="前受分を含む"
    )
    assert changes.load(center, known_at=TODAY, kinds=[ACTUAL]).all == ()
    assert card(center).counts(YEAR).met == 2
    correct_statement(
        statement, amounts(355_000), by=foundation_staff, reviewer=city_staff, day=date(2026, 9, 12)
    )
    assert changes.load(center, known_at=TODAY, kinds=[ACTUAL]).of(ACTUAL, key()) is not None
    assert card(center).counts(YEAR).met == 1


def test_a_note_older_than_the_settlement_explains_nothing_where_the_basis_was_named_later(
    plan, center, foundation_staff, city_staff
) -> None:
    """Nothing was kept of what the settlement had said, because nobody had said yet that the value is taken from it."""
    basis = IndicatorBasis.objects.get()
    named = {"indicator": basis.indicator, "account": basis.account, "source": basis.source}
    basis.delete()
    reported(
        plan,
        361_000,
        by=foundation_staff,
        reviewer=city_staff,
        day=date(2026, 5, 10),
        note="決算見込額",
        forecast=True,
    )
    finance.settled(
        center, 2025, amounts(355_000), by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 6, 10))
    )
    assert not RestsOn.objects.exists()
    IndicatorBasis.objects.create(**named)
    assert changes.load(center, known_at=TODAY, kinds=[ACTUAL]).of(ACTUAL, key()) is not None


def test_every_year_is_asked_for_until_it_is_answered(
    plan, center, foundation_staff, city_staff, log_in
) -> None:
    """R4 reported at 430,000 and settled at 298,500; the reports of the years after it do not hide that."""
    reported(plan, 430_000, by=foundation_staff, reviewer=city_staff, year=2022, day=date(2023, 5, 10))
    finance.settled(
        center, 2022, amounts(298_500), by=foundation_staff, reviewer=city_staff, at=tokyo(date(2023, 6, 10))
    )
    for year in (2023, 2024, 2025):
        reported(
            plan, 365_000, by=foundation_staff, reviewer=city_staff, year=year, day=date(year + 1, 5, 28)
        )
    home = log_in(foundation_staff).get(reverse("kpi:home", args=[center.code])).content.decode()
    assert "決算では298,500千円" in home or "298,500千円" in home
    assert "決算と相違する実績：研究費収入額（令和4年度）" in home
    assert "決算と相違する実績：" not in _tasks(log_in(city_staff), center)


def _tasks(client, center) -> str:
    text = client.get(reverse("kpi:home", args=[center.code])).content.decode()
    return text[text.index('class="todo"') : text.index("</section>", text.index('class="todo"'))]


def test_the_foundation_corrects_it_and_the_city_reviews(
    corrected_year, plan, center, foundation_staff, city_staff, log_in
) -> None:
    task = "決算と相違する実績：研究費収入額（令和7年度）"
    assert task in _tasks(log_in(foundation_staff), center)
    report = plan.reports.get()
    draft = actions.start_correction(report=report, reason="決算の訂正", by=foundation_staff)
    assert task not in _tasks(log_in(foundation_staff), center), "the draft has a task of its own"
    entered = {
        plan.indicators.get(code="income"): Entered(Decimal(355_000 * THOUSAND)),
        plan.indicators.get(code="media"): Entered(Decimal(12)),
    }
    at = tokyo(date(2026, 10, 1))
    draft = actions.save_and_submit(
        report=draft, version=draft.version, as_of=draft.as_of, entered=entered, by=foundation_staff, at=at
    )
    assert "令和7年度の実績報告" in _tasks(log_in(city_staff), center)
    actions.open_review(report=draft, version=draft.version, by=city_staff, at=at)
    actions.accept(report=draft, version=draft.version, by=city_staff, at=at)
    assert changes.load(center, known_at=TODAY, kinds=[ACTUAL]).all == ()
    assert card(center).counts(YEAR).not_met == 1


def test_or_both_confirm_that_it_stands(corrected_year, center, foundation_staff, city_staff, log_in) -> None:
    page = reverse("kpi:report", args=[center.code, 2025, corrected_year.pk])
    asked = (
        f"{reverse('standing:propose', args=[center.code])}?kind=kpi.actual&amp;key=research%2F2025%2Fincome"
    )
    assert asked in log_in(foundation_staff).get(page).content.decode()
    assert asked not in log_in(city_staff).get(page).content.decode()
    answer = propose_as_it_is(center, ACTUAL, key(), by=foundation_staff, day=date(2026, 10, 1))
    assert "変更しないとの提案に回答する" in _tasks(log_in(city_staff), center)
    answers.confirm(answer=answer, version=answer.version, by=city_staff, at=tokyo(date(2026, 10, 5)))
    assert changes.load(center, known_at=TODAY, kinds=[ACTUAL]).all == ()
    assert card(center).counts(YEAR).met == 2
    assert card(center, date(2026, 10, 4)).counts(YEAR).met == 1


def test_only_the_foundation_says_that_its_value_stands(corrected_year, center, city_staff) -> None:
    with pytest.raises(ValidationError):
        propose_as_it_is(center, ACTUAL, key(), by=city_staff, day=date(2026, 10, 1))


def test_a_forecast_of_the_settlement_contradicts_no_final_value(
    plan, center, foundation_staff, city_staff
) -> None:
    finance.settled(
        center,
        2025,
        amounts(355_000),
        by=foundation_staff,
        reviewer=city_staff,
        stage=Stage.FORECAST,
        at=tokyo(date(2026, 2, 1)),
    )
    make_draft(plan, 2025, {"media": 12}, by=foundation_staff)
    assert changes.load(center, known_at=TODAY, kinds=[ACTUAL]).all == ()


@pytest.mark.parametrize("years", [1, 4])
def test_query_count_is_constant(
    plan, center, foundation_staff, city_staff, years, django_assert_num_queries
) -> None:
    for year in range(2026 - years, 2026):
        reported(
            plan, 361_000, by=foundation_staff, reviewer=city_staff, year=year, day=date(year + 1, 5, 10)
        )
        finance.settled(
            center,
            year,
            amounts(355_000),
            by=foundation_staff,
            reviewer=city_staff,
            at=tokyo(date(year + 1, 6, 10)),
        )
    with django_assert_num_queries(8):
        assert len(changes.load(center, known_at=TODAY, kinds=[ACTUAL]).all) == years
