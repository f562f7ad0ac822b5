"""The ground as a Django app."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import pre_migrate

from iconm_portal.checks import guards_are_there, sqlite_is_for_one_office
from iconm_portal.guards import lift_before_migrate


class PortalConfig(AppConfig):
    name = "iconm_portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(sqlite_is_for_one_office)
        register(guards_are_there, Tags.database)
        pre_migrate.connect(lift_before_migrate, sender=self, dispatch_uid="portal.guards")
