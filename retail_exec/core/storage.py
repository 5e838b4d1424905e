"""Files that are on the disk before the database speaks of them."""

import os
import uuid
from pathlib import Path

from django.core.files import File
from django.core.files.storage import FileSystemStorage


class DurableStorage(FileSystemStorage):
    """Writes to a temporary name, flushes it to the disk, then renames: a file is whole or not there.

    Names are made from the content's hash (photo_path, packshot_path), so a name that exists already holds
    the same bytes and may be written again.
    """

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself; see the class."""
        return name

    def _save(self, name: str, content: File) -> str:
        final = Path(self.path(name))
        final.parent.mkdir(parents=True, exist_ok=True)
        part = final.with_name(f".{final.name}.{uuid.uuid4().hex}.part")
        try:
            with part.open("wb") as out:
                for chunk in content.chunks():
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            part.replace(final)
        finally:
            part.unlink(missing_ok=True)
        flush_folder(final.parent)
        return name


def flush_folder(folder: Path) -> None:
    """Make a rename in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
