"""Every loss against a plain loop over its definition, on awkward batch sizes."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

import torch.nn.functional as F

from recognition.training.losses.margin import ProxyLoss, angular_margin
from recognition.training.losses.reference import reference_loss
from recognition.training.losses.triplet import soft_margin_distance, soft_margin_triplet


def unit(n: int, width: int = 8, seed: int = 0) -> torch.Tensor:
    return F.normalize(torch.randn(n, width, generator=torch.Generator().manual_seed(seed)), dim=1)


@pytest.mark.parametrize("n", [1, 5])
def test_proxy_loss_is_the_margin_softmax_written_out(n: int) -> None:
    scale, margin = 16.0, 0.25
    embeddings, proxies = unit(n), 3 * unit(7, seed=1)
    labels = torch.arange(n) % 7
    expected = 0.0
    for x, label in zip(embeddings, labels.tolist(), strict=True):
        angles = [math.acos(float(x @ p / p.norm())) for p in proxies]
        logits = [scale * math.cos(a + margin * (k == label)) for k, a in enumerate(angles)]
        expected += math.log(sum(math.exp(v) for v in logits)) - logits[label]

    got = ProxyLoss(proxies, scale, margin)(embeddings, labels)

    assert float(got) == pytest.approx(expected / n, rel=1e-4)


def test_angular_margin_never_rises_past_the_half_circle() -> None:
    own = torch.linspace(-1, 1, 201)[:, None]
    shifted = angular_margin(own, torch.zeros(201, dtype=torch.int64), 0.4)[:, 0]
    assert (shifted[1:] > shifted[:-1]).all()
    assert (shifted < own[:, 0]).all()


@pytest.mark.parametrize("labels", [[0, 0, 1, 1, 1, 2], [0, 1, 0]])
def test_soft_margin_triplet_takes_the_hardest_pairs(labels: list[int]) -> None:
    embeddings, scale = unit(len(labels), seed=3), 5.0
    terms = []
    for i, anchor in enumerate(labels):
        positives = [
            float(embeddings[i] @ embeddings[j]) for j, b in enumerate(labels) if b == anchor and j != i
        ]
        negatives = [float(embeddings[i] @ embeddings[j]) for j, b in enumerate(labels) if b != anchor]
        if positives and negatives:
            terms.append(math.log1p(math.exp(scale * (max(negatives) - min(positives)))))

    got = soft_margin_triplet(embeddings, torch.tensor(labels), scale)

    assert float(got) == pytest.approx(sum(terms) / len(terms), rel=1e-4)


@pytest.mark.parametrize("labels", [[0, 1, 2], [4, 4, 4]])
def test_without_triplets_the_loss_is_nothing(labels: list[int]) -> None:
    assert float(soft_margin_triplet(unit(3), torch.tensor(labels), 5.0)) == 0.0


def test_reference_loss_asks_each_crop_for_its_packshot() -> None:
    crops, packshots = unit(5, seed=4), unit(3, seed=5)
    labels, crop_labels = torch.tensor([9, 2, 7]), torch.tensor([7, 9, 9, 2, 7])
    expected = 0.0
    for crop, label in zip(crops, crop_labels.tolist(), strict=True):
        logits = [4.0 * float(crop @ p) for p in packshots]
        expected += math.log(sum(math.exp(v) for v in logits)) - logits[labels.tolist().index(label)]

    got = reference_loss(crops, crop_labels, packshots, labels, 4.0)

    assert float(got) == pytest.approx(expected / 5, rel=1e-4)


def test_distances_of_the_hardest_pairs_by_hand() -> None:
    # 0 and 1 are one product, 3 another: 0 is 1 from its own and 3 from the other, 1 is 1 and 2 away; 3 is
    # the only one of its product.
    got = soft_margin_distance(torch.tensor([[0.0], [1.0], [3.0]]), torch.tensor([5, 5, 8]))
    assert float(got) == pytest.approx((math.log1p(math.exp(-2)) + math.log1p(math.exp(-1))) / 2, rel=1e-5)


def test_equal_embeddings_have_a_slope() -> None:
    embeddings = torch.zeros(4, 3, requires_grad=True)
    soft_margin_distance(embeddings, torch.tensor([0, 0, 1, 1])).backward()
    assert torch.isfinite(embeddings.grad).all()
