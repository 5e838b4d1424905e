"""Pre-trains a backbone with both tasks on unlabelled crops."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.training.backbones import Backbone, make_backbone
from recognition.training.pictures.augment import augment
from recognition.training.pretrain.tasks import ORDERS, Completion, Jigsaw
from recognition.training.recipes.loop import Loop, Schedule
from recognition.training.runs import Run

TRANSFORMS = ("light", "compression")
"""Colour and grain change, so that an order is not told by them; nothing that moves the picture's parts."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """backbone, weights: see ``make_backbone``. completion, jigsaw: what each task's loss weighs."""

    backbone: str = "mobilenetv3-large"
    weights: Path | None = None
    size: int = 128
    batch: int = 32
    steps: int = 1000
    rate: float = 5e-4
    completion: float = 1.0
    jigsaw: float = 1.0
    seed: int = 0


class Pretraining(nn.Module):
    """A backbone with both tasks' heads."""

    def __init__(self, backbone: Backbone):
        super().__init__()
        self.backbone = backbone
        self.completion, self.jigsaw = Completion(backbone.channels), Jigsaw(backbone.channels)

    def losses(self, crops: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Losses of completion and jigsaw on crops (n, h, w, 3) uint8; which halves and orders: drawn."""
        half = torch.randint(4, (len(crops),), generator=generator).to(crops.device)
        order = torch.randint(len(ORDERS), (len(crops),), generator=generator).to(crops.device)
        shown, hidden = self.completion.hide(crops, half)
        both = torch.cat([shown, self.jigsaw.shuffle(crops, order)])
        first, second = self.backbone.maps(self.backbone.normalise(both)).chunk(2)
        return self.completion(first, crops, hidden), self.jigsaw(second, order)


def pretrain(
    crops: NDArray[np.uint8],
    recipe: Recipe,
    device: torch.device,
    checkpoint: Path | None = None,
    run: Run | None = None,
) -> Pretraining:
    """Train on crops (n, size, size, 3); a checkpoint that is there goes on; its backbone is what counts."""
    torch.manual_seed(recipe.seed)
    net = Pretraining(make_backbone(recipe.backbone, recipe.weights)).to(device).train()

    def batch(step: int) -> tuple[Tensor, int]:
        rng = np.random.default_rng((recipe.seed, step))
        rows = np.sort(rng.integers(0, len(crops), recipe.batch))
        varied = [augment(np.asarray(crops[row]), rng, TRANSFORMS) for row in rows]
        return torch.from_numpy(np.stack(varied)), int(rng.integers(2**31))

    def loss(made: tuple[Tensor, int]) -> Tensor:
        completion, jigsaw = net.losses(made[0].to(device), torch.Generator().manual_seed(made[1]))
        return recipe.completion * completion + recipe.jigsaw * jigsaw

    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=1e-3)
    schedule = Schedule(recipe.steps, warm_up=recipe.steps // 20)
    Loop(net, optimiser, schedule, checkpoint, run)(batch, loss, "pre-training")
    return net.eval()


@torch.no_grad()
def measure(net: Pretraining, crops: NDArray[np.uint8], seed: int = 0) -> dict[str, float]:
    """completion, jigsaw: mean losses on crops that were not trained on; jigsaw by chance: ln 24 = 3.18."""
    device = next(net.parameters()).device
    generator = torch.Generator().manual_seed(seed)
    completion, jigsaw = net.eval().losses(torch.from_numpy(np.array(crops)).to(device), generator)
    return {"completion": float(completion), "jigsaw": float(jigsaw)}
