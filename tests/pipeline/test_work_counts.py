"""What a check does for each team more, counted: renderings, steps through diagrams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from scale.organisation import write

from transire.flows.diagrams.diagram import Operation
from transire.pipeline.compile import compile_values
from transire.pipeline.examine import begin_to_examine
from transire.pipeline.renderer import Renderer
from transire.pipeline.stamp import stamp_charts


def work(root: Path, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often charts are rendered, targets come of it, and parts of diagrams are looked at."""
    counts: Counter[str] = Counter()
    texts, look = Renderer.texts, Operation._look  # noqa: SLF001 - each part goes through it

    def rendered(
        self: Renderer, files: Mapping[str, bytes], namespaces: Mapping[str, str]
    ) -> dict[str, str]:
        counts["charts"] += 1
        counts["targets"] += len(namespaces)
        return texts(self, files, namespaces)

    def looked(self: Operation) -> None:
        counts["looks"] += 1
        look(self)

    with monkeypatch.context() as patch:
        patch.setattr(Renderer, "texts", rendered)
        patch.setattr(Operation, "_look", looked)
        compiled = compile_values(root, as_of=date(2026, 11, 23))
        examined = begin_to_examine(compiled, stamp_charts(root, compiled), None)()
    assert examined.problems == ()
    return counts


def test_each_team_more_is_rendered_once_and_takes_few_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work(write(tmp_path / "first", 1), monkeypatch)  # fills what is filled once
    few = work(write(tmp_path / "few", 2), monkeypatch)
    many = work(write(tmp_path / "many", 6), monkeypatch)
    more = {each: (many[each] - few[each]) / 4 for each in many}

    assert (more["charts"], more["targets"]) == (1, 2)
    assert more["looks"] < 300, more
