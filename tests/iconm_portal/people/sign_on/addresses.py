"""The portal's addresses as they are where the settings name a provider (iconm_portal/urls.py decides it when it is read)."""

from django.urls import include, path

from iconm_portal import urls

handler500 = urls.handler500
urlpatterns = [path("", include("iconm_portal.people.sign_on.urls")), *urls.urlpatterns]
