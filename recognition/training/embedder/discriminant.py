"""Where the linear layer starts: linear discriminant analysis of the untrained features."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from recognition.training.embedder.principal import leading
from recognition.types import FloatArray

COMPONENTS = 512
SHRINK = 0.5
"""Part of the mean variance added to every direction within classes: few crops leave many of them unseen."""


def discriminant(
    features: FloatArray, labels: NDArray[np.int64], width: int
) -> tuple[FloatArray, FloatArray]:
    """Matrix (f, width) and bias (width,) whose directions part the classes most for their spread within.

    features: (n, f), of which the COMPONENTS strongest components are used. labels: (n,) classes, several
    rows each (Fisher, 1936; Rao, 1948).
    """
    _, index, counts = np.unique(labels, return_inverse=True, return_counts=True)
    mean = features.mean(axis=0)
    _, basis = leading(features - mean, min(COMPONENTS, *features.shape))
    inputs = (features - mean) @ basis
    means = np.zeros((len(counts), inputs.shape[1]))
    np.add.at(means, index, inputs)
    means /= counts[:, None]
    inside = inputs - means[index]
    within = inside.T @ inside / len(inputs)
    within += SHRINK * np.trace(within) / len(within) * np.eye(len(within))
    _, directions = scipy.linalg.eigh(np.cov(means, rowvar=False), within)
    matrix = (basis @ directions[:, ::-1][:, :width]).astype(np.float32)
    return matrix, -(mean @ matrix)
