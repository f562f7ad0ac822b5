"""The calendar and a duty's page as people use them: what is shown, what is kept when it is refused, who gets files."""

from datetime import date

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agreements.models import Agreement, Duty
from iconm_portal.models import Center, ReviewState, User
from tests.builders.agreements import (
    ANNUAL,
    CONTINUOUS,
    DRAFT_PLAN,
    PDF,
    REPORT,
    accept_duty,
    hand_in,
    make_agreement,
    make_consultation,
    make_edition,
    make_obligation,
    make_provision,
    open_duty,
    return_duty,
    store,
)
from tests.builders.plans import tokyo
from tests.people import PASSWORD, LogIn, client_of

pytestmark = pytest.mark.django_db

TODAY = date(2026, 6, 20)
PAGE = "/lab/calendar/2025/basic/report/"


@pytest.fixture(autouse=True)
def today() -> object:
    with time_machine.travel(tokyo(TODAY), tick=False):
        yield


@pytest.fixture
def log_in() -> LogIn:
    """Every reader reads English here."""

    def english(person: User | None) -> Client:
        client = client_of(person)
        client.cookies["django_language"] = "en"
        return client

    return english


@pytest.fixture
def basic(center: Center) -> Agreement:
    agreement = make_agreement(center)
    article = make_provision(make_edition(agreement), "art9")
    make_obligation(agreement, documents=1, provision=article)
    for what in (DRAFT_PLAN, ANNUAL, CONTINUOUS):
        make_obligation(agreement, what)
    return agreement


