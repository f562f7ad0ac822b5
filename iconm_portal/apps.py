"""The ground as a Django app."""

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate

from iconm_portal.history.database_triggers import install_after_migrate
from iconm_portal.site.checks import sqlite_is_for_one_office


class PortalConfig(AppConfig):
    name = "iconm_portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(sqlite_is_for_one_office)
        # No sender: a later app's migration can rebuild a table and lose its triggers (SQLite), so every app's
        # post_migrate puts all of them back.
        post_migrate.connect(install_after_migrate, dispatch_uid="portal.guards")
