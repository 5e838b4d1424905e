"""A packshot laid over a crop: the same print agrees, another one of the same look does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from recognition.stages.agree import LONG_SIDE, agree, compressed, lab, restored, small
from recognition.stages.embed import trim_packshot
from recognition.training.render.packs import packshot
from recognition.types import Agreement, FloatArray, ImageArray
from tests.rendered import products

TURN = np.array([[0.62, -0.08, 0.22], [0.08, 0.62, 0.1]])
"""Packshot -> crop, both in their longer sides."""


@pytest.fixture(scope="module")
def pack() -> ImageArray:
    return small(trim_packshot(packshot(products()[0])))


def photographed(pack: ImageArray, shade: FloatArray | None = None) -> ImageArray:
    """The pack as TURN shows it, darker to one side, blurred, in a warm light."""
    side = 2 * LONG_SIDE
    pixels = np.column_stack([TURN[:, :2] * side / max(pack.shape[:2]), TURN[:, 2] * side])
    crop = cv2.warpAffine(pack, pixels, (side, side), borderValue=(90, 90, 90)).astype(np.float32)
    crop *= np.linspace(0.5, 1.0, side)[None, :, None] * np.array([1.0, 0.92, 0.8])
    return np.asarray(cv2.GaussianBlur(crop, (0, 0), 1.5), np.uint8)


def agreement(crop: ImageArray, pack: ImageArray) -> Agreement:
    return agree(lab(small(crop)), lab(pack), TURN)


def test_the_same_print_agrees_whatever_the_light(pack: ImageArray) -> None:
    found = agreement(photographed(pack), pack)
    assert found.structure > 0.8
    assert found.colour > 0.8


def test_another_picture_disagrees_in_structure(pack: ImageArray) -> None:
    upside_down = np.ascontiguousarray(pack[::-1])
    assert agreement(photographed(upside_down), pack).structure < 0.4


def test_another_colour_disagrees_in_colour_alone(pack: ImageArray) -> None:
    inverted = lab(pack) * np.array([1.0, -1.0, -1.0], np.float32)
    other = (cv2.cvtColor(inverted, cv2.COLOR_Lab2RGB) * 255).clip(0, 255).astype(np.uint8)
    found = agreement(photographed(other), pack)
    assert found.colour < 0
    assert found.structure > 0.5


def test_without_overlap_nothing_agrees(pack: ImageArray) -> None:
    aside = TURN + np.array([[0, 0, 3.0], [0, 0, 0]])
    assert agree(lab(small(photographed(pack))), lab(pack), aside) == (0.0, 0.0)
    assert agree(lab(np.full((40, 30, 3), 128, np.uint8)), lab(pack), TURN) == (0.0, 0.0)


def test_a_small_picture_is_kept_in_a_few_kilobytes(pack: ImageArray) -> None:
    data = compressed(pack)
    assert max(pack.shape[:2]) == LONG_SIDE
    assert len(data) < 12_000
    assert np.abs(restored(data).astype(int) - pack).mean() < 4
    for wrong in (b"", data[:9]):
        with pytest.raises(ValueError, match="are no picture"):
            restored(wrong)
