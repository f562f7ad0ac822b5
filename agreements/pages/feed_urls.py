"""The one address of the agreements that belongs to no center: /calendar/<secret>.ics."""

from django.urls import path

from agreements.pages import feed_views

urlpatterns = [path("<slug:secret>.ics", feed_views.feed, name="calendar_feed")]
