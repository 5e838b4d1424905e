"""ALIKE in torch, as ONNX, and as published."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training.alike.export import BORDER, Served, export_onnx
from recognition.training.alike.net import Alike, load_alike
from tests.recognition.stages.test_embed import pattern

PUBLISHED = Path(__file__).parents[5] / "shared" / "weights" / "alike" / "alike-t.pth"


@pytest.fixture(scope="module")
def net() -> Alike:
    torch.manual_seed(3)
    return Alike((4, 8, 8, 16), 16).eval()


@pytest.fixture(scope="module")
def outputs(net: Alike, tmp_path_factory: pytest.TempPathFactory) -> list[np.ndarray]:
    file = tmp_path_factory.mktemp("alike") / "net.onnx"
    export_onnx(net, file, points=40)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.run(None, {"pictures": PICTURES, "sizes": SIZES})


PICTURES = np.stack([pattern(96, 128), pattern(96, 128)[:, ::-1]])
SIZES = np.array([[96, 128], [60, 70]], np.int64)


def test_onnx_says_what_torch_says(net: Alike, outputs: list[np.ndarray]) -> None:
    with torch.no_grad():
        expected = Served(net, points=40)(torch.from_numpy(PICTURES), torch.from_numpy(SIZES))
    real = outputs[1] > 0  # the others may come in any order
    np.testing.assert_allclose(outputs[1], expected[1].numpy(), atol=1e-4)
    np.testing.assert_array_equal(outputs[0][real], expected[0].numpy()[real])
    np.testing.assert_allclose(outputs[2][real], expected[2].numpy()[real], atol=1e-3)


def test_the_shortened_graph_samples_the_whole_net_s_maps(net: Alike, outputs: list[np.ndarray]) -> None:
    with torch.no_grad():
        scores, descriptors = net(torch.from_numpy(PICTURES).permute(0, 3, 1, 2).float() / 255)
    for row in range(2):
        points, best, described = (output[row] for output in outputs)
        real = best > 0
        x, y = points[real].astype(int).T
        assert real.sum() >= 20
        np.testing.assert_allclose(best[real], scores[row, 0].numpy()[y, x], atol=1e-4)
        np.testing.assert_allclose(described[real], descriptors[row].numpy()[:, y, x].T, atol=1e-3)
        assert x.max() < SIZES[row, 1] - BORDER
        assert y.max() < SIZES[row, 0] - BORDER
        assert min(x.min(), y.min()) >= BORDER


def test_published_weights_load_by_name() -> None:
    if not PUBLISHED.exists():
        pytest.skip("needs the published ALIKE weights in ../shared/weights/alike")
    net = load_alike(PUBLISHED)
    assert net.convhead2.weight.shape == (65, 64, 1, 1)
    assert not net.training


def test_another_net_s_weights_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.pth"
    torch.save({"weight": torch.zeros(1)}, file)
    with pytest.raises(ValueError, match="no ALIKE checkpoint"):
        load_alike(file)
