"""Packshots as a user has them: a folder, or the same folder as a ZIP file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic"})
Folder = Path | zipfile.Path


class PackshotFolderError(ValueError):
    """There is no such folder, or the ZIP file cannot be read; the text says which."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file. key: the SKU its name or folder says. name: its path in the folder."""

    key: str
    name: str
    file: Folder

    def read(self) -> bytes:
        """The file's bytes."""
        return self.file.read_bytes()


def open_folder(source: Path) -> Folder:
    """The folder to look in. A ZIP file that holds a single folder is entered. Raises PackshotFolderError."""
    if source.is_dir():
        return source
    if not source.is_file():
        raise PackshotFolderError(
            f"{source}: expected a folder of packshots or a ZIP file; there is neither."
        )
    try:
        root = zipfile.Path(source)
    except (zipfile.BadZipFile, OSError) as error:
        raise PackshotFolderError(
            f"{source}: expected a folder of packshots or a ZIP file ({error})."
        ) from error
    inside = [entry for entry in entries(root) if not entry.name.startswith(("__MACOSX", "."))]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else root


def pictures(folder: Folder) -> Iterator[Picture]:
    """``<sku>.jpg|png|webp|heic`` and ``<sku>/<any>.jpg…``, by name; other files are passed over."""
    for entry in entries(folder):
        if entry.is_dir():
            for view in entries(entry):
                if is_picture(view):
                    yield Picture(entry.name, f"{entry.name}/{view.name}", view)
        elif is_picture(entry):
            yield Picture(entry.stem, entry.name, entry)


def entries(folder: Folder) -> list[Folder]:
    """What the folder holds, by name."""
    found: list[Folder] = [*folder.iterdir()]
    return sorted(found, key=lambda entry: entry.name)


def is_picture(entry: Folder) -> bool:
    """Whether the name says that this is a picture; files that begin with a dot are none."""
    return entry.is_file() and entry.suffix.lower() in SUFFIXES and not entry.name.startswith(".")
