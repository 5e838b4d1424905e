"""What a visit's assessment found, with its evidence."""

from django.db import models
from django.db.models import Q

from compliance.models.planograms import Planogram, PlanogramPosition
from compliance.types import PositionStatus
from retail_exec.core.models import Owned


class Assessment(Owned):
    """The results of one visit under one set of inputs. Immutable; ``current`` marks the one the screens
    show.

    key: hash of the recognition runs, verdicts, planogram versions, must-stock lists and KPI definition it
    was made from: the same inputs give the same key, and are assessed once.
    """

    visit = models.ForeignKey("visits.Visit", on_delete=models.CASCADE, related_name="assessments")
    key = models.CharField(max_length=64)
    definition = models.CharField(max_length=40)
    current = models.BooleanField(default=True)
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


class KpiResult(models.Model):
    """One KPI value; see compliance.types.KpiValue. Evidence is a list of EvidenceItem as JSON, photos by
    id."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="kpis")
    key = models.CharField(max_length=40)
    bay = models.ForeignKey("stores.Bay", null=True, on_delete=models.SET_NULL, related_name="+")
    category = models.ForeignKey("catalog.Category", null=True, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey("catalog.Brand", null=True, on_delete=models.CASCADE, related_name="+")
    scope = models.JSONField(default=dict)
    numerator = models.FloatField()
    denominator = models.FloatField()
    value = models.FloatField(null=True, help_text="Empty: not measurable.")
    unit = models.CharField(max_length=10)
    coverage = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    level = models.FloatField(default=0.9)
    note = models.TextField(blank=True)
    numerator_items = models.JSONField(default=list)
    denominator_items = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["key", "category", "brand", "bay"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(denominator=0, value=None) | (~Q(denominator=0) & Q(value__isnull=False)),
                name="kpi_zero_denominator_is_not_measurable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"

    @property
    def section(self) -> str:
        """What part of the visit's shelf it is about, in words; empty for all of it."""
        key = str(self.scope.get("bay", ""))
        if self.bay is not None:
            return self.bay.name
        return "No bay chosen" if key.startswith("photo:") else "Bay removed" if key else ""


class PositionResult(models.Model):
    """The status of one planned position in one assessment. seen, gaps: ``[[photo id, index]]``."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="positions")
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

    unplanned: ``[{"photo", "index", "kind", "sku"}]``. resolved: ambiguous facings that count as the product
    the planogram expects among their candidates, ``[{"photo", "index", "sku"}]``.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="bays")
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
    """An expected SKU that is not on the shelf. gaps: ``[[photo id, gap index]]`` that show the empty
    place."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="out_of_stock")
    sku = models.ForeignKey("catalog.Sku", on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=10, choices=[("oos", "Out of stock"), ("void", "Void")])
    bays = models.ManyToManyField("stores.Bay", related_name="+")
    gaps = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "sku"], name="out_of_stock_once")]

    def __str__(self) -> str:
        return f"{self.sku}: {self.get_kind_display()}"
