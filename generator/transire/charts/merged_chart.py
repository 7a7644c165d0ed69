"""`Chart.yaml` after a merge that left its markers in lines that are generated alone.

Two branches that change one chart give it different content lines and lists of changes, on purpose.
Where that is all in which the two sides differ, nobody has to decide: the next run writes these
lines again. Where they differ in anything else, the file stays as the merge left it.
"""

from __future__ import annotations

from collections.abc import Iterator

from transire.charts.chart_yaml import NAME, read_chart_file
from transire.charts.versions.change_list import without_changes
from transire.model.problems import Rejected

_OURS, _BASE, _BETWEEN, _THEIRS = (each * 7 for each in (b"<", b"|", b"=", b">"))


def decided(chart_yaml: bytes) -> bytes:
    """Our side of the file where both sides are alike but for generated lines, else the file."""
    if _OURS not in chart_yaml:
        return chart_yaml
    ours, theirs = (b"".join(_side(chart_yaml, side)) for side in (_OURS, _BETWEEN))
    try:
        written = [without_changes(read_chart_file(each, NAME).bare) for each in (ours, theirs)]
    except Rejected:
        return chart_yaml
    return ours if written[0] == written[1] else chart_yaml


def _side(content: bytes, side: bytes) -> Iterator[bytes]:
    """The lines of one side, those outside of all regions included."""
    region = b""
    for line in content.splitlines(keepends=True):
        mark = line.rstrip(b"\r\n").partition(b" ")[0]
        if mark in {_OURS, _BASE, _BETWEEN, _THEIRS}:
            region = b"" if mark == _THEIRS else mark
        elif region in {b"", side}:
            yield line
