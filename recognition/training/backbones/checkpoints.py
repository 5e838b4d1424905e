"""Reads published or own PyTorch checkpoints into a backbone, parameter by parameter name."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from recognition.training.backbones.base import Backbone
from recognition.training.checkpoints import save_whole

WRAPPERS = ("state_dict", "model", "backbone")
"""Keys under which trainers put the parameters, beside their own notes."""
PREFIX = "module."
"""What training on several devices puts before each name."""
NAMED = 5
"""Names an error lists, of each kind."""


def load_checkpoint(model: Backbone, file: Path) -> None:
    """Fill ``model`` with the parameters in ``file``, all but the classifier's.

    Recipes bring their own classifier, so the file's is left out, as is a missing one. Raises
    FileNotFoundError, and ValueError when the file is no checkpoint or its parameters are not the model's;
    the message names what is missing, unexpected and of another shape.
    """
    found = {name: value for name, value in read_parameters(file).items() if not name.startswith(model.head)}
    expected = {name: value for name, value in model.state_dict().items() if not name.startswith(model.head)}
    counters = {name for name in expected if name.endswith("num_batches_tracked")}  # absent in old files
    problems = [
        _named("missing", expected.keys() - found.keys() - counters),
        _named("unexpected", found.keys() - expected.keys()),
        _named("of another shape", _other_shapes(found, expected)),
    ]
    if any(problems):
        kind = type(model).__name__
        raise ValueError(
            f"{file} does not fit {kind} (another --backbone?): {'; '.join(filter(None, problems))}"
        )
    model.load_state_dict(found, strict=False)


def save_checkpoint(model: Backbone, file: Path) -> None:
    """Write the parameters under their published names, so that ``load_checkpoint`` reads them."""
    save_whole({name: value.cpu() for name, value in model.state_dict().items()}, file)


def read_parameters(file: Path) -> dict[str, Tensor]:
    """Tensors by name, without wrappers and prefixes; code in the file is never run."""
    if not file.is_file():
        raise FileNotFoundError(f"starting weights not found: {file}")
    try:
        content = torch.load(file, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        raise ValueError(f"{file} is no PyTorch checkpoint of plain tensors") from error
    for wrapper in WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise ValueError(f"{file} holds no parameters by name")
    return {name.removeprefix(PREFIX): value for name, value in content.items()}


def _other_shapes(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> set[str]:
    return {
        f"{name} {tuple(found[name].shape)}, expected {tuple(expected[name].shape)}"
        for name in found.keys() & expected.keys()
        if found[name].shape != expected[name].shape
    }


def _named(what: str, names: set[str]) -> str:
    """``3 missing: a, b, c``; empty without names."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{len(names)} {what}: {', '.join(sorted(names)[:NAMED])}{more}" if names else ""
