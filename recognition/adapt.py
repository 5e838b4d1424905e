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
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np

from recognition.calibrate import fit_acceptance
from recognition.cosine_layer import EPOCHS, WIDTH, fit_cosine_layer, general_layer, unit
from recognition.stages.embed import Embedder
from recognition.types import FloatArray, ImageArray

MAX_RENDERINGS = 12_000
"""More products get fewer renderings each, to bound time (about two minutes) and memory (half a gigabyte)."""
MIN_COPIES = 12
HELD_BACK = 6
"""Renderings of each product that the head does not learn from: it is compared with the general embedding and
its acceptance is calibrated on them. They are harder than the others, as photos are."""
NEIGHBOURS = 2
"""Other products that may stand beside one in a rendering."""
STRANGERS, STRANGER_COPIES = 40, 4
"""Invented products, and renderings of each, that play the unknown ones in the calibration."""
STRANGERS_SEED = 4100
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
    head (see ``recognition.calibrate``).
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
    steps = _Steps(progress, 2 * len(skus) + EPOCHS)
    packs = _Packs.of([packshots[sku] for sku in skus])
    references = embedder.run([packshots[sku][0] for sku in skus]).features
    head = _train(references, packs.render(embedder, copies, seed, steps), seed, steps)
    held_back = packs.render(embedder, HELD_BACK, seed + 1, steps, hard=True).reshape(-1, references.shape[1])
    labels = np.repeat(np.arange(len(skus)), HELD_BACK)
    general = AdaptedHead(general_layer(references.shape[1]), np.zeros(WIDTH, np.float32), {})
    before, after = (_similarities(each, held_back, references) for each in (general, head))
    strangers = _similarities(head, embedder.run(_strangers()).features, references)
    figures = {
        "general_hit1": float((before.argmax(axis=1) == labels).mean()),
        "adapted_hit1": float((after.argmax(axis=1) == labels).mean()),
        "products": float(len(skus)),
        "renderings": float(len(skus) * copies),
    }
    return replace(head, figures=figures, acceptance=fit_acceptance(after, labels, strangers))


def _train(references: FloatArray, renderings: FloatArray, seed: int, steps: _Steps) -> AdaptedHead:
    """A head for k products, from features of their references (k, f) and renderings (k, copies, f)."""
    products, copies, width = renderings.shape
    features = np.concatenate([renderings.reshape(-1, width), references])
    labels = np.concatenate([np.repeat(np.arange(products), copies), np.arange(products)])
    return AdaptedHead(*fit_cosine_layer(features, labels, references, seed, steps.step), {})


def _similarities(head: AdaptedHead, features: FloatArray, references: FloatArray) -> FloatArray:
    """(n, k) of n queries' features to those of k references."""
    return head.project(features) @ head.project(references).T


class _Steps:
    """Counts steps for whoever watches."""

    def __init__(self, progress: Progress | None, total: int):
        self.progress, self.total, self.done = progress, total, 0

    def step(self) -> None:
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)


@dataclass(frozen=True, slots=True)
class _Packs:
    """Cut-out packs of each product, ready to be distorted."""

    of_product: Sequence[Sequence[ImageArray]]

    @classmethod
    def of(cls, packshots: Sequence[Sequence[ImageArray]]) -> _Packs:
        # Applying a head must not load the renderer.
        from recognition.training.render.crops import prepare

        return cls([[prepare(shot) for shot in shots] for shots in packshots])

    def render(
        self, embedder: Embedder, copies: int, seed: int, steps: _Steps, hard: bool = False
    ) -> FloatArray:
        """Features (products, copies, features) of renderings; a product's packshots take turns."""
        from recognition.training.render.crops import HARD, SHELF, distort

        features = []
        for product, shots in enumerate(self.of_product):
            rng = np.random.default_rng((seed, product))
            crops = []
            for copy in range(copies):
                others = [
                    self.of_product[int(i)][0] for i in rng.integers(0, len(self.of_product), NEIGHBOURS)
                ]
                strength = HARD if hard else SHELF
                crops.append(distort(shots[copy % len(shots)], rng, others=others, strength=strength))
            features.append(embedder.run(crops).features)
            steps.step()
        return np.stack(features)


@cache
def _strangers() -> list[ImageArray]:
    """Shelf-like crops of products that no catalogue holds."""
    from recognition.training.render.catalogue import make_catalogue
    from recognition.training.render.crops import HARD, distort, prepare
    from recognition.training.render.packs import draw_pack

    rng = np.random.default_rng(STRANGERS_SEED)
    specs = make_catalogue(STRANGERS_SEED, brands=STRANGERS // 4, skus=STRANGERS)
    packs = [prepare(draw_pack(spec, 256, 1)) for spec in specs]
    return [
        distort(pack, rng, others=[packs[int(rng.integers(len(packs)))]], strength=HARD)
        for pack in packs
        for _ in range(STRANGER_COPIES)
    ]
