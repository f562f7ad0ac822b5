"""Long work: begun, watched, failed, stopped, begun again; only by whoever began it."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.urls import reverse

from iconm_portal.forms.refusals import WrongStep
from iconm_portal.models import Center, Job, JobState, User
from iconm_portal.values import clock
from iconm_portal.work import jobs
from iconm_portal.work.jobs import Failed, JobProgress, Progress, Superseded
from tests.builders.imports import make_job
from tests.people import LogIn
from tests.readers.markup import tight

LONG_AGO = jobs.STOPPED_AFTER + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def no_kinds_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_WORKS", dict(jobs._WORKS))


def begin(center: Center, by: User, **params: Any) -> Job:
    return jobs.begin(kind="test", title="表.xlsx", center=center, params=params, by=by, at=clock.now())


def test_work_is_done_and_its_owner_goes_on(center: Center, foundation_staff: User, log_in: LogIn) -> None:
    @jobs.work("test")
    def count(job: Job, progress: Progress) -> None:
        for number in range(job.params["to"]):
            progress(number + 1, job.params["to"])
        job.next_url = "/somewhere/"

    job = begin(center, foundation_staff, to=3)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    assert log_in(foundation_staff).get(jobs.page(job)).headers["Location"] == "/somewhere/"


@pytest.mark.django_db
def test_an_unknown_kind_is_refused(center: Center, foundation_staff: User) -> None:
    with pytest.raises(KeyError):
        jobs.begin(kind="?", title="", center=center, params={}, by=foundation_staff, at=clock.now())
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Failed("The import was discarded meanwhile."), "破棄されました"),
        (ZeroDivisionError("secret"), "システム管理者"),
    ],
)
def test_a_failure_is_told_and_takes_back_what_was_done(
    center: Center,
    foundation_staff: User,
    log_in: LogIn,
    error: Exception,
    said: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    @jobs.work("test")
    def fail(job: Job, progress: Progress) -> None:
        make_job(center, by=foundation_staff)
        raise error

    job = begin(center, foundation_staff)
    assert (job.state, Job.objects.count()) == (JobState.FAILED, 1)
    page = log_in(foundation_staff).get(jobs.page(job)).content.decode()
    assert said in page
    assert "secret" not in page
    assert ("ZeroDivisionError" in caplog.text) == isinstance(error, ZeroDivisionError)


def test_the_page_of_running_work_shows_how_far_it_is_and_looks_again(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    job = make_job(
        center, by=foundation_staff, state=JobState.RUNNING, alive=clock.now(), done=1500, total=3000
    )
    response = log_in(foundation_staff).get(jobs.page(job))
    assert response.headers["Refresh"] == str(2)
    bar = '<progress id="job-progress" class="job__bar" value="1500" max="3000">50%</progress>'
    assert bar in tight(response.content.decode())


def test_a_stopped_job_is_told_and_begun_again_by_its_owner(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    done: list[int] = []
    jobs.work("test")(lambda job, progress: done.append(job.pk))
    job = make_job(
        center, by=foundation_staff, kind="test", state=JobState.RUNNING, alive=clock.now() - LONG_AGO
    )
    client = log_in(foundation_staff)
    again = reverse("job_again", kwargs={"center": center.code, "number": job.pk})
    response = client.get(jobs.page(job))
    assert "Refresh" not in response.headers
    assert again in response.content.decode()
    client.post(again)
    job.refresh_from_db()
    assert (done, job.state) == ([job.pk], JobState.DONE)


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE])
def test_what_is_at_work_or_done_is_not_begun_again(
    center: Center, foundation_staff: User, state: str
) -> None:
    job = make_job(center, by=foundation_staff, state=state, alive=clock.now())
    with pytest.raises(WrongStep):
        jobs.begin_again(job=job, by=foundation_staff, at=clock.now())


def test_others_neither_see_it_nor_begin_it_again(
    center: Center, foundation_staff: User, foundation_viewer: User, city_staff: User, log_in: LogIn
) -> None:
    job = make_job(center, by=foundation_staff, state=JobState.FAILED)
    for other in (foundation_viewer, city_staff):
        assert log_in(other).get(jobs.page(job)).status_code == 404
        with pytest.raises(PermissionDenied):
            jobs.begin_again(job=job, by=other, at=clock.now())


def test_the_file_that_it_made_is_given_out(center: Center, foundation_staff: User, log_in: LogIn) -> None:
    job = make_job(center, by=foundation_staff)
    client = log_in(foundation_staff)
    address = reverse("job_result", kwargs={"center": center.code, "number": job.pk})
    assert address in client.get(jobs.page(job)).content.decode()
    assert client.get(address).content == b"made"


# -- In threads, as in production --


@pytest.fixture
def in_threads(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.JOBS_INLINE = False
    monkeypatch.setattr(jobs, "PULSE_SECONDS", 0.02)
    yield
    for thread in threading.enumerate():
        if thread.name.startswith(("job-", "pulse-")):
            thread.join(20)


def wait_for(job: Job, **wanted: Any) -> Job:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        job.refresh_from_db()
        if all(getattr(job, name) == value for name, value in wanted.items()):
            return job
        time.sleep(0.01)
    raise AssertionError(f"{job.state} {job.done}/{job.total}, not {wanted}")


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_while_the_work_goes_on(
    in_threads: None, center: Center, foundation_staff: User
) -> None:
    go_on = threading.Event()

    @jobs.work("test")
    def halfway(job: Job, progress: Progress) -> None:
        progress(1, 2)
        go_on.wait(20)
        progress(2, 2)

    job = begin(center, foundation_staff)
    try:
        wait_for(job, state=JobState.RUNNING, done=1, total=2)
        assert jobs.standing(job, clock.now()) is JobProgress.RUNNING
    finally:
        go_on.set()
    assert wait_for(job, state=JobState.DONE).done == 2


@pytest.mark.django_db(transaction=True)
def test_one_long_transaction_does_not_keep_progress_from_being_seen(
    in_threads: None, center: Center, foundation_staff: User
) -> None:
    """On SQLite, which has one writer, only after it; that no sign of life can be written does not end the work."""
    go_on = threading.Event()

    @jobs.work("test")
    def long_transaction(job: Job, progress: Progress) -> None:
        with transaction.atomic():
            make_job(center, by=foundation_staff)
            progress(1, 2)
            go_on.wait(20 if connection.vendor == "postgresql" else 0.7)

    job = begin(center, foundation_staff)
    try:
        wait_for(job, done=1)
        assert connection.vendor == "sqlite" or job.state == JobState.RUNNING
    finally:
        go_on.set()
    wait_for(job, state=JobState.DONE)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_lost_its_job_stops(in_threads: None, center: Center, foundation_staff: User) -> None:
    """Begun again after it had seemed dead, the job belongs to the second run; the first stops at its next step."""
    ended: list[str] = []
    seen, go_on = threading.Event(), threading.Event()

    @jobs.work("test")
    def work(job: Job, progress: Progress) -> None:
        seen.set()
        go_on.wait(20)
        for _ in range(1000):
            try:
                progress(1)
            except Superseded:
                ended.append("superseded")
                raise
            time.sleep(0.01)

    job = begin(center, foundation_staff)
    seen.wait(20)
    Job.objects.filter(pk=job.pk).update(alive=clock.now() - LONG_AGO)  # as if taken by another run
    go_on.set()
    until = time.monotonic() + 20
    while not ended and time.monotonic() < until:
        time.sleep(0.01)
    assert ended == ["superseded"]
    job.refresh_from_db()
    assert jobs.standing(job, clock.now()) is JobProgress.STOPPED


@pytest.mark.django_db(transaction=True)
def test_nothing_starts_when_the_transaction_around_it_fails(
    in_threads: None, center: Center, foundation_staff: User
) -> None:
    ran: list[int] = []
    jobs.work("test")(lambda job, progress: ran.append(job.pk))
    with transaction.atomic():
        begin(center, foundation_staff)
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not ran
