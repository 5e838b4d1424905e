"""What a bay should look like, and where that holds."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from retail_exec.core.constraints import UniqueWithNulls
from retail_exec.core.models import Owned


class PlanogramFile(Owned):
    """A file as it was sent, kept beside the planograms that came of it. One that was only looked at is
    removed after a day (services/planogram_files.py)."""

    name = models.CharField(max_length=200)
    content = models.BinaryField()
    sent_at = models.DateTimeField(auto_now_add=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Planogram(Owned):
    """One version of a bay's plan. Sizes in centimetres. Valid from ``effective_from`` until the next
    version.

    A draft is never in force and may change, each change adding one to ``revision``; a plan that is no draft
    stays as it is. boards_cm: y of each shelf's board, where its products stand, from the top of the bay
    down; empty where nobody said. unplaced: facings of the photo it was made from that are no known product,
    ``[{"facing", "shelf", "x_cm", "y_cm", "width_cm", "height_cm"}]``, y_cm of the top edge.
    """

    name = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    width_cm = models.FloatField(null=True, blank=True)
    height_cm = models.FloatField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True, help_text="The file it came from.")
    file = models.ForeignKey(
        PlanogramFile,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="planograms",
        editable=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)
    bays = models.ManyToManyField("stores.Bay", blank=True, related_name="planograms")
    draft = models.BooleanField(default=False, help_text="Still being worked on: never in force.")
    revision = models.PositiveIntegerField(default=1, editable=False)
    boards_cm = ArrayField(models.FloatField(), default=list, blank=True)
    unplaced = models.JSONField(default=list, blank=True, editable=False)
    photo = models.ForeignKey(
        "visits.Photo", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

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


class PlanogramAssignment(Owned):
    """All versions of the planograms called ``planogram`` hold for the bays called ``bay`` of one store, of a
    chain's stores or of a cluster's; a bay's own plans win over them. See services/plans.py."""

    planogram = models.CharField("planogram name", max_length=200)
    bay = models.CharField("bay name", max_length=80)
    store = models.ForeignKey("stores.Store", null=True, blank=True, on_delete=models.CASCADE)
    cluster = models.ForeignKey("stores.Cluster", null=True, blank=True, on_delete=models.CASCADE)
    chain = models.ForeignKey("stores.Chain", null=True, blank=True, on_delete=models.CASCADE)

    class Meta:
        ordering = ["planogram", "bay", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(store__isnull=False, cluster=None, chain=None)
                | Q(store=None, cluster__isnull=False, chain=None)
                | Q(store=None, cluster=None, chain__isnull=False),
                name="assignment_to_one_target",
            ),
            UniqueWithNulls(
                "organisation",
                "planogram",
                Lower("bay"),
                "store",
                "cluster",
                "chain",
                name="assignment_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.planogram} for {self.bay} in {self.target}"

    @property
    def target(self) -> models.Model | None:
        """The store, cluster or chain."""
        return self.store or self.cluster or self.chain

    @property
    def kind(self) -> str:
        """ "store", "cluster" or "chain"."""
        return "store" if self.store_id else "cluster" if self.cluster_id else "chain"
