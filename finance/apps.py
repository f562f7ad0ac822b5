"""The money: accounts, budgets and settlements, the ledger, and contributions with their limits."""

from django.apps import AppConfig

from iconm_portal.history import seen_by
from iconm_portal.standing.naming import name_deeds, name_kinds


class FinanceConfig(AppConfig):
    name = "finance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        name_kinds("finance.statements.revisions.KINDS")
        name_deeds("finance.statements.deeds.KINDS")
        seen_by.declare(seen_by.PLAIN, "account", "year")
        seen_by.declare(seen_by.REVIEWED, "statement")
        seen_by.declare(seen_by.OWN, "entry")
