"""The cluster that verdicts are about: one of the platform's file, or what a file holds."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from transire.commands.arguments import StrPath
from transire.commands.explain_subject import Subject
from transire.engines.api.capabilities import Never
from transire.engines.registry import engine_of
from transire.model.engine import Definitions
from transire.model.intent import Cluster
from transire.model.problems import UsageError
from transire.queries.cluster_json import cluster_from_json
from transire.queries.cluster_state import ClusterState
from transire.queries.declared_cluster import declared_resolver
from transire.queries.given_objects import with_objects


def cluster_name(cluster: StrPath | None) -> str | None:
    """The name of one of our clusters, where `--cluster` takes one: a word without dot or slash."""
    word = None if cluster is None else os.fspath(cluster)
    return None if word is None or set(word) & {".", "/", os.sep} else word


def cluster_file(cluster: StrPath | None) -> Path | None:
    """The cluster file, where `--cluster` takes one: a word with a dot or a slash."""
    return None if cluster is None or cluster_name(cluster) is not None else Path(cluster)


def cluster_of(
    path: Path | None, subject: Subject | None = None, definitions: Definitions | None = None
) -> ClusterState:
    """What a file holds about a cluster; without one, what the platform declares of a target's.

    `definitions` are how the cluster serves its engine's API, where neither of the two has it.

    Raises:
        UsageError: if the file cannot be read, or two of these contradict each other.
        Rejected: with every mistake in the file.
    """
    about = None if subject is None else subject.cluster
    state = _cluster_file(path, about)
    known = [("--definitions is", definitions)]
    if path is not None:
        known.insert(0, (f"{path} has definitions", state.definitions))
    if about is not None:
        declared = f"the platform's file gives cluster {about.name} definitions"
        known.insert(0, (declared, about.definitions))
    given = () if subject is None else subject.given
    return with_objects(replace(state, definitions=_agreed(known, subject)), given)


def _agreed(
    known: Sequence[tuple[str, Definitions | None]], subject: Subject | None
) -> Definitions | None:
    """The definitions that are given, if any are; `known` holds who gives them.

    Raises:
        UsageError: if not all are the same, or the engine has no such thing.
    """
    given = [(who, each) for who, each in known if each is not None]
    if not given:
        return None
    first, found = given[0]
    for who, other in given[1:]:
        if other is not found:
            raise UsageError(f"{first} {found}, and {who} {other}")
    engine = None if subject is None else engine_of(subject.release)
    if engine and isinstance(engine.capabilities.native_definitions, Never):
        raise UsageError(f"{first} {found}, and the API of {engine.name} is served in one way only")
    return found


def _cluster_file(path: Path | None, about: Cluster | None) -> ClusterState:
    if path is None:
        return ClusterState() if about is None else declared_resolver(about)[1]
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    return cluster_from_json(text, path=str(path))
