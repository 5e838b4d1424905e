"""Where: chains, regions, stores and their bays."""

from django.db import models
from django.db.models import Q

from retail_exec.core.models import Owned


class Channel(models.TextChoices):
    """Modern trade (supermarkets) or general trade (independent and corner shops)."""

    MODERN = "modern", "Modern trade"
    GENERAL = "general", "General trade"


class Chain(Owned):
    """A retail chain, or a group of independent shops."""

    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.MODERN)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="chain_name_once"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="chain_channel"),
        ]

    def __str__(self) -> str:
        return self.name


class Region(Owned):
    """A sales region."""

    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="region_name_once")]

    def __str__(self) -> str:
        return self.name


class Store(Owned):
    """A shop."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    chain = models.ForeignKey(Chain, on_delete=models.RESTRICT, related_name="stores")
    region = models.ForeignKey(Region, on_delete=models.RESTRICT, related_name="stores")
    address = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="store_code_once")]

    def __str__(self) -> str:
        return self.name


class Cluster(Owned):
    """A named group of stores that share planograms, whatever their chain and region."""

    name = models.CharField(max_length=120)
    stores = models.ManyToManyField(Store, blank=True, related_name="clusters")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="cluster_name_once")]

    def __str__(self) -> str:
        return self.name


class Bay(models.Model):
    """A fixture section of a store: what one photo shows. Eye-level rows count from 0 at the top."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="bays")
    name = models.CharField(max_length=80)
    category = models.ForeignKey("catalog.Category", null=True, blank=True, on_delete=models.SET_NULL)
    width_cm = models.FloatField("width, cm", null=True, blank=True)
    eye_level_from = models.PositiveSmallIntegerField(null=True, blank=True)
    eye_level_to = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], name="bay_name_once"),
            models.CheckConstraint(condition=Q(width_cm=None) | Q(width_cm__gt=0), name="bay_width_positive"),
            models.CheckConstraint(
                condition=(
                    Q(eye_level_from=None, eye_level_to=None)
                    | Q(eye_level_from__isnull=False, eye_level_to__gte=models.F("eye_level_from"))
                ),
                name="bay_eye_level_band",
            ),
        ]

    def __str__(self) -> str:
        return self.name
