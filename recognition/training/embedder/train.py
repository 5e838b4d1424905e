"""Training the embedder within a given time on a CPU (or a GPU, where one is found)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.training.checkpoints import save_whole
from recognition.training.embedder.discriminant import discriminant
from recognition.training.embedder.heads import EmbedderNet
from recognition.training.embedder.losses import ProxyLoss, reference_loss, soft_margin_triplet
from recognition.training.embedder.maps import Rows, TrunkMaps
from recognition.training.embedder.principal import principal_layer
from recognition.training.embedder.sampler import FamilyBatches
from recognition.training.evaluate.recognition import hits, label_similarities

CHECKPOINT_EVERY = 300.0
"""Seconds."""
WARM_UP = 60
"""Steps."""
SAMPLED_DESIGNS, SAMPLED_CROPS = 800, 4
"""Designs, and crops of each, that the linear layer starts from and ends with."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. Weights of the losses, learning rates at the start, and the batch's make-up.

    reference weighs the packshot softmax of the embeddings, pooled that of the features before the linear
    layer, which is replaced in the end.
    """

    minutes: float
    seed: int = 0
    proxy: float = 1.0
    triplet: float = 0.5
    reference: float = 0.5
    pooled: float = 0.5
    scale: float = 24.0
    margin: float = 0.2
    rate_backbone: float = 2e-4
    rate_head: float = 4e-4
    rate_proxies: float = 1e-3
    designs: int = 16
    crops: int = 3
    siblings: int = 4


def train(
    data: TrunkMaps, held_out: TrunkMaps, net: EmbedderNet, out: Path, recipe: Recipe, threads: int
) -> None:
    """Train ``net`` for ``recipe.minutes``; leave ``checkpoint.pt`` and lines of figures in ``out``.

    The learning rate falls along a half cosine over the time given, so that a loaded machine ends as calmly
    as an idle one, only after fewer steps.
    """
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(threads)
    net.to(memory_format=torch.channels_last)
    labels = data.labels
    _save(net, held_out, out, {"step": 0, "minutes": 0.0})
    proxy = ProxyLoss(embed_maps(net, data, np.flatnonzero(labels.packshot)), recipe.scale, recipe.margin)
    optimiser = _optimiser(net, proxy, recipe)
    rates = [group["lr"] for group in optimiser.param_groups]
    rng = np.random.default_rng((recipe.seed, 11))
    start = saved = time.monotonic()
    mean_loss = 0.0
    for step, (packshots, crops) in enumerate(
        FamilyBatches(labels, recipe.designs, recipe.crops, recipe.siblings, recipe.seed)
    ):
        done = (time.monotonic() - start) / (60 * recipe.minutes)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * 0.5 * (1 + np.cos(np.pi * min(done, 1.0))) * min(1.0, (step + 1) / WARM_UP)
        batch = jitter(data.read(np.concatenate([packshots, crops])), rng)
        loss = _loss(net, batch, torch.from_numpy(labels.design[packshots]), proxy, recipe)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimiser.step()
        mean_loss += 0.01 * (loss.item() - mean_loss)
        if done >= 1:
            break
        if time.monotonic() - saved > CHECKPOINT_EVERY:
            saved = time.monotonic()
            _save(net, held_out, out, {"step": step, "minutes": (saved - start) / 60, "loss": mean_loss})
    finish_head(net, data)
    _save(net, held_out, out, {"step": step, "minutes": recipe.minutes, "loss": mean_loss})


def _save(net: EmbedderNet, held_out: TrunkMaps, out: Path, line: dict[str, float]) -> None:
    save_whole(net.state_dict(), out / "checkpoint.pt")
    line |= evaluate(net, held_out)
    with (out / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({k: round(v, 4) for k, v in line.items()}) + "\n")


def _loss(net: EmbedderNet, batch: Tensor, labels: Tensor, proxy: ProxyLoss, recipe: Recipe) -> Tensor:
    """Weighted sum of the losses; the batch holds the packshots first, then each one's crops."""
    features = net.features(batch)
    embeddings, pooled = net.embed(features), F.normalize(features, dim=1)
    crop_labels = labels.repeat_interleave(recipe.crops)
    every = torch.cat([labels, crop_labels])

    def reference(vectors: Tensor) -> Tensor:
        return reference_loss(
            vectors[len(labels) :], crop_labels, vectors[: len(labels)], labels, recipe.scale
        )

    return (
        recipe.proxy * proxy(embeddings, every)
        + recipe.triplet * soft_margin_triplet(embeddings, every, 10.0)
        + recipe.reference * reference(embeddings)
        + recipe.pooled * reference(pooled)
    )


