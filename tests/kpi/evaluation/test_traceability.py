"""From an article to what came of it, and back; and what else rests on it."""

import re
from datetime import date

import pytest

from agreements.duties import actions as duty_actions
from agreements.duties import programme_actions
from agreements.models import Duty, Timing, VerificationKind
from iconm_portal.models import Center
from iconm_portal.values.fiscal import FiscalYear
from kpi.evaluation import traceability
from kpi.evaluation.traceability import Trace
from tests.builders.agreements import a_pdf, make_agreement, make_edition, make_obligation, make_provision
from tests.builders.plans import make_plan, tokyo
from tests.builders.support import make_land, make_measure, make_verification_obligation
from tests.people import make_person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
PAGE = "/lab/traceability/basic/2025/"


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(tokyo(TODAY))


@pytest.fixture
def basic(center):
    """Art. 3 sets the goals, Art. 9 asks for a report, Art. 11 grants the land; Art. 14 asks for nothing."""
    agreement = make_agreement(center)
    edition = make_edition(agreement)
    by_key = {
        key: make_provision(edition, key, heading=heading)
        for key, heading in (("art3", "目標"), ("art9", "報告"), ("art11", "用地"), ("art14", "その他"))
    }
    make_obligation(agreement, documents=1, provision=by_key["art9"])
    make_verification_obligation(agreement, VerificationKind.KPI, provision=by_key["art3"])
    make_land(agreement, provision=by_key["art11"])
    make_measure(agreement)  # names no article
    make_plan(center, under=agreement)
    return agreement


def hand_in(by) -> Duty:
    """The report for FY2025, stored in the year in which it falls due."""
    center = by.organisation.operated_centers.get()
    programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=by, at=tokyo(TODAY))
    duty = Duty.objects.get(obligation__code="report", fiscal_year=FiscalYear(2025))
    (required,) = duty.obligation.required_documents.all()
    return duty_actions.save_and_submit(
        duty=duty,
        version=duty.version,
        note="",
        documents=[(required, a_pdf("報告書.pdf"))],
        by=by,
        at=tokyo(TODAY),
    )


def accept(duty: Duty, by) -> Duty:
    opened = duty_actions.open_review(duty=duty, version=duty.version, by=by, at=tokyo(TODAY))
    return duty_actions.accept(duty=opened, version=opened.version, by=by, at=tokyo(TODAY))


def trace(user, center, year: int = 2025) -> Trace:
    found = traceability.load(user, center, "basic", today=TODAY, year=FiscalYear(year))
    assert found
    return found


def test_documents_that_one_may_not_read_yet_are_not_called_none(
    basic, center, city_staff, city_viewer, foundation_staff, log_in
) -> None:
    duty = hand_in(foundation_staff)
    row = r"第9条</span>.*?</tr>"
    seen, hidden = (
        re.search(row, log_in(by).get(PAGE).content.decode(), re.DOTALL) for by in (city_staff, city_viewer)
    )
    assert seen
    assert hidden
    assert "報告書.pdf" in seen[0]
    assert "確定後に閲覧可" in hidden[0]
    accept(duty, city_staff)
    assert "報告書.pdf" in log_in(city_viewer).get(PAGE).content.decode()


def test_from_the_article_to_the_acceptance(basic, center, city_staff, foundation_staff) -> None:
    accept(hand_in(foundation_staff), city_staff)
    article = next(one for one in trace(city_staff, center).articles if one.key == "art9")
    (followed,) = article.obligations
    assert (followed.obligation.code, followed.place) == ("report", "第9条")
    assert [document.file.name for document in followed.documents] == ["報告書.pdf"]
    assert (followed.settled_on, followed.settled_by) == (TODAY, city_staff.name)


def test_and_back(basic, center, city_staff, foundation_staff) -> None:
    accept(hand_in(foundation_staff), city_staff)
    back = [
        (document.file.name, followed.obligation.code, article.key)
        for document, followed, article in trace(city_staff, center).documents
    ]
    assert back == [("報告書.pdf", "report", "art9")]


