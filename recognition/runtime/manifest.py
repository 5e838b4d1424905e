"""The list of shipped models: what each is, where its file lies, how its input is prepared.

``manifest.json`` holds ``{"models": [...]}``; each model gives ``name``, ``role`` (``detector``, ``embedder``
or ``keypoints``), ``version``, ``file`` (beside the manifest), ``sha256``, ``active``, ``input_shape`` (a
string is a free axis), ``preprocessing``, ``settings``, ``licence`` and ``card`` (the model card, beside the
manifest). At most one model of a role is active.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
ROLES = ("detector", "embedder", "keypoints")
FIELDS: dict[str, type] = {
    "name": str,
    "role": str,
    "version": str,
    "file": str,
    "sha256": str,
    "active": bool,
    "input_shape": list,
    "preprocessing": dict,
    "settings": dict,
    "licence": str,
    "card": str,
}


class ModelError(RuntimeError):
    """A shipped model cannot be used: the manifest is wrong, or a file is missing or altered."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One shipped model.

    path: the ONNX file. sha256: hex digest the file must have. input_shape: axes of the model's input, a
    string names a free one. preprocessing: how a picture becomes the input (the stage that runs the model
    reads it). settings: operating point, such as a detector's score threshold. card: path of the model card.
    """

    name: str
    role: str
    version: str
    path: Path
    sha256: str
    active: bool
    input_shape: tuple[int | str, ...]
    preprocessing: Mapping[str, Any]
    settings: Mapping[str, Any]
    licence: str
    card: Path

    @property
    def label(self) -> str:
        """Name and version, as results record which model made them."""
        return f"{self.name}-{self.version}"

    def read(self) -> bytes:
        """Return the model file's bytes; raise ModelError if it is missing or not the one in the manifest."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            raise ModelError(f"{self.label}: cannot read the model file {self.path}: {reason}") from error
        found = hashlib.sha256(content).hexdigest()
        if found != self.sha256:
            raise ModelError(
                f"{self.label}: the model file {self.path} was altered or is incomplete: "
                f"sha256 is {found} ({len(content)} bytes), the manifest expects {self.sha256}"
            )
        return content


@dataclass(frozen=True, slots=True)
class Manifest:
    """All models one manifest file lists, in its order."""

    path: Path
    models: tuple[ModelEntry, ...]

    def active(self, role: str) -> ModelEntry:
        """Return the model in use for ``role``; raise ModelError if there is none."""
        for model in self.models:
            if model.role == role and model.active:
                return model
        raise ModelError(f"{self.path} lists no active model with the role {role!r}")

    def find(self, role: str, version: str | None) -> ModelEntry:
        """Return that version of the model for ``role``, or the one in use. Raises ModelError."""
        if version is None:
            return self.active(role)
        of_role = {model.version: model for model in self.models if model.role == role}
        if version not in of_role:
            there = ", ".join(of_role) or "none"
            raise ModelError(f"{self.path} lists no version {version!r} of {role!r}; it has {there}")
        return of_role[version]


def load_manifest(path: Path) -> Manifest:
    """Read and check a manifest; model files are checked when they are read. Raises ModelError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"cannot read the model manifest {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ModelError(f"the model manifest {path} is not valid JSON: {error}") from error
    models = content.get("models") if isinstance(content, dict) else None
    if not isinstance(models, list):
        raise ModelError(f'the model manifest {path} must be an object with a list "models"')
    entries = tuple(_entry(item, f"{path}, model {index}", path.parent) for index, item in enumerate(models))
    for role in ROLES:
        active = [entry.label for entry in entries if entry.role == role and entry.active]
        if len(active) > 1:
            raise ModelError(
                f"{path} lists {len(active)} active models for the role {role!r}: {', '.join(active)}"
            )
    return Manifest(path, entries)


@cache
def default_manifest() -> Manifest:
    """Return the manifest of the models shipped with this package."""
    return load_manifest(WEIGHTS / "manifest.json")


def _entry(item: object, where: str, folder: Path) -> ModelEntry:
    if not isinstance(item, dict):
        raise ModelError(f"{where}: expected an object, found {item!r}")
    for field, kind in FIELDS.items():
        if not isinstance(item.get(field), kind):
            raise ModelError(
                f"{where}: field {field!r} should be of type {kind.__name__}, found {item.get(field)!r}"
            )
    if item["role"] not in ROLES:
        raise ModelError(f"{where}: role should be one of {', '.join(ROLES)}, found {item['role']!r}")
    return ModelEntry(
        name=item["name"],
        role=item["role"],
        version=item["version"],
        path=folder / item["file"],
        sha256=item["sha256"],
        active=item["active"],
        input_shape=tuple(item["input_shape"]),
        preprocessing=item["preprocessing"],
        settings=item["settings"],
        licence=item["licence"],
        card=folder / item["card"],
    )
