from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "retail_exec.reports"
    verbose_name = "Reports"
