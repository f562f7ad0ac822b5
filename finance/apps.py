"""The money: accounts, budgets and settlements, the ledger, and contributions with their limits."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string

from iconm_portal.history import seen_by
from iconm_portal.standing.naming import name_deeds, name_kinds


class FinanceConfig(AppConfig):
    name = "finance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # By name: it asks the models, which are not there yet while the apps are being read.
        register(import_string("finance.ledger.checks.sums_are_those_of_the_entries"), Tags.database)
        name_kinds("finance.statements.revisions.KINDS")
        name_deeds("finance.statements.deeds.KINDS")
        seen_by.declare(seen_by.PLAIN, "account", "year")
        seen_by.declare(seen_by.REVIEWED, "statement")
        seen_by.declare(seen_by.OWN, "entry")
