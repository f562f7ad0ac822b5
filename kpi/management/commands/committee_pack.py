"""manage.py committee_pack --center iconm --as-of 2022-01-27 --out FILE"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from iconm_portal.models import Center
from iconm_portal.values import clock, money
from iconm_portal.values.fiscal import EraInputError, era_date
from iconm_portal.values.written.date_input import parse_as_of
from kpi.papers import pack
from kpi.papers.contents import NothingKnownError


class Command(BaseCommand):
    help = "Write the committee's KPI tables as a workbook, as known at the end of a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--center", required=True, help="the center's code, such as iconm")
        parser.add_argument("--as-of", required=True, help="a day, such as 2022-01-27 or R4.1.27")
        parser.add_argument("--out", required=True, type=Path, help="the .xlsx file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        center = Center.objects.filter(code=options["center"]).first()
        if center is None:
            raise CommandError(f"There is no center {options['center']}.")
        money.write_negatives_with(center.negative_mark)
        try:
            as_of = parse_as_of(options["as_of"])
        except EraInputError as error:
            raise CommandError(str(error)) from error
        if as_of > clock.today():
            raise CommandError("That day is still to come: nobody knows its figures yet.")
        try:
            contents = pack.contents(center, as_of=as_of)
        except NothingKnownError as error:
            raise CommandError(f"Nothing was known of {center} on {era_date(as_of)}.") from error
        try:
            options["out"].write_bytes(contents.to_bytes())
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{options['out']}: " + "、".join(one.section.title for one in contents.sections))
