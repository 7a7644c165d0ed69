"""What one more team costs `check` in work that is counted, not timed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import helm_python
import pytest
from scale.organisation import write

from support import needs
from transire.flows.diagrams.diagram import Binary, Union
from transire.helm import chart, reading, sdk
from transire.helm.repeated_keys import repeated_keys
from transire.helm.shapes import Shapes
from transire.pipeline.compile import compile_values
from transire.pipeline.examine import begin_to_examine
from transire.pipeline.stamp import stamp_charts
from transire.review.proof.by_rule import Allowed
from transire.values import value_files

FEW, MANY = 4, 10
DAY = date(2026, 11, 23)


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """Counts of what is done meanwhile."""
    counts: Counter[str] = Counter()

    def counted(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def counting_work(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever it takes
            counts[name] += 1
            return work(*given, **named)

        return counting_work

    with pytest.MonkeyPatch.context() as patched:
        for owner, name, shown in (
            (helm_python.Chart, "render", "renderings"),
            (helm_python, "values_from_yaml", "texts read by Helm"),
            (value_files, "_read", "values files"),
            (Path, "read_bytes", "other files"),
            (Union, "_unite", "unions of diagrams"),
            (Binary, "_step", "other steps of diagrams"),
        ):
            patched.setattr(owner, name, counted(shown, getattr(owner, name)))
        worked_out = counted("sets of flows", Allowed.__dict__["flows"].func)
        patched.setattr(Allowed, "flows", property(worked_out))
        yield counts


def work(root: Path) -> Counter[str]:
    """What it takes to read, lower, render and prove an organisation."""
    with counting() as counts:
        compiled = compile_values(root, as_of=DAY)
        stamped = stamp_charts(root, compiled)
        examined = begin_to_examine(compiled, stamped, "sdk")()
    assert examined.problems == ()
    return counts


def test_one_more_team_takes_so_much_work_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs.helm("sdk")
    for module, name, find in ((reading, "_SHAPES", repeated_keys), (chart, "_VALUES", len)):
        monkeypatch.setattr(module, name, Shapes(read=sdk.read, find=find))

    few, many = work(write(tmp_path / "few", FEW)), work(write(tmp_path / "many", MANY))
    more = Counter({name: many[name] - few[name] for name in many | few})
    targets = 2 * (MANY - FEW)

    assert more["renderings"] == targets
    assert more["values files"] == MANY - FEW
    assert more["other files"] == 0
    assert few["texts read by Helm"] < 30 * 2 * FEW
    assert more["texts read by Helm"] <= 0, "texts of a known shape are read by themselves"
    assert few["sets of flows"] == many["sets of flows"] == 0
    assert many["unions of diagrams"] < 5 * 2 * MANY
    assert many["other steps of diagrams"] < 30 * 2 * MANY
