"""Charts as plain SVG text, drawn here so that a page needs no scripts and prints well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from recognition.training.evaluate.calibration import Bin

WIDTH, HEIGHT = 420, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 12, 40
INK, SOFT, LINE, ACCENT = "#17212b", "#51606e", "#dfe4e8", "#0b6460"
COLOURS = (ACCENT, "#b3541e", "#56409e", "#7b6a00")


def place(x: float, y: float) -> tuple[float, float]:
    """Where a point of the unit square lies in the drawing; y grows upwards."""
    inner_width, inner_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    return round(LEFT + x * inner_width, 1), round(TOP + (1 - y) * inner_height, 1)


def reliability_curve(curve: Sequence[Bin]) -> str:
    """How often facings of each confidence were right, beside the line where they should be."""
    widest = max((bar.count for bar in curve), default=0) or 1
    parts = [_line([(0, 0), (1, 1)], SOFT, "4 4")]
    for bar in curve:
        if bar.count:
            (x1, top), (x2, bottom) = place(bar.low, bar.accuracy), place(bar.high, 0)
            shade = 0.35 + 0.65 * (bar.count / widest) ** 0.5
            about = f"{bar.low:.0%} to {bar.high:.0%} sure: {bar.accuracy:.0%} of {bar.count} right"
            parts.append(
                f'<rect x="{x1 + 1}" y="{top}" width="{x2 - x1 - 2:.1f}" height="{max(bottom - top, 1):.1f}" '
                f'fill="{ACCENT}" fill-opacity="{shade:.2f}"><title>{escape(about)}</title></rect>'
            )
    return _frame("".join(parts), "confidence", "right", "Reliability of the stated confidence")


def curves(
    lines: Iterable[tuple[str, Sequence[tuple[float, float]]]],
    x_name: str,
    y_name: str,
    about: str,
    marks: Iterable[tuple[float, float]] = (),
) -> str:
    """Named lines through points of the unit square; marks: points to be set off on them."""
    parts, names = [], []
    for number, (name, points) in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        parts.append(_line(points, colour))
        x, y = place(0.04, 0.16 - 0.08 * number)
        names.append(f'<text x="{x}" y="{y}" fill="{colour}" font-size="13">{escape(name)}</text>')
    for number, (x, y) in enumerate(marks):
        cx, cy = place(x, y)
        parts.append(f'<circle cx="{cx}" cy="{cy}" r="4.5" fill="{COLOURS[number % len(COLOURS)]}"/>')
    return _frame("".join(parts + names), x_name, y_name, about)


def _line(points: Sequence[tuple[float, float]], colour: str, dashes: str = "") -> str:
    path = " ".join(f"{x},{y}" for x, y in (place(*point) for point in points))
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'


def _frame(content: str, x_name: str, y_name: str, about: str) -> str:
    """Axes from 0 to 100 % around the content."""
    grid = []
    for step in range(0, 101, 20):
        (x, bottom), (left, y) = place(step / 100, 0), place(0, step / 100)
        right, top = place(1, 1)
        grid.append(f'<path d="M{x} {bottom}V{top}M{left} {y}H{right}" stroke="{LINE}"/>')
        grid.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{step}</text>')
        grid.append(f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{step}</text>')
    middle = place(0.5, 0)[0]
    return (
        f'<svg class="chart-figure" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(about)}" '
        f'font-family="inherit" font-size="11" fill="{SOFT}">{"".join(grid)}{content}'
        f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle" fill="{INK}">{escape(x_name)}, %</text>'
        f'<text transform="translate(12 {HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="{INK}">'
        f"{escape(y_name)}, %</text></svg>"
    )
