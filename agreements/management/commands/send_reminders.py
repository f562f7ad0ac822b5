"""manage.py send_reminders: the mails that a worker sends each night, now; what was sent is not sent again."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements.duties import reminder_actions
from agreements.pages import reminding
from iconm_portal.values import clock


class Command(BaseCommand):
    help = (
        "Remind the staff of due dates by mail: once within the month before each, once when it has passed. "
        "Workers do it nightly (manage.py db_worker); what was sent is not sent again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, help="as if today were this day (2026-05-01)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.MAIL_IS_SET:
            raise CommandError(
                "No mail is set up (EMAIL_URL): nothing was sent, and nothing is marked as sent."
            )
        try:
            sent = reminding.send(today=options["date"] or clock.today())
        except reminding.NoMailServer as error:
            raise CommandError(
                f"The mail server cannot be reached, so nothing more was claimed: {error}"
            ) from error
        self.stdout.write(f"{sent} reminders sent.")
        self._list_unclear()

    def _list_unclear(self) -> None:
        """Claimed and never known to be sent: a crash, or a refusal. They are not sent again by themselves."""
        unclear = reminder_actions.unclear()
        if unclear:
            self.stderr.write(f"Unclear whether they were sent, please ask the person ({len(unclear)}):")
        for row in unclear:
            why = f" ({row.problem})" if row.problem else ""
            claimed = f"{clock.day_of(row.claimed):%Y-%m-%d}"
            self.stderr.write(f"  {claimed} {row.person.username} <{row.person.email}> {row.title}{why}")
