"""Promotions: what stores must show while they run."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from compliance.targets import ElementKind
from retail_exec.core.models import Owned
from retail_exec.stores.models import Channel


class Applies(Owned):
    """For which stores and when something holds. An empty choice means all."""

    chains = models.ManyToManyField("stores.Chain", blank=True, related_name="+")
    regions = models.ManyToManyField("stores.Region", blank=True, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_to=None)
                | Q(effective_from=None)
                | Q(effective_to__gte=models.F("effective_from")),
                name="%(class)s_dates",
            ),
        ]


class Promotion(Applies):
    """What stores must show between two days. stores: only these; empty: all of the chosen chains, regions
    and channel."""

    name = models.CharField(max_length=120)
    stores = models.ManyToManyField("stores.Store", blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)

    class Meta(Applies.Meta):
        ordering = ["-effective_from", "name"]
        constraints = [
            *Applies.Meta.constraints,
            models.UniqueConstraint(fields=["organisation", "name"], name="promotion_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


ELEMENT_NEEDS: dict[str, tuple[str, str]] = {
    ElementKind.PRICE: ("price", "A price element needs the promotion's price."),
    ElementKind.DISPLAY: ("bay", "A display needs the name of its bay."),
    ElementKind.TAG: ("text", "A tag needs the words on it."),
}
"""The field that a kind of element cannot do without, and what to say where it is empty."""


class PromotionElement(models.Model):
    """One thing a promotion asks for; see compliance.targets.PromotionElement."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="elements")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value.title()) for k in ElementKind])
    name = models.CharField(max_length=120, blank=True)
    skus = models.ManyToManyField("catalog.Sku", related_name="+")
    facings = models.PositiveSmallIntegerField(default=1)
    bay = models.CharField("display's bay", max_length=80, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    text = models.CharField("words on the tag", max_length=80, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(facings__gte=1), name="element_has_facings"),
            models.CheckConstraint(
                condition=~Q(kind=ElementKind.PRICE.value) | Q(price__isnull=False),
                name="element_price_given",
            ),
            models.CheckConstraint(
                condition=~Q(kind=ElementKind.DISPLAY.value) | ~Q(bay=""), name="element_bay_given"
            ),
            models.CheckConstraint(
                condition=~Q(kind=ElementKind.TAG.value) | ~Q(text=""), name="element_text_given"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()
