"""Files behind the values: attached, checked, removed, given out to those who may see the report."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from iconm_portal.models import Center, StoredFile, User
from kpi.models import Evidence, Report
from kpi.reports import actions
from tests.builders.entry_pages import address, opened, send, type_in
from tests.builders.plans import accept, make_draft, make_plan, tokyo
from tests.people import LogIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("early_june")]

PDF = b"%PDF-1.7 something"


@pytest.fixture
def draft(center: Center, foundation_staff: User) -> Report:
    return make_draft(make_plan(center), 2023, {"trials": 12}, by=foundation_staff)


@pytest.fixture
def with_file(log_in: LogIn, draft: Report, foundation_staff: User) -> Report:
    type_in(log_in(foundation_staff), draft, trials_attach=[SimpleUploadedFile("内訳 1.pdf", PDF)])
    draft.refresh_from_db()
    return draft


def path_of(report: Report) -> str:
    return address(report, f"files/{Evidence.objects.get(report=report).file_id}")


def test_several_files_are_attached_to_their_value(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    files = [SimpleUploadedFile("a.pdf", PDF), SimpleUploadedFile("b.csv", "年,件\n".encode("cp932"))]
    type_in(log_in(foundation_staff), draft, trials_attach=files)
    attached = draft.evidence.values_list("indicator__code", "file__name", "attached_by__username")
    assert list(attached) == [
        ("trials", "a.pdf", "foundation-staff"),
        ("trials", "b.csv", "foundation-staff"),
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.exe", b"MZ"),
        ("a.pdf", b"no pdf at all"),
        ("a.csv", b"\x00\x01"),
        ("a.html", b"<p>"),
        ("a.pdf", b""),
    ],
)
def test_a_file_of_a_wrong_kind_is_refused_and_keeps_nothing_else_from_being_saved(
    log_in: LogIn, draft: Report, foundation_staff: User, name: str, content: bytes
) -> None:
    file = SimpleUploadedFile(name, content)
    client = log_in(foundation_staff)
    answer = type_in(client, draft, trials_attach=[file])
    assert answer.status_code == 200
    assert 'href="#id_trials-attach"' in answer.content.decode()
    file.seek(0)
    answer = type_in(client, draft, patents_value="5", trials_attach=[file])
    said = client.get(answer["Location"]).content.decode()
    assert name in said
    assert draft.actuals.get(indicator__code="patents").value == 5
    assert not StoredFile.objects.exists()


def test_of_several_files_those_in_order_are_named_beside_the_refused_one(
    log_in: LogIn, draft: Report, foundation_staff: User
) -> None:
    """A browser does not send them again by itself."""
    files = [
        SimpleUploadedFile("good.pdf", PDF),
        SimpleUploadedFile("a.exe", b"MZ"),
        SimpleUploadedFile("fine.pdf", PDF),
    ]
    client = log_in(foundation_staff)
    said = type_in(client, draft, trials_attach=files).content.decode()
    assert "a.exe" in said
    assert "問題がなかった次のファイルも保存していません" in said
    assert "good.pdf、fine.pdf" in said
    assert not StoredFile.objects.exists()


def test_a_file_that_is_too_large_is_refused(
    log_in: LogIn, draft: Report, foundation_staff: User, settings: object
) -> None:
    settings.EVIDENCE_MAX_BYTES = 10
    type_in(log_in(foundation_staff), draft, trials_attach=[SimpleUploadedFile("a.pdf", PDF)])
    assert not StoredFile.objects.exists()


def test_it_is_given_out_as_a_download(log_in: LogIn, with_file: Report, foundation_staff: User) -> None:
    answer = log_in(foundation_staff).get(path_of(with_file))
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E5%86%85")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_it_follows_the_access_of_its_report(
    log_in: LogIn,
    with_file: Report,
    foundation_staff: User,
    city_staff: User,
    city_viewer: User,
    foreign_city_staff: User,
) -> None:
    path = path_of(with_file)

    def statuses() -> list[int]:
        people = (foundation_staff, city_staff, city_viewer, foreign_city_staff)
        return [log_in(person).get(path).status_code for person in people]

    assert statuses() == [200, 404, 404, 404]
    at = tokyo(with_file.as_of)
    actions.submit(report=with_file, version=with_file.version, by=foundation_staff, at=at)
    assert statuses() == [200, 200, 404, 404]
    accept(with_file, reviewer=city_staff)
    assert statuses() == [200, 200, 200, 404]
    assert log_in(None).get(path).status_code == 302


def test_a_file_of_another_report_is_not_found_under_this_one(
    log_in: LogIn, with_file: Report, foundation_staff: User
) -> None:
    other = make_draft(with_file.plan, 2022, {"trials": 1}, by=foundation_staff)
    file = Evidence.objects.get().file_id
    assert log_in(foundation_staff).get(address(other, f"files/{file}")).status_code == 404
    assert log_in(foundation_staff).get(address(with_file, "files/999999")).status_code == 404


def test_a_file_is_removed_from_the_draft_but_not_forgotten(
    log_in: LogIn, with_file: Report, foundation_staff: User
) -> None:
    file = Evidence.objects.get().file_id
    type_in(log_in(foundation_staff), with_file, trials_remove=str(file))
    assert not Evidence.objects.exists()
    assert StoredFile.objects.filter(pk=file).exists()


def test_a_file_of_another_report_is_not_removed(
    log_in: LogIn, with_file: Report, foundation_staff: User
) -> None:
    other = make_draft(with_file.plan, 2022, {"trials": 1}, by=foundation_staff)
    file = Evidence.objects.get().file_id
    type_in(log_in(foundation_staff), other, trials_remove=[str(file), "x", "999999999999999999999"])
    assert Evidence.objects.filter(report=with_file).exists()


def test_removing_what_a_colleague_removed_is_no_error(
    log_in: LogIn, with_file: Report, foundation_staff: User
) -> None:
    client = log_in(foundation_staff)
    page = opened(client, with_file)
    file = str(Evidence.objects.get().file_id)
    send(client, with_file, page, trials_remove=file)
    with_file.refresh_from_db()
    again = page | {"version": str(with_file.version)}
    assert send(client, with_file, again, trials_remove=file).status_code == 302


def test_a_correction_keeps_the_files(
    log_in: LogIn, with_file: Report, foundation_staff: User, city_staff: User
) -> None:
    actions.submit(
        report=with_file, version=with_file.version, by=foundation_staff, at=tokyo(with_file.as_of)
    )
    accept(with_file, reviewer=city_staff)
    draft = actions.start_correction(report=with_file, reason="訂正", by=foundation_staff)
    assert log_in(foundation_staff).get(path_of(draft)).content == PDF
