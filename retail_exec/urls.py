"""Where everything is found."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from retail_exec.core.views import audit_trail

# People sign in to the admin where everybody does: with the second step and the limits on attempts.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", include("retail_exec.visits.urls")),
    path("dashboards/", include("retail_exec.dashboards.urls")),
    path("reports/", include("retail_exec.reports.urls")),
    path("planograms/", include("compliance.urls")),
    path("stores/", include("retail_exec.stores.urls")),
    path("rescorings/", include("compliance.rescoring_urls")),
    path("scoring/", include("compliance.scoring.urls")),
    path("recognition/", include("recognition.urls")),
    path("audit/", audit_trail, name="audit_trail"),
    path("api/", include("retail_exec.api.urls")),
    path("accounts/", include("retail_exec.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
