"""Local features of packshots, kept so that re-ranking computes them once."""

from django.db import models

from retail_exec.core.models import Owned


class PackshotKeypoints(Owned):
    """The key points of one packshot under one key-point model; ``data`` is ``Keypoints.pack()``.

    picture: the packshot, small (``agree.compressed``); empty in rows from before it was kept, which are
    found anew when next they are needed.

    They do not depend on the gallery's embedding, so every gallery of the organisation shares them.
    """

    packshot = models.ForeignKey("catalog.Packshot", on_delete=models.CASCADE, related_name="keypoints")
    model = models.CharField(max_length=80)
    data = models.BinaryField()
    picture = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["packshot", "model"], name="packshot_keypoints_once")]

    def __str__(self) -> str:
        return f"key points of {self.packshot}"
