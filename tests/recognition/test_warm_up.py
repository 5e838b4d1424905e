"""A worker process that is ready before its first photo."""

from __future__ import annotations

import pytest
from django.conf import settings

from recognition.models import ModelState, ModelVersion
from recognition.runtime import sessions
from recognition.services.registry import active_entry
from recognition.services.warm_up import warm_up

pytestmark = pytest.mark.django_db


def test_the_active_models_are_open_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: dict[object, object] = {}
    monkeypatch.setattr(sessions, "_sessions", opened)

    assert warm_up()

    for role in ("detector", "embedder"):
        entry = active_entry(role)
        assert any(
            entry.sha256 in key and settings.RECOGNITION_THREADS in key  # type: ignore[operator]
            for key in opened
        )


def test_a_worker_starts_without_a_model_too(caplog: pytest.LogCaptureFixture) -> None:
    active_entry("embedder")
    ModelVersion.objects.filter(role="embedder", state=ModelState.ACTIVE).update(
        file="gone/embedder.onnx", sha256="0" * 64
    )

    assert not warm_up()
    assert "the models are not ready" in caplog.text
