"""What re-ranking needs of an organisation's packshots: found once, kept in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.conf import settings

from recognition.models import PackshotKeypoints
from recognition.runtime.manifest import ModelError
from recognition.services.galleries import picture
from recognition.services.registry import active_entry
from recognition.stages.agree import compressed, restored
from recognition.stages.decode import UnreadablePhoto
from recognition.stages.keypoints import Alike, Keypoints
from recognition.stages.rerank import Reference, Reranker, references_of
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

    def references(keys: Sequence[str]) -> dict[str, Reference]:
        return packshots_of(finder, organisation_id, [int(key) for key in keys])

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


def packshots_of(finder: Alike, organisation_id: int, packshots: Iterable[int]) -> dict[str, Reference]:
    """Key points and small pictures by packshot id as text; those not kept yet are found and kept.

    Packshots that are gone, and files that cannot be read, are left out.
    """
    wanted = set(packshots)
    stored = PackshotKeypoints.objects.filter(
        organisation_id=organisation_id, packshot_id__in=wanted, model=finder.label
    ).exclude(picture=b"")
    found = {
        pk: Reference(Keypoints.unpack(bytes(data)), restored(bytes(picture)))
        for pk, data, picture in stored.values_list("packshot_id", "data", "picture")
    }
    missing = Packshot.objects.filter(pk__in=wanted - found.keys(), sku__organisation_id=organisation_id)
    rows = list(missing.order_by("pk"))
    for start in range(0, len(rows), BATCH):
        found |= _find(finder, organisation_id, rows[start : start + BATCH])
    return {str(pk): reference for pk, reference in found.items()}


def _find(finder: Alike, organisation_id: int, packshots: Sequence[Packshot]) -> dict[int, Reference]:
    pictures = {}
    for packshot in packshots:
        try:
            pictures[packshot.pk] = picture(packshot)
        except (OSError, UnreadablePhoto):
            continue  # without its file a packshot still is compared by its embedding
    found = dict(zip(pictures, references_of(finder, list(pictures.values())), strict=True))
    store(finder.label, organisation_id, found)
    return found


def store(model: str, organisation_id: int, found: Mapping[int, Reference]) -> None:
    """Keep key points and pictures by packshot id, in place of what is kept of these packshots."""
    PackshotKeypoints.objects.bulk_create(
        (
            PackshotKeypoints(
                organisation_id=organisation_id,
                packshot_id=pk,
                model=model,
                data=reference.keypoints.pack(),
                picture=compressed(reference.picture),
            )
            for pk, reference in found.items()
        ),
        update_conflicts=True,
        unique_fields=["packshot", "model"],
        update_fields=["data", "picture"],
    )
