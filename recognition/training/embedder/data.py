"""Training crops: every design as clean packshots and as a shelf might show it, written to one folder.

Designs are invented packs, whose variants (another flavour, another colour) are classes of their own in one
family, and pieces of licensed photos, each its own class: they keep real surfaces, print and light in it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.stages.embed import fit as fit_square
from recognition.stages.embed import trim_packshot
from recognition.training.embedder import MAX_STRETCH, PAD, SIZE
from recognition.training.embedder.scenes import unlike
from recognition.training.evaluate.recognition import pictures, read_rgb
from recognition.training.render.catalogue import PackSpec, make_catalogue
from recognition.training.render.crops import HARD, distort, prepare
from recognition.training.render.packs import WEARS, draw_pack, packshot
from recognition.types import ImageArray

PACK_HEIGHT = 320
"""Pixels a pack is drawn at: shelf crops rarely have more."""
SKUS_A_CATALOGUE = 120
HELD_OUT, HELD_OUT_VIEWS = 600, 5
NEIGHBOURS = 40
"""Packs drawn last that may stand beside the next one."""
PIECES_A_SHELF, TRIES = 100, 3
"""Pieces of each real shelf photo, and pieces looked at for each."""


@dataclass(frozen=True, slots=True)
class Design:
    """One class. family: shared by near copies. packshot: RGB. units: physical units of it, RGB or RGBA."""

    family: str
    packshot: ImageArray
    units: tuple[ImageArray, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """What n prepared crops show: design, family: (n,) int64, packshot: (n,) bool.

    Crops of a design lie together, its packshot first, every design with equally many.
    """

    design: NDArray[np.int64]
    family: NDArray[np.int64]
    packshot: NDArray[np.bool_]

    def after(self, other: Labels) -> Labels:
        """Both in one, those of ``other`` first; designs and families stay apart."""
        return Labels(
            np.concatenate([other.design, self.design + other.design.max() + 1]),
            np.concatenate([other.family, self.family + other.family.max() + 1]),
            np.concatenate([other.packshot, self.packshot]),
        )


@dataclass(frozen=True, slots=True)
class CropSet(Labels):
    """Prepared crops on disk: crops (n, SIZE, SIZE, 3) uint8, memory-mapped. folder: where they lie."""

    crops: NDArray[np.uint8]
    folder: Path

    @classmethod
    def load(cls, folder: Path) -> CropSet:
        """Open what ``write_crops`` wrote."""
        with np.load(folder / "index.npz") as index:
            return cls(
                index["design"],
                index["family"],
                index["packshot"],
                np.load(folder / "crops.npy", mmap_mode="r").reshape(-1, SIZE, SIZE, 3),
                folder,
            )


def rendered_designs(seed: int, count: int, photos: Sequence[Path]) -> Iterator[Design]:
    """``count`` invented packs in catalogues of SKUS_A_CATALOGUE; ``photos`` may fill their picture areas.

    A line's larger size is left out: it carries the same print, and would be a class without a difference.
    """
    made, catalogue = 0, 0
    while made < count:
        specs = make_catalogue(seed * 1000 + catalogue, brands=30, skus=SKUS_A_CATALOGUE, pictures=photos)
        catalogue += 1
        for spec in unlike(specs)[: count - made]:
            made += 1
            yield _rendered(spec)


def _rendered(spec: PackSpec) -> Design:
    units = tuple(draw_pack(spec, PACK_HEIGHT, wear) for wear in range(1, WEARS))
    return Design(spec.variant_of or spec.sku, packshot(spec, PACK_HEIGHT), units)


def photo_designs(photos: Sequence[Path], pieces: int, seed: int) -> Iterator[Design]:
    """``pieces`` upright pieces of each photo, with a pack's usual proportions; each is a class.

    Of TRIES pieces the one with the most detail is taken: bare walls and floors are no products.
    """
    for photo in photos:
        rng = np.random.default_rng((seed, *photo.name.encode()))
        whole = read_rgb(photo)
        for _ in range(pieces):
            piece = max((_piece(whole, rng) for _ in range(TRIES)), key=detail)
            yield Design(photo.stem, piece, (piece,))


def _piece(whole: ImageArray, rng: np.random.Generator) -> ImageArray:
    """A piece of at least 150 px height, or the most the photo has."""
    height, width = whole.shape[:2]
    aspect = float(np.exp(rng.uniform(np.log(0.4), np.log(1.5))))
    most = min(height, width / aspect)
    tall = float(rng.uniform(min(150.0, 0.5 * most), min(most, 600.0)))
    top, left = rng.uniform(0, height - tall), rng.uniform(0, width - tall * aspect)
    return whole[int(top) : int(top + tall), int(left) : int(left + tall * aspect)]


def detail(piece: ImageArray) -> float:
    """Spread of the second derivatives at a height of 96 px."""
    height = 96
    width = max(1, round(piece.shape[1] * height / piece.shape[0]))
    small = cv2.resize(piece, (width, height), interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), cv2.CV_32F).std())


def unpackaged_photos(grocerystore: Path) -> list[Path]:
    """Photos of fruit and vegetables: the packaged products stay out, they are for evaluation."""
    with (grocerystore / "images.csv").open(newline="", encoding="utf-8") as file:
        return [grocerystore / row["path"] for row in csv.DictReader(file) if row["packaged"] == "0"]


def shelf_photos(price_tags: Path) -> list[Path]:
    """The full shelf photos of the price-tag set."""
    return pictures(price_tags / "shelves")


def write_crops(folder: Path, designs: Iterable[Design], count: int, views: int, seed: int) -> CropSet:
    """Write each of ``count`` designs' packshot and ``views`` distorted crops of its units under ``folder``.

    Crops of a design lie together, the packshot first. Packs drawn before stand beside it, as neighbours. The
    array is written as it grows, so that memory stays small.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shape = (count, views + 1, SIZE, SIZE, 3)
    crops = np.lib.format.open_memmap(folder / "crops.npy", mode="w+", dtype=np.uint8, shape=shape)
    family = np.zeros(count, np.int64)
    families: dict[str, int] = {}
    before: deque[ImageArray] = deque(maxlen=NEIGHBOURS)
    for number, design in enumerate(designs):
        rng = np.random.default_rng((seed, number))
        family[number] = families.setdefault(design.family, len(families))
        crops[number, 0] = fit(trim_packshot(design.packshot))
        units = [prepare(unit) for unit in design.units]
        for view in range(views):
            unit = units[view % len(units)]
            others = [before[int(i)] for i in rng.integers(0, len(before), 2)] if before else ()
            crops[number, 1 + view] = fit(distort(unit, rng, others=others, strength=HARD))
        before.append(units[0])
    crops.flush()
    design_of = np.repeat(np.arange(count), views + 1)
    is_packshot = np.arange(len(design_of)) % (views + 1) == 0
    np.savez(folder / "index.npz", design=design_of, family=family[design_of], packshot=is_packshot)
    return CropSet.load(folder)


