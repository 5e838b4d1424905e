from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from torch import Tensor

from recognition.training.detector.boxes import generalised_iou, pairwise_iou
from recognition.training.detector.losses import (
    BOX_WEIGHT,
    Truth,
    assign,
    detection_loss,
    edge_loss,
)
from recognition.training.detector.model import anchor_centres

SIDE = 64
CENTRES = anchor_centres(SIDE, SIDE)


def predictions(seed: int, sizes: tuple[float, float] = (16, 16)) -> Tensor:
    """Boxes around every anchor, with random scores."""
    generator = torch.Generator().manual_seed(seed)
    half = torch.tensor(sizes) / 2
    jitter = torch.rand(len(CENTRES), 2, generator=generator) * 4
    logits = torch.randn(len(CENTRES), 3, generator=generator)
    return torch.cat([CENTRES - half + jitter, CENTRES + half + jitter, logits], dim=1)


def truth(*boxes: list[float], ignore: list[list[float]] | None = None) -> Truth:
    return truth_of([0] * len(boxes), *boxes, ignore=ignore)


def truth_of(
    kinds: list[int],
    *boxes: list[float],
    ignore: list[list[float]] | None = None,
    known: tuple[bool, bool, bool] = (True, True, True),
    edges: Tensor | None = None,
) -> Truth:
    return Truth(
        torch.tensor(boxes).reshape(-1, 4),
        torch.tensor(ignore or []).reshape(-1, 4),
        torch.tensor(kinds, dtype=torch.int64),
        torch.tensor(known),
        edges,
    )


def products(boxes: Tensor) -> Tensor:
    return torch.zeros(len(boxes), dtype=torch.int64)


def test_overlaps_by_hand() -> None:
    first = torch.tensor([[0.0, 0, 10, 10]])
    apart = torch.tensor([[20.0, 0, 30, 10]])

    assert pairwise_iou(first, torch.tensor([[5.0, 0, 15, 10]])).item() == pytest.approx(1 / 3)
    assert generalised_iou(first, first).item() == pytest.approx(1)
    assert generalised_iou(first, apart).item() == pytest.approx(-1 / 3)


def test_every_box_gets_anchors_of_its_own_inside_it() -> None:
    boxes = torch.tensor([[4.0, 4, 24, 24], [24.0, 4, 44, 24], [4.0, 30, 60, 60]])

    index, target = assign(predictions(1), CENTRES, boxes, products(boxes))

    for number, box in enumerate(boxes):
        answering = CENTRES[index == number]
        assert 1 <= len(answering) <= 10
        assert ((answering > box[:2]) & (answering < box[2:])).all()
    assert (target[index < 0] == 0).all()
    assert (target[index >= 0] > 0).all()


def test_the_best_anchor_should_score_its_boxes_best_overlap() -> None:
    rows = predictions(2)
    boxes = torch.tensor([[4.0, 4, 24, 24], [30.0, 30, 50, 58]])

    index, target = assign(rows, CENTRES, boxes, products(boxes))

    for number in range(len(boxes)):
        overlaps = pairwise_iou(rows[index == number, :4], boxes[number][None])
        assert target[index == number].max().item() == pytest.approx(overlaps.max().item(), rel=1e-5)


def test_a_box_between_anchors_costs_nothing_and_breaks_nothing() -> None:
    boxes = torch.tensor([[5.0, 5, 11, 11], [0.5, 0.5, 2, 2]])

    index, target = assign(predictions(3), CENTRES, boxes, products(boxes))

    assert not (index == 1).any()
    assert torch.isfinite(target).all()


def test_a_batch_costs_what_its_pictures_cost_weighted_by_their_targets() -> None:
    """Awkward mix: many boxes, none, one with an ignore region."""
    rows = torch.stack([predictions(4), predictions(5), predictions(6)])
    truths = [
        truth([2, 2, 22, 22], [22, 2, 40, 30], [5, 40, 60, 62]),
        truth(),
        truth([10, 10, 40, 40], ignore=[[40, 40, 64, 64]]),
    ]
    single = [detection_loss(rows[i : i + 1], CENTRES, truths[i : i + 1]) for i in range(3)]
    targets = [
        float(assign(r, CENTRES, t.boxes, t.kinds)[1].sum()) for r, t in zip(rows, truths, strict=True)
    ]
    masses = [max(1.0, target) for target in targets]
    whole = sum(targets)

    together = detection_loss(rows, CENTRES, truths)

    for name in ("score", "box"):
        expected = sum(float(loss[name]) * mass for loss, mass in zip(single, masses, strict=True)) / whole
        assert float(together[name]) == pytest.approx(expected, rel=1e-5)
    assert float(together["total"]) == pytest.approx(
        float(together["score"]) + BOX_WEIGHT * float(together["box"]), rel=1e-6
    )


def test_ignore_regions_give_no_gradient() -> None:
    rows = predictions(7)[None].requires_grad_()

    detection_loss(rows, CENTRES, [truth(ignore=[[0, 0, 32, 64]])])["total"].backward()

    assert rows.grad is not None
    silent = CENTRES[:, 0] < 32
    assert (rows.grad[0, silent, 4:] == 0).all()
    assert (rows.grad[0, ~silent, 4:] > 0).all()


def test_kinds_that_are_not_labelled_give_no_gradient() -> None:
    rows = predictions(8)[None].requires_grad_()

    detection_loss(rows, CENTRES, [truth_of([], known=(True, False, True))])["total"].backward()

    assert rows.grad is not None
    assert (rows.grad[0, :, 5] == 0).all()
    assert (rows.grad[0, :, [4, 6]] > 0).all()


def test_a_box_teaches_the_score_of_its_kind_and_denies_the_others() -> None:
    rows = predictions(9, (32, 32))[None].requires_grad_()

    losses = detection_loss(rows, CENTRES, [truth_of([1], [8, 8, 40, 40])])
    losses["score"].backward()

    assert rows.grad is not None
    index, _ = assign(rows[0].detach(), CENTRES, torch.tensor([[8.0, 8, 40, 40]]), torch.tensor([1]))
    assert (rows.grad[0, :, [4, 6]] > 0).all()
    assert (rows.grad[0, index == 0, 5] < 0).any()
    assert (rows.grad[0, index < 0, 5] > 0).all()


def test_edge_maps_are_learnt_where_they_are_labelled() -> None:
    wanted = torch.zeros(8, 8)
    wanted[5] = 1.0
    logits = torch.zeros(2, 8, 8, requires_grad=True)

    edge_loss(logits, [truth_of([], edges=wanted), truth_of([])]).backward()

    assert logits.grad is not None
    assert (logits.grad[0, 5] < 0).all()
    assert (logits.grad[0, :5] > 0).all()
    assert (logits.grad[1] == 0).all()
    assert float(edge_loss(logits.detach(), [truth_of([])] * 2)) == 0


def test_perfect_predictions_cost_almost_nothing() -> None:
    box = torch.tensor([[8.0, 8, 40, 40]])
    rows = torch.cat([box.expand(len(CENTRES), 4), torch.full((len(CENTRES), 3), -12.0)], dim=1)
    index, _ = assign(rows, CENTRES, box, products(box))
    rows[index == 0, 4] = 12.0

    losses = detection_loss(rows[None], CENTRES, [truth(box[0].tolist())])

    assert float(losses["box"]) == pytest.approx(0, abs=1e-5)
    assert float(losses["score"]) == pytest.approx(0, abs=1e-3)
