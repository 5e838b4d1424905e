"""What each visit saw of each product, and the sums of it that dashboards read; see services/rollups.py."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.models.results import Assessment, OutOfStock
from retail_exec.core.constraints import UniqueWithNulls
from retail_exec.core.models import Owned


class SkuFact(models.Model):
    """What one assessment says of one product. Written with the assessment and never changed.

    facings: counted in the facing share. width: of them in the linear share, cm. expected: it should have
    been there and the photos could tell. present: it was. missing: it is listed as out of stock.
    """

    # Found by the index of the constraint below.
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="facts", db_index=False)
    sku = models.ForeignKey("catalog.Sku", on_delete=models.RESTRICT, related_name="+")
    facings = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    width = models.DecimalField(max_digits=14, decimal_places=4, default=0)
    expected = models.PositiveSmallIntegerField(default=0)
    present = models.PositiveSmallIntegerField(default=0)
    missing = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "sku"], name="sku_fact_once")]

    def __str__(self) -> str:
        return f"{self.sku} in {self.assessment}"


class Cell(Owned):
    """One store on one day by one auditor: the grain of all sums. visits: how many current assessments are in
    the sum. Sums are decimals, so that their order never matters."""

    day = models.DateField()
    store = models.ForeignKey("stores.Store", on_delete=models.CASCADE, related_name="+")
    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    visits = models.PositiveIntegerField()

    class Meta:
        abstract = True


class KpiRollup(Cell):
    """Sums of one KPI: of whole visits (bay 0), by category and brand, and of single bays.

    bay: id of the bay, which may be gone. Only values that can be pooled are here: shares. expected and
    variance: of the numerator, allowing for recognition errors; see KpiValue.
    """

    key = models.CharField(max_length=40)
    bay = models.BigIntegerField(default=0)
    category = models.ForeignKey("catalog.Category", null=True, on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey("catalog.Brand", null=True, on_delete=models.CASCADE, related_name="+")
    numerator = models.DecimalField(max_digits=20, decimal_places=4)
    denominator = models.DecimalField(max_digits=20, decimal_places=4)
    expected = models.DecimalField(max_digits=20, decimal_places=4, default=0)
    variance = models.DecimalField(max_digits=24, decimal_places=6, default=0)
    covered = models.DecimalField(
        max_digits=20, decimal_places=4, default=0, help_text="Sum of the coverages of visits that have one."
    )
    coverages = models.PositiveIntegerField(default=0, help_text="How many visits have a coverage.")

    class Meta:
        constraints = [
            UniqueWithNulls(
                fields=["store", "day", "auditor", "key", "bay", "category", "brand"],
                name="kpi_rollup_once",
            )
        ]
        indexes = [models.Index(fields=["organisation", "key", "bay", "day"])]

    def __str__(self) -> str:
        return f"{self.key} of {self.store} on {self.day}"


class SkuRollup(Cell):
    """Sums of ``SkuFact`` by product."""

    sku = models.ForeignKey("catalog.Sku", on_delete=models.CASCADE, related_name="+")
    facings = models.DecimalField(max_digits=16, decimal_places=4)
    width = models.DecimalField(max_digits=18, decimal_places=4)
    expected = models.PositiveIntegerField()
    present = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "day", "auditor", "sku"], name="sku_rollup_once")
        ]
        indexes = [models.Index(fields=["organisation", "sku", "day"])]

    def __str__(self) -> str:
        return f"{self.sku} in {self.store} on {self.day}"


class Spell(Owned):
    """A time during which a product was out of stock in a store, from visit to visit.

    since: the first visit that missed it. last_missing: the last one. until: the visit that saw it again,
    None while none did. Visits that could not tell neither lengthen nor end a spell. latest: what the last
    one noted.
    """

    store = models.ForeignKey("stores.Store", on_delete=models.CASCADE, related_name="+")
    sku = models.ForeignKey("catalog.Sku", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    last_missing = models.DateTimeField()
    until = models.DateTimeField(null=True)
    visits = models.PositiveIntegerField()
    latest = models.ForeignKey(OutOfStock, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["store", "sku", "since"], name="spell_once")]
        indexes = [models.Index(fields=["organisation", "until"])]

    def __str__(self) -> str:
        return f"{self.sku} out of stock in {self.store} since {self.since:%d %b %Y}"
