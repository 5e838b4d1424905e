"""Bonci and Galeazzi's recipe: MobileNetV3-Large, a dense layer to 256 numbers, batch-hard triplets.

The hardest positive and negative of the batch for every anchor, soft margin, Adam at 1e-4, batches of 64 or
128. A test picture is named after the gallery picture nearest to it; the gallery is the training set.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from recognition.training.backbones import make_backbone
from recognition.training.losses.triplet import soft_margin_distance
from recognition.training.pictures.augment import TRANSFORMS
from recognition.training.pictures.sampling import ClassBatches
from recognition.training.pictures.sources import Labelled
from recognition.training.pictures.views import Views
from recognition.training.recipes.export import Served
from recognition.training.recipes.loop import Loop, Schedule
from recognition.training.recipes.nets import Embedding
from recognition.training.runs import Run
from recognition.types import ImageArray


@dataclass(frozen=True, slots=True)
class Recipe:
    """backbone, weights: see ``make_backbone``. batch: pictures, ``each`` of one product.

    scale: what the unit embeddings are multiplied by before distances are taken; theirs is 1. A larger one
    makes the soft margin care more about hard triplets.
    """

    backbone: str = "mobilenetv3-large"
    weights: Path | None = None
    size: int = 160
    batch: int = 64
    each: int = 4
    steps: int = 1000
    rate: float = 1e-4
    scale: float = 1.0
    transforms: tuple[str, ...] = tuple(TRANSFORMS)
    seed: int = 0


def train_triplet(
    pictures: Labelled,
    recipe: Recipe,
    device: torch.device,
    checkpoint: Path | None = None,
    run: Run | None = None,
) -> Embedding:
    """Train on ``pictures``; a checkpoint that is there goes on. Returns the net in evaluation mode."""
    torch.manual_seed(recipe.seed)
    net = Embedding(make_backbone(recipe.backbone, recipe.weights), recipe.size).to(device).train()
    rows = ClassBatches(pictures.label, recipe.batch // recipe.each, recipe.each, recipe.seed)
    views = Views(pictures, recipe.size, recipe.transforms, recipe.seed)

    def batch(step: int) -> tuple[Tensor, Tensor]:
        chosen = rows(step)
        return torch.from_numpy(views.varied(chosen, step)), torch.from_numpy(pictures.label[chosen])

    def loss(made: tuple[Tensor, Tensor]) -> Tensor:
        crops, labels = made
        return soft_margin_distance(recipe.scale * net(crops.to(device)), labels.to(device))

    optimiser = torch.optim.Adam(net.parameters(), lr=recipe.rate)
    schedule = Schedule(recipe.steps, warm_up=recipe.steps // 20)
    Loop(net, optimiser, schedule, checkpoint, run)(batch, loss, "triplets")
    return net.eval()


def evaluate_gallery(file: Path, gallery: Labelled, test: Labelled, size: int) -> dict[str, float]:
    """Accuracy and times of an exported embedder, as the paper gives them.

    gallery, test: with the same names. accuracy: share of test pictures whose nearest gallery picture shows
    the same product; top5: among the five nearest products. Seconds are the net's alone, on one thread.
    """
    served = Served(file)
    known, gallery_seconds = served(_plain(gallery, size)), served.seconds
    seen, test_seconds = served(_plain(test, size)), served.seconds
    similarity = seen @ known.T
    present = np.unique(gallery.label)
    best = np.stack([similarity[:, gallery.label == label].max(axis=1) for label in present], axis=1)
    order = present[np.argsort(-best, axis=1, kind="stable")]
    right = order == test.label[:, None]
    return {
        "accuracy": float(right[:, 0].mean()),
        "top5": float(right[:, :5].any(axis=1).mean()),
        "gallery_pictures": len(gallery),
        "test_pictures": len(test),
        "gallery_seconds": gallery_seconds,
        "test_seconds": test_seconds,
        "ms_per_picture": 1000 * test_seconds / len(test),
    }


def _plain(pictures: Labelled, size: int) -> ImageArray:
    return Views(pictures, size, ()).plain(np.arange(len(pictures)))
