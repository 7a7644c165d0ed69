"""Sets of paths read as the patterns that people write, exactly or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.draw.drawn_requests import PATHS
from transire.flows.boxes import Requests
from transire.flows.diagrams.axes import Axis
from transire.flows.diagrams.diagram import Node
from transire.flows.diagrams.string_functions import AutomatonMap
from transire.flows.patterns.path_patterns import path_patterns
from transire.flows.text_set import TextSet
from transire.meaning.http_sets import path_set, path_set_with_query
from transire.model.http import Http, PathPattern


def patterns(paths: TextSet) -> tuple[str, ...] | None:
    assert isinstance(paths.diagram, Node)
    assert isinstance(paths.diagram.cells, AutomatonMap)
    return path_patterns(paths.diagram.cells.machine)


def with_query(*paths: str) -> TextSet:
    found = path_set_with_query(Http(paths=tuple(sorted(map(PathPattern.parse, paths)))))
    assert found is not None
    return found


@settings(max_examples=30)
@given(paths=st.sets(st.sampled_from(PATHS), min_size=1, max_size=3))
def test_patterns_that_are_shown_mean_the_same_when_read_again(paths: set[str]) -> None:
    found = patterns(with_query(*paths))

    assert found is not None
    assert with_query(*found) == with_query(*paths)
    assert set(found) <= paths


def test_patterns_without_a_query_are_read_as_well() -> None:
    made = path_set(Http(paths=(PathPattern("/a/*"), PathPattern("/b"))))

    assert made is not None
    assert patterns(made) == ("/a/*", "/b")


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ("/v1/items/[^/?]+([?].*)?", "path like /v1/items/*"),
        ("/(a|b/.*)", "path like (/a, /b/**)"),
        ("/x[a-c]+d(/e)*", "some paths"),
    ],
)
def test_requests_read_with_patterns_of_their_paths(expression: str, shown: str) -> None:
    paths = TextSet.matching(expression)

    assert str(Requests(diagram=paths.on(Axis.PATH))) == shown


def test_what_is_left_out_reads_with_patterns_too() -> None:
    paths = with_query("/v1/**", "/health")

    assert str(Requests(diagram=(~paths).on(Axis.PATH))) == (
        "no path, or path not like (/health, /v1/**)"
    )
    assert str(Requests(diagram=(TextSet.present() - paths).on(Axis.PATH))) == (
        "path not like (/health, /v1/**)"
    )
