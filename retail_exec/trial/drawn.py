"""A throw-away organisation of drawn products."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from recognition.adapt import Progress
from recognition.training.render.catalogue import PackSpec, catalogue_csv
from recognition.training.render.packs import packshot
from retail_exec.trial.gallery import Trial, open_trial


@contextmanager
def open_drawn_trial(
    products: Sequence[PackSpec],
    own: Iterable[str] = (),
    *,
    adapted: bool,
    progress: Progress | None = None,
) -> Iterator[Trial]:
    """A trial of these products, known by one drawn packshot each; see ``open_trial``."""
    with tempfile.TemporaryDirectory() as folder:
        catalogue, pictures = Path(folder) / "catalog.csv", Path(folder) / "packshots"
        catalogue.write_text(catalogue_csv(products), encoding="utf-8")
        pictures.mkdir()
        for spec in products:
            Image.fromarray(packshot(spec)).save(pictures / f"{spec.sku}.png")
        with open_trial(catalogue, pictures, own, adapted=adapted, progress=progress) as trial:
            yield trial
