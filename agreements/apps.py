"""Agreements: wording, editions, obligations, yearly duties, consultations, support, verifications."""

from django.apps import AppConfig

from iconm_portal.history import seen_by
from iconm_portal.standing.naming import name_deeds, name_kinds


class AgreementsConfig(AppConfig):
    name = "agreements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        name_kinds("agreements.verifications.resting.KINDS", "agreements.endings.resting.KINDS")
        name_deeds("agreements.editions.deeds.KINDS")
        seen_by.declare(
            seen_by.PLAIN,
            "chronology",
            "criterion",
            "obligation",
            "party",
            "post",
            "provision",
            "reported_fact",
            "required_document",
            "support_amount",
            "support_measure",
        )
        seen_by.declare(seen_by.STANDING_WITH_TERMS, "agreement")
        seen_by.declare(seen_by.JOINT, "conclusion", "consultation", "edition", "ending", "wording")
        seen_by.declare(seen_by.JOINT_AND_REVIEWED, "duty")
        seen_by.declare(seen_by.VERIFIED, "verification")
