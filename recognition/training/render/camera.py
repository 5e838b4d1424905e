"""The phone's camera: where it stands, where it looks, how its lens bends lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""(n, 3) points in the shop: centimetres, x right, y down, z into the shelf; the bay's front plane is z =
0."""

NEAR = 5.0
"""Nearer than this, cm, nothing is painted."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole with one radial term.

    width, height: the photo, pixels. focal: pixels. rotation: (3, 3) shop -> camera axes. position: (3,) cm.
    bend: radial distortion at the photo's corner, part of the radius; negative is barrel.
    """

    width: int
    height: int
    focal: float
    rotation: NDArray[np.float64]
    position: NDArray[np.float64]
    bend: float = 0.0

    def project(self, points: Points) -> NDArray[np.float64]:
        """Photo pixels (n, 2) of shop points (n, 3); points behind the camera come out far away."""
        local = (np.asarray(points, np.float64) - self.position) @ self.rotation.T
        depth = np.maximum(local[:, 2:], 1.0)
        centred = local[:, :2] / depth * self.focal
        half = 0.5 * float(np.hypot(self.width, self.height))
        radius2 = np.minimum((centred**2).sum(axis=1, keepdims=True) / half**2, 2.0)
        return centred * (1 + self.bend * radius2) + np.array([self.width / 2, self.height / 2])

    def outline(self, polygon: Points) -> NDArray[np.float64]:
        """Photo pixels (m, 2) of a polygon (n, 3), without what is not at least ``NEAR`` cm ahead."""
        depth = (polygon - self.position) @ self.rotation[2] - NEAR
        if (depth >= 0).all():
            return self.project(polygon)
        kept = []
        for i in range(len(polygon)):
            here, there = depth[i - 1], depth[i]
            if (here >= 0) != (there >= 0):
                kept.append(polygon[i - 1] + (polygon[i] - polygon[i - 1]) * (here / (here - there)))
            if there >= 0:
                kept.append(polygon[i])
        return self.project(np.array(kept).reshape(-1, 3))

    def plane_homography(self) -> NDArray[np.float64]:
        """(3, 3) of the front plane, (x, y, 1) cm -> photo pixels, without the lens's bend."""
        lens = np.array([[self.focal, 0, self.width / 2], [0, self.focal, self.height / 2], [0, 0, 1.0]])
        moved = -self.rotation @ self.position
        out = lens @ np.column_stack([self.rotation[:, 0], self.rotation[:, 1], moved])
        return out / out[2, 2]


def look_at(
    target: tuple[float, float],
    view_width: float,
    size: tuple[int, int],
    *,
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    view_angle: float = 60.0,
    bend: float = 0.0,
) -> Camera:
    """A camera that sees ``view_width`` cm of the front plane at ``target`` (cm) across the photo's width.

    yaw, pitch, roll: degrees; yaw > 0 stands to the right and looks left, pitch > 0 stands above and looks
    down. view_angle: degrees across the photo's longer side.
    """
    width, height = size
    focal = max(size) / 2 / np.tan(np.radians(view_angle) / 2)
    distance = focal * view_width / width
    cos_y, sin_y = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    cos_p, sin_p = np.cos(np.radians(pitch)), np.sin(np.radians(pitch))
    forward = np.array([-sin_y * cos_p, sin_p, cos_y * cos_p])
    right = np.array([cos_y, 0.0, sin_y])
    down = np.cross(forward, right)
    turn = np.radians(roll)
    axes = np.array(
        [np.cos(turn) * right + np.sin(turn) * down, -np.sin(turn) * right + np.cos(turn) * down, forward]
    )
    position = np.array([target[0], target[1], 0.0]) - forward * distance
    return Camera(width, height, float(focal), axes, position, bend)
