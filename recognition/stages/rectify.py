"""The turn that makes the shelf fronto-parallel, from straight edges alone.

Shelf rails run along one direction of space and uprights and pack sides along another, at a right angle to
it. A segment and the camera centre span a plane; the segment's direction in space lies in that plane, so it
is at a right angle to the plane's normal. The direction common to many segments is therefore the one most
normals are perpendicular to, which is where the lines' vanishing point lies (Caprile and Torre, "Using
vanishing points for camera calibration", 1990). Turning the camera so that the two directions become the
picture's axes keeps the shelf's proportions, which a free homography would not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recognition.types import FloatArray, RectifiedShelf

FILM_DIAGONAL = 43.27
USUAL_FOCAL_35MM = 27.0
"""What a phone's main camera has; used when the photo does not say."""
TOLERANCE = np.radians(1.2)
"""How far a rail may point away from the direction it votes for."""
LOOSE_TOLERANCE = np.radians(2.5)
"""The same for uprights and pack sides, which stand less straight."""
WIDEST_TURN = np.radians(50)
WIDEST_ROLL = np.radians(25)
WIDEST_PITCH = np.radians(40)
STEP = np.radians(2)
Matrix = NDArray[np.float64]


def identity(width: int, height: int) -> RectifiedShelf:
    """The photo as it is, with confidence 0."""
    return RectifiedShelf(np.eye(3), width, height)


def rectify(
    segments: FloatArray | None, boxes: Matrix, width: int, height: int, focal_35mm: float | None = None
) -> RectifiedShelf:
    """Return the map from the photo to the fronto-parallel shelf plane; ``shelf_edges`` are left empty.

    segments: (n, 4) float, photo pixels, as ``find_segments`` gives. boxes: (m, 4) float, photo pixels: the
    plane covers them. width, height: photo pixels. focal_35mm: see PhotoHeader. The scale at the boxes'
    middle is kept. Where the segments do not tell, the map is the identity and the confidence 0.
    """
    if segments is None or len(segments) == 0 or len(boxes) == 0:
        return identity(width, height)
    camera = camera_matrix(width, height, focal_35mm)
    normals, weights, angles = _normals(segments, camera)
    level = np.abs(angles) < np.radians(40)
    upright = np.abs(angles) > np.radians(55)
    along, sure = _shelf_direction(normals[level], weights[level])
    if sure < 0.05:
        return identity(width, height)
    down = _down_direction(along, normals[upright], weights[upright])
    turn = np.stack([along, down, np.cross(along, down)])
    homography = camera @ turn @ np.linalg.inv(camera)
    return _fit_plane(homography, boxes, width, height, sure)


def camera_matrix(width: int, height: int, focal_35mm: float | None) -> Matrix:
    """(3, 3) pinhole camera, photo pixels, principal point in the middle."""
    focal = (focal_35mm or USUAL_FOCAL_35MM) / FILM_DIAGONAL * float(np.hypot(width, height))
    return np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])


def warp_points(homography: Matrix, points: NDArray[np.floating[Any]]) -> Matrix:
    """Map (n, 2) points by a (3, 3) homography. Raises ValueError for points behind the camera."""
    mapped = np.column_stack([points, np.ones(len(points))]) @ homography.T
    if len(mapped) and (mapped[:, 2] * mapped[0, 2]).min() <= 0:
        raise ValueError("the homography sends some points behind the camera")
    return np.asarray(mapped[:, :2] / mapped[:, 2:])


def warp_boxes(homography: Matrix, boxes: NDArray[np.floating[Any]]) -> Matrix:
    """Bounding boxes (n, 4) of the warped corners of (n, 4) boxes."""
    corners = np.asarray(boxes, np.float64)[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)
    mapped = warp_points(homography, corners).reshape(-1, 4, 2)
    return np.concatenate([mapped.min(axis=1), mapped.max(axis=1)], axis=1)


def rectify_boxes(homography: Matrix, boxes: NDArray[np.floating[Any]]) -> Matrix:
    """The upright rectified boxes (n, 4) whose pictures in the photo fill the photo boxes (n, 4).

    A turned pack's box in the photo is larger than the pack, and warping that box's corners would enlarge
    it once more. Near a box the map is almost affine, so width and height follow from two linear equations;
    they are kept between half and all of what the warped corners span.
    """
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    spanned = warp_boxes(homography, boxes)
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    centres = warp_points(homography, middles)
    across = warp_points(homography, middles + np.array([1.0, 0.0])) - centres
    downward = warp_points(homography, middles + np.array([0.0, 1.0])) - centres
    to_photo = np.linalg.inv(np.stack([across, downward], axis=2))
    sizes = boxes[:, 2:] - boxes[:, :2]
    most = spanned[:, 2:] - spanned[:, :2]
    solvable = np.abs(np.linalg.det(np.abs(to_photo))) > 0.2 * np.abs(np.linalg.det(to_photo))
    grids = np.where(solvable[:, None, None], np.abs(to_photo), np.eye(2))
    found = np.linalg.solve(grids, sizes[..., None])[..., 0]
    found = np.where(solvable[:, None], np.clip(found, 0.5 * most, most), most) / 2
    return np.concatenate([centres - found, centres + found], axis=1)


