"""The key points of an organisation's packshots: found once, kept in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.conf import settings

from recognition.models import PackshotKeypoints
from recognition.runtime.manifest import ModelError
from recognition.services.galleries import picture
from recognition.services.registry import active_entry
from recognition.stages.decode import UnreadablePhoto
from recognition.stages.keypoints import Alike, Keypoints
from recognition.stages.rerank import Reranker
from recognition.stages.text import TextReader, reader_label
from retail_exec.catalog.models import Packshot, Sku

if TYPE_CHECKING:
    from recognition.stages.reading import WordReader

BATCH = 64


def load_finder() -> Alike | None:
    """The active finder of key points, with the threads one worker process may use; None without one."""
    try:
        return Alike(active_entry("keypoints"), settings.RECOGNITION_THREADS)
    except ModelError:
        return None


def reranker_for(organisation_id: int) -> Reranker | None:
    """Re-ranking with the organisation's packshots, GTINs and names; None without a key-point model."""
    finder = load_finder()
    if finder is None:
        return None

    def references(keys: Sequence[str]) -> dict[str, Keypoints]:
        return keypoints_of(finder, organisation_id, [int(key) for key in keys])

    rows = list(
        Sku.objects.filter(organisation_id=organisation_id).values_list("code", "gtin", "name", "size")
    )
    return Reranker(
        finder,
        references,
        gtins={code: gtin for code, gtin, _, _ in rows if gtin},
        words=_words({code: f"{name} {size}" for code, _, name, size in rows}),
    )


def _words(texts: dict[str, str]) -> WordReader | None:
    """Reading of close calls, where it is switched on and a reader is installed."""
    if not (settings.RECOGNITION_READ_PACKS and reader_label()):
        return None
    from recognition.stages.reading import WordReader  # needs the extra ocr

    return WordReader(texts, TextReader(settings.RECOGNITION_THREADS))


def keypoints_of(finder: Alike, organisation_id: int, packshots: Iterable[int]) -> dict[str, Keypoints]:
    """Key points by packshot id as text; those not kept yet are found and kept.

    Packshots that are gone, and files that cannot be read, are left out.
    """
    wanted = set(packshots)
    stored = PackshotKeypoints.objects.filter(
        organisation_id=organisation_id, packshot_id__in=wanted, model=finder.label
    )
    found = {pk: Keypoints.unpack(bytes(data)) for pk, data in stored.values_list("packshot_id", "data")}
    missing = Packshot.objects.filter(pk__in=wanted - found.keys(), sku__organisation_id=organisation_id)
    rows = list(missing.order_by("pk"))
    for start in range(0, len(rows), BATCH):
        found |= _find(finder, organisation_id, rows[start : start + BATCH])
    return {str(pk): keypoints for pk, keypoints in found.items()}


def _find(finder: Alike, organisation_id: int, packshots: Sequence[Packshot]) -> dict[int, Keypoints]:
    pictures = {}
    for packshot in packshots:
        try:
            pictures[packshot.pk] = picture(packshot)
        except (OSError, UnreadablePhoto):
            continue  # without its file a packshot still is compared by its embedding
    found = dict(zip(pictures, finder.find(list(pictures.values())), strict=True))
    store(finder.label, organisation_id, found)
    return found


def store(model: str, organisation_id: int, found: dict[int, Keypoints]) -> None:
    """Keep key points by packshot id; what another worker kept meanwhile stays."""
    PackshotKeypoints.objects.bulk_create(
        (
            PackshotKeypoints(
                organisation_id=organisation_id, packshot_id=pk, model=model, data=keypoints.pack()
            )
            for pk, keypoints in found.items()
        ),
        ignore_conflicts=True,
    )
