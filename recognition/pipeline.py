"""From a photo to its shelf layout: the whole order of the stages."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recognition.runtime.manifest import ModelEntry, default_manifest
from recognition.stages import (
    behind,
    empties,
    layout,
    orient,
    packages,
    quality,
    rectify,
    retrieve,
    scale,
    shelves,
    sizes,
)
from recognition.stages.accept import Acceptance, rule_of
from recognition.stages.crop import cut
from recognition.stages.decode import decode, inspect
from recognition.stages.detect import Detector
from recognition.stages.embed import Embedder
from recognition.stages.lines import count_rails, find_segments
from recognition.stages.price_tags import placed, read_tags
from recognition.stages.rerank import Reranker
from recognition.stages.text import TextReader, reader_label
from recognition.types import (
    Candidate,
    Detection,
    Facing,
    FloatArray,
    Gap,
    ImageArray,
    PriceTag,
    Quality,
    RectifiedShelf,
    ShelfLayout,
)

VERSION = "4"
LIKENESS_CROPS = 24
"""Products looked at to tell which way up a photo taken sideways is."""
Embed = packages.Embed


@dataclass(frozen=True, slots=True)
class View:
    """A photo with what is seen on it before products are named.

    image: (height, width, 3) RGB with level shelves. turn: quarters clockwise it was turned for that.
    segments: (n, 4), see ``find_segments``. Boxes of detections, price tags, gaps and segments are pixels of
    ``image``. doubtful: see ``Seen``. given: somebody says that the detections are the packages.
    """

    image: ImageArray
    quality: Quality
    detections: Sequence[Detection] = ()
    segments: FloatArray | None = None
    turn: int = 0
    focal_35mm: float | None = None
    price_tags: Sequence[Detection] = ()
    gaps: Sequence[Detection] = ()
    doubtful: Sequence[Detection] = ()
    given: bool = False


class Pipeline:
    """Reads shelf photos with one detector, one embedding and one gallery.

    embed: must belong to the gallery's vectors. widths_cm, heights_cm: of the front, by SKU, for scale and
    sizes. models: names of detector and embedder, for the layouts' versions. reranker: settles close calls,
    None for retrieval alone. reader: reads price tags, None where text cannot be read.
    """

    def __init__(
        self,
        detector: Detector,
        embed: Embed,
        gallery: retrieve.Gallery,
        acceptance: Acceptance,
        widths_cm: Mapping[str, float] | None = None,
        models: Mapping[str, str] | None = None,
        reranker: Reranker | None = None,
        reader: TextReader | None = None,
        heights_cm: Mapping[str, float] | None = None,
    ) -> None:
        self.detector = detector
        self.embed = embed
        self.gallery = gallery
        self.acceptance = acceptance
        self.widths_cm = widths_cm or {}
        self.heights_cm = heights_cm or {}
        self.reranker = reranker
        self.reader = reader
        parts = (VERSION, reranker.label if reranker else "", reader_label() if reader else "")
        pipeline = "+".join(part for part in parts if part)
        self.versions = {**(models or {}), "gallery": gallery.version, "pipeline": pipeline}

    def run(self, data: bytes, bay_width_cm: float | None = None) -> ShelfLayout:
        """Read a photo file. Raises UnreadablePhoto for a file that is no photo we can read.

        A photo that cannot be used gives a layout without facings whose ``quality`` says why.
        """
        clock = Stopwatch()
        view = self.look(data, clock)
        return orient.turn_back(self.read(view, bay_width_cm, clock), view.turn)

    def look(self, data: bytes, clock: Stopwatch) -> View:
        """Decode, judge and detect, and put a photo taken sideways upright."""
        with clock("decode"):
            header = inspect(data)
            image = decode(data, header)
        with clock("quality"):
            judged = quality.assess(image)
        if not judged.usable:
            return View(image, judged)
        with clock("detect"):
            seen = self.detector.see(image)
        with clock("lines"):
            segments = find_segments(image)
        with clock("orient"):
            turn, detections = orient.find_turn(
                image, segments, seen.products, self.detector.detect, self._likeness
            )
            if turn:
                image, judged = orient.turn_image(image, turn), quality.mark_sideways(judged)
                segments, seen = find_segments(image), self.detector.see(image)
        rails = count_rails(segments, image.shape)
        judged = quality.assess_detections(judged, detections, rails, seen.gaps)
        return View(
            image,
            judged,
            detections,
            segments,
            turn,
            header.focal_35mm,
            seen.price_tags,
            seen.gaps,
            seen.doubtful,
        )

    def read(
        self, view: View, bay_width_cm: float | None = None, clock: Stopwatch | None = None
    ) -> ShelfLayout:
        """Place and name what is seen on a photo; frames are those of ``view.image``."""
        clock = clock or Stopwatch()
        height, width = view.image.shape[:2]
        detections = view.detections if view.quality.usable else ()
        with clock("rectify"):
            plane = rectify.rectify(view.segments, _boxes(detections), width, height, view.focal_35mm)
        doubtful = view.doubtful if view.quality.usable else ()
        look = packages.looker(view.image, plane, self.embed, self.gallery, clock)
        chance = self.acceptance.chance
        found = look(detections) if view.given else packages.find(detections, doubtful, look, chance)
        boxes = _boxes([one.detection for one in found])
        rect_boxes = np.array([one.rect_box for one in found], np.float64).reshape(-1, 4)
        with clock("layout"):
            rows = shelves.find_rows(rect_boxes, boxes[:, 3] > 0.99 * height)
            edges = shelves.shelf_edges(rect_boxes, rows)
            seen_gaps = rectify.rectify_boxes(
                plane.homography, _boxes(view.gaps if view.quality.usable else ())
            )
            seen_gaps = empties.free_of_products(seen_gaps, rect_boxes)
            rows, edges = empties.add_empty_boards(rows, edges, seen_gaps, rect_boxes)
            plane = replace(plane, shelf_edges=edges)
            places = layout.place(rect_boxes, rows)
            gaps = empties.add_seen(layout.find_gaps(rect_boxes, rows, edges), edges, seen_gaps)
        candidates = [one.candidates for one in found]
        if self.reranker is not None:
            with clock("rerank"):
                candidates = self.reranker.rerank([one.crop for one in found], candidates)
        with clock("price_tags"):
            price_tags = self._price_tags(view, plane) if edges else ()
        whole = sizes.inside(boxes, width, height)
        fitting = sizes.plausible(candidates, rect_boxes, whole, self.widths_cm, self.heights_cm)
        facings = [self._facing(*seen) for seen in zip(found, places, candidates, fitting, strict=True)]
        facings.sort(key=lambda f: (f.shelf, f.position, f.stack))
        facings = facings if view.given else behind.in_front(facings)
        return ShelfLayout(
            width=width,
            height=height,
            quality=view.quality,
            rectified=plane,
            shelves=len(plane.shelf_edges),
            facings=tuple(facings),
            gaps=tuple(_gaps(gaps, plane.homography, width, height)),
            cm_per_px=scale.cm_per_px(facings, self.widths_cm, bay_width_cm),
            versions=self.versions,
            timings_ms=clock.timings,
            price_tags=price_tags,
        )

    def _price_tags(self, view: View, plane: RectifiedShelf) -> tuple[PriceTag, ...]:
        """Tags in the frame of the shelf, read where text can be read."""
        tags = placed(view.price_tags, plane)
        return read_tags(self.reader, view.image, tags, plane) if self.reader else tags

    def _likeness(self, image: ImageArray, detections: Sequence[Detection]) -> float:
        """Mean similarity of the surest products to the nearest of the gallery, 0 if there are none."""
        boxes = _boxes(detections[:LIKENESS_CROPS])
        crops = cut(image, boxes, boxes, rectify.identity(image.shape[1], image.shape[0]))
        found = [best[0].similarity for best in self.gallery.search(self.embed(crops), 1) if best]
        return float(np.mean(found)) if found else 0.0

    def _facing(
        self,
        look: packages.Look,
        place: layout.Place,
        found: Sequence[Candidate],
        fitting: Sequence[Candidate],
    ) -> Facing:
        """found: candidates, best first. fitting: those of them that the facing's width does not rule out."""
        verdict = self.acceptance.judge(fitting)
        ruled_out = [candidate for candidate in found if candidate not in fitting]
        return Facing(
            box=look.detection.box,
            rect_box=(look.rect_box[0], look.rect_box[1], look.rect_box[2], look.rect_box[3]),
            shelf=place.shelf,
            position=place.position,
            stack=place.stack,
            detection_score=look.detection.score,
            status=verdict.status,
            sku=verdict.sku,
            confidence=verdict.confidence,
            candidates=(*fitting, *ruled_out),
        )