@pytest.fixture
def report(center: Center, basic: Agreement, foundation_staff: User) -> Duty:
    return store(center, 2026, by=foundation_staff)["report/2025"]


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def pdf(name: str = "報告書.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF, "application/pdf")


# -- The year --


def test_the_calendar_goes_to_this_fiscal_year(center: Center, log_in: LogIn, city_viewer: User) -> None:
    response = log_in(city_viewer).get("/lab/calendar/")
    assert (response.status_code, response.headers["Location"]) == (302, "/lab/calendar/2026/")


def test_an_empty_year_says_what_to_do(center: Center, log_in: LogIn, city_viewer: User) -> None:
    assert "No agreement asks for anything in FY2026." in html(log_in(city_viewer), "/lab/calendar/2026/")


@pytest.mark.parametrize("year", [1868, 1870, 2997, 2999])
def test_years_at_the_edge_of_the_calendar_are_not_there(
    center: Center, log_in: LogIn, city_viewer: User, year: int
) -> None:
    html(log_in(city_viewer), f"/lab/calendar/{year}/", 404)


def test_the_finding_comes_first(
    center: Center, report: Duty, log_in: LogIn, foundation_staff: User, city_viewer: User
) -> None:
    page = html(log_in(foundation_staff), "/lab/calendar/2026/")
    assert "3 duties are overdue." in page
    assert "20 days overdue" in page
    assert "last working day 29 May 2026" in page
    assert "協定 basic 第9条" in page
    # What this person has to do, late first; one who only looks has no such list.
    assert "Hand in: “事業報告書と収支決算書の提出” (for FY2025)" in page
    assert "Hand in" not in html(log_in(city_viewer), "/lab/calendar/2026/")


def test_a_year_is_stored_with_one_button(
    center: Center, basic: Agreement, log_in: LogIn, city_staff: User
) -> None:
    client = log_in(city_staff)
    assert "Store 3 duties" in html(client, "/lab/calendar/2026/")
    assert not Duty.objects.exists()  # looking stores nothing
    response = client.post("/lab/calendar/2026/store/", follow=True)
    assert Duty.objects.count() == 3
    assert "Store 3 duties" not in response.content.decode()
    client.post("/lab/calendar/2026/store/")
    assert Duty.objects.count() == 3
    assert client.get("/lab/calendar/2026/store/").status_code == 302


def test_drafts_are_marked_and_not_stored(center: Center, log_in: LogIn, city_staff: User) -> None:
    make_obligation(make_agreement(center, concluded=None))
    client = log_in(city_staff)
    page = html(client, "/lab/calendar/2026/")
    assert "2 duties come from agreements that are not concluded" in page
    assert "Store" not in page
    client.post("/lab/calendar/2026/store/")
    assert not Duty.objects.exists()
    preview = html(client, PAGE)
    assert "this is only what its draft would ask for" in preview
    assert client.post(PAGE + "save/", {"note": "x", "version": 1}).status_code == 404


def test_the_number_of_queries_of_both_pages_does_not_grow(
    center: Center, report: Duty, basic: Agreement, log_in: LogIn, foundation_staff: User, city_staff: User
) -> None:
    client = log_in(city_staff)
    hand_in(report, by=foundation_staff)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            html(client, address)
        return len(captured)

    addresses = ("/lab/calendar/2026/", PAGE)
    for address in addresses:
        html(client, address)
    before = [queries(address) for address in addresses]
    for number in range(8):
        make_obligation(basic, REPORT, code=f"more-{number}", documents=3)
    store(center, 2026, by=foundation_staff)
    for _round in range(3):
        open_duty(report, by=city_staff)
        return_duty(report, by=city_staff)
        hand_in(report, by=foundation_staff)
    assert [queries(address) for address in addresses] == before


# -- Handing in --


def test_the_foundation_hands_in_from_the_page(
    center: Center, report: Duty, log_in: LogIn, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    assert "Missing:" in html(client, PAGE)
    data = {"version": report.version, "note": "送ります。", "submit": "1", "document-document-1": pdf()}
    response = client.post(PAGE + "save/", data)
    assert response.status_code == 302
    report.refresh_from_db()
    assert (report.state, report.note) == (ReviewState.SUBMITTED, "送ります。")
    assert report.documents.get().file.name == "報告書.pdf"


def test_saving_hands_nothing_in(report: Duty, log_in: LogIn, foundation_staff: User) -> None:
    data = {"version": report.version, "note": "下書き", "document-document-1": pdf()}
    log_in(foundation_staff).post(PAGE + "save/", data)
    report.refresh_from_db()
    assert (report.state, report.note, report.documents.count()) == (ReviewState.DRAFT, "下書き", 1)


def test_a_missing_document_is_named_and_the_note_kept(
    report: Duty, log_in: LogIn, foundation_staff: User
) -> None:
    data = {"version": report.version, "note": "書きかけの説明", "submit": "1"}
    response = log_in(foundation_staff).post(PAGE + "save/", data)
    page = response.content.decode()
    assert response.status_code == 400
    assert "書類1" in page
    assert "書きかけの説明" in page
    report.refresh_from_db()
    assert (report.state, report.note) == (ReviewState.DRAFT, "")


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("virus.exe", b"MZ", "application/pdf"),
        SimpleUploadedFile("no.pdf", b"not a pdf at all", "application/pdf"),
        SimpleUploadedFile("empty.pdf", b"", "application/pdf"),
    ],
    ids=["wrong type", "wrong content", "empty"],
)
def test_a_document_of_the_wrong_kind_is_refused_at_its_field(
    report: Duty, log_in: LogIn, foundation_staff: User, file: SimpleUploadedFile
) -> None:
    data = {"version": report.version, "note": "説明", "submit": "1", "document-document-1": file}
    response = log_in(foundation_staff).post(PAGE + "save/", data)
    assert response.status_code == 400
    assert "id_documents_document-document-1_error" in response.content.decode()
    assert not report.documents.exists()


def test_a_conflict_keeps_what_was_typed(
    report: Duty, log_in: LogIn, foundation_staff: User, city_staff: User
) -> None:
    seen = report.version
    hand_in(report, by=foundation_staff)
    return_duty(open_duty(report, by=city_staff), by=city_staff)
    response = log_in(foundation_staff).post(PAGE + "save/", {"version": seen, "note": "後から来た人"})
    assert response.status_code == 409
    assert "後から来た人" in response.content.decode()
    report.refresh_from_db()
    assert report.note != "後から来た人"


