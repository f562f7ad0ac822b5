"""`manage.py data_model`: draws docs/data-model.md from the models; `--check` only says whether it is up to date."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from iconm_portal.site.data_model import PAGE, page


class Command(BaseCommand):
    help = "Draw docs/data-model.md from the models."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if the page is out of date"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        drawn = page()
        if not options["check"]:
            PAGE.write_text(drawn)
        elif not PAGE.exists() or PAGE.read_text() != drawn:
            raise CommandError("docs/data-model.md is out of date: run manage.py data_model")
