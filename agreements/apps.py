"""Agreements: wording, editions, obligations, yearly duties, consultations, support, verifications."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    name = "agreements"
    default_auto_field = "django.db.models.BigAutoField"
