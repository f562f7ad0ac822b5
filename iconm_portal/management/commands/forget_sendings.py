"""The nightly cleaning-up of what forms have sent: their keys are needed only as long as a page may be sent again."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from iconm_portal.history import once
from iconm_portal.values import clock

KEPT_DAYS = 30


class Command(BaseCommand):
    """Forgets the old ones."""

    help = "Forget by which keys forms were sent: only pages older than this can be sent a second time. Once a night."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=KEPT_DAYS, help="how long they are kept")

    def handle(self, *args: Any, **options: Any) -> None:
        """Says how many there were."""
        count = once.forget(before=clock.now() - timedelta(days=options["days"]))
        self.stdout.write(f"{count} forgotten")
