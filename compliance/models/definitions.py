"""The KPI definitions that an organisation chose, version by version."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from retail_exec.core.models import Owned


class KpiDefinitions(Owned):
    """One version of an organisation's KPI definitions. Never changed: a change is a new version beside it.

    key: what the assessments made with it carry. options: the chosen options by KPI, where they are not the
    usual ones. configuration: every KPI as it was then: revision, explanation and all options. active: the
    one that new assessments use; one at a time.
    """

    version = models.PositiveIntegerField()
    key = models.CharField(max_length=40)
    options = models.JSONField(default=dict, blank=True)
    configuration = models.JSONField(default=dict)
    active = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-version"]
        verbose_name_plural = "KPI definitions"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "version"], name="definitions_version_once"),
            models.UniqueConstraint(fields=["organisation", "key"], name="definitions_key_once"),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(active=True), name="definitions_one_active"
            ),
        ]

    def __str__(self) -> str:
        return f"KPI definitions v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stores a new version; an old one only changes whether it is the active one."""
        if self.pk is not None and set(kwargs.get("update_fields") or ["options"]) != {"active"}:
            raise ValueError(f"{self} is stored and stays as it is; make a new version")
        super().save(*args, **kwargs)
