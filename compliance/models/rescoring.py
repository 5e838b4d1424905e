"""A period scored again with other versions, beside the results that count."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from compliance.models.results import Assessment
from retail_exec.core.models import Claimable, Owned


class Rescoring(Owned):
    """What is scored again, and with what.

    date_from, date_to, region, chain, store: which visits. definitions: the KPI definitions to use, None: the
    ones in use. plans_on: the day whose planograms and lists every visit is compared with, None: those of the
    visit's own day. versions: the recognition to use, ``{"detector", "embedder", "gallery", "pipeline"}``; a
    photo without such a run keeps its current one; empty: the current runs.
    """

    class State(models.TextChoices):
        """Where it stands."""

        RUNNING = "running", "Scoring"
        READY = "ready", "Ready to compare"
        ADOPTING = "adopting", "Being adopted"
        ADOPTED = "adopted", "Adopted"
        CANCELLED = "cancelled", "Cancelled"
        DISCARDED = "discarded", "Being deleted"

    name = models.CharField(max_length=120)
    date_from = models.DateField()
    date_to = models.DateField()
    region = models.ForeignKey(
        "stores.Region", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    chain = models.ForeignKey(
        "stores.Chain", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    store = models.ForeignKey(
        "stores.Store", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    definitions = models.ForeignKey(
        "compliance.KpiDefinitions", null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )
    plans_on = models.DateField(null=True, blank=True)
    versions = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    visits = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(date_to__gte=models.F("date_from")), name="rescoring_dates")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def places(self) -> list[models.Model]:
        """What it is narrowed to."""
        return [place for place in (self.region, self.chain, self.store) if place]


class RescoringChunk(Claimable):
    """Some of a rescoring's visits: what one worker claims at a time, for scoring and then for adopting."""

    rescoring = models.ForeignKey(Rescoring, on_delete=models.CASCADE, related_name="chunks")
    visits = ArrayField(models.BigIntegerField())

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["rescoring", "state"]), models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{len(self.visits)} visits of {self.rescoring}"


class RescoredVisit(models.Model):
    """One visit of a rescoring: what counted when it was scored again, and what came out.

    figures: the whole visit's KPIs that can be pooled, ``{key: [numerator, denominator, new numerator, new
    denominator]}``, None where one side has no such value. differs: any of them does. adopted: ``after`` was
    made the one that counts. left: why it was not, in words.
    """

    rescoring = models.ForeignKey(Rescoring, on_delete=models.CASCADE, related_name="rescored")
    visit = models.ForeignKey("visits.Visit", on_delete=models.CASCADE, related_name="+")
    before = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="+")
    after = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="rescored")
    figures = models.JSONField(default=dict)
    differs = models.BooleanField(default=False)
    adopted = models.BooleanField(default=False)
    left = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rescoring", "visit"], name="rescored_visit_once")]

    def __str__(self) -> str:
        return f"visit {self.visit_id} in {self.rescoring}"
