"""How long a photo takes from file to named facings, and its costly parts beside what others would use."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

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
from recognition.training.render.packs import packshot
from recognition.training.render.scene import render_scene
from recognition.types import ImageArray
from retail_exec.benchmarks.figures import Figure
from retail_exec.trial.gallery import open_trial

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
    with TemporaryDirectory() as folder:
        catalogue, packshots = _write(products, Path(folder))
        with open_trial(catalogue, packshots, adapted=False) as trial:
            layouts = []
            took = []
            for file in files:
                began, worked = time.perf_counter(), time.process_time()
                layouts.append(trial.pipeline.run(file))
                took.append((time.perf_counter() - began, time.process_time() - worked))
    counted = slice(1 if len(files) > 1 else 0, None)
    layouts, took = layouts[counted], took[counted]
    stages = {name: mean(one.timings_ms.get(name, 0.0) for one in layouts) for name in layouts[0].timings_ms}
    return [
        Figure("photo of 12 megapixels, file to facings", _ms(mean(wall for wall, _ in took)), "ms"),
        Figure("the same, processor time of Python", _ms(mean(work for _, work in took)), "ms"),
        Figure("facings a photo", round(mean(len(one.facings) for one in layouts), 1), "facings"),
        *(Figure(f"stage {name}", round(ms, 1), "ms") for name, ms in stages.items()),
    ]


def _write(products: Sequence[PackSpec], folder: Path) -> tuple[Path, Path]:
    """The catalogue as a CSV and its packshots as pictures."""
    (folder / "packshots").mkdir()
    with (folder / "catalog.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["sku", "name", "brand", "width_cm", "height_cm"])
        for spec in products:
            rows.writerow([spec.sku, spec.name, spec.brand, spec.width_cm, spec.height_cm])
            Image.fromarray(packshot(spec)).save(folder / "packshots" / f"{spec.sku}.png")
    return folder / "catalog.csv", folder / "packshots"


def _decoding(files: Sequence[bytes]) -> list[Figure]:
    def pillow() -> None:
        for file in files:
            np.asarray(Image.open(BytesIO(file)).convert("RGB"))

    ours = _best(lambda: [decode(file) for file in files]) / len(files)
    return [Figure("decode", _ms(ours), "ms", peer="Pillow", peer_value=_ms(_best(pillow) / len(files)))]


def _detecting(photos: Sequence[ImageArray]) -> Figure:
    """Scaling to the net's size included."""
    detector = Detector(active_entry("detector"), DETECT_THREADS)
    seconds = _best(lambda: [detector.see(photo) for photo in photos]) / len(photos)
    return Figure(f"detect, {DETECT_THREADS} threads", _ms(seconds), "ms", DETECT_MS)


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
        figures.append(Figure("key points of a crop", _ms(ours), "ms", peer="SIFT", peer_value=_ms(sift)))
    return figures


def _grid(photo: ImageArray, count: int) -> list[tuple[int, int]]:
    """Upper left corners (y, x) of pieces spread over a photo."""
    rng = np.random.default_rng(0)
    height, width = photo.shape[:2]
    corners = zip(rng.integers(0, height - 600, count), rng.integers(0, width - 400, count), strict=True)
    return [(int(y), int(x)) for y, x in corners]


def _best(work: Callable[[], object]) -> float:
    """Seconds of the quickest of some rounds, after one that warms up."""
    work()
    took = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 2)
