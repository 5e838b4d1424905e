"""Adapting the embedder to a catalogue: minutes on a CPU, from one packshot a product.

Every packshot is rendered many times as a shelf might show it (turned, cut off, blurred, badly lit), and one
linear layer learns to tell the catalogue's products apart in these renderings: a softmax over cosines to one
learned unit vector a product. The layer starts as the general embedding and is mixed with it in the end, so
what renderings cannot teach is kept. The adapted head serves only if it finds more of the renderings held
back than the general embedding does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from recognition.calibrate import fit_acceptance
from recognition.cosine_layer import EPOCHS, WIDTH, fit_cosine_layer, general_layer, unit
from recognition.stages.embed import Embedder
from recognition.types import FloatArray, ImageArray

MAX_RENDERINGS = 12_000
"""More products get fewer renderings each, to bound time (about two minutes) and memory (half a gigabyte)."""
MIN_COPIES = 12
HELD_BACK = 0.1
NEIGHBOURS = 2
"""Other products that may stand beside one in a rendering."""
STRANGE = 5
"""Every so-many-th product plays the unknown one while the acceptance is calibrated."""
THRESHOLDS = {"accept_at": 0.3, "unknown_below": 0.15}
"""Lower than the calibration's own: there the strangers are siblings of known products, and the crops are
renderings. On rendered shelf photos these name most products rightly, and 98 % of the accepted are right."""
FIGURE, ACCEPTANCE = "figure_", "acceptance_"
"""What figures' and acceptance's names begin with in a file."""

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""


@dataclass(frozen=True, slots=True)
class AdaptedHead:
    """A linear layer for one catalogue.

    matrix: (features, 256), bias: (256,), float32. figures: ``general_hit1`` and ``adapted_hit1`` on the
    renderings held back (0..1), ``products``, ``renderings``. version: hash of matrix and bias, 12 hex
    digits; embeddings of different versions must not be compared. acceptance: the rule calibrated for this
    head (see ``recognition.calibrate``), empty when the catalogue is too small for one.
    """

    matrix: FloatArray
    bias: FloatArray
    figures: Mapping[str, float]
    acceptance: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or self.bias.shape != self.matrix.shape[1:]:
            raise ValueError(f"AdaptedHead: matrix {self.matrix.shape} and bias {self.bias.shape} do not fit")

    @property
    def version(self) -> str:
        return hashlib.sha256(self.matrix.tobytes() + self.bias.tobytes()).hexdigest()[:12]

    @property
    def better(self) -> bool:
        """The head found more of the held-back renderings than the general embedding."""
        return self.figures["adapted_hit1"] > self.figures["general_hit1"]

    def project(self, features: FloatArray) -> FloatArray:
        """Unit vectors (n, 256) of an embedder's features (n, features)."""
        return unit(features @ self.matrix + self.bias)

    def save(self, file: Path | IO[bytes]) -> None:
        """Write an .npz file that ``load`` reads."""
        arrays: dict[str, Any] = {"matrix": self.matrix, "bias": self.bias}
        arrays |= {f"{FIGURE}{name}": np.float64(value) for name, value in self.figures.items()}
        arrays |= {f"{ACCEPTANCE}{name}": np.float64(value) for name, value in self.acceptance.items()}
        np.savez(file, **arrays)

    @classmethod
    def load(cls, file: Path | IO[bytes]) -> AdaptedHead:
        """Read what ``save`` wrote; raises OSError or ValueError if the file is missing or another kind."""
        with np.load(file, allow_pickle=False) as data:
            if not {"matrix", "bias"} <= set(data.files):
                raise ValueError(f"{file} holds no adapted head, but {', '.join(data.files) or 'nothing'}")
            figures, acceptance = (
                {name.removeprefix(kind): float(data[name]) for name in data.files if name.startswith(kind)}
                for kind in (FIGURE, ACCEPTANCE)
            )
            return cls(data["matrix"], data["bias"], figures, acceptance)


