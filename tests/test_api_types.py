"""What a caller's type checker sees of the package; `make types` reads this file, too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import assert_type

import pytest

import transire


def every_verb(at: Path) -> None:
    """Read by mypy and never run: each verb takes text and paths, and gives what it says."""
    day = date(2026, 11, 23)
    for root in (at, str(at)):
        assert_type(transire.init(root), transire.Started)
        assert_type(transire.find_root(root), Path)
        assert_type(transire.generate(root, teams="payments", as_of=day), transire.Generated)
        assert_type(transire.check(root, teams=["payments"]), tuple[transire.Problem, ...])
        assert_type(transire.add(root, team="payments", hosts="a.example"), transire.Added)
        assert_type(transire.diff(root, base=at, head="HEAD", helm="cli"), transire.Diff)
        pairs = [("shop", "a.example:443")]
        assert_type(
            transire.explain(pairs, root=root, target="a.b"), tuple[transire.Explained, ...]
        )
        assert_type(transire.lint(root, "cilium"), tuple[transire.LintFinding, ...])
        assert_type(transire.lint([root], engine="cilium"), tuple[transire.LintFinding, ...])
        assert_type(transire.render(root, team="payments"), Iterator[tuple[str, str]])
        assert_type(transire.report(root, as_of=day), transire.Report)
        assert_type(transire.who("a.example:443", root=root, as_of=day), transire.Who)
        assert_type(transire.rules(every=True), tuple[transire.RulePage, ...])
        options = transire.RegistryOptions(docker_config=root, ca=root)
        assert_type(transire.publish(root, options=options), transire.Published)
    assert_type(transire.__version__, str)
    transire.check(at, team="payments")  # type: ignore[call-arg]
    transire.check(7)  # type: ignore[arg-type]


def test_a_name_that_is_not_there_is_an_error_of_types_and_at_run_time() -> None:
    with pytest.raises(AttributeError) as failed:
        _ = transire.drop  # type: ignore[attr-defined]

    assert str(failed.value) == "module 'transire' has no attribute 'drop'"
