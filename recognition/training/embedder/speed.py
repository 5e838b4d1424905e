"""What naming a crop costs: the embedder as it is served, beside the same net in eager PyTorch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from recognition.runtime.sessions import session
from recognition.stages.embed import Embedder, fit
from recognition.types import ImageArray

ROUNDS = 12


OURS = "product-embedder"
"""Name of the nets that ``eager_ms`` knows."""


def example_crops(count: int, seed: int = 0) -> list[ImageArray]:
    """RGB crops, as large as those of shelf photos; what they show makes no difference to the time."""
    rng = np.random.default_rng(seed)
    sides = rng.integers(100, 300, (count, 2))
    return [rng.integers(0, 256, (height, width, 3), np.uint8) for height, width in sides]


def served_ms(embedder: Embedder, crops: Sequence[ImageArray], rounds: int = ROUNDS) -> float:
    """Processor milliseconds a crop, preparation included, in the product's batches."""
    return _best(lambda: embedder.run(crops), rounds) / len(crops)


def model_ms(embedder: Embedder, batch: int, rounds: int = ROUNDS) -> float:
    """Processor milliseconds a crop of the model alone, ``batch`` crops a run."""
    model, size = session(embedder.entry, embedder.threads), embedder.size
    crops = np.random.default_rng(0).integers(0, 256, (batch, size, size, 3), np.uint8)
    return _best(lambda: model.run(None, {"crops": crops}), rounds) / batch


def eager_ms(crops: Sequence[ImageArray], size: int, rounds: int = ROUNDS) -> float:
    """Processor milliseconds a crop of the net for ``size`` in eager PyTorch, one at a time, on one thread.

    It is the student's for its size, else the teacher's. Its weights are random: they cost the same.
    """
    import torch

    from recognition.training.backbones import mobilenetv2
    from recognition.training.embedder import MAX_STRETCH, PAD
    from recognition.training.embedder.heads import FEATURES, EmbedderNet, ServingNet
    from recognition.training.embedder.student import STUDENT_SIZE, student_of

    torch.set_num_threads(1)
    whole = EmbedderNet(mobilenetv2(None))
    whole = student_of(whole) if size == STUDENT_SIZE else whole
    net = ServingNet(whole, torch.zeros(FEATURES, 512)).eval()

    def run() -> None:
        with torch.inference_mode():
            for crop in crops:
                net(torch.from_numpy(fit(crop, size, MAX_STRETCH, PAD))[None])

    return _best(run, rounds) / len(crops)


def _best(run: Callable[[], object], rounds: int) -> float:
    """Least processor milliseconds of several runs after one that warms up: other programs only add to it."""
    run()
    best = math.inf
    for _ in range(rounds):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return 1000 * best
