"""Price tags seen on a photo, and what stands on them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from recognition.models.runs import RecognitionRun


class PriceTag(models.Model):
    """A price tag on a shelf's front edge. Fields mirror ``recognition.types.PriceTag``; boxes as in Facing.

    shelf: the row whose products stand above it. score: detector confidence, 0..1. readable: a price could
    be read with confidence. price: in the shop's own currency, None where none was read. text: all lines that
    were read.
    """

    run = models.ForeignKey(RecognitionRun, on_delete=models.CASCADE, related_name="price_tags")
    index = models.PositiveSmallIntegerField()
    box = ArrayField(models.FloatField(), size=4)
    rect_box = ArrayField(models.FloatField(), size=4)
    shelf = models.PositiveSmallIntegerField()
    score = models.FloatField(default=1.0)
    text = models.TextField(blank=True)
    price = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    readable = models.BooleanField(default=False)

    class Meta:
        ordering = ["run", "index"]
        constraints = [models.UniqueConstraint(fields=["run", "index"], name="price_tag_index_once")]

    def __str__(self) -> str:
        return f"price tag {self.index} of run {self.run_id}"
