"""Uploaded tables that nobody applies or discards are given up at night."""

from contextlib import suppress
from typing import Final

from django.db import transaction

from iconm_portal.forms import files
from iconm_portal.forms.refusals import WrongStep
from iconm_portal.history.history import Source
from iconm_portal.imports import importing
from iconm_portal.models import Job, TableImport
from iconm_portal.values import clock
from iconm_portal.work.kinds import work
from iconm_portal.work.progress import Progress

BY: Final = Source("保管期限")
REASON: Final = f"{files.UNDECIDED.days}日以内に適用されなかったため"
"""Both are data of the history, so in Japanese."""


@work("portal.import_expire", is_nightly=True)
def expire(job: Job, progress: Progress) -> None:
    """Give up what has waited too long to be applied, one by one; what is applied meanwhile is not."""
    for table in TableImport.objects.filter(waiting__waits_until__lt=clock.now()).select_related("center"):
        with suppress(WrongStep), transaction.atomic():
            importing.give_up(table, BY, reason=REASON)
