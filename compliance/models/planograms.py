"""What a bay should look like."""

from django.db import models
from django.db.models import Q

from retail_exec.core.models import Owned


class Planogram(Owned):
    """One version of a bay's plan. Sizes in centimetres. Valid from ``effective_from`` until the next
    version."""

    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    width_cm = models.FloatField(null=True, blank=True)
    height_cm = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True, help_text="The file it came from.")
    created_at = models.DateTimeField(auto_now_add=True)
    bays = models.ManyToManyField("stores.Bay", blank=True, related_name="planograms")

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "name", "version"], name="planogram_version_once"
            ),
            models.CheckConstraint(
                condition=Q(effective_to=None)
                | Q(effective_from=None)
                | Q(effective_to__gte=models.F("effective_from")),
                name="planogram_dates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class PlanogramPosition(models.Model):
    """One planned product place; see compliance.types.PlannedPosition for the frame."""

    planogram = models.ForeignKey(Planogram, on_delete=models.CASCADE, related_name="positions")
    shelf = models.PositiveSmallIntegerField(help_text="0 is the top.")
    position = models.PositiveSmallIntegerField(help_text="0 is the leftmost.")
    sku = models.ForeignKey("catalog.Sku", on_delete=models.RESTRICT, related_name="positions")
    facings_wide = models.PositiveSmallIntegerField(default=1)
    facings_high = models.PositiveSmallIntegerField(default=1)
    x_cm = models.FloatField(null=True, blank=True)
    y_cm = models.FloatField(null=True, blank=True)
    width_cm = models.FloatField(null=True, blank=True)
    height_cm = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["shelf", "position"]
        constraints = [
            models.UniqueConstraint(fields=["planogram", "shelf", "position"], name="planogram_place_once"),
            models.CheckConstraint(
                condition=Q(facings_wide__gte=1, facings_high__gte=1), name="position_has_facings"
            ),
            models.CheckConstraint(
                condition=(Q(width_cm=None) | Q(width_cm__gt=0)) & (Q(height_cm=None) | Q(height_cm__gt=0)),
                name="position_size_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"shelf {self.shelf + 1}, place {self.position + 1}: {self.sku}"
