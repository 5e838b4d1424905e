from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "retail_exec.catalog"
    verbose_name = "Catalogue"
