"""Addresses of a center's agreements: /<center>/agreements/…, /<center>/calendar/…, and what belongs to them."""

from django.urls import path

from agreements.views import agreements

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
    # Verifications
    # Chronology
]
