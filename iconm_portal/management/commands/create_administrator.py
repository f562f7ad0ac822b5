"""The first administrator of a fresh installation; everyone else is entered in the browser."""

import getpass
import os
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from iconm_portal.history.history import Source
from iconm_portal.models import Organisation, User
from iconm_portal.people import account_actions, actions
from iconm_portal.people.centers import codes
from iconm_portal.values.text import normalised

PASSWORD_VARIABLE = "ADMINISTRATOR_PASSWORD"  # noqa: S105 - the name of a variable, not a password
BY = Source("manage.py create_administrator")


class Command(BaseCommand):
    """Creates the organisation if need be, and an administrator in it."""

    help = (
        "Create an administrator, and their organisation if it does not exist yet. The password comes from the"
        f" variable {PASSWORD_VARIABLE} or from --ask; without either a temporary one is printed once."
        " Whichever it is, it has to be replaced at the first login."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name, such as 川崎 花子")
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--organisation",
            default="",
            help="its code, such as kawasaki-city; without it, made from its name",
        )
        parser.add_argument(
            "--organisation-name", default="", help="such as 川崎市; needed when it does not exist yet"
        )
        parser.add_argument("--ask", action="store_true", help="ask for the password")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                person, issued = self._create(options)
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{person.username} ({person.name}) can log in as administrator.")
        if issued:
            self.stdout.write(f"Temporary password, shown only now: {issued}")

    def _create(self, options: dict[str, Any]) -> tuple[User, str]:
        """The person, and the password that was made for them ("" where it was given)."""
        organisation = self._organisation(options["organisation"], options["organisation_name"])
        given = os.environ.get(PASSWORD_VARIABLE, "")
        if options["ask"]:
            given = _asked()
        values = {
            "username": normalised(options["username"]).lower(),
            "name": options["name"].strip(),
            "email": normalised(options["email"]),
            "organisation": organisation,
        }
        if given:
            validate_password(given, User(**values))
        password = given or account_actions.temporary_password()
        person = actions.install_administrator(**values, password=password, by=BY)
        return person, "" if given else password

    def _organisation(self, code: str, name: str) -> Organisation:
        if code and (found := Organisation.objects.filter(code=code).first()):
            return found
        if not name:
            raise CommandError(
                f"There is no organisation {code} yet: give its name with --organisation-name."
                if code
                else "Give the organisation's name with --organisation-name, or the code of one with --organisation."
            )
        if not code:
            code = codes.suggested(
                name, otherwise="organisation", is_taken=lambda one: codes.is_taken(Organisation, one)
            )
        return actions.install_organisation(code=code, name=name, by=BY)


def _asked() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Once more: "):
        raise CommandError("The two passwords differ.")
    return first
