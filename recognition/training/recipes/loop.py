"""One training loop for all recipes: steps with a cosine, checkpoints, a log; stopped runs go on."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from tqdm import tqdm

from recognition.training.checkpoints import save_whole
from recognition.training.runs import Run

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Schedule:
    """steps: how many. warm_up: steps over which the rates rise, before their cosine falls to a hundredth.

    save_every, log_every: steps. clip: largest norm of the gradient.
    """

    steps: int
    warm_up: int = 20
    save_every: int = 100
    log_every: int = 20
    clip: float = 10.0

    def factor(self, step: int) -> float:
        """What the learning rates are multiplied by at a step."""
        warm = min(1.0, (step + 1) / max(1, self.warm_up))
        return warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / self.steps))))


class Loop(Generic[B]):
    """Trains ``model`` with ``loss(batch)``, batches being made by ``batch(step)`` one step ahead.

    ``checkpoint`` holds model, optimiser and step; one that is there goes on, and the batches of a step are
    the same whenever it is made. Without a run and a checkpoint nothing is written.
    """

    def __init__(
        self,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        schedule: Schedule,
        checkpoint: Path | None = None,
        run: Run | None = None,
    ):
        self.model, self.optimiser, self.schedule = model, optimiser, schedule
        self.checkpoint, self.record = checkpoint, run
        self.step = 0
        self.rates = [group["lr"] for group in optimiser.param_groups]
        _follow(model, schedule.steps)
        if checkpoint is not None and checkpoint.is_file():
            self._resume(checkpoint)

    def __call__(
        self, batch: Callable[[int], B], loss: Callable[[B], Tensor], name: str = "training"
    ) -> float:
        """Train to the last step; return the running mean of the loss."""
        mean = math.nan
        steps = range(self.step, self.schedule.steps)
        with ThreadPoolExecutor(1) as ahead, tqdm(steps, desc=name, unit="step", disable=None) as bar:
            coming = ahead.submit(batch, self.step)
            for step in bar:
                made = coming.result()
                if step + 1 < self.schedule.steps:
                    coming = ahead.submit(batch, step + 1)
                value = self._learn(loss(made))
                mean = value if math.isnan(mean) else mean + 0.05 * (value - mean)
                bar.set_postfix(loss=f"{mean:.3f}")
                self._note(mean)
        return mean

    def _learn(self, loss: Tensor) -> float:
        factor = self.schedule.factor(self.step)
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.schedule.clip)
        self.optimiser.step()
        self.step += 1
        return float(loss.detach())

    def _note(self, mean: float) -> None:
        last = self.step == self.schedule.steps
        if self.record is not None and (last or self.step % self.schedule.log_every == 0):
            self.record.log(self.step, loss=mean)
        if self.checkpoint is not None and (last or self.step % self.schedule.save_every == 0):
            self._save(self.checkpoint)

    def _save(self, path: Path) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        save_whole(state, path)

    def _resume(self, path: Path) -> None:
        state = torch.load(path, weights_only=True, map_location="cpu")
        try:
            self.model.load_state_dict(state["model"])
        except RuntimeError as error:
            raise ValueError(
                f"{path} is of another recipe, so this run cannot go on from it: {error}"
            ) from error
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = int(state["step"])


def _follow(model: nn.Module, steps: int) -> None:
    """Let batch normalisation's running means follow a short run; published nets take hundreds of steps."""
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = max(part.momentum or 0.0, min(0.1, 10 / steps))