def _normals(segments: FloatArray, camera: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Normals (n, 3) of the planes of camera centre and segment; weights and angles to the level (n,)."""
    ends = np.asarray(segments, np.float64).reshape(-1, 2, 2)
    rays = np.concatenate([ends, np.ones((len(ends), 2, 1))], axis=2) @ np.linalg.inv(camera).T
    normals = np.cross(rays[:, 0], rays[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    run = ends[:, 1] - ends[:, 0]
    weights = np.hypot(run[:, 0], run[:, 1]) ** 2
    angles = np.arctan2(run[:, 1], run[:, 0])
    angles = (angles + np.pi / 2) % np.pi - np.pi / 2
    return normals, weights / weights.sum(), angles


def _votes(normals: Matrix, directions: Matrix, tolerance: float) -> Matrix:
    """(n, k): how well normal n is square to direction k; 1 for a right angle, down to 0."""
    return np.exp(-(((normals @ directions.T) / tolerance) ** 2))


def _refine(direction: Matrix, basis: Matrix, normals: Matrix, weights: Matrix, tolerance: float) -> Matrix:
    """Reweighted least squares: the unit vector in the span of ``basis`` (3, k) square to the normals."""
    for _ in range(8):
        agreeing = weights * _votes(normals, direction[None], tolerance)[:, 0]
        projected = normals @ basis
        _, vectors = np.linalg.eigh(projected.T @ (projected * agreeing[:, None]))
        found = basis @ vectors[:, 0]
        direction = found if found @ direction > 0 else -found
    return direction


def _shelf_direction(normals: Matrix, weights: Matrix) -> tuple[Matrix, float]:
    """Direction (3,) along the shelves, pointing right, and how sure that is, 0..1."""
    turns = np.arange(-WIDEST_TURN, WIDEST_TURN + 1e-9, STEP)
    rolls = np.arange(-WIDEST_ROLL, WIDEST_ROLL + 1e-9, STEP)
    turn, roll = (grid.ravel() for grid in np.meshgrid(turns, rolls))
    directions = np.stack([np.cos(turn) * np.cos(roll), np.sin(roll), np.sin(turn) * np.cos(roll)], axis=1)
    support = weights @ _votes(normals, directions, TOLERANCE)
    prior = 1 - 0.15 * (turn / WIDEST_TURN) ** 2
    best = directions[int(np.argmax(support * prior))]
    best = _refine(best, np.eye(3), normals, weights, TOLERANCE)
    agreeing = weights * _votes(normals, best[None], TOLERANCE)[:, 0]
    return best, _sureness(normals, weights, agreeing)


def _sureness(normals: Matrix, weights: Matrix, agreeing: Matrix) -> float:
    """Share of segment weight that agrees, less if the agreeing lines are all in one place of the photo."""
    share = float(agreeing.sum() / weights.sum()) if len(weights) else 0.0
    scatter = (normals * agreeing[:, None]).T @ normals / max(float(agreeing.sum()), 1e-12)
    spread = float(np.sqrt(max(np.linalg.eigvalsh(scatter)[1], 0.0)))
    return share * min(1.0, spread / float(np.radians(10)))


def _down_direction(along: Matrix, normals: Matrix, weights: Matrix) -> Matrix:
    """Direction (3,) down the shelf's uprights, at a right angle to ``along``; level where nothing tells."""
    level = np.array([0.0, 1.0, 0.0]) - along[1] * along
    level /= np.linalg.norm(level)
    inward = np.cross(along, level)
    weights = np.sqrt(weights) / max(float(np.sqrt(weights).sum()), 1e-12)
    pitches = np.arange(-WIDEST_PITCH, WIDEST_PITCH + 1e-9, STEP / 2)
    directions = np.outer(np.cos(pitches), level) + np.outer(np.sin(pitches), inward)
    support = weights @ _votes(normals, directions, LOOSE_TOLERANCE)
    best: Matrix = directions[int(np.argmax(support + 0.05 * np.exp(-((pitches / np.radians(20)) ** 2))))]
    if support.max(initial=0.0) < 0.1:
        return np.asarray(level)
    return _refine(best, np.stack([level, inward], axis=1), normals, weights, LOOSE_TOLERANCE)


def _fit_plane(homography: Matrix, boxes: Matrix, width: int, height: int, sure: float) -> RectifiedShelf:
    """Scale and shift so that the plane covers the boxes and a margin at the photo's own scale."""
    try:
        seen = rectify_boxes(homography, boxes)
        middle = np.array([(boxes[:, 0] + boxes[:, 2]).mean() / 2, (boxes[:, 1] + boxes[:, 3]).mean() / 2])
        around = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]) + middle
        origin, right, below = warp_points(homography, around)
    except ValueError:
        return identity(width, height)
    area = abs(float(np.linalg.det(np.stack([right - origin, below - origin]))))
    scale = area**-0.5
    low, high = seen[:, :2].min(axis=0), seen[:, 2:].max(axis=0)
    margin = 0.1 * (high - low)
    low, high = low - margin, high + margin
    size = np.ceil((high - low) * scale).astype(int)
    if not 0.2 < size[0] / width < 5 or not 0.2 < size[1] / height < 5:
        return identity(width, height)
    placed = (
        np.diag([scale, scale, 1.0]) @ np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ homography
    )
    return RectifiedShelf(placed / placed[2, 2], int(size[0]), int(size[1]), (), min(1.0, sure))
