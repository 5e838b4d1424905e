"""Planograms for property-based round trips."""

from __future__ import annotations

from hypothesis import strategies as st

from compliance.gtin import check_digit
from compliance.importers.values import ImportedPlanogram, ImportedPosition

ALPHABET = "aZé9 ,;\"\\'|ß世\N{SNOWMAN}-/()"
TEXT = st.text(ALPHABET, min_size=1, max_size=10).map(lambda text: f"x{text}x")
SKUS = st.sampled_from([f"S{n}{odd}z" for n in range(6) for odd in ("", ",", ";", '"', "\\", " ", "ü", "'")])
GTINS = st.one_of(st.just(""), st.integers(0, 10**12).map(lambda n: f"{n:013}" + check_digit(f"{n:013}")))
CM = st.integers(500, 60_000).map(lambda value: value / 1000)


@st.composite
def planograms(draw: st.DrawFn, name: st.SearchStrategy[str] = TEXT) -> ImportedPlanogram:
    """One with shelves from 0 without holes, positions without overlap, and full geometry."""
    positions: list[ImportedPosition] = []
    sizes: dict[tuple[str, str], tuple[float, float]] = {}
    shelves = draw(st.integers(1, 4))
    for shelf in range(shelves):
        x, last = draw(st.integers(0, 5)) / 1, ""
        number = 0
        for _ in range(draw(st.integers(1, 4))):
            sku = draw(SKUS)
            if sku == last:
                continue
            code = next((g for g, s in sizes if s == sku), None)
            code = draw(GTINS) if code is None else code
            wide, high = draw(st.integers(1, 5)), draw(st.integers(1, 2))
            unit, tall = sizes.setdefault((code, sku), (draw(CM), draw(st.integers(10, 140)) / 10))
            positions.append(
                ImportedPosition(
                    shelf,
                    number,
                    code,
                    sku,
                    wide,
                    high,
                    x,
                    shelf * 30.0,
                    unit * wide,
                    tall * high,
                    f"Name {sku}",
                )
            )
            x, last, number = x + unit * wide + draw(st.integers(0, 4)) / 2, sku, number + 1
    return ImportedPlanogram(draw(name), draw(TEXT), tuple(positions), x + 1, shelves * 30.0)


def same(one: ImportedPlanogram, two: ImportedPlanogram, exact: bool = True) -> bool:
    """Equal but for line numbers, product names and rounding of the last digits."""
    if len(one.positions) != len(two.positions) or one.name != two.name:
        return False
    return all(_same(a, b, exact) for a, b in zip(one.positions, two.positions, strict=True))


def _same(a: ImportedPosition, b: ImportedPosition, exact: bool) -> bool:
    words = (a.shelf, a.position, a.gtin, a.sku, a.facings_wide, a.facings_high)
    others = (b.shelf, b.position, b.gtin, b.sku, b.facings_wide, b.facings_high)
    sizes = zip(
        (a.x_cm, a.y_cm, a.width_cm, a.height_cm), (b.x_cm, b.y_cm, b.width_cm, b.height_cm), strict=True
    )
    if exact:
        return words == others and all(x == y for x, y in sizes)
    return words == others and all(abs((x or 0) - (y or 0)) < 1e-6 for x, y in sizes)
