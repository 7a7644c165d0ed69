"""The schemas of the charts' values, held against those of this release.

A schema is the second net: Helm holds it against whatever values somebody gives by hand. One that
refuses less is seen by no proof of the values that are there, so it is held as it is, in meaning:
layout and the order of keys are free.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from transire.charts.chart import TEMPLATE
from transire.charts.layout import BASELINE, TIER
from transire.charts.values_schema import SCHEMA
from transire.model.problems import Position, Problem
from transire.pipeline.stamp import Stamped
from transire.review.proof.first_difference import first_difference
from transire.workspace.scaffold import chart_files


def other_schemas(stamped: Stamped) -> Iterator[Problem]:
    """A finding for each chart whose schema is not that of this release.

    The charts of teams hold that of the chart they are stamped from.
    """
    shipped = chart_files()
    for folder, files in sorted(_by_folder(stamped).items()):
        path = f"{folder}/{SCHEMA}"
        differs = first_difference(json.loads(files[SCHEMA]), json.loads(shipped[path]))
        if differs is not None:
            yield Problem(
                at=Position(path=path),
                id="chart-schema",
                message=f"the schema {differs.shown}, and that of this release {differs.wanted}",
                help="run `transire init --upgrade`, which renews it and shows what it changes",
            )


def _by_folder(stamped: Stamped) -> Mapping[str, Mapping[str, bytes]]:
    """The files of each hand-written chart, as they are used here."""
    platform = {f"charts/{place}": stamped.chart(place).files for place in (BASELINE, TIER)}
    teams = (
        chart.files for place, chart in stamped.charts.items() if place not in {BASELINE, TIER}
    )
    template = next(teams, None)
    return platform if template is None else {TEMPLATE: template, **platform}
