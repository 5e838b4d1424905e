"""Where the overview and the downloads are found."""

from django.urls import path

from retail_exec.dashboards import views

app_name = "dashboards"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("evidence/", views.evidence, name="evidence"),
    path("downloads/", views.downloads, name="downloads"),
]
