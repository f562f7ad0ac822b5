"""締結: recorded by one side, confirmed by the other, corrected by revisions; what it does to the state and the wording."""

from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from agreements.instruments import agreements, texts
from agreements.instruments.conclusions import actions as conclusion_actions
from agreements.instruments.conclusions.actions import (
    correct_conclusion,
    freeze_first_edition,
    record_conclusion,
)
from agreements.instruments.state import State
from agreements.models import Agreement, Conclusion
from agreements.pages import overview, overview_sheets
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.history.history import Source
from iconm_portal.models import Center, HistoryEvent, ProposalState, StoredFile, User
from tests.builders.agreements import (
    PDF,
    a_pdf,
    make_agreement,
    make_conclusion,
    make_edition,
    make_provision,
)
from tests.days import AT, TODAY
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


@pytest.fixture
def draft(center: Center) -> Agreement:
    return make_agreement(center, concluded=None, ends_on=date(2027, 3, 31))


def record(agreement: Agreement, by: User, concluded_on: str = "2022-03-25", **more: Any) -> Conclusion:
    return record_conclusion(agreement=agreement, concluded_on=concluded_on, by=by, at=AT, **more)


def confirm(conclusion: Conclusion, by: User, *, at: datetime = AT) -> Conclusion:
    return conclusion_actions.confirm(conclusion=conclusion, version=conclusion.version, by=by, at=at)


def test_it_brings_a_draft_into_force_once_the_other_side_has_confirmed_it(
    draft: Agreement, foundation_staff: User, city_staff: User
) -> None:
    assert agreements.state_of(draft, TODAY) is State.DRAFT
    made = record(draft, foundation_staff, document_number="3川臨第12号", scan=a_pdf())
    assert agreements.state_of(Agreement.objects.get(), TODAY) is State.DRAFT
    confirm(made, city_staff)
    assert agreements.state_of(Agreement.objects.get(), TODAY) is State.IN_FORCE
    assert (made.revision, made.recorded_by, made.scan.name) == (1, foundation_staff, "報告書.pdf")
    event = HistoryEvent.objects.get(action="conclusion.propose")
    assert event.after == {
        "concluded_on": "2022-03-25",
        "document_number": "3川臨第12号",
        "scan": "報告書.pdf",
    }
    assert event.actor == "foundation-staff"


@pytest.mark.parametrize("known", ["2022-03-25", "2022-03", "2022"])
def test_it_is_as_precise_as_it_is_known(draft: Agreement, city_staff: User, known: str) -> None:
    assert record(draft, city_staff, known).concluded_on == known


