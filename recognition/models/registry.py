"""The models photos are read with, version by version, and the data sets they are judged on."""

from django.db import models
from django.db.models import Q

from retail_exec.core.models import Owned


class ModelState(models.TextChoices):
    """One model a role is active; a candidate waits to be, a retired one can be brought back."""

    CANDIDATE = "candidate", "Candidate"
    ACTIVE = "active", "In use"
    RETIRED = "retired", "Retired"


def model_path(model: "ModelVersion", name: str) -> str:
    """Model files lie by content."""
    return f"models/{model.sha256}.onnx"


class ModelVersion(models.Model):
    """One version of a model of this installation; all organisations share them.

    role, name, version, licence: as in the manifest of models. entry: its manifest entry (input,
    preprocessing, settings). card: the model card's text. run: what made it (``recognition.training.runs``).
    figures: what the run measured. measured: by data-set version, what was measured here on photos held back.
    data_set: the version it was trained on. shipped: it came with a release.
    """

    role = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    file = models.FileField(upload_to=model_path, max_length=200)
    sha256 = models.CharField(max_length=64, editable=False)
    licence = models.CharField(max_length=60)
    card = models.TextField(blank=True)
    entry = models.JSONField(default=dict)
    run = models.JSONField(default=dict, blank=True)
    figures = models.JSONField(default=dict, blank=True)
    measured = models.JSONField(default=dict, blank=True)
    data_set = models.CharField(max_length=40, blank=True)
    shipped = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ModelState, default=ModelState.CANDIDATE)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["role", "-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="model_version_once"),
            models.UniqueConstraint(fields=["role"], condition=Q(state="active"), name="model_one_active"),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(activated_at__isnull=False), name="model_active_since"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Name and version, as runs and galleries record which model made them."""
        return f"{self.name}-{self.version}"


class DataSetVersion(Owned):
    """Crops with the product a person named, kept as they were: to train on, or held back to judge by.

    version: hash over its files and labels. items: ``[{"file", "label", "group", "sha256"}]`` as in
    ``recognition.training.datasets``; the pictures lie in the media storage by content.
    """

    class Purpose(models.TextChoices):
        TRAINING = "training", "To train on"
        TEST = "test", "Held back, to judge by"

    version = models.CharField(max_length=40)
    purpose = models.CharField(max_length=10, choices=Purpose)
    items = models.JSONField(default=list)
    crops = models.PositiveIntegerField(default=0)
    products = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "purpose", "version"], name="data_set_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display().lower()}: {self.version}, {self.crops} crops"


class TrainingRun(models.Model):
    """One scheduled attempt to do better: what it was trained on, and what came of it."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    recipe = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    outcome = models.TextField(blank=True, help_text="What came of it, in words.")
    model = models.ForeignKey(
        ModelVersion, null=True, blank=True, on_delete=models.SET_NULL, related_name="training_runs"
    )
    figures = models.JSONField(default=dict, blank=True)
    data_set = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    progressed_at = models.DateTimeField(auto_now=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.recipe} of {self.started_at:%Y-%m-%d %H:%M}"
