"""Addresses that are there only where the settings name a provider of single sign-on."""

from django.urls import path

from iconm_portal.people.sign_on import views
from iconm_portal.values import converters

converters.register()

urlpatterns = [
    path("login/sign-on/<slug:provider>/", views.begin, name="sign_on"),
    path("login/sign-on/<slug:provider>/back/", views.back, name="sign_on_back"),
    path("people/<number:person>/sign-on/", views.link, name="person_sign_on"),
    path("people/<number:person>/sign-on/<number:link>/end/", views.unlink, name="person_sign_on_end"),
]
