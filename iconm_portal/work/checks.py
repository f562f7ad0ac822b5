"""What `manage.py check --database default` says of the long work."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import DEFAULT_DB_ALIAS

from iconm_portal.work import kinds, nights, workers


def jobs_are_done(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Somebody does the long work, and the nightly work comes to its end."""
    if DEFAULT_DB_ALIAS not in (databases or []):
        return []
    kinds.load()
    messages: list[CheckMessage] = [
        Warning(
            f"Nightly work of {job.subject} failed: {job.kind} ({job.failure})",
            hint="The log of the workers says more. It is done again in the next night.",
            id="portal.W003",
        )
        for job in nights.failed()
    ]
    if workers.are_wanted():
        messages.append(
            Warning(
                "Jobs wait, and no worker was seen within the last minute.",
                hint="Run manage.py db_worker, and have it started again whenever it ends.",
                id="portal.W002",
            )
        )
    return messages
