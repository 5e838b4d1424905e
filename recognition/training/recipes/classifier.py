"""Fine-tuning a classifier on few pictures a product (Srivastava, ParallelDots, 2020).

Backbone from published weights, optionally Local-Concepts-Accumulation before the classifier and maximum
entropy beside the likelihood loss; stochastic gradient descent with momentum.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from recognition.training.backbones import make_backbone
from recognition.training.losses.entropy import with_maximum_entropy
from recognition.training.pictures.augment import TRANSFORMS
from recognition.training.pictures.sampling import BalancedRows
from recognition.training.pictures.sources import Labelled
from recognition.training.pictures.views import Views
from recognition.training.recipes.frozen import FrozenMaps
from recognition.training.recipes.loop import Loop, Schedule
from recognition.training.recipes.nets import Classifier
from recognition.training.runs import Run

BATCH = 64
"""Pictures a run without gradients."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """backbone, weights: see ``make_backbone``. concepts: width of the accumulation layer, 0 for none.

    entropy, gamma: weight of the maximum-entropy loss in the average, and its reward for spread. balance: 0
    draws pictures as they occur, 1 all products alike. rate is the backbone's, head_rate the new layers'.
    frozen: 0, or how many views of each picture a backbone that keeps its weights looks at; then only the new
    layers learn.
    """

    backbone: str = "mobilenetv2"
    weights: Path | None = None
    concepts: int = 0
    entropy: float = 0.0
    gamma: float = 1.0
    size: int = 160
    batch: int = 32
    steps: int = 400
    rate: float = 2e-3
    head_rate: float = 2e-2
    momentum: float = 0.9
    decay: float = 1e-4
    balance: float = 0.5
    frozen: int = 0
    transforms: tuple[str, ...] = tuple(TRANSFORMS)
    seed: int = 0


def train_classifier(
    pictures: Labelled,
    recipe: Recipe,
    device: torch.device,
    checkpoint: Path | None = None,
    run: Run | None = None,
) -> Classifier:
    """Train on ``pictures``; a checkpoint that is there goes on. Returns the net in evaluation mode."""
    torch.manual_seed(recipe.seed)
    backbone = make_backbone(recipe.backbone, recipe.weights)
    net = Classifier(backbone, len(pictures.names), recipe.concepts).to(device).train()
    rows = BalancedRows(pictures.label, recipe.batch, recipe.balance, recipe.seed)
    views = Views(pictures, recipe.size, recipe.transforms, recipe.seed)

    maps = FrozenMaps(net.backbone, views, recipe.frozen, device) if recipe.frozen else None

    def batch(step: int) -> tuple[Tensor, Tensor]:
        chosen = rows(step)
        inputs = maps(chosen, step) if maps else torch.from_numpy(views.varied(chosen, step))
        return inputs, torch.from_numpy(pictures.label[chosen])

    def loss(made: tuple[Tensor, Tensor]) -> Tensor:
        inputs, labels = made[0].to(device), made[1].to(device)
        logits = net.head(inputs) if maps else net(inputs)
        if not recipe.entropy:
            return F.cross_entropy(logits, labels)
        return with_maximum_entropy(logits, labels, recipe.gamma, recipe.entropy)

    schedule = Schedule(recipe.steps, warm_up=recipe.steps // 20)
    Loop(net, _optimiser(net, recipe), schedule, checkpoint, run)(batch, loss, "classifier")
    return net.eval()


@torch.no_grad()
def ranks(net: Classifier, pictures: Labelled, size: int, device: torch.device) -> NDArray[np.int64]:
    """Place (n,) that each picture's own product takes among the net's answers; 0 is right.

    Products tied with the own one are counted before it, so that a net without a preference earns nothing.
    """
    views = Views(pictures, size, ())
    placed = []
    for start in range(0, len(pictures), BATCH):
        rows = np.arange(start, min(start + BATCH, len(pictures)))
        logits = net(torch.from_numpy(views.plain(rows)).to(device)).cpu()
        own = logits.gather(1, torch.from_numpy(pictures.label[rows])[:, None])
        placed.append(((logits >= own).sum(dim=1) - 1).numpy())
    return np.concatenate(placed)


def _optimiser(net: Classifier, recipe: Recipe) -> torch.optim.Optimizer:
    """The backbone's own classifier has no gradient and is left alone."""
    backbone = list(net.backbone.parameters())
    known = {id(parameter) for parameter in backbone}
    head = [parameter for parameter in net.parameters() if id(parameter) not in known]
    return torch.optim.SGD(
        [{"params": backbone, "lr": recipe.rate}, {"params": head, "lr": recipe.head_rate}],
        lr=recipe.rate,
        momentum=recipe.momentum,
        weight_decay=recipe.decay,
    )
