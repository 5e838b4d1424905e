"""Photos, crops and packshots for those who may see them; the stored file itself is never served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from recognition.models import Facing
from recognition.stages.decode import UnreadablePhoto
from retail_exec.catalog.models import Packshot
from retail_exec.core.access import get_or_404, member, member_view
from retail_exec.visits import pictures
from retail_exec.visits.models import Photo

HEADERS = {
    "Cache-Control": "private, max-age=86400, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Content-Disposition": "inline",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@require_safe
@member_view()
def photo(request: HttpRequest, pk: int, size: str) -> HttpResponseBase:
    """A photo in one of the sizes the screens use."""
    if size not in pictures.SIZES:
        raise Http404
    row = get_or_404(member(request), Photo.objects.all(), pk=pk)
    return serve(lambda: pictures.photo_picture(row.file, row.sha256, size))


@require_safe
@member_view()
def facing(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What one facing's box shows."""
    row = get_or_404(member(request), Facing.objects.select_related("run__photo"), pk=pk)
    source = row.run.photo
    return serve(lambda: pictures.crop_picture(source.file, source.sha256, row.box))


@require_safe
@member_view()
def packshot(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A reference picture of a product."""
    row = get_or_404(member(request), Packshot.objects.all(), pk=pk)
    return serve(lambda: pictures.packshot_picture(row.image, row.sha256))


def serve(make: Callable[[], Path]) -> FileResponse:
    """The picture with headers that let it be shown here as a picture only; 404 if it cannot be made."""
    try:
        path = make()
    except (FileNotFoundError, UnreadablePhoto) as error:
        raise Http404 from error
    return FileResponse(path.open("rb"), headers={**HEADERS, "Content-Type": "image/jpeg"})
