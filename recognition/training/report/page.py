"""A report as one HTML file: figures, curves, and the failures to look at. Pictures are inside the file."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import cv2
import numpy as np
import simplejpeg

from recognition.training.evaluate.calibration import expected_calibration_error, reliability
from recognition.training.report.cases import UNKNOWN, Case, by_fact, confused, precision_recall
from recognition.training.report.svg import curves, reliability_curve
from recognition.types import ImageArray

SIDE = 150
"""Longest side of a picture, pixels."""
QUALITY = 78
PAIRS, FAILURES = 12, 48
POINTS = 200
"""Points of a curve that are drawn; more would only make the file larger."""
STYLE = """
:root { font: 400 16px/1.5 system-ui, "Segoe UI", Roboto, Arial, sans-serif; color: #17212b; }
body { max-width: 66rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; background: #f5f7f8; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
p { margin: .3rem 0 .8rem; max-width: 46rem; } .soft { color: #51606e; } .small { font-size: .88rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .7rem; }
.tile, .box { background: #fff; border: 1px solid #dfe4e8; border-radius: 10px; padding: .8rem 1rem; }
.tile b { display: block; font-size: 1.45rem; font-variant-numeric: tabular-nums; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 1rem; }
svg { width: 100%; height: auto; display: block; }
table { width: 100%; border-collapse: collapse; font-size: .94rem; }
td, th { padding: .4rem .3rem; border-top: 1px solid #dfe4e8; text-align: left; }
td + td, th + th { text-align: right; font-variant-numeric: tabular-nums; }
thead th { border: 0; font-size: .82rem; }
.cases { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .7rem; }
.case { break-inside: avoid; } .case div { display: flex; gap: .5rem; height: 9rem; margin-bottom: .4rem; }
.case figure { margin: 0; flex: 1; min-width: 0; text-align: center; }
.case img { max-width: 100%; height: 7.6rem; object-fit: contain; border-radius: 4px; }
.case figcaption { font-size: .75rem; color: #51606e; } .case p { margin: 0; overflow-wrap: anywhere; }
@media print {
  body { background: #fff; padding: 0; } .tile, .box { border-color: #b9c2ca; } h2 { break-after: avoid; }
}
"""


def page(
    title: str,
    about: str,
    figures: Mapping[str, Any],
    cases: Sequence[Case],
    lines: Mapping[str, Sequence[tuple[float, float]]] | None = None,
) -> str:
    """The report as HTML text.

    figures: as the command's JSON has them; nested ones are listed as ``a.b``. cases: what was judged. lines:
    precision over recall by name, of the detector, say; the naming's own line comes from the cases.
    """
    parts = [
        f"<h1>{escape(title)}</h1><p class='soft'>{escape(about)}</p>",
        f"<div class='tiles'>{''.join(_tile(*row) for row in numbers(figures))}</div>",
        _charts(cases, lines or {}),
        _facts(cases),
        _pairs(cases),
        _failures(cases),
    ]
    return (
        "<!doctype html><html lang='en-GB'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )


def numbers(figures: Mapping[str, Any], prefix: str = "") -> list[tuple[str, float]]:
    """Figures as flat rows, by the names they have in the JSON."""
    rows: list[tuple[str, float]] = []
    for name, value in figures.items():
        if isinstance(value, Mapping) and name not in ("versions", "machine"):
            rows += numbers(value, f"{prefix}{name}.")
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            rows.append((f"{prefix}{name}", float(value)))
    return rows


def _tile(name: str, value: float) -> str:
    shown = f"{value:,.0f}" if value.is_integer() and value != 1 else _amount(value)
    return f"<div class='tile'><span class='soft small'>{escape(name)}</span><b>{shown}</b></div>"


def _amount(value: float) -> str:
    """A figure with as many digits as a person needs: 0.457, 1.23, 438.2, 1,090."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def _charts(cases: Sequence[Case], lines: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    drawn = {name: _thinned(points) for name, points in lines.items()}
    if cases:
        drawn["naming"] = _thinned(precision_recall(cases))
    boxes = []
    if drawn:
        chart = curves(drawn.items(), "recall", "precision", "Precision over recall")
        boxes.append(f"<div class='box'>{chart}</div>")
    stated = [case for case in cases if case.confidence is not None and case.guess != UNKNOWN]
    if stated:
        chances, right = [case.confidence or 0.0 for case in stated], [case.right for case in stated]
        chart = reliability_curve(reliability(chances, right))
        error = expected_calibration_error(chances, right)
        words = f"Expected calibration error {error:.3f} over {len(stated)} named products."
        boxes.append(f"<div class='box'>{chart}<p class='small soft'>{words}</p></div>")
    return f"<h2>Precision, recall, confidence</h2><div class='two'>{''.join(boxes)}</div>" if boxes else ""


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    chosen = np.unique(np.linspace(0, len(points) - 1, min(POINTS, len(points))).astype(int))
    return [points[int(index)] for index in chosen]


def _facts(cases: Sequence[Case]) -> str:
    tables = []
    for name in dict.fromkeys(name for case in cases for name in case.facts):
        rows = "".join(
            f"<tr><td>{_amount(group.low)} to {_amount(group.high)}</td><td>{group.right:.1%}</td>"
            f"<td>{group.count}</td></tr>"
            for group in by_fact(cases, name)
        )
        head = f"<thead><tr><th>{escape(name)}</th><th>Right</th><th>Products</th></tr></thead>"
        tables.append(f"<div class='box'><table>{head}<tbody>{rows}</tbody></table></div>")
    return f"<h2>What makes it hard</h2><div class='two'>{''.join(tables)}</div>" if tables else ""


def _pairs(cases: Sequence[Case]) -> str:
    shown = [
        _case(
            pair[0],
            f"{len(pair)} × <b>{escape(pair[0].truth)}</b><br>taken for {escape(pair[0].guess)}",
            True,
        )
        for pair in confused(cases)[:PAIRS]
    ]
    return f"<h2>Hardest pairs</h2><div class='cases'>{''.join(shown)}</div>" if shown else ""


def _failures(cases: Sequence[Case]) -> str:
    """The surest mistakes first: they are what a person would not expect."""
    wrong = sorted((case for case in cases if not case.right), key=lambda case: -case.score)
    shown = [
        _case(
            case,
            f"is <b>{escape(case.truth or 'unknown')}</b><br>taken for {escape(case.guess or 'unknown')}"
            + (f", {case.confidence:.0%} sure" if case.confidence is not None else ""),
        )
        for case in wrong[:FAILURES]
    ]
    if not shown:
        return ""
    words = f"{len(wrong)} of {len(cases)} products are wrong. The surest mistakes come first."
    return f"<h2>Failures</h2><p class='soft'>{words}</p><div class='cases'>{''.join(shown)}</div>"


def _case(case: Case, words: str, both: bool = False) -> str:
    pictures = [("seen", case.crop), ("taken for", case.guessed)]
    if both or case.guessed is None:
        pictures.append(("is", case.right_one))
    figures = "".join(
        f"<figure><img alt='' src='{_inline(picture)}'><figcaption>{name}</figcaption></figure>"
        for name, picture in pictures
        if picture is not None
    )
    return f"<div class='box case'><div>{figures}</div><p class='small'>{words}</p></div>"


def _inline(picture: ImageArray) -> str:
    """The picture, made small, as text that an img element can hold."""
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.ascontiguousarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    data = simplejpeg.encode_jpeg(small, quality=QUALITY, colorspace="RGB")
    return f"data:image/jpeg;base64,{base64.b64encode(data).decode()}"
