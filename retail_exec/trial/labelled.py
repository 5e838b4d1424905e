"""Labelled shelf photos through the pipeline, for ``evaluate shelves`` and ``evaluate compliance``."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from recognition.pipeline import Stopwatch
from recognition.stages.decode import decode
from recognition.training.evaluate.detection import Labelled, as_boxes
from recognition.training.evaluate.shelves import Frame, Reading
from recognition.types import Detection
from retail_exec.trial.gallery import Trial

LOW_SCORE = 0.02
"""Detections down to this score make the precision-recall curve."""


def read_frames(trial: Trial, photos: Path, frames: Iterable[Frame]) -> list[Reading]:
    """Run the pipeline on every frame's photo, and once more on its labelled boxes."""
    return [_read(trial, (photos / frame.file).read_bytes(), frame) for frame in frames]


def _read(trial: Trial, data: bytes, frame: Frame) -> Reading:
    start = time.perf_counter()
    layout = trial.pipeline.run(data)
    ms = (time.perf_counter() - start) * 1000
    view = trial.pipeline.look(data, Stopwatch())
    true = tuple(Detection(box.box, 1.0) for box in frame.boxes)
    quality = replace(view.quality, usable=True)
    true_layout = trial.pipeline.read(replace(view, detections=true, given=True, quality=quality))
    return Reading(layout, true_layout, ms)


def detections(
    trial: Trial, photos: Path, frames: Iterable[Frame]
) -> list[tuple[Sequence[Detection], Labelled]]:
    """What the detector alone sees on the same photos, down to low scores, beside the labels."""
    detector = trial.pipeline.detector
    return [
        (
            detector.detect(decode((photos / frame.file).read_bytes()), LOW_SCORE),
            Labelled(frame.file, as_boxes([box.box for box in frame.boxes]), frame.ignore),
        )
        for frame in frames
    ]
