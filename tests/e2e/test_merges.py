"""Merge after merge on every cluster, by every tool, watched at every revision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.e2e.client import Body
from support.e2e.continuity import hasty_deletions
from support.e2e.control_plane import control_plane
from support.e2e.definitions import install
from support.e2e.example import policies_of
from support.e2e.history import key_of
from support.e2e.lived import WAYS, Lived, Version, live
from support.e2e.programs import Programs
from support.e2e.stored import ADDED, differences


@pytest.fixture(scope="module", params=WAYS, ids=[f"{cluster}-{way}" for cluster, way in WAYS])
def lived(
    request: pytest.FixtureRequest,
    server_programs: Programs,
    merges: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lived]:
    """A cluster of its own for each way."""
    name, way = request.param
    folder = tmp_path_factory.mktemp(name)
    with control_plane(server_programs, folder / "files") as plane:
        install(plane.client, policies_of(name))
        versions = {merge: Version.of(path, name) for merge, path in merges.items()}
        yield live(plane, way, versions, folder)


def test_every_merge_ends_in_what_is_rendered(lived: Lived) -> None:
    assert lived.merges
    for merge in lived.merges:
        ours = {
            key: each
            for key, each in merge.history.after.items()
            if each["metadata"].get("labels", {}).get("app.kubernetes.io/part-of") == "transire"
        }
        rendered = {key_of(each): each for each in merge.after.cluster.rendered}
        access = {key_of(each) for each in merge.access}

        assert sorted({*ours} - access) == sorted(rendered), merge.name
        for key, each in rendered.items():
            changed = set(differences(_content(each), _content(ours[key])))
            assert changed <= ADDED.get(each["kind"], set()), (merge.name, key)


def _content(body: Body) -> dict[str, object]:
    return {key: each for key, each in body.items() if key not in {"metadata", "status"}}


def test_no_enforced_namespace_is_without_its_deny_at_any_revision(lived: Lived) -> None:
    found = {
        merge.name: lived.judge.opened(merge.history, merge.still_enforced)
        for merge in lived.merges
    }

    assert found == {merge.name: [] for merge in lived.merges}


def test_no_enforced_namespace_loses_what_it_keeps(lived: Lived) -> None:
    found = {
        merge.name: lived.judge.cut(merge.history, merge.still_enforced) for merge in lived.merges
    }

    assert found == {merge.name: [] for merge in lived.merges}


def test_a_change_of_mode_cuts_nothing_that_both_modes_allow(lived: Lived) -> None:
    found = {
        merge.name: lived.judge.cut(merge.history, merge.still_enrolled - merge.still_enforced)
        for merge in lived.merges
    }

    assert found == {merge.name: [] for merge in lived.merges}


def test_nothing_is_deleted_before_its_replacement_is_there(lived: Lived) -> None:
    found = {merge.name: hasty_deletions(merge.history) for merge in lived.merges}

    assert found == {merge.name: [] for merge in lived.merges}
