from __future__ import annotations

import numpy as np

from recognition.stages.boards import on_boards
from recognition.training.evaluate.detection import as_boxes


def test_a_box_stands_on_a_board_when_an_edge_runs_below_most_of_it() -> None:
    edges = np.zeros((40, 60), np.float32)
    edges[20, 5:30] = 0.9
    cell = 8.0
    boxes = as_boxes(
        [
            [50, 100, 200, 165],  # on the edge
            [50, 100, 200, 172],  # a little below it
            [50, 20, 200, 90],  # far above it
            [200, 100, 470, 164],  # the edge ends under it
            [300, 300, 470, 330],  # at the border, nothing there
        ]
    )

    assert on_boards(boxes, edges, cell).tolist() == [True, True, False, False, False]
    assert on_boards(as_boxes([]), edges, cell).tolist() == []
