from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "retail_exec.api"
    verbose_name = "API"