def test_plans_and_measures_rest_on_articles(basic, center, city_staff) -> None:
    found = trace(city_staff, center)
    resting = {
        one.key: ([plan.code for plan in one.plans], [m.code for m in one.measures])
        for one in found.everything
    }
    assert resting == {
        "art3": (["research"], []),
        "art9": ([], []),
        "art11": ([], ["free-land"]),
        "elsewhere": ([], ["grant"]),
    }
    assert [one.key for one in found.articles if one.is_bare] == ["art14"]


def test_nothing_handed_in_is_shown_before_it_may_be(
    basic, center, city_staff, city_viewer, foundation_staff
) -> None:
    duty = hand_in(foundation_staff)
    assert list(trace(city_viewer, center).documents) == []
    assert len(list(trace(city_staff, center).documents)) == 1
    accept(duty, city_staff)
    assert len(list(trace(city_viewer, center).documents)) == 1


def test_the_page(basic, city_staff, foundation_staff, log_in) -> None:
    accept(hand_in(foundation_staff), city_staff)
    text = log_in(city_staff).get(PAGE).content.decode()
    for word in (
        "第9条 報告",
        "報告書.pdf",
        "計画 research",
        "用地の無償貸付",
        'href="#art9"',
        "第14条 その他",
    ):
        assert word in text


def test_years_outside_and_unknown_agreements(basic, city_staff, log_in) -> None:
    client = log_in(city_staff)
    assert client.get("/lab/traceability/basic/2021/").status_code == 404
    assert client.get("/lab/traceability/nothing/").status_code == 404
    assert client.get("/lab/traceability/basic/").status_code == 200
    assert client.get("/lab/traceability/").status_code == 200


def test_every_obligation_and_plan_of_the_report_has_its_article(iconm: Center) -> None:
    center = iconm
    viewer = make_person("viewer", center.supporter)
    basic = traceability.load(viewer, center, "basic-r4", today=TODAY)
    support = traceability.load(viewer, center, "support-r4", today=TODAY)
    assert basic
    assert support
    # No article asks for the yearly 効果検証 of the free use of land: section 6(1)b of the report does.
    assert [one.obligation.code for one in basic.elsewhere.obligations] == ["effect-verification"]
    assert not basic.elsewhere.measures
    assert support.elsewhere.is_bare
    assert [[plan.code for plan in one.plans] for one in support.articles if one.key == "art3"] == [
        ["support-r4"]
    ]
    assert [[m.code for m in one.measures] for one in support.articles if one.key == "art5"] == [
        ["promotion-r4"]
    ]
    report = next(one for one in basic.articles if one.key == "art9")
    assert {one.obligation.code for one in report.obligations} == {"yearly-report", "settlement-verification"}
    former = traceability.load(viewer, center, "support-h31", today=TODAY)
    assert former
    assert [plan.code for plan in former.elsewhere.plans] == ["support-r1"]


@pytest.mark.parametrize("number", [1, 15])
def test_query_count_is_constant(
    center, city_staff, foundation_staff, log_in, number, django_assert_max_num_queries
):
    agreement = make_agreement(center)
    edition = make_edition(agreement)
    for n in range(1, number + 1):
        provision = make_provision(edition, f"art{n}")
        make_obligation(agreement, code=f"report-{n}", documents=2, provision=provision)
        make_measure(agreement, code=f"grant-{n}", provision=provision)
    programme_actions.store_year(center=center, fiscal_year=FiscalYear(2026), by=city_staff, at=tokyo(TODAY))
    client = log_in(city_staff)
    with django_assert_max_num_queries(34):
        assert client.get(PAGE).status_code == 200


def test_several_requests_of_a_year_are_told_apart(basic, center, city_staff, log_in) -> None:
    on_request = make_obligation(
        basic, code="on-request", title="状況の報告", timing=Timing.ON_REQUEST, due_month=None, due_day=None
    )
    for _ in range(3):
        programme_actions.ask(
            obligation=on_request,
            fiscal_year=FiscalYear(2026),
            due_on=date(2027, 3, 1),
            reason="状況",
            by=city_staff,
            at=tokyo(TODAY),
        )
    text = log_in(city_staff).get("/lab/traceability/basic/2026/").content.decode()
    assert [f"状況の報告（第{n}回）" in text for n in (1, 2, 3, 4)] == [True, True, True, False]
