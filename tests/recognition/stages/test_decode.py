from __future__ import annotations

import io
import struct
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from recognition.stages.decode import MAX_BYTES, UnreadablePhoto, decode, inspect


def picture(width: int = 64, height: int = 40) -> Image.Image:
    """Four differently coloured quarters, so that every turn and mirroring shows."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (250, 20, 20)
    pixels[: height // 2, width // 2 :] = (20, 250, 20)
    pixels[height // 2 :, : width // 2] = (20, 20, 250)
    return Image.fromarray(pixels)


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes of PNG whose header claims a huge picture: a pixel bomb."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_exif_orientation_comes_out_upright(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(picture(), kind, exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))

    header, pixels = inspect(data), decode(data)

    assert pixels.shape == expected.shape == (header.height, header.width, 3)
    assert np.abs(pixels.astype(int) - expected).max() <= 3
    assert header.orientation == orientation


def test_the_header_gives_format_time_and_focal_length() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769).update({0x9003: "2026:03:01 10:20:30", 0x9011: "+02:00", 0xA405: 26})
    header = inspect(encoded(picture(), exif=exif))

    assert (header.format, header.width, header.height, header.focal_35mm) == ("JPEG", 64, 40, 26.0)
    assert header.taken_at == datetime(2026, 3, 1, 10, 20, 30, tzinfo=timezone(timedelta(hours=2)))


def test_heic_is_read_and_not_turned_twice() -> None:
    """The file holds ``picture()`` and EXIF orientation 6, which HEIC overrules by its own turn."""
    data = (Path(__file__).parent / "data" / "quarters.heic").read_bytes()
    header, pixels = inspect(data), decode(data)

    assert (header.format, header.width, header.height) == ("HEIF", 64, 40)
    assert np.abs(pixels.astype(int) - np.asarray(picture())).max() < 12


@pytest.mark.parametrize("mode", ["L", "CMYK", "P", "RGBA", "LA", "1", "I;16"])
def test_other_pixel_layouts_become_rgb(mode: str) -> None:
    if mode == "I;16":
        source = Image.fromarray(np.full((40, 64), 40_000, np.uint16))
    else:
        source = picture().convert("RGB").convert(mode)
    data = encoded(source, "JPEG" if mode == "CMYK" else "PNG")

    pixels = decode(data)

    assert pixels.shape == (40, 64, 3)
    assert pixels.dtype == np.uint8
    if mode == "I;16":
        assert pixels[0, 0].tolist() == [155, 155, 155]


def test_transparency_becomes_white() -> None:
    pixels = decode(encoded(Image.new("RGBA", (8, 8), (10, 20, 30, 0)), "PNG"))

    assert pixels.min() == 255


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"%PDF-1.7 and so on", "looks like a PDF document.*JPEG, PNG, WebP or HEIC"),
        (b"just words, no photo", "starts with b'just wor'"),
        (encoded(picture(), "GIF"), "looks like a GIF picture"),
        (b"\xff" * (MAX_BYTES + 1), "25.0 MB; photos of up to 25 MB"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "looks like a video"),
        (png_claiming(10_000, 9_000), "10000 × 9000 = 90 megapixels; up to 60"),
        (png_claiming(60_000, 60_000), "more than 60 megapixels"),
    ],
    ids=["empty", "pdf", "text", "gif", "heavy", "video", "bomb", "huge bomb"],
)
def test_a_bad_file_is_refused_by_its_header(data: bytes, message: str) -> None:
    with pytest.raises(UnreadablePhoto, match=message):
        inspect(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("kept", [0.95, 0.5])
def test_a_truncated_file_is_refused(kind: str, kept: float) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), np.uint8))
    data = encoded(noise, kind)

    with pytest.raises(UnreadablePhoto, match=r"damaged or was cut off|start of the file is damaged"):
        decode(data[: int(len(data) * kept)])


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_either_decode_or_are_refused_politely(data: st.DataObject) -> None:
    whole = bytearray(encoded(picture(), data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))

    try:
        outcome: object = decode(bytes(whole)).ndim
    except UnreadablePhoto as refusal:
        outcome = str(refusal)[-1]

    assert outcome in (3, ".")
