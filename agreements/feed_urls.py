"""The one address of the agreements that belongs to no center: /calendar/<secret>.ics."""

from django.urls import path

from agreements.views import feeds

urlpatterns = [path("<slug:secret>.ics", feeds.feed, name="calendar_feed")]
