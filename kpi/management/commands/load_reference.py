"""manage.py load_reference: the city's report of 27 January 2022 into the portal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from iconm_portal.history.owner import as_owner
from iconm_portal.imports.reference_lines import BadFile
from kpi.loading import reference


class Command(BaseCommand):
    help = "Load the reference report's facts by their codes; what is there already is never overwritten."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with as_owner(connection):
                result = reference.load()
        except BadFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Reference: {result.added} added, {result.identical} as before, {len(result.differing)} differ."
        )
        for difference in result.differing:
            self.stdout.write(f"  left as it is: {difference}")
