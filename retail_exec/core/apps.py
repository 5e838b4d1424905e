from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "retail_exec.core"
    verbose_name = "Core"
