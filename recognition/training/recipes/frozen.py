"""A backbone that keeps its weights looks at each picture a few times, and only the new layers learn.

Minutes on a CPU instead of hours; for few pictures, since all maps are kept in memory.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from recognition.training.backbones import Backbone
from recognition.training.pictures.sampling import Rows
from recognition.training.pictures.views import Views

BATCH = 32


class FrozenMaps:
    """The last feature maps of ``count`` varied views of every picture."""

    def __init__(self, backbone: Backbone, views: Views, count: int, device: torch.device):
        rows = np.arange(len(views.pictures))
        crops = [
            views.varied(rows[i : i + BATCH], step)
            for step in range(count)
            for i in range(0, len(rows), BATCH)
        ]
        with torch.no_grad():
            parts = [_maps(backbone.eval(), torch.from_numpy(part).to(device)) for part in crops]
        self.maps = torch.cat(parts).unflatten(0, (count, len(rows)))
        """(count, n, channels, h, w) float16"""

    def __call__(self, rows: Rows, step: int) -> Tensor:
        """Maps (b, channels, h, w) float32 of the pictures ``rows``, each of a view drawn for the step."""
        drawn = np.random.default_rng((step, 3)).integers(0, len(self.maps), len(rows))
        return self.maps[torch.from_numpy(drawn), torch.from_numpy(rows)].float()


def _maps(backbone: Backbone, crops: Tensor) -> Tensor:
    return backbone.maps(backbone.normalise(crops)).half().cpu()
