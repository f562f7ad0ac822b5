"""What both sides verify: one hands in the result, the other confirms or returns it; nobody does both."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse

from agreements.models import Verification, VerificationKind
from agreements.pages import todo
from agreements.verifications import actions, verification_years
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import HistoryEvent, ReviewState, User
from iconm_portal.values.fiscal import FiscalYear
from tests.builders.agreements import make_agreement
from tests.builders.plans import tokyo
from tests.builders.support import make_verification_obligation
from tests.people import make_person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
NOW = tokyo(TODAY)
KPI, SETTLEMENT = VerificationKind.KPI, VerificationKind.SETTLEMENT


@pytest.fixture(autouse=True)
def at_that_time(time_machine):
    time_machine.move_to(NOW)


@pytest.fixture
def asked(center):
    agreement = make_agreement(center)
    return [make_verification_obligation(agreement, kind) for kind in VerificationKind]


def write(
    center, by: User, *, version: int = 0, result: str = "結果", kind=KPI, year: int = 2025
) -> Verification:
    return actions.save_draft(
        center=center, kind=kind, fiscal_year=FiscalYear(year), version=version, result=result, by=by, at=NOW
    )


def hand_in(center, by: User, **more: Any) -> Verification:
    row = write(center, by, **more)
    return actions.submit(verification=row, version=row.version, by=by, at=NOW)


@pytest.mark.parametrize("kind", [KPI, SETTLEMENT])
@pytest.mark.parametrize(
    ("author", "other"), [("foundation_staff", "city_staff"), ("city_staff", "foundation_staff")]
)
def test_either_side_writes_and_the_other_confirms(asked, center, kind, author, other, request) -> None:
    by, confirms = request.getfixturevalue(author), request.getfixturevalue(other)
    row = hand_in(center, by, kind=kind)
    actions.confirm(verification=row, version=row.version, by=confirms, at=NOW)
    assert (row.state, row.known_from, row.submitted_by, row.accepted_by) == ("accepted", TODAY, by, confirms)
    done = HistoryEvent.objects.values_list("action", "actor").order_by("pk")
    assert list(done) == [
        ("verification.save", by.username),
        ("verification.submit", by.username),
        ("verification.accept", confirms.username),
    ]


def test_returned_with_a_comment_and_handed_in_again(asked, center, city_staff, foundation_staff) -> None:
    row = hand_in(center, foundation_staff)
    with pytest.raises(ValidationError):
        actions.send_back(verification=row, version=row.version, comment=" ", by=city_staff, at=NOW)
    actions.send_back(verification=row, version=row.version, comment="根拠を加える", by=city_staff, at=NOW)
    assert (row.state, row.submitted_by) == (ReviewState.RETURNED, None)
    assert [comment.text for comment in row.comments.all()] == ["根拠を加える"]
    row = write(center, foundation_staff, version=row.version, result="根拠を加えた")
    actions.submit(verification=row, version=row.version, by=foundation_staff, at=NOW)
    actions.confirm(verification=row, version=row.version, by=city_staff, at=NOW)
    assert row.result == "根拠を加えた"


def test_what_came_back_is_called_returned_and_no_draft(
    asked, center, city_staff, foundation_staff, log_in
) -> None:
    row = hand_in(center, foundation_staff)
    actions.send_back(verification=row, version=row.version, comment="根拠を加える", by=city_staff, at=NOW)
    address = reverse("agreements:verification", args=[center.code, "kpi", 2025])
    page = log_in(foundation_staff).get(address).content.decode()
    assert "相手方から差し戻されています。" in page
    assert "下書き" not in page.partition("<form")[0]
    seen = log_in(city_staff).get(address).content.decode()
    assert "根拠を加える" in page
    # Whoever returned it goes on knowing that, until it comes again: who, when and why.
    assert f"に{city_staff.name}が差し戻しました。相手方が修正中で、改めて提出されると閲覧できます。" in seen
    assert "根拠を加える" in seen
    assert "作成中です" not in seen
    assert 'id="result"' not in seen
    actions.submit(verification=row, version=row.version, by=foundation_staff, at=NOW)
    assert "差し戻しました" not in log_in(city_staff).get(address).content.decode()


def test_the_city_goes_on_knowing_that_it_returned_the_self_assessment(
    asked, center, city_staff, city_viewer, foundation_staff, log_in
) -> None:
    row = write(center, foundation_staff, kind=VerificationKind.EFFECT)
    actions.submit(verification=row, version=row.version, by=foundation_staff, at=NOW)
    actions.open_review(verification=row, version=row.version, by=city_staff, at=NOW)
    actions.send_back(verification=row, version=row.version, comment="根拠を加える", by=city_staff, at=NOW)
    address = reverse("agreements:verification", args=[center.code, "effect", 2025])
    page = log_in(city_staff).get(address).content.decode()
    assert f"に{city_staff.name}が差し戻しました。" in page
    assert "根拠を加える" in page
    assert "市から差し戻されています。" in log_in(foundation_staff).get(address).content.decode()


def test_the_own_side_does_not_confirm(asked, center, city_staff, foundation_staff, city) -> None:
    row = hand_in(center, city_staff)
    colleague = make_person("colleague", city, city_staff.role)
    with pytest.raises(SameSide):
        actions.confirm(verification=row, version=row.version, by=colleague, at=NOW)
    with pytest.raises(SameSide):
        actions.send_back(verification=row, version=row.version, comment="直す", by=colleague, at=NOW)


def test_nobody_does_both_even_after_changing_sides(asked, center, foundation_staff, city) -> None:
    row = hand_in(center, foundation_staff)
    foundation_staff.organisation = city
    foundation_staff.save()
    with pytest.raises(SamePerson):
        actions.confirm(verification=row, version=row.version, by=foundation_staff, at=NOW)


@pytest.mark.parametrize(
    "person", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"]
)
def test_others_write_nothing(asked, center, person, request) -> None:
    with pytest.raises(PermissionDenied):
        write(center, request.getfixturevalue(person))
    assert not Verification.objects.exists()


def test_the_other_sides_draft_is_not_touched(asked, center, city_staff, foundation_staff) -> None:
    row = write(center, city_staff)
    steps = (
        lambda: write(center, foundation_staff, version=row.version),
        lambda: actions.submit(verification=row, version=row.version, by=foundation_staff, at=NOW),
        lambda: actions.discard(verification=row, version=row.version, by=foundation_staff, at=NOW),
    )
    for step in steps:
        with pytest.raises(ValidationError):
            step()
    assert Verification.objects.get().version == row.version


def test_two_begin_it_at_once(asked, center, city_staff, foundation_staff) -> None:
    write(center, city_staff)
    with pytest.raises(Conflict):
        write(center, city_staff)


def test_confirmed_and_returned_at_once(asked, center, city_staff, foundation_staff) -> None:
    row = hand_in(center, foundation_staff)
    seen = row.version
    actions.confirm(verification=row, version=seen, by=city_staff, at=NOW)
    late = Verification.objects.get()
    with pytest.raises(Conflict):
        actions.send_back(verification=late, version=seen, comment="直す", by=city_staff, at=NOW)
    assert not late.comments.exists()


def test_taken_back_before_the_answer_and_not_after(asked, center, city_staff, foundation_staff) -> None:
    row = hand_in(center, foundation_staff)
    actions.take_back(verification=row, version=row.version, by=foundation_staff)
    assert row.state == ReviewState.DRAFT
    actions.submit(verification=row, version=row.version, by=foundation_staff, at=NOW)
    actions.confirm(verification=row, version=row.version, by=city_staff, at=NOW)
    with pytest.raises(WrongStep):
        actions.take_back(verification=row, version=row.version, by=foundation_staff)


def test_an_empty_result_is_not_handed_in(asked, center, city_staff) -> None:
    row = write(center, city_staff, result=" ")
    with pytest.raises(ValidationError):
        actions.submit(verification=row, version=row.version, by=city_staff, at=NOW)
    assert Verification.objects.get().state == ReviewState.DRAFT


def test_a_discarded_draft_makes_room(asked, center, city_staff, foundation_staff) -> None:
    row = write(center, city_staff, result="下書き")
    actions.discard(verification=row, version=row.version, by=city_staff, at=NOW)
    assert HistoryEvent.objects.get(action="verification.discard").before["result"] == "下書き"
    write(center, foundation_staff)


def test_what_is_settled_is_frozen_by_the_database(asked, center, city_staff, foundation_staff) -> None:
    row = hand_in(center, city_staff)
    actions.confirm(verification=row, version=row.version, by=foundation_staff, at=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Verification.objects.filter(pk=row.pk).update(result="書き換え")


@pytest.mark.parametrize(
    ("year", "kind"), [(2021, KPI), (2026, KPI), (2026, SETTLEMENT), (2027, VerificationKind.EFFECT)]
)
def test_years_that_cannot_be_verified(asked, center, foundation_staff, year, kind) -> None:
    with pytest.raises(ValidationError):
        write(center, foundation_staff, year=year, kind=kind)


def test_no_agreement_asks_for_it(center, city_staff) -> None:
    with pytest.raises(ValidationError):
        write(center, city_staff)


def test_open_years(asked) -> None:
    years = {
        kind: [year.start for year in verification_years.open_years(kind, asked, today=TODAY)]
        for kind in VerificationKind
    }
    assert years == {
        KPI: [2022, 2023, 2024, 2025],
        SETTLEMENT: [2022, 2023, 2024, 2025],
        VerificationKind.EFFECT: [2022, 2023, 2024, 2025, 2026],
    }


# -- Pages --

LIST, PAGE = "/lab/verifications/", "/lab/verifications/kpi/2025/"


def test_the_way_through_the_pages(asked, center, city_staff, foundation_staff, log_in) -> None:
    writer, reader = log_in(foundation_staff), log_in(city_staff)
    assert writer.post(PAGE + "save/", {"version": "0", "result": "下書きの結果"}).status_code == 302
    assert "下書きの結果" not in reader.get(PAGE).content.decode()
    assert writer.post(PAGE + "submit/", {"version": "1", "result": "目標を達成"}).status_code == 302
    page = reader.get(PAGE)
    assert page.context["steps"].confirm
    assert "目標を達成" in page.content.decode()
    version = page.context["sheet"].version
    assert reader.post(PAGE + "return/", {"version": version, "comment": ""}).status_code == 400
    assert reader.post(PAGE + "confirm/", {"version": version}).status_code == 302
    assert Verification.objects.get().is_settled


@pytest.mark.parametrize("person", ["city_viewer", "foundation_viewer"])
def test_viewers_read_only_what_is_settled(
    asked, center, city_staff, foundation_staff, person, log_in, request
) -> None:
    client = log_in(request.getfixturevalue(person))
    row = hand_in(center, foundation_staff, result="目標を達成")
    assert client.get(PAGE).status_code == 404
    assert "目標を達成" not in client.get(LIST).content.decode()
    actions.confirm(verification=row, version=row.version, by=city_staff, at=NOW)
    page = client.get(PAGE).content.decode()
    assert "目標を達成" in page
    assert "<textarea" not in page


def test_a_refused_save_keeps_what_was_typed_beside_what_is_saved(
    asked, center, foundation_staff, foundation, log_in
):
    row = write(center, foundation_staff, result="先の結果")
    colleague = make_person("colleague", foundation, foundation_staff.role)
    write(center, colleague, version=row.version, result="同僚の結果")
    answer = log_in(foundation_staff).post(PAGE + "save/", {"version": row.version, "result": "私の結果"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "私の結果" in text
    assert "同僚の結果" in text
    assert Verification.objects.get().result == "同僚の結果"


def test_it_waits_for_the_other_side_on_the_home_page(
    asked, center, city_staff, foundation_staff, foundation_viewer
):
    def tasks(user: User) -> list[str]:
        return [task.url for task in todo.tasks(user, center, today=TODAY)]

    row = hand_in(center, foundation_staff)
    assert (tasks(city_staff), tasks(foundation_staff), tasks(foundation_viewer)) == ([PAGE], [], [])
    actions.send_back(verification=row, version=row.version, comment="直す", by=city_staff, at=NOW)
    assert (tasks(city_staff), tasks(foundation_staff)) == ([], [PAGE])
    write(center, foundation_staff, kind=VerificationKind.EFFECT)
    assert tasks(city_staff) == []


@pytest.mark.parametrize("step", ["save", "submit", "take-back", "discard", "confirm", "return"])
def test_steps_answer_a_get_with_their_page(asked, center, city_staff, log_in, step) -> None:
    answer = log_in(city_staff).get(f"{PAGE}{step}/")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)


def test_the_third_kind_has_a_page_of_its_own(asked, center, foundation_staff, log_in) -> None:
    client = log_in(foundation_staff)
    address = reverse("agreements:verification", kwargs={"center": "lab", "kind": "effect", "year": 2025})
    assert "kpi/evaluation/evaluation.html" in [template.name for template in client.get(address).templates]
    assert client.get("/lab/verifications/nothing/2025/").status_code == 404


@pytest.mark.parametrize("first", [2022, 1990])
def test_query_count_is_constant(center, city_staff, log_in, first, django_assert_max_num_queries) -> None:
    agreement = make_agreement(center, starts_on=date(first, 4, 1))
    for kind in VerificationKind:
        make_verification_obligation(agreement, kind)
    hand_in(center, city_staff, year=2025)
    client = log_in(city_staff)
    with django_assert_max_num_queries(15):
        assert client.get(LIST).status_code == 200
