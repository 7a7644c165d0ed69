"""Time by teams, both in powers of ten, so that a straight line is a power and 1 is its slope."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

from matplotlib.figure import Figure

_MARKS = "osv^D<>P*Xhd"


def plot(lines: Mapping[str, Mapping[int, float]], path: Path, title: str) -> None:
    """Draw each line with its marks; the last is what the others are compared with."""
    figure = Figure(figsize=(10, 6.5), layout="constrained")
    axes = figure.add_subplot(xscale="log", yscale="log", title=title)
    axes.set_xlabel("teams, of two targets each")
    axes.set_ylabel("seconds")
    *_, last = lines
    for mark, (name, points) in zip(cycle(_MARKS), lines.items(), strict=False):
        sizes = sorted(points)
        style = {"color": "black", "linewidth": 2.5} if name == last else {"linewidth": 1.2}
        axes.plot(sizes, [points[each] for each in sizes], marker=mark, label=name, **style)
    axes.grid(visible=True, which="both", alpha=0.25)
    figure.legend(loc="outside right upper", fontsize="small")
    figure.savefig(path, metadata={"Date": None})