def test_what_was_typed_before_the_session_ended_stands_in_the_form(
    report: Duty, log_in: LogIn, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    client.session.delete()
    too_late = client.post(PAGE + "save/", {"version": report.version, "note": "時間切れの説明"})
    back = client.post(
        too_late.headers["Location"], {"username": foundation_staff.username, "password": PASSWORD}
    )
    page = client.get(back.headers["Location"], follow=True).content.decode()
    assert "時間切れの説明" in page
    report.refresh_from_db()
    assert report.note == ""


# -- Answering --


def test_the_city_opens_and_accepts(
    report: Duty, log_in: LogIn, foundation_staff: User, city_staff: User
) -> None:
    hand_in(report, by=foundation_staff)
    client = log_in(city_staff)
    assert "Start the review" in html(client, PAGE)
    client.post(PAGE + "open/", {"version": report.version})
    assert "Accept or return" in html(client, PAGE)
    report.refresh_from_db()
    client.post(PAGE + "accept/", {"version": report.version, "text": "確認しました。"})
    report.refresh_from_db()
    assert (report.state, report.known_from) == (ReviewState.ACCEPTED, TODAY)
    assert "Settled on 20 June 2026: accepted." in html(client, PAGE)


def test_returning_without_a_word_is_refused(
    report: Duty, log_in: LogIn, foundation_staff: User, city_staff: User
) -> None:
    open_duty(hand_in(report, by=foundation_staff), by=city_staff)
    response = log_in(city_staff).post(PAGE + "return/", {"version": report.version, "text": ""})
    assert response.status_code == 400
    assert "Say what has to be changed." in response.content.decode()


def test_whoever_comes_second_with_an_answer_reads_why(
    report: Duty, log_in: LogIn, foundation_staff: User, city_staff: User
) -> None:
    open_duty(hand_in(report, by=foundation_staff), by=city_staff)
    seen = report.version
    accept_duty(report, by=city_staff)
    response = log_in(city_staff).post(PAGE + "return/", {"version": seen, "text": "直してください。"})
    assert response.status_code == 409
    assert "Someone changed this after you opened it" in response.content.decode()


def test_the_foundation_decides_on_the_page(
    center: Center, report: Duty, log_in: LogIn, foundation_staff: User, city_staff: User
) -> None:
    plan = Duty.objects.get(obligation__code="draft-plan")
    hand_in(plan, by=foundation_staff)
    client, page = log_in(foundation_staff), "/lab/calendar/2027/basic/draft-plan/"
    proposed = make_consultation(center, proposer=foundation_staff)
    refused = client.post(page + "decide/", {"version": plan.version, "consultation": proposed.number})
    assert refused.status_code == 400
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    assert (
        client.post(page + "decide/", {"version": plan.version, "consultation": talk.number}).status_code
        == 302
    )
    shown = html(log_in(city_staff), page)
    assert "Settled on 20 June 2026: decided." in shown
    assert str(talk) in shown


def test_dates_are_set_and_extended_on_the_page(
    center: Center, report: Duty, log_in: LogIn, foundation_staff: User, city_staff: User
) -> None:
    client = log_in(city_staff)
    annual = Duty.objects.get(obligation__code="annual")
    address = "/lab/calendar/2026/basic/annual/"
    assert client.post(address + "date/", {"version": annual.version, "due_on": "R8.2.31"}).status_code == 400
    client.post(address + "date/", {"version": annual.version, "due_on": "R8.9.30"})
    annual.refresh_from_db()
    assert annual.due_on == date(2026, 9, 30)
    talk = make_consultation(center, proposer=foundation_staff, confirmer=city_staff)
    data = {
        "version": annual.version,
        "due_on": "R8.9.1",
        "reason": "調整が続いている",
        "consultation": talk.number,
    }
    refused = client.post(address + "extend/", data)
    assert refused.status_code == 400
    assert "must be later" in refused.content.decode()
    assert "調整が続いている" in refused.content.decode()
    client.post(address + "extend/", data | {"due_on": "R8.10.31"})
    page = html(client, address)
    assert "extended; first due 30 Sep 2026" in page
    assert "31 October 2026" in page


def test_who_only_looks_finds_no_button_and_no_step(
    report: Duty, log_in: LogIn, foundation_staff: User, city_viewer: User, foundation_viewer: User
) -> None:
    hand_in(report, by=foundation_staff)
    for viewer in (city_viewer, foundation_viewer):
        page = html(log_in(viewer), PAGE)
        assert "not settled yet" in page
        assert 'name="version"' not in page
        assert "提出します。" not in page
        assert "Steps so far" not in page


# -- Files --


def test_files_by_rule(
    report: Duty,
    log_in: LogIn,
    foundation_staff: User,
    city_staff: User,
    city_viewer: User,
    foundation_viewer: User,
    foreign_city_staff: User,
    foreign_center: Center,
) -> None:
    people = (foundation_staff, city_staff, foundation_viewer, city_viewer, foreign_city_staff)

    def met(document: int) -> list[int]:
        return [log_in(person).get(f"{PAGE}documents/{document}/").status_code for person in people]

    log_in(foundation_staff).post(
        PAGE + "save/", {"version": report.version, "note": "", "document-document-1": pdf("初版.pdf")}
    )
    report.refresh_from_db()
    first = report.documents.get().pk
    assert met(first) == [200, 404, 404, 404, 404]
    with time_machine.travel(tokyo(TODAY, 12), tick=False):
        hand_in(report, by=foundation_staff, on=TODAY)
        second = report.documents.get(version=2).pk
        assert met(first) == met(second) == [200, 200, 404, 404, 404]
        open_duty(report, by=city_staff, on=TODAY)
        return_duty(report, by=city_staff, on=TODAY)
    # The city keeps what it saw, and does not see what comes before it is handed in.
    with time_machine.travel(tokyo(TODAY, 15), tick=False):
        log_in(foundation_staff).post(
            PAGE + "save/", {"version": report.version, "note": "", "document-document-1": pdf("三版.pdf")}
        )
    third = report.documents.get(version=3).pk
    assert met(second) == [200, 200, 404, 404, 404]
    assert met(third) == [200, 404, 404, 404, 404]
    report.refresh_from_db()
    hand_in(report, by=foundation_staff, on=TODAY)
    open_duty(report, by=city_staff, on=TODAY)
    accept_duty(report, by=city_staff, on=TODAY)
    # Settled: everyone reads the last version, the staff the earlier ones as well.
    last = report.documents.get(version=4).pk
    assert met(last) == [200, 200, 200, 200, 404]
    assert met(first) == [200, 200, 404, 404, 404]


def test_a_file_is_only_given_out_as_a_download(report: Duty, log_in: LogIn, foundation_staff: User) -> None:
    hand_in(report, by=foundation_staff)
    response = log_in(foundation_staff).get(f"{PAGE}documents/{report.documents.get().pk}/")
    assert response.headers["Content-Disposition"].startswith("attachment")


# -- Posting by the address alone --


@pytest.mark.parametrize("step", "save take-back open return accept decide date extend comment".split())
def test_a_step_by_its_address_alone_lands_on_the_page(
    report: Duty, log_in: LogIn, city_staff: User, step: str
) -> None:
    response = log_in(city_staff).get(f"{PAGE}{step}/")
    assert (response.status_code, response.headers["Location"]) == (302, PAGE)


# -- On request --


def test_the_city_asks_for_what_is_owed_on_request(
    center: Center, basic: Agreement, log_in: LogIn, city_staff: User, foundation_staff: User
) -> None:
    on_request = {"timing": "on_request", "due_month": None, "due_day": None}
    make_obligation(basic, code="on-request", title="運営状況の報告", **on_request)
    address = "/lab/calendar/2026/basic/on-request/ask/"
    assert address in html(log_in(city_staff), "/lab/calendar/2026/")
    assert address not in html(log_in(foundation_staff), "/lab/calendar/2026/")
    client = log_in(city_staff)
    refused = client.post(address, {"due_on": "R8.6.1", "reason": "上半期の状況"})
    assert refused.status_code == 400
    assert "has passed already" in refused.content.decode()
    assert "上半期の状況" in refused.content.decode()
    assert client.post(address, {"due_on": "R8.7.31", "reason": "上半期の状況"}).status_code == 302
    said = "Hand in: “運営状況の報告” (for FY2026, no. %s)"
    assert said % 1 in html(log_in(foundation_staff), "/lab/calendar/2026/")
    # その都度: a second request in the same year is a duty of its own, with its own date, number and page.
    again = client.post(address, {"due_on": "R8.8.10", "reason": "もう一度"})
    assert (again.status_code, again.headers["Location"]) == (302, "/lab/calendar/2026/basic/on-request.2/")
    assert said % 2 in html(log_in(foundation_staff), "/lab/calendar/2026/")
    page = html(log_in(foundation_staff), "/lab/calendar/2026/basic/on-request.2/")
    assert "10 August 2026" in page
    second = Duty.objects.get(number=2)
    sent = {"version": str(second.version), "note": "二回目の報告", "submit": "1"}
    assert log_in(foundation_staff).post(f"{page_of(second)}save/", sent).status_code == 302
    states = dict(Duty.objects.filter(obligation__code="on-request").values_list("number", "state"))
    assert states == {1: ReviewState.DRAFT, 2: ReviewState.SUBMITTED}
    html(log_in(foundation_staff), "/lab/calendar/2026/basic/on-request.3/", 404)


def page_of(duty: Duty) -> str:
    return f"/lab/calendar/{duty.fiscal_year.start}/basic/{duty.place}/"
