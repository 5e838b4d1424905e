from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    name = "retail_exec.dashboards"
    verbose_name = "Dashboards"
