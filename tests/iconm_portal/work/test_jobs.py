"""Long work: asked for once, watched, failed, lost, begun again; only by whoever asked for it. And what is done each night."""

import re
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from iconm_portal.forms.refusals import WrongStep
from iconm_portal.models import Center, ImportRow, ImportState, Job, JobState, User, Worker
from iconm_portal.values import clock
from iconm_portal.work import cleanup, jobs, kinds, nights, running, workers  # noqa: F401 - cleanup makes its kind known
from iconm_portal.work.checks import jobs_are_done
from iconm_portal.work.jobs import UnderWay
from iconm_portal.work.keeper import Watch
from iconm_portal.work.kinds import Failed, work
from iconm_portal.work.progress import Progress, Superseded
from tests.builders.imports import make_import, make_job
from tests.builders.plans import tokyo
from tests.iconm_portal.work.workers import QUEUE
from tests.people import LogIn
from tests.readers.markup import tight


@pytest.fixture(autouse=True)
def no_kinds_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds.load()
    monkeypatch.setattr(kinds, "_KINDS", dict(kinds._KINDS))


def begin(center: Center, by: User, **params: Any) -> Job:
    return jobs.begin(
        kind="test", subject="表", title="表.xlsx", center=center, params=params, by=by, at=clock.now()
    )


def test_work_is_done_and_its_owner_goes_on(center: Center, foundation_staff: User, log_in: LogIn) -> None:
    @work("test")
    def count(job: Job, progress: Progress) -> None:
        for number in range(job.params["to"]):
            progress(number + 1, job.params["to"])
        job.next_url = "/somewhere/"

    job = begin(center, foundation_staff, to=3)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    assert log_in(foundation_staff).get(jobs.page(job)).headers["Location"] == "/somewhere/"


@pytest.mark.parametrize(("language", "under_way"), [("ja", "(ています|中)$"), ("en", "progress$|^Writing")])
def test_work_is_named_by_what_it_is(language: str, under_way: str) -> None:
    """The name stands above the result too: 「…書き出しています」 was said of what was done."""
    with translation.override(language):
        for kind in kinds._KINDS.values():
            assert not re.search(under_way, str(kind.label))


@pytest.mark.django_db
def test_an_unknown_kind_is_refused(center: Center, foundation_staff: User) -> None:
    with pytest.raises(KeyError):
        jobs.begin(
            kind="?", subject="", title="", center=center, params={}, by=foundation_staff, at=clock.now()
        )
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
    @work("test")
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
    job = make_job(center, by=foundation_staff, state=JobState.RUNNING, done=1500, total=3000)
    response = log_in(foundation_staff).get(jobs.page(job))
    assert response.headers["Refresh"] == str(2)
    bar = '<progress id="job-progress" class="job__bar" value="1500" max="3000">50%</progress>'
    assert bar in tight(response.content.decode())


def test_a_failed_job_is_told_and_begun_again_by_its_owner(
    center: Center, foundation_staff: User, log_in: LogIn
) -> None:
    done: list[int] = []
    work("test")(lambda job, progress: done.append(job.pk))
    job = make_job(center, by=foundation_staff, kind="test", state=JobState.FAILED, failure="x", losses=2)
    client = log_in(foundation_staff)
    again = reverse("job_again", kwargs={"center": center.code, "number": job.pk})
    response = client.get(jobs.page(job))
    assert "Refresh" not in response.headers
    assert again in response.content.decode()
    client.post(again)
    job.refresh_from_db()
    assert (done, job.state, job.losses) == ([job.pk], JobState.DONE, 0)


@pytest.mark.parametrize("state", [JobState.RUNNING, JobState.DONE])
def test_what_is_at_work_or_done_is_not_begun_again(
    center: Center, foundation_staff: User, state: str
) -> None:
    job = make_job(center, by=foundation_staff, state=state)
    with pytest.raises(WrongStep):
        jobs.begin_again(job=job, by=foundation_staff)


def test_others_neither_see_it_nor_begin_it_again(
    center: Center, foundation_staff: User, foundation_viewer: User, city_staff: User, log_in: LogIn
) -> None:
    job = make_job(center, by=foundation_staff, state=JobState.FAILED)
    for other in (foundation_viewer, city_staff):
        assert log_in(other).get(jobs.page(job)).status_code == 404
        with pytest.raises(PermissionDenied):
            jobs.begin_again(job=job, by=other)


def test_the_file_that_it_made_is_given_out(center: Center, foundation_staff: User, log_in: LogIn) -> None:
    job = make_job(center, by=foundation_staff)
    client = log_in(foundation_staff)
    address = reverse("job_result", kwargs={"center": center.code, "number": job.pk})
    assert address in client.get(jobs.page(job)).content.decode()
    assert client.get(address).content == b"made"


