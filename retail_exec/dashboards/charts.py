"""The overview's charts as plotly figures; the browser draws them with the same wheel's script."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go

from retail_exec.dashboards.filters import MEASURES

INK, SOFT, LINE, ACCENT, OTHER = "#17212b", "#51606e", "#e6eaed", "#0b6460", "#b4bec6"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
LINES = {
    "facing_share": (ACCENT, "solid", "circle"),
    "linear_share": ("#0072b2", "dot", "square"),
    "osa": ("#c77f00", "dash", "diamond"),
    "planogram_strict": ("#a23b7a", "dashdot", "triangle-up"),
}
"""Colour, dash and marker of each measure: told apart without colour as well."""
BAR_HEIGHT, BARS_SHOWN = 30, 12
LinkTo = Callable[[dict[str, Any]], str]


def over_time(found: dict[str, list[dict[str, Any]]], link: Callable[[str, date], str]) -> str:
    """Every measure as a line. link: the evidence behind a point, by measure and day."""
    figure = go.Figure()
    for key, points in found.items():
        colour, dash, symbol = LINES[key]
        measured = [point for point in points if point["value"] is not None]
        figure.add_scatter(
            x=[point["start"].isoformat() for point in measured],
            y=[point["value"] for point in measured],
            customdata=[[link(key, point["start"]), _parts(point)] for point in measured],
            name=MEASURES[key],
            mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2.25},
            marker={"symbol": symbol, "size": 7, "color": colour},
            hovertemplate="%{y:.1%} (%{customdata[1]})<extra>%{fullData.name}</extra>",
        )
    _quiet(figure, height=340)
    figure.update_layout(
        hovermode="x unified",
        legend={"orientation": "h", "x": 0, "y": -0.14, "yanchor": "top"},
        yaxis={"tickformat": ".0%", "rangemode": "tozero", "range": [0, 1.03]},
        xaxis={
            "type": "date",
            "tickformat": "%-d %b",
            "nticks": 6,
            "tickangle": 0,
            "hoverformat": "%-d %B %Y",
        },
    )
    return figure_json(figure)


def bars(rows: Sequence[dict[str, Any]], link: LinkTo) -> str:
    """One bar a row, best at the top. Rows with ``is_own`` False are paler. link: the evidence behind one."""
    shown = [row for row in rows if row["value"] is not None][:BARS_SHOWN]
    figure = go.Figure(
        go.Bar(
            x=[row["value"] for row in shown],
            y=[row["name"] for row in shown],
            customdata=[[link(row), _parts(row)] for row in shown],
            orientation="h",
            marker={"color": [ACCENT if row.get("is_own", True) else OTHER for row in shown]},
            text=[f"{row['value']:.1%}" for row in shown],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.1%} (%{customdata[1]})<extra></extra>",
        )
    )
    _quiet(figure, height=70 + BAR_HEIGHT * max(len(shown), 1))
    largest = max((row["value"] for row in shown), default=1.0)
    figure.update_layout(
        bargap=0.35,
        yaxis={"autorange": "reversed", "automargin": True, "ticksuffix": "  ", "type": "category"},
        xaxis={"tickformat": ".0%", "range": [0, max(largest * 1.22, 0.05)], "nticks": 5},
    )
    return figure_json(figure)


def figure_json(figure: go.Figure) -> str:
    """The figure for a script element: no character in it can end the element."""
    text = json.dumps(json.loads(figure.to_json(remove_uids=True)))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _parts(row: dict[str, Any]) -> str:
    return f"{row['numerator']:,.0f} of {row['denominator']:,.0f}"


def _quiet(figure: go.Figure, height: int) -> None:
    """The page's own look: no frame, pale lines, its type."""
    figure.update_layout(
        template="none",
        height=height,
        margin={"l": 8, "r": 16, "t": 10, "b": 36},
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"bgcolor": "#ffffff", "bordercolor": LINE, "font": {"family": FONT, "color": INK}},
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=LINE, zeroline=False, tickfont={"color": SOFT}, fixedrange=True)
    figure.update_yaxes(
        gridcolor=LINE, zeroline=False, tickfont={"color": SOFT}, fixedrange=True, automargin=True
    )
