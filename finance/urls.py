"""Addresses of the money below a center: /<center>/finance/… The balance itself, which shows occupancy too, is kpi's."""

from django.urls import URLPattern

app_name = "finance"

urlpatterns: list[URLPattern] = [
    # Statements: budgets and settlements
    # The ledger
    # Imports
    # Contributions and their limits
    # Accounts, for administrators
]
