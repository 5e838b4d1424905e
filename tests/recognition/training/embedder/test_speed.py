"""The measured times are of the embedder that is served."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("torch", reason="eager PyTorch needs the extra 'train'")

from recognition.runtime.manifest import default_manifest
from recognition.training.__main__ import main


def test_every_embedder_is_timed_and_faster_than_eager_pytorch(capsys: pytest.CaptureFixture[str]) -> None:
    main(["measure-speed", "--crops", "8", "--rounds", "4"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        model.label for model in default_manifest().models if model.role == "embedder"
    ]
    for line in lines:
        served, alone, eager = map(float, re.findall(r"([\d.]+) ms", line))
        assert 0 < alone < eager
        assert 0 < served < eager
