"""協議: numbered without a gap, recorded by one side, confirmed or declined by the other."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from agreements.consultations import actions
from agreements.instruments import ending_actions
from agreements.models import Agreement, Consultation, ConsultationFile, ConsultationType
from iconm_portal.forms.refusals import Conflict, SamePerson, SameSide, WrongStep
from iconm_portal.models import Center, HistoryEvent, ProposalState, Role, StoredFile, User
from tests.builders.agreements import (
    PDF,
    a_pdf,
    details,
    make_agreement,
    make_consultation,
    proposed_ending,
)
from tests.days import AT, TODAY
from tests.people import PASSWORD, LogIn, end_session, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


def record(center: Center, by: User, *, new_files: Any = (), **fields: Any) -> Consultation:
    return actions.record(center=center, details=details(**fields), by=by, at=AT, new_files=new_files)


# The actions


def test_it_is_recorded_confirmed_and_frozen(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    made = record(center, city_staff, new_files=[a_pdf("議事録.pdf")])
    assert (made.state, made.proposed_side, made.number) == (ProposalState.PROPOSED, "supporter", 1)
    actions.confirm(consultation=made, version=made.version, by=foundation_staff, at=AT)
    assert (made.state, made.confirmed_by, made.known_from) == ("confirmed", foundation_staff, TODAY)
    events = HistoryEvent.objects.order_by("pk").values_list("action", "consultation")
    key = "lab/consultations/1"
    assert list(events) == [("consultation.propose", key), ("consultation.confirm", key)]
    assert HistoryEvent.objects.earliest("pk").after["files"] == ["議事録.pdf"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Consultation.objects.update(outcome="別の結論")
    with pytest.raises(WrongStep):
        actions.decline(consultation=made, version=made.version, reason="x", by=foundation_staff, at=AT)


def test_numbers_run_by_center_without_a_gap(
    center: Center, foreign_center: Center, city_staff: User, foreign_city_staff: User
) -> None:
    numbers = [record(center, city_staff).number]
    with pytest.raises(ValidationError):
        record(center, city_staff, outcome="")
    with pytest.raises(ValidationError):
        record(center, city_staff, subject="あ" * 201, new_files=[a_pdf()])
    numbers += [record(foreign_center, foreign_city_staff).number, record(center, city_staff).number]
    assert numbers == [1, 1, 2]
    assert not StoredFile.objects.exists()


def test_nobody_answers_their_own_side(center: Center, city_staff: User, foundation_staff: User) -> None:
    made = record(center, city_staff)
    colleague = make_person("city-colleague", center.supporter, Role.STAFF)
    for person, refusal in ((city_staff, SamePerson), (colleague, SameSide)):
        with pytest.raises(refusal):
            actions.confirm(consultation=made, version=made.version, by=person, at=AT)
    with pytest.raises(ValidationError):
        actions.take_back(consultation=made, version=made.version, by=foundation_staff)
    actions.take_back(consultation=made, version=made.version, by=colleague)
    assert made.state == ProposalState.DRAFT


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_only_the_two_staffs_record(center: Center, request: pytest.FixtureRequest, who: str) -> None:
    with pytest.raises(PermissionDenied):
        record(center, request.getfixturevalue(who))


def test_what_was_declined_is_corrected_and_put_forward_again(
    center: Center, city_staff: User, foundation_staff: User
) -> None:
    made = record(center, city_staff)
    actions.decline(consultation=made, version=made.version, reason="金額が違う", by=foundation_staff, at=AT)
    with pytest.raises(ValidationError):
        change(made, foundation_staff, version=made.version)
    with pytest.raises(Conflict):
        change(made, city_staff, version=made.version - 1, new_files=[a_pdf()])
    assert not StoredFile.objects.exists()
    change(made, city_staff, version=made.version, outcome="金額を改めた。", new_files=[a_pdf()])
    made.refresh_from_db()
    assert (made.state, made.outcome, made.decline_reason) == ("proposed", "金額を改めた。", "")
    event = HistoryEvent.objects.latest("pk")
    assert (event.before, event.after) == (
        {"outcome": "終了に合意した。"},
        {"outcome": "金額を改めた。", "files": ["報告書.pdf"]},
    )


def change(made: Consultation, by: User, *, version: int, new_files: Any = (), **fields: Any) -> Consultation:
    return actions.change(
        consultation=Consultation.objects.get(pk=made.pk),
        version=version,
        details=details(**fields),
        by=by,
        at=AT,
        new_files=new_files,
    )


def test_a_talk_is_recorded_after_it_was_held_and_of_the_own_center(
    center: Center, foreign_center: Center, city_staff: User
) -> None:
    for fields in ({"held_on": date(2026, 11, 25)}, {"agreement": make_agreement(foreign_center)}):
        with pytest.raises(ValidationError) as refused:
            record(center, city_staff, **fields)
        assert set(refused.value.message_dict) == set(fields)
    assert not Consultation.objects.exists()


def test_declining_needs_a_reason(center: Center, city_staff: User, foundation_staff: User) -> None:
    made = record(center, city_staff)
    with pytest.raises(ValidationError):
        actions.decline(consultation=made, version=made.version, reason=" ", by=foundation_staff, at=AT)


# Who knows of it


@pytest.mark.parametrize(
    ("state", "seen_by"),
    [
        ("proposed", {"city_staff", "foundation_staff"}),
        ("draft", {"city_staff", "foundation_staff"}),
        ("declined", {"city_staff", "foundation_staff"}),
        ("confirmed", {"city_staff", "foundation_staff", "city_viewer", "foundation_viewer"}),
    ],
)
def test_viewers_see_what_both_confirmed(
    log_in: LogIn,
    center: Center,
    request: pytest.FixtureRequest,
    city_staff: User,
    foundation_staff: User,
    state: str,
    seen_by: set[str],
) -> None:
    made = record(center, city_staff, new_files=[a_pdf()])
    file = ConsultationFile.objects.get().file_id
    step = {"version": made.version, "consultation": made}
    match state:
        case "draft":
            actions.take_back(**step, by=city_staff)
        case "declined":
            actions.decline(**step, by=foundation_staff, at=AT, reason="違う")
        case "confirmed":
            actions.confirm(**step, by=foundation_staff, at=AT)
    seen, listed, downloaded = set(), set(), set()
    for who in ("city_staff", "foundation_staff", "city_viewer", "foundation_viewer"):
        client = log_in(request.getfixturevalue(who))
        seen |= {who} if client.get("/lab/consultations/1/").status_code == 200 else set()
        downloaded |= {who} if client.get(f"/lab/consultations/1/files/{file}/").status_code == 200 else set()
        listed |= {who} if "解約の協議" in client.get("/lab/consultations/").content.decode() else set()
    assert seen == listed == downloaded == seen_by


# The pages


TYPED = {
    "type": ConsultationType.COORDINATE,
    "agreement": "basic",
    "held_on": "令和8年11月20日",
    "subject": "来年度の計画の調整",
    "participants": "市 課長、財団 部長",
    "outcome": "原案のとおり調整した。",
    "version": "0",
}


@pytest.fixture
def basic(center: Center) -> Agreement:
    return make_agreement(center)


@pytest.mark.usefixtures("basic")
def test_both_sides_settle_it_in_their_browsers(
    log_in: LogIn, city_staff: User, foundation_staff: User
) -> None:
    city, foundation = log_in(city_staff), log_in(foundation_staff)
    minutes = SimpleUploadedFile("議事録.pdf", PDF)
    answer = foundation.post("/lab/consultations/new/", {**TYPED, "documents": minutes})
    assert answer["Location"] == "/lab/consultations/1/"
    assert "来年度の計画の調整" in city.get("/lab/consultations/").content.decode()
    text = city.get("/lab/consultations/1/").content.decode()
    assert [word for word in ("原案のとおり", "議事録.pdf", "市 課長") if word not in text] == []
    no_reason = city.post("/lab/consultations/1/decline/", {"version": 1})
    assert no_reason.status_code == 400
    assert city.post("/lab/consultations/1/decline/", {"version": 1, "reason": "日付"}).status_code == 302
    assert "日付" in foundation.get("/lab/consultations/1/").content.decode()
    version = Consultation.objects.get().version
    again = {**TYPED, "held_on": "2026-11-19", "version": version}
    assert foundation.post("/lab/consultations/1/edit/", again).status_code == 302
    version = Consultation.objects.get().version
    assert city.post("/lab/consultations/1/confirm/", {"version": version - 1}).status_code == 409
    assert city.post("/lab/consultations/1/confirm/", {"version": version}).status_code == 302
    assert Consultation.objects.get().state == ProposalState.CONFIRMED


@pytest.mark.usefixtures("basic")
def test_a_conflict_shows_both_versions_and_loses_nothing(log_in: LogIn, city_staff: User) -> None:
    client = log_in(city_staff)
    client.post("/lab/consultations/new/", TYPED)
    client.post("/lab/consultations/1/take-back/", {"version": 1})
    client.post("/lab/consultations/1/edit/", {**TYPED, "version": 2, "outcome": "先に保存した結論"})
    client.post("/lab/consultations/1/take-back/", {"version": 3})
    answer = client.post("/lab/consultations/1/edit/", {**TYPED, "version": 2, "outcome": "後から打った結論"})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "先に保存した結論" in text
    assert "後から打った結論" in text
    assert Consultation.objects.get().outcome == "先に保存した結論"
    kept = client.post("/lab/consultations/1/edit/", {**TYPED, "version": 4, "outcome": "後から打った結論"})
    assert kept.status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"held_on": "2026-11-25"},
        {"held_on": "11月"},
        {"subject": ""},
        {"outcome": "   "},
        {"type": "chat"},
        {"agreement": "elsewhere"},
    ],
)
@pytest.mark.usefixtures("basic")
def test_refused_input_stays_in_the_form(log_in: LogIn, city_staff: User, wrong: dict[str, str]) -> None:
    answer = log_in(city_staff).post("/lab/consultations/new/", TYPED | wrong)
    assert answer.status_code == 400
    assert "市 課長" in answer.content.decode()
    assert not Consultation.objects.exists()


def test_the_form_begins_with_what_the_link_asks_for(
    log_in: LogIn, basic: Agreement, city_staff: User
) -> None:
    text = log_in(city_staff).get("/lab/consultations/new/?type=terminate&agreement=basic").content.decode()
    assert '<option value="terminate" selected>' in text
    assert f'<option value="{basic.code}" selected>' in text


def test_the_list_is_narrowed_and_nothing_wrong_breaks_it(
    log_in: LogIn, center: Center, city_staff: User, foundation_staff: User
) -> None:
    make_consultation(center, proposer=city_staff, confirmer=foundation_staff, subject="調整の件")
    client = log_in(city_staff)
    assert "調整の件" in client.get("/lab/consultations/?type=coordinate").content.decode()
    for query in ("type=terminate", "agreement=basic"):
        assert "調整の件" not in client.get(f"/lab/consultations/?{query}").content.decode()
    for query in ("type=x", "agreement=%20%27", "page=-1", "page=999"):
        assert client.get(f"/lab/consultations/?{query}").status_code == 200


def test_steps_are_posted_and_get_changes_nothing(
    log_in: LogIn, center: Center, city_staff: User, foundation_staff: User
) -> None:
    record(center, city_staff)
    for step in ("confirm", "decline", "take-back"):
        assert log_in(foundation_staff).get(f"/lab/consultations/1/{step}/").status_code == 302
    assert Consultation.objects.get().version == 1


def test_the_list_costs_the_same_whatever_its_length(
    log_in: LogIn, center: Center, city_staff: User, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    costs = []
    for _round in range(2):
        for _talk in range(3):
            record(center, city_staff)
        with CaptureQueriesContext(connection) as queries:
            client.get("/lab/consultations/")
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_a_reason_typed_when_the_session_had_ended_is_kept(
    log_in: LogIn, center: Center, city_staff: User, foundation_staff: User
) -> None:
    record(center, city_staff)
    client = log_in(foundation_staff)
    end_session(client)
    client.post("/lab/consultations/1/decline/", {"version": 1, "reason": "日付が違う"})
    credentials = {"username": foundation_staff.username, "password": PASSWORD}
    landed = client.post("/login/?next=/lab/consultations/1/decline/", credentials, follow=True)
    assert landed.redirect_chain[-1][0] == "/lab/consultations/1/"
    assert "日付が違う" in landed.content.decode()


def test_a_talk_recorded_later_than_it_was_held_says_so(
    log_in: LogIn, center: Center, city_staff: User, foundation_staff: User
) -> None:
    make_consultation(
        center,
        proposer=city_staff,
        confirmer=foundation_staff,
        known_from=date(2026, 9, 1),
        subject="遅い記録",
    )
    make_consultation(center, proposer=city_staff, confirmer=foundation_staff)
    client = log_in(city_staff)
    listed = client.get("/lab/consultations/").content.decode()
    assert listed.count("（R8.9.1に記録）") == listed.count("に記録）") == 1
    assert "令和8年6月10日開催（R8.9.1に記録）" in client.get("/lab/consultations/1/").content.decode()


def test_what_is_only_put_forward_is_not_called_settled_and_viewers_do_not_see_it(
    center: Center, city_staff: User, foundation_staff: User, city_viewer: User, log_in: LogIn
) -> None:
    agreement = make_agreement(center)
    ending = proposed_ending(agreement, by=city_staff, confirmed_by=foundation_staff)
    assert ending.consultation is not None
    url = f"/lab/consultations/{ending.consultation.number}/"

    def sections(person: User) -> tuple[str, str]:
        page = log_in(person).get(url).content.decode()
        _head, _title, settled = page.partition('id="settled"')
        settled, _title, proposed = settled.partition('id="proposed"')
        return settled, proposed

    for staff in (city_staff, foundation_staff):
        settled, proposed = sections(staff)
        assert "これを根拠として決まったものはまだありません" in settled
        assert "令和9年3月31日" in proposed
    settled, proposed = sections(city_viewer)
    assert ("令和9年3月31日" in settled, proposed) == (False, "")
    ending_actions.confirm(ending=ending, version=ending.version, by=foundation_staff, at=AT)
    for person in (city_staff, city_viewer):
        settled, proposed = sections(person)
        assert ("令和9年3月31日" in settled, proposed) == (True, "")
