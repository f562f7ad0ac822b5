"""manage.py load_demo: people to log in as, and the fictional center."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from iconm_portal.models import Organisation
from kpi.loading import demonstration


class Command(BaseCommand):
    help = "Add people to log in as and a fictional second center. Refused outside DEBUG: everyone knows the password."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("load_demo is for evaluation only: it runs with DEBUG=1.")
        if not Organisation.objects.filter(code="kawasaki-city").exists():
            raise CommandError("Run load_reference first.")
        accounts = demonstration.load()
        self.stdout.write("Log in with one of these names; the password of all is " + demonstration.PASSWORD)
        for account in accounts:
            self.stdout.write(f"  {account.username:<28}{account.name}")
