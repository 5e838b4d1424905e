"""The first row: key points of a picture matched against those of every training picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from recognition.stages.embed import trim_packshot
from recognition.stages.keypoints import Finder, Keypoints, verify
from recognition.training.evaluate.recognition import read_rgb
from recognition.training.pictures.sources import Labelled


def find(finder: Finder, pictures: Labelled) -> list[Keypoints]:
    """The key points of every picture, packshots cut to their product."""
    return [
        finder.find([trim_packshot(read_rgb(file))])[0]
        for file in tqdm(pictures.files, desc="key points", unit="picture", disable=None)
    ]


def matching_ranks(
    train: Sequence[Keypoints], label: NDArray[np.int64], test: Sequence[Keypoints], truth: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Place (n,) of each test picture's own product when products are sorted by their best match's inliers.

    label, truth: products of the training and test pictures. Products with equally many inliers are counted
    before the own one, so that no match earns nothing.
    """
    products = int(max(label.max(), truth.max())) + 1
    placed = []
    for keypoints, own in zip(tqdm(test, desc="matching", unit="picture", disable=None), truth, strict=True):
        inliers = np.zeros(products)
        np.maximum.at(inliers, label, [verify(keypoints, reference).inliers for reference in train])
        placed.append(int((inliers >= inliers[own]).sum()) - 1)
    return np.array(placed, np.int64)
