"""Can this photo be read, and if not, what should the person do?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2

from recognition.types import Detection, ImageArray, Quality

WORKING_PIXELS = 1_000_000
TOO_BLURRED, SOFT = 6.0, 60.0
TOO_DARK, DIM = 18.0, 50.0
TOO_BRIGHT, PALE = 245.0, 215.0
BURNT_SHARE = 0.35
SMALLEST_SIDE = 240
FEWEST_PRODUCTS = 3

BLURRED = "The photo is blurred. Hold the phone still and tap to focus."
DARK = "The photo is too dark. Switch the light on or move so that the shelf is lit."
BRIGHT = "The photo is overexposed. Move so that no lamp or window shines into the camera."
BURNT = "Large parts of the photo are burnt out by a reflection. Take it from a little to the side."
SMALL = (
    "The photo is too small: {width} × {height} pixels, at least {least} each way are needed to read packs."
)
NO_SHELF = "No shelf with products was seen on this photo. Step back until whole shelf rows are in view."
FEW_PRODUCTS = "Hardly any products were seen. If the shelf is not empty, take the photo again."
SIDEWAYS = "The photo seems to be turned sideways; it was read turned. Next time keep the shelves level."


def assess(image: ImageArray) -> Quality:
    """Judge an upright photo (height, width, 3) RGB before anything is looked for in it.

    Sharpness is the variance of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield
    microscopy", 2000) at one megapixel, so that phones of all resolutions compare.
    """
    height, width = image.shape[:2]
    scale = min(1.0, (WORKING_PIXELS / (width * height)) ** 0.5)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).var())
    brightness = float(grey.mean())
    burnt = float((grey >= 252).mean())
    fatal = [
        (min(width, height) < SMALLEST_SIDE, SMALL.format(width=width, height=height, least=SMALLEST_SIDE)),
        (brightness < TOO_DARK, DARK),
        (brightness > TOO_BRIGHT, BRIGHT),
        (sharpness < TOO_BLURRED, BLURRED),
    ]
    hints = [
        (brightness < DIM, DARK),
        (brightness > PALE, BRIGHT),
        (burnt > BURNT_SHARE, BURNT),
        (sharpness < SOFT, BLURRED),
    ]
    reasons = [text for wrong, text in fatal if wrong]
    problems = dict.fromkeys(reasons + [text for wrong, text in hints if wrong])
    return Quality(not reasons, sharpness, brightness, tuple(problems))


def assess_detections(
    quality: Quality, detections: Sequence[Detection], rails: int, gaps: Sequence[Detection] = ()
) -> Quality:
    """Add what the detector's answer says of the photo.

    rails: number of long level edges seen. gaps: empty places seen. Hardly any products on rails is a shelf
    that is almost empty; without rails, or without any product or gap, it is taken for a photo of something
    else.
    """
    if len(detections) >= FEWEST_PRODUCTS:
        return quality
    if not (detections or gaps) or rails < 2:
        return replace(quality, usable=False, problems=(NO_SHELF, *quality.problems))
    return replace(quality, problems=(FEW_PRODUCTS, *quality.problems))


def mark_sideways(quality: Quality) -> Quality:
    """Say that the photo was read turned by a quarter."""
    return replace(quality, problems=(SIDEWAYS, *quality.problems))
