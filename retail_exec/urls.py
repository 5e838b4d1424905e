"""Where everything is found."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("retail_exec.visits.urls")),
    path("dashboards/", include("retail_exec.dashboards.urls")),
    path("reports/", include("retail_exec.reports.urls")),
    path("planograms/", include("compliance.urls")),
    path("api/", include("retail_exec.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
