"""What was settled on something that was corrected since."""

from django.urls import path

from iconm_portal.site import standing_views

app_name = "standing"
urlpatterns = [
    path("", standing_views.changed, name="changed"),
    path("propose/", standing_views.propose, name="propose"),
    path("<number:answer>/", standing_views.answer, name="answer"),
    *standing_views.STEPS.paths("<number:answer>/"),
]
