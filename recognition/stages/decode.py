"""Photo file to pixels: refuse what cannot be read by its header alone, then decode upright.

The whole photo is decoded, not a smaller copy: 12 megapixels take 24 ms in full and 18 ms at half size, and
the products of a wide photo need the pixels.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from datetime import datetime

import cv2
import numpy as np
import pi_heif
import simplejpeg
from PIL import Image, UnidentifiedImageError

from recognition.types import ImageArray

pi_heif.register_heif_opener()

MAX_BYTES = 25_000_000
MAX_PIXELS = 60_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
ORIENTATION, EXIF_IFD, TAKEN_AT, TAKEN_OFFSET, FOCAL_35MM = 0x0112, 0x8769, 0x9003, 0x9011, 0xA405

_TURNS: dict[int, int] = {
    3: cv2.ROTATE_180,
    4: cv2.ROTATE_180,
    5: cv2.ROTATE_90_CLOCKWISE,
    6: cv2.ROTATE_90_CLOCKWISE,
    7: cv2.ROTATE_90_COUNTERCLOCKWISE,
    8: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
_OTHER_FILES = {
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP or Office file",
    b"GIF8": "a GIF picture",
    b"<svg": "an SVG drawing",
    b"<!DO": "a web page",
    b"BM": "a BMP picture",
    b"II*\x00": "a TIFF picture",
}
_MIRRORED = frozenset({2, 4, 5, 7})


class UnreadablePhoto(ValueError):
    """The file is no photo we can read; the message is meant for the person who sent it."""


@dataclass(frozen=True, slots=True)
class PhotoHeader:
    """What a photo file says of itself before it is decoded.

    format: JPEG, PNG, WEBP or HEIF. width, height: of the upright photo, pixels. orientation: EXIF value
    1..8, 1 for none. taken_at: when the camera says it was taken; aware if the camera gave its offset, else
    local time of the camera. focal_35mm: focal length for 36 x 24 mm film with the same view, None if not
    stated. mode: Pillow's name of the pixel layout.
    """

    format: str
    width: int
    height: int
    orientation: int = 1
    taken_at: datetime | None = None
    focal_35mm: float | None = None
    mode: str = "RGB"


def inspect(data: bytes) -> PhotoHeader:
    """Read and check a photo's header without decoding its pixels. Raises UnreadablePhoto."""
    if not data:
        raise UnreadablePhoto("The file is empty (0 bytes). Please take or choose the photo again.")
    if len(data) > MAX_BYTES:
        raise UnreadablePhoto(
            f"The file has {len(data) / 1e6:.1f} MB; photos of up to {MAX_BYTES / 1e6:.0f} MB are accepted."
        )
    picture = _open(data)
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise UnreadablePhoto(
            f"The photo has {width} × {height} = {width * height / 1e6:.0f} megapixels; "
            f"up to {MAX_PIXELS / 1e6:.0f} are accepted."
        )
    orientation, taken_at, focal = _exif(picture)
    if orientation >= 5:
        width, height = height, width
    return PhotoHeader(str(picture.format), width, height, orientation, taken_at, focal, picture.mode)


def decode(data: bytes, header: PhotoHeader | None = None) -> ImageArray:
    """Decode a photo upright: (height, width, 3) uint8 RGB, photo pixels. Transparency becomes white.

    header: what ``inspect`` returned for the same bytes, to save reading it twice. Raises UnreadablePhoto.
    """
    header = header or inspect(data)
    pixels = None
    if header.format == "JPEG" and header.mode in ("RGB", "L"):
        try:
            pixels = simplejpeg.decode_jpeg(data, colorspace="RGB")
        except ValueError:
            pixels = None  # damaged, or merely unusual: Pillow tells which
    if pixels is None:
        pixels = _decode_with_pillow(data)
    return _upright(pixels, header.orientation)


def _open(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise UnreadablePhoto(
            f"The photo claims far more than {MAX_PIXELS / 1e6:.0f} megapixels, the most that is accepted."
        ) from None
    except UnidentifiedImageError:
        raise UnreadablePhoto(
            f"This is not a photo we can read ({_looks_like(data)}). "
            "Please send a JPEG, PNG, WebP or HEIC file."
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise UnreadablePhoto("The start of the file is damaged. Please send the photo again.") from None


def _looks_like(data: bytes) -> str:
    for start, name in _OTHER_FILES.items():
        if data.startswith(start):
            return f"it looks like {name}"
    return "it looks like a video" if data[4:8] == b"ftyp" else f"it starts with {data[:8]!r}"


def _exif(picture: Image.Image) -> tuple[int, datetime | None, float | None]:
    try:
        exif = picture.getexif()
        details = exif.get_ifd(EXIF_IFD)
        orientation = exif.get(ORIENTATION, 1)
        focal = float(details.get(FOCAL_35MM) or 0)
        taken = _time(str(details.get(TAKEN_AT, "")), str(details.get(TAKEN_OFFSET, "")))
    except (ValueError, TypeError, SyntaxError, OSError, KeyError, ZeroDivisionError, OverflowError):
        return 1, None, None  # a damaged EXIF block is no reason to refuse the pixels
    return orientation if orientation in range(1, 9) else 1, taken, focal if 8 <= focal <= 300 else None


def _time(text: str, offset: str) -> datetime | None:
    for value, pattern in ((text + offset, "%Y:%m:%d %H:%M:%S%z"), (text, "%Y:%m:%d %H:%M:%S")):
        try:
            return datetime.strptime(value, pattern)
        except ValueError:
            continue
    return None


def _decode_with_pillow(data: bytes) -> ImageArray:
    picture = _open(data)
    try:
        picture.load()
    except (OSError, SyntaxError, ValueError, EOFError):
        raise UnreadablePhoto(
            "The file is damaged or was cut off while it was sent. Please send the photo again."
        ) from None
    if picture.mode.startswith("I"):
        deep = np.asarray(picture).astype(np.float32)
        return np.repeat((deep / 257.0).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return np.asarray(picture.convert("RGB"))


def _upright(pixels: ImageArray, orientation: int) -> ImageArray:
    if orientation in _TURNS:
        pixels = cv2.rotate(pixels, _TURNS[orientation]).astype(np.uint8, copy=False)
    if orientation in _MIRRORED:
        pixels = cv2.flip(pixels, 1).astype(np.uint8, copy=False)
    return np.ascontiguousarray(pixels)
