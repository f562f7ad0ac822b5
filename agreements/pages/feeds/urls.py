"""The one address of the agreements that belongs to no center: /calendar/<secret>.ics."""

from django.urls import path

from agreements.pages.feeds import views

urlpatterns = [path("<slug:secret>.ics", views.feed, name="calendar_feed")]
