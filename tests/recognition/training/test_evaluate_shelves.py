from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from recognition.stages.rectify import identity
from recognition.training.evaluate.shelves import Frame, LabelledBox, Reading, read_labels, shelf_figures
from recognition.types import Box, Candidate, Facing, FacingStatus, Quality, ShelfLayout

BRANDS = {"A1": "Ours", "A2": "Ours", "B1": "Theirs"}


def at(column: int, row: int = 0) -> Box:
    return (100.0 * column, 200.0 * row, 100.0 * column + 90, 200.0 * row + 150)


def facing(box: Box, sku: str | None, shelf: int = 0, candidates: tuple[str, ...] = ()) -> Facing:
    status = FacingStatus.ACCEPTED if sku else FacingStatus.UNKNOWN
    ranked = tuple(Candidate(name, 0.9 - 0.1 * i) for i, name in enumerate(candidates))
    return Facing(box, box, shelf, int(box[0] / 100), 0, 0.9, status, sku, 0.8, ranked)


def layout(*facings: Facing) -> ShelfLayout:
    rows = max(f.shelf for f in facings) + 1
    return ShelfLayout(1000, 800, Quality(True, 1, 1), identity(1000, 800), rows, facings)


FRAME = Frame(
    "a.jpg",
    (
        LabelledBox(at(0), "A1", 0),
        LabelledBox(at(1), "A2", 0),
        LabelledBox(at(2), "other", 0),
        LabelledBox(at(3), "unsure", 0),
        LabelledBox(at(4, 1), "B1", 1),
        LabelledBox(at(5, 1), "other", 1, variant_of="A1"),
    ),
    np.array([[700, 0, 800, 800]], np.float32),
)
SEEN = layout(
    facing(at(0), "A1"),  # right
    facing(at(1), "B1"),  # wrong product
    facing(at(2), None),  # right: not in the catalogue
    facing(at(3), "A1"),  # unsure: left out
    facing(at(5, 1), "A1", 1),  # variant: left out, strictly wrong, leniently right
    facing(at(6), "A2"),  # nothing is there
    facing((710, 5, 790, 120), "A2"),  # in an ignore region: left out
)
TRUE = layout(
    facing(at(0), "A1", candidates=("A1", "A2")),
    facing(at(1), "B1", candidates=("B1", "A2")),
    facing(at(2), None, candidates=("B1",)),
    facing(at(3), None),
    facing(at(4, 1), "B1", 1, candidates=("B1",)),
    facing(at(5, 1), "A1", 1, candidates=("A1",)),
)


def test_every_figure_counts_what_its_definition_says() -> None:
    found = shelf_figures([FRAME], [Reading(SEEN, TRUE, 120.0)], BRANDS)

    # Seen: A1 right, A2 wrong, other right, one false: 2 of 4. Labelled: A1, A2, other, B1: 2 of 4.
    assert found["facing_precision"] == found["facing_recall"] == found["facing_f1"] == 0.5
    assert (found["strict"]["facing_precision"], found["strict"]["facing_recall"]) == (2 / 5, 2 / 5)
    assert (found["lenient"]["facing_precision"], found["lenient"]["facing_recall"]) == (3 / 5, 3 / 5)
    assert found["hit1_true_boxes"] == pytest.approx(2 / 3)
    assert found["hit10_true_boxes"] == 1
    assert found["lenient"]["hit1_true_boxes"] == pytest.approx(3 / 4)
    # Labelled: A1, A2, B1, A1: Ours 3/4. Seen: A1, B1, A1, A2: Ours 3/4.
    assert found["share_of_shelf_error"] == pytest.approx(0)
    assert found["shelf_row_accuracy"] == 1
    assert found["ms_per_photo"] == 120
    assert found["counts"] == {
        "photos": 1,
        "boxes": 6,
        "catalogue_boxes": 3,
        "variant_boxes": 1,
        "facings": 7,
        "unknown_facings": 1,
        "row_facings": 5,
    }


def test_shares_are_compared_by_brand_in_points() -> None:
    seen = layout(facing(at(0), "B1"), facing(at(1), "A2"), facing(at(2), None), facing(at(4, 1), "B1", 1))

    found = shelf_figures([FRAME], [Reading(seen, TRUE, 1.0)], BRANDS)

    # Labelled: Ours 75, Theirs 25. Seen: B1, A2, B1.
    assert found["share_of_shelf_error"] == pytest.approx(100 * (3 / 4 - 1 / 3))


def test_a_row_too_many_is_wrong_unless_only_ignored_facings_stand_on_it() -> None:
    ignored_row = layout(
        facing((710, 5, 790, 120), None, 0), facing(at(0), "A1", 1), facing(at(4, 1), "B1", 2)
    )
    wrong_row = layout(facing(at(6), None, 0), facing(at(0), "A1", 1), facing(at(4, 1), "B1", 2))

    accuracies = [
        shelf_figures([FRAME], [Reading(seen, TRUE, 1.0)], BRANDS)["shelf_row_accuracy"]
        for seen in (ignored_row, wrong_row)
    ]

    assert accuracies == [1.0, 0.0]


def test_labels_are_read_and_a_bad_frame_is_named(tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    frame = {
        "file": "a.jpg",
        "boxes": [{"bbox": [1, 2, 30, 40], "sku": "A1", "shelf": 2, "variant_of": "B1"}],
        "ignore": [[0, 0, 5, 5]],
    }
    file.write_text(
        json.dumps({"frames": [frame, {"file": "b.jpg", "boxes": [{"bbox": [1, 2], "sku": "A"}]}]})
    )

    with pytest.raises(ValueError, match=r"labels.json, frame 1: expected file, boxes with bbox"):
        read_labels(file)
    file.write_text(json.dumps({"frames": [frame]}))
    (read,) = read_labels(file)
    assert read.boxes == (LabelledBox((1, 2, 31, 42), "A1", 2, "B1"),)
    assert read.ignore.tolist() == [[0, 0, 5, 5]]
    file.write_text("[]")
    with pytest.raises(ValueError, match='an object with a list "frames"'):
        read_labels(file)
