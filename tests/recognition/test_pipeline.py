"""The whole pipeline as a library, with the shipped models and a gallery in memory; no database."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recognition.pipeline import VERSION, Pipeline, Stopwatch, load_pipeline
from recognition.runtime.manifest import default_manifest
from recognition.stages.decode import UnreadablePhoto
from recognition.stages.embed import Embedder, trim_packshot
from recognition.stages.retrieve import NumpyGallery
from recognition.training.render.packs import packshot
from recognition.types import Detection, ImageArray
from tests.rendered import Plan, as_jpeg, products, render

PLAN: Plan = [[(spec.sku, 2, 1) for spec in products()[:4]], [(spec.sku, 2, 1) for spec in products()[4:]]]


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    embedder = Embedder(default_manifest().active("embedder"))
    vectors = embedder.embed([trim_packshot(packshot(spec)) for spec in products()])
    widths = {spec.sku: spec.width_cm for spec in products()}
    return load_pipeline(NumpyGallery(vectors, [spec.sku for spec in products()]), widths_cm=widths)


@pytest.fixture(scope="module")
def photo() -> ImageArray:
    return render(PLAN)


def test_a_rendered_bay_is_laid_out_as_planned(pipeline: Pipeline, photo: ImageArray) -> None:
    layout = pipeline.run(as_jpeg(photo))

    assert layout.quality.usable
    assert (layout.height, layout.width) == photo.shape[:2]
    assert layout.shelves == len(layout.rectified.shelf_edges) == 2
    places = [(f.shelf, f.position, f.stack) for f in layout.facings]
    assert places == sorted(places)
    assert len(set(places)) == len(places) >= 12
    assert all(len(f.candidates) == 8 for f in layout.facings)
    assert layout.rectified.confidence > 0.4
    stages = {"decode", "quality", "detect", "lines", "rectify", "layout", "crop", "embed", "retrieve"}
    assert stages <= set(layout.timings_ms)
    assert layout.versions["pipeline"].split("+")[0] == VERSION
    assert set(layout.versions) == {"detector", "embedder", "gallery", "pipeline"}


def test_the_same_photo_gives_the_same_layout(pipeline: Pipeline, photo: ImageArray) -> None:
    first, second = (replace(pipeline.run(as_jpeg(photo)), timings_ms={}) for _ in range(2))

    assert np.array_equal(first.rectified.homography, second.rectified.homography)
    plain = first.rectified
    assert replace(first, rectified=plain) == replace(second, rectified=plain)


def test_a_dark_photo_is_refused_before_any_model_runs(pipeline: Pipeline, photo: ImageArray) -> None:
    layout = pipeline.run(as_jpeg((photo * 0.03).astype(np.uint8)))

    assert not layout.quality.usable
    assert "too dark" in layout.quality.problems[0]
    assert (layout.facings, layout.gaps, layout.shelves) == ((), (), 0)
    assert "detect" not in layout.timings_ms


def test_what_is_no_photo_is_refused(pipeline: Pipeline) -> None:
    with pytest.raises(UnreadablePhoto, match="not a photo"):
        pipeline.run(b"plain text is no photo")


def test_given_boxes_are_named_without_the_detector(pipeline: Pipeline, photo: ImageArray) -> None:
    view = pipeline.look(as_jpeg(photo), Stopwatch())
    given = [Detection(d.box, 1.0) for d in view.detections[:5]]
    x1, y1, x2, y2 = given[0].box
    half = Detection((x1, y1, x2, (y1 + y2) / 2), 1.0)

    layout = pipeline.read(replace(view, detections=[*given, half], given=True))

    assert {f.box for f in layout.facings} == {d.box for d in (*given, half)}
    assert pipeline.read(replace(view, detections=(), given=True)).facings == ()


def test_an_empty_gallery_makes_everything_unknown(pipeline: Pipeline, photo: ImageArray) -> None:
    empty = load_pipeline(NumpyGallery(np.zeros((0, 256), np.float32), []))

    layout = empty.run(as_jpeg(photo))

    assert layout.facings
    assert {(f.status.value, f.sku) for f in layout.facings} == {("unknown", None)}
