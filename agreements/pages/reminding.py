"""Sending the reminders of due dates: each night by a worker, or by `manage.py send_reminders`."""

from datetime import date
from itertools import groupby
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from agreements.duties import reminder_actions
from agreements.duties.reminder_actions import Due
from agreements.pages import reminder_mail
from iconm_portal.models import Center, Job
from iconm_portal.values import clock
from iconm_portal.work import nights
from iconm_portal.work.kinds import Failed, work
from iconm_portal.work.progress import Progress


class NoMailServer(Exception):
    """It cannot be reached: nothing is claimed from here on."""


@work("agreements.reminders", is_nightly=True)
def remind_nightly(job: Job, progress: Progress) -> None:
    """Nothing where no mail is set up."""
    if not settings.MAIL_IS_SET:
        return
    try:
        send(today=nights.day_of(job))
    except NoMailServer as error:
        raise Failed(f"The mail server cannot be reached, so nothing more was claimed: {error}") from error


def send(*, today: date) -> int:
    """Send what is due by today and was not sent; says how many reminders. NoMailServer where that cannot be reached."""
    server = get_connection()
    _open(server)
    sent = 0
    try:
        for center in Center.objects.select_related("supporter", "operator"):
            if center.is_closed(today):
                continue
            due = reminder_actions.due_reminders(center, today=today)
            for _person, of_person in groupby(due, key=lambda one: one.person.pk):
                sent += _remind(center, list(of_person), server)
    finally:
        server.close()
    return sent


def _remind(center: Center, due: list[Due], server: BaseEmailBackend) -> int:
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


def _open(server: BaseEmailBackend) -> None:
    """Reach the mail server before anything is claimed, so that a night without it is only a missed night."""
    try:
        server.open()
    except (SMTPException, OSError) as error:
        raise NoMailServer(str(error)) from error
