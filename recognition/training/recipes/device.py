"""Where a recipe computes."""

from __future__ import annotations

import torch


def choose(name: str, threads: int) -> torch.device:
    """The device called ``name``; for ``auto`` the GPU where there is one. Sets the CPU's threads."""
    torch.set_num_threads(threads)
    if name != "auto":
        return torch.device(name)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
