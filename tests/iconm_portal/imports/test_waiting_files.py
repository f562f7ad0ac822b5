"""What is not settled waits apart from what is kept: it is kept when it is applied, and otherwise nothing of it stays."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from finance.ledger.imports.kind import ENTRIES
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.imports import expiring, importing
from iconm_portal.models import (
    Center,
    FileContent,
    HistoryEvent,
    ImportState,
    Job,
    StoredFile,
    TableImport,
    User,
    WaitingContent,
    WaitingFile,
)
from iconm_portal.values import clock
from iconm_portal.work import cleanup
from iconm_portal.work.progress import Progress
from tests.builders.finance import make_accounts
from tests.builders.imports import looked_at, make_import, make_job, wait, xlsx
from tests.people import LogIn

pytestmark = pytest.mark.django_db

HEADINGS = ["日付", "科目コード", "金額", "摘要"]
ROW = ["R5.6.1", "rent", 1200, "6月分"]


@pytest.fixture(autouse=True)
def _accounts(center: Center) -> None:
    make_accounts(center)


def upload(center: Center, by: User, *rows: list[object]) -> TableImport:
    file = looked_at(xlsx([HEADINGS, *rows]))
    return importing.upload(spec=ENTRIES, center=center, file=file, params={}, by=by, at=clock.now())


def nothing_waits() -> bool:
    return not (WaitingFile.objects.exists() or WaitingContent.objects.exists())


def nothing_is_kept() -> bool:
    return not (StoredFile.objects.exists() or FileContent.objects.exists())


def at_night() -> None:
    for do in (expiring.expire, cleanup.clean_up):
        do(Job(), Progress(0, 0, is_kept=False))


def test_a_checked_table_waits_and_is_kept_once_it_is_applied(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, ROW)
    assert nothing_is_kept()
    waited = WaitingFile.objects.get()
    importing.apply(table=table, by=foundation_staff, at=clock.now())
    table.refresh_from_db()
    kept = StoredFile.objects.get()
    assert (table.file, table.waiting, table.name) == (kept, None, kept.name)
    assert (kept.sha256, kept.uploaded_at, kept.uploaded_by) == (
        waited.sha256,
        waited.uploaded_at,
        foundation_staff,
    )
    assert bytes(kept.content.data)[:2] == b"PK"
    assert nothing_waits()


def test_of_a_refused_table_nothing_but_its_name_stays(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff)
    assert (table.state, bool(table.name), bool(table.sha256)) == (ImportState.REFUSED, True, True)
    assert nothing_waits()
    assert nothing_is_kept()


def test_nor_of_a_discarded_one(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, ROW)
    importing.discard(table=table, by=foundation_staff)
    assert nothing_waits()
    assert nothing_is_kept()


def test_an_application_that_is_refused_leaves_it_waiting(
    center: Center, foundation_staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = upload(center, foundation_staff, ROW)

    def broken(*args: object, **kwargs: object) -> None:
        raise WrongStep

    monkeypatch.setattr(importing.history, "record", broken)
    with pytest.raises(WrongStep):
        importing.apply(table=table, by=foundation_staff, at=clock.now())
    assert WaitingFile.objects.count() == 1
    assert nothing_is_kept()


def test_what_nobody_applies_is_given_up_at_night(center: Center, foundation_staff: User) -> None:
    table = upload(center, foundation_staff, ROW)
    at_night()
    assert WaitingFile.objects.count() == 1
    WaitingFile.objects.update(waits_until=clock.now() - timedelta(seconds=1))
    at_night()
    table.refresh_from_db()
    assert table.state is ImportState.DISCARDED
    assert not table.rows.exists()
    assert nothing_waits()
    event = HistoryEvent.objects.latest("pk")
    assert (event.action, event.actor, event.source, event.reason) == (
        "import.discard",
        "",
        expiring.BY.text,
        expiring.REASON,
    )


def test_what_a_job_made_goes_after_its_days(log_in: LogIn, center: Center, foundation_staff: User) -> None:
    job, client = make_job(center, by=foundation_staff), log_in(foundation_staff)
    page = reverse("job", kwargs={"center": center.code, "number": job.pk})
    assert job.result.waits_until == pytest.approx(clock.now() + timedelta(days=7), abs=timedelta(minutes=1))
    assert client.get(f"{page}result/").content == b"made"
    wait(center, by=foundation_staff, until=clock.now() - timedelta(days=1), subject="kpi.report/x")
    WaitingFile.objects.filter(pk=job.result_id).update(waits_until=clock.now() - timedelta(seconds=1))
    at_night()
    assert nothing_waits()
    assert client.get(f"{page}result/").status_code == 404
    assert client.get(page).status_code == 200


def test_how_long_it_is_kept_is_said(log_in: LogIn, center: Center, foundation_staff: User) -> None:
    client: Client = log_in(foundation_staff)
    client.cookies["django_language"] = "en"
    job = make_job(center, by=foundation_staff)
    assert (
        "Kept until"
        in client.get(reverse("job", kwargs={"center": center.code, "number": job.pk})).content.decode()
    )
    table = make_import(center, by=foundation_staff)
    page = reverse("finance:import", kwargs={"center": center.code, "number": table.pk})
    assert "it is discarded by itself" in client.get(page).content.decode()
