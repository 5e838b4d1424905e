"""Render shelf photos with their truth, from invented products or from a catalogue."""

from __future__ import annotations

import multiprocessing
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recognition.training.render.catalogue import PackSpec
    from recognition.training.render.truth import RenderedPhoto

help = "render shelf photos and their truth (COCO JSON), from invented products or from your catalogue"


@dataclass(frozen=True, slots=True)
class _Job:
    """What every worker needs to know."""

    out: Path
    pixels: tuple[float, float]
    products: tuple[int, int]
    quality: str
    fonts: str
    pictures: tuple[Path, ...]
    own: tuple[PackSpec, ...] | None
    nothing: bool


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="folder for the photos and annotations.json")
    parser.add_argument("--count", type=int, default=100, help="how many photos (default 100)")
    parser.add_argument(
        "--seed", type=int, default=1, help="the first photo's seed; the n-th has seed + n - 1"
    )
    parser.add_argument("--megapixels", type=float, nargs=2, default=(0.9, 1.1), metavar=("LOW", "HIGH"))
    parser.add_argument(
        "--products", type=int, nargs=2, default=(8, 190), metavar=("LOW", "HIGH"), help="facings in view"
    )
    parser.add_argument("--quality", default="varied", help="clean, phone, varied or poor (default varied)")
    parser.add_argument(
        "--fonts", choices=("packages", "machine"), default="packages", help="machine: all system fonts too"
    )
    parser.add_argument("--pictures", type=Path, help="folder of photos whose pieces may be printed on packs")
    parser.add_argument("--catalog", type=Path, help="your catalog.csv, with --packshots")
    parser.add_argument("--packshots", type=Path, help="folder of <sku>.jpg|png|webp or <sku>/*.jpg")
    parser.add_argument(
        "--nothing", action="store_true", help="photos without any product: walls, floors, print and the like"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")


def run(args: Namespace) -> int | None:
    from tqdm import tqdm

    from recognition.training.render.coco import merge_parts
    from recognition.training.render.own import read_catalogue
    from recognition.training.render.packshots import PICTURE_SUFFIXES
    from recognition.training.render.scene import POOL

    if (args.catalog is None) != (args.packshots is None):
        raise SystemExit("render: --catalog and --packshots go together; only one of them was given")
    try:
        own = tuple(read_catalogue(args.catalog, args.packshots)) if args.catalog else None
    except (OSError, ValueError) as error:
        raise SystemExit(f"render: {error}") from error
    found = args.pictures.rglob("*") if args.pictures else ()
    pictures = tuple(sorted(p for p in found if p.suffix.lower() in PICTURE_SUFFIXES))
    pixels, products = tuple(args.megapixels), tuple(args.products)
    job = _Job(args.out, pixels, products, args.quality, args.fonts, pictures, own, args.nothing)
    args.out.mkdir(parents=True, exist_ok=True)
    groups: dict[int, list[int]] = {}
    for seed in range(args.seed, args.seed + args.count):
        groups.setdefault(seed // POOL, []).append(seed)
    with tqdm(total=args.count, unit="photo") as bar:
        for done in _mapped(partial(_render_group, job), list(groups.values()), args.workers):
            bar.update(done)
    merge_parts(args.out)
    return None


def _mapped(work: Callable[[list[int]], int], groups: list[list[int]], workers: int) -> Iterator[int]:
    """Results in order. Workers start afresh: a copy of a process in which OpenCV has run may hang."""
    if workers == 1:
        yield from map(work, groups)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(work, groups)


def _render_group(job: _Job, seeds: list[int]) -> int:
    """Photos of neighbouring seeds: they share drawn packs, so one worker makes them; how many there are.

    A group that an earlier, interrupted run finished is left as it is.
    """
    import cv2

    from recognition.training.render.coco import part_path, save_photo, write_part

    cv2.setNumThreads(1)
    if not part_path(job.out, seeds).exists():
        records = []
        for seed in seeds:
            records.append(save_photo(job.out, seed, _photo(job, seed)))
        write_part(job.out, seeds, records)
    return len(seeds)


def _photo(job: _Job, seed: int) -> RenderedPhoto:
    from recognition.training.render.nothing import render_nothing
    from recognition.training.render.scene import render_scene

    if job.nothing:
        return render_nothing(seed, _size(seed, job.pixels))
    return render_scene(
        seed,
        catalogue=job.own,
        size=_size(seed, job.pixels),
        quality=job.quality,
        products=job.products,
        fonts="machine" if job.fonts == "machine" else "packages",
        pictures=job.pictures,
    )


def _size(seed: int, megapixels: tuple[float, float]) -> tuple[int, int]:
    """Width and height of a seed's photo: upright or lying, 4:3 or 16:9."""
    import numpy as np

    rng = np.random.default_rng([seed, 0x512E])
    pixels = float(rng.uniform(*megapixels)) * 1e6
    aspect = float(rng.choice([4 / 3, 3 / 4, 16 / 9, 9 / 16]))
    return round((pixels * aspect) ** 0.5), round((pixels / aspect) ** 0.5)
