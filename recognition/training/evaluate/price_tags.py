"""How well prices are read, on crops of tags whose prices a person read. No torch."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from recognition.stages.price_tags import TALL, find_price
from recognition.stages.text import TextReader
from recognition.training.evaluate.recognition import read_rgb

LABELS = Path(__file__).parents[1] / "labels" / "price_tags_read.json"


def evaluate_price_tags(reader: TextReader, tags: Path, part: str) -> dict[str, float | int]:
    """Figures of one part of LABELS, over crops below ``tags``.

    tags: crops. readable: those a person could read. right: share of the readable whose price was read
    rightly. sure: crops whose price counts as read with confidence, and sure_right: share of them that is
    right. Raises ValueError for a crop that is missing or no picture.
    """
    labels = json.loads(LABELS.read_text(encoding="utf-8"))[part]
    hits, sure = [], []
    for file, truth in labels.items():
        price = find_price(reader.read(read_rgb(tags / file), least=TALL))
        right = price is not None and truth is not None and price.amount == Decimal(truth)
        if truth is not None:
            hits.append(right)
        if price is not None and price.sure:
            sure.append(right)
    return {
        "tags": len(labels),
        "readable": len(hits),
        "right": sum(hits) / len(hits),
        "sure": len(sure),
        "sure_right": sum(sure) / len(sure) if sure else 0.0,
    }
