"""Figures that other systems know and shelves are compared with: market shares, sales, stock."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from retail_exec.core.constraints import UniqueWithNulls
from retail_exec.core.models import Owned


class MarketShare(Owned):
    """Share of sales in a category, 0..1, from a day on. brand empty: all own brands together."""

    category = models.ForeignKey("catalog.Category", on_delete=models.CASCADE, related_name="+")
    brand = models.ForeignKey(
        "catalog.Brand", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    share = models.FloatField(help_text="0 to 1.")
    effective_from = models.DateField(help_text="Holds until the next figure of the same category and brand.")

    class Meta:
        ordering = ["category__name", "brand__name", "-effective_from"]
        constraints = [
            UniqueWithNulls(
                fields=["organisation", "category", "brand", "effective_from"],
                name="market_share_once",
            ),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="market_share_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"{self.category}, {self.brand or 'own brands'}: {self.share:.1%}"


class SalesFigure(Owned):
    """Sales of a store (sku empty) or of a SKU (store empty) in any unit that all of them share: the weight
    of weighted distribution and of the weighted must-stock list."""

    store = models.ForeignKey(
        "stores.Store", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    sku = models.ForeignKey("catalog.Sku", null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    sales = models.FloatField()

    class Meta:
        constraints = [
            UniqueWithNulls(fields=["organisation", "store", "sku"], name="sales_figure_once"),
            models.CheckConstraint(
                condition=Q(store__isnull=False, sku=None) | Q(store=None, sku__isnull=False),
                name="sales_of_store_or_sku",
            ),
            models.CheckConstraint(condition=Q(sales__gt=0), name="sales_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.store or self.sku}: {self.sales:g}"


class StockLevel(Owned):
    """Units of a SKU that the stock system had in a store on a day."""

    store = models.ForeignKey("stores.Store", on_delete=models.CASCADE, related_name="+")
    sku = models.ForeignKey("catalog.Sku", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    units = models.FloatField()

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(fields=["store", "sku", "day"], name="stock_level_once"),
            models.CheckConstraint(condition=Q(units__gte=0), name="stock_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} in {self.store} on {self.day}: {self.units:g}"
