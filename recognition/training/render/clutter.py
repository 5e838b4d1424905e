"""What stands in the way: wobblers, promotion cards, arms, trolleys, other shoppers."""

from __future__ import annotations

import cv2
import numpy as np

from recognition.training.render.camera import Camera
from recognition.training.render.canvas import Canvas
from recognition.training.render.layout import Bay
from recognition.training.render.paint import Colour, hsv
from recognition.training.render.signs import card, draw_signs


def draw_clutter(canvas: Canvas, camera: Camera, bay: Bay, rng: np.random.Generator) -> None:
    """Paint a random few of them over the shelf."""
    draw_signs(canvas, camera, bay, rng)
    for _ in range(int(rng.poisson(0.8))):
        _wobbler(canvas, camera, bay, rng)
    if rng.random() < 0.08:
        _arm(canvas, rng)
    if rng.random() < 0.06:
        _trolley(canvas, rng)


def _wobbler(canvas: Canvas, camera: Camera, bay: Bay, rng: np.random.Generator) -> None:
    row = bay.rows[int(rng.integers(len(bay.rows)))]
    side = float(rng.uniform(5, 11))
    x, y, z = (
        float(rng.uniform(0, bay.width)),
        row.y + float(rng.uniform(-side, 1)),
        -float(rng.uniform(2, 7)),
    )
    tall = side * float(rng.uniform(0.6, 1.5))
    quad = np.array([[x, y, z], [x + side, y, z], [x + side, y + tall, z], [x, y + tall, z]])
    canvas.put(card(rng, 96, 96, bool(rng.random() < 0.5)), camera.project(quad))


def _stroke(canvas: Canvas, points: np.ndarray, width: int, colour: Colour) -> None:
    path = [np.round(points).astype(np.int32)]
    cv2.polylines(canvas.image, path, False, colour, width, cv2.LINE_AA)
    cv2.polylines(canvas.ids, path, False, 0, width)


def _arm(canvas: Canvas, rng: np.random.Generator) -> None:
    """A forearm with a sleeve and a hand with fingers, reaching in from an edge."""
    height, width = canvas.ids.shape
    size = float(rng.uniform(0.06, 0.16)) * width
    start = np.array([float(rng.choice([-0.05, 1.05])) * width, float(rng.uniform(0.5, 1.1)) * height])
    end = np.array([float(rng.uniform(0.25, 0.75)) * width, float(rng.uniform(0.2, 0.8)) * height])
    skin = hsv(float(rng.uniform(0.03, 0.07)), float(rng.uniform(0.3, 0.6)), float(rng.uniform(0.3, 0.95)))
    sleeve = hsv(float(rng.random()), float(rng.uniform(0, 0.7)), float(rng.uniform(0.1, 0.8)))
    _stroke(canvas, np.array([start, start * 0.2 + end * 0.8]), round(size * 0.8), skin)
    _stroke(canvas, np.array([start, start * 0.55 + end * 0.45]), round(size * 1.1), sleeve)
    _stroke(canvas, np.array([start * 0.15 + end * 0.85, end]), round(size), skin)
    ahead = (end - start) / (np.linalg.norm(end - start) + 1e-6)
    aside = np.array([-ahead[1], ahead[0]])
    for k in range(4):
        root = end + aside * (k - 1.5) * size * 0.26
        tip = root + ahead * size * float(rng.uniform(0.6, 0.95)) + aside * (k - 1.5) * size * 0.06
        _stroke(canvas, np.array([root, tip]), max(2, round(size * 0.23)), skin)


def _trolley(canvas: Canvas, rng: np.random.Generator) -> None:
    """The wire basket's upper edge at the bottom of the photo."""
    height, width = canvas.ids.shape
    wire = max(2, width // 220)
    top = float(rng.uniform(0.72, 0.92)) * height
    grey = hsv(0.6, 0.03, float(rng.uniform(0.45, 0.8)))
    tilt = float(rng.normal(0, 0.04)) * width
    _stroke(canvas, np.array([[0, top], [width, top + tilt]]), wire * 4, hsv(float(rng.random()), 0.8, 0.6))
    for x in np.linspace(0, width, int(rng.integers(14, 30))):
        _stroke(canvas, np.array([[x, top + tilt * x / width], [x * 0.9 + width * 0.05, height]]), wire, grey)
    for k in range(1, 4):
        y = top + (height - top) * k / 4
        _stroke(canvas, np.array([[0, y], [width, y + tilt]]), wire, grey)
