"""What was seen on a photo, by which versions, and a person's word on it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from recognition.types import FacingStatus
from retail_exec.core.models import Owned


class RecognitionRun(Owned):
    """One photo through one set of versions. Immutable; ``current`` marks the run the screens show.

    Fields mirror ``recognition.types.ShelfLayout``: homography photo px -> rectified px, row by row;
    shelf_edges in rectified px.
    """

    photo = models.ForeignKey("visits.Photo", on_delete=models.CASCADE, related_name="runs")
    detector = models.CharField(max_length=80)
    embedder = models.CharField(max_length=80)
    gallery = models.CharField(max_length=40)
    pipeline = models.CharField(max_length=40)
    current = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    shelves = models.PositiveSmallIntegerField()
    homography = ArrayField(models.FloatField(), size=9)
    rectified_width = models.PositiveIntegerField()
    rectified_height = models.PositiveIntegerField()
    shelf_edges = ArrayField(models.FloatField(), default=list)
    rectified_confidence = models.FloatField()
    cm_per_px = models.FloatField(null=True)
    quality = models.JSONField(default=dict)
    timings_ms = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "detector", "embedder", "gallery", "pipeline"], name="run_once_per_versions"
            ),
            models.UniqueConstraint(fields=["photo"], condition=Q(current=True), name="run_one_current"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.photo}"


class Facing(models.Model):
    """One product unit seen. box: photo px, rect_box: rectified px, each x1, y1, x2, y2.

    candidates: best first, ``[{"sku": code, "similarity": -1..1, "packshot": id}]``. verdict: a person's word
    on it, which wins over the recogniser's; empty while nobody looked.
    """

    class Verdict(models.TextChoices):
        PRODUCT = "product", "It is this product"
        UNKNOWN = "unknown", "Not in the catalogue"
        NOT_A_PRODUCT = "not_a_product", "Not a product facing"

    run = models.ForeignKey(RecognitionRun, on_delete=models.CASCADE, related_name="facings")
    index = models.PositiveSmallIntegerField()
    box = ArrayField(models.FloatField(), size=4)
    rect_box = ArrayField(models.FloatField(), size=4)
    shelf = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    stack = models.PositiveSmallIntegerField(default=0)
    detection_score = models.FloatField()
    status = models.CharField(max_length=10, choices=[(s.value, s.value.title()) for s in FacingStatus])
    sku = models.ForeignKey(
        "catalog.Sku", null=True, blank=True, on_delete=models.RESTRICT, related_name="facings"
    )
    confidence = models.FloatField()
    verified_by_expectation = models.BooleanField(default=False)
    candidates = models.JSONField(default=list)
    verdict = models.CharField(max_length=14, choices=Verdict, blank=True)
    verdict_sku = models.ForeignKey(
        "catalog.Sku", null=True, blank=True, on_delete=models.RESTRICT, related_name="+"
    )

    class Meta:
        ordering = ["run", "index"]
        constraints = [
            models.UniqueConstraint(fields=["run", "index"], name="facing_index_once"),
            models.CheckConstraint(
                condition=Q(
                    confidence__gte=0, confidence__lte=1, detection_score__gte=0, detection_score__lte=1
                ),
                name="facing_probabilities",
            ),
            models.CheckConstraint(
                condition=Q(verdict="product", verdict_sku__isnull=False)
                | (~Q(verdict="product") & Q(verdict_sku__isnull=True)),
                name="facing_verdict_names_its_product",
            ),
        ]

    def __str__(self) -> str:
        return f"facing {self.index} of run {self.run_id}"

    @property
    def product(self) -> object:
        """The SKU that counts: a person's verdict if there is one, else the recogniser's; None if unknown."""
        return self.verdict_sku if self.verdict else self.sku


class ShelfGap(models.Model):
    """Empty space seen on a shelf; boxes as in Facing."""

    run = models.ForeignKey(RecognitionRun, on_delete=models.CASCADE, related_name="gaps")
    index = models.PositiveSmallIntegerField()
    box = ArrayField(models.FloatField(), size=4)
    rect_box = ArrayField(models.FloatField(), size=4)
    shelf = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["run", "index"]
        constraints = [models.UniqueConstraint(fields=["run", "index"], name="gap_index_once")]

    def __str__(self) -> str:
        return f"gap {self.index} of run {self.run_id}"


class Correction(Owned):
    """A person's verdict on a facing, kept for training. Append-only; the newest counts.

    An empty verdict takes the one before back.
    """

    facing = models.ForeignKey(Facing, on_delete=models.CASCADE, related_name="corrections")
    verdict = models.CharField(max_length=14, choices=Facing.Verdict, blank=True)
    sku = models.ForeignKey("catalog.Sku", null=True, blank=True, on_delete=models.RESTRICT, related_name="+")
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.facing}: {self.get_verdict_display()}"
