"""締結: recorded once, corrected by revisions, and what it does to the state and the wording."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from agreements.instruments import agreements
from agreements.instruments.actions import correct_conclusion, freeze_first_edition, record_conclusion
from agreements.instruments.state import State
from agreements.models import Agreement, Conclusion
from iconm_portal.forms.refusals import Conflict, WrongStep
from iconm_portal.history.history import Source
from iconm_portal.models import Center, HistoryEvent, ProposalState, StoredFile, User
from tests.builders.agreements import PDF, a_pdf, make_agreement, make_edition, make_provision
from tests.days import AT, TODAY
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("autumn")]


@pytest.fixture
def draft(center: Center) -> Agreement:
    return make_agreement(center, concluded=None, ends_on=date(2027, 3, 31))


def record(agreement: Agreement, by: User, concluded_on: str = "2022-03-25", **more: Any) -> Conclusion:
    return record_conclusion(agreement=agreement, concluded_on=concluded_on, by=by, at=AT, **more)


def test_it_brings_a_draft_into_force(draft: Agreement, foundation_staff: User) -> None:
    assert agreements.state_of(draft, TODAY) is State.DRAFT
    made = record(draft, foundation_staff, document_number="3川臨第12号", scan=a_pdf())
    assert agreements.state_of(Agreement.objects.get(), TODAY) is State.IN_FORCE
    assert (made.revision, made.recorded_by, made.scan.name) == (1, foundation_staff, "報告書.pdf")
    event = HistoryEvent.objects.get(action="agreement.conclude")
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


def test_a_correction_keeps_what_was_there_and_its_scan(draft: Agreement, city_staff: User) -> None:
    record(draft, city_staff, "2022-03", scan=a_pdf())
    made = correct_conclusion(
        agreement=draft, revision=1, concluded_on="2022-03-25", reason="日を確認した", by=city_staff, at=AT
    )
    assert [row.concluded_on for row in draft.conclusions.all()] == ["2022-03", "2022-03-25"]
    assert made.scan == draft.conclusions.get(revision=1).scan
    event = HistoryEvent.objects.get(action="agreement.correct_conclusion")
    assert (event.before, event.after, event.reason) == (
        {"concluded_on": "2022-03"},
        {"concluded_on": "2022-03-25"},
        "日を確認した",
    )


def test_a_correction_needs_a_reason_and_the_last_revision(draft: Agreement, city_staff: User) -> None:
    correction: dict[str, Any] = {
        "agreement": draft,
        "concluded_on": "2022-03-25",
        "by": city_staff,
        "at": AT,
    }
    with pytest.raises(WrongStep):
        correct_conclusion(revision=0, reason="x", **correction)
    record(draft, city_staff, "2022-03")
    with pytest.raises(ValidationError):
        correct_conclusion(revision=1, reason=" ", **correction)
    correct_conclusion(revision=1, reason="日を確認した", **correction)
    with pytest.raises(Conflict):
        correct_conclusion(revision=1, reason="もう一度", **correction)
    assert Conclusion.objects.count() == 2


def test_official_wording_is_frozen_with_it(draft: Agreement, city_staff: User) -> None:
    edition = make_edition(draft, imported_from="協定書.txt")
    record(draft, city_staff)
    edition.refresh_from_db()
    assert (edition.state, edition.confirmed_by, edition.known_from) == (
        ProposalState.CONFIRMED,
        city_staff,
        TODAY,
    )


def test_summaries_alone_stay_open_for_the_official_wording(draft: Agreement, city_staff: User) -> None:
    edition = make_edition(draft)
    record(draft, city_staff)
    edition.refresh_from_db()
    assert edition.state == ProposalState.DRAFT
    make_provision(edition)  # the database lets it in


# The page


def test_the_page_records_and_then_corrects(log_in: LogIn, draft: Agreement, foundation_staff: User) -> None:
    client = log_in(foundation_staff)
    url = "/lab/agreements/basic/conclusion/"
    scan = SimpleUploadedFile("協定書.pdf", PDF)
    answer = client.post(url, {"concluded_on": "令和4年3月", "document_number": "12号", "scan": scan})
    assert answer["Location"] == "/lab/agreements/basic/"
    text = client.get("/lab/agreements/basic/").content.decode()
    assert "令和4年3月" in text
    assert "12号" in text
    download = client.get("/lab/agreements/basic/conclusion/1/scan/")
    assert download.content == PDF
    corrected = {
        "concluded_on": "令和4年3月25日",
        "reason": "日を確認",
        "revision": "1",
        "document_number": "",
    }
    assert client.post(url, corrected).status_code == 302
    assert client.post(url, corrected).status_code == 409  # the same page sent once more
    assert [row.concluded_on for row in draft.conclusions.all()] == ["2022-03", "2022-03-25"]


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
    record(draft, city_staff)
    edition.imported_from = "協定書.txt"
    edition.save()
    freeze_first_edition(draft, by=Source("import_wording"), at=AT)
    edition.refresh_from_db()
    assert (edition.state, edition.confirmed_by, edition.known_from) == ("confirmed", None, TODAY)
