"""The city's virus scanner: asked for every file, at one place, and what it did not look at does not come in."""

import sys
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agreements.editions.forms import WordingForm
from iconm_portal.forms.inspection import virus_scan
from iconm_portal.forms.inspection.inspecting import inspect
from iconm_portal.forms.inspection.kinds import ALL
from iconm_portal.forms.inspection.refusals import EVIDENCE, Refusal, UploadRefused
from iconm_portal.models import AuditEvent, AuditKind, Center, TableImport, User, WaitingFile
from tests.builders.imports import csv_file
from tests.people import LogIn

INFECTED = b"X5O!P%@AP"


def scanner(folder: Path, body: str, arguments: str = "") -> str:
    """The command of one that does what the body says with `data`."""
    program = folder / "scanner.py"
    program.write_text(f"import sys, time\n{body}\n")
    return f"{sys.executable} {program} {arguments}".strip()


BY_INPUT = f"sys.exit({INFECTED!r} in sys.stdin.buffer.read())"
BY_PATH = f"sys.exit({INFECTED!r} in open(sys.argv[1], 'rb').read())"


def refused(data: bytes) -> Refusal | None:
    try:
        inspect(SimpleUploadedFile("a.txt", data), ALL, EVIDENCE)
    except UploadRefused as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize(("body", "arguments"), [(BY_INPUT, ""), (BY_PATH, "{path}")])
def test_it_says_what_is_infected(tmp_path: Path, settings: object, body: str, arguments: str) -> None:
    settings.VIRUS_SCAN = scanner(tmp_path, body, arguments)
    assert refused(b"clean") is None
    assert refused(b"not " + INFECTED) is Refusal.INFECTED


def test_a_file_given_by_its_path_is_gone_afterwards(tmp_path: Path, settings: object) -> None:
    seen = tmp_path / "seen"
    body = f"open({str(seen)!r}, 'w').write(sys.argv[1])"
    settings.VIRUS_SCAN = scanner(tmp_path, body, "{path}")
    assert refused(b"clean") is None
    assert not Path(seen.read_text()).exists()


@pytest.mark.parametrize("body", ["sys.exit(2)", "import os; os.kill(os.getpid(), 9)", "time.sleep(60)"])
def test_what_it_gives_no_answer_about_does_not_come_in(
    tmp_path: Path, settings: object, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    settings.VIRUS_SCAN, settings.VIRUS_SCAN_SECONDS = scanner(tmp_path, body), 0.5 if "sleep" in body else 30
    assert refused(b"clean") is Refusal.NOT_SCANNED
    assert "virus scanner" in caplog.text


def test_nor_where_there_is_no_such_program(settings: object, caplog: pytest.LogCaptureFixture) -> None:
    settings.VIRUS_SCAN = "/nowhere/scanner {path}"
    assert refused(b"clean") is Refusal.NOT_SCANNED
    assert "gave no answer" in caplog.text


def test_without_one_nothing_is_asked(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.VIRUS_SCAN = ""
    monkeypatch.setattr(virus_scan.subprocess, "run", None)
    assert refused(INFECTED) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "kind"), [("sys.exit(1)", AuditKind.INFECTED), ("sys.exit(3)", AuditKind.NOT_SCANNED)]
)
def test_who_sent_it_stands_in_the_record_of_use(
    tmp_path: Path,
    settings: object,
    log_in: LogIn,
    center: Center,
    foundation_staff: User,
    body: str,
    kind: AuditKind,
) -> None:
    settings.VIRUS_SCAN = scanner(tmp_path, body)
    client: Client = log_in(foundation_staff)
    page = reverse("finance:import_entries", kwargs={"center": center.code})
    answer = client.post(page, {"file": csv_file("日付,金額\n")})
    assert answer.status_code == 400
    assert "ウイルス検査" in answer.content.decode()
    event = AuditEvent.objects.latest("pk")
    assert (event.kind, event.username, event.what) == (
        kind,
        foundation_staff.username,
        "finance:import_entries",
    )
    assert not TableImport.objects.exists()
    assert not WaitingFile.objects.exists()


@pytest.mark.django_db
def test_a_wording_is_scanned_too(tmp_path: Path, settings: object) -> None:
    settings.VIRUS_SCAN = scanner(tmp_path, BY_INPUT)
    file = SimpleUploadedFile("a.txt", "第1条 本文。\n".encode() + INFECTED)
    assert not WordingForm({}, {"file": file}).is_valid()
