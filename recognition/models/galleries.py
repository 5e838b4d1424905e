"""The reference embeddings that photos are compared with."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from pgvector.django import HnswIndex, VectorField

from retail_exec.core.models import Owned

EMBEDDING_SIZE = 256


class GalleryState(models.TextChoices):
    """One gallery an organisation is active; another may be building beside it."""

    BUILDING = "building", "Building"
    ACTIVE = "active", "In use"
    RETIRED = "retired", "Retired"
    FAILED = "failed", "Failed"


class Gallery(Owned):
    """All reference embeddings of an organisation, made by one embedder and one (optional) adapted head.

    version: changes with every packshot added or removed; runs record it. head: the adapted head, written by
    ``recognition.adapt``, None while the general one is used. figures: what the adaptation measured.
    """

    embedder = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=GalleryState, default=GalleryState.BUILDING)
    head = models.BinaryField(null=True, blank=True)
    figures = models.JSONField(default=dict, blank=True)
    progress = models.PositiveSmallIntegerField(default=0, help_text="Per cent of the work done.")
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    progressed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "galleries"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state="active"), name="gallery_one_active"
            ),
            models.CheckConstraint(condition=Q(progress__lte=100), name="gallery_progress_per_cent"),
        ]

    def __str__(self) -> str:
        return f"gallery {self.version} ({self.get_state_display()})"


class ReferenceEmbedding(Owned):
    """The embedding of one packshot: a 256-d unit vector, compared by cosine distance."""

    gallery = models.ForeignKey(Gallery, on_delete=models.CASCADE, related_name="embeddings")
    sku = models.ForeignKey("catalog.Sku", on_delete=models.CASCADE, related_name="embeddings")
    packshot = models.ForeignKey("catalog.Packshot", on_delete=models.CASCADE, related_name="embeddings")
    vector = VectorField(dimensions=EMBEDDING_SIZE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gallery", "packshot"], name="reference_embedding_once")
        ]
        indexes = [
            HnswIndex(
                name="reference_embedding_hnsw",
                fields=["vector"],
                m=16,
                ef_construction=64,
                opclasses=["vector_cosine_ops"],
            )
        ]

    def __str__(self) -> str:
        return f"embedding of {self.sku}"
