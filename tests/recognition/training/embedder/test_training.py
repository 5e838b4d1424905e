"""The parts of a training run: batches, the start of the linear layer, crops on disk, a very short run."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training.backbones import mobilenetv2
from recognition.training.embedder import SIZE
from recognition.training.embedder.data import CropSet, rendered_designs, write_crops
from recognition.training.embedder.discriminant import discriminant
from recognition.training.embedder.heads import EmbedderNet, normalise
from recognition.training.embedder.maps import TrunkMaps
from recognition.training.embedder.sampler import FamilyBatches
from recognition.training.embedder.train import Recipe, start_head, train
from tests.recognition.training.test_backbones import WEIGHTS, needs_shared

DESIGNS = 56
"""With five crops each, more rows than the embedding has numbers."""


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> CropSet:
    return write_crops(
        tmp_path_factory.mktemp("crops"), rendered_designs(1, DESIGNS, ()), DESIGNS, views=4, seed=0
    )


def test_a_design_is_a_packshot_and_its_crops(crops: CropSet) -> None:
    assert crops.crops.shape == (DESIGNS * 5, SIZE, SIZE, 3)
    assert crops.packshot.reshape(DESIGNS, 5).sum(axis=1).tolist() == [1] * DESIGNS
    assert crops.packshot[::5].all()
    assert (crops.design.reshape(DESIGNS, 5) == np.arange(DESIGNS)[:, None]).all()
    assert len(np.unique(crops.family)) < DESIGNS  # variants share their family
    assert all(crop.std() > 3 for crop in crops.crops)


def test_batches_pair_packshots_with_their_own_crops(crops: CropSet) -> None:
    for packshots, views in islice(FamilyBatches(crops, designs=4, crops=3, siblings=2, seed=5), 12):
        assert crops.packshot[packshots].all()
        assert not crops.packshot[views].any()
        assert (crops.design[views].reshape(4, 3) == crops.design[packshots][:, None]).all()
        assert len(set(views.tolist())) == 12
        assert max(np.bincount(crops.family[packshots])) <= 2


def test_the_discriminant_ignores_what_varies_within_classes() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(6), 30)
    features = rng.normal(0, [0.1, 5.0, 0.1], (180, 3)).astype(np.float32)
    features[:, 0] += labels  # the classes differ along the first axis alone
    matrix, bias = discriminant(features, labels, width=1)
    direction = np.abs(matrix[:, 0])
    assert direction[0] > 20 * direction[1]
    projected = features @ matrix + bias
    assert abs(projected.mean()) < 0.1 * projected.std()


@needs_shared
def test_a_short_run_leaves_a_checkpoint_and_its_figures(crops: CropSet, tmp_path: Path) -> None:
    net = EmbedderNet(mobilenetv2(WEIGHTS))
    data = TrunkMaps(net, [crops, crops], threads=1)
    start_head(net, data)
    train(data, TrunkMaps(net, [crops], threads=1), net, tmp_path, Recipe(0.02, designs=4, crops=2), 1)
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[0]["step"] == 0
    assert lines[-1]["step"] >= 0
    assert 0 <= lines[-1]["hit1"] <= lines[-1]["hit10"] <= 1
    assert "project.weight" in torch.load(tmp_path / "checkpoint.pt", weights_only=True)


@needs_shared
def test_maps_of_several_sets_are_read_as_one(crops: CropSet) -> None:
    net = EmbedderNet(mobilenetv2(WEIGHTS))
    maps = TrunkMaps(net, [crops, crops], threads=1)
    both = maps.read(np.array([3, len(crops.crops) + 3, 7]))
    assert len(maps) == 2 * len(crops.crops)
    assert torch.equal(both[0], both[1])
    assert not torch.equal(both[0], both[2])
    assert maps.labels.design[-1] == 2 * DESIGNS - 1
    with torch.no_grad():
        expected = net.trunk(normalise(torch.from_numpy(crops.crops[3:4].copy())))
    assert torch.allclose(both[:1], expected, atol=0.02)
