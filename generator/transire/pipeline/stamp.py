"""The charts that compiled values come to, before they have versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from transire.charts.chart import TARGETS, Chart, read_chart, read_template, stamp, with_targets
from transire.charts.layout import BASELINE, TIER, team_place
from transire.meaning.compiled import Compiled
from transire.workspace.scaffold import chart_files


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """Charts by their place, such as `teams/payments`, each with the version of its template.

    `charts` are those to be written; `beside` holds the platform's where they are not among them.
    What a chart renders does not depend on its version.
    """

    charts: Mapping[str, Chart]
    beside: Mapping[str, Chart]

    def chart(self, place: str) -> Chart:
        """The chart at that place, also one that is not written.

        Raises:
            KeyError: if there is none.
        """
        written = self.charts.get(place)
        return self.beside[place] if written is None else written


def stamp_charts(root: Path, compiled: Compiled) -> Stamped:
    """The charts of the teams at hand, and the platform's.

    Raises:
        Rejected: if a chart of the repository cannot be used.
        DiskFailed: if one cannot be read.
    """
    read = {each: read_chart(root, f"charts/{each}") for each in (BASELINE, TIER)}
    return stamp_from(read_template(root), read, compiled)


def stamp_from(template: Chart, platform: Mapping[str, Chart], compiled: Compiled) -> Stamped:
    """The same, from charts that are read already; the platform's are by their place."""
    platform, teams = _platform_charts(platform, compiled), _team_charts(template, compiled)
    return Stamped(
        charts={**teams, **platform} if compiled.whole else teams,
        beside={} if compiled.whole else platform,
    )


def _team_charts(template: Chart, compiled: Compiled) -> dict[str, Chart]:
    return {
        team_place(each.team.name): stamp(each.team, each.targets, each.lowered, template)
        for each in compiled.teams
    }


def _platform_charts(read: Mapping[str, Chart], compiled: Compiled) -> dict[str, Chart]:
    baselines = {name: each.values for name, each in compiled.baselines.items()}
    return {
        place: with_targets(read[place], values)
        for place, values in ((BASELINE, baselines), (TIER, compiled.tiers))
    }


def as_shipped(stamped: Stamped) -> Stamped:
    """The platform's charts with the templates of this release, and the same targets."""
    shipped = chart_files()
    charts = {}
    for place in (BASELINE, TIER):
        chart = stamped.chart(place)
        prefix = f"charts/{place}/"
        own = {
            path.removeprefix(prefix): content
            for path, content in shipped.items()
            if path.startswith(prefix)
        }
        targets = {
            path: content for path, content in chart.files.items() if path.startswith(TARGETS)
        }
        charts[place] = replace(chart, files={**own, **targets})
    return Stamped(charts=charts, beside={})
