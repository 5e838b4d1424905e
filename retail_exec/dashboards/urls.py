"""Where the overview and the downloads are found."""

from django.urls import path

from retail_exec.dashboards import product_views, views

app_name = "dashboards"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("evidence/", views.evidence, name="evidence"),
    path("products/", product_views.product_list, name="products"),
    path("products/<int:pk>/", product_views.product, name="product"),
    path("downloads/", views.downloads, name="downloads"),
]