# -- In the queue, as in production; who does it is tried in test_workers.py --


@pytest.fixture
def queued(settings: Any) -> None:
    settings.TASKS = QUEUE


@pytest.mark.django_db
def test_seventy_posts_make_one_job(queued: None, center: Center, city_viewer: User, log_in: LogIn) -> None:
    """Each but the first is led to the page of the one that is open."""
    client, threads = log_in(city_viewer), threading.active_count()
    answers = [
        client.post(f"/{center.code}/data/workbook/", {"known_at": f"2024-05-{1 + number % 28:02}"})
        for number in range(70)
    ]
    job = Job.objects.get()
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(302, jobs.page(job))}
    assert "すでに処理を受け付けています" in client.get(jobs.page(job)).content.decode()
    assert (job.state, DBTaskResult.objects.count()) == (JobState.WAITING, 1)
    assert threading.active_count() == threads


@pytest.mark.django_db(transaction=True)
def test_of_posts_at_the_same_moment_one_makes_the_job(
    queued: None, center: Center, foundation_staff: User
) -> None:
    work("test")(lambda job, progress: None)
    start, under_way = threading.Barrier(6), []

    def ask() -> None:
        try:
            start.wait(timeout=30)
            begin(center, foundation_staff)
        except UnderWay as other:
            under_way.append(other.job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert under_way == [Job.objects.get().pk] * 5
    assert DBTaskResult.objects.count() == 1


@pytest.mark.django_db
def test_one_open_job_a_person_kind_and_subject(
    queued: None, center: Center, foundation_staff: User, foundation_viewer: User
) -> None:
    work("test")(lambda job, progress: None)
    first = begin(center, foundation_staff)
    begin(center, foundation_viewer)
    jobs.begin(
        kind="test", subject="b", title="", center=center, params={}, by=foundation_staff, at=clock.now()
    )
    with pytest.raises(UnderWay):
        begin(center, foundation_staff)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="test", subject="表", requested_by=foundation_staff, requested_at=clock.now())
    assert Job.objects.count() == 3
    Job.objects.filter(pk=first.pk).update(state=JobState.FAILED)
    second = begin(center, foundation_staff)
    first.refresh_from_db()
    with pytest.raises(UnderWay) as told:
        jobs.begin_again(job=first, by=foundation_staff)
    assert told.value.job == second


@pytest.mark.django_db
def test_nothing_waits_when_the_transaction_around_it_fails(
    queued: None, center: Center, foundation_staff: User
) -> None:
    work("test")(lambda job, progress: None)
    with transaction.atomic():
        begin(center, foundation_staff)
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()


# -- Losing a job --


def running_job(center: Center, by: User, **fields: Any) -> Job:
    return make_job(center, by=by, kind="test", state=JobState.RUNNING, result=None, **fields)


@pytest.mark.django_db
def test_a_run_that_lost_its_job_stops_and_leaves_it_alone(
    queued: None, center: Center, foundation_staff: User
) -> None:
    job = running_job(center, foundation_staff)
    first = Progress(job.pk, job.run)
    first(1, 3)
    job.refresh_from_db()
    assert running.take_up(job)
    with pytest.raises(Superseded):
        first(2, 3)
    with pytest.raises(Superseded), transaction.atomic():
        first.hold()
    first.end(JobState.DONE)
    job.refresh_from_db()
    assert (job.state, job.run, job.done) == (JobState.WAITING, 2, 0)
    assert not Progress(job.pk, 1).claim()
    assert Progress(job.pk, 2).claim()
    assert not Progress(job.pk, 2).claim()


@pytest.mark.django_db
def test_a_job_is_lost_when_its_beats_stand_still_by_the_watchers_own_clock(
    queued: None, center: Center, foundation_staff: User
) -> None:
    job = running_job(center, foundation_staff)
    watch, progress = Watch(10), Progress(job.pk, job.run)
    assert watch.lost(100) == watch.lost(109) == []
    progress(1)
    assert watch.lost(110) == watch.lost(119) == []
    watch.forget()
    assert watch.lost(130) == watch.lost(139) == []
    lost = watch.lost(140)
    assert lost == [job]
    progress(2)
    assert not running.take_up(lost[0]), "it has shown life since"


