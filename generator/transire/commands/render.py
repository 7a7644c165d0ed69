"""`render`: what Helm renders for a team's targets."""

from __future__ import annotations

from collections.abc import Iterator

from transire.commands.arguments import StrPath, folder_at
from transire.commands.helm_choice import helm_named
from transire.helm import HelmChoice
from transire.pipeline.render import render_written


def render(
    root: StrPath, *, team: str, target: str | None = None, helm: HelmChoice | None = None
) -> Iterator[tuple[str, str]]:
    """What Helm renders for a team's targets, as they are on the disk: name and manifest.

    `egress-baseline` and `egress-tier` name the platform's charts.

    Raises:
        UsageError: if the chart or the target is not there.
        HelmFailed: if Helm refuses.
    """
    return render_written(folder_at(root), team, target, helm_named(helm))
