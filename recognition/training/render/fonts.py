"""Fonts for packs: the ones that come as packages (the same everywhere), or all this machine has."""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import ImageFont

from recognition.types import FloatArray

FontSource = Literal["packages", "machine"]
"""``packages``: fonts installed by pip, so a drawing is the same on every machine. ``machine``: those and all
fonts of the system, for variety and other scripts."""

SCRIPTS: dict[str, tuple[str, ...]] = {
    "latin": ("NotoSans-", "NotoSerif-", "NotoSansDisplay-", "NotoSerifDisplay-", "DejaVu", "Liberation"),
    "cyrillic": ("NotoSans-", "NotoSerif-", "DejaVuSans", "LiberationSans-", "LiberationSerif-"),
    "greek": ("NotoSans-", "NotoSerif-", "DejaVuSans", "LiberationSans-"),
    "arabic": ("NotoSansArabic-", "NotoKufiArabic-", "NotoNaskhArabic-"),
    "hebrew": ("NotoSansHebrew-", "NotoSerifHebrew-", "NotoRashiHebrew-"),
    "devanagari": ("NotoSansDevanagari-", "NotoSerifDevanagari-"),
    "bengali": ("NotoSansBengali-", "NotoSerifBengali-"),
    "tamil": ("NotoSansTamil-", "NotoSerifTamil-"),
    "thai": ("NotoSansThai-", "NotoSerifThai-", "NotoLoopedThai-"),
    "georgian": ("NotoSansGeorgian-", "NotoSerifGeorgian-"),
    "armenian": ("NotoSansArmenian-", "NotoSerifArmenian-"),
    "ethiopic": ("NotoSansEthiopic-", "NotoSerifEthiopic-"),
    "cjk": ("NotoSansCJK", "NotoSerifCJK"),
}
"""Script -> beginnings of the file names of system fonts that have it."""


def _system_folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    if sys.platform == "win32":
        return [Path("C:/Windows/Fonts")]
    return [
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".fonts",
        home / ".local/share/fonts",
    ]


@lru_cache
def _package_fonts() -> tuple[str, ...]:
    """Font files of every installed package that registers itself under ``fonts_ttf``, upright latin
    faces."""
    files = {path for entry in entry_points(group="fonts_ttf") for path in entry.load().values()}
    plain = [f for f in files if "Variable" not in f and "ExtraLight" not in f]
    return tuple(sorted(plain, key=lambda f: Path(f).name))


@lru_cache
def _system_fonts() -> tuple[str, ...]:
    files = [f for folder in _system_folders() if folder.is_dir() for f in folder.rglob("*.[to]t[fc]")]
    return tuple(str(f) for f in sorted(files))


@lru_cache
def fonts(source: FontSource, script: str = "latin") -> tuple[str, ...]:
    """Font files for a script, sorted; empty when there are none (``load`` then takes Pillow's own font)."""
    packaged = _package_fonts() if script == "latin" else ()
    if source == "packages":
        return packaged
    starts = SCRIPTS[script]
    return packaged + tuple(f for f in _system_fonts() if Path(f).name.startswith(starts) and "Thin" not in f)


@lru_cache
def scripts(source: FontSource) -> tuple[str, ...]:
    """The scripts that can be written with the fonts at hand; latin always can."""
    return ("latin", *(s for s in SCRIPTS if s != "latin" and fonts(source, s)))


@lru_cache(maxsize=1024)
def load(path: str, px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font at ``px`` pixels an em; an empty path gives Pillow's built-in font."""
    return ImageFont.truetype(path, px) if path else ImageFont.load_default(px)


def text_mask(text: str, path: str, px: int) -> FloatArray:
    """The text's ink as (h, w) float32 in 0..1, cut to the ink; (1, 1) of zeros where there is none."""
    mask = load(path, max(4, px)).getmask(text, "L")
    width, height = mask.size
    if not width or not height:
        return np.zeros((1, 1), np.float32)
    return np.asarray(mask, np.float32).reshape(height, width) / 255.0
