"""States of nets on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


def save_whole(state: Mapping[str, Any], file: Path) -> None:
    """Write ``state`` to ``file``; a crash in the middle leaves the older file whole."""
    fresh = file.with_suffix(".new")
    torch.save(state, fresh)
    fresh.replace(file)
