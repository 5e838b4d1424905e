"""Trains the detector within a time budget, on whatever device there is; can be stopped and resumed."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from tqdm import tqdm

from recognition.training.checkpoints import save_whole
from recognition.training.detector.data import Batches
from recognition.training.detector.losses import EDGE_WEIGHT, Truth, detection_loss, edge_loss
from recognition.training.detector.model import Detector, anchor_centres
from recognition.training.evaluate.photos import Photo

SAVE_EVERY = 50
"""Steps between checkpoints."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a run trains, stored beside its weights. minutes: the budget, which the rate's cosine spans."""

    minutes: float
    size: int = 640
    batch: int = 8
    rate: float = 1e-3
    decay: float = 0.02
    warmup: int = 100
    average: float = 0.998
    clip: float = 10.0
    half: bool = True
    seed: int = 1


def train(model: Detector, photos: Sequence[Photo], out: Path, recipe: Recipe) -> Detector:
    """Train ``model`` for ``recipe.minutes`` and return the running average of its weights, which is also
    saved.

    ``out`` receives ``checkpoint.pt`` (a run found there goes on), ``log.jsonl`` and at last ``weights.pt``.
    """
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    run = Run(model.to(device), recipe)
    run.resume(out / "checkpoint.pt")
    batches = Batches(photos, recipe.size, recipe.batch, recipe.seed)
    bar = tqdm(total=recipe.minutes, unit="min", bar_format="{l_bar}{bar}| {n:.1f}/{total:.0f} min {postfix}")
    with ThreadPoolExecutor(1) as ahead, (out / "log.jsonl").open("a", encoding="utf-8") as log:
        coming = ahead.submit(batches, run.step)
        while run.progress < 1:
            start = time.monotonic()
            pictures, truths = coming.result()
            coming = ahead.submit(batches, run.step + 1)
            losses = run.learn(pictures.to(device), [truth.to(device) for truth in truths])
            run.minutes += (time.monotonic() - start) / 60
            bar.n = min(run.minutes, recipe.minutes)
            bar.set_postfix({name: f"{value:.3f}" for name, value in losses.items()})
            if run.step % 20 == 0:
                log.write(json.dumps({"step": run.step, "minutes": run.minutes} | losses) + "\n")
                log.flush()
            if run.step % SAVE_EVERY == 0:
                run.save(out / "checkpoint.pt")
    run.save(out / "checkpoint.pt")
    average = {"weights": run.average.state_dict(), "recipe": asdict(recipe), "steps": run.step}
    save_whole(average, out / "weights.pt")
    return run.average


class Run:
    """The state of a training run: weights, their running average, optimiser, step and minutes spent."""

    def __init__(self, model: Detector, recipe: Recipe) -> None:
        self.model = model.to(memory_format=torch.channels_last).train()
        self.average = deepcopy(model).eval()
        self.recipe = recipe
        self.optimiser = torch.optim.AdamW(_groups(model, recipe.decay), lr=recipe.rate, betas=(0.9, 0.99))
        self.step = 0
        self.minutes = 0.0

    @property
    def progress(self) -> float:
        """The part of the time budget that is spent, 0..1."""
        return min(1.0, self.minutes / self.recipe.minutes)

    def learn(self, pictures: torch.Tensor, truths: list[Truth]) -> dict[str, float]:
        """Make one step; return the losses."""
        warm = min(1.0, (self.step + 1) / self.recipe.warmup)
        rate = self.recipe.rate * warm * (0.02 + 0.98 * (1 + math.cos(math.pi * self.progress)) / 2)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast(pictures.device.type, torch.bfloat16, enabled=self.recipe.half):
            predicted, edges = self.model(pictures)
        centres = anchor_centres(*pictures.shape[2:]).to(pictures.device)
        losses = detection_loss(predicted.float(), centres, truths)
        losses["edge"] = edge_loss(edges.float(), truths)
        losses["total"] = losses["total"] + EDGE_WEIGHT * losses["edge"]
        self.optimiser.zero_grad(set_to_none=True)
        losses["total"].backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
        self.optimiser.step()
        self._follow()
        self.step += 1
        return {name: float(value.detach()) for name, value in losses.items()}

    def save(self, path: Path) -> None:
        """Write the run's state; a crash in the middle leaves the older file whole."""
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "minutes": self.minutes,
        }
        save_whole(state, path)

    def resume(self, path: Path) -> None:
        """Go on from a saved state, if there is one."""
        if not path.exists():
            return
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.minutes = state["step"], state["minutes"]

    @torch.no_grad()
    def _follow(self) -> None:
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        for mean, value in zip(self.average.parameters(), self.model.parameters(), strict=True):
            mean.lerp_(value, 1 - keep)


def _groups(model: nn.Module, decay: float) -> list[dict[str, Any]]:
    """Weights decay, biases do not."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    return [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]
