"""What is open to everybody: /open/<center>/…, for centers whose figures the city has opened."""

from django.urls import path

from kpi.views import open_data

urlpatterns = [
    path("<slug:center>/", open_data.public, name="open_data"),
    path("<slug:center>/<slug:table>.<slug:ending>", open_data.public_file, name="open_data_file"),
]
