from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "retail_exec.visits"
    verbose_name = "Visits"
