"""Key points of pictures, what matches between two, and re-ranking by it; with the shipped model."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
import zxingcpp

from recognition.runtime.manifest import default_manifest
from recognition.stages.embed import trim_packshot
from recognition.stages.keypoints import Alike, Finder, Keypoints, Sift, match, verify
from recognition.stages.locate import PARTS, locate, middle_parts, scene_vectors
from recognition.stages.rerank import BARCODE, CLOSE, Reference, Reranker, by_barcode, references_of
from recognition.training.render.packs import packshot
from recognition.types import Candidate, FloatArray, ImageArray
from tests.recognition.stages.test_embed import pattern
from tests.rendered import products

FINDERS = ["alike", "sift"]
GOLDEN_POINTS = [[36, 143], [18, 175], [18, 125]]
GOLDEN_DESCRIPTOR = [-0.0973, 0.0940, 0.1234, -0.0587, 0.0675, -0.0850]


@pytest.fixture(scope="module")
def alike() -> Alike:
    return Alike(default_manifest().active("keypoints"))


@pytest.fixture(scope="module")
def packs() -> list[ImageArray]:
    return [trim_packshot(packshot(spec)) for spec in products()]


def finder_of(name: str, alike: Alike) -> Finder:
    return alike if name == "alike" else Sift()


def photographed(pack: ImageArray, turn: float = 12, size: float = 0.5) -> tuple[ImageArray, FloatArray]:
    """The pack, turned by degrees, on a grey scene twice as high; and its matrix, both in long sides."""
    height, width = pack.shape[:2]
    scene = (2 * height, 2 * height)
    centre = (width / 2, height / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, turn, size * scene[0] / height), np.float64)
    matrix[:, 2] += np.array(scene[::-1]) / 2 - np.array([width, height]) / 2
    shown = cv2.warpAffine(pack, matrix, scene[::-1], borderValue=(120, 120, 120))
    long, seen = max(height, width), max(scene)
    shares = np.column_stack([matrix[:, :2] * long / seen, matrix[:, 2] / seen])
    return np.asarray(shown, np.uint8), shares.astype(np.float32)


def test_the_shipped_finder_gives_the_same_points_as_ever(alike: Alike) -> None:
    found = alike.find([pattern(200, 140)])[0]
    assert found.descriptors.shape == (192, 128)
    np.testing.assert_allclose(np.linalg.norm(found.descriptors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found.points[:3] * 224, GOLDEN_POINTS, atol=0.01)
    np.testing.assert_allclose(found.descriptors[0, :6], GOLDEN_DESCRIPTOR, atol=2e-3)


def test_a_batch_of_awkward_sizes_finds_what_single_pictures_do(alike: Alike) -> None:
    pictures = [pattern(*size) for size in ((200, 140), (33, 90), (7, 300), (224, 224), (1, 1))]
    for together, picture in zip(alike.find(pictures), pictures, strict=True):
        single = alike.find([picture])[0]
        assert abs(len(together) - len(single)) <= 8 + 0.1 * len(single)  # the padding beside differs
        shared = {*map(tuple, together.points.round(4))} & {*map(tuple, single.points.round(4))}
        assert len(shared) >= 0.8 * len(single)
        assert np.all(together.points <= 1)


@pytest.mark.parametrize("name", FINDERS)
def test_the_fit_tells_how_a_pack_lies_in_a_scene(name: str, alike: Alike, packs: list[ImageArray]) -> None:
    finder = finder_of(name, alike)
    scene, truth = photographed(packs[0])
    seen, (own, other) = finder.find([scene], 448)[0], finder.find(packs[:2])
    fit = verify(seen, own)
    assert fit.inliers > 25
    assert fit.inliers > 1.3 * verify(seen, other).inliers  # a flavour of the same design
    assert fit.matrix is not None
    np.testing.assert_allclose(fit.matrix, truth, atol=0.04)


def test_points_without_a_partner_do_not_match() -> None:
    points = np.zeros((2, 2), np.float32)
    one = Keypoints(points, np.array([[1, 0], [0, 1]], np.float32))
    other = Keypoints(points, np.array([[0, 1], [0.6, 0.8]], np.float32))
    assert match(one, other).tolist() == [[1, 0]]  # the first one's nearest prefers the second
    assert match(one, Keypoints(points[:0], one.descriptors[:0])).shape == (0, 2)


def test_nothing_in_common_is_no_evidence() -> None:
    empty = Keypoints(np.empty((0, 2), np.float32), np.empty((0, 4), np.float32))
    assert verify(empty, empty).evidence == 0
    blank = Sift().find([np.full((50, 40, 3), 200, np.uint8)])[0]
    assert len(blank) == 0


def test_packed_key_points_are_nearly_the_same(alike: Alike, packs: list[ImageArray]) -> None:
    found = alike.find(packs[:1])[0]
    data = found.pack()
    again = Keypoints.unpack(data)
    assert len(data) == 4 + len(found) * (4 + 128)
    np.testing.assert_allclose(again.points, found.points, atol=1e-5)
    np.testing.assert_allclose(again.descriptors, found.descriptors, atol=0.004)
    with pytest.raises(ValueError, match="are no packed key points"):
        Keypoints.unpack(data[:-1])
    with pytest.raises(ValueError, match="do not fit"):
        Keypoints(found.points[1:], found.descriptors)


def test_evidence_decides_and_the_closest_calls_are_looked_at(alike: Alike, packs: list[ImageArray]) -> None:
    known = {str(i): reference for i, reference in enumerate(references_of(alike, packs))}
    asked: list[str] = []

    def references(keys: Sequence[str]) -> dict[str, Reference]:
        asked.extend(keys)
        return {key: known[key] for key in keys if key != "2"}

    crop = np.asarray(cv2.GaussianBlur(packs[0], (0, 0), 1.0)[10:-20, 5:], np.uint8)
    close = [Candidate("b", 0.80, "1"), Candidate("a", 0.79, "0"), Candidate("c", 0.70, "2")]
    clear = [Candidate("b", 0.90, "1"), Candidate("a", 0.90 - CLOSE, "0")]
    first, second = Reranker(alike, references, most=1).rerank([crop] * 2, [close, clear])
    assert [c.sku for c in first] == ["a", "b", "c"]
    assert first[0].evidence is not None
    assert first[1].evidence is not None
    assert first[0].evidence > first[1].evidence
    assert first[2].evidence is None
    assert first[0].agreement is not None
    assert min(first[0].agreement) > 0.8
    assert first[1].agreement is None
    assert second == clear
    assert asked == ["0", "1", "2"]
    _, sure = Reranker(alike, references).rerank([crop] * 2, [close, clear])
    assert all(c.evidence is not None for c in sure)
    assert sure[0].agreement is not None


def test_without_packshots_nothing_changes(alike: Alike) -> None:
    one = [Candidate("a", 0.4, "0")]
    assert Reranker(alike, lambda keys: {}).rerank([pattern(40, 40)] * 2, [one, []]) == [one, []]
    assert Reranker(alike, lambda keys: {}).rerank([pattern(40, 40)], [[]]) == [[]]


@pytest.mark.parametrize(
    ("printed", "order"),
    [("2900000010017", ["c", "b", "a"]), ("2900000010024", ["b", "a", "c"]), ("", ["b", "a", "c"])],
)
def test_a_barcode_decides_a_close_call(alike: Alike, printed: str, order: list[str]) -> None:
    crop = np.full((300, 240, 3), 200, np.uint8)
    if printed:
        code = np.array(zxingcpp.create_barcode(printed, zxingcpp.BarcodeFormat.EAN13).to_image(scale=2))
        crop[60:][: code.shape[0], 10:][:, : code.shape[1]] = code[..., None]
    close = [Candidate("b", 0.80, "1"), Candidate("a", 0.79, "0"), Candidate("c", 0.65, "2")]
    gtins = {"a": "02900000010000", "c": "02900000010017"}
    ranked = Reranker(alike, lambda keys: {}, gtins=gtins).rerank([crop], [close])[0]
    assert [c.sku for c in ranked] == order
    assert [c.evidence for c in ranked] == [BARCODE if order[0] == "c" else None, None, None]
    assert (ranked[0].agreement is not None) == (order[0] == "c")


def test_barcodes_of_several_candidates_decide_nothing() -> None:
    close = [Candidate("b", 0.80), Candidate("a", 0.79)]
    gtins = {"a": "02900000010000", "b": "02900000010017"}
    assert by_barcode(list(gtins.values()), close, gtins) == close


def test_a_product_is_found_in_its_scene(alike: Alike, packs: list[ImageArray]) -> None:
    scene, _ = photographed(packs[0], turn=100, size=0.6)

    def references(finder: Finder, keys: Sequence[str]) -> dict[str, Keypoints]:
        return dict(zip(keys, finder.find([packs[int(key)] for key in keys]), strict=True))

    found = [Candidate("b", 0.76, "1"), Candidate("a", 0.75, "0")]
    located = locate(scene, found, (alike, Sift()), references)
    assert [c.sku for c in located.candidates] == ["a", "b"]
    assert located.box is not None
    middle = (located.box[0] + located.box[2]) / 2, (located.box[1] + located.box[3]) / 2
    np.testing.assert_allclose(middle, [scene.shape[1] / 2, scene.shape[0] / 2], atol=0.06 * scene.shape[0])
    assert locate(np.full_like(scene, 90), found, (alike,), references).box is None


def test_a_scene_is_the_mean_of_its_middle_parts() -> None:
    def embed(crops: Sequence[ImageArray]) -> FloatArray:
        return np.array([[crop.shape[0], crop.shape[1], 1] for crop in crops], np.float32)

    scenes = [pattern(100, 60), pattern(3, 2)]
    parts = [middle_parts(scene) for scene in scenes]
    assert [p.shape[:2] for p in parts[0][:2]] == [(100, 60), (84, 50)]
    assert all(min(part.shape[:2]) >= 1 for part in parts[1])
    vectors = scene_vectors(scenes, embed)
    mean = np.array([[*part.shape[:2], 1] for part in parts[0]]).mean(axis=0)
    assert len(parts[0]) == len(PARTS)
    np.testing.assert_allclose(vectors[0], mean / np.linalg.norm(mean), atol=1e-6)
