"""What was photographed: visits and their photos."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from retail_exec.core.models import Claimable, Owned


class Visit(Owned, Claimable):
    """An auditor in a store. The claimable work is its assessment: KPIs from its recognised photos."""

    store = models.ForeignKey("stores.Store", on_delete=models.RESTRICT, related_name="visits")
    auditor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.RESTRICT, related_name="visits")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["organisation", "-started_at"]),
            models.Index(fields=["state", "lease_until"]),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(finished_at__gte=models.F("started_at")),
                name="visit_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.store}, {timezone.localtime(self.started_at):%d %b %Y}"


def photo_path(photo: "Photo", name: str) -> str:
    """Photos lie by organisation and content, so that a name from outside never reaches the disk."""
    return f"photos/{photo.organisation_id}/{photo.sha256[:2]}/{photo.sha256}.{name.rsplit('.', 1)[-1]}"


class Photo(Owned, Claimable):
    """One uploaded photo. The claimable work is its recognition. width, height: upright, pixels."""

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="photos")
    bay = models.ForeignKey(
        "stores.Bay", null=True, blank=True, on_delete=models.SET_NULL, related_name="photos"
    )
    file = models.ImageField(upload_to=photo_path, max_length=200)
    name = models.CharField("file name", max_length=200)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveIntegerField("bytes")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True, blank=True)
    uploaded_at = models.DateTimeField(default=timezone.now)
    hints = models.JSONField(default=list, blank=True, help_text="What the auditor may do better, in words.")

    class Meta:
        ordering = ["uploaded_at", "id"]
        indexes = [models.Index(fields=["state", "lease_until"])]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "sha256"], name="photo_once_per_organisation"),
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0, size__gt=0), name="photo_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.pk} ({self.name})"
