"""Small values: the quick way is the same as the long way."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from support.draw.strategies import host_patterns
from transire.model.names import HostPattern
from transire.model.problems import Position
from transire.values.problem_collector import Misfit, ProblemCollector
from transire.values.scalars import host
from transire.yamlio import ScalarNode

NEAR_HOSTS = st.text("abzAZ09-_.*ü ", min_size=1, max_size=12)


@given(written=host_patterns().map(str) | NEAR_HOSTS)
@example(written="a" * 63 + ".b")
@example(written="a" * 64)
@example(written=".".join(["a" * 63] * 3 + ["a" * 61]))
@example(written=".".join(["a" * 63] * 3 + ["a" * 62]))
@example(written="a-.b")
@example(written="a\n")
def test_a_host_is_what_the_grammar_says(written: str) -> None:
    node = ScalarNode(text=written, plain=False, at=Position(path="f"))
    complaints = ProblemCollector()

    assert _parsed(written) == _read(node, complaints)
    assert (_parsed(written) is None) == bool(complaints.problems)


def _parsed(written: str) -> HostPattern | None:
    try:
        return HostPattern.parse(written)
    except ValueError:
        return None


def _read(node: ScalarNode, complaints: ProblemCollector) -> HostPattern | None:
    try:
        return host(node, complaints)
    except Misfit:
        return None
