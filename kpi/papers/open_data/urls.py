"""What is open to everybody: /open/<center>/…, for centers whose figures the city has opened."""

from django.urls import path

from kpi.papers.open_data import views

urlpatterns = [
    path("<slug:center>/", views.public, name="open_data"),
    path("<slug:center>/<slug:table>.<slug:ending>", views.public_file, name="open_data_file"),
]
