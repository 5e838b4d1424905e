"""Centimetres a pixel of the rectified shelf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recognition.types import Facing, FacingStatus

FEWEST = 3
"""Accepted facings of known width needed before their median is trusted."""


def cm_per_px(
    facings: Sequence[Facing], widths_cm: Mapping[str, float], bay_width_cm: float | None = None
) -> float | None:
    """Scale of the rectified plane, cm a pixel, or None where nothing fixes it.

    widths_cm: front width by SKU. The median over accepted facings of known width; a pack that is turned or
    half hidden looks narrow, so the widest facing of each SKU counts. Failing that, the bay's width over
    the width that the facings span.
    """
    widest: dict[str, float] = {}
    for facing in facings:
        if facing.sku is not None and facing.status is FacingStatus.ACCEPTED and facing.sku in widths_cm:
            seen = facing.rect_box[2] - facing.rect_box[0]
            widest[facing.sku] = max(seen, widest.get(facing.sku, 0.0))
    if len(widest) >= FEWEST or (widest and bay_width_cm is None):
        return float(np.median([widths_cm[sku] / seen for sku, seen in widest.items()]))
    if bay_width_cm and facings:
        spanned = max(f.rect_box[2] for f in facings) - min(f.rect_box[0] for f in facings)
        return bay_width_cm / spanned
    return None
