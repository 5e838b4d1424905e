"""Which model versions this installation has, and which of them photos are read with.

The models of a release register themselves: the first of a role is active at once, and a newer release's
takes the place of an older release's, but never that of a model trained here.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.utils import timezone

from recognition.models import ModelState, ModelVersion
from recognition.runtime.manifest import Manifest, ModelEntry, ModelError, default_manifest, load_manifest
from recognition.training.runs import read_run
from retail_exec.core.locks import lock_models

MANIFEST = "manifest.json"
_looked: set[Path] = set()


class ModelRefused(Exception):
    """A model cannot be registered or activated; the message is for the person."""


def active_entry(role: str) -> ModelEntry:
    """The model that new work of ``role`` is done with. Raises ModelError when there is none."""
    return entry_of(active_model(role))


def active_model(role: str) -> ModelVersion:
    """The active version of ``role``; the release's models are registered on the way, once a process.

    Raises ModelError when neither the registry nor the release has one.
    """
    shipped = default_manifest()
    if shipped.path not in _looked:
        register_shipped(shipped)
        _looked.add(shipped.path)
    found = ModelVersion.objects.filter(role=role, state=ModelState.ACTIVE).first()
    if found is None:  # the database was emptied meanwhile
        register_shipped(shipped)
        found = ModelVersion.objects.filter(role=role, state=ModelState.ACTIVE).first()
    if found is None:
        raise ModelError(f"There is no active model for the role {role!r}.")
    return found


def entry_labelled(label: str) -> ModelEntry | None:
    """The model that results and galleries name as ``label``, None if its file can no longer be had."""
    labelled = ModelVersion.objects.annotate(text=Concat("name", Value("-"), "version"))
    model = labelled.filter(text=label).first()
    try:
        return entry_of(model) if model else None
    except ModelError:
        return None


def entry_of(model: ModelVersion) -> ModelEntry:
    """What the runtime needs to load a registered model. Raises ModelError if its file is gone.

    The release's own entry counts for its models: a release may settle an operating point anew.
    """
    for entry in default_manifest().models:
        if (entry.label, entry.sha256) == (model.label, model.sha256):
            return entry
    return ModelEntry(
        name=model.name,
        role=model.role,
        version=model.version,
        path=_file(model),
        sha256=model.sha256,
        active=model.state == ModelState.ACTIVE,
        input_shape=tuple(model.entry["input_shape"]),
        preprocessing=model.entry["preprocessing"],
        settings=model.entry["settings"],
        licence=model.licence,
        card=Path(model.entry.get("card", "")),
    )


def _file(model: ModelVersion) -> Path:
    """The model's file on this machine: the release's own, the stored one, or a copy of it."""
    for entry in default_manifest().models:
        if entry.sha256 == model.sha256:
            return entry.path
    name = str(model.file.name)
    try:
        return Path(default_storage.path(name))
    except NotImplementedError:  # an object store: keep a copy here
        copy = Path(settings.VAR_DIR) / "models" / f"{model.sha256}.onnx"
    try:
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            with default_storage.open(name, "rb") as source:
                part = copy.with_suffix(f".{model.pk}.part")
                part.write_bytes(source.read())
                part.replace(copy)
    except OSError as error:
        raise ModelError(f"The file of {model.label} cannot be had: {error}") from error
    return copy


@transaction.atomic
def register_shipped(shipped: Manifest) -> None:
    """Register the release's models; those that are new take the place of an older release's.

    A model that a person went back to stays in use until the next release.
    """
    known = set(ModelVersion.objects.filter(shipped=True).values_list("name", "version", "sha256"))
    fresh = {m.label for m in shipped.models if (m.name, m.version, m.sha256) not in known}
    used = set(ModelVersion.objects.filter(state=ModelState.ACTIVE).values_list("role", flat=True))
    if not fresh and {m.role for m in shipped.models if m.active} <= used:
        return
    lock_models()
    for entry in shipped.models:
        model = _stored(entry, shipped=True)
        before = ModelVersion.objects.filter(role=entry.role, state=ModelState.ACTIVE).first()
        if entry.active and (before is None or (before.shipped and entry.label in fresh)):
            put_in_use(model)


@transaction.atomic
def register_run(folder: Path) -> list[ModelVersion]:
    """Register the models of a run's folder as candidates.

    The folder has ``manifest.json`` with its models beside it, and may have ``run.json``. Raises ModelError
    for a folder or file that is not as it should be, ModelRefused for a version there is with another file.
    """
    manifest = load_manifest(folder / MANIFEST)
    try:
        run: dict[str, Any] = read_run(folder)
    except FileNotFoundError:
        run = {}
    except ValueError as error:
        raise ModelError(str(error)) from error
    lock_models()
    return [_stored(entry, run=_about(run, entry)) for entry in manifest.models]


def _about(run: dict[str, Any], entry: ModelEntry) -> dict[str, Any]:
    """What a run says of one model: no figures, if they are of another file (made 8-bit later)."""
    made = {facts["sha256"] for facts in (run.get("files") or {}).values()}
    return run | {"figures": {}} if made and entry.sha256 not in made else run


def _stored(
    entry: ModelEntry, *, shipped: bool = False, run: Mapping[str, Any] | None = None
) -> ModelVersion:
    """The registered model of a manifest entry, made if it is new."""
    model = ModelVersion.objects.filter(name=entry.name, version=entry.version).first()
    if model is not None and model.sha256 == entry.sha256:
        return model
    if model is not None and not (shipped and model.shipped):
        raise ModelRefused(
            f"{entry.label} is registered already, with another file: {model.sha256[:12]}…, not "
            f"{entry.sha256[:12]}…. Give the new model a version of its own."
        )
    model = model or ModelVersion(name=entry.name, version=entry.version)
    run = run or {}
    model.role, model.licence, model.sha256, model.shipped = entry.role, entry.licence, entry.sha256, shipped
    model.card = entry.card.read_text(encoding="utf-8") if entry.card.is_file() else ""
    model.entry = {
        "input_shape": list(entry.input_shape),
        "preprocessing": dict(entry.preprocessing),
        "settings": dict(entry.settings),
        "card": entry.card.name,
    }
    model.run = {name: value for name, value in run.items() if name != "curves"}
    model.figures = dict(run.get("figures") or {})
    model.data_set = str((run.get("data") or {}).get("version", ""))
    _keep(model, entry)
    model.save()
    return model


def _keep(model: ModelVersion, entry: ModelEntry) -> None:
    """Copy the model's file into the media storage, so that it can be gone back to after the next release."""
    content = entry.read()
    name = model.file.field.generate_filename(model, entry.path.name)
    if not default_storage.exists(name):
        default_storage.save(name, BytesIO(content))
    model.file.name = name


def put_in_use(model: ModelVersion) -> None:
    """Make ``model`` the active one of its role; call with the models locked."""
    ModelVersion.objects.filter(role=model.role, state=ModelState.ACTIVE).update(state=ModelState.RETIRED)
    model.state, model.activated_at = ModelState.ACTIVE, timezone.now()
    model.save(update_fields=["state", "activated_at"])
