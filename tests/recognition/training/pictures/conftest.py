from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

BRANDS = ("Alba", "Brio", "Cora", "Dune", "Echo")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Folders named as ten products of five brands, with one to ten noisy pictures each, and catalog.csv."""
    rng = np.random.default_rng(0)
    lines = ["sku,brand"]
    for number in range(10):
        sku = f"{BRANDS[number // 2].lower()}-{number}"
        lines.append(f"{sku},{BRANDS[number // 2]}")
        folder = tmp_path / "photos" / sku
        folder.mkdir(parents=True)
        for view in range(number + 1):
            colour = rng.integers(0, 256, 3)
            picture = np.clip(rng.normal(colour, 25, (72, 54, 3)), 0, 255).astype(np.uint8)
            cv2.imwrite(str(folder / f"{view}.png"), picture)
    (tmp_path / "catalog.csv").write_text("\n".join(lines) + "\n")
    return tmp_path
