"""Maximum entropy and distillation, worked by hand."""

from __future__ import annotations

import math

import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

import torch.nn.functional as F

from recognition.training.losses.distil import distil_logits, distil_similarities
from recognition.training.losses.entropy import entropy, maximum_entropy, with_maximum_entropy

LOGITS = torch.tensor([[math.log(3), 0.0], [0.0, 0.0]])
"""Of the probabilities (3/4, 1/4) and (1/2, 1/2)."""
H = (0.562335, 0.693147)


def test_entropy_is_that_of_the_probabilities() -> None:
    assert entropy(LOGITS).tolist() == pytest.approx(H, rel=1e-5)


def test_spread_is_rewarded_by_gamma() -> None:
    targets = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    # Divergences from one class: ln(4/3) and ln 2.
    expected = (0.287682 - 0.4 * H[0] + 0.693147 - 0.4 * H[1]) / 2
    assert float(maximum_entropy(LOGITS, targets, 0.4)) == pytest.approx(expected, rel=1e-5)


def test_a_soft_label_met_exactly_diverges_by_nothing() -> None:
    targets = torch.tensor([[0.75, 0.25], [0.5, 0.5]])
    assert float(maximum_entropy(LOGITS, targets, 0.0)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
def test_the_average_weighs_both_losses(weight: float) -> None:
    labels = torch.tensor([0, 1])
    likelihood = (0.287682 + 0.693147) / 2
    spread = (H[0] + H[1]) / 2
    expected = (1 - weight) * likelihood + weight * (likelihood - 0.5 * spread)
    assert float(with_maximum_entropy(LOGITS, labels, 0.5, weight)) == pytest.approx(expected, rel=1e-5)


def test_distilled_logits_by_hand() -> None:
    student, teacher = torch.zeros(1, 2), torch.tensor([[math.log(9), 0.0]])
    # At temperature 2 the teacher says (3/4, 1/4), the student (1/2, 1/2).
    divergence = 0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    assert float(distil_logits(student, teacher, 2.0)) == pytest.approx(4 * divergence, rel=1e-5)


def test_a_student_that_sees_the_same_likeness_has_nothing_to_learn() -> None:
    torch.manual_seed(0)
    teacher = F.normalize(torch.randn(5, 8), dim=1)
    turned = F.pad(teacher @ torch.linalg.qr(torch.randn(8, 8)).Q, (0, 3))  # another width, equal cosines
    assert float(distil_similarities(turned, teacher, 10.0)) == pytest.approx(0, abs=1e-5)
    other = F.normalize(torch.randn(5, 4), dim=1)
    assert float(distil_similarities(other, teacher, 10.0)) > 0.1
