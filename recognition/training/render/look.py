"""The design of a brand line, and the colours and words of one variant of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recognition.training.render import words
from recognition.training.render.catalogue import PackSpec
from recognition.training.render.fonts import fonts
from recognition.training.render.paint import Colour, hsv


@dataclass(frozen=True, slots=True)
class Look:
    """What a brand line's packs share, and the colours of one variant."""

    ground: Colour
    ground2: Colour
    accent: Colour
    band: Colour
    logo_text: str
    logo_font: str
    text_font: str
    template: int
    """0 logo on top, picture below; 1 logo in the middle; 2 picture on top; 3 plain; 4 full picture."""
    background: int
    badge: int
    style: int
    """Seed of the smaller choices."""


def look_of(spec: PackSpec) -> Look:
    """The design of a product: all from its design seed, but for the variant's colour and words."""
    rng = np.random.default_rng([spec.design_seed, 1])
    recolour = float(rng.random())
    hue = float(rng.random())
    saturation, value = float(rng.beta(2.2, 1.4)), float(rng.beta(3.5, 1.7))
    kind = float(rng.random())
    own = spec.hue + float(rng.normal(0, 0.02))
    if recolour < 0.45 and spec.flavour:
        hue = own
    ground = hsv(hue, saturation, value)
    if kind < 0.2:
        ground = hsv(hue, 0.05 * saturation, 0.9 + 0.1 * value)
    elif kind < 0.28:
        ground = hsv(hue, 0.3 * saturation, 0.1 + 0.15 * value)
    elif kind < 0.36:
        ground = hsv(0.09, 0.35, 0.55 + 0.3 * value)
    shift = float(rng.uniform(-0.08, 0.08)) if rng.random() < 0.7 else float(rng.random())
    ground2 = hsv(hue + shift, saturation * rng.uniform(0.5, 1.1), value * rng.uniform(0.45, 1.2))
    accent = hsv(float(rng.random()), float(rng.uniform(0.7, 1)), float(rng.uniform(0.6, 1)))
    faces, script_faces = fonts(spec.fonts), fonts(spec.fonts, spec.script)
    bold = [f for f in script_faces if any(w in f for w in ("Bold", "Black", "Fredoka"))] or list(
        script_faces
    )
    name = spec.brand if spec.script == "latin" else words.word(rng, spec.script)
    return Look(
        ground=ground,
        ground2=ground2,
        accent=accent,
        band=hsv(own, float(rng.uniform(0.6, 1)), float(rng.uniform(0.45, 0.95))),
        logo_text=name.upper() if rng.random() < 0.4 else name,
        logo_font=str(rng.choice(bold)) if bold else "",
        text_font=str(rng.choice(faces)) if faces else "",
        template=int(rng.choice(5, p=[0.4, 0.15, 0.2, 0.13, 0.12])),
        background=int(rng.integers(12)),
        badge=int(rng.integers(6)),
        style=int(rng.integers(2**31)),
    )
