"""Teaching a student embedder what a teacher says of crops (Hinton et al., 2015), in a given time on a CPU.

First the student's trunk imitates the maps of the teacher's, of crops at the student's size; then the whole
student imitates what the teacher says of the same crops at the teacher's own size.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.training.checkpoints import save_whole
from recognition.training.embedder.heads import WIDTH, EmbedderNet, normalise
from recognition.training.embedder.lessons import Lessons
from recognition.training.embedder.student import student_of
from recognition.training.losses.distil import distil_similarities
from recognition.training.runs import Run

CHECKPOINT = "checkpoint.pt"
CHECKPOINT_EVERY = 120.0
"""Seconds."""
WARM_UP = 100
"""Steps."""
HELD_BACK = 1024
"""Crops, the last pieces of photos, that only judge."""
AVERAGED = 0.999
"""Share of the running average of weights that a step leaves."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to distil: minutes in all and for the trunk alone, and the highest learning rates.

    similarities weighs what crops of a batch resemble each other, beside what is said of each.
    """

    minutes: float
    trunk_minutes: float
    seed: int = 0
    batch: int = 32
    rate_trunk: float = 2e-3
    rate: float = 4e-4
    decay: float = 1e-3
    similarities: float = 0.5
    scale: float = 12.0


class Distillation:
    """A student in training; ``folder`` keeps its state, from which the same command goes on."""

    def __init__(self, teacher: EmbedderNet, directions: Tensor, folder: Path, recipe: Recipe):
        torch.manual_seed(recipe.seed)
        self.teacher, self.recipe, self.file = teacher.eval(), recipe, folder / CHECKPOINT
        self.student = student_of(teacher).to(memory_format=torch.channels_last)
        self.directions = directions
        _keep_floats(self.student)
        self.average = {name: value.clone() for name, value in self.student.state_dict().items()}
        self.step, self.phase, self.spent = 0, 0, [0.0, 0.0]
        self.optimiser = self._optimiser()
        if self.file.is_file():
            self._load()

    def _optimiser(self) -> torch.optim.Optimizer:
        """One a phase: the trunk alone, then everything."""
        recipe = self.recipe
        trunk = list(self.student.trunk.parameters())
        late = [p for name, p in self.student.named_parameters() if not name.startswith("trunk.")]
        groups: list[dict[str, Any]] = [{"params": trunk, "lr": recipe.rate_trunk}]
        if self.phase:
            groups = [{"params": trunk, "lr": recipe.rate}, {"params": late, "lr": recipe.rate}]
        for group in groups:
            group["highest"] = group["lr"]
        return torch.optim.AdamW(groups, weight_decay=recipe.decay, fused=True)

    def _load(self) -> None:
        state = torch.load(self.file, weights_only=True)
        self.student.load_state_dict(state["student"])
        self.average, self.step, self.phase, self.spent = (
            state[name] for name in ("average", "step", "phase", "spent")
        )
        self.optimiser = self._optimiser()
        self.optimiser.load_state_dict(state["optimiser"])

    def _save(self) -> None:
        state = {name: getattr(self, name) for name in ("average", "step", "phase", "spent")}
        state |= {"student": self.student.state_dict(), "optimiser": self.optimiser.state_dict()}
        save_whole(state, self.file)

    def learn(self, lessons: Lessons, record: Run) -> dict[str, float]:
        """Train for the minutes that are left; return the last figures. Raises ValueError for few lessons."""
        if len(lessons) < HELD_BACK + self.recipe.batch:
            raise ValueError(
                f"expected more than {HELD_BACK + self.recipe.batch} crops, found {len(lessons)}"
            )
        if self.phase == 0:
            self._learn_phase(lessons, record, self.recipe.trunk_minutes)
            self.phase, self.step = 1, 0
            self.optimiser = self._optimiser()
            self.student.load_state_dict(self.average)
        self._learn_phase(lessons, record, self.recipe.minutes - self.recipe.trunk_minutes)
        self._save()
        return self._judge(lessons)

    def _learn_phase(self, lessons: Lessons, record: Run, minutes: float) -> None:
        before, start = self.spent[self.phase], time.monotonic()
        saved, mean = start, float("nan")
        loss_of = (self._trunk_loss, self._loss)[self.phase]
        spread = _spread(lessons)
        for rows in self._batches(len(lessons) - HELD_BACK):
            done = (before + (time.monotonic() - start) / 60) / max(minutes, 1e-6)
            if done >= 1:
                break
            self._set_rates(done)
            crops = torch.from_numpy(lessons.crops[rows])
            said = torch.from_numpy(lessons.said[rows].astype(np.float32))
            loss = loss_of(crops, said, spread)
            self.optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.student.parameters(), 5.0)
            self.optimiser.step()
            self._average()
            self.step += 1
            mean = loss.item() if np.isnan(mean) else mean + 0.02 * (loss.item() - mean)
            if time.monotonic() - saved > CHECKPOINT_EVERY:
                saved = time.monotonic()
                self.spent[self.phase] = before + (saved - start) / 60
                self._save()
                record.log(self.step, phase=self.phase, loss=mean, **self._judge(lessons))
        self.spent[self.phase] = minutes

    def _batches(self, count: int) -> Iterator[NDArray[np.int64]]:
        rng = np.random.default_rng((self.recipe.seed, self.phase, self.step))
        while True:
            order = rng.permutation(count)
            for start in range(0, count - self.recipe.batch + 1, self.recipe.batch):
                yield np.sort(order[start : start + self.recipe.batch])

    def _set_rates(self, done: float) -> None:
        factor = 0.5 * (1 + math.cos(math.pi * min(done, 1.0))) * min(1.0, (self.step + 1) / WARM_UP)
        for group in self.optimiser.param_groups:
            group["lr"] = group["highest"] * factor

    @torch.no_grad()
    def _average(self) -> None:
        """Move the running average of the weights, quickly at first: the start is to be forgotten."""
        keep = min(AVERAGED, (self.step + 1) / (self.step + 10))
        for name, value in self.student.state_dict().items():
            self.average[name].lerp_(value, 1 - keep)

    def _trunk_loss(self, crops: Tensor, said: Tensor, spread: Tensor) -> Tensor:
        """Squared error of the trunk's maps, in parts of the spread of the teacher's."""
        x = normalise(crops)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                wanted = self.teacher.trunk(x).float()
            maps = self.student.trunk(x).float()
        whole = (wanted - wanted.mean(dim=(0, 2, 3), keepdim=True)).square().sum()
        return (maps - wanted).square().sum() / whole

    def _loss(self, crops: Tensor, said: Tensor, spread: Tensor) -> Tensor:
        """Squared errors of components and embedding in parts of their spread, and of what resembles what."""
        with torch.autocast("cpu", torch.bfloat16):
            pooled = self.student.features(self.student.trunk(normalise(crops)))
        heard = self._say(pooled.float())
        errors = (heard - said).square().mean(dim=0)
        own = errors[:-WIDTH].sum() / spread[:-WIDTH].sum() + errors[-WIDTH:].sum() / spread[-WIDTH:].sum()
        alike = distil_similarities(heard[:, -WIDTH:], said[:, -WIDTH:], self.recipe.scale)
        return own + self.recipe.similarities * alike

    def _say(self, pooled: Tensor) -> Tensor:
        """Components and embedding, as the teacher's ``features``."""
        return torch.cat([pooled @ self.directions, self.student.embed(pooled)], dim=1)

    @torch.no_grad()
    def _judge(self, lessons: Lessons) -> dict[str, float]:
        """Of the averaged weights on crops held back: mean cosine to the teacher, its lowest twentieth, and
        the squared error in parts of the spread."""
        own = {name: value.clone() for name, value in self.student.state_dict().items()}
        self.student.load_state_dict(self.average)
        heard = []
        for start in range(len(lessons) - HELD_BACK, len(lessons), 64):
            crops = torch.from_numpy(lessons.crops[start : start + 64])
            heard.append(self._say(self.student.features(self.student.trunk(normalise(crops)))))
        self.student.load_state_dict(own)
        vectors = torch.cat(heard)[:, -WIDTH:]
        said = torch.from_numpy(lessons.said[-HELD_BACK:, -WIDTH:].astype(np.float32))
        cosines = F.cosine_similarity(vectors, said)
        error = (vectors - said).square().sum() / (said - said.mean(dim=0)).square().sum()
        return {
            "cosine": cosines.mean().item(),
            "cosine_5_percent": cosines.quantile(0.05).item(),
            "error": error.item(),
        }


def _spread(lessons: Lessons) -> Tensor:
    """Variance of everything the teacher says, (width,)."""
    return torch.from_numpy(lessons.said[:20_000].astype(np.float32).var(axis=0))


def _keep_floats(net: nn.Module) -> None:
    """Let strided depthwise convolutions learn in floats: bfloat16 takes ten times as long there."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d) and layer.groups > 1 and layer.stride[0] > 1:
            layer.forward = partial(_in_floats, layer.forward)


def _in_floats(forward: Any, x: Tensor) -> Tensor:
    with torch.autocast("cpu", enabled=False):
        return forward(x.float())
