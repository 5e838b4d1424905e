"""What the detector learns: which anchors answer for which box, how sure, and how tight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from recognition.training.detector.boxes import generalised_iou, pairwise_iou

TOP = 10
"""Anchors that answer for one box at most."""
SCORE_POWER, OVERLAP_POWER = 1.0, 6.0
BOX_WEIGHT = 2.5
EDGE_WEIGHT = 0.5
KIND_WEIGHTS = (1.0, 0.5, 0.5)
"""Products matter most; see ``KINDS``."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is on one picture, in its pixels.

    boxes: (n, 4). ignore: (m, 4) regions not judged. kinds: (n,) int64, rows of ``KINDS``. known: (kinds,)
    bool, which kinds are labelled. edges: (h / 8, w / 8) float32, 1 where a board's front edge runs, else 0;
    None if they are not labelled.
    """

    boxes: Tensor
    ignore: Tensor
    kinds: Tensor
    known: Tensor
    edges: Tensor | None = None

    def to(self, device: torch.device) -> Truth:
        """The same on another device."""
        edges = None if self.edges is None else self.edges.to(device)
        boxes, ignore = self.boxes.to(device), self.ignore.to(device)
        return Truth(boxes, ignore, self.kinds.to(device), self.known.to(device), edges)


def inside(centres: Tensor, boxes: Tensor) -> Tensor:
    """Say which centres (a, 2) lie in which boxes (n, 4): bool (a, n)."""
    x, y = centres[:, None, 0], centres[:, None, 1]
    return (x > boxes[:, 0]) & (y > boxes[:, 1]) & (x < boxes[:, 2]) & (y < boxes[:, 3])


@torch.no_grad()
def assign(predicted: Tensor, centres: Tensor, boxes: Tensor, kinds: Tensor) -> tuple[Tensor, Tensor]:
    """Choose the anchors that answer for each box (task-aligned assignment, Feng et al., "TOOD", 2021).

    An anchor's alignment with a box its centre lies in is score x IoU^6; the ten best answer for the box, and
    an anchor wanted by two boxes takes the one it overlaps more.

    predicted: (a, 4 + kinds) box and score logits. centres: (a, 2). boxes: (n, 4). kinds: (n,), see Truth.
    Returns the box's index of each anchor, (a,) int64, -1 for none, and the score it should have for that
    box's kind, (a,) 0..1: its alignment, scaled so that the best anchor of a box should score that box's best
    IoU.
    """
    index = predicted.new_full((len(predicted),), -1, dtype=torch.int64)
    target = predicted.new_zeros(len(predicted))
    if not len(boxes):
        return index, target
    near = inside(centres, boxes).any(dim=1).nonzero()[:, 0]
    overlap = pairwise_iou(predicted[near, :4], boxes) * inside(centres[near], boxes)
    scores = predicted[near, 4:].sigmoid()[:, kinds]
    alignment = scores**SCORE_POWER * overlap**OVERLAP_POWER
    best, chosen = alignment.topk(min(TOP, len(near)), dim=0)
    answers = torch.zeros_like(overlap, dtype=torch.bool).scatter_(0, chosen, best > 0)
    overlap = overlap * answers
    alignment = alignment * answers
    quality, owner = overlap.max(dim=1)
    alignment = alignment * functional.one_hot(owner, len(boxes))
    scale = overlap.amax(dim=0) / alignment.amax(dim=0).clamp(min=1e-12)
    index[near] = torch.where(quality > 0, owner, -1)
    target[near] = (alignment * scale).amax(dim=1)
    return index, target


def detection_loss(predicted: Tensor, centres: Tensor, truths: Sequence[Truth]) -> dict[str, Tensor]:
    """Return the losses of a batch: ``score``, ``box`` and their weighted sum ``total``.

    Score: quality focal loss (Li et al., 2020) on every anchor that is not silent in an ignore region, for
    the kinds that are labelled. Box: 1 - generalised IoU, weighted by the score target. Both weigh kinds by
    KIND_WEIGHTS and are divided by the batch's sum of score targets. predicted: (b, a, 4 + kinds) box and
    score logits. centres: (a, 2). truths: one for each picture.
    """
    weights = predicted.new_tensor(KIND_WEIGHTS)
    score_sum = predicted.new_zeros(())
    box_sum = predicted.new_zeros(())
    mass = predicted.new_zeros(())
    for rows, truth in zip(predicted, truths, strict=True):
        index, target = assign(rows, centres, truth.boxes, truth.kinds)
        answering = index >= 0
        kinds = truth.kinds[index[answering]]
        wanted = torch.zeros_like(rows[:, 4:])
        wanted[answering, kinds] = target[answering]
        judged = ~(inside(centres, truth.ignore).any(dim=1) & ~answering)
        logits, wanted = rows[judged, 4:], wanted[judged]
        cross_entropy = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        costs = (wanted - logits.sigmoid()).square() * cross_entropy
        score_sum = score_sum + (costs * (weights * truth.known)).sum()
        tightness = generalised_iou(rows[answering, :4], truth.boxes[index[answering]])
        box_sum = box_sum + ((1 - tightness) * target[answering] * weights[kinds]).sum()
        mass = mass + (target[answering] * weights[kinds]).sum()
    mass = mass.clamp(min=1.0)
    score, box = score_sum / mass, box_sum / mass
    return {"score": score, "box": box, "total": score + BOX_WEIGHT * box}


def edge_loss(logits: Tensor, truths: Sequence[Truth]) -> Tensor:
    """Focal loss (Lin et al., 2017) of the edge maps (b, h, w) that are labelled, a cell of an edge."""
    pairs = [(row, truth.edges) for row, truth in zip(logits, truths, strict=True) if truth.edges is not None]
    if not pairs:
        return logits.sum() * 0.0
    rows, wanted = (torch.stack(part) for part in zip(*pairs, strict=True))
    cross_entropy = functional.binary_cross_entropy_with_logits(rows, wanted, reduction="none")
    cost = (wanted - rows.sigmoid()).square() * cross_entropy
    return cost.sum() / wanted.sum().clamp(min=1.0)
