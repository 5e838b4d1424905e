"""Scorecards: what makes a perfect store."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from compliance.models.promotions import Applies


class Scorecard(Applies):
    """One version of a scorecard, for stores of a channel, chains or regions. A change is a new version."""

    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    proportional = models.BooleanField(
        default=True, help_text="A pillar below its target scores in proportion; otherwise nothing."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta(Applies.Meta):
        ordering = ["name", "-version"]
        constraints = [
            *Applies.Meta.constraints,
            models.UniqueConstraint(
                fields=["organisation", "name", "version"], name="scorecard_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class ScorecardPillar(models.Model):
    """One part of a scorecard; see compliance.targets.Pillar. target: in the KPI's unit, 0.95 for 95 %."""

    scorecard = models.ForeignKey(Scorecard, on_delete=models.CASCADE, related_name="pillars")
    kpi = models.CharField("KPI", max_length=40)
    weight = models.FloatField()
    target = models.FloatField(default=1.0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["scorecard", "kpi"], name="pillar_once"),
            models.CheckConstraint(condition=Q(weight__gt=0) & Q(target__gt=0), name="pillar_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi}, weight {self.weight:g}"