@pytest.mark.django_db
def test_a_job_that_waits_in_the_queue_is_never_lost_and_one_that_fell_out_of_it_is(
    queued: None, center: Center, foundation_staff: User
) -> None:
    work("test")(lambda job, progress: None)
    job, watch = begin(center, foundation_staff), Watch(10)
    assert watch.lost(0) == watch.lost(1000) == []
    DBTaskResult.objects.update(
        status=TaskResultStatus.RUNNING
    )  # taken, and its worker killed before it began
    assert watch.lost(1001) == []
    assert watch.lost(1011) == [job]
    assert running.take_up(watch.lost(1012)[0])
    assert watch.lost(5000) == watch.lost(6000) == []


# -- Nightly work --


@pytest.fixture
def nightly(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The days for which it was done."""
    monkeypatch.setattr(kinds, "_KINDS", {})
    days: list[str] = []
    work("test.nightly", is_nightly=True)(lambda job, progress: days.append(job.subject))
    return days


@pytest.mark.django_db
def test_nightly_work_is_done_once_for_each_day_also_when_the_clock_comes_to_it_again(
    nightly: list[str],
) -> None:
    night = tokyo(date(2026, 5, 1), 3)
    hours = [-3, 0, 1, 20, 24, 25, 24 - 26, -1, 24, 48]
    for hour in hours:
        nights.begin_due(night + timedelta(hours=hour))
    assert nightly == ["2026-05-01", "2026-05-02", "2026-05-03"]


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_think_of_the_night_at_the_same_moment_one_begins_it(
    queued: None, nightly: list[str]
) -> None:
    start, begun = threading.Barrier(4), []

    def think() -> None:
        start.wait(timeout=30)
        begun.extend(nights.begin_due(tokyo(date(2026, 5, 1), 3)))
        connection.close()

    threads = [threading.Thread(target=think) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(begun) == Job.objects.count() == DBTaskResult.objects.count() == 1


@pytest.mark.django_db
def test_what_nobody_does_and_what_failed_at_night_is_told_by_the_check(
    queued: None, nightly: list[str], center: Center, foundation_staff: User
) -> None:
    def told() -> list[str | None]:
        return [message.id for message in jobs_are_done(None, databases=["default"])]

    work("test")(lambda job, progress: None)
    assert told() == []
    begin(center, foundation_staff)
    assert told() == ["portal.W002"]
    workers.show("one")
    assert told() == []
    ahead = Now() + timedelta(hours=26)  # it showed itself before the clock was set back, and is gone
    Worker.objects.update(seen=ahead)
    assert told() == ["portal.W002"]
    workers.show("one")
    for day, state in (("2026-05-01", JobState.FAILED), ("2026-05-02", JobState.FAILED)):
        Job.objects.create(kind="test.nightly", subject=day, state=state, ended=clock.now())
    assert told() == ["portal.W003"]
    Job.objects.create(kind="test.nightly", subject="2026-05-03", state=JobState.DONE, ended=clock.now())
    assert told() == []


@pytest.mark.django_db
def test_at_night_what_nobody_needs_goes_and_what_somebody_does_stays(
    center: Center, foundation_staff: User
) -> None:
    by, long_ago = foundation_staff, clock.now() - timedelta(days=91)
    kept = {
        make_job(center, by=by, subject="result", ended=long_ago),
        make_job(center, by=by, subject="new", result=None, ended=clock.now()),
        make_job(center, by=by, subject="open", result=None, state=JobState.WAITING),
        make_job(center, by=by, subject="import", result=None, ended=long_ago),
    }
    make_job(center, by=by, subject="old", result=None, ended=long_ago)
    imports = [
        make_import(center, by=by, job=Job.objects.get(subject="import")),
        make_import(center, by=by, state=ImportState.DISCARDED),
    ]
    ImportRow.objects.bulk_create(ImportRow(table=table, number=1) for table in imports)
    Session.objects.create(session_key="old", session_data="", expire_date=long_ago)
    Session.objects.create(session_key="new", session_data="", expire_date=clock.now() + timedelta(hours=1))
    tasks = [
        DBTaskResult.objects.create(args_kwargs={}, run_after=long_ago, status=status, task_path=str(number))
        for number, status in enumerate(TaskResultStatus.values + TaskResultStatus.values[:1])
    ]
    DBTaskResult.objects.exclude(pk=tasks[0].pk).update(enqueued_at=long_ago)
    Job.objects.filter(subject="open").update(task=tasks[1].pk)
    night = Job.objects.create(kind="portal.cleanup", subject="2026-05-01")
    running.enqueue(night)
    night.refresh_from_db()
    assert night.state == JobState.DONE
    assert set(Job.objects.exclude(pk=night.pk)) == kept
    assert [row.table for row in ImportRow.objects.all()] == imports[:1]
    assert set(DBTaskResult.objects.all()) == set(tasks[:2])
    assert [session.session_key for session in Session.objects.all()] == ["new"]
