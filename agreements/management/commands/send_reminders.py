"""manage.py send_reminders: mails about due dates, once a night; a missed night is made up for by the next."""

from datetime import date
from itertools import groupby
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements.duties import reminder_actions
from agreements.duties.reminder_actions import Due
from agreements.pages import reminder_mail
from iconm_portal.models import Center
from iconm_portal.values import clock


class Command(BaseCommand):
    help = (
        "Remind the staff of due dates by mail: once within the month before each, once when it has passed. "
        "Run it nightly; what was sent is not sent again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", type=date.fromisoformat, help="as if today were this day (2026-05-01)")

    def handle(self, *args: Any, **options: Any) -> None:
        today = options["date"] or clock.today()
        if not settings.MAIL_IS_SET:
            raise CommandError(
                "No mail is set up (EMAIL_URL): nothing was sent, and nothing is marked as sent."
            )
        server = get_connection()
        _open(server)
        sent = 0
        try:
            for center in Center.objects.select_related("supporter", "operator"):
                due = reminder_actions.due_reminders(center, today=today)
                for _person, of_person in groupby(due, key=lambda one: one.person.pk):
                    sent += self._remind(center, list(of_person), server)
        finally:
            server.close()
        self.stdout.write(f"{sent} reminders sent.")
        self._list_unclear()

    def _remind(self, center: Center, due: list[Due], server: BaseEmailBackend) -> int:
        """Claim, send one mail, mark as sent. What the server refuses stays claimed, with the problem."""
        claimed = reminder_actions.claim(center, due, at=clock.now())
        if not claimed:
            return 0
        rows = [row for _due, row in claimed]
        mail = reminder_mail.compose(center, [one for one, _row in claimed])
        message = EmailMessage(mail.subject, mail.body, to=[mail.to], connection=server)
        try:
            message.send()
        except (SMTPException, OSError) as error:
            reminder_actions.mark_problem(rows, problem=str(error) or type(error).__name__)
            server.close()
            _open(server)
            return 0
        reminder_actions.mark_sent(rows, at=clock.now())
        return len(rows)

    def _list_unclear(self) -> None:
        """Claimed and never known to be sent: a crash, or a refusal. They are not sent again by themselves."""
        unclear = reminder_actions.unclear()
        if unclear:
            self.stderr.write(f"Unclear whether they were sent, please ask the person ({len(unclear)}):")
        for row in unclear:
            why = f" ({row.problem})" if row.problem else ""
            claimed = f"{clock.day_of(row.claimed):%Y-%m-%d}"
            self.stderr.write(f"  {claimed} {row.person.username} <{row.person.email}> {row.title}{why}")


def _open(server: BaseEmailBackend) -> None:
    """Reach the mail server before anything is claimed, so that a night without it is only a missed night."""
    try:
        server.open()
    except (SMTPException, OSError) as error:
        raise CommandError(
            f"The mail server cannot be reached, so nothing more was claimed: {error}"
        ) from error
