from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest


@pytest.fixture
def flags(tmp_path: Path) -> Path:
    """train/ and test/ with four products, which two colours tell apart."""
    rng = np.random.default_rng(1)
    for part, views in (("train", 3), ("test", 2)):
        for number in range(4):
            folder = tmp_path / part / f"flag-{number}"
            folder.mkdir(parents=True)
            for view in range(views):
                picture = np.empty((64, 64, 3), np.float64)
                picture[:32], picture[32:] = ((255 * (number & 1), 40, 200), (20, 255 * (number >> 1), 90))
                noisy = np.clip(picture + rng.normal(0, 12, picture.shape), 0, 255).astype(np.uint8)
                cv2.imwrite(str(folder / f"{view}.png"), noisy)
    return tmp_path
