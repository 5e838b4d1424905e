from django.apps import AppConfig


class StoresConfig(AppConfig):
    name = "retail_exec.stores"
    verbose_name = "Stores"
