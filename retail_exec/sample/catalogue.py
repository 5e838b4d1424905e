"""The sample's products: six invented brands, three of them own, in three categories."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from recognition.training.render.catalogue import PackSpec, Shape, gtin13

CRISPS, CHOCOLATE, DRINKS = "Crisps", "Chocolate", "Soft drinks"
OWN_BRANDS = ("Fennimor", "Lumbra", "Oskelle")


@dataclass(frozen=True, slots=True)
class Line:
    """Products of one design: they differ by flavour and its colour only, as near copies on a real shelf do.

    flavours: (name, hue 0..1). front_cm: width, height.
    """

    code: str
    brand: str
    category: str
    noun: str
    size: str
    shape: Shape
    front_cm: tuple[float, float]
    depth_cm: float
    price: str
    design: int
    flavours: tuple[tuple[str, float], ...]


LINES = (
    Line("FEN1", "Fennimor", CRISPS, "Chips", "150 g", "bag", (17.5, 26.0), 6.0, "1.79", 11, (
        ("Salted", 0.0), ("Lightly Salted", 0.58), ("Paprika", 0.03), ("Sour Cream", 0.36), ("Onion", 0.28),
    )),
    Line("FEN2", "Fennimor", CRISPS, "Chips Family", "275 g", "bag", (21.0, 31.0), 8.0, "2.89", 204, (
        ("Salted", 0.0), ("Paprika", 0.03),
    )),
    Line("TAV1", "Tavorri", CRISPS, "Chips", "140 g", "bag", (17.0, 25.5), 6.0, "1.59", 27, (
        ("Salted", 0.6), ("Chilli", 0.99), ("Cheese", 0.13), ("Vinegar", 0.5),
    )),
    Line("TAV2", "Tavorri", CRISPS, "Stacks", "165 g", "tube", (7.8, 23.0), 7.8, "2.19", 35, (
        ("Original", 0.0), ("Paprika", 0.06), ("Sour Cream", 0.33),
    )),
    Line("KEL1", "Kelundo", CRISPS, "Nuts", "200 g", "pouch", (14.0, 20.0), 5.0, "2.49", 44, (
        ("Salted", 0.1), ("Honey", 0.14),
    )),
    Line("OSK1", "Oskelle", CHOCOLATE, "Chocolate", "100 g", "box", (8.4, 16.8), 1.2, "1.29", 52, (
        ("Milk", 0.58), ("Dark", 0.04), ("Hazelnut", 0.09), ("Mint", 0.43), ("Orange", 0.07),
    )),
    Line("OSK2", "Oskelle", CHOCOLATE, "Bites", "180 g", "pouch", (15.0, 21.0), 5.0, "2.79", 61, (
        ("Milk", 0.58), ("Caramel", 0.1),
    )),
    Line("ZIM1", "Zimbrel", CHOCOLATE, "Cookies", "200 g", "box", (14.5, 20.0), 5.5, "1.99", 73, (
        ("Chocolate", 0.06), ("Double Chocolate", 0.03), ("Oat", 0.12), ("White", 0.15),
    )),
    Line("KEL2", "Kelundo", CHOCOLATE, "Wafers", "120 g", "bag", (13.0, 19.0), 4.5, "1.49", 88, (
        ("Hazelnut", 0.08), ("Vanilla", 0.15), ("Cocoa", 0.04),
    )),
    Line("LUM1", "Lumbra", DRINKS, "Soda", "0.5 l", "bottle", (6.8, 23.0), 6.8, "0.99", 95, (
        ("Original", 0.0), ("Zero", 0.62), ("Lemon", 0.16), ("Cherry", 0.96),
    )),
    Line("LUM2", "Lumbra", DRINKS, "Soda", "33 cl", "can", (6.6, 11.6), 6.6, "0.69", 95, (
        ("Original", 0.0), ("Zero", 0.62), ("Lemon", 0.16),
    )),
    Line("ZIM2", "Zimbrel", DRINKS, "Juice", "1 l", "box", (9.2, 23.5), 7.0, "1.69", 102, (
        ("Orange", 0.08), ("Apple", 0.27), ("Mango", 0.11), ("Peach", 0.05),
    )),
    Line("TAV3", "Tavorri", DRINKS, "Iced Tea", "1 l", "bottle", (8.2, 28.5), 8.2, "1.19", 211, (
        ("Lemon", 0.16), ("Peach", 0.05), ("Berry", 0.82),
    )),
)  # fmt: skip


@cache
def products() -> tuple[PackSpec, ...]:
    """All products, in the order of the lines."""
    return tuple(spec for number, line in enumerate(LINES) for spec in _products(number, line))


@cache
def by_code() -> dict[str, PackSpec]:
    """The products by their SKU code."""
    return {spec.sku: spec for spec in products()}


def _products(number: int, line: Line) -> list[PackSpec]:
    width, height = line.front_cm
    return [
        PackSpec(
            sku=f"{line.code}{variant + 1:02}",
            gtin=gtin13(1000 * (number + 1) + variant),
            brand=line.brand,
            name=f"{line.brand} {line.noun} {flavour}",
            category=line.category,
            size=line.size,
            shape=line.shape,
            width_cm=width,
            height_cm=height,
            depth_cm=line.depth_cm,
            price=line.price,
            design_seed=line.design,
            variant=variant,
            flavour=flavour,
            hue=hue,
            variant_of=f"{line.code}01" if variant else "",
        )
        for variant, (flavour, hue) in enumerate(line.flavours)
    ]
