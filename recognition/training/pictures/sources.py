"""Labelled pictures by one word, as commands take them.

``FOLDER`` has one sub-folder a label, or pictures named as their label (packshots), or the
``manifest.jsonl`` of a data-set version; ``MANIFEST.jsonl`` is a part of one (``dataset split``);
``LIST.csv`` has a line a picture with its path (from the list's folder) and its label, and
``LIST.csv?split=train&packaged=1`` takes only the lines with these values.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
from numpy.typing import NDArray

from recognition.training import datasets
from recognition.training.datasets import DataSet, Item
from recognition.training.provenance import sha256_of

FILE_COLUMNS, LABEL_COLUMNS = ("file", "path", "image"), ("label", "class_name", "class", "sku")
"""What the columns of a list may be called; the first that is there counts."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """n pictures. files: where they lie. names: the k labels, sorted. label: (n,) int64, each one's index."""

    files: tuple[Path, ...]
    names: tuple[str, ...]
    label: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.files)

    def take(self, rows: NDArray[np.int64]) -> Labelled:
        """Some of the pictures, with the same names."""
        return Labelled(tuple(self.files[row] for row in rows), self.names, self.label[rows])


def labelled(data: DataSet, names: tuple[str, ...] | None = None) -> Labelled:
    """The labelled pictures of a data set; ``names`` (else all its labels) say which index is what.

    Pictures of other labels than ``names`` are left out. Raises ValueError when no picture is left.
    """
    known = tuple(sorted({item.label for item in data.items if item.label})) if names is None else names
    index = {name: number for number, name in enumerate(known)}
    items = [item for item in data.items if item.label in index]
    if not items:
        found = ", ".join(sorted({item.label for item in data.items})[:5])
        wanted = f" of {', '.join(known[:5])}" if known else ""
        raise ValueError(f"{data.folder}: no pictures{wanted}; there are those of {found or 'no label'}")
    label = np.array([index[item.label] for item in items], np.int64)
    return Labelled(tuple(data.path(item) for item in items), known, label)


def read_source(source: str, brands: Mapping[str, str] | None = None) -> DataSet:
    """The data set that a source (see the module) names, its groups being brands where they are given.

    brands: by label. Raises OSError or ValueError that says what was expected.
    """
    name, _, query = source.partition("?")
    path = Path(name)
    if path.suffix.lower() == ".csv":
        return _read_list(path, dict(parse_qsl(query)), brands or {})
    if query:
        raise ValueError(f"{source}: only a .csv list can be filtered")
    if path.is_file() or (path / datasets.MANIFEST).is_file():
        return datasets.read(path)
    if not path.is_dir():
        raise ValueError(f"{source} is neither a folder nor a list of pictures")
    data = datasets.from_folder(path, brands)
    if any(item.label for item in data.items):
        return data
    named = (replace(item, label=Path(item.file).stem) for item in data.items)
    return replace(data, items=tuple(replace(i, group=(brands or {}).get(i.label, i.label)) for i in named))


def unseen(test: DataSet, others: Sequence[DataSet]) -> DataSet:
    """``test`` without the pictures that are in one of the others too; raises ValueError if none is left."""
    seen = {item.sha256 for data in others for item in data.items}
    left = tuple(item for item in test.items if item.sha256 not in seen)
    if not left:
        raise ValueError(
            f"{test.folder}: all {len(test.items)} test pictures are among those to learn from; hold others "
            f"back (see dataset split)"
        )
    return replace(test, items=left)


def read_brands(catalogue: Path) -> dict[str, str]:
    """Brand by SKU of a catalogue CSV; raises ValueError without the columns ``sku`` and ``brand``."""
    with catalogue.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if missing := {"sku", "brand"} - set(rows.fieldnames or ()):
            raise ValueError(f"{catalogue} has no column {' and no column '.join(sorted(missing))}")
        return {row["sku"]: row["brand"] for row in rows}


def _read_list(path: Path, wanted: Mapping[str, str], brands: Mapping[str, str]) -> DataSet:
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or ()
        picture, label = (_column(path, columns, names) for names in (FILE_COLUMNS, LABEL_COLUMNS))
        if unknown := sorted(set(wanted) - set(columns)):
            raise ValueError(f"{path} has no column {', '.join(unknown)}; it has {', '.join(columns)}")
        chosen = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    if not chosen:
        asked = " and ".join(f"{name} {value}" for name, value in wanted.items())
        raise ValueError(f"{path}: no line has {asked}" if asked else f"{path} has no lines")
    if absent := [row[picture] for row in chosen if not (path.parent / (row[picture] or "")).is_file()]:
        raise ValueError(
            f"{path}: {len(absent)} of {len(chosen)} pictures are not there, {absent[0]!r} for one; paths "
            f"count from the list's folder"
        )
    items = [
        Item(
            row[picture],
            row[label],
            brands.get(row[label], row[label]),
            sha256_of(path.parent / row[picture]),
        )
        for row in chosen
    ]
    return DataSet(path.parent, tuple(sorted(items)))


def _column(path: Path, columns: object, names: tuple[str, ...]) -> str:
    found = [name for name in names if name in list(columns or ())]
    if not found:
        there = ", ".join(map(str, columns)) if isinstance(columns, Sequence) else ""
        raise ValueError(f"{path}: expected a column called {' or '.join(names)}; it has {there or 'none'}")
    return found[0]
