"""manage.py export_setup: a center as a folder of tables, which load_reference --from reads."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from iconm_portal.models import Center
from iconm_portal.values import clock
from kpi.loading.set_up import export


class Command(BaseCommand):
    help = "Write a center's master data and settled figures as CSV files into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("center", help="the center's code")
        parser.add_argument("folder", type=Path, help="made if it is not there; it must be empty")

    def handle(self, *args: Any, center: str, folder: Path, **options: Any) -> None:
        found = Center.objects.select_related("supporter", "operator").filter(code=center).first()
        if found is None:
            raise CommandError(f"There is no center “{center}”.")
        if folder.is_dir() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty.")
        written = export.write_folder(found, folder, clock.today())
        self.stdout.write(f"{len(written)} files written to {folder}.")
