"""Render shelf photos with their truth, from invented products or from a catalogue."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
    catalog: Path | None
    packshots: Path | None


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
    parser.add_argument("--workers", type=int, default=1, help="processes (default 1)")


def run(args: Namespace) -> int | None:
    from tqdm import tqdm

    from recognition.training.render.coco import write_dataset
    from recognition.training.render.packshots import PICTURE_SUFFIXES
    from recognition.training.render.scene import POOL

    if (args.catalog is None) != (args.packshots is None):
        raise SystemExit("render: --catalog and --packshots go together; only one of them was given")
    pictures = (
        sorted(p for p in args.pictures.rglob("*") if p.suffix.lower() in PICTURE_SUFFIXES)
        if args.pictures
        else []
    )
    args.out.mkdir(parents=True, exist_ok=True)
    job = _Job(
        args.out,
        tuple(args.megapixels),
        tuple(args.products),
        args.quality,
        args.fonts,
        tuple(pictures),
        args.catalog,
        args.packshots,
    )
    seeds = range(args.seed, args.seed + args.count)
    groups: dict[int, list[int]] = {}
    for seed in seeds:
        groups.setdefault(seed // POOL, []).append(seed)
    records: list[dict[str, Any]] = []
    with ProcessPoolExecutor(args.workers) as pool, tqdm(total=args.count, unit="photo") as bar:
        for part in pool.map(partial(_render_group, job), groups.values()):
            records += part
            bar.update(len(part))
    write_dataset(args.out, records)
    return None


def _render_group(job: _Job, seeds: list[int]) -> list[dict[str, Any]]:
    """Photos of neighbouring seeds: they share drawn packs, so one worker makes them."""
    import cv2
    import numpy as np

    from recognition.training.render.coco import save_photo
    from recognition.training.render.own import read_catalogue
    from recognition.training.render.scene import render_scene

    cv2.setNumThreads(1)
    own = read_catalogue(job.catalog, job.packshots) if job.catalog and job.packshots else None
    records = []
    for seed in seeds:
        rng = np.random.default_rng([seed, 0x512E])
        pixels, aspect = (
            float(rng.uniform(*job.pixels)) * 1e6,
            float(rng.choice([4 / 3, 3 / 4, 16 / 9, 9 / 16])),
        )
        size = (round((pixels * aspect) ** 0.5), round((pixels / aspect) ** 0.5))
        photo = render_scene(
            seed,
            catalogue=own,
            size=size,
            quality=job.quality,
            products=job.products,
            fonts="machine" if job.fonts == "machine" else "packages",
            pictures=job.pictures,
        )
        records.append(save_photo(job.out, seed, photo))
    return records
