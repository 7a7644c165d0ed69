"""The policy repository that an import adds to: one that is there, or the one that it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from transire.charts.chart import TEMPLATE, Chart, as_template, chart_of, read_chart, read_template
from transire.charts.layout import BASELINE, TIER
from transire.commands.policy_root import find_root
from transire.meaning.compiled import Compiled
from transire.model.problems import Rejected, UsageError
from transire.pipeline.stamp import Stamped, stamp_from
from transire.values.value_files import find
from transire.workspace.scaffold import Forge, Start, chart_files, scaffold_files
from transire.workspace.value_paths import PLATFORM, is_values_file


@dataclass(frozen=True, kw_only=True)
class Base:
    """A repository: its values files, and whether its `platform.yaml` is this command's to write.

    `begun` are the files besides that a new repository starts with.
    """

    root: Path
    files: Mapping[str, bytes]
    fresh: bool
    begun: Mapping[str, bytes]

    @classmethod
    def at(cls, directory: Path) -> Base:
        """The repository around a directory, or a new one in it.

        One that `init --bare` wrote, and nobody edited since, is as good as new.

        Raises:
            Rejected: if values cannot be read.
        """
        start = scaffold_files(Start(bare=True, forges=frozenset({Forge.NONE})))
        try:
            root = find_root(directory)
        except UsageError:
            values = {path: each for path, each in start.items() if is_values_file(path)}
            return cls(root=directory, files=values, fresh=True, begun=start)
        found = find(root)
        if found.problems:
            raise Rejected(found.problems)
        fresh = found.files.get(PLATFORM) == start[PLATFORM]
        return cls(root=root, files=found.files, fresh=fresh, begun={})

    def stamped(self, compiled: Compiled) -> Stamped:
        """The charts that values come to, by this repository's templates.

        Raises:
            Rejected: if a chart of the repository cannot be used.
            DiskFailed: if one cannot be read.
        """
        if self.begun:
            files = chart_files()
            template = as_template(_chart(TEMPLATE, files))
            platform = {each: _chart(f"charts/{each}", files) for each in (BASELINE, TIER)}
        else:
            template = read_template(self.root)
            platform = {each: read_chart(self.root, f"charts/{each}") for each in (BASELINE, TIER)}
        return stamp_from(template, platform, compiled)


def _chart(folder: str, files: Mapping[str, bytes]) -> Chart:
    under = f"{folder}/"
    own = {path.removeprefix(under): each for path, each in files.items() if path.startswith(under)}
    return chart_of(folder, own)