def fit(crop: ImageArray) -> ImageArray:
    """The net's input, (SIZE, SIZE, 3) uint8."""
    return fit_square(crop, SIZE, MAX_STRETCH, PAD)


def make_crop_sets(out: Path, photos: Path, designs: int, views: int, seed: int) -> tuple[CropSet, CropSet]:
    """Training and held-out crops under ``out``, drawn unless they are there.

    Held out are packs of catalogues of their own, drawn without photos. Photo designs are added to the packs:
    one piece of every fourth fruit photo, PIECES_A_SHELF of each shelf photo.
    """
    train, held_out = out / "crops", out / "crops-held-out"
    if not (train / "index.npz").is_file():
        fruit, shelves = unpackaged_photos(photos / "grocerystore"), shelf_photos(photos / "price-tags")
        pieces = [*photo_designs(fruit[::4], 1, seed), *photo_designs(shelves, PIECES_A_SHELF, seed)]
        packs = rendered_designs(2 * seed + 1, designs, fruit)
        write_crops(train, chain(packs, pieces), designs + len(pieces), views, seed)
    if not (held_out / "index.npz").is_file():
        write_crops(held_out, rendered_designs(2 * seed + 2, HELD_OUT, ()), HELD_OUT, HELD_OUT_VIEWS, seed)
    return CropSet.load(train), CropSet.load(held_out)
