"""The table's rows, each the one before with one thing changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from recognition.stages.keypoints import Finder
from recognition.training.ablation.matching import find, matching_ranks
from recognition.training.ablation.table import Ranks
from recognition.training.pictures.sources import Labelled
from recognition.training.recipes.classifier import Recipe, ranks, train_classifier


@dataclass(frozen=True, slots=True)
class Setting:
    """One set of training pictures: the seed that chose them and starts the net."""

    seed: int
    train: Labelled


def few(pictures: Labelled, shots: int | None, seeds: Sequence[int]) -> list[Setting]:
    """For each seed ``shots`` pictures of every product, or all of them; fewer where there are fewer."""
    settings = []
    for seed in seeds:
        rng = np.random.default_rng((seed, 5))
        members = [np.flatnonzero(pictures.label == label) for label in range(len(pictures.names))]
        rows = np.concatenate([np.sort(rng.permutation(rows)[:shots]) for rows in members])
        settings.append(Setting(seed, pictures.take(rows)))
    return settings


def recipes(
    base: Recipe, weights: Mapping[str, Path | None], concepts: int, entropy: float
) -> dict[str, Recipe]:
    """Recipes by the name of their row: each of ``weights``, then the tricks on top of the last of them."""
    plain = {name: replace(base, weights=file) for name, file in weights.items()}
    name = list(plain)[-1]
    local = replace(plain[name], concepts=concepts)
    return plain | {
        f"{name} + local concepts": local,
        f"{name} + local concepts + maximum entropy": replace(local, entropy=entropy),
    }


def matched(finder: Finder, settings: Sequence[Setting], test: Labelled) -> list[Ranks]:
    """Ranks of the key-point row, for each setting."""
    seen = find(finder, test)
    return [
        matching_ranks(find(finder, setting.train), setting.train.label, seen, test.label)
        for setting in settings
    ]


def trained(
    recipe: Recipe, settings: Sequence[Setting], test: Labelled, device: torch.device
) -> Iterator[Ranks]:
    """Ranks of one recipe's row, setting by setting."""
    for setting in settings:
        net = train_classifier(setting.train, replace(recipe, seed=setting.seed), device)
        yield ranks(net, test, recipe.size, device)
