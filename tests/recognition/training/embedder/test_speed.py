"""The measured times are of the embedder that is served."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="eager PyTorch needs the extra 'train'")

from recognition.training.__main__ import main


def test_every_embedder_is_timed_and_faster_than_eager_pytorch(capsys: pytest.CaptureFixture[str]) -> None:
    main(["measure-speed", "--crops", "8", "--rounds", "4"])
    lines = capsys.readouterr().out.splitlines()
    times = {line.partition(":")[0]: float(line.partition(": ")[2].split(" ms")[0]) for line in lines}
    assert list(times) == [
        "eager PyTorch, one crop at a time",
        "product-embedder-2",
        "product-embedder-3",
    ]
    eager, floats, eight_bits = times.values()
    assert 0 < eight_bits < eager
    assert 0 < floats < eager
