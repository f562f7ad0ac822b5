"""manage.py db_worker: django-tasks' worker, with a keeper beside it (iconm_portal/work/keeper.py). Any number, on any hosts."""

import time
from argparse import ArgumentParser
from typing import Any

from django.db import OperationalError, connections
from django_tasks_db.management.commands import db_worker

from iconm_portal.work import kinds
from iconm_portal.work.keeper import Keeper

PAUSE_SECONDS = 1.0


class Command(db_worker.Command):
    help = "Do the long work that people ask for, and the nightly work, until told to end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        # Code is not looked at for changes, in DEBUG either: a worker is started anew.
        parser.set_defaults(reload=False)
        parser.add_argument(
            "--parent", type=int, help="end when this process is no longer the parent (for make run)"
        )

    def configure_logging(self, verbosity: int) -> None:
        """The log is the portal's own (LOG_LEVEL)."""

    def handle(self, **options: Any) -> None:
        kinds.load()
        keeper = Keeper(options["worker_id"], options.pop("parent"))
        keeper.start()
        try:
            self._work(options)
        finally:
            keeper.end()

    def _work(self, options: dict[str, Any]) -> None:
        """The worker ends where SQLite stays locked for long, or PostgreSQL is away; it begins again as soon as it can."""
        while True:
            try:
                super().handle(**options)
            except OperationalError as error:
                self.stderr.write(f"The worker waits for the database: {error}")
                connections.close_all()
                time.sleep(PAUSE_SECONDS)
            else:
                return
