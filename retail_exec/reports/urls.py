"""Where the downloads are found."""

from django.urls import path

from retail_exec.reports import views

app_name = "reports"
urlpatterns = [
    path("facings.csv", views.facings, name="facings"),
    path("kpis.csv", views.kpis, name="kpis"),
    path("out-of-stock.csv", views.out_of_stock, name="out_of_stock"),
    path("availability.csv", views.availability, name="availability"),
    path("availability-stores.csv", views.availability_stores, name="availability_stores"),
    path("tasks.csv", views.tasks, name="tasks"),
]