def _boxes(detections: Sequence[Detection]) -> NDArray[np.float64]:
    """Their boxes, (n, 4)."""
    return np.array([d.box for d in detections], np.float64).reshape(-1, 4)


class Stopwatch:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[stage] = self.timings.get(stage, 0.0) + (time.perf_counter() - start) * 1000


def load_pipeline(
    gallery: retrieve.Gallery,
    embed: Embed | None = None,
    widths_cm: Mapping[str, float] | None = None,
    threads: int = 1,
    acceptance: Mapping[str, float] | None = None,
    models: Mapping[str, ModelEntry] | None = None,
    reranker: Reranker | None = None,
    heights_cm: Mapping[str, float] | None = None,
) -> Pipeline:
    """The shipped models over a gallery.

    embed: the gallery's own embedding, the shipped one by default. acceptance: the rule calibrated for that
    embedding, the shipped one's if there is none. models: by role, other models than the shipped ones.
    reranker: see Pipeline.
    """
    chosen = {role: default_manifest().active(role) for role in ("detector", "embedder")} | dict(models or {})
    detector, embedder = chosen["detector"], chosen["embedder"]
    return Pipeline(
        Detector(detector, threads),
        embed or Embedder(embedder, threads).embed,
        gallery,
        Acceptance.from_settings(rule_of(embedder.settings["acceptance"], acceptance)),
        widths_cm,
        {"detector": detector.label, "embedder": embedder.label},
        reranker,
        TextReader(threads) if reader_label() else None,
        heights_cm,
    )


def _gaps(
    spaces: Sequence[layout.EmptySpace], homography: rectify.Matrix, width: int, height: int
) -> Iterator[Gap]:
    """Gaps whose box lies on the photo, cut at its border."""
    for space in spaces:
        box = rectify.warp_boxes(np.asarray(np.linalg.inv(homography)), np.array([space.box]))
        x1, y1, x2, y2 = np.clip(box[0], 0, [width, height, width, height]).tolist()
        if x2 - x1 >= 1 and y2 - y1 >= 1:
            yield Gap((x1, y1, x2, y2), space.box, space.shelf)
