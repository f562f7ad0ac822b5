"""Jobs of the days of threads, when the portal is brought up to date with some of them open; and the way back."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from iconm_portal.models import Center, Job, JobState, User
from iconm_portal.values import clock
from iconm_portal.work.keeper import Watch

BEFORE = "0006_audit_events"


def jobs_before() -> Any:
    loader = MigrationLoader(connection)
    return loader.project_state(("portal", BEFORE)).apps.get_model("portal", "Job").objects


@pytest.mark.django_db(transaction=True)
def test_open_jobs_of_threads_are_left_to_the_workers_and_nightly_ones_do_not_go_back(
    center: Center, foundation_staff: User
) -> None:
    Job.objects.create(kind="test.nightly", subject="2026-05-01")
    try:
        call_command("migrate", "portal", BEFORE, verbosity=0)
        assert not jobs_before().exists()
        for state in ("running", "waiting", "done", "done"):
            jobs_before().create(
                kind="kpi.all_centers",
                title="データ",
                state=state,
                center_id=center.pk,
                requested_at=clock.now(),
                requested_by_id=foundation_staff.pk,
            )
    finally:
        call_command("migrate", verbosity=0)
    assert len(set(Job.objects.values_list("subject"))) == 4
    watch = Watch(10)
    watch.lost(0)
    assert {job.state for job in watch.lost(10)} == {JobState.RUNNING, JobState.WAITING}
