"""What a visit's assessment found, with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from compliance.models.planograms import Planogram, PlanogramPosition
from compliance.types import PositionStatus
from retail_exec.core.models import Owned


class Assessment(Owned):
    """The results of one visit under one set of inputs. Immutable; ``current`` marks the one the screens
    show.

    key: hash of the recognition runs, verdicts, planogram versions, must-stock lists and KPI definition it
    was made from: the same inputs give the same key, and are assessed once. rescoring: the one it was adopted
    from, which says what the visit is scored with from then on.
    """

    visit = models.ForeignKey("visits.Visit", on_delete=models.CASCADE, related_name="assessments")
    key = models.CharField(max_length=64)
    definition = models.CharField(max_length=40)
    current = models.BooleanField(default=True)
    rescoring = models.ForeignKey(
        "compliance.Rescoring", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "key"], name="assessment_once_per_inputs"),
            models.UniqueConstraint(
                fields=["visit"], condition=Q(current=True), name="assessment_one_current"
            ),
        ]

    def __str__(self) -> str:
        return f"assessment {self.pk} of visit {self.visit_id}"


class Evidence(models.Model):
    """Every line of evidence of an assessment, each once; its KPI values name them by number.

    items: ``[weight, sku, photo id, run id, index, kind, bay, position, note, kpi]``, in the order of
    ``FIELDS``; the last is empty in older rows. The index counts in that run, so that a line opens the crop
    it was made from also when the photo is recognised again.
    """

    FIELDS = ("weight", "sku", "photo", "run", "index", "kind", "bay", "position", "note", "kpi")

    assessment = models.OneToOneField(
        Assessment, on_delete=models.CASCADE, primary_key=True, related_name="evidence"
    )
    items = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"evidence of {self.assessment_id}"

    def lines(self, numbers: Iterable[int]) -> list[dict[str, Any]]:
        """The lines with these numbers, in their order, as dicts with ``FIELDS``."""
        empty = dict.fromkeys(self.FIELDS, "")
        return [empty | dict(zip(self.FIELDS, self.items[number], strict=False)) for number in numbers]


class KpiResult(models.Model):
    """One KPI value; see compliance.types.KpiValue. numerator_refs, denominator_refs: numbers of its lines in
    the assessment's ``Evidence``."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="kpis")
    key = models.CharField(max_length=40)
    bay = models.ForeignKey(
        "stores.Bay", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # Checking these two for every value, against rows that all workers use, costs a fifth of the writing.
    # Products keep their brand and category, and facings their product, so that neither can go meanwhile.
    category = models.ForeignKey(
        "catalog.Category",
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    brand = models.ForeignKey(
        "catalog.Brand",
        null=True,
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    scope = models.JSONField(default=dict)
    numerator = models.FloatField()
    denominator = models.FloatField()
    value = models.FloatField(null=True, help_text="Empty: not measurable.")
    unit = models.CharField(max_length=10)
    coverage = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    level = models.FloatField(default=0.9)
    expected = models.FloatField(null=True, help_text="Mean of the true value, allowing for errors.")
    note = models.TextField(blank=True)
    numerator_refs = ArrayField(models.IntegerField(), default=list)
    denominator_refs = ArrayField(models.IntegerField(), default=list)

    class Meta:
        # Read by assessment; sums over many are read from the roll-ups. An index would slow every assessment.
        constraints = [
            models.CheckConstraint(
                condition=Q(denominator=0, value=None) | (~Q(denominator=0) & Q(value__isnull=False)),
                name="kpi_zero_denominator_is_not_measurable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"

    @property
    def numerator_items(self) -> list[dict[str, Any]]:
        """What was counted, line by line."""
        return self.assessment.evidence.lines(self.numerator_refs)

    @property
    def denominator_items(self) -> list[dict[str, Any]]:
        """Out of what, line by line."""
        return self.assessment.evidence.lines(self.denominator_refs)

    @property
    def section(self) -> str:
        """What part of the visit's shelf it is about, in words; empty for all of it."""
        key = str(self.scope.get("bay", ""))
        if self.bay is not None:
            return self.bay.name
        return "No bay chosen" if key.startswith("photo:") else "Bay removed" if key else ""


class PositionResult(models.Model):
    """The status of one planned position in one assessment. seen, gaps: ``[[run id, index]]``."""

    # Found by the index of the constraint below.
    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="positions", db_index=False
    )
    bay = models.ForeignKey("stores.Bay", on_delete=models.CASCADE, related_name="+")
    planned = models.ForeignKey(PlanogramPosition, on_delete=models.RESTRICT, related_name="results")
    status = models.CharField(
        max_length=14, choices=[(s.value, s.value.replace("_", " ")) for s in PositionStatus]
    )
    credit = models.FloatField()
    lenient_credit = models.FloatField()
    seen = models.JSONField(default=list)
    gaps = models.JSONField(default=list)
    found_shelf = models.SmallIntegerField(null=True, help_text="-1: a shelf that the plan does not have.")
    found_position = models.PositiveSmallIntegerField(null=True)
    substituted_by = models.ForeignKey("catalog.Sku", null=True, on_delete=models.RESTRICT, related_name="+")
    why = models.TextField(blank=True)

    class Meta:
        ordering = ["planned__shelf", "planned__position"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "bay", "planned"], name="position_result_once")
        ]

    def __str__(self) -> str:
        return f"{self.planned}: {self.get_status_display()}"


class BayResult(models.Model):
    """How a bay's photos fit its planogram; see compliance.types.BayMatch.

    unplanned: ``[{"run", "index", "kind", "sku"}]``. resolved: ambiguous facings that count as the product
    the planogram expects among their candidates, ``[{"run", "index", "sku"}]``.
    """

    # Found by the index of the constraint below.
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="bays", db_index=False)
    bay = models.ForeignKey("stores.Bay", on_delete=models.CASCADE, related_name="+")
    planogram = models.ForeignKey(Planogram, on_delete=models.RESTRICT, related_name="+")
    coverage = models.FloatField()
    fits = models.BooleanField()
    mirrored = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    unplanned = models.JSONField(default=list)
    resolved = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "bay"], name="bay_result_once")]

    def __str__(self) -> str:
        return f"{self.bay} against {self.planogram}"


class OutOfStock(models.Model):
    """An expected SKU that is not on the shelf. gaps, tags: ``[[run id, index]]`` that show the empty place
    and the price tags at it. note: why this kind."""

    class Kind(models.TextChoices):
        """See compliance.types.OutOfStock."""

        OOS = "oos", "Out of stock"
        VOID = "void", "Void"
        PHANTOM = "phantom", "Phantom stock"

    # Found by the index of the constraint below.
    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="out_of_stock", db_index=False
    )
    sku = models.ForeignKey("catalog.Sku", on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    bays = models.ManyToManyField("stores.Bay", related_name="+")
    gaps = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "sku"], name="out_of_stock_once")]

    def __str__(self) -> str:
        return f"{self.sku}: {self.get_kind_display()}"