@pytest.mark.parametrize(
    ("concluded_on", "field"),
    [
        ("2026-11-25", "concluded_on"),
        ("2027", "concluded_on"),
        ("2027-04", "concluded_on"),
        ("2022-02-30", "concluded_on"),
        ("", "concluded_on"),
    ],
)
def test_impossible_days_are_refused(
    draft: Agreement, city_staff: User, concluded_on: str, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        record(draft, city_staff, concluded_on, scan=a_pdf())
    assert field in refused.value.message_dict
    assert not Conclusion.objects.exists()
    assert not StoredFile.objects.exists()


def test_it_is_not_concluded_after_its_own_end(center: Center, city_staff: User) -> None:
    over = make_agreement(center, concluded=None, ends_on=date(2023, 3, 31))
    with pytest.raises(ValidationError):
        record(over, city_staff, "2023-04-01")


def test_it_is_recorded_once(draft: Agreement, city_staff: User, foundation_staff: User) -> None:
    record(draft, city_staff)
    with pytest.raises(ValidationError):
        record(draft, foundation_staff)
    assert Conclusion.objects.count() == 1


@pytest.mark.parametrize("who", ["city_viewer", "foundation_viewer", "administrator", "foreign_city_staff"])
def test_only_the_two_staffs_record_it(draft: Agreement, request: pytest.FixtureRequest, who: str) -> None:
    with pytest.raises(PermissionDenied):
        record(draft, request.getfixturevalue(who))


def test_a_correction_keeps_what_was_there_and_its_scan(
    draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    confirm(record(draft, city_staff, "2022-03", scan=a_pdf()), foundation_staff)
    made = correct_conclusion(
        agreement=draft, revision=1, concluded_on="2022-03-25", reason="日を確認した", by=city_staff, at=AT
    )
    assert [row.concluded_on for row in draft.conclusions.all()] == ["2022-03", "2022-03-25"]
    assert made.scan == draft.conclusions.get(revision=1).scan
    event = HistoryEvent.objects.get(action="conclusion.correct_conclusion")
    assert (event.before, event.after, event.reason) == (
        {"concluded_on": "2022-03"},
        {"concluded_on": "2022-03-25"},
        "日を確認した",
    )


def test_a_correction_needs_a_reason_and_the_last_revision(
    draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    correction: dict[str, Any] = {
        "agreement": draft,
        "concluded_on": "2022-03-25",
        "by": city_staff,
        "at": AT,
    }
    with pytest.raises(WrongStep):
        correct_conclusion(revision=0, reason="x", **correction)
    confirm(record(draft, city_staff, "2022-03"), foundation_staff)
    with pytest.raises(ValidationError):
        correct_conclusion(revision=1, reason=" ", **correction)
    correct_conclusion(revision=1, reason="日を確認した", **correction)
    with pytest.raises(Conflict):
        correct_conclusion(revision=1, reason="もう一度", **correction)
    assert Conclusion.objects.count() == 2


def test_official_wording_is_frozen_with_it(
    draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    edition = make_edition(draft, imported_from="協定書.txt")
    made = record(draft, city_staff)
    edition.refresh_from_db()
    assert edition.state == ProposalState.DRAFT
    confirm(made, foundation_staff)
    edition.refresh_from_db()
    assert (edition.state, edition.confirmed_by, edition.known_from) == (
        ProposalState.CONFIRMED,
        foundation_staff,
        TODAY,
    )


def test_summaries_alone_stay_open_for_the_official_wording(
    draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    edition = make_edition(draft)
    confirm(record(draft, city_staff), foundation_staff)
    edition.refresh_from_db()
    assert edition.state == ProposalState.DRAFT
    make_provision(edition)  # the database lets it in


# The page


def test_one_side_records_on_the_page_and_the_other_confirms_and_then_it_is_corrected(
    log_in: LogIn, draft: Agreement, foundation_staff: User, city_staff: User
) -> None:
    client = log_in(foundation_staff)
    url = "/lab/agreements/basic/conclusion/"
    scan = SimpleUploadedFile("協定書.pdf", PDF)
    answer = client.post(url, {"concluded_on": "令和4年3月", "document_number": "12号", "scan": scan})
    assert answer["Location"] == "/lab/agreements/basic/"
    text = client.get("/lab/agreements/basic/").content.decode()
    assert "令和4年3月" in text
    assert "両者が確認" in text
    assert client.get("/lab/agreements/basic/conclusion/1/scan/").content == PDF
    city = log_in(city_staff)
    assert "12号" in city.get(url).content.decode()
    assert city.post(f"{url}confirm/", {"version": "1"})["Location"] == "/lab/agreements/basic/"
    assert city.post(f"{url}confirm/", {"version": "1"}).status_code == 409
    assert agreements.state_of(Agreement.objects.get(), TODAY) is State.IN_FORCE
    corrected = {
        "concluded_on": "令和4年3月25日",
        "reason": "日を確認",
        "revision": "1",
        "document_number": "",
    }
    client = log_in(foundation_staff)
    assert client.post(url, corrected).status_code == 302
    assert client.post(url, corrected).status_code == 409  # the same page sent once more
    assert [row.concluded_on for row in draft.conclusions.all()] == ["2022-03", "2022-03-25"]


def test_what_was_declined_is_changed_and_put_forward_again(
    log_in: LogIn, draft: Agreement, foundation_staff: User, city_staff: User
) -> None:
    record(draft, foundation_staff)
    url = "/lab/agreements/basic/conclusion/"
    city = log_in(city_staff)
    assert city.post(f"{url}decline/", {"version": "1", "reason": ""}).status_code == 400
    assert city.post(f"{url}decline/", {"version": "1", "reason": "日が違う"}).status_code == 302
    client = log_in(foundation_staff)
    assert "日が違う" in client.get(url).content.decode()
    assert client.post(url, {"concluded_on": "2022-03-24", "version": "2"}).status_code == 302
    row = draft.conclusions.get()
    assert (row.state, row.concluded_on, row.version) == (ProposalState.PROPOSED, "2022-03-24", 3)
    assert client.post(f"{url}take-back/", {"version": "3"}).status_code == 302
    assert client.post(f"{url}discard/", {"version": "4"}).status_code == 302
    assert not draft.conclusions.exists()


def test_while_the_other_side_has_nobody_it_says_so(
    log_in: LogIn, draft: Agreement, foundation_staff: User
) -> None:
    record(draft, foundation_staff)
    text = log_in(foundation_staff).get("/lab/agreements/basic/").content.decode()
    assert "担当者がまだいません" in text


def test_viewers_learn_of_it_once_it_is_confirmed(
    log_in: LogIn, draft: Agreement, foundation_staff: User, city_staff: User, city_viewer: User
) -> None:
    made = record(draft, foundation_staff, scan=a_pdf(), document_number="12号")
    client = log_in(city_viewer)
    assert "12号" not in client.get("/lab/agreements/basic/").content.decode()
    assert client.get("/lab/agreements/basic/conclusion/1/scan/").status_code == 404
    confirm(made, city_staff)
    assert "12号" in client.get("/lab/agreements/basic/").content.decode()


@pytest.mark.parametrize("number", ["3川臨第12号", "３川臨第１２号", " 3川臨第 12号"])
def test_a_document_number_is_one_document_s(
    center: Center, draft: Agreement, city_staff: User, foundation_staff: User, number: str
) -> None:
    confirm(record(draft, city_staff, document_number="3川臨第12号"), foundation_staff)
    other = make_agreement(center, code="other", concluded=None)
    with pytest.raises(ValidationError) as refused:
        record(other, city_staff, document_number=number)
    assert list(refused.value.message_dict) == ["document_number"]
    assert draft.title in refused.value.messages[0]


def test_a_corrected_number_is_free_for_another_document(
    center: Center, draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    confirm(record(draft, city_staff, document_number="12号"), foundation_staff)
    again = correct_conclusion(
        agreement=draft,
        revision=1,
        concluded_on="2022-03-25",
        document_number="13号",
        reason="番号の誤り",
        by=city_staff,
        at=AT,
    )
    confirm(again, foundation_staff)
    other = make_agreement(center, code="other", concluded=None)
    assert record(other, city_staff, document_number="12号").document_number == "12号"


def test_what_is_recorded_late_alters_nothing_that_was_known_before(
    draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    confirm(record(draft, city_staff, "2022-03-25"), foundation_staff)
    now = Agreement.objects.get()
    assert agreements.state_of(now, date(2026, 11, 23)) is State.DRAFT, "the day before it was confirmed"
    assert agreements.state_of(now, TODAY) is State.IN_FORCE
    entry = agreements.load(draft.center, day=TODAY).entries[0]
    assert texts.concluded(entry.conclusion) == "令和4年3月25日（R8.11.24に記録）"
    assert agreements.load(draft.center, day=date(2026, 11, 23)).entries[0].conclusion is None
    paper = overview_sheets.overview_sheet(
        draft.center, overview.load(draft.center, known_at=TODAY), known_at=TODAY
    )
    assert any("（R8.11.24に記録）" in str(cell.value) for row in paper.body for cell in row)


def test_a_correction_holds_from_its_confirmation(
    draft: Agreement, city_staff: User, foundation_staff: User
) -> None:
    make_conclusion(draft, "2022-03")
    correct_conclusion(
        agreement=draft, revision=1, concluded_on="2022-03-25", reason="日を確認", by=city_staff, at=AT
    )
    entry = agreements.load(draft.center, day=TODAY).entries[0]
    assert (entry.conclusion.concluded_on, entry.open_conclusion.concluded_on) == ("2022-03", "2022-03-25")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"concluded_on": "きのう"}, "きのう"),
        ({"concluded_on": "令和9年1月1日"}, "令和9年1月1日"),
        ({"concluded_on": ""}, "協定書第9号"),
    ],
)
def test_refused_input_stays_in_the_form(
    log_in: LogIn, draft: Agreement, city_staff: User, typed: dict[str, str], said: str
) -> None:
    answer = log_in(city_staff).post(
        "/lab/agreements/basic/conclusion/", {"document_number": "協定書第9号", **typed}
    )
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not draft.conclusions.exists()


def test_a_program_named_pdf_is_refused(log_in: LogIn, draft: Agreement, city_staff: User) -> None:
    wrong = SimpleUploadedFile("協定書.pdf", b"MZ\x90\x00")
    answer = log_in(city_staff).post(
        "/lab/agreements/basic/conclusion/", {"concluded_on": "2022-03-25", "scan": wrong}
    )
    assert answer.status_code == 400
    assert not draft.conclusions.exists()


def test_wording_that_comes_after_the_conclusion_is_frozen_then(draft: Agreement, city_staff: User) -> None:
    edition = make_edition(draft)
    freeze_first_edition(draft, by=city_staff, at=AT)
    make_conclusion(draft, "2022-03-25")
    edition.imported_from = "協定書.txt"
    edition.save()
    freeze_first_edition(draft, by=Source("import_wording"), at=AT)
    edition.refresh_from_db()
    assert (edition.state, edition.confirmed_by, edition.known_from) == ("confirmed", None, TODAY)
