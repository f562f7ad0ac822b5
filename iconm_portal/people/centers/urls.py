"""Organisations and centers, by administrators."""

from django.urls import path

from iconm_portal.people.centers import views

urlpatterns = [
    path("begin/", views.begin, name="begin"),
    path("organisations/", views.organisations, name="organisations"),
    path("organisations/new/", views.organisation_new, name="organisation_new"),
    path("organisations/<slug:organisation>/", views.organisation, name="organisation"),
    path("organisations/<slug:organisation>/delete/", views.organisation_delete, name="organisation_delete"),
    path("centers/", views.centers, name="centers"),
    path("centers/new/", views.center_new, name="center_new"),
    path("centers/<slug:center>/", views.center_change, name="center"),
    path("centers/<slug:center>/delete/", views.center_delete, name="center_delete"),
]