def adapt(
    embedder: Embedder,
    packshots: Mapping[str, Sequence[ImageArray]],
    *,
    copies: int = 80,
    seed: int = 0,
    progress: Progress | None = None,
) -> AdaptedHead:
    """Train a head for a catalogue; compare it with the general embedding (``AdaptedHead.better``).

    packshots: by SKU, each an RGB picture cut to its product (``trim_packshot``). copies: renderings of each
    product, fewer for large catalogues. Deterministic for a seed and machine. Raises ValueError for fewer
    than two products or a product without packshots.
    """
    skus = sorted(packshots)
    if len(skus) < 2:
        raise ValueError(f"adapting needs at least two products, got {len(skus)}")
    empty = [sku for sku in skus if not packshots[sku]]
    if empty:
        raise ValueError(f"products without a packshot: {', '.join(empty[:5])}")
    copies = max(MIN_COPIES, min(copies, MAX_RENDERINGS // len(skus)))
    steps = _Steps(progress, len(skus) + EPOCHS * (2 if len(skus) >= STRANGE else 1))
    references = embedder.run([packshots[sku][0] for sku in skus]).features
    renderings = _render(embedder, [packshots[sku] for sku in skus], copies, seed, steps)
    catalogue = _Catalogue(references, renderings)
    head = catalogue.train(seed, steps)
    general = AdaptedHead(general_layer(references.shape[1]), np.zeros(WIDTH, np.float32), {})
    figures = {
        "general_hit1": catalogue.hit1(general),
        "adapted_hit1": catalogue.hit1(head),
        "products": float(len(skus)),
        "renderings": float(len(skus) * copies),
    }
    return replace(head, figures=figures, acceptance=_calibrate(catalogue, seed, steps))


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """Features of k products: references (k, f), renderings (k, copies, f), the first of them held back."""

    references: FloatArray
    renderings: FloatArray

    @property
    def held(self) -> int:
        return max(1, round(HELD_BACK * self.renderings.shape[1]))

    def train(self, seed: int, steps: _Steps) -> AdaptedHead:
        """A head for these products, from the references and the renderings not held back."""
        products, copies, width = self.renderings[:, self.held :].shape
        features = np.concatenate([self.renderings[:, self.held :].reshape(-1, width), self.references])
        labels = np.concatenate([np.repeat(np.arange(products), copies), np.arange(products)])
        return AdaptedHead(*fit_cosine_layer(features, labels, self.references, seed, steps.step), {})

    def similarities(self, head: AdaptedHead, renderings: FloatArray) -> FloatArray:
        """(products * held, k) of the held-back ones of ``renderings`` to this catalogue's references."""
        queries = renderings[:, : self.held].reshape(-1, renderings.shape[2])
        return head.project(queries) @ head.project(self.references).T

    def labels(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.references)), self.held)

    def hit1(self, head: AdaptedHead) -> float:
        return float((self.similarities(head, self.renderings).argmax(axis=1) == self.labels()).mean())


def _calibrate(catalogue: _Catalogue, seed: int, steps: _Steps) -> dict[str, float]:
    """The rule of a head that has not seen every STRANGE-th product: those play the unknown ones."""
    strange = np.arange(len(catalogue.references)) % STRANGE == STRANGE - 1
    if not strange.any():
        return {}
    known = _Catalogue(catalogue.references[~strange], catalogue.renderings[~strange])
    head = known.train(seed, steps)
    rule = fit_acceptance(
        known.similarities(head, known.renderings),
        known.labels(),
        known.similarities(head, catalogue.renderings[strange]),
    )
    return rule | THRESHOLDS


class _Steps:
    """Counts steps for whoever watches."""

    def __init__(self, progress: Progress | None, total: int):
        self.progress, self.total, self.done = progress, total, 0

    def step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


def _render(
    embedder: Embedder, packshots: Sequence[Sequence[ImageArray]], copies: int, seed: int, steps: _Steps
) -> FloatArray:
    """Features (products, copies, features) of renderings; a product's packshots take turns."""
    # Applying a head must not load the renderer.
    from recognition.training.render.crops import distort, prepare

    packs = [[prepare(shot) for shot in shots] for shots in packshots]
    features = []
    for product, shots in enumerate(packs):
        rng = np.random.default_rng((seed, product))
        crops = []
        for copy in range(copies):
            others = [packs[int(i)][0] for i in rng.integers(0, len(packs), NEIGHBOURS)]
            crops.append(distort(shots[copy % len(shots)], rng, others=others))
        features.append(embedder.run(crops).features)
        steps.step()
    return np.stack(features)
