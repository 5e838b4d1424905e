"""Products to draw: what a pack is, invented catalogues of them, and a user's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from recognition.training.render import words
from recognition.training.render.fonts import FontSource, scripts

Shape = Literal[
    "box",
    "bag",
    "pillow",
    "pouch",
    "bottle",
    "can",
    "tube",
    "jar",
    "tub",
    "multipack",
    "carton",
    "jug",
    "trigger",
    "flask",
    "standing_tube",
    "rolls",
    "doypack",
    "block_bag",
    "sack",
    "bakery_bag",
    "glass_bottle",
    "glass_jar",
    "shrink_pack",
    "punnet",
    "blister",
    "bar",
    "window_box",
    "egg_box",
    "cups",
    "sachet",
]


@dataclass(frozen=True, slots=True)
class PackSpec:
    """One product as the renderer needs it; equal specs draw equal packs.

    width_cm, height_cm, depth_cm: the pack as it stands on the shelf. design_seed: fixes the brand line's
    design, which its variants share; variant: which of them, and hue (0..1) its colour. variant_of: the sku
    this one is a near copy of, or "". fonts: where letters come from. picture: a photo file for the picture
    area, or "" for a drawn one. packshot: a picture file of the real product, which then is the pack
    instead of a drawn one.
    """

    sku: str
    gtin: str
    brand: str
    name: str
    category: str
    size: str
    shape: Shape
    width_cm: float
    height_cm: float
    depth_cm: float
    price: str
    design_seed: int
    variant: int = 0
    flavour: str = ""
    hue: float = 0.0
    variant_of: str = ""
    script: str = "latin"
    fonts: FontSource = "packages"
    picture: str = ""
    packshot: str = ""

    def __post_init__(self) -> None:
        if not self.sku:
            raise ValueError("PackSpec.sku must not be empty")
        if min(self.width_cm, self.height_cm, self.depth_cm) <= 0:
            raise ValueError(f"PackSpec {self.sku}: width, height and depth must be positive centimetres")


@dataclass(frozen=True, slots=True)
class _Form:
    shape: Shape
    height: tuple[float, float]
    """cm"""
    aspect: tuple[float, float]
    """width / height"""
    depth: tuple[float, float]
    """depth / width"""
    sizes: tuple[str, ...]


_AISLES: dict[str, tuple[_Form, ...]] = {
    "snacks": (
        _Form("bag", (17, 34), (0.62, 0.8), (0.3, 0.5), ("90 g", "140 g", "200 g", "275 g")),
        _Form("bag", (9, 18), (0.6, 1.3), (0.25, 0.5), ("40 g", "75 g", "120 g")),
        _Form("tube", (15, 27), (0.28, 0.42), (1.0, 1.0), ("40 g", "165 g", "200 g")),
        _Form("box", (12, 24), (0.5, 0.9), (0.3, 0.5), ("100 g", "200 g")),
        _Form("pouch", (14, 26), (0.6, 0.85), (0.25, 0.4), ("100 g", "150 g")),
    ),
    "sweet": (
        _Form("box", (4, 10), (1.5, 3.2), (0.1, 0.4), ("100 g", "200 g")),
        _Form("box", (20, 32), (0.55, 0.75), (0.2, 0.4), ("375 g", "500 g", "750 g")),
        _Form("box", (15, 22), (0.4, 0.55), (0.15, 0.4), ("100 g", "150 g")),
        _Form("bag", (12, 24), (0.6, 0.95), (0.25, 0.45), ("80 g", "150 g", "300 g")),
        _Form("pouch", (14, 24), (0.6, 0.9), (0.25, 0.4), ("120 g", "250 g")),
    ),
    "drinks": (
        _Form("can", (9, 17), (0.38, 0.62), (1.0, 1.0), ("25 cl", "33 cl", "50 cl")),
        _Form("bottle", (18, 34), (0.25, 0.36), (1.0, 1.0), ("0.5 l", "1 l", "1.5 l")),
        _Form("box", (18, 26), (0.33, 0.45), (0.9, 1.1), ("1 l", "1.5 l")),
        _Form("multipack", (12, 26), (0.8, 1.7), (0.6, 1.0), ("6 x 33 cl", "4 x 50 cl")),
    ),
    "pantry": (
        _Form("jar", (8, 19), (0.42, 0.85), (1.0, 1.0), ("200 g", "350 g", "500 g")),
        _Form("can", (5, 12), (0.6, 1.1), (1.0, 1.0), ("200 g", "400 g", "800 g")),
        _Form("box", (10, 24), (0.35, 0.8), (0.3, 0.6), ("250 g", "500 g", "1 kg")),
        _Form("bag", (16, 28), (0.5, 0.7), (0.35, 0.6), ("500 g", "1 kg")),
        _Form("bottle", (15, 28), (0.26, 0.42), (0.8, 1.0), ("250 ml", "500 ml")),
        _Form("pouch", (15, 24), (0.6, 0.8), (0.25, 0.4), ("250 g", "400 g")),
    ),
    "home": (
        _Form("bottle", (14, 30), (0.28, 0.5), (0.5, 0.9), ("250 ml", "500 ml", "1 l")),
        _Form("jar", (5, 12), (0.7, 1.3), (1.0, 1.0), ("50 ml", "200 ml")),
        _Form("box", (5, 24), (0.5, 2.4), (0.3, 0.7), ("8 pcs", "24 pcs", "1 kg")),
        _Form("pouch", (18, 30), (0.6, 0.85), (0.25, 0.4), ("20 pcs", "1 kg")),
        _Form("multipack", (15, 30), (0.8, 1.4), (0.5, 0.8), ("4 rolls", "8 rolls")),
    ),
    "chilled": (
        _Form("carton", (18, 26), (0.3, 0.45), (0.9, 1.1), ("1 l", "1.5 l", "75 cl")),
        _Form("carton", (9, 15), (0.4, 0.6), (0.9, 1.1), ("25 cl", "33 cl")),
        _Form("tub", (5, 11), (0.8, 1.7), (1.0, 1.0), ("150 g", "200 g", "500 g")),
        _Form("bottle", (14, 26), (0.3, 0.45), (1.0, 1.0), ("0.5 l", "1 kg")),
        _Form("box", (4, 9), (1.3, 2.6), (0.4, 0.8), ("250 g", "500 g")),
    ),
    "crisps": (
        _Form("pillow", (18, 34), (0.6, 0.82), (0.3, 0.5), ("90 g", "150 g", "200 g", "275 g")),
        _Form("pillow", (10, 20), (0.6, 1.2), (0.25, 0.5), ("35 g", "75 g", "120 g")),
        _Form("bag", (17, 34), (0.62, 0.8), (0.3, 0.5), ("140 g", "200 g")),
    ),
    "household": (
        _Form("jug", (20, 34), (0.55, 0.85), (0.4, 0.6), ("1 l", "2 l", "40 washes")),
        _Form("trigger", (22, 30), (0.36, 0.52), (0.4, 0.6), ("500 ml", "750 ml")),
        _Form("flask", (20, 30), (0.28, 0.42), (0.5, 0.8), ("500 ml", "1 l")),
        _Form("rolls", (12, 34), (0.7, 1.9), (0.4, 0.7), ("4 rolls", "8 rolls", "2 pcs")),
        _Form("doypack", (16, 28), (0.7, 1.1), (0.25, 0.4), ("30 tabs", "48 tabs", "1 kg")),
    ),
    "care": (
        _Form("flask", (12, 24), (0.26, 0.6), (0.4, 0.7), ("200 ml", "250 ml", "400 ml")),
        _Form("flask", (8, 17), (0.3, 0.5), (0.7, 1.0), ("50 ml", "150 ml")),
        _Form("standing_tube", (11, 20), (0.28, 0.46), (0.5, 0.8), ("75 ml", "150 ml", "200 ml")),
        _Form("can", (13, 24), (0.22, 0.32), (1.0, 1.0), ("150 ml", "250 ml")),
        _Form("blister", (14, 24), (0.3, 0.75), (0.1, 0.25), ("1 pc", "2 pcs", "4 pcs")),
        _Form("box", (3.5, 6), (3.0, 4.6), (0.2, 0.3), ("75 ml", "100 ml")),
    ),
    "hooks": (
        _Form("blister", (14, 26), (0.3, 0.95), (0.08, 0.25), ("1 pc", "2 pcs", "4 pcs", "8 pcs")),
        _Form("blister", (9, 16), (0.5, 1.1), (0.1, 0.3), ("1 pc", "2 pcs")),
        _Form("sachet", (11, 20), (0.55, 0.9), (0.05, 0.12), ("10 g", "1 pc")),
        _Form("doypack", (12, 22), (0.6, 0.9), (0.15, 0.3), ("60 g", "100 g")),
    ),
    "sacks": (
        _Form("doypack", (14, 26), (0.58, 0.85), (0.25, 0.45), ("85 g", "250 g", "500 g")),
        _Form("doypack", (9, 17), (0.55, 0.75), (0.25, 0.4), ("90 g", "120 g")),
        _Form("block_bag", (14, 28), (0.42, 0.62), (0.5, 0.8), ("250 g", "500 g", "1 kg")),
        _Form("sack", (16, 30), (0.5, 0.68), (0.4, 0.6), ("1 kg", "2 kg")),
        _Form("sack", (32, 60), (0.55, 0.75), (0.2, 0.4), ("3 kg", "8 kg", "12 kg")),
        _Form("sachet", (11, 20), (0.5, 1.3), (0.06, 0.14), ("30 g", "65 g", "85 g")),
    ),
    "bakery": (
        _Form("bakery_bag", (18, 34), (0.5, 0.85), (0.4, 0.8), ("400 g", "6 pcs")),
        _Form("bakery_bag", (10, 16), (1.5, 2.6), (0.6, 0.9), ("500 g", "750 g")),
        _Form("punnet", (8, 18), (1.0, 1.9), (0.5, 0.9), ("4 pcs", "300 g")),
    ),
    "cellar": (
        _Form("glass_bottle", (28, 34), (0.22, 0.28), (1.0, 1.0), ("0.75 l", "0.7 l")),
        _Form("glass_bottle", (18, 28), (0.24, 0.36), (1.0, 1.0), ("33 cl", "0.5 l", "0.35 l")),
        _Form("shrink_pack", (12, 26), (0.8, 2.1), (0.5, 0.9), ("6 x 33 cl", "12 x 33 cl", "6 x 1.5 l")),
    ),
    "preserves": (
        _Form("glass_jar", (7, 18), (0.5, 1.0), (1.0, 1.0), ("200 g", "370 g", "680 g")),
        _Form("glass_jar", (6, 10), (0.7, 1.2), (1.0, 1.0), ("100 g", "200 g")),
        _Form("glass_bottle", (18, 30), (0.24, 0.36), (1.0, 1.0), ("250 ml", "0.5 l")),
    ),
    "counter": (
        _Form("bar", (2.5, 5), (2.6, 5.0), (0.4, 0.6), ("40 g", "50 g")),
        _Form("bar", (12, 20), (0.28, 0.5), (0.12, 0.25), ("45 g", "100 g")),
        _Form("bar", (7, 10), (1.7, 2.4), (0.1, 0.2), ("100 g", "200 g")),
        _Form("box", (5, 9), (0.35, 0.75), (0.2, 0.4), ("14 g", "27 g")),
        _Form("tub", (6, 9), (0.65, 0.95), (1.0, 1.0), ("60 pcs", "64 g")),
        _Form("doypack", (12, 20), (0.6, 0.85), (0.2, 0.35), ("70 g", "150 g")),
    ),
    "fresh": (
        _Form("punnet", (10, 20), (0.8, 1.8), (0.3, 0.5), ("250 g", "500 g")),
        _Form("punnet", (6, 11), (1.2, 2.2), (0.5, 0.8), ("125 g", "250 g")),
        _Form("bakery_bag", (18, 28), (0.7, 1.0), (0.4, 0.6), ("200 g", "500 g")),
        _Form("egg_box", (6, 8), (1.3, 3.6), (0.5, 0.9), ("6 pcs", "10 pcs")),
        _Form("cups", (6, 12), (1.3, 2.4), (0.5, 0.8), ("4 x 125 g", "2 x 150 g", "6 x 60 g")),
        _Form("sachet", (10, 20), (0.9, 1.7), (0.05, 0.15), ("100 g", "150 g")),
    ),
    "toys": (
        _Form("window_box", (14, 34), (0.6, 1.4), (0.3, 0.6), ("1 pc", "2 pcs")),
        _Form("window_box", (8, 16), (0.7, 1.6), (0.4, 0.8), ("1 pc", "5 pcs")),
        _Form("box", (12, 32), (0.7, 1.5), (0.2, 0.4), ("1 pc", "24 pcs")),
        _Form("blister", (16, 28), (0.6, 1.0), (0.1, 0.3), ("1 pc", "3 pcs")),
    ),
}
CATEGORIES = ("snacks", "sweet", "drinks", "pantry", "home")
"""The aisles that products are invented in unless others are named."""
AISLES = tuple(_AISLES)
"""All of them: what shelves are invented with where no products are given."""


def catalogue_csv(specs: Sequence[PackSpec]) -> str:
    """The packs as the catalogue file that ``import_catalog`` reads."""
    columns = ["sku", "gtin", "brand", "name", "category", "size", "width_cm", "height_cm", "price"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([getattr(spec, column) for column in columns] for spec in specs)
    return out.getvalue()


def gtin13(number: int) -> str:
    """A 13-digit GTIN from a number, in the range kept for use inside a company (prefix 29)."""
    body = f"29{number % 10**10:010d}"
    odd, even = sum(map(int, body[::2])), sum(map(int, body[1::2]))
    return body + str((10 - (odd + 3 * even) % 10) % 10)


def _price(rng: np.random.Generator) -> str:
    return f"{int(rng.integers(0, 12))}.{rng.choice(['99', '49', '29', '19', '95', '89', '05', '50'])}"


def make_catalogue(
    seed: int,
    brands: int = 4,
    categories: Sequence[str] = CATEGORIES,
    skus: int = 24,
    *,
    fonts: FontSource = "packages",
    pictures: Sequence[Path] = (),
) -> list[PackSpec]:
    """Invent ``skus`` products of ``brands`` brands in the given categories, some of ``AISLES``.

    A brand's line shares one design and shape; its variants differ by flavour, colour or size, as on a shelf.
    ``pictures`` are photo files that may fill the packs' picture areas. Deterministic in all arguments.
    """
    unknown = set(categories) - set(AISLES)
    if unknown or not categories:
        raise ValueError(f"categories must be some of {', '.join(AISLES)}; got {sorted(unknown) or 'none'}")
    rng = np.random.default_rng([seed, 0xCA7])
    names = [(words.word(rng, syllables=(2, 4)), str(rng.choice(scripts(fonts)))) for _ in range(brands)]
    out: list[PackSpec] = []
    while len(out) < skus:
        brand, script = names[len(out) % brands] if len(out) < brands else names[int(rng.integers(brands))]
        category = str(categories[int(rng.integers(len(categories)))])
        line = _line(rng, brand, script if rng.random() < 0.5 else "latin", category, fonts, pictures)
        out += line[: skus - len(out)]
    base = seed * 1000
    return [
        replace(
            s,
            sku=f"R{base + i:07d}",
            gtin=gtin13(base + i),
            variant_of=f"R{base + i - s.variant:07d}" if s.variant else "",
        )
        for i, s in enumerate(out)
    ]


def _line(
    rng: np.random.Generator,
    brand: str,
    script: str,
    category: str,
    fonts: FontSource,
    pictures: Sequence[Path],
) -> list[PackSpec]:
    """One brand line: one to six variants of one design."""
    forms = _AISLES[category]
    form = forms[int(rng.integers(len(forms)))]
    height = float(rng.uniform(*form.height))
    width = height * float(rng.uniform(*form.aspect))
    noun = str(rng.choice(words.NOUNS[category]))
    flavours = rng.permutation(len(words.FLAVOURS[category]))[: int(rng.integers(1, 7))]
    first = PackSpec(
        sku="new",
        gtin="",
        brand=brand,
        name="",
        category=category,
        size=str(rng.choice(form.sizes)),
        shape=form.shape,
        width_cm=round(width, 1),
        height_cm=round(height, 1),
        depth_cm=round(width * float(rng.uniform(*form.depth)), 1),
        price=_price(rng),
        design_seed=int(rng.integers(2**31)),
        script=script,
        fonts=fonts,
        picture=str(pictures[int(rng.integers(len(pictures)))])
        if len(pictures) and rng.random() < 0.5
        else "",
    )
    line = []
    for variant, index in enumerate(flavours):
        flavour, hue = words.FLAVOURS[category][int(index)]
        name = f"{brand} {noun} {flavour} {first.size}"
        line.append(replace(first, name=name, variant=variant, flavour=flavour, hue=hue))
    if rng.random() < 0.3:
        scale = float(rng.uniform(1.15, 1.5))
        big = replace(line[0], variant=len(line), size=str(rng.choice(form.sizes)), price=_price(rng))
        line.append(
            replace(
                big,
                name=f"{brand} {noun} {big.flavour} {big.size}",
                width_cm=round(big.width_cm * scale, 1),
                height_cm=round(big.height_cm * scale, 1),
                depth_cm=round(big.depth_cm * scale, 1),
            )
        )
    return line
