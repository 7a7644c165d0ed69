"""Many sets of values through one call of Helm.

Starting the `helm` executable takes longer than all the rest. So a chart is put into an umbrella
once for each set of values, which become its own values there: Helm then checks and renders all of
them at once, and names those whose values its schema refuses.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from transire.helm import HelmChoice, render
from transire.model.problems import HelmFailed
from transire.yamlio import write

_REFUSED = re.compile(r"(v[0-9]{5}):$", re.MULTILINE)
"""The name of a chart in Helm's words; what is said about another may stand before it."""


def umbrella(folder: Path, chart: Path, instances: Sequence[Mapping[str, Any]]) -> Path:
    """A chart that holds `chart` once for each instance, in order, under `folder`."""
    folder.mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: umbrella\nversion: 0.1.0\n")
    own = _of_the_chart(chart)
    for number, values in enumerate(instances):
        inner = folder / "charts" / f"v{number:05}"
        inner.mkdir(parents=True)
        (inner / "Chart.yaml").write_text(f"apiVersion: v2\nname: {inner.name}\nversion: 0.1.0\n")
        (inner / "values.yaml").write_text(_written({**own, **values}), "utf-8")
        shutil.copy(chart / "values.schema.json", inner)
        shutil.copytree(chart / "templates", inner / "templates")
    return folder


def _of_the_chart(chart: Path) -> dict[str, Any]:
    """What the chart's own values hold that no target sets."""
    values = yaml.safe_load((chart / "values.yaml").read_text("utf-8")) or {}
    return {key: each for key, each in values.items() if key == "reserved"}


def _written(values: Mapping[str, Any]) -> str:
    try:
        return write(values)
    except TypeError:  # our writer has no fractions
        return json.dumps(values, ensure_ascii=False)


def refused(chart: Path, helm: HelmChoice) -> set[int]:
    """The numbers of the instances whose values Helm refuses by the schema."""
    try:
        render(chart, helm=helm)
    except HelmFailed as error:
        named = _REFUSED.findall(str(error))
        if not named:
            raise
        return {int(each[1:]) for each in named}
    return set()
