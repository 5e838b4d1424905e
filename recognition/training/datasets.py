"""Versions of data sets: a manifest says which files with which labels belong to one. No torch, no Django.

A data set is a folder of pictures with ``manifest.jsonl`` in it, one JSON object a line: ``file`` (path in
the folder, with ``/``), ``label`` ("" for pictures without one), ``group`` (what must not be torn apart when
the set is split: a brand, a photo; "" for none) and ``sha256`` of the file. Its version is a hash of all
these: equal versions mean equal pictures and labels, whatever the folder is called.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from recognition.training.provenance import sha256_of

MANIFEST = "manifest.jsonl"
PICTURES = (".jpg", ".jpeg", ".png", ".webp")
SPLIT_BY = ("group", "label", "picture")
"""What a split may keep whole; ``picture`` tears apart everything but equal files."""


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One picture of a data set; see the module for the fields."""

    file: str
    label: str = ""
    group: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A folder of pictures and what its manifest says of them, in the order of the files' names."""

    folder: Path
    items: tuple[Item, ...]

    @property
    def version(self) -> str:
        """Twelve hex digits over every file's path, label, group and content."""
        seen = hashlib.sha256()
        for item in sorted(self.items):
            seen.update(json.dumps(asdict(item), sort_keys=True, ensure_ascii=False).encode() + b"\n")
        return seen.hexdigest()[:12]

    def path(self, item: Item) -> Path:
        """Where an item's picture lies."""
        return self.folder / item.file

    def labels(self) -> dict[str, list[Item]]:
        """Items by label, labels in alphabetical order."""
        found: dict[str, list[Item]] = {label: [] for label in sorted({item.label for item in self.items})}
        for item in self.items:
            found[item.label].append(item)
        return found


def from_folder(folder: Path, groups: Mapping[str, str] | None = None) -> DataSet:
    """The data set of a folder with one sub-folder a label; pictures beside them have no label.

    groups: group by label (its brand, say); a label without one is a group of its own. Raises ValueError
    when there are no pictures.
    """
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in PICTURES)
    if not files:
        raise ValueError(f"{folder}: expected folders named as labels with pictures in them, found none")
    items = []
    for file in files:
        name = file.relative_to(folder).as_posix()
        label = name.partition("/")[0] if "/" in name else ""
        items.append(Item(name, label, (groups or {}).get(label, label), sha256_of(file)))
    return DataSet(folder, tuple(items))


def write(data: DataSet, name: str = MANIFEST) -> Path:
    """Write the manifest into the data set's folder, whole or not at all; return its path."""
    lines = [json.dumps(asdict(item), ensure_ascii=False) for item in sorted(data.items)]
    path = data.folder / name
    part = path.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def read(path: Path) -> DataSet:
    """Read a data set by its folder or its manifest.

    Raises OSError when there is none, ValueError that names the line and field that is wrong.
    """
    manifest = path / MANIFEST if path.is_dir() else path
    lines = manifest.read_text(encoding="utf-8").splitlines()
    items = [_item(line, f"{manifest}, line {number}") for number, line in enumerate(lines, 1) if line]
    return DataSet(manifest.parent, tuple(sorted(items)))


def _item(line: str, where: str) -> Item:
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where}: not valid JSON: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(f"{where}: expected an object, found {line[:80]}")
    for name in ("file", "label", "group", "sha256"):
        if not isinstance(values.get(name, None if name in ("file", "sha256") else ""), str):
            raise ValueError(f"{where}: field {name!r} should be text, found {values.get(name)!r}")
    inside = PurePosixPath(values["file"])
    if inside.is_absolute() or ".." in inside.parts:
        raise ValueError(f"{where}: the file {values['file']!r} is not inside the data set's folder")
    return Item(values["file"], values.get("label", ""), values.get("group", ""), values["sha256"])


def verify(data: DataSet) -> list[str]:
    """What is wrong with a data set's files, one sentence each; empty when they are as they should be."""
    problems = []
    for item in data.items:
        path = data.path(item)
        if not path.is_file():
            problems.append(f"{item.file} is missing")
        elif (found := sha256_of(path)) != item.sha256:
            problems.append(f"{item.file} was altered: sha256 {found[:12]}…, expected {item.sha256[:12]}…")
    return problems


def split(data: DataSet, shares: Mapping[str, float], seed: int = 0, by: str = "group") -> dict[str, DataSet]:
    """Split a data set into named parts without leaks.

    shares: part of the whole by name, summing to 1. by: one of SPLIT_BY; what has the same value goes to the
    same part, and so does everything that holds a picture of equal content. Where a value goes depends on the
    seed and the value alone (or the first of those bound to it), so a picture held back today is held back
    when the set has grown. The parts' sizes therefore only come near to the shares. Raises ValueError for
    shares that do not sum to 1 or are not between 0 and 1.
    """
    if abs(sum(shares.values()) - 1) > 1e-6 or min(shares.values()) < 0:
        raise ValueError(f"the shares of a split lie between 0 and 1 and sum to 1, got {dict(shares)}")
    if by not in SPLIT_BY:
        raise ValueError(f"a data set is split by {', '.join(SPLIT_BY)}, not by {by!r}")
    field = "sha256" if by == "picture" else by
    keys = _bound_together(data.items, lambda item: getattr(item, field) or item.sha256)
    parts: dict[str, list[Item]] = {name: [] for name in shares}
    for item, key in zip(data.items, keys, strict=True):
        parts[part_of(key, shares, seed)].append(item)
    return {name: DataSet(data.folder, tuple(items)) for name, items in parts.items()}


def part_of(key: str, shares: Mapping[str, float], seed: int = 0) -> str:
    """The part that ``key`` belongs to, for ever: by a hash of seed and key, in proportion to the shares."""
    place = int.from_bytes(hashlib.sha256(f"{seed} {key}".encode()).digest()[:8], "big") / 2**64
    reached = 0.0
    for name, share in shares.items():
        reached += share
        if place < reached:
            return name
    return next(reversed(list(shares)))


def _bound_together(items: Sequence[Item], key: Callable[[Item], str]) -> list[str]:
    """One name for each item: the smallest key among those it is bound to by equal keys or equal content."""
    first: dict[str, str] = {}

    def root(name: str) -> str:
        while first.setdefault(name, name) != name:
            name = first[name]
        return name

    seen: dict[str, str] = {}
    for item in items:
        one, other = root(key(item)), root(seen.setdefault(item.sha256, key(item)))
        first[max(one, other)] = min(one, other)
    return [root(key(item)) for item in items]
