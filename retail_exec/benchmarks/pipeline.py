"""How long a photo takes from file to named facings, and its costly parts beside what others would use."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from statistics import mean

import numpy as np
import simplejpeg
from PIL import Image

from recognition.services.keypoints import load_finder
from recognition.services.registry import active_entry
from recognition.stages.decode import decode
from recognition.stages.detect import Detector
from recognition.stages.embed import Embedder
from recognition.stages.keypoints import Sift
from recognition.training.embedder.speed import OURS, eager_ms, example_crops, served_ms
from recognition.training.render.catalogue import PackSpec, make_catalogue
from recognition.training.render.scene import render_scene
from recognition.types import ImageArray
from retail_exec.benchmarks.figures import Figure, as_ms, quickest
from retail_exec.trial.drawn import open_drawn_trial

SIZE = (4000, 3000)
PRODUCTS, FACINGS = 60, (50, 120)
CROPS, ROUNDS = 64, 6
DETECT_MS, EMBED_MS = 100.0, 1.0
DETECT_THREADS = 2


def measure(photos: int, tick: Callable[[int], object]) -> list[Figure]:
    """Draw so many photos of twelve megapixels and read them with the general embedding, one thread each
    stage; then each costly part by itself."""
    products = make_catalogue(5, brands=8, skus=PRODUCTS)
    drawn = []
    for seed in range(photos):
        image = render_scene(
            seed, catalogue=products, size=SIZE, products=FACINGS, quality="phone", angle=0.0
        ).image
        drawn.append(np.ascontiguousarray(image))
        tick(1)
    files = [bytes(simplejpeg.encode_jpeg(image, quality=90, colorspace="RGB")) for image in drawn]
    return [*_whole(products, files), *_decoding(files), _detecting(drawn), *_crops(drawn[0])]


def _whole(products: Sequence[PackSpec], files: Sequence[bytes]) -> list[Figure]:
    """A photo from file to layout, and its stages, from the second photo on if there is more than one: the
    first also opens the models."""
    layouts, took = [], []
    with open_drawn_trial(products, adapted=False) as trial:
        for file in files:
            began, worked = time.perf_counter(), time.process_time()
            layouts.append(trial.pipeline.run(file))
            took.append((time.perf_counter() - began, time.process_time() - worked))
    counted = slice(1 if len(files) > 1 else 0, None)
    layouts, took = layouts[counted], took[counted]
    stages = {name: mean(one.timings_ms.get(name, 0.0) for one in layouts) for name in layouts[0].timings_ms}
    return [
        Figure("photo of 12 megapixels, file to facings", as_ms(mean(wall for wall, _ in took)), "ms"),
        Figure("the same, processor time of Python", as_ms(mean(work for _, work in took)), "ms"),
        Figure("facings a photo", round(mean(len(one.facings) for one in layouts), 1), "facings"),
        *(Figure(f"stage {name}", round(ms, 1), "ms") for name, ms in stages.items()),
    ]


def _decoding(files: Sequence[bytes]) -> list[Figure]:
    def pillow() -> None:
        for file in files:
            np.asarray(Image.open(BytesIO(file)).convert("RGB"))

    ours = _best(lambda: [decode(file) for file in files]) / len(files)
    return [Figure("decode", as_ms(ours), "ms", peer="Pillow", peer_value=as_ms(_best(pillow) / len(files)))]


def _detecting(photos: Sequence[ImageArray]) -> Figure:
    """Scaling to the net's size included."""
    detector = Detector(active_entry("detector"), DETECT_THREADS)
    seconds = _best(lambda: [detector.see(photo) for photo in photos]) / len(photos)
    return Figure(f"detect, {DETECT_THREADS} threads", as_ms(seconds), "ms", DETECT_MS)


def _crops(photo: ImageArray) -> list[Figure]:
    """Embedding and key points of a crop; processor time on one thread."""
    crops = example_crops(CROPS)
    embedder = Embedder(active_entry("embedder"))
    embedding = served_ms(embedder, crops, ROUNDS)
    try:
        known = embedder.entry.name == OURS
        eager = round(eager_ms(crops[:16], embedder.size, ROUNDS), 3) if known else None
    except ImportError:  # without the extra `train`
        eager = None
    figures = [
        Figure(
            "embed a crop, in batches",
            round(embedding, 3),
            "ms",
            EMBED_MS,
            "eager PyTorch, one crop at a time" if eager else "",
            eager,
        )
    ]
    finder = load_finder()
    if finder is not None:
        pieces = [photo[y : y + 600 : 2, x : x + 400 : 2] for y, x in _grid(photo, 16)]
        ours, sift = (_best(partial(f.find, pieces)) / len(pieces) for f in (finder, Sift()))
        figures.append(Figure("key points of a crop", as_ms(ours), "ms", peer="SIFT", peer_value=as_ms(sift)))
    return figures


def _grid(photo: ImageArray, count: int) -> list[tuple[int, int]]:
    """Upper left corners (y, x) of pieces spread over a photo."""
    rng = np.random.default_rng(0)
    height, width = photo.shape[:2]
    corners = zip(rng.integers(0, height - 600, count), rng.integers(0, width - 400, count), strict=True)
    return [(int(y), int(x)) for y, x in corners]


def _best(work: Callable[[], object]) -> float:
    """Seconds of the quickest round, the first of which also warms up."""
    return quickest(work, 1 + ROUNDS)[0]
