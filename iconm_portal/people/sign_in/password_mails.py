"""Mails with a link by which somebody chooses their password: asked for by themselves, or sent with an invitation.

A worker sends them, and looks up who is meant: the page answers as soon for an address that nobody has as for a known one.
What waits in the queue names people by their keys; the link is made when the mail is.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import assert_never

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language, override
from django_tasks import task

from iconm_portal.models import User


class PasswordMail(StrEnum):
    """What the mail is about."""

    RESET = "reset"
    INVITATION = "invitation"

    @property
    def templates(self) -> tuple[str, str]:
        """Of its subject and of its text."""
        match self:
            case PasswordMail.RESET:
                return "registration/password_reset_subject.txt", "registration/password_reset_mail.txt"
            case PasswordMail.INVITATION:
                return "registration/invitation_subject.txt", "registration/invitation_mail.txt"
            case _:
                assert_never(self)


def go_out() -> bool:
    """Whether mails go out, and the settings say where the portal is: a request's Host is whatever its sender wrote."""
    return bool(settings.MAIL_IS_SET and settings.PORTAL_URL)


def ask(mail: PasswordMail, people: Iterable[User]) -> None:
    """Hand it to a worker, in the reader's language; also where there is nobody to write to."""
    send.enqueue([person.pk for person in people], mail.value, get_language() or settings.LANGUAGE_CODE)


@task()
def send(people: list[int], mail: str, language: str) -> None:
    """A mail to each who is still there and has an address."""
    with override(language):
        for person in User.objects.filter(pk__in=people, is_active=True).exclude(email="").order_by("pk"):
            _send(person, PasswordMail(mail))


def _send(person: User, mail: PasswordMail) -> None:
    context = {
        "user": person,
        "portal_url": settings.PORTAL_URL,
        "uid": urlsafe_base64_encode(force_bytes(person.pk)),
        "token": default_token_generator.make_token(person),
    }
    subject, text = (render_to_string(template, context) for template in mail.templates)
    send_mail(subject.strip(), text, None, [person.email])
