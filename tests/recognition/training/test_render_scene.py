"""Rendered photos: the truth must agree with what was painted."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from recognition.training.__main__ import main
from recognition.training.detector.data import Batches
from recognition.training.evaluate.photos import read_photos
from recognition.training.render.camera import look_at
from recognition.training.render.canvas import Canvas
from recognition.training.render.catalogue import PackSpec, make_catalogue
from recognition.training.render.coco import write_part
from recognition.training.render.fixture import draw_doors
from recognition.training.render.invent import invented_bay
from recognition.training.render.layout import TIDY, Slot, planned_bay
from recognition.training.render.nothing import render_nothing
from recognition.training.render.scene import render_scene
from recognition.training.render.truth import RenderedPhoto

SIZE = (640, 480)


@pytest.fixture(scope="module")
def catalogue() -> list[PackSpec]:
    return make_catalogue(11, 3, ["snacks"], 8)


@pytest.fixture(scope="module")
def plan(catalogue: list[PackSpec]) -> list[list[Slot]]:
    a, b, c = (s.sku for s in catalogue[:3])
    return [[(a, 3, 1), (None, 15.0, 0), (b, 2, 1)], [(c, 2, 1), (a, 1, 2), (b, 3, 1)]]


@pytest.fixture(scope="module")
def photo(catalogue: list[PackSpec], plan: list[list[Slot]]) -> RenderedPhoto:
    return render_scene(7, catalogue=catalogue, plan=plan, size=SIZE, angle=12, quality="clean")


def test_a_plan_is_rendered_exactly(
    photo: RenderedPhoto, catalogue: list[PackSpec], plan: list[list[Slot]]
) -> None:
    a, b, c = (s.sku for s in catalogue[:3])
    assert photo.image.shape == (480, 640, 3)
    assert photo.skus == [a, a, a, b, b, c, c, a, a, b, b, b]
    assert photo.shelf.tolist() == [0] * 5 + [1] * 7
    assert photo.position.tolist() == [0, 1, 2, 3, 4, 0, 1, 2, 2, 3, 4, 5]
    assert photo.stack.tolist() == [0] * 8 + [1] + [0] * 3
    assert photo.planogram[7] == (1, 2, a, 2)
    assert [shelf for _, shelf in photo.gaps] == [0]
    assert {tag.sku for tag in photo.tags} == {a, b, c}
    assert {tag.price for tag in photo.tags} <= {s.price for s in catalogue}


def test_boxes_lie_in_the_photo_in_order_and_mostly_visible(photo: RenderedPhoto) -> None:
    boxes = photo.boxes
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= np.array(SIZE)).all()
    assert (boxes[:, 2:] - boxes[:, :2] > 6).all()
    centres = (boxes[:5, 0] + boxes[:5, 2]) / 2
    assert (np.diff(centres) > 0).all()
    assert boxes[:5, 3].mean() < boxes[5:, 3].mean()
    assert photo.visible.min() >= 0.25
    assert photo.visible.max() <= 1.0


def test_a_facing_without_its_neighbour_looks_different_only_near_it(catalogue: list[PackSpec]) -> None:
    sku = catalogue[0].sku
    width = catalogue[0].width_cm * 1.03
    full = render_scene(5, catalogue=catalogue, plan=[[(sku, 2, 1)]], size=SIZE, angle=0, quality="clean")
    half: list[list[Slot]] = [[(None, width, 0), (sku, 1, 1)]]
    gone = render_scene(5, catalogue=catalogue, plan=half, size=SIZE, angle=0, quality="clean")
    assert len(full.boxes) == 2
    assert len(gone.boxes) == 1
    assert abs(full.boxes[1, 0] - gone.boxes[0, 0]) < 25


def test_homography_maps_the_front_plane_to_the_photo(photo: RenderedPhoto) -> None:
    edges = photo.shelf_edges
    assert len(edges) == 2
    back = np.linalg.inv(photo.homography)
    for edge in edges:
        plane = cv2.perspectiveTransform(edge[None].astype(np.float64), back)[0]
        assert np.ptp(plane[:, 1]) < 1.5, "a board's edge is level in the shelf plane, within the lens's bend"


def test_camera_sees_the_width_asked_for() -> None:
    camera = look_at((50, 40), 100, (800, 600))
    seen = camera.project(np.array([[0, 40, 0], [100, 40, 0], [50, 40, 0.0]]))
    assert seen == pytest.approx(np.array([[0, 300], [800, 300], [400, 300]]), abs=1e-6)
    above = look_at((50, 40), 100, (800, 600), yaw=20, pitch=10)
    assert above.position[0] > 50
    assert above.position[1] < 40
    assert above.project(np.array([[50, 40, 0.0]]))[0] == pytest.approx([400, 300])


def test_what_lies_behind_the_camera_is_cut_away() -> None:
    camera = look_at((50, 40), 100, (800, 600))
    floor = np.array([[0, 80, -500], [100, 80, -500], [100, 80, 0], [0, 80, 0.0]])
    seen = camera.outline(floor)
    assert len(seen) == 4
    assert seen[:, 1].min() == pytest.approx(300 + 40 * 8)
    assert len(camera.outline(floor - [0, 0, 600])) == 0


def test_cards_hang_on_hooks_with_a_tag_each_and_nothing_else_hangs() -> None:
    cards = make_catalogue(3, 4, ["hooks", "household"], 40)
    habits = replace(TIDY, cut_trays=1.0, dividers=1.0)
    bay = invented_bay(np.random.default_rng(2), cards, 300.0, 400.0, habits)
    hanging = {index for index, row in enumerate(bay.rows) if row.pegs}
    assert 0 < len(hanging) < len(bay.rows)
    assert all((unit.spec.shape == "blister") == (unit.shelf in hanging) for unit in bay.units)
    assert all((label.hook is not None) == (label.shelf in hanging) for label in bay.labels)
    assert bay.trays
    assert bay.dividers
    assert not hanging & {tray.shelf for tray in bay.trays}
    assert not hanging & {shelf for shelf, _, _ in bay.dividers}


def test_glass_doors_hide_packs_by_their_frames_alone() -> None:
    bay = planned_bay(np.random.default_rng(1), [[(None, 120.0, 0)]], [])
    camera = look_at((60, 15), 140, (400, 300))
    canvas = Canvas(np.zeros((300, 400, 3), np.uint8))
    canvas.ids[:] = 7
    draw_doors(canvas, camera, bay, np.random.default_rng(1))
    assert 0.6 < (canvas.ids == 7).mean() < 0.99
    assert canvas.image[canvas.ids == 7].max() > 10, "they mirror the shop"


def test_equal_seeds_give_equal_photos_and_others_do_not() -> None:
    first, again, other = (render_scene(seed, size=(320, 240), products=(8, 20)) for seed in (3, 3, 4))
    assert np.array_equal(first.image, again.image)
    assert np.array_equal(first.boxes, again.boxes)
    assert not np.array_equal(first.image, other.image)


def test_invented_shelves_hold_facings_and_ignore_regions() -> None:
    photos = [render_scene(seed, size=(400, 300), products=(15, 60)) for seed in range(64, 69)]
    assert sum(len(p.boxes) for p in photos) > 60
    assert sum(len(p.ignore) for p in photos) > 10
    for p in photos:
        assert len(p.boxes) == len(p.skus) == len(p.shelf) == len(p.position) == len(p.visible)
        assert p.shelf.size == 0 or p.shelf.min() == 0


@pytest.mark.parametrize(
    ("slots", "message"),
    [
        ([[("nobody", 1, 1)]], "'nobody'"),
        ([[(None, 0.0, 0)]], "needs a width in cm, got 0.0"),
        ([], "at least one shelf"),
    ],
)
def test_an_impossible_plan_is_refused_with_its_reason(
    catalogue: list[PackSpec], slots: list[list[Slot]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        render_scene(1, catalogue=catalogue, plan=slots)


def test_unknown_quality_is_named() -> None:
    with pytest.raises(ValueError, match="clean, phone, varied, poor, got 'best'"):
        render_scene(1, quality="best")


def test_commands_write_a_coco_data_set_and_a_sheet(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    options = ["--count", "3", "--seed", "40", "--megapixels", "0.1", "0.12", "--products", "10", "30"]
    assert main(["render", "--out", str(folder), *options]) == 0
    data = json.loads((folder / "annotations.json").read_text())
    assert [image["file_name"] for image in data["images"]] == [f"{n:08d}.jpg" for n in (40, 41, 42)]
    for image in data["images"]:
        written = cv2.imread(str(folder / image["file_name"]))
        assert written is not None
        assert written.shape[:2] == (image["height"], image["width"])
        assert len(image["homography"]) == 3
    products = {kind["id"] for kind in data["categories"] if kind["name"] == "product"}
    facings = [a for a in data["annotations"] if not a["iscrowd"] and a["category_id"] in products]
    assert facings
    assert {"sku", "shelf", "position", "stack", "visible", "bbox", "area"} <= set(facings[0])
    sheet = tmp_path / "sheet.png"
    assert (
        main(["contact-sheet", "--images", str(folder), "--boxes", "--out", str(sheet), "--height", "100"])
        == 0
    )
    assert cv2.imread(str(sheet)).shape[1] == 1920


def test_an_interrupted_render_goes_on_where_it_stopped(tmp_path: Path) -> None:
    write_part(
        tmp_path, [5], [{"file_name": "00000005.jpg", "annotations": [{"bbox": [1, 2, 3, 4], "iscrowd": 0}]}]
    )
    options = ["--count", "1", "--seed", "5", "--megapixels", "0.1", "0.1"]
    assert main(["render", "--out", str(tmp_path), *options]) == 0
    data = json.loads((tmp_path / "annotations.json").read_text())
    assert data["annotations"][0]["area"] == 12
    assert sorted(p.name for p in tmp_path.iterdir()) == ["annotations.json"]


def test_a_sheet_of_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no picture found"):
        main(["contact-sheet", "--images", str(tmp_path), "--out", str(tmp_path / "sheet.png")])


def test_render_wants_catalogue_and_packshots_together(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="go together"):
        main(["render", "--out", str(tmp_path), "--catalog", "catalog.csv"])


@pytest.mark.parametrize("seed", range(6))
def test_photos_of_nothing_have_a_picture_and_no_boxes(seed: int) -> None:
    photo = render_nothing(seed, (200, 150))

    assert photo.image.shape == (150, 200, 3)
    assert photo.image.std() > 1
    assert len(photo.boxes) == len(photo.ignore) == len(photo.tags) == len(photo.gaps) == 0
    assert np.array_equal(photo.image, render_nothing(seed, (200, 150)).image)
    assert not np.array_equal(photo.image, render_nothing(seed + 6, (200, 150)).image)


def test_photos_of_nothing_train_the_detector(tmp_path: Path) -> None:
    assert (
        main(["render", "--nothing", "--out", str(tmp_path), "--count", "2", "--megapixels", "0.1", "0.1"])
        == 0
    )

    photos = read_photos(str(tmp_path))

    assert [len(photo.truth.boxes) for photo in photos] == [0, 0]
    pictures, truths = Batches(photos, 64, 2, seed=1)(0)
    assert pictures.shape == (2, 3, 64, 64)
    assert all(len(truth.boxes) == 0 for truth in truths)
