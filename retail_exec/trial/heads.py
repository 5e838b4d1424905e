"""Heads fitted to a catalogue's packshots, kept so that the next command on the same files starts at once."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings

from recognition import adapt as adaptation
from recognition import calibrate, cosine_layer
from recognition.adapt import AdaptedHead, Progress, adapt
from recognition.stages.embed import Embedder
from recognition.training.render import crops
from recognition.types import ImageArray

MOST_KEPT = 20


def fitted_head(
    embedder: Embedder,
    packshots: Mapping[str, Sequence[ImageArray]],
    digests: Sequence[str],
    progress: Progress | None = None,
) -> AdaptedHead:
    """The head for these packshots: the kept one, or a new one, which is then kept.

    digests: names of the SKUs with the hashes of their packshots, whatever their order. Raises as ``adapt``
    does.
    """
    code = [inspect.getsource(module) for module in (adaptation, calibrate, cosine_layer, crops)]
    made_from = [*code, embedder.entry.sha256, *sorted(digests)]
    folder = Path(settings.VAR_DIR) / "cache" / "heads"
    file = folder / f"{hashlib.sha256(chr(10).join(made_from).encode()).hexdigest()[:24]}.npz"
    if file.exists():
        return AdaptedHead.load(file)
    head = adapt(embedder, packshots, progress=progress)
    folder.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("wb") as stream:
        head.save(stream)
    part.replace(file)
    for old in sorted(folder.glob("*.npz"), key=lambda kept: kept.stat().st_mtime)[:-MOST_KEPT]:
        old.unlink(missing_ok=True)
    return head
