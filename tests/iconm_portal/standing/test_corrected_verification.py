"""What both verified rests on the settlement and the report that they saw. When these are corrected, every page says so,
until both have confirmed it anew."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from agreements.duties import actions as duty_actions
from agreements.duties import duty_status, feed_actions
from agreements.duties.duty_status import Progress
from agreements.models import VerificationKind
from agreements.pages import overview, overview_sheets
from iconm_portal.forms.refusals import SameSide
from iconm_portal.models import Answer, HistoryEvent, RestsOn
from iconm_portal.settlement import answers
from iconm_portal.standing import changes, registry
from iconm_portal.values.fiscal import FiscalYear
from kpi.plans.achievement import Certainty
from kpi.value_sources.entry_values import Entered
from tests.builders import finance
from tests.builders.agreements import make_agreement, store
from tests.builders.plans import correct, make_accepted_report, make_plan, tokyo
from tests.builders.standing import correct_statement, propose_as_it_is, verify
from tests.builders.support import make_verification_obligation
from tests.people import make_person
from tests.readers.page_reading import pieces

pytestmark = pytest.mark.django_db
VERIFICATION = "agreements.verification"
KEY = "settlement/2024"
VERIFIED, CORRECTED, TODAY = date(2025, 6, 30), date(2025, 9, 12), date(2025, 10, 1)
LESS = finance.USUAL | {"other": 100_500}


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(tokyo(TODAY))


@pytest.fixture
def year(center, foundation_staff, city_staff) -> dict[str, Any]:
    """FY2024: settled, reported, and verified by both under both articles."""
    agreement = make_agreement(center)
    for kind in VerificationKind:
        make_verification_obligation(agreement, kind)
    finance.make_accounts(center)
    plan = make_plan(center, targets={"patents": 5})
    statement = finance.settled(center, 2024, by=foundation_staff, reviewer=city_staff)
    report = make_accepted_report(
        plan, 2024, {"patents": 6}, by=foundation_staff, reviewer=city_staff, at=tokyo(date(2025, 5, 28))
    )
    for kind in (VerificationKind.SETTLEMENT, VerificationKind.KPI):
        verify(center, 2024, by=city_staff, confirmer=foundation_staff, kind=kind)
    return {"statement": statement, "report": report}


@pytest.fixture
def corrected(year, foundation_staff, city_staff) -> dict[str, Any]:
    correct_statement(year["statement"], LESS, by=foundation_staff, reviewer=city_staff, day=CORRECTED)
    return year


def changed(center, *, day: date = TODAY, key: str = KEY):
    return changes.load(center, known_at=day).of(VERIFICATION, key)


def test_a_verdict_on_a_forecast_is_marked_where_it_is_verified(
    center, foundation_staff, city_staff, log_in
) -> None:
    make_verification_obligation(make_agreement(center), VerificationKind.KPI)
    plan = make_plan(center, targets={"patents": 5})
    value = {"patents": Entered(Decimal(6), certainty=Certainty.FORECAST)}
    make_accepted_report(
        plan, 2024, value, by=foundation_staff, reviewer=city_staff, at=tokyo(date(2025, 5, 28))
    )
    address = reverse("agreements:verification", args=[center.code, "kpi", 2024])
    said = [piece.text for piece in pieces(log_in(city_staff).get(address).content.decode())]
    assert "6件、R7.3末・決算見込" in said
    assert "✓達成 決算見込" in said


def test_what_it_rests_on_is_kept_when_it_is_confirmed(year, center) -> None:
    rows = RestsOn.objects.filter(settled_key=KEY).values_list("kind", "key", "revision", "known_from")
    assert list(rows) == [
        ("finance.settlement", "2024", "settlement-r1", VERIFIED),
        ("kpi.report", "research/2024", "2025-03-31-r1", VERIFIED),
    ]
    assert changed(center) is None


def test_a_corrected_settlement_is_told_then_and_now(corrected, center, city_staff) -> None:
    found = changed(center)
    assert found is not None
    (change,) = found.changes
    assert change.then is not None
    assert (change.then.revision, change.now.revision) == ("settlement-r1", "settlement-r2")
    assert (change.now.known_from, change.now.by, change.now.reason) == (
        CORRECTED,
        city_staff.name,
        "計上漏れ",
    )
    assert changed(center, key="kpi/2024") is not None


def test_a_corrected_report_is_told_too(year, center, foundation_staff, city_staff) -> None:
    correct(year["report"], {"patents": 4}, reason="重複", by=foundation_staff, reviewer=city_staff)
    found = changed(center)
    assert found is not None
    assert [change.now.revision for change in found.changes] == ["2025-03-31-r2"]
    # A report that was accepted later on the very day is not what was seen; what differs by now stands beside it.
    (seen,) = [change.seen for change in found.changes]
    day = found.changes[0].now.known_from
    (then,) = registry.exhibits(center, [seen], day=day)
    (now,) = registry.exhibits(center, [replace(seen, revision="2025-03-31-r2")], day=day)
    beside = then.beside(now)
    by_name = {row[0]: row for row in beside.rows}
    (patents,) = [row for row in beside.rows if row[-1]]
    assert patents[1] != patents[-1]
    assert "4" in patents[-1]
    assert len(by_name) == len(then.rows)
    assert then.beside(then) is then


def test_what_was_known_on_an_earlier_day(corrected, center) -> None:
    assert changed(center, day=date(2025, 9, 11)) is None
    assert changed(center, day=CORRECTED) is not None
    assert changed(center, day=date(2025, 6, 29)) is None


def test_no_page_says_any_more_that_both_have_verified_it(corrected, center, city_viewer, log_in) -> None:
    client = log_in(city_viewer)
    page = client.get(reverse("agreements:verification", args=[center.code, "settlement", 2024]))
    text = page.content.decode()
    assert "この年度は両者が検証済みです" not in text
    assert "検証後に訂正あり" in text
    assert "令和6年度 収支決算書（第2版）" in text
    assert "計上漏れ" in text
    assert "現在（検証時と異なるもの）" in text
    listed = client.get(reverse("agreements:verifications", args=[center.code])).content.decode()
    assert "確定したものは2件です。うち2件は、その根拠が後に訂正されています。" in listed
    assert "検証後に訂正あり" in listed
    home = client.get(reverse("kpi:home", args=[center.code])).content.decode()
    assert "検証後に訂正あり" in home
    everything = client.get(reverse("standing:changed", args=[center.code])).content.decode()
    assert "計上漏れ" in everything
    # Before the correction all of them said so, and said nothing of it.
    then = client.get(reverse("kpi:home", args=[center.code]) + "?known_at=2025-09-11").content.decode()
    assert "検証後に訂正あり" not in then


def test_the_duty_and_the_papers_say_so(corrected, center) -> None:
    known = duty_status.concerning(center, FiscalYear(2024), known_at=TODAY)
    of_settlement = [one for one in known if one.obligation.verification == VerificationKind.SETTLEMENT]
    assert [one.progress for one in of_settlement] == [Progress.CORRECTED]
    before = duty_status.concerning(center, FiscalYear(2024), known_at=VERIFIED)
    assert [one.progress for one in before if one.obligation.verification == VerificationKind.SETTLEMENT] == [
        Progress.SETTLED
    ]
    rows = overview.verifications(center, known_at=TODAY)
    printed = str(overview_sheets.verifications_sheet(center, rows, known_at=TODAY))
    assert "【検証後に訂正あり】令和6年度 収支決算書（第2版）（R7.9.12）" in printed


@pytest.mark.parametrize("who", ["city_staff", "foundation_staff"])
def test_both_sides_have_a_task_until_it_is_answered(corrected, center, who, request, log_in) -> None:
    client = log_in(request.getfixturevalue(who))
    home = client.get(reverse("kpi:home", args=[center.code])).content.decode()
    assert "検証後に訂正あり：事業報告・収支決算の検証（令和6年度）" in home


def test_one_side_says_why_it_stands_and_the_other_confirms(
    corrected, center, city_staff, foundation_staff, log_in
) -> None:
    answer = propose_as_it_is(center, VERIFICATION, KEY, by=foundation_staff, day=date(2025, 9, 20))
    found = changed(center)
    assert found is not None
    assert found.answer == answer
    assert not found.waits_for(center.side_of(foundation_staff))
    assert found.waits_for(center.side_of(city_staff))
    answers.confirm(answer=answer, version=answer.version, by=city_staff, at=tokyo(date(2025, 9, 25)))
    assert changed(center) is None
    assert changed(center, day=date(2025, 9, 24)) is not None, "until then it was open"
    events = HistoryEvent.objects.filter(action__startswith="answer.").order_by("pk")
    assert list(events.values_list("action", "actor", "reason")) == [
        ("answer.propose", foundation_staff.username, "実績に影響しない"),
        ("answer.confirm", city_staff.username, "実績に影響しない"),
    ]
    page = log_in(city_staff).get(reverse("agreements:verification", args=[center.code, "settlement", 2024]))
    text = page.content.decode()
    assert "実績に影響しない" in text
    assert "この年度は両者が検証済みです" in text


def test_the_home_page_of_a_past_day_offers_nothing_and_knows_of_no_later_proposal(
    corrected, center, city_staff, city_viewer, foundation_staff, log_in
) -> None:
    client, address = log_in(city_staff), reverse("kpi:home", args=[center.code])
    past = {"known_at": "2025-09-15"}
    offered, waits = "訂正後も変更しないことを、理由を付して提案する", "提案され、回答を待っています"
    assert offered in client.get(address).content.decode()
    assert offered not in client.get(address, past).content.decode()
    propose_as_it_is(center, VERIFICATION, KEY, by=foundation_staff, day=date(2025, 9, 20))
    assert waits in client.get(address).content.decode()
    for reader in (client, log_in(city_viewer)):
        then = reader.get(address, past).content.decode()
        assert "検証後に訂正あり" in then
        assert waits not in then
        assert "次は、" not in then, "whose step is next today is nothing of that day"


def test_a_further_correction_asks_anew(corrected, center, city_staff, foundation_staff) -> None:
    answer = propose_as_it_is(center, VERIFICATION, KEY, by=foundation_staff, day=date(2025, 9, 20))
    answers.confirm(answer=answer, version=answer.version, by=city_staff, at=tokyo(date(2025, 9, 25)))
    second = corrected["statement"].__class__.objects.get(fiscal_year=FiscalYear(2024), revision=2)
    more = LESS | {"other": 101_000}
    correct_statement(second, more, by=foundation_staff, reviewer=city_staff, day=date(2025, 9, 28))
    found = changed(center)
    assert found is not None
    (change,) = found.changes
    assert change.then is not None
    assert (change.then.revision, change.now.revision) == ("settlement-r2", "settlement-r3")


def test_nobody_confirms_what_they_did_not_see(corrected, center, city_staff, foundation_staff) -> None:
    answer = propose_as_it_is(center, VERIFICATION, KEY, by=foundation_staff, day=date(2025, 9, 20))
    second = corrected["statement"].__class__.objects.get(fiscal_year=FiscalYear(2024), revision=2)
    correct_statement(second, finance.USUAL, by=foundation_staff, reviewer=city_staff, day=date(2025, 9, 21))
    with pytest.raises(ValidationError):
        answers.confirm(answer=answer, version=answer.version, by=city_staff, at=tokyo(TODAY))
    answer.refresh_from_db()
    answers.decline(
        answer=answer, version=answer.version, reason="再度訂正された", by=city_staff, at=tokyo(TODAY)
    )
    assert changed(center) is not None


def test_the_own_side_does_not_confirm(corrected, center, city_staff, city) -> None:
    answer = propose_as_it_is(center, VERIFICATION, KEY, by=city_staff, day=date(2025, 9, 20))
    colleague = make_person("colleague", city, city_staff.role)
    with pytest.raises(SameSide):
        answers.confirm(answer=answer, version=answer.version, by=colleague, at=tokyo(TODAY))


def test_only_what_has_changed_is_confirmed_anew_and_only_with_a_reason(year, center, city_staff) -> None:
    with pytest.raises(ValidationError):
        propose_as_it_is(center, VERIFICATION, KEY, by=city_staff, day=TODAY)


def test_a_reason_is_needed(corrected, center, city_staff) -> None:
    with pytest.raises(ValidationError):
        propose_as_it_is(center, VERIFICATION, KEY, by=city_staff, day=TODAY, reason=" ")
    assert not Answer.objects.exists()


def test_the_databases_keep_what_it_rested_on(corrected, center, city_staff, foundation_staff) -> None:
    answer = propose_as_it_is(center, VERIFICATION, KEY, by=foundation_staff, day=date(2025, 9, 20))
    answers.confirm(answer=answer, version=answer.version, by=city_staff, at=tokyo(TODAY))
    for rows in (RestsOn.objects.all(), Answer.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(settled_key="x")
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


def test_the_walk_in_the_browser(corrected, center, city_staff, foundation_staff, log_in) -> None:
    client = log_in(foundation_staff)
    page = reverse("agreements:verification", args=[center.code, "settlement", 2024])
    asked = f"{reverse('standing:propose', args=[center.code])}?kind=agreements.verification&key=settlement%2F2024"
    assert asked.replace("&", "&amp;") in client.get(page).content.decode()
    assert client.post(asked, {"reason": ""}).status_code == 400
    assert client.post(asked, {"reason": "影響しない"}).url == page
    answer = Answer.objects.get()
    other = log_in(city_staff)
    assert reverse("standing:answer", args=[center.code, answer.pk]) in other.get(page).content.decode()
    confirm = reverse("standing:answer_confirm", args=[center.code, answer.pk])
    assert other.post(confirm, {"version": answer.version}).status_code == 302
    assert "この年度は両者が検証済みです" in other.get(page).content.decode()


def test_the_page_shows_what_is_verified(year, center, city_staff, log_in) -> None:
    for kind in ("settlement", "kpi"):
        page = log_in(city_staff).get(reverse("agreements:verification", args=[center.code, kind, 2024]))
        text = page.content.decode()
        assert "令和6年度 収支決算書" in text
        assert "共同研究負担金" in text
        assert "300,000" in text
        assert "6" in text
        assert reverse("kpi:report", args=[center.code, 2024, year["report"].pk]) in text
        assert "令和7年5月20日" in text


def test_a_plan_without_a_report_is_named_beside_one_that_has_one(
    year, center, city_staff, log_in, time_machine
) -> None:
    time_machine.move_to(tokyo(date(2026, 6, 2)))
    make_plan(center, code="region", targets={"patents": 5})
    url = reverse("agreements:verification", args=[center.code, "settlement", 2025])
    text = log_in(city_staff).get(url).content.decode()
    assert "「計画 region」の令和7年度の受理済みの実績報告なし" in text


def test_the_accounts_stand_above_their_side_s_total(year, center, city_staff, log_in) -> None:
    """Everything stood in one list, both totals at its end, and a sum that is not printed was blank."""
    page = log_in(city_staff).get(reverse("agreements:verification", args=[center.code, "settlement", 2024]))
    names = [row[0] for row in page.context["exhibits"][0].rows]
    sides = [names.index(one) for one in ("収入合計", "支出合計", "当期収支差額")]
    assert sides == sorted(sides)
    assert 0 < sides[0] < sides[1] - 1 < sides[2]
    assert not [row for row in page.context["exhibits"][0].rows if not row[1]]


@pytest.mark.parametrize("number", [1, 3])
def test_query_count_is_constant(
    center, foundation_staff, city_staff, number, django_assert_num_queries
) -> None:
    agreement = make_agreement(center)
    make_verification_obligation(agreement, VerificationKind.SETTLEMENT)
    finance.make_accounts(center)
    for year in range(2025 - number, 2025):
        statement = finance.settled(center, year, by=foundation_staff, reviewer=city_staff)
        verify(center, year, by=city_staff, confirmer=foundation_staff)
        correct_statement(
            statement, LESS, by=foundation_staff, reviewer=city_staff, day=date(year + 1, 9, 12)
        )
    with django_assert_num_queries(5):
        found = changes.load(center, known_at=TODAY, kinds=[VERIFICATION]).all
    assert len(found) == number


def test_no_page_of_its_duty_dates_the_correction_or_calls_it_done(
    corrected, center, foundation_staff, city_staff, log_in
) -> None:
    """The duty was settled on the one day and corrected on another; what counts and what rings say the same."""
    duty = store(center, 2025, by=foundation_staff)["verify-settlement/2024"]
    duty_actions.set_own_date(duty=duty, version=duty.version, due_on=date(2025, 11, 30), by=foundation_staff)
    address = "/lab/calendar/2024/basic/verify-settlement/"
    said = [piece.text for piece in pieces(log_in(city_staff).get(address).content.decode())]
    assert "令和7年6月30日に検証済み。検証後に訂正あり。" in said
    trace = log_in(city_staff).get("/lab/traceability/basic/2024/").content.decode()
    assert "うち2件が確定しています。うち2件は、確定の後に訂正がありました。" in trace
    secret = feed_actions.issue(by=city_staff, at=tokyo(TODAY))
    feed = log_in(None).get(f"/calendar/{secret}.ics").content.decode().replace("\r\n ", "")
    assert "SUMMARY:【検証後に訂正あり】検証 settlement（令和6年度分） lab" in feed
