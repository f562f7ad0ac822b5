"""Agreements: wording, editions, obligations, yearly duties, consultations, support, verifications."""

from django.apps import AppConfig

from iconm_portal.standing.naming import name_kinds


class AgreementsConfig(AppConfig):
    name = "agreements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        name_kinds("agreements.verifications.resting.KINDS")
