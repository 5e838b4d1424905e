"""What somebody should put right in a store, and the rules that say when."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from compliance.models.results import Assessment
from retail_exec.core.models import Owned
from retail_exec.stores.models import Channel


class Finding(models.TextChoices):
    """What an assessment can find that a person in the store can put right."""

    MISSING = "missing", "Not on the shelf"
    MISPLACED = "misplaced", "In the wrong place"
    SUBSTITUTED = "substituted", "Another product in its place"
    WRONG_FACINGS = "wrong_facings", "Too few or too many facings"


class TaskRule(Owned):
    """When a finding becomes a task. Empty filters apply to everything.

    must_stock_only: only products of the store's must-stock lists. quiet_days: so long nobody is asked again
    for what could not be fixed.
    """

    name = models.CharField(max_length=120)
    finding = models.CharField(max_length=14, choices=Finding, default=Finding.MISSING)
    own_only = models.BooleanField("own brands only", default=True)
    must_stock_only = models.BooleanField("must-stock products only", default=True)
    category = models.ForeignKey("catalog.Category", null=True, blank=True, on_delete=models.CASCADE)
    chains = models.ManyToManyField("stores.Chain", blank=True)
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    due_days = models.PositiveSmallIntegerField("days to put it right", default=3)
    quiet_days = models.PositiveSmallIntegerField("days of rest after «cannot be fixed»", default=28)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="task_rule_once"),
            models.CheckConstraint(condition=~Q(name=""), name="task_rule_named"),
        ]

    def __str__(self) -> str:
        return self.name


class CorrectiveTask(Owned):
    """One thing to put right in one store: a product and what is wrong with it.

    opened_by: the assessment that shows it. closed_by: the one that shows it put right, with the facings that
    prove it as ``[[run id, index]]`` in ``proof``. assigned_to: the auditor last seen in the store.
    """

    class State(models.TextChoices):
        """Only an assessment can say *done*, only a person *cannot be fixed*."""

        OPEN = "open", "To do"
        DONE = "done", "Done"
        CANNOT = "cannot", "Cannot be fixed"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Reason(models.TextChoices):
        """Why something cannot be put right in the store."""

        NO_STOCK = "no_stock", "No stock in the store"
        DELISTED = "delisted", "The store no longer lists it"
        REFUSED = "refused", "The store refuses"
        NO_ROOM = "no_room", "There is no room or fixture for it"
        OTHER = "other", "Something else"

    rule = models.ForeignKey(TaskRule, null=True, on_delete=models.SET_NULL, related_name="tasks")
    store = models.ForeignKey("stores.Store", on_delete=models.CASCADE, related_name="tasks")
    sku = models.ForeignKey("catalog.Sku", on_delete=models.RESTRICT, related_name="+")
    finding = models.CharField(max_length=14, choices=Finding)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.RESTRICT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    opened_by = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="+")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    closed_by = models.ForeignKey(Assessment, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)
    proof = models.JSONField(default=list)
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["organisation", "state", "due_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "sku", "finding"], condition=Q(state="open"), name="task_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="task_closed_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="cannot") & ~Q(reason="") | ~Q(state="cannot") & Q(reason=""),
                name="task_that_cannot_be_fixed_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku}, {self.get_finding_display().lower()}, in {self.store}"

    def overdue(self, today: date) -> bool:
        """Whether it should have been put right before ``today``."""
        return self.state == self.State.OPEN and self.due_on < today
