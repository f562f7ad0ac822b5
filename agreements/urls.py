"""Addresses of a center's agreements: /<center>/agreements/…, /<center>/calendar/…, and what belongs to them."""

from django.urls import path

from agreements.views import agreements, support

app_name = "agreements"
_AGREEMENT = "agreements/<slug:agreement>/"
_EDITION = _AGREEMENT + "editions/<number:edition>/"

urlpatterns = [
    # Agreements
    path("agreements/", agreements.agreements, name="agreements"),
    # Wording and editions
    # Calendar and duties
    # Consultations
    # Support measures
    path("support/", support.measures, name="support"),
    path("support/<slug:measure>/", support.measure, name="support_measure"),
    path("support/<slug:measure>/record/", support.record, name="support_record"),
    # Verifications
    # Chronology
]
