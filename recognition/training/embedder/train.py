"""Training the embedder within a given time on a CPU (or a GPU, where one is found)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.training.backbones import mobilenetv2
from recognition.training.embedder.data import CropSet
from recognition.training.embedder.discriminant import discriminant
from recognition.training.embedder.heads import EmbedderNet, normalise
from recognition.training.embedder.losses import ProxyLoss, reference_loss, soft_margin_triplet
from recognition.training.embedder.principal import principal_layer
from recognition.training.embedder.sampler import FamilyBatches, Rows
from recognition.training.evaluate.recognition import hits, label_similarities

CHECKPOINT_EVERY = 300.0
"""Seconds."""
WARM_UP = 60
"""Steps."""
SAMPLED_DESIGNS, SAMPLED_CROPS = 800, 4
"""Designs, and crops of each, that the linear layer starts from and ends with."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to train. Weights of the three losses, learning rates at the start, and the batch's make-up."""

    minutes: float
    seed: int = 0
    proxy: float = 1.0
    triplet: float = 0.5
    reference: float = 0.5
    scale: float = 24.0
    margin: float = 0.2
    rate_backbone: float = 2e-4
    rate_head: float = 4e-4
    rate_proxies: float = 1e-3
    designs: int = 16
    crops: int = 3
    siblings: int = 4


class _Trunk(nn.Module):
    """The frozen first blocks, from uint8 crops to float16 maps."""

    def __init__(self, net: EmbedderNet):
        super().__init__()
        self.trunk = net.trunk

    def forward(self, crops: Tensor) -> Tensor:
        return self.trunk(normalise(crops)).half()


