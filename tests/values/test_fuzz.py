"""Nothing crashes the loader, and nothing wrong passes it without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from support.draw.strategies import HOSTILE_TEXTS
from support.draw.yaml_trees import HOSTILE, trees
from support.paths import ROOT
from transire.engines.registry import ENGINES
from transire.meaning.target import targets_of
from transire.model.intent import Organisation
from transire.model.problems import Rejected
from transire.values.guardrails.registry import review_parts
from transire.values.load import load_files, read_files
from transire.values.value_files import find
from transire.yamlio import YamlTree, write

EXAMPLE = find(ROOT).files
DAY = date(2026, 1, 1)
PATHS = st.sampled_from(sorted(EXAMPLE))

odd_values: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 10**30, 1.5, "", [], {}, [[]], {"a": 1}, "no", "*", "**", "a" * 300]
)
values = odd_values | st.sampled_from(sorted({*HOSTILE, *HOSTILE_TEXTS}))


def _outcome(files: Mapping[str, bytes]) -> Organisation | list[str]:
    """What was loaded, or the ids of what was said; every sentence is whole."""
    try:
        return load_files(files)
    except Rejected as rejected:
        for each in rejected.problems:
            assert each.message, each
            assert each.help, each
            assert each.at.path in {*files, "values/platform.yaml"}
            assert "\n" not in each.message + each.help
        _judge_the_rest(files)
        return [each.id for each in rejected.problems]


def _judge_the_rest(files: Mapping[str, bytes]) -> None:
    """Nothing crashes that looks at what could be read beside the mistakes."""
    found = read_files(files)
    assert review_parts(found, DAY) is not None
    for team in found.organisation.teams:
        if team.name in found.whole_teams:
            for target in targets_of(found.organisation, team):
                with suppress(Rejected):
                    ENGINES[target.cluster.release.engine].lower(target)


@pytest.mark.slow("many drawn examples")
@given(path=PATHS, content=st.binary(max_size=300))
def test_any_bytes_are_refused_or_loaded(path: str, content: bytes) -> None:
    assert _outcome({**EXAMPLE, path: content}) != []


@pytest.mark.slow("many drawn examples")
@given(path=PATHS, tree=trees())
@example(path="values/platform.yaml", tree={})
@example(path="values/platform.yaml", tree=[])
@example(path="values/platform.yaml", tree="text")
def test_any_tree_is_refused_or_loaded(path: str, tree: YamlTree) -> None:
    assert _outcome({**EXAMPLE, path: write(tree).encode()}) != []


@pytest.mark.slow("many drawn examples")
@given(path=PATHS, data=st.data())
def test_a_file_with_one_value_changed_is_refused_in_our_own_words_or_loaded(
    path: str, data: st.DataObject
) -> None:
    tree = yaml.load(EXAMPLE[path], yaml.BaseLoader)  # noqa: S506 - it makes nothing but text
    place = data.draw(st.sampled_from(list(_places(tree))))
    value = data.draw(values)
    changed = yaml.safe_dump(_with(tree, place, value), allow_unicode=False)

    outcome = _outcome({**EXAMPLE, path: changed.encode()})

    assert outcome != []
    assert isinstance(outcome, Organisation) or "schema" not in outcome


@pytest.mark.slow("many drawn examples")
@given(path=PATHS, data=st.data())
def test_a_file_with_one_character_changed_is_refused_or_loaded(
    path: str, data: st.DataObject
) -> None:
    text = EXAMPLE[path].decode()
    start = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 3))
    put = data.draw(
        st.sampled_from(["", "*", "&", "'", '"', "[", "]", "{", ":", " ", "\n", "- ", "!"])
    )

    outcome = _outcome({**EXAMPLE, path: (text[:start] + put + text[start + cut :]).encode()})

    assert outcome != []


@pytest.mark.slow("many drawn examples")
@given(path=PATHS, data=st.data())
def test_a_file_without_one_key_or_with_another_is_refused_in_our_own_words_or_loaded(
    path: str, data: st.DataObject
) -> None:
    tree = yaml.load(EXAMPLE[path], yaml.BaseLoader)  # noqa: S506 - it makes nothing but text
    *above, last = data.draw(st.sampled_from(list(_places(tree))[1:]))
    holder = tree
    for step in above:
        holder = holder[step]
    value = holder.pop(last)
    if isinstance(holder, dict) and data.draw(st.booleans()):
        holder[data.draw(st.sampled_from(["x", "to", "name", "mode", "until", "cidr"]))] = value

    outcome = _outcome({**EXAMPLE, path: yaml.safe_dump(tree).encode()})

    assert outcome != []
    assert isinstance(outcome, Organisation) or "schema" not in outcome


def _places(tree: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any YAML
    yield ()
    items: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(tree, dict):
        items = iter(tree.items())
    elif isinstance(tree, list):
        items = iter(enumerate(tree))
    for key, value in items:
        yield from ((key, *rest) for rest in _places(value))


def _with(tree: Any, place: tuple[Any, ...], value: Any) -> Any:  # noqa: ANN401 - any YAML
    if not place:
        return value
    first, *rest = place
    changed = dict(tree) if isinstance(tree, dict) else list(tree)
    changed[first] = _with(tree[first], tuple(rest), value)
    return changed
