"""Jobs in real worker processes: done, killed, handed back, with clocks that go back, beside a database that goes away."""

import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from iconm_portal.models import Center, Job, JobState, User, Worker
from iconm_portal.values import clock
from iconm_portal.work import jobs
from iconm_portal.work import workers as seen_workers
from tests.iconm_portal.work import work_of_tests  # noqa: F401 - makes its kinds known
from tests.iconm_portal.work.workers import (
    LOST_SECONDS,
    QUEUE,
    kill_in_the_midst,
    notes,
    state,
    until,
    worker,
)
from tests.people import LogIn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def queued(settings: Any) -> None:
    settings.TASKS = QUEUE


@pytest.fixture
def asked(center: Center, foundation_staff: User, tmp_path: Path) -> Job:
    return begin(center, foundation_staff, tmp_path)


def begin(center: Center, by: User, folder: Path, kind: str = "test.wait") -> Job:
    return jobs.begin(
        kind=kind,
        subject=str(folder)[-100:],
        title="表.xlsx",
        center=center,
        params={"folder": str(folder)},
        by=by,
        at=clock.now(),
    )


def test_a_worker_does_it_and_everybody_sees_how_far_it_is(
    asked: Job, foundation_staff: User, log_in: LogIn, tmp_path: Path
) -> None:
    client, before = log_in(foundation_staff), threading.active_count()
    waiting = client.get(jobs.page(asked))
    assert state(asked) == JobState.WAITING
    assert waiting.headers["Refresh"] == "2"
    assert "処理を行うサーバー" in waiting.content.decode()
    assert client.get("/health/").content == b"ok, but jobs wait and no worker is seen\n"
    with worker():
        until(lambda: (state(asked), asked.total) == (JobState.RUNNING, 3))
        until(seen_workers.is_seen)
        page = client.get(jobs.page(asked)).content.decode()
        assert 'max="3"' in page
        assert "処理を行うサーバー" not in page
        assert client.get("/health/").content == b"ok\n"
        (tmp_path / "go_on").touch()
        until(lambda: state(asked) == JobState.DONE)
        until(lambda: DBTaskResult.objects.get().status == TaskResultStatus.SUCCESSFUL)
    assert (asked.done, asked.losses, asked.run) == (3, 0, 1)
    assert client.get(f"{jobs.page(asked)}result/").content == b"made by a worker"
    assert threading.active_count() == before


def test_a_killed_workers_job_is_taken_up_by_another_one(asked: Job, tmp_path: Path) -> None:
    with worker():
        kill_in_the_midst(tmp_path, 1)
    (tmp_path / "go_on").touch()
    with worker():
        until(lambda: state(asked) == JobState.DONE)
        both = {TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL}
        until(lambda: set(DBTaskResult.objects.values_list("status", flat=True)) == both)
    assert notes(tmp_path) == ["begun", "begun", "ended"]
    assert (asked.losses, asked.run) == (1, 2)


def test_a_job_that_loses_its_worker_twice_has_failed_and_its_owner_begins_it_again(
    asked: Job, foundation_staff: User, log_in: LogIn, tmp_path: Path
) -> None:
    for time_ in (1, 2):
        with worker():
            kill_in_the_midst(tmp_path, time_)
    with worker():
        until(lambda: state(asked) == JobState.FAILED)
        client = log_in(foundation_staff)
        assert "2回" in client.get(jobs.page(asked)).content.decode()
        (tmp_path / "go_on").touch()
        client.post(f"{jobs.page(asked)}again/")
        until(lambda: state(asked) == JobState.DONE)
    assert notes(tmp_path) == ["begun", "begun", "begun", "ended"]


def test_a_killed_workers_job_is_taken_up_by_one_whose_clock_is_a_day_behind(
    asked: Job, tmp_path: Path
) -> None:
    with worker():
        kill_in_the_midst(tmp_path, 1)
    (tmp_path / "go_on").touch()
    with worker(CLOCK_BACK_HOURS="26"):
        until(lambda: state(asked) == JobState.DONE)
    assert notes(tmp_path) == ["begun", "begun", "ended"]


@pytest.mark.parametrize("kind", ["test.wait", "test.clock_back"])
def test_a_job_whose_worker_lives_is_left_to_it_whatever_the_clocks_say(
    center: Center, foundation_staff: User, tmp_path: Path, kind: str
) -> None:
    job = begin(center, foundation_staff, tmp_path, kind)
    with worker(), worker(CLOCK_BACK_HOURS="26"):
        until(lambda: state(job) == JobState.RUNNING)
        until(lambda: Worker.objects.count() == 2)
        time.sleep(2 * LOST_SECONDS)
        (tmp_path / "go_on").touch()
        until(lambda: state(job) == JobState.DONE)
    assert notes(tmp_path) == ["begun", "ended"]
    assert (job.losses, job.run) == (0, 1)


def test_a_worker_that_is_told_to_end_finishes_and_told_twice_hands_its_job_back(
    asked: Job, tmp_path: Path
) -> None:
    with worker() as first:
        until(lambda: notes(tmp_path) == ["begun"])
        first.terminate()
        time.sleep(0.5)
        assert first.poll() is None
        first.terminate()
        assert first.wait(30) == 0
    assert (state(asked), asked.losses) == (JobState.WAITING, 0)
    assert not Worker.objects.exists()
    (tmp_path / "go_on").touch()
    with worker():
        until(lambda: state(asked) == JobState.DONE)
    assert notes(tmp_path) == ["begun", "begun", "ended"]


def take_the_database_away() -> None:
    """On SQLite somebody has it to himself for two seconds; PostgreSQL ends every connection but ours."""
    if connection.vendor == "sqlite":
        with transaction.atomic():
            time.sleep(2)
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def test_a_worker_outlives_a_database_that_goes_away(
    center: Center, foundation_staff: User, tmp_path: Path
) -> None:
    with worker(SQLITE_TIMEOUT="0.3") as process:
        until(lambda: Worker.objects.exists())
        take_the_database_away()
        job = begin(center, foundation_staff, tmp_path)
        (tmp_path / "go_on").touch()
        until(lambda: state(job) == JobState.DONE)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_a_mail_with_a_link_is_sent_by_a_worker(city_staff: User, client: Client, settings: Any) -> None:
    settings.PORTAL_URL = "https://portal.example.jp"
    client.post(reverse("password_reset"), {"email": city_staff.email})
    assert mail.outbox == []
    assert client.get("/health/").content == b"ok, but jobs wait and no worker is seen\n"
    with worker():
        until(lambda: DBTaskResult.objects.get().status == TaskResultStatus.SUCCESSFUL)
    assert DBTaskResult.objects.get().args_kwargs["args"] == [[city_staff.pk], "reset", "ja"]
