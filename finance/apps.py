"""The money: accounts, budgets and settlements, the ledger, and contributions with their limits."""

from django.apps import AppConfig

from iconm_portal.history import seen_by


class FinanceConfig(AppConfig):
    name = "finance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        seen_by.declare(seen_by.PLAIN, "account", "year")
        seen_by.declare(seen_by.REVIEWED, "statement")
        seen_by.declare(seen_by.OWN, "entry")
