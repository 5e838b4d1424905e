"""How well products are named: retrieval, re-ranking and the telling apart of unknown products. No torch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.adapt import Progress, adapt
from recognition.calibrate import fit_acceptance
from recognition.stages.embed import Embedder, trim_packshot
from recognition.stages.keypoints import Finder
from recognition.stages.locate import scene_vectors
from recognition.stages.rerank import DEPTH
from recognition.stages.retrieve import NumpyGallery
from recognition.training.evaluate.matching import Matching
from recognition.types import Candidate, FloatArray, ImageArray

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")

Inspect = Callable[
    [Sequence[ImageArray], Sequence[str], Sequence[str], FloatArray, Sequence[ImageArray], Sequence[str]],
    None,
]
"""Gets n queries with their truth, k labels with their (n, k) scores, and m references with their labels."""


def label_similarities(
    gallery: FloatArray, gallery_labels: Sequence[str], queries: FloatArray
) -> tuple[list[str], FloatArray]:
    """Best similarity of each query to each label's references.

    gallery: (m, width), queries: (n, width), unit vectors. Returns the k labels, sorted, and (n, k).
    """
    labels = sorted(set(gallery_labels))
    return labels, _by_label(labels, gallery_labels, queries @ gallery.T)


def hits(labels: Sequence[str], similarities: FloatArray, truth: Sequence[str]) -> dict[str, float]:
    """Share of queries (0..1) whose true label is among the 1, 5 and 10 most similar.

    similarities: (n, k) as ``label_similarities`` gives them. A label tied with the true one counts as ranked
    before it, so that a constant similarity scores nothing.
    """
    index = {label: i for i, label in enumerate(labels)}
    missing = sorted(set(truth) - set(index))
    if missing:
        raise ValueError(f"queries of labels the gallery lacks: {', '.join(missing[:5])}")
    own = similarities[np.arange(len(truth)), [index[label] for label in truth]]
    rank = (similarities >= own[:, None]).sum(axis=1) - 1
    return {f"hit{k}": float((rank < k).mean()) for k in (1, 5, 10)}


def unknown_figures(known: NDArray[np.floating], unknown: NDArray[np.floating]) -> dict[str, float]:
    """How well a score tells queries of the catalogue from others.

    known, unknown: scores, higher means "in the catalogue". auroc: the chance that a known query scores above
    an unknown one, ties half. false_accept_at_95: share of unknown queries accepted by the threshold that
    accepts 95 % of the known.
    """
    below = np.searchsorted(np.sort(unknown), known, side="left").sum()
    not_above = np.searchsorted(np.sort(unknown), known, side="right").sum()
    threshold = np.quantile(known, 0.05, method="lower")
    return {
        "auroc": float((below + not_above) / 2 / (len(known) * len(unknown))),
        "false_accept_at_95": float((unknown >= threshold).mean()),
    }


@dataclass(frozen=True, slots=True)
class Options:
    """How ``evaluate_folders`` names queries.

    finder: of key points, for re-ranking; None for retrieval alone. scenes: queries show the product
    somewhere, not cut out. adapted: with a head adapted to the gallery, if it proves better on renderings
    held back; it is made for crops and does not serve for scenes. baselines: key points alone, too.
    """

    finder: Finder | None = None
    scenes: bool = False
    adapted: bool = True
    baselines: bool = False


def evaluate_folders(
    embedder: Embedder,
    gallery: Path,
    queries: Path,
    options: Options = Options(),
    *,
    unknown: Path | None = None,
    progress: Progress | None = None,
    inspect: Inspect | None = None,
) -> dict[str, Any]:
    """Evaluate on ``gallery/<label>/*.jpg`` and ``queries/<label>/*.jpg``.

    ``hit1`` and so on judge the whole stack, ``embedding`` retrieval by the general embedding alone,
    ``matching`` (with ``baselines``) key points alone against the whole gallery. ``unknown`` is a folder of
    pictures of products outside the gallery. ``inspect`` sees what the figures are made of. Raises ValueError
    for an empty folder.
    """
    packshots = {label: [trim_packshot(p) for p in shots] for label, shots in read_labelled(gallery).items()}
    pictures_of, truth = _flatten(read_labelled(queries))
    references, names = _flatten(packshots)
    fitted = options.adapted and not options.scenes
    head = adapt(embedder, packshots, progress=progress) if fitted else None
    head = head if head is not None and head.better else None

    def vectors(shown: Sequence[ImageArray], scenes: bool = False) -> tuple[FloatArray, FloatArray]:
        if scenes:
            return (means := scene_vectors(shown, embedder.embed)), means
        seen = embedder.run(shown)
        return seen.embedding, head.project(seen.features) if head else seen.embedding

    general_index, index = vectors(references)
    matching = Matching(options.finder, references) if options.finder else None
    start = time.perf_counter()
    general, whole = vectors(pictures_of, options.scenes)
    labels, similarities = label_similarities(index, names, whole)
    ranked = similarities
    if matching is not None:
        found = NumpyGallery(index, names, [str(i) for i in range(len(names))]).search(whole, DEPTH)
        reorder = matching.locate if options.scenes else matching.rerank
        ranked = reordered(labels, similarities, reorder(pictures_of, found))
    elapsed = time.perf_counter() - start
    if inspect is not None:
        inspect(pictures_of, truth, labels, ranked, references, names)
    figures: dict[str, Any] = hits(labels, ranked, truth)
    figures["embedding"] = hits(labels, label_similarities(general_index, names, general)[1], truth)
    if unknown is not None:
        _, strange = label_similarities(index, names, vectors([read_rgb(f) for f in pictures(unknown)])[1])
        figures["unknown"] = unknown_figures(similarities.max(axis=1), strange.max(axis=1))
    if matching is not None and options.baselines:
        figures["matching"] = {
            name: hits(labels, _by_label(labels, names, inliers), truth)
            for name, inliers in matching.alone(pictures_of, options.scenes).items()
        }
    return figures | {
        "gallery_images": len(references),
        "gallery_labels": len(labels),
        "queries": len(truth),
        "ms_per_query": 1000 * elapsed / len(truth),
    }


def _by_label(labels: Sequence[str], names: Sequence[str], scores: FloatArray) -> FloatArray:
    """(n, k) best score of each label's references, of (n, m) scores by reference."""
    members = np.asarray(names)
    return np.stack([scores[:, members == label].max(axis=1) for label in labels], axis=1)


def reordered(
    labels: Sequence[str], similarities: FloatArray, found: Sequence[Sequence[Candidate]]
) -> FloatArray:
    """The (n, k) similarities with the candidates of each query before all other labels, in their order."""
    index = {label: i for i, label in enumerate(labels)}
    result = similarities.copy()
    for row, candidates in zip(result, found, strict=True):
        for rank, candidate in enumerate(candidates):
            row[index[candidate.sku]] = 2 + len(candidates) - rank
    return result


def calibrate_folders(embedder: Embedder, folder: Path) -> dict[str, float]:
    """Acceptance rule of the general embedding, fitted on a folder's gallery/, queries/ and unknown/."""
    references, reference_labels = _flatten(read_labelled(folder / "gallery"))
    crops, truth = _flatten(read_labelled(folder / "queries"))
    gallery = embedder.embed([trim_packshot(packshot) for packshot in references])
    labels, known = label_similarities(gallery, reference_labels, embedder.embed(crops))
    strangers = embedder.embed([read_rgb(file) for file in pictures(folder / "unknown")])
    _, unknown = label_similarities(gallery, reference_labels, strangers)
    return fit_acceptance(known, [labels.index(label) for label in truth], unknown)


def read_labelled(folder: Path) -> dict[str, list[ImageArray]]:
    """RGB pictures of each sub-folder of ``folder``, by its name. Raises ValueError if there are none."""
    found = {sub.name: pictures(sub) for sub in sorted(folder.iterdir()) if sub.is_dir()}
    labelled = {label: [read_rgb(file) for file in files] for label, files in found.items() if files}
    if not labelled:
        raise ValueError(f"{folder}: expected folders named as labels with pictures in them, found none")
    return labelled


def pictures(folder: Path) -> list[Path]:
    """Picture files of a folder and all below it, sorted."""
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)


def read_rgb(file: Path) -> ImageArray:
    """Read a picture as RGB uint8; raise ValueError if it is none."""
    picture = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise ValueError(f"{file} is not a picture that can be read")
    return np.asarray(picture, np.uint8)


def _flatten(labelled: dict[str, list[ImageArray]]) -> tuple[list[ImageArray], list[str]]:
    items = [(picture, label) for label, found in labelled.items() for picture in found]
    return [picture for picture, _ in items], [label for _, label in items]
