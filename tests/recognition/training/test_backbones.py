"""The dequantised MobileNetV2 says what the published file says."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training import backbones

SHARED = Path(__file__).resolve().parents[4] / "shared"
WEIGHTS = SHARED / "weights"
PHOTO = SHARED / "data/grocerystore/images/Satsumas/Satsumas_001.jpg"
needs_shared = pytest.mark.skipif(not PHOTO.is_file(), reason=f"needs weights and photos in {SHARED}")


def test_pyramid_has_the_stated_strides_and_channels() -> None:
    with torch.no_grad():
        levels = backbones.mobilenetv2(None).eval().pyramid(torch.zeros(2, 3, 96, 160))
    assert [tuple(level.shape) for level in levels] == [(2, 32, 12, 20), (2, 96, 6, 10), (2, 320, 3, 5)]


@needs_shared
def test_dequantised_weights_agree_with_the_published_file() -> None:
    from ai_edge_litert.interpreter import Interpreter

    picture = cv2.resize(cv2.imread(str(PHOTO))[:, :, ::-1], (224, 224), interpolation=cv2.INTER_AREA)
    published = Interpreter(str(WEIGHTS / backbones.MOBILENETV2_FILE))
    published.allocate_tensors()
    published.set_tensor(published.get_input_details()[0]["index"], picture[None])
    published.invoke()
    expected = published.get_tensor(published.get_output_details()[0]["index"])[0] / 256

    model = backbones.mobilenetv2(WEIGHTS).eval()
    scaled = ((picture.astype(np.float32) - 127) / 127.5).transpose(2, 0, 1)
    with torch.no_grad():
        got = torch.softmax(model(torch.from_numpy(scaled)[None]), dim=1)[0].numpy()

    assert got.argmax() == expected.argmax()
    assert abs(got - expected).max() < 0.05  # what eight-bit activations cost


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="mobilenet_v2"):
        backbones.mobilenetv2(tmp_path)
