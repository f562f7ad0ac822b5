"""What both verified can be settled anew, for a reason, after what it rests on was corrected. What is in force stays so
until both have settled the new one, and readable afterwards."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from agreements.duties import duty_status
from agreements.duties.duty_status import Progress
from agreements.models import Verification, VerificationKind
from agreements.pages import overview, overview_sheets
from agreements.verifications import actions
from iconm_portal.forms.refusals import Conflict, SameSide, WrongStep
from iconm_portal.models import HistoryEvent, ReviewState
from iconm_portal.settlement import answers
from iconm_portal.standing import changes
from iconm_portal.values.fiscal import FiscalYear
from kpi.dashboard import changes_between
from tests.builders import finance
from tests.builders.agreements import make_agreement
from tests.builders.plans import make_accepted_report, make_plan, tokyo
from tests.builders.standing import correct_statement, propose_as_it_is, verify
from tests.builders.support import make_verification_obligation

pytestmark = pytest.mark.django_db
VERIFICATION = "agreements.verification"
KEY = "settlement/2024"
VERIFIED, CORRECTED, ANEW, TODAY = date(2025, 6, 30), date(2025, 9, 12), date(2025, 9, 20), date(2025, 10, 1)
LESS = finance.USUAL | {"other": 100_500}
WHY = "訂正後の決算により検証し直す"


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(tokyo(TODAY))


@pytest.fixture
def year(center, foundation_staff, city_staff) -> dict[str, Any]:
    agreement = make_agreement(center)
    for kind in VerificationKind:
        make_verification_obligation(agreement, kind)
    finance.make_accounts(center)
    plan = make_plan(center, targets={"patents": 5})
    statement = finance.settled(center, 2024, by=foundation_staff, reviewer=city_staff)
    make_accepted_report(
        plan, 2024, {"patents": 6}, by=foundation_staff, reviewer=city_staff, at=tokyo(date(2025, 5, 28))
    )
    verified = verify(center, 2024, by=city_staff, confirmer=foundation_staff)
    return {"statement": statement, "verified": verified}


@pytest.fixture
def corrected(year, foundation_staff, city_staff) -> dict[str, Any]:
    correct_statement(year["statement"], LESS, by=foundation_staff, reviewer=city_staff, day=CORRECTED)
    return year


def begin(verification: Verification, *, by, day: date = ANEW, reason: str = WHY) -> Verification:
    return actions.verify_anew(verification=verification, reason=reason, by=by, at=tokyo(day))


def hand_in(row: Verification, *, by, result: str = "訂正後の決算も適正と認める") -> Verification:
    return actions.save_and_submit(
        center=row.center,
        kind=row.kind,
        fiscal_year=row.fiscal_year,
        version=row.version,
        result=result,
        by=by,
        at=tokyo(date(2025, 9, 22)),
    )


@pytest.fixture
def anew(corrected, foundation_staff, city_staff) -> Verification:
    """Written anew by the foundation, confirmed by the city."""
    row = hand_in(begin(corrected["verified"], by=foundation_staff), by=foundation_staff)
    return actions.confirm(verification=row, version=row.version, by=city_staff, at=tokyo(date(2025, 9, 25)))


def page_of(center, client, path: str = "verification", *more: Any) -> str:
    address = reverse(f"agreements:{path}", args=[center.code, "settlement", 2024, *more])
    return client.get(address).content.decode()


def test_the_new_revision_names_what_it_rests_on_and_the_old_one_keeps_its_own(anew, center) -> None:
    assert changes.load(center, known_at=TODAY).of(VERIFICATION, KEY) is None
    found = changes.load(center, known_at=date(2025, 9, 24)).of(VERIFICATION, KEY)
    assert found is not None, "until then it was open"
    assert found.settled.revision == ""
    for revision, settlement in (("", "settlement-r1"), ("r2", "settlement-r2")):
        seen, _day = changes.seen_by(center, VERIFICATION, KEY, revision, known_at=TODAY)
        assert ("finance.settlement", settlement) in [(one.kind, one.revision) for one in seen]


def test_a_further_correction_asks_anew_of_the_revision_in_force(
    anew, corrected, center, foundation_staff, city_staff
) -> None:
    second = corrected["statement"].__class__.objects.get(fiscal_year=FiscalYear(2024), revision=2)
    correct_statement(second, finance.USUAL, by=foundation_staff, reviewer=city_staff, day=date(2025, 9, 28))
    found = changes.load(center, known_at=TODAY).of(VERIFICATION, KEY)
    assert found is not None
    assert found.settled.revision == "r2"
    (change,) = found.changes
    assert (change.seen.revision, change.now.revision) == ("settlement-r2", "settlement-r3")
    answer = propose_as_it_is(center, VERIFICATION, KEY, by=foundation_staff, day=date(2025, 9, 29))
    assert answer.settled_revision == "r2"
    third = begin
    with pytest.raises(ValidationError):  # that is answered first
        third(anew, by=city_staff, day=TODAY)
    answers.decline(answer=answer, version=answer.version, reason="やり直す", by=city_staff, at=tokyo(TODAY))
    assert third(anew, by=city_staff, day=TODAY).revision == 3


def test_the_page_while_it_is_written_and_after(
    corrected, center, foundation_staff, city_staff, city_viewer, log_in
) -> None:
    address = reverse("agreements:verification_anew", args=[center.code, "settlement", 2024])
    client = log_in(foundation_staff)
    assert address in page_of(center, client)
    assert client.post(address, {"reason": ""}).status_code == 400
    assert client.post(address, {"reason": WHY}).status_code == 302
    row = Verification.objects.get(revision=2)
    own = page_of(center, client)
    assert "検証後に訂正あり" in own
    assert WHY in own
    assert "再検証：下書き" in own
    assert address not in own
    for other in (
        city_staff,
        city_viewer,
    ):  # a draft stays with its side, and what is in force stays in force
        text = page_of(center, log_in(other))
        assert WHY not in text
        assert "検証後に訂正あり" in text
        assert "適正と認める" in text
    assert "相手方が新しい版を作成しています" in page_of(center, log_in(city_staff))
    assert "相手方が新しい版を作成しています" not in page_of(center, log_in(city_viewer))
    hand_in(row, by=foundation_staff)
    city = log_in(city_staff)
    home = city.get(reverse("kpi:home", args=[center.code])).content.decode()
    assert "再検証の結果を確認または差戻し：事業報告・収支決算の検証、令和6年度" in home
    row.refresh_from_db()
    confirm = reverse("agreements:verification_confirm", args=[center.code, "settlement", 2024])
    assert city.post(confirm, {"version": row.version}).status_code == 302
    viewer = log_in(city_viewer)
    text = page_of(center, viewer)
    assert "両者が令和7年10月1日にこの年度を改めて検証しました" in text
    assert "検証後に訂正あり" not in text
    assert "訂正後の決算も適正と認める" in text
    assert "令和6年度 収支決算書（第2版）" in text
    old = page_of(center, viewer, "verification_revision", 1)
    assert "適正と認める" in old
    assert "令和6年度 収支決算書（第2版）" not in old, "it shows what it rested on"
    assert "令和6年度 収支決算書" in old
    assert "第2版が有効です" in old
    missing = reverse("agreements:verification_revision", args=[center.code, "settlement", 2024, 3])
    assert viewer.get(missing).status_code == 404
    listed = viewer.get(reverse("agreements:verifications", args=[center.code])).content.decode()
    assert "（第2版）" in listed
    assert "検証後に訂正あり" not in listed


def test_duty_and_papers_show_what_was_in_force_on_the_day(anew, center) -> None:
    def known(day: date):
        return [
            (one.progress, one.settled_on)
            for one in duty_status.concerning(center, FiscalYear(2024), known_at=day)
            if one.obligation.verification == VerificationKind.SETTLEMENT
        ]

    # It was fulfilled by the first one: another one does not make it late.
    assert known(VERIFIED) == [(Progress.SETTLED, VERIFIED)]
    assert known(CORRECTED) == [(Progress.CORRECTED, VERIFIED)]
    assert known(TODAY) == [(Progress.SETTLED, VERIFIED)]
    for day, result in ((VERIFIED, "適正と認める"), (TODAY, "訂正後の決算も適正と認める")):
        (row,) = overview.verifications(center, known_at=day)
        assert row.row.result == result
    rows = overview.verifications(center, known_at=TODAY)
    assert f"【第2版】{WHY}" in str(overview_sheets.verifications_sheet(center, rows, known_at=TODAY))
    table = str(overview_sheets.verifications_data(center, rows))
    assert "revision" in table
    assert WHY in table


def test_the_duty_is_not_late_by_it(anew, center, city_staff, log_in) -> None:
    addresses = [reverse("agreements:calendar_of_year", args=[center.code, year]) for year in (2024, 2025)]
    pages = "".join(log_in(city_staff).get(one).content.decode() for one in addresses)
    assert "令和7年9月25日に改めて検証されています" in pages
    assert "期限超過" not in pages


def test_what_changed_between_two_days_says_why(anew, center) -> None:
    between = changes_between.load(center, earlier=CORRECTED, later=TODAY)
    said = [(one.since, one.why) for one in between.changes if one.verification]
    assert said == [(date(2025, 9, 25), WHY)]


def test_the_history_tells_it_and_keeps_the_draft_with_its_side(anew, foundation_staff, city_staff) -> None:
    events = HistoryEvent.objects.filter(action__startswith="verification.").order_by("pk")
    assert list(events.values_list("action", "actor", "reason"))[3:] == [
        ("verification.start", foundation_staff.username, WHY),
        ("verification.save", foundation_staff.username, ""),
        ("verification.submit", foundation_staff.username, ""),
        ("verification.accept", city_staff.username, WHY),
    ]


def test_only_after_a_correction_only_with_a_reason_and_only_by_the_two_sides(
    year, center, foundation_staff, city_staff, city_viewer
) -> None:
    verified = year["verified"]
    with pytest.raises(ValidationError):
        begin(verified, by=city_staff)
    correct_statement(year["statement"], LESS, by=foundation_staff, reviewer=city_staff, day=CORRECTED)
    with pytest.raises(ValidationError):
        begin(verified, by=city_staff, reason=" ")
    with pytest.raises(PermissionDenied):
        begin(verified, by=city_viewer)
    draft = begin(verified, by=city_staff)
    with pytest.raises(WrongStep):  # a draft is no settled one
        begin(draft, by=city_staff)
    assert Verification.objects.filter(fiscal_year=FiscalYear(2024)).count() == 2


def test_two_people_begin_it_at_once(corrected, foundation_staff, city_staff) -> None:
    begin(corrected["verified"], by=city_staff)
    with pytest.raises(Conflict):
        begin(corrected["verified"], by=foundation_staff)


def test_the_own_side_does_not_confirm_it(corrected, city_staff, city) -> None:
    from_city = hand_in(begin(corrected["verified"], by=city_staff), by=city_staff)
    colleague = city_staff.__class__.objects.create(
        username="colleague", name="同僚", organisation=city, role=city_staff.role
    )
    with pytest.raises(SameSide):
        actions.confirm(verification=from_city, version=from_city.version, by=colleague, at=tokyo(TODAY))


def test_it_is_settled_anew_or_said_to_stand_and_never_both_at_once(
    corrected, center, foundation_staff, city_staff, log_in
) -> None:
    """Once a new revision is under way, nobody says any more that the earlier one stands; what was said before waits."""
    answer = propose_as_it_is(center, VERIFICATION, KEY, by=city_staff, day=TODAY)
    with pytest.raises(ValidationError):
        begin(corrected["verified"], by=foundation_staff)
    answers.take_back(answer=answer, version=answer.version, by=city_staff, at=tokyo(TODAY))
    row = hand_in(begin(corrected["verified"], by=foundation_staff), by=foundation_staff)
    page = reverse("agreements:verification", args=[center.code, "settlement", 2024])
    for person in (city_staff, foundation_staff):
        assert (
            "訂正後も変更しないことを、理由を付して提案する" not in log_in(person).get(page).content.decode()
        )
        with pytest.raises(ValidationError):
            propose_as_it_is(center, VERIFICATION, KEY, by=person, day=TODAY)
    actions.confirm(verification=row, version=row.version, by=city_staff, at=tokyo(TODAY))


@pytest.mark.parametrize(("is_handed_in", "asked"), [(False, "foundation_staff"), (True, "city_staff")])
def test_while_it_is_settled_anew_only_the_side_whose_step_is_next_has_a_task(
    corrected, center, foundation_staff, city_staff, log_in, is_handed_in, asked
) -> None:
    row = begin(corrected["verified"], by=foundation_staff)
    if is_handed_in:
        hand_in(row, by=foundation_staff)
    address = reverse("agreements:verification", args=[center.code, "settlement", 2024])
    for who, person in (("foundation_staff", foundation_staff), ("city_staff", city_staff)):
        home = log_in(person).get(reverse("kpi:home", args=[center.code])).content.decode()
        todo = home.partition('id="todo"')[2].partition("</section>")[0]
        assert (f'href="{address}"' in todo) == (who == asked), who


def test_a_draft_can_be_discarded_and_begun_again(corrected, foundation_staff, city_staff) -> None:
    row = begin(corrected["verified"], by=foundation_staff)
    actions.discard(verification=row, version=row.version, by=foundation_staff, at=tokyo(TODAY))
    assert begin(corrected["verified"], by=city_staff).revision == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"revision": 1, "state": ReviewState.DRAFT},
        {"revision": 2, "reason": ""},
        {"revision": 2, "reason": WHY, "kind": VerificationKind.EFFECT},
        {"revision": 1, "reason": WHY, "fiscal_year": FiscalYear(2023)},
    ],
)
def test_the_databases_hold_one_of_each_revision_with_its_reason(year, center, fields) -> None:
    what = {"center": center, "kind": VerificationKind.SETTLEMENT, "fiscal_year": FiscalYear(2024)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.create(**(what | fields))


def test_the_databases_hold_one_open_one(corrected, center, city_staff) -> None:
    begin(corrected["verified"], by=city_staff)
    what = {"center": center, "kind": VerificationKind.SETTLEMENT, "fiscal_year": FiscalYear(2024)}
    with pytest.raises(IntegrityError), transaction.atomic():
        Verification.objects.create(**what, revision=3, reason=WHY)
