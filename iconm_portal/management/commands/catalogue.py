"""`manage.py catalogue`: the Japanese texts of the portal."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from iconm_portal.site import catalogue


class Command(BaseCommand):
    """Merges, updates, compiles and checks, in this order, as asked."""

    help = "Keep the Japanese message catalogue; needs none of gettext's tools."
    requires_system_checks = []  # also for a tree that does not start yet

    def add_arguments(self, parser: CommandParser) -> None:
        """Any of the four together."""
        parser.add_argument(
            "--merge", nargs="+", type=Path, default=[], metavar="FILE", help="take in small .po files"
        )
        parser.add_argument("--update", action="store_true", help="hold exactly what the code says")
        parser.add_argument("--compile", action="store_true", help="write django.mo")
        parser.add_argument("--check", action="store_true", help="fail unless complete and in English")

    def handle(self, *args: Any, **options: Any) -> None:
        """Report what was noticed; fail for --check with anything wrong."""
        noticed = []
        if options["merge"]:
            noticed += catalogue.merge(options["merge"])
        if options["update"]:
            noticed += catalogue.update()
        for problem in noticed:
            self.stdout.write(str(problem))
        if options["compile"]:
            catalogue.compile_to_mo()
        if options["check"] and (problems := catalogue.check()):
            raise CommandError(
                "\n".join(map(str, problems))
                + f"\n{len(problems)} problems in the catalogue; see the README."
            )
