"""Are stated chances to be believed, and are strangers told apart? Judged as the product judges. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.adapt import Progress, adapt
from recognition.calibrate import STRANGERS, fit_evidence
from recognition.stages.accept import KEPT_CANDIDATES, Acceptance, evidence, rule_of
from recognition.stages.embed import Embedder, trim_packshot
from recognition.stages.keypoints import Finder
from recognition.stages.retrieve import NumpyGallery
from recognition.training.evaluate.calibration import expected_calibration_error, open_set, reliability
from recognition.training.evaluate.matching import Matching
from recognition.training.evaluate.recognition import calibrate_folders, pictures, read_labelled, read_rgb
from recognition.types import Candidate, FacingStatus

Found = Sequence[Sequence[Candidate]]


@dataclass(frozen=True, slots=True)
class Named:
    """A set of pictures with the candidates that were found for each.

    known: of products in the gallery, with their true labels. unknown: of products outside it. rule: what the
    head or the embedder brings along to judge them by.
    """

    known: Found
    truth: Sequence[str]
    unknown: Found
    rule: Mapping[str, float]

    def right(self) -> NDArray[np.bool_]:
        """(known + unknown,) whether the first candidate is the product."""
        first = [candidates[0].sku == label for candidates, label in zip(self.known, self.truth, strict=True)]
        return np.array(first + [False] * len(self.unknown))

    def weights(self) -> NDArray[np.float64]:
        """(known + unknown,) weights under which STRANGERS of all are unknown; their sum is 1."""
        known, unknown = len(self.known), len(self.unknown)
        return np.repeat([(1 - STRANGERS) / known, STRANGERS / unknown], [known, unknown])


def name_folder(
    embedder: Embedder,
    folder: Path,
    finder: Finder | None = None,
    adapted: bool = True,
    progress: Progress | None = None,
) -> Named:
    """Name the pictures of ``queries/`` and ``unknown/`` of ``folder`` by the packshots of its ``gallery/``.

    finder: of key points, for re-ranking close calls. adapted: with a head adapted to the gallery, if it is
    better. Raises ValueError for an empty folder.
    """
    packshots = {
        label: [trim_packshot(shot) for shot in shots]
        for label, shots in read_labelled(folder / "gallery").items()
    }
    shots = [(label, shot) for label, found in packshots.items() for shot in found]
    head = adapt(embedder, packshots, progress=progress) if adapted else None
    head = head if head is not None and head.better else None
    matching = Matching(finder, [shot for _, shot in shots]) if finder else None

    def embed(crops: Sequence[Any]) -> Any:
        seen = embedder.run(crops)
        return head.project(seen.features) if head else seen.embedding

    gallery = NumpyGallery(
        embed([shot for _, shot in shots]),
        [label for label, _ in shots],
        [str(number) for number in range(len(shots))],
    )

    def name(crops: Sequence[Any]) -> Found:
        found = gallery.search(embed(crops), KEPT_CANDIDATES)
        return matching.rerank(crops, found) if matching else found

    queries = [(label, crop) for label, crops in read_labelled(folder / "queries").items() for crop in crops]
    return Named(
        name([crop for _, crop in queries]),
        [label for label, _ in queries],
        name([read_rgb(file) for file in pictures(folder / "unknown")]),
        rule_of(embedder.entry.settings["acceptance"], head.acceptance if head else None),
    )


def calibrate(embedder: Embedder, finder: Finder, folders: Sequence[Path]) -> dict[str, float]:
    """An embedder's acceptance rule.

    The rule of the general embedding is fitted on the first folder, what evidence adds on all of them, each
    with a head adapted to its gallery.
    """
    rule = calibrate_folders(embedder, folders[0])
    return rule | evidence_rule([name_folder(embedder, folder, finder) for folder in folders])


def evidence_rule(sets: Sequence[Named]) -> dict[str, float]:
    """How re-ranking's evidence changes the rule, fitted on pictures that it looked at; sets count alike."""
    scores, seen, right, weights = zip(*(_looked_at(named) for named in sets), strict=True)
    weight = np.concatenate(weights)
    return fit_evidence(
        np.concatenate(scores), np.concatenate(seen), np.concatenate(right), weight / weight.sum()
    )


def _looked_at(named: Named) -> tuple[NDArray[np.float64], ...]:
    """Scores without evidence, evidence, rightness and weights of the pictures that re-ranking looked at."""
    rule = Acceptance.from_settings({k: v for k, v in named.rule.items() if not k.startswith("evidence")})
    every = [*named.known, *named.unknown]
    seen = [evidence(candidates) for candidates in every]
    chosen = np.array([s is not None for s in seen])
    return (
        np.array([rule.score(candidates) for candidates in every])[chosen],
        np.array([s for s in seen if s is not None], np.float64),
        named.right()[chosen].astype(np.float64),
        named.weights()[chosen],
    )


def figures(named: Named) -> dict[str, Any]:
    """auroc and false_accept_at_95 by the stated chance; calibration_error and reliability with STRANGERS of
    all weighted unknown; share of the known that is named and accepted, how much of that is right, and share
    of the unknown that is."""
    rule = Acceptance.from_settings(named.rule)
    every = [*named.known, *named.unknown]
    chance = np.array([rule.chance(candidates) for candidates in every])
    status = np.array([rule.judge(candidates).status for candidates in every])
    right, known = named.right(), len(named.known)
    weights = named.weights()
    result: dict[str, Any] = {
        "known": known,
        "unknown": len(named.unknown),
        "hit1": float(right[:known].mean()),
        **open_set(chance[:known], chance[known:]),
        "calibration_error": expected_calibration_error(chance, right, weights=weights),
        "reliability": [bar._asdict() for bar in reliability(chance, right, weights=weights)],
    }
    for word, taken in (
        ("named", status != FacingStatus.UNKNOWN),
        ("accepted", status == FacingStatus.ACCEPTED),
    ):
        mine = taken[:known]
        result[word] = float(mine.mean())
        result[f"{word}_right"] = float(right[:known][mine].mean()) if mine.any() else 0.0
        result[f"{word}_unknown"] = float(taken[known:].mean())
    return result
