"""The top floor: indicators, reports, evidence, the home page, the committee pack."""

from django.apps import AppConfig

from iconm_portal.standing.naming import name_kinds


class KpiConfig(AppConfig):
    name = "kpi"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        name_kinds("kpi.reports.revisions.KINDS", "kpi.reports.deviations.KINDS")
