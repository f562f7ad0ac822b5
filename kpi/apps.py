"""The top floor: indicators, reports, evidence, the home page, the committee pack."""

from django.apps import AppConfig

from iconm_portal.history import seen_by
from iconm_portal.history.value_words import name_values
from iconm_portal.standing.naming import name_deeds, name_kinds


class KpiConfig(AppConfig):
    name = "kpi"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        name_kinds("kpi.reports.revisions.KINDS", "kpi.reports.deviations.KINDS")
        name_deeds("kpi.reports.deeds.KINDS")
        name_values(
            basis="kpi.value_sources.drill_down_texts.basis_in_words", sections="kpi.papers.sections.title_of"
        )
        seen_by.declare(
            seen_by.PLAIN,
            "basis",
            "category",
            "goal",
            "indicator",
            "initiative",
            "initiative_category",
            "initiative_scheme",
            "kgi",
            "opening_balance",
            "plan",
            "publication",
            "record",
            "target",
        )
        seen_by.declare(seen_by.REVIEWED, "report")
        seen_by.declare(
            seen_by.JOINT,
            "official_text_proposal",
            "plan_correction",
            "plan_proposal",
            "set_up",
            "target_proposal",
        )
        seen_by.declare(seen_by.PREPARED, "pack")
