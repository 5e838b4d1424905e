"""How well embeddings name products: retrieval hits and the telling apart of unknown products. No torch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.adapt import Progress, adapt
from recognition.calibrate import fit_acceptance
from recognition.stages.embed import Embedder, trim_packshot
from recognition.types import FloatArray, ImageArray

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
Locate = Callable[[ImageArray], ImageArray]
"""Finds the product in a photo and returns its crop."""


def label_similarities(
    gallery: FloatArray, gallery_labels: Sequence[str], queries: FloatArray
) -> tuple[list[str], FloatArray]:
    """Best similarity of each query to each label's references.

    gallery: (m, width), queries: (n, width), unit vectors. Returns the k labels, sorted, and (n, k).
    """
    labels = sorted(set(gallery_labels))
    members = np.asarray(gallery_labels)
    similarities = queries @ gallery.T
    best = [similarities[:, members == label].max(axis=1) for label in labels]
    return labels, np.stack(best, axis=1)


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


def evaluate_folders(
    embedder: Embedder,
    gallery: Path,
    queries: Path,
    *,
    unknown: Path | None = None,
    locate: Locate | None = None,
    adapted: bool = True,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Evaluate on ``gallery/<label>/*.jpg`` and ``queries/<label>/*.jpg``.

    ``hit1`` and so on judge the whole stack: the general embedding or, with ``adapted``, that of a head
    adapted to the gallery if it proves better on renderings held back. ``embedding`` judges the general one
    alone. ``unknown`` is a folder of pictures of products outside the gallery. Raises ValueError for an
    empty folder.
    """
    packshots = {label: [trim_packshot(p) for p in shots] for label, shots in read_labelled(gallery).items()}
    crops, truth = _flatten(read_labelled(queries))
    crops = [locate(crop) for crop in crops] if locate else crops
    references, reference_labels = _flatten(packshots)

    head = adapt(embedder, packshots, progress=progress) if adapted else None
    seen_references, start = embedder.run(references), time.perf_counter()
    seen = embedder.run(crops)
    labels, general = label_similarities(seen_references.embedding, reference_labels, seen.embedding)
    elapsed = time.perf_counter() - start
    whole = general
    if head is not None and head.better:
        project = head.project
        labels, whole = label_similarities(
            project(seen_references.features), reference_labels, project(seen.features)
        )
    figures: dict[str, Any] = hits(labels, whole, truth)
    figures["embedding"] = hits(labels, general, truth)
    if unknown is not None:
        others = embedder.run([read_rgb(file) for file in pictures(unknown)])
        others_in = head.project(others.features) if head and head.better else others.embedding
        refs_in = (
            head.project(seen_references.features) if head and head.better else seen_references.embedding
        )
        _, strange = label_similarities(refs_in, reference_labels, others_in)
        figures["unknown"] = unknown_figures(whole.max(axis=1), strange.max(axis=1))
    return figures | {
        "gallery_images": len(references),
        "gallery_labels": len(labels),
        "queries": len(truth),
        "ms_per_query": 1000 * elapsed / len(truth),
    }


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
