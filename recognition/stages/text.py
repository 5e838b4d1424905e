"""Reads printed text, where the package rapidocr (the extra ``ocr``) is installed; it brings its models."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from recognition.types import Box, FloatArray, ImageArray

if TYPE_CHECKING:
    from rapidocr import RapidOCR

LONG_SIDE = 384
"""Pixels of the longer side at which a small picture is read; larger ones cost more and tell no more."""
NARROWEST = 96
"""Pixels that a line of 48 is padded to at least: the reader's own 320 cost time and read no better."""
ENLARGED = 3.0
"""A picture is enlarged at most so many times: more only blurs."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text. score: 0..1. box: pixels of the picture. height: of its letters, pixels, along the
    line's own upright."""

    text: str
    score: float
    box: Box
    height: float


def reader_label() -> str:
    """Name and version of the installed reader, "" where there is none."""
    try:
        return f"rapidocr-{version('rapidocr')}"
    except PackageNotFoundError:
        return ""


class TextReader:
    """Reads text by rapidocr (PP-OCR models, Apache-2.0) on ``threads`` threads.

    Use it only where ``reader_label`` names a reader.
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads

    def read(self, picture: ImageArray, long_side: int = LONG_SIDE, least: float = 0.0) -> list[TextLine]:
        """The lines of an RGB picture of any size, tallest first.

        least: lines lower than this share of the tallest are not read, which saves most of the time.
        """
        scale = min(long_side / max(picture.shape[:2]), ENLARGED)
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        resized = cv2.resize(picture, size, interpolation=smooth)
        scaled = np.asarray(cv2.cvtColor(resized, cv2.COLOR_RGB2BGR), np.uint8)
        engine: Any = _engine(os.getpid(), self.threads)
        found = engine(scaled, use_det=True, use_cls=False, use_rec=False).boxes
        quads = [np.asarray(quad, np.float32) for quad in (found if found is not None else [])]
        tallest = max((_height(quad) for quad in quads), default=0.0)
        lines = [
            line
            for quad in quads
            if _height(quad) >= least * tallest and (line := _line(engine, scaled, quad, scale)) is not None
        ]
        return sorted(lines, key=lambda line: -line.height)


@lru_cache(maxsize=4)
def _engine(process: int, threads: int) -> RapidOCR:
    """The reader of this process: one made before a fork must not be used after it."""
    from rapidocr import RapidOCR

    # Pictures are scaled here, so the reader itself only limits what is very large.
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Det.limit_type": "max",
            "Det.limit_side_len": 1600,
            "Rec.rec_img_shape": [3, 48, NARROWEST],
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _line(engine: Any, picture: ImageArray, quad: FloatArray, scale: float) -> TextLine | None:
    """Read the line inside ``quad``, (4, 2) clockwise from its top left, pixels of ``picture``."""
    width = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    size = (max(1, round(width)), max(1, round(_height(quad))))
    corners = np.array([[0, 0], [size[0], 0], size, [0, size[1]]], np.float32)
    cut = cv2.warpPerspective(
        picture, cv2.getPerspectiveTransform(quad, corners), size, borderMode=cv2.BORDER_REPLICATE
    )
    read = engine(cut, use_det=False, use_cls=False, use_rec=True)
    texts: Sequence[str] = read.txts or ()
    if not texts or not texts[0].strip():
        return None
    x1, y1, x2, y2 = (float(v) / scale for v in (*quad.min(axis=0), *quad.max(axis=0)))
    return TextLine(texts[0].strip(), float(read.scores[0]), (x1, y1, x2, y2), _height(quad) / scale)


def _height(quad: FloatArray) -> float:
    return float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
