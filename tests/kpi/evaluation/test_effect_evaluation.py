"""効果検証: self-assessed by the foundation, judged by the city, and nothing falls unseen."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.html import strip_tags

from agreements.duties import programme_actions
from agreements.duties.duty_status import Progress
from agreements.endings.judgement_actions import ConsequencesUnconfirmed
from agreements.models import AgreementKind, Finding, Verdict, Verification, VerificationKind
from agreements.support import support
from agreements.verifications import actions
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.models import HistoryEvent, ReviewState
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement, make_obligation
from tests.builders.plans import TRIALS, make_accepted_report, make_plan, tokyo
from tests.builders.support import make_criteria, make_land, make_measure, make_verification_obligation

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
NOW = tokyo(TODAY)
EFFECT = VerificationKind.EFFECT
PAGE = "/lab/verifications/effect/2025/"


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(NOW)


@pytest.fixture
def basic(center):
    """An agreement that asks for the evaluation, with free land under a contract of its own, and a contribution."""
    agreement = make_agreement(center)
    make_verification_obligation(agreement, EFFECT)
    contract = make_agreement(
        center, code="land", kind=AgreementKind.LAND_LOAN, parent=agreement, title="使用貸借契約"
    )
    make_land(agreement, contract=contract)
    make_measure(agreement, last_year=None)
    return agreement


@pytest.fixture
def criteria(center):
    return make_criteria(center)


def begin(center, by, texts=("取り組んだ", "広めた"), version=0, year=2025):
    from_criteria = dict(zip(center.criteria.all(), texts, strict=False))
    return actions.save_draft(
        center=center,
        kind=EFFECT,
        fiscal_year=FiscalYear(year),
        version=version,
        result="総括",
        self_assessments=from_criteria,
        by=by,
        at=NOW,
    )


@pytest.fixture
def under_judgement(basic, criteria, center, foundation_staff, city_staff):
    row = begin(center, foundation_staff)
    actions.submit(verification=row, version=row.version, by=foundation_staff, at=NOW)
    return actions.open_review(verification=row, version=row.version, by=city_staff, at=NOW)


def judge(row, by, verdict=Verdict.MEETS, **more):
    judgements = dict.fromkeys(row.center.criteria.all(), "認める")
    return actions.judge(
        verification=row,
        version=row.version,
        verdict=verdict,
        by=by,
        at=NOW,
        **{"judgements": judgements, "follow_up": "改善の計画を求める", **more},
    )


# -- The steps --


def test_met(under_judgement, city_staff) -> None:
    row = judge(under_judgement, city_staff, follow_up="")
    assert (row.state, row.verdict, row.known_from) == ("accepted", "meets", TODAY)
    assert {finding.judgement for finding in row.findings.all()} == {"認める"}
    assert HistoryEvent.objects.get(action="verification.accept").after["verdict"] == "meets"


def test_self_assessment_needs_every_criterion(basic, criteria, center, foundation_staff) -> None:
    row = begin(center, foundation_staff, texts=("取り組んだ", " "))
    with pytest.raises(ValidationError, match="観点2"):
        actions.submit(verification=row, version=row.version, by=foundation_staff, at=NOW)


def test_judgement_needs_every_criterion_and_nothing_is_half_saved(
    under_judgement, criteria, city_staff
) -> None:
    with pytest.raises(ValidationError, match="観点2"):
        judge(under_judgement, city_staff, judgements={criteria[0]: "認める"})
    assert Verification.objects.get().state == ReviewState.IN_REVIEW
    assert not Finding.objects.exclude(judgement="").exists()


@pytest.mark.parametrize(
    "person", ["city_staff", "city_viewer", "foundation_viewer", "administrator", "foreign_foundation_staff"]
)
def test_only_the_foundations_staff_assesses(basic, criteria, center, person, request) -> None:
    with pytest.raises(PermissionDenied):
        begin(center, request.getfixturevalue(person))


@pytest.mark.parametrize("person", ["foundation_staff", "city_viewer", "administrator", "foreign_city_staff"])
def test_only_the_citys_staff_judges(under_judgement, person, request) -> None:
    with pytest.raises(PermissionDenied):
        judge(under_judgement, request.getfixturevalue(person))


def test_it_is_judged_and_never_just_confirmed(under_judgement, city_staff) -> None:
    with pytest.raises(WrongStep):
        actions.confirm(verification=under_judgement, version=under_judgement.version, by=city_staff, at=NOW)


def test_two_of_the_city_at_once(under_judgement, city_staff) -> None:
    row, late = under_judgement, Verification.objects.get()
    judge(row, city_staff)
    with pytest.raises(Conflict):
        actions.send_back(verification=late, version=late.version, comment="直す", by=city_staff, at=NOW)


def test_the_foundation_does_not_take_back_what_is_being_judged(under_judgement, foundation_staff) -> None:
    with pytest.raises(WrongStep):
        actions.take_back(verification=under_judgement, version=under_judgement.version, by=foundation_staff)


# -- The negative verdict --


def test_a_negative_verdict_shows_first_what_falls(under_judgement, city_staff) -> None:
    with pytest.raises(ConsequencesUnconfirmed) as unconfirmed:
        judge(under_judgement, city_staff, Verdict.DOES_NOT_MEET)
    falls = unconfirmed.value.falls
    assert [measure.code for measure in falls.land] == ["free-land"]
    assert [contract.code for contract in falls.contracts_that_stay] == ["land"]
    assert Verification.objects.get().state == ReviewState.IN_REVIEW
    assert not HistoryEvent.objects.filter(action="verification.accept").exists()


def test_and_is_given_once_exactly_that_is_confirmed(under_judgement, city_staff) -> None:
    with pytest.raises(ConsequencesUnconfirmed):
        judge(under_judgement, city_staff, Verdict.DOES_NOT_MEET, falls_seen=[])
    seen = ["agreements.support/lab/free-land"]
    row = judge(under_judgement, city_staff, Verdict.DOES_NOT_MEET, falls_seen=seen)
    assert row.verdict == Verdict.DOES_NOT_MEET
    assert HistoryEvent.objects.get(action="verification.accept").after["falls"] == seen


def test_and_the_land_is_no_longer_called_free(under_judgement, center, city_staff) -> None:
    seen = ["agreements.support/lab/free-land"]
    judge(under_judgement, city_staff, Verdict.DOES_NOT_MEET, falls_seen=seen)
    before, after = (
        {measure.code: measure.not_free_since for measure in support.load(center, known_at=day)}
        for day in (TODAY, TODAY + timedelta(days=1))
    )
    assert before == {"free-land": None, "grant": None}
    assert after == {"free-land": TODAY + timedelta(days=1), "grant": None}


def test_it_says_what_is_to_follow(under_judgement, city_staff) -> None:
    seen = ["agreements.support/lab/free-land"]
    with pytest.raises(ValidationError) as refused:
        judge(under_judgement, city_staff, Verdict.DOES_NOT_MEET, falls_seen=seen, follow_up=" ")
    assert "follow_up" in refused.value.message_dict


# -- The page --


def test_results_and_duties_stand_beside_the_criteria(
    basic, criteria, center, foundation_staff, city_staff, log_in
):
    plan = make_plan(center, indicators=[TRIALS], targets={"trials": 10})
    make_accepted_report(
        plan, 2025, {"trials": 12}, by=foundation_staff, reviewer=city_staff, at=tokyo(date(2026, 5, 1))
    )
    make_obligation(basic, first_year=2025)
    page = log_in(foundation_staff).get(PAGE)
    text = page.content.decode()
    assert [heading.criterion.label for heading in page.context["sheet"].headings] == ["観点1", "観点2"]
    assert "治験の実施件数" in text
    assert "事業報告書と収支決算書の提出" in text


def test_a_settled_one_shows_what_was_known_then(
    under_judgement, center, foundation_staff, city_staff, log_in, time_machine
):
    judge(under_judgement, city_staff)
    time_machine.move_to(tokyo(date(2026, 12, 1)))
    plan = make_plan(center, indicators=[TRIALS], targets={"trials": 10})
    later = tokyo(date(2026, 11, 30))
    programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=city_staff, at=later)
    make_accepted_report(plan, 2025, {"trials": 77}, by=foundation_staff, reviewer=city_staff, at=later)
    page = log_in(city_staff).get(PAGE)
    assert page.context["evaluation"].known_at == TODAY
    assert "77" not in strip_tags(page.content.decode())
    assert {duty.progress for duty in page.context["evaluation"].duties} == {Progress.SETTLED}


def test_the_way_through_the_pages(basic, criteria, center, foundation_staff, city_staff, log_in) -> None:
    foundation, city = log_in(foundation_staff), log_in(city_staff)
    texts = {"criterion-1": "取り組んだ", "criterion-2": "広めた", "result": ""}
    assert foundation.post(PAGE + "save/", {"version": "0", **texts}).status_code == 302
    assert "取り組んだ" not in city.get(PAGE).content.decode()
    assert foundation.post(PAGE + "submit/", {"version": "1", **texts}).status_code == 302
    assert city.post(PAGE + "open/", {"version": "3"}).status_code == 302
    words = {"criterion-1": "不十分", "criterion-2": "認める", "follow_up": "協議する", "verdict": ""}
    assert city.post(PAGE + "judgement/", {"version": "4", **words}).status_code == 302
    assert "不十分" not in foundation.get(PAGE).content.decode()
    asked = city.post(PAGE + "judge/", {"version": "5", **words})
    assert asked.status_code == 400
    words["verdict"] = "does_not_meet"
    shown = city.post(PAGE + "judge/", {"version": "5", **words})
    text = shown.content.decode()
    assert shown.status_code == 200
    assert "用地の無償貸付" in text
    assert "使用貸借契約" in text
    assert "不十分" in text
    assert not Verification.objects.get().is_settled
    confirmed = {"falls": shown.context["falls_keys"], "confirmed": "yes"}
    assert city.post(PAGE + "judge/", {"version": "5", **words, **confirmed}).status_code == 302
    settled = foundation.get(PAGE).content.decode()
    assert "不十分" in settled
    assert "協議する" in settled


def test_a_criterion_left_out_is_named_and_the_rest_stays(under_judgement, city_staff, log_in) -> None:
    words = {"criterion-1": "認める", "criterion-2": "", "follow_up": "続ける", "verdict": "meets"}
    answer = log_in(city_staff).post(PAGE + "judge/", {"version": under_judgement.version, **words})
    assert answer.status_code == 400
    assert "観点2" in answer.content.decode()
    assert "続ける" in answer.content.decode()


@pytest.mark.parametrize("step", ["save", "submit", "take-back", "discard"])
def test_steps_of_the_foundation_answer_a_get_with_the_page(
    basic, criteria, foundation_staff, log_in, step
) -> None:
    answer = log_in(foundation_staff).get(f"{PAGE}{step}/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)


@pytest.mark.parametrize("step", ["open", "return", "judgement", "judge"])
def test_steps_of_the_city_answer_a_get_with_the_page(under_judgement, city_staff, log_in, step) -> None:
    answer = log_in(city_staff).get(f"{PAGE}{step}/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)


@pytest.mark.parametrize("number", [2, 20])
def test_query_count_is_constant(
    basic, center, foundation_staff, city_staff, log_in, number, django_assert_max_num_queries
):
    make_criteria(center, number)
    plan = make_plan(center, indicators=number)
    values = {indicator.code: 1 for indicator in plan.indicators.all()}
    make_accepted_report(plan, 2025, values, by=foundation_staff, reviewer=city_staff)
    for n in range(number):
        make_obligation(basic, code=f"report-{n}")
    begin(center, foundation_staff, texts=("取り組んだ",) * number)
    client = log_in(foundation_staff)
    with django_assert_max_num_queries(43):
        assert client.get(PAGE).status_code == 200


def test_a_duty_offers_its_verification_only_to_those_who_find_a_page(
    basic, criteria, center, log_in, city_staff, foundation_staff, city_viewer
):
    """The city owes it, so that its staff finds it as well as the foundation's; those who only look do not."""
    duty, link = "/lab/calendar/2025/basic/verify-effect/", f'href="{PAGE}"'
    assert link in log_in(foundation_staff).get(duty).content.decode()
    assert link in log_in(city_staff).get(duty).content.decode()
    answer = log_in(city_viewer).get(duty)
    assert answer.status_code == 200
    assert link not in answer.content.decode()
