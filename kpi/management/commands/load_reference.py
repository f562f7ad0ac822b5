"""manage.py load_reference: the city's report of 27 January 2022, or any center's folder of tables, into the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from iconm_portal.history.owner import as_owner
from iconm_portal.imports.reference_lines import BadFile
from kpi.loading import reference
from kpi.loading.set_up import folders


class Command(BaseCommand):
    help = "Load the reference report's facts by their codes; what is there already is never overwritten."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from",
            dest="folder",
            type=Path,
            help="another center's folder of CSV files, all of it or nothing",
        )

    def handle(self, *args: Any, folder: Path | None = None, **options: Any) -> None:
        try:
            with as_owner(connection):
                result = folders.load(folder) if folder else reference.load()
        except BadFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Reference: {result.added} added, {result.identical} as before, {len(result.differing)} differ."
        )
        for difference in result.differing:
            self.stdout.write(f"  left as it is: {difference}")