def _optimiser(net: EmbedderNet, proxy: ProxyLoss, recipe: Recipe) -> torch.optim.Optimizer:
    backbone = [p for part in (net.stride16, net.stride32, net.top) for p in part.parameters()]
    head = [*net.local.parameters(), *net.project.parameters()]
    return torch.optim.AdamW(
        [
            {"params": backbone, "lr": recipe.rate_backbone},
            {"params": head, "lr": recipe.rate_head},
            {"params": list(proxy.parameters()), "lr": recipe.rate_proxies, "weight_decay": 0.0},
        ],
        weight_decay=1e-3,
    )


def jitter(maps: Tensor, rng: np.random.Generator) -> Tensor:
    """Small changes that need no new crops: the batch moves by at most a cell, some crops lose a patch."""
    down, right = rng.integers(-1, 2, 2)
    maps = torch.roll(maps, (int(down), int(right)), dims=(2, 3))
    size = maps.shape[2]
    for row in np.flatnonzero(rng.random(len(maps)) < 0.25):
        tall, wide = rng.integers(size // 8, size // 3, 2)
        top, left = rng.integers(0, size - tall), rng.integers(0, size - wide)
        maps[row, :, top : top + tall, left : left + wide] = 0
    return maps


def start_head(net: EmbedderNet, data: TrunkMaps) -> None:
    """Start the linear layer where untrained features part the classes best.

    A random layer would send noise into the backbone, and the proxies would start as noise too.
    """
    features, labels = sample_features(net, data)
    matrix, bias = discriminant(features, labels, net.project.out_features)
    scale = 1 / np.linalg.norm(features @ matrix + bias, axis=1).mean()
    _set_layer(net, scale * matrix, scale * bias)


def finish_head(net: EmbedderNet, data: TrunkMaps) -> None:
    """Put the features' principal components in place of the trained layer; see ``principal``."""
    features, _ = sample_features(net, data)
    matrix = principal_layer(features, net.project.out_features)
    _set_layer(net, matrix, np.zeros(matrix.shape[1], np.float32))


@torch.no_grad()
def sample_features(net: EmbedderNet, data: TrunkMaps) -> tuple[NDArray[np.float32], Rows]:
    """Features and labels of SAMPLED_DESIGNS designs, the packshot and SAMPLED_CROPS crops of each."""
    design = data.labels.design
    designs = np.unique(design)[:: max(1, design.max() // SAMPLED_DESIGNS)]
    first = np.searchsorted(design, designs)
    rows = (first[:, None] + np.arange(SAMPLED_CROPS + 1)).ravel()
    features = torch.cat([net.features(data.read(rows[i : i + 64])) for i in range(0, len(rows), 64)])
    return features.numpy(), design[rows]


@torch.no_grad()
def _set_layer(net: EmbedderNet, matrix: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    net.project.weight.copy_(torch.from_numpy(matrix.T))
    net.project.bias.copy_(torch.from_numpy(bias))


@torch.no_grad()
def embed_maps(net: EmbedderNet, maps: TrunkMaps, rows: Rows) -> Tensor:
    """Embeddings (n, 256) of the given rows."""
    return torch.cat([net(maps.read(rows[i : i + 64])) for i in range(0, len(rows), 64)])


def evaluate(net: EmbedderNet, maps: TrunkMaps) -> dict[str, float]:
    """hit1, hit5, hit10 of held-out crops among the held-out designs' packshots."""
    embeddings = embed_maps(net, maps, np.arange(len(maps))).numpy()
    packshot = maps.labels.packshot
    names = [f"{design:06d}" for design in maps.labels.design]
    shots = [name for name, is_shot in zip(names, packshot, strict=True) if is_shot]
    truth = [name for name, is_shot in zip(names, packshot, strict=True) if not is_shot]
    labels, similarities = label_similarities(embeddings[packshot], shots, embeddings[~packshot])
    return hits(labels, similarities, truth)
