"""The money: accounts, budgets and settlements, the ledger, and contributions with their limits."""

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "finance"
    default_auto_field = "django.db.models.BigAutoField"
