from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


class RecognitionConfig(AppConfig):
    name = "recognition"
    verbose_name = "Recognition"

    def ready(self) -> None:
        post_migrate.connect(_register_shipped_models, sender=self)


def _register_shipped_models(**kwargs: Any) -> None:
    """A new release's models are in use from its migration on. Older migrations have no table for them."""
    from recognition.models import ModelVersion
    from recognition.runtime.manifest import default_manifest
    from recognition.services.registry import register_shipped

    if ModelVersion._meta.db_table in connection.introspection.table_names():
        register_shipped(default_manifest())
