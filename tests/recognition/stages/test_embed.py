"""Preparation of crops, and the shipped embedder's vectors."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from recognition.runtime import sessions
from recognition.runtime.manifest import default_manifest
from recognition.runtime.sessions import session
from recognition.stages.embed import BATCH, Embedder, fit, trim_packshot
from recognition.types import ImageArray


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(default_manifest().active("embedder"))


def pattern(height: int, width: int) -> ImageArray:
    """A colourful picture that is the same on every machine."""
    ys, xs = np.mgrid[0:height, 0:width]
    rings = np.hypot(ys - height / 2, xs - width / 3) * 8
    return np.stack([rings % 256, xs * 255 // width, (ys // 16 + xs // 16) % 2 * 200], axis=2).astype(
        np.uint8
    )


@pytest.mark.parametrize(
    ("height", "width", "filled"),
    [
        (100, 100, (160, 160)),
        (200, 140, (160, 160)),
        (300, 100, (160, 85)),
        (20, 90, (57, 160)),
        (1, 1, (160, 160)),
    ],
)
def test_fit_stretches_at_most_so_far_and_pads_evenly(
    height: int, width: int, filled: tuple[int, int]
) -> None:
    square = fit(np.full((height, width, 3), 255, np.uint8), 160, 1.6, 127)
    assert square.shape == (160, 160, 3)
    inside = (square == 255).all(axis=2)
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    assert (len(rows), len(columns)) == filled
    assert abs((rows[0] + rows[-1]) - 159) <= 1
    assert abs((columns[0] + columns[-1]) - 159) <= 1
    assert (square[~inside] == 127).all()


@pytest.mark.parametrize(("side", "how"), [(200, cv2.INTER_LINEAR), (280, cv2.INTER_AREA)])
def test_crops_are_averaged_only_where_pixels_would_be_skipped(side: int, how: int) -> None:
    crop = pattern(side, side)
    expected = cv2.resize(crop, (128, 128), interpolation=how)
    np.testing.assert_array_equal(fit(crop, 128, 1.6, 127, area_from=4), expected)


@pytest.mark.parametrize(
    "crop", [np.zeros((5, 5), np.uint8), np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5, 3), np.float32)]
)
def test_what_is_no_crop_is_refused(crop: ImageArray) -> None:
    with pytest.raises(ValueError, match="a crop is RGB uint8"):
        fit(crop, 160, 1.6, 127)


def test_packshots_are_cut_to_the_product() -> None:
    packshot = np.full((200, 150, 3), 252, np.uint8)
    packshot[40:160, 30:90] = pattern(120, 60)
    packshot[45:50, 35:40] = 255
    np.testing.assert_array_equal(trim_packshot(packshot), packshot[40:160, 30:90])


def test_a_picture_without_plain_border_stays_whole() -> None:
    assert trim_packshot(pattern(60, 40)).shape == (60, 40, 3)
    assert trim_packshot(np.full((60, 40, 3), 255, np.uint8)).shape == (60, 40, 3)


def test_batches_change_nothing(embedder: Embedder) -> None:
    crops = [pattern(40 + 7 * i, 90 - i) for i in range(BATCH + 3)]
    together = embedder.run(crops)
    alone = [embedder.run([crop]) for crop in crops]
    np.testing.assert_allclose(together.embedding, np.concatenate([a.embedding for a in alone]), atol=1e-5)
    np.testing.assert_allclose(together.features, np.concatenate([a.features for a in alone]), atol=1e-5)


def test_vectors_have_unit_length_and_end_the_features(embedder: Embedder) -> None:
    found = embedder.run([pattern(120, 80), pattern(30, 200)])
    assert found.embedding.shape == (2, 256)
    assert found.embedding.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found.embedding, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(found.features[:, -256:], found.embedding)


def test_no_crops_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 256)


def test_the_shipped_models_say_what_they_said_when_they_were_exported(embedder: Embedder) -> None:
    assert embedder.entry.label == "product-embedder-3"
    golden = [-0.3711, -0.2145, 0.0295, 0.0125, -0.2456, -0.1206, 0.0720, 0.2328]
    np.testing.assert_allclose(embedder.embed([pattern(120, 80)])[0, :8], golden, atol=2e-3)
    floats = Embedder(default_manifest().find("embedder", "2"))
    golden = [-0.3696, -0.2144, 0.0312, 0.0145, -0.2378, -0.1229, 0.0635, 0.2356]
    np.testing.assert_allclose(floats.embed([pattern(120, 80)])[0, :8], golden, atol=2e-3)


def test_without_byte_products_the_vectors_are_the_same(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    crops = np.stack([fit(pattern(90 + 20 * i, 80), 160, 1.6, 127) for i in range(3)])
    (fast,) = session(embedder.entry).run(["embedding"], {"crops": crops})
    monkeypatch.setattr(sessions, "has_byte_products", lambda: False)
    (exact,) = sessions._open(embedder.entry, 1).run(["embedding"], {"crops": crops})
    np.testing.assert_allclose(fast, exact, atol=1e-4)