def trunk_maps(net: EmbedderNet, data: CropSet, file: Path, threads: int) -> NDArray[np.float16]:
    """The trunk's output for every crop, (n, 32, h/8, w/8) float16, computed once and kept in ``file``.

    ONNX Runtime does it: five times as fast as eager torch on one core.
    """
    if file.is_file():
        return np.load(file, mmap_mode="r")
    exported = file.with_suffix(".onnx")
    example = torch.zeros(2, *data.crops.shape[1:], dtype=torch.uint8)
    batch = torch.export.Dim("batch", min=1, max=1024)
    torch.onnx.export(_Trunk(net), (example,), exported, dynamic_shapes=({0: batch},), input_names=["crops"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(exported, options)
    parts = [session.run(None, {"crops": data.crops[:1]})[0]]
    maps = np.lib.format.open_memmap(
        file, mode="w+", dtype=np.float16, shape=(len(data.crops), *parts[0].shape[1:])
    )
    for start in range(0, len(maps), 32):
        maps[start : start + 32] = session.run(None, {"crops": data.crops[start : start + 32]})[0]
    return maps


def train(
    data: CropSet, held_out: CropSet, out: Path, recipe: Recipe, weights: Path, threads: int
) -> EmbedderNet:
    """Train for ``recipe.minutes``; leave ``checkpoint.pt`` and a line of figures a checkpoint in ``out``.

    The learning rate falls along a half cosine over the time given, so that a loaded machine ends as calmly
    as an idle one, only after fewer steps.
    """
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(threads)
    net = EmbedderNet(mobilenetv2(weights)).to(memory_format=torch.channels_last)
    maps, held_maps = (
        trunk_maps(net, part, out / f"{name}-maps.npy", threads)
        for name, part in (("train", data), ("held-out", held_out))
    )
    start_head(net, maps, data)
    _log(out, {"step": 0, "minutes": 0.0, **evaluate(net, held_maps, held_out)})
    torch.save(net.state_dict(), out / "checkpoint.pt")
    proxy = ProxyLoss(embed_maps(net, maps, np.flatnonzero(data.packshot)), recipe.scale, recipe.margin)
    optimiser = _optimiser(net, proxy, recipe)
    rates = [group["lr"] for group in optimiser.param_groups]
    rng = np.random.default_rng((recipe.seed, 11))
    start = saved = time.monotonic()
    mean_loss = 0.0
    for step, (packshots, crops) in enumerate(
        FamilyBatches(data, recipe.designs, recipe.crops, recipe.siblings, recipe.seed)
    ):
        done = (time.monotonic() - start) / (60 * recipe.minutes)
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * 0.5 * (1 + np.cos(np.pi * min(done, 1.0))) * min(1.0, (step + 1) / WARM_UP)
        batch = jitter(_read(maps, np.concatenate([packshots, crops])), rng)
        loss = _loss(net(batch), torch.from_numpy(data.design[packshots]), proxy, recipe)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimiser.step()
        mean_loss += 0.01 * (loss.item() - mean_loss)
        if done >= 1:
            break
        if time.monotonic() - saved > CHECKPOINT_EVERY:
            saved = time.monotonic()
            torch.save(net.state_dict(), out / "checkpoint.pt")
            figures = evaluate(net, held_maps, held_out)
            _log(out, {"step": step, "minutes": (saved - start) / 60, "loss": mean_loss, **figures})
    finish_head(net, maps, data)
    torch.save(net.state_dict(), out / "checkpoint.pt")
    _log(
        out,
        {"step": step, "minutes": recipe.minutes, "loss": mean_loss, **evaluate(net, held_maps, held_out)},
    )
    return net


def _loss(embeddings: Tensor, labels: Tensor, proxy: ProxyLoss, recipe: Recipe) -> Tensor:
    """Weighted sum of the three losses; the batch holds the packshots first, then each one's crops."""
    crop_labels = labels.repeat_interleave(recipe.crops)
    every = torch.cat([labels, crop_labels])
    packshots, crops = embeddings[: len(labels)], embeddings[len(labels) :]
    return (
        recipe.proxy * proxy(embeddings, every)
        + recipe.triplet * soft_margin_triplet(embeddings, every, 10.0)
        + recipe.reference * reference_loss(crops, crop_labels, packshots, labels, recipe.scale)
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


def _read(maps: NDArray[np.float16], rows: Rows) -> Tensor:
    return torch.from_numpy(np.asarray(maps[rows], np.float32)).contiguous(memory_format=torch.channels_last)


def start_head(net: EmbedderNet, maps: NDArray[np.float16], data: CropSet) -> None:
    """Start the linear layer where untrained features part the classes best.

    A random layer would send noise into the backbone, and the proxies would start as noise too.
    """
    features, labels = _sample_features(net, maps, data)
    matrix, bias = discriminant(features, labels, net.project.out_features)
    scale = 1 / np.linalg.norm(features @ matrix + bias, axis=1).mean()
    _set_layer(net, scale * matrix, scale * bias)


def finish_head(net: EmbedderNet, maps: NDArray[np.float16], data: CropSet) -> None:
    """Put the features' principal components in place of the trained layer; see ``principal``."""
    features, _ = _sample_features(net, maps, data)
    matrix = principal_layer(features, net.project.out_features)
    _set_layer(net, matrix, np.zeros(matrix.shape[1], np.float32))


@torch.no_grad()
def _sample_features(
    net: EmbedderNet, maps: NDArray[np.float16], data: CropSet
) -> tuple[NDArray[np.float32], Rows]:
    """Features and labels of SAMPLED_DESIGNS designs, the packshot and SAMPLED_CROPS crops of each."""
    views = len(data.design) // len(np.unique(data.design))
    step = max(1, len(np.unique(data.design)) // SAMPLED_DESIGNS)
    rows = (np.arange(0, len(data.design), views * step)[:, None] + np.arange(SAMPLED_CROPS + 1)).ravel()
    features = torch.cat([net.features(_read(maps, rows[i : i + 64])) for i in range(0, len(rows), 64)])
    return features.numpy(), data.design[rows]


@torch.no_grad()
def _set_layer(net: EmbedderNet, matrix: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
    net.project.weight.copy_(torch.from_numpy(matrix.T))
    net.project.bias.copy_(torch.from_numpy(bias))


@torch.no_grad()
def embed_maps(net: EmbedderNet, maps: NDArray[np.float16], rows: Rows) -> Tensor:
    """Embeddings (n, 256) of the given rows."""
    return torch.cat([net(_read(maps, rows[i : i + 64])) for i in range(0, len(rows), 64)])


def evaluate(net: EmbedderNet, maps: NDArray[np.float16], data: CropSet) -> dict[str, float]:
    """hit1, hit5, hit10 of held-out crops among the held-out designs' packshots."""
    embeddings = embed_maps(net, maps, np.arange(len(maps))).numpy()
    names = [f"{design:06d}" for design in data.design]
    shots = [name for name, is_shot in zip(names, data.packshot, strict=True) if is_shot]
    truth = [name for name, is_shot in zip(names, data.packshot, strict=True) if not is_shot]
    labels, similarities = label_similarities(embeddings[data.packshot], shots, embeddings[~data.packshot])
    return hits(labels, similarities, truth)


def _log(out: Path, line: dict[str, float]) -> None:
    with (out / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({k: round(v, 4) for k, v in line.items()}) + "\n")
