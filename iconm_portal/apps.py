"""The ground as a Django app."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import pre_migrate
from django.utils.module_loading import import_string

from iconm_portal.history import seen_by
from iconm_portal.history.database_triggers import lift_before_migrate
from iconm_portal.history.value_words import name_values
from iconm_portal.site.checks import (
    connections_are_encrypted,
    guards_are_there,
    nobody_of_the_demonstration_is_there,
    roles_that_need_a_second_factor_are_roles,
    sign_on_is_as_it_must_be,
    somebody_else_owns_the_tables,
    sqlite_is_for_one_office,
    the_serving_role_lifts_no_guards,
)


class PortalConfig(AppConfig):
    name = "iconm_portal"
    label = "portal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_string("iconm_portal.people.sign_in.signals.connect_signals")()  # by name: it needs the models
        register(sqlite_is_for_one_office)
        register(roles_that_need_a_second_factor_are_roles)
        register(sign_on_is_as_it_must_be)
        register(guards_are_there, Tags.database)
        # By name: it asks the models, which are not there yet while the apps are being read.
        register(import_string("iconm_portal.work.checks.jobs_are_done"), Tags.database)
        register(the_serving_role_lifts_no_guards, Tags.database)
        register(somebody_else_owns_the_tables, Tags.security, deploy=True)
        register(connections_are_encrypted, Tags.security, deploy=True)
        register(nobody_of_the_demonstration_is_there, Tags.security, deploy=True)
        pre_migrate.connect(lift_before_migrate, sender=self, dispatch_uid="portal.guards")
        name_values(deed="iconm_portal.standing.deeds.name_of")
        seen_by.declare(seen_by.PLAIN, "center")
        seen_by.declare(seen_by.OWN, "import")
        seen_by.declare(seen_by.JOINT, "answer")
