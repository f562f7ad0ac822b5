"""A value that is counted in the register, which counts something else by now than when the report was handed in: said
beside the value and in the finding, and a task of the foundation, until it is corrected or explained anew."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from iconm_portal.models import RestsOn
from iconm_portal.settlement import answers
from iconm_portal.standing import changes
from iconm_portal.values.fiscal import FiscalYear
from kpi.plans import findings, scorecard
from kpi.register import actions as register
from kpi.reports import actions, deviations, differing
from kpi.value_sources.entry_values import Entered
from tests.builders.plans import make_accepted_report, make_draft, make_plan, tokyo
from tests.builders.records import make_basis, make_category, make_record
from tests.builders.standing import propose_as_it_is
from tests.unguarded import no_guards

pytestmark = pytest.mark.django_db
ACTUAL = "kpi.actual"
TODAY = date(2026, 11, 30)
ACCEPTED, RECORDED = date(2026, 5, 28), date(2026, 9, 12)
YEAR = FiscalYear(2025)
MEDIA: dict[str, Any] = {"code": "media", "name": "メディア掲載件数", "unit": "件", "kind": "flow"}
TRIALS: dict[str, Any] = {"code": "trials", "name": "治験件数", "unit": "件", "kind": "cumulative"}
KEY = "research/2025/media"


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(tokyo(TODAY))


@pytest.fixture
def plan(center):
    return make_plan(center, indicators=[MEDIA, TRIALS], targets={"media": 3, "trials": 10})


@pytest.fixture
def category(center, plan):
    found = make_category(center, "media", name="メディア掲載")
    make_basis(plan.indicators.get(code="media"), found)
    return found


def record(category, title: str, by, *, day: date = date(2026, 4, 20), happened: str = "2025-06-01", **more):
    return make_record(category, title, happened=happened, recorded_at=tokyo(day), recorded_by=by, **more)


def reported(plan, value: int, *, by, reviewer, note: str = "", year: int = 2025):
    values = {"media": Entered(Decimal(value), note=note), "trials": 10}
    day = date(year + 1, 5, 28)
    return make_accepted_report(plan, year, values, by=by, reviewer=reviewer, at=tokyo(day))


@pytest.fixture
def accepted(plan, category, foundation_staff, city_staff):
    """Two were recorded and two reported; the target is at most three."""
    for number in range(2):
        record(category, f"{number}", foundation_staff)
    with no_guards():  # as if it had been so from the beginning
        plan.indicators.filter(code="media").update(comparator="at_most")
    return reported(plan, 2, by=foundation_staff, reviewer=city_staff)


@pytest.fixture
def moved(accepted, category, foundation_staff):
    """Two more were recorded in September: four, which is more than three."""
    for number in (3, 4):
        record(category, f"{number}", foundation_staff, day=RECORDED)
    return accepted


def card(center, day: date = TODAY):
    (found,) = scorecard.load(center, known_at=day).plans
    return found


def changed(center, day: date = TODAY, key: str = KEY):
    return changes.load(center, known_at=day, kinds=[ACTUAL]).of(ACTUAL, key)


def test_what_the_register_counted_is_kept_and_nothing_has_changed(accepted, center) -> None:
    (row,) = RestsOn.objects.filter(settled_kind=ACTUAL)
    assert (row.kind, row.value) == ("kpi.count", "2")
    assert changed(center) is None


def test_a_count_that_moved_is_said_with_its_day_and_no_verdict_is_claimed(moved, center) -> None:
    found = changed(center)
    assert found is not None
    (change,) = found.changes
    assert (found.said, found.word) == ("台帳の記録により4件", "台帳と相違する実績")
    assert (change.now.known_from, change.now.label, change.was) == (
        RECORDED,
        "活動実績台帳「メディア掲載」",
        "報告値 2件",
    )
    plan = card(center)
    cell = plan.row("media").cell(YEAR)
    assert cell.is_contradicted
    assert cell.is_contradicted_by_register
    counts = plan.counts(YEAR)
    assert (counts.met, counts.contradicted, counts.by_register, counts.by_settlement) == (1, 1, 1, 0)
    assert findings.plan_finding(plan, YEAR) == "令和7年度：2指標のうち1つが達成、1つが台帳と相違です。"
    assert "台帳の記録により4件で、その場合は未達です。" in findings.indicator_finding(
        plan.row("media"), YEAR
    )


def test_as_it_was_known_before(moved, center) -> None:
    assert changed(center, RECORDED - timedelta(days=1)) is None
    assert changed(center, RECORDED) is not None
    assert "2指標すべてが達成" in findings.plan_finding(card(center, date(2026, 9, 11)), YEAR)


def test_the_pages_say_so_and_the_foundation_has_a_task(
    moved, center, city_viewer, foundation_staff, log_in
) -> None:
    client = log_in(city_viewer)
    for page in (
        reverse("kpi:home", args=[center.code]),
        reverse("kpi:plan", args=[center.code, "research"]),
        reverse("kpi:indicator", args=[center.code, "research", "media"]),
        reverse("kpi:report", args=[center.code, 2025, moved.pk]),
    ):
        text = client.get(page).content.decode()
        assert "台帳の記録により4件" in text or "活動実績台帳「メディア掲載」" in text
        assert "すべてが達成" not in text
        assert "決算と" not in text
    home = log_in(foundation_staff).get(reverse("kpi:home", args=[center.code])).content.decode()
    assert "台帳と相違する実績：メディア掲載件数（令和7年度）" in home


def test_a_note_for_the_old_difference_explains_nothing_of_the_new_one(
    plan, category, center, foundation_staff, city_staff
) -> None:
    for number in range(3):
        record(category, f"{number}", foundation_staff)
    reported(plan, 2, by=foundation_staff, reviewer=city_staff, note="重複を除く")
    assert changed(center) is None
    record(category, "もう1件", foundation_staff, day=RECORDED)
    found = changed(center)
    assert found is not None
    assert found.said == "台帳の記録により4件"


def test_a_register_that_holds_less_than_was_accepted_differs_from_nothing(
    plan, category, center, foundation_staff, city_staff
) -> None:
    kept = [record(category, f"{number}", foundation_staff) for number in range(2)]
    reported(plan, 2, by=foundation_staff, reviewer=city_staff)
    register.withdraw(record=kept[0], version=1, reason="誤り", by=foundation_staff, at=tokyo(RECORDED))
    assert changed(center) is None


def test_one_that_said_nothing_then_and_more_by_now_is_told(
    plan, category, center, foundation_staff, city_staff
) -> None:
    reported(plan, 2, by=foundation_staff, reviewer=city_staff)
    (row,) = RestsOn.objects.filter(settled_kind=ACTUAL)
    assert row.value == ""
    record(category, "1", foundation_staff, day=RECORDED)
    assert changed(center) is None, "one is less than was accepted"
    for number in (2, 3):
        record(category, f"{number}", foundation_staff, day=RECORDED)
    found = changed(center)
    assert found is not None
    assert found.said == "台帳の記録により3件"


def test_what_was_recorded_between_handing_in_and_acceptance_has_moved_it(
    plan, category, center, foundation_staff, city_staff
) -> None:
    """The note explained what the register said when the report was handed in."""
    for number in range(2):
        record(category, f"{number}", foundation_staff)
    draft = make_draft(plan, 2025, {"media": None, "trials": 10}, by=foundation_staff)
    entered = {
        plan.indicators.get(code="media"): Entered(Decimal(2), note="台帳による"),
        plan.indicators.get(code="trials"): Entered(Decimal(10)),
    }
    draft = actions.save_and_submit(
        report=draft,
        version=draft.version,
        as_of=draft.as_of,
        entered=entered,
        by=foundation_staff,
        at=tokyo(date(2026, 5, 10)),
    )
    record(category, "もう1件", foundation_staff, day=date(2026, 5, 20))
    seen = {"report": draft, "by": city_staff, "at": tokyo(ACCEPTED)}
    actions.open_review(version=draft.version, **seen)
    actions.accept(version=draft.version, **seen)
    assert RestsOn.objects.get(settled_kind=ACTUAL).value == "2"
    found = changed(center)
    assert found is not None
    assert found.said == "台帳の記録により3件"


def test_it_is_told_once(moved, center) -> None:
    tasks = differing.tasks(center, [], today=TODAY, with_accepted=True)
    assert tasks == []


def test_what_differed_already_is_asked_for_as_before(
    plan, category, center, foundation_staff, city_staff
) -> None:
    for number in range(3):
        record(category, f"{number}", foundation_staff)
    report = reported(plan, 2, by=foundation_staff, reviewer=city_staff, note="重複を除く")
    assert differing.tasks(center, [], today=TODAY, with_accepted=True) == []
    assert changed(center) is None
    assert report.is_settled


def test_both_confirm_that_it_stands_and_a_further_record_asks_anew(
    moved, category, center, foundation_staff, city_staff
) -> None:
    answer = propose_as_it_is(center, ACTUAL, KEY, by=foundation_staff, day=date(2026, 10, 1))
    answers.confirm(answer=answer, version=answer.version, by=city_staff, at=tokyo(date(2026, 10, 5)))
    assert changed(center) is None
    record(category, "5", foundation_staff, day=date(2026, 10, 20))
    found = changed(center)
    assert found is not None
    assert found.said == "台帳の記録により5件"


def test_nothing_is_claimed_of_a_day_before_a_record_was_written_over(
    moved, category, center, foundation_staff
) -> None:
    category.records.filter(title="3").update(
        quantity=2, version=2, saved_at=tokyo(date(2026, 11, 1)), saved_by=foundation_staff
    )
    assert changed(center, date(2026, 10, 1)) is None, "what it said then is only in its history"
    found = changed(center)
    assert found is not None
    assert (found.said, found.changes[0].now.known_from) == ("台帳の記録により5件", date(2026, 11, 1))


@pytest.mark.parametrize("number", [1, 3])
def test_query_count_is_constant(
    plan, category, center, foundation_staff, city_staff, number, django_assert_num_queries
) -> None:
    for year in range(2026 - number, 2026):
        record(category, f"{year}", foundation_staff, happened=f"{year}-06-01", day=date(year, 7, 1))
        reported(plan, 1, by=foundation_staff, reviewer=city_staff, year=year)
    for year in range(2026 - number, 2026):
        record(category, f"{year}後", foundation_staff, happened=f"{year}-07-01", day=RECORDED)
    with django_assert_num_queries(11):
        found = deviations.judge(center, TODAY)
    assert len(found) == number


def test_the_home_page_asks_once(moved, center, city_viewer, log_in, monkeypatch) -> None:
    asked = []
    kind = changes.registry.kind(ACTUAL)

    def judge(of, day):
        asked.append(day)
        return deviations.judge(of, day)

    monkeypatch.setitem(
        changes.registry._kinds, ACTUAL, kind.__class__(ACTUAL, kind.revisions, judge=judge, is_settled=True)
    )
    assert timezone.now().date() == TODAY
    log_in(city_viewer).get(reverse("kpi:home", args=[center.code]))
    assert asked == [TODAY]
